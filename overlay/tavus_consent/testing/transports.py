"""The fake as an httpx transport: no socket, no waiting, and the exceptions of a real connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import httpx

from ._messages import FakeRequest, FakeResponse
from ._reporting import warn

if TYPE_CHECKING:
    from ._service import FakeService


class FakeTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Passes requests of sync and async clients to a :class:`FakeTavus`, for any host.

    Delays pass on the fake's clock and count against the read timeout of the request.
    """

    def __init__(self, fake: FakeService) -> None:
        self._fake = fake

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a sync client."""
        request.read()
        seconds, outcome = self._outcome(request)
        self._fake.clock.sleep(seconds)
        if isinstance(outcome, httpx.Response):
            return outcome
        raise outcome

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an async client."""
        await request.aread()
        seconds, outcome = self._outcome(request)
        await self._fake.clock.sleep_async(seconds)
        if isinstance(outcome, httpx.Response):
            return outcome
        raise outcome

    def _outcome(self, request: httpx.Request) -> tuple[float, httpx.Response | httpx.TransportError]:
        """Return the time that the client waits, and the outcome."""
        path, _, query = request.url.raw_path.partition(b"?")
        sent = FakeRequest(
            request.method, path.decode("ascii"), query.decode("ascii"), dict(request.headers), request.content
        )
        answer = self._fake.handle(sent)
        warn(sent, answer)
        limit = request.extensions.get("timeout", {}).get("read")
        if limit is not None and answer.delay > limit:
            return limit, httpx.ReadTimeout("The read operation timed out", request=request)
        if answer.dropped:
            message = "Server disconnected without sending a response."
            return answer.delay, httpx.RemoteProtocolError(message, request=request)
        said = {**answer.headers, "content-length": str(answer.announced)}
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in said.items()]
        return answer.delay, httpx.Response(answer.status, headers=headers, stream=_Body(answer), request=request)


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, answer: FakeResponse) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield self._answer.body[: self._answer.keep]
        if self._answer.keep is not None:
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {self._answer.keep} bytes, expected {self._answer.announced})"
            )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part
