"""The fake as an ASGI application: it answers requests, breaks connections, and sends real callbacks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx
from attrs import evolve

from tavus_consent._loggers import IN_CALL, quieten

from . import _control
from ._access import MAX_BODY, TOO_LARGE, Access
from ._messages import FakeRequest, FakeResponse
from ._reporting import log
from ._resources import http_date

if TYPE_CHECKING:
    from ._service import FakeService
    from ._things import Callback

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
SendMessage = Callable[[Message], Awaitable[None]]

#: the server stores a function under this name in ``scope["extensions"]``; it closes the connection
HANG_UP: Final = "tavus_consent.hang_up"

_CALLBACK_TIMEOUT: Final = httpx.Timeout(5.0).as_dict()
_TICK_SECONDS: Final = 0.05


class FakeApp:
    """Serves one fake.

    It only sends callbacks to loopback addresses, because a fake must not reach a real server.
    """

    def __init__(self, fake: FakeService, access: Access) -> None:
        quieten()
        self._fake = fake
        self._access = access
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Message, receive: Receive, send: SendMessage) -> None:
        """Implement the ASGI interface."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        began = time.perf_counter()
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
        method, path = scope["method"], scope["raw_path"].decode("ascii")
        answer = self._access.refusal(method, path, headers) or self._access.preflight(method, headers)
        if answer is None:
            body = await _read(receive)
            if body is None:
                return
            query = scope["query_string"].decode("ascii")
            request = FakeRequest(method, path, query, {name: values[-1] for name, values in headers.items()}, body)
            answer = self._answer(request, scope["client"][0])
        log(method, path, answer, time.perf_counter() - began)
        # The date of the fake also on answers that the fake did not make: a refusal, and those under /__fake__/.
        said = {"date": http_date(self._fake.now), **answer.headers, **self._access.shared(headers)}
        await _send(evolve(answer, headers=said), scope, receive, send)

    def _answer(self, request: FakeRequest, peer: str) -> FakeResponse:
        if len(request.body) > MAX_BODY:
            return TOO_LARGE
        if request.path.startswith(_control.PREFIX) and _is_loopback(peer):
            return _control.handle(self._fake, request)
        return self._fake.handle(request)

    async def _live(self, receive: Receive, send: SendMessage) -> None:
        """Run the background work of the fake while the server runs."""
        loop = asyncio.get_running_loop()

        def listener(callback: Callback) -> None:
            with suppress(RuntimeError):  # another thread may advance the clock while the server closes
                loop.call_soon_threadsafe(self._spawn, callback)

        await receive()
        # A bare transport: an httpx client would log the URL, and callback URLs contain tokens.
        async with httpx.AsyncHTTPTransport(trust_env=False) as self._http:
            ticker = loop.create_task(self._tick())
            with self._fake.listening(listener):
                await send({"type": "lifespan.startup.complete"})
                await receive()
            ticker.cancel()
            await asyncio.gather(ticker, *self._tasks, return_exceptions=True)
        await send({"type": "lifespan.shutdown.complete"})

    async def _tick(self) -> None:
        """Run due events without waiting for a request."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            self._fake.settle()

    def _spawn(self, callback: Callback) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(callback))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, callback: Callback) -> None:
        """Send a callback once, and record the result."""
        IN_CALL.set(True)  # for this task
        try:
            if not _is_loopback(urlsplit(callback.url).hostname or ""):
                callback.delivery = "not sent: the fake only calls loopback addresses"
                return
            request = httpx.Request("POST", callback.url, json=callback.body, extensions={"timeout": _CALLBACK_TIMEOUT})
            response = await self._http.handle_async_request(request)
            await response.aclose()
            callback.delivery = f"sent: answered {response.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            callback.delivery = f"failed: {type(error).__name__}"


async def _read(receive: Receive) -> bytes | None:
    """Return the body, truncated if it is too large; ``None`` if the client hung up."""
    body = bytearray()  # grows in place: adding ``bytes`` would copy them each time
    while len(body) <= MAX_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message["body"]
        if not message["more_body"]:
            break
    return bytes(body)


async def _send(answer: FakeResponse, scope: Message, receive: Receive, send: SendMessage) -> None:
    if answer.delay:
        try:
            # Only the end of the connection can arrive now.
            await asyncio.wait_for(receive(), answer.delay)
        except TimeoutError:
            pass
        else:
            return
    if not answer.dropped:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
        headers.append((b"content-length", b"%d" % answer.announced))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send(
            {"type": "http.response.body", "body": answer.body[: answer.keep], "more_body": answer.keep is not None}
        )
    if answer.dropped or answer.keep is not None:
        scope["extensions"][HANG_UP]()
        await receive()  # the disconnect: uvicorn treats an earlier return as an application error


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
