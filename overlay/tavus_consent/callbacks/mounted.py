"""The ASGI and the WSGI side of the application: answer first, then deliver."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from datetime import datetime
from typing import Any, Final, TypeVar

from tavus_consent import errors
from tavus_consent._clock import Clock
from tavus_consent._loop import in_thread

from . import events as e
from .addresses import hash_token, token_of
from .batches import AsyncBatches
from .believing import is_early, subject_of
from .mailbox import Delivery
from .opening import MailboxOpener
from .reading import MAX_BODY
from .work import Handler, check_signature, find_address, logger, read_claim

T = TypeVar("T")
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

STORED: Final = 200
NOT_UNDERSTOOD: Final = 400
UNKNOWN: Final = 404
TOO_LARGE: Final = 413
NO_LEDGER: Final = 503
_PHRASES: Final = {
    STORED: "200 OK",
    NOT_UNDERSTOOD: "400 Bad Request",
    UNKNOWN: "404 Not Found",
    TOO_LARGE: "413 Content Too Large",
    NO_LEDGER: "503 Service Unavailable",
}
_SIGNATURE: Final = "x-tavus-signature"


class Mounted:
    """The part of the application that servers call."""

    deliver: Callable[[], Any]

    def __init__(self, opener: MailboxOpener, clock: Clock, secret: str | None, *, delivers: bool) -> None:
        self._opener = opener
        self._clock = clock
        self._secret = secret
        self._delivers = delivers
        self._handlers: list[tuple[tuple[type[e.CallbackEvent], ...], Handler]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._passing = self._again = False
        self._batches: AsyncBatches | None = None
        self._alarm: datetime | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} with {len(self._handlers)} handlers>"

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request of an ASGI server."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            raise errors.ConfigurationError(f"callbacks come by HTTP, not by {scope['type']}")
        status = await self._answer_asgi(scope, receive)
        headers = [(b"content-length", b"0")]
        if status in (UNKNOWN, TOO_LARGE):  # the body was not read
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        if status == STORED and self._delivers:
            self._start(self._nudge())

    async def _answer_asgi(self, scope: Mapping[str, Any], receive: Receive) -> int:
        given = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        status = await self._work(self._know, scope["path"], scope["method"], given.get("content-length"))
        if status != STORED:
            return status
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return NOT_UNDERSTOOD
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MAX_BODY:
                return TOO_LARGE
        try:
            found = await self._work(self._judge, scope["path"], bytes(body), given.get(_SIGNATURE))
            await self._keep(found)
        except errors.TavusError as error:
            return self._refusal(error)
        return STORED

    def wsgi(self, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request of a WSGI server. The callbacks are delivered after the answer was sent.

        Retries need another call of ``deliver``, such as the next callback, or ``run`` in a thread or process of yours.

        Raises:
            ConfigurationError: The client is async.
        """
        if inspect.iscoroutinefunction(self.deliver):
            raise errors.ConfigurationError("WSGI needs the callbacks of a sync client: Tavus(...).callbacks.app(...)")
        path, length = environ.get("PATH_INFO", ""), environ.get("CONTENT_LENGTH")
        status = self._know(path, environ["REQUEST_METHOD"], length)
        if status == STORED:
            body = environ["wsgi.input"].read(int(length or 0))
            status = self._store(path, body, environ.get("HTTP_X_TAVUS_SIGNATURE"))
        start_response(_PHRASES[status], [("Content-Length", "0")])
        return _Answer(self._pass if status == STORED and self._delivers else None)

    def _know(self, path: str, method: str, length: str | None) -> int:
        """Judge a request before its body is read."""
        try:
            find_address(self._opener.mailbox(), path, self._clock.now())
        except errors.TavusError as error:
            return self._refusal(error)
        if method != "POST":
            return UNKNOWN
        size = int(length) if length and length.isdecimal() else 0
        return TOO_LARGE if size > MAX_BODY else STORED

    def _judge(self, path: str, body: bytes, signature: str | None) -> Delivery:
        """Return the callback to store."""
        now = self._clock.now()
        address = find_address(self._opener.mailbox(), path, now)
        check_signature(body, signature, self._secret)
        claim = read_claim(address, body)
        self._opener.signals.wake(subject_of(claim.event))
        return claim.delivery(now, early=is_early(address, claim.event, now))

    def _store(self, path: str, body: bytes, signature: str | None) -> int:
        """Store a callback, and return the status to answer with."""
        try:
            self._opener.mailbox().batch([("store", (self._judge(path, body, signature),))])
        except errors.TavusError as error:
            return self._refusal(error)
        return STORED

    def _refusal(self, error: errors.TavusError) -> int:
        """Return the status to answer with when nothing was stored."""
        if isinstance(error, errors.InvalidRequestError):
            return UNKNOWN if isinstance(error, errors.CallbackRefused) else NOT_UNDERSTOOD
        self._note(error)
        return NO_LEDGER

    async def _keep(self, delivery: Delivery) -> None:
        """Store a callback. Those that come at the same time share a transaction."""
        if self._batches is None:
            self._batches = AsyncBatches(self._opener)
        await self._batches.do("store", delivery)

    async def _work(self, do: Callable[..., T], path: str, *arguments: Any) -> T:
        """Judge a request: in a worker thread, unless the address is known without a look into the database."""
        if self._opener.is_open and self._opener.mailbox().knows(hash_token(token_of(path))):
            return do(path, *arguments)
        return await in_thread(lambda: do(path, *arguments))

    def _pass(self) -> None:
        try:
            self.deliver()
        except errors.TavusError as error:
            self._note(error)

    async def _pass_async(self) -> None:
        try:
            await self.deliver()
        except errors.TavusError as error:
            self._note(error)

    async def _nudge(self) -> None:
        """Deliver what is due, once more if something came meanwhile, and set the alarm for what is due later."""
        self._loop = asyncio.get_running_loop()
        self._again = True
        if self._passing:
            return
        self._passing = True
        try:
            while self._again:
                self._again = False
                if inspect.iscoroutinefunction(self.deliver):
                    await self._pass_async()
                else:
                    await in_thread(self._pass)
            due = await in_thread(lambda: self._opener.mailbox().next_due())
        except errors.TavusError as error:
            self._note(error)
            return
        finally:
            self._passing = False
        if due is not None and (self._alarm is None or due < self._alarm):
            self._alarm = due
            self._start(self._wake(due))

    async def _wake(self, due: datetime) -> None:
        await self._clock.sleep_async(max(0.0, (due - self._clock.now()).total_seconds()))
        self._alarm = None  # an alarm is only ever replaced by an earlier one, which has woken by now
        await self._nudge()

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    def _note(error: errors.TavusError) -> None:
        logger.warning("callbacks cannot be stored or delivered now (%s)", type(error).__name__)


class _Answer:
    """An empty body. The server closes it after it has sent the answer."""

    def __init__(self, then: Callable[[], None] | None) -> None:
        self._then = then

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    def close(self) -> None:
        if self._then is not None:
            self._then()


async def _live(receive: Receive, send: Send) -> None:
    """Answer the lifespan messages of a server that runs only this application."""
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
