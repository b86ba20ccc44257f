"""Pass the same bytes to the sync and the async client; both must return the same result."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
from hypothesis import HealthCheck, settings
from tests.effort import scaled
from tests.ungated import WHY

import tavus_consent as tc
from tavus_consent import AsyncPager, Pager
from tavus_consent.testing import FakeClock

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ID_HEADER = (b"X-Request-Id", b"trace-1")


def examples(number: int) -> settings:
    """Set the number of examples of the profile `full`; the other profiles scale it."""
    return settings(
        max_examples=scaled(number),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


class Reply(NamedTuple):
    """A response of a server; ``breaks`` is how the connection ends within the body."""

    status: int
    chunks: tuple[bytes, ...]
    headers: tuple[tuple[bytes, bytes], ...] = ()
    breaks: Exception | None = None


class _Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        yield from self._reply.chunks
        if self._reply.breaks is not None:
            raise self._reply.breaks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


class Outcome(NamedTuple):
    """The outcome of a call: a result or an error; the other is ``None``."""

    value: Any = None
    error: BaseException | None = None


class Pair:
    """A sync and an async client that get the same reply to everything."""

    def __init__(self, **options: Any) -> None:
        self.reply = Reply(200, ())
        self._pages = 0
        options = {"transport": httpx.MockTransport(self._answer), "max_retries": 0, "clock": FakeClock(NOW), **options}
        self._options = {"ledger": None, **options}
        self._runner = asyncio.Runner()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if "page" in request.url.params:  # every page after the first is empty
            self._pages += 1
            if self._pages > 1:
                return httpx.Response(200, content=b'{"data": []}')
        return httpx.Response(self.reply.status, headers=[*self.reply.headers, ID_HEADER], stream=_Stream(self.reply))

    def __call__(self, call: Callable[[Any], Any], reply: Reply) -> Outcome:
        """Make one call with both clients.

        Raises:
            AssertionError: They do not agree.
        """
        self.reply = reply
        one = _outcome(lambda: self._made_sync(call))
        two = _outcome(lambda: self._runner.run(self._made_async(call)))
        assert _described(one.error) == _described(two.error)
        assert one.value == two.value
        return one

    def _made_sync(self, call: Callable[[Any], Any]) -> Any:
        self._pages = 0
        # A client of its own: an open create of the last call would refuse this one.
        with tc.Tavus("key-for-tests", **self._options) as tavus, tavus.without_gate(**WHY):
            made = call(tavus)
            return list(made) if isinstance(made, Pager) else made

    async def _made_async(self, call: Callable[[Any], Any]) -> Any:
        self._pages = 0
        async with tc.AsyncTavus("key-for-tests", **self._options) as tavus, tavus.without_gate(**WHY):
            made = call(tavus)
            return [item async for item in made] if isinstance(made, AsyncPager) else await made

    def close(self) -> None:
        self._runner.close()


def _outcome(make: Callable[[], Any]) -> Outcome:
    try:
        return Outcome(value=make())
    except tc.TavusError as error:
        return Outcome(error=error)


def _described(error: BaseException | None) -> Any:
    if error is None:
        return None
    state = vars(error) if isinstance(error, tc.TavusError) else None
    return type(error), str(error), error.args, state, _described(error.__cause__)
