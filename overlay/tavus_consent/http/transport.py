"""The only place that builds httpx clients: the edge where decisions become requests.

Generated functions ask their client for an ``httpx.Client`` and call ``request`` on it. They get one of ours, whose
``request`` runs the conversation of :mod:`.retry`. So every generated function, also one that no namespace wraps, has
the same timeouts, retries, errors and redaction. Redirects and cookies are ignored.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping
from contextlib import aclosing, closing
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

import httpx

from tavus_consent import errors
from tavus_consent._clock import Clock
from tavus_consent._frames import hides_locals
from tavus_consent._loggers import IN_CALL, quieten
from tavus_consent._loop import running_loop

from .answers import Answer, Failure, request_id, shown_headers
from .interception import Plain, exchange, exchange_async, plain
from .lifeline import Lifeline
from .pool import AsyncLines, SyncLines
from .preparing import Prepared, Preparer
from .receiving import Body, Sending, broken, classify_failure, timeouts
from .retry import Done, Send, conversation

if TYPE_CHECKING:
    from tavus_consent.results import CallInfo

    from .settings import Settings

logger = logging.getLogger("tavus_consent")

RECORDERS: Final[ContextVar[tuple[list[CallInfo], ...]]] = ContextVar("tavus_consent_recorders", default=())


def _finish(prepared: Prepared, done: Done, seconds: float) -> httpx.Response:
    answer = done.answer
    _note(prepared, answer.status, answer.headers, done.attempts, seconds)
    headers = [
        (name, value)
        for name, value in answer.headers.items()
        if name not in ("content-encoding", "content-length", "transfer-encoding")
    ]
    # By itself httpx would refuse a value beyond ASCII, which a server may send.
    shown = httpx.Headers(headers, encoding="utf-8")
    extensions = {"parsed": done.parsed}
    return httpx.Response(
        answer.status, headers=shown, content=answer.content, request=prepared.request, extensions=extensions
    )


def _note(prepared: Prepared, status: int | None, headers: Mapping[str, str], attempts: int, seconds: float) -> None:
    call = prepared.call
    recorders = RECORDERS.get()
    if recorders:
        secrets = call.all_secrets()
        from tavus_consent.results import CallInfo

        info = CallInfo(
            method=call.method,
            path=call.path,
            status=status,
            headers=shown_headers(headers, secrets),
            request_id=request_id(headers, secrets),
            attempts=attempts,
            elapsed=seconds,
        )
        for recorder in recorders:
            recorder.append(info)
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("%s %s: %s after %d attempt(s), %.3f s", call.method, call.path, status, attempts, seconds)


def _note_error(prepared: Prepared, error: errors.CallError, seconds: float) -> None:
    _note(prepared, error.status, getattr(error, "headers", {}), error.attempts, seconds)


@hides_locals
class SyncHTTP(Plain, httpx.Client):
    """The ``httpx.Client`` that generated functions get."""

    def __init__(
        self,
        pool: SyncLines,
        settings: Settings,
        lifeline: Lifeline,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        quieten()
        super().__init__(base_url=settings.base_url, **plain())
        self._pool = pool
        self._preparer = Preparer(settings, lifeline)
        self._clock = clock
        self._rng = rng

    def request(self, method: str, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """Carry out one call.

        Raises:
            TavusError: Whatever goes wrong.
        """
        prepared = self._preparer.prepare(method, url, **arguments)
        talk = conversation(prepared.call, self._clock, self._rng)
        begin = self._clock.monotonic()
        outcome: Answer | Failure | None = None
        in_call = IN_CALL.set(True)
        try:
            while True:
                step = talk.send(outcome)
                if isinstance(step, Send):
                    outcome = self._attempt(prepared.request, step)
                else:
                    self._clock.sleep(step.seconds)
                    outcome = None
        except StopIteration as stop:
            return _finish(prepared, stop.value, self._clock.monotonic() - begin)
        except errors.CallError as error:
            _note_error(prepared, error, self._clock.monotonic() - begin)
            raise
        finally:
            IN_CALL.reset(in_call)

    def check_request(self, request: Mapping[str, Any]) -> None:
        """Refuse the request of an operation that cannot be meant, before anything is sent."""
        self._preparer.check(request)

    def send(self, request: httpx.Request, **_: Any) -> httpx.Response:
        """Refuse: a request that was built elsewhere would go by the rules of this client."""
        raise errors.InvalidRequestError("use request(): send() and stream() would bypass retries and redaction")

    def _attempt(self, request: httpx.Request, step: Send) -> Answer | Failure:
        self._preparer.lifeline.begin()
        begin = self._clock.monotonic()
        end = begin + step.total
        body: Body | None = None
        sending = Sending()
        try:
            with self._pool.line(step.total, fresh=step.once) as transport:
                self._preparer.lifeline.check()  # it may have been closed since
                total = max(0.001, step.total - (self._clock.monotonic() - begin))
                request.extensions |= timeouts(Send(min(step.connect, total), total))
                if step.once:
                    request.extensions["trace"] = sending.note
                with closing(exchange(self, transport, request)) as response:
                    body = Body(response, self._preparer.settings.max_answer_bytes)
                    # httpcore reads this once more, before the first byte of the body
                    request.extensions["timeout"]["read"] = max(0.001, end - self._clock.monotonic())
                    stream = response.stream
                    assert isinstance(stream, httpx.SyncByteStream)  # noqa: S101 - what a sync transport gives
                    for chunk in stream:
                        if not body.add(chunk):
                            break
                        if self._clock.monotonic() > end:
                            raise httpx.ReadTimeout("")  # noqa: TRY301 - becomes a Failure below
        except errors.ClientClosedError:
            raise
        except Exception as error:
            return broken(body, classify_failure(error, step, sending.sent))
        return body.answer()


@hides_locals
class AsyncHTTP(Plain, httpx.AsyncClient):
    """The ``httpx.AsyncClient`` that generated functions get."""

    def __init__(
        self,
        pool: AsyncLines,
        settings: Settings,
        lifeline: Lifeline,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        quieten()
        super().__init__(base_url=settings.base_url, **plain())
        self._pool = pool
        self._preparer = Preparer(settings, lifeline)
        self._clock = clock
        self._rng = rng

    async def request(self, method: str, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """Carry out one call.

        Raises:
            TavusError: Whatever goes wrong.
        """
        running_loop()
        prepared = self._preparer.prepare(method, url, **arguments)
        talk = conversation(prepared.call, self._clock, self._rng)
        begin = self._clock.monotonic()
        outcome: Answer | Failure | None = None
        in_call = IN_CALL.set(True)
        try:
            while True:
                step = talk.send(outcome)
                if isinstance(step, Send):
                    outcome = await self._attempt(prepared.request, step)
                else:
                    await self._clock.sleep_async(step.seconds)
                    outcome = None
        except StopIteration as stop:
            return _finish(prepared, stop.value, self._clock.monotonic() - begin)
        except errors.CallError as error:
            _note_error(prepared, error, self._clock.monotonic() - begin)
            raise
        finally:
            IN_CALL.reset(in_call)

    def check_request(self, request: Mapping[str, Any]) -> None:
        """Refuse the request of an operation that cannot be meant, before anything is sent."""
        self._preparer.check(request)

    async def send(self, request: httpx.Request, **_: Any) -> httpx.Response:
        """Refuse: a request that was built elsewhere would go by the rules of this client."""
        raise errors.InvalidRequestError("use request(): send() and stream() would bypass retries and redaction")

    async def _attempt(self, request: httpx.Request, step: Send) -> Answer | Failure:
        import asyncio

        self._preparer.lifeline.begin()
        request.extensions |= timeouts(step)
        body: Body | None = None
        sending = Sending()
        if step.once:
            request.extensions["trace"] = sending.note_async
        waiting = True
        try:
            async with asyncio.timeout(step.total), self._pool.line(fresh=step.once) as transport:
                waiting = False
                self._preparer.lifeline.check()  # it may have been closed since
                async with aclosing(await exchange_async(self, transport, request)) as response:
                    body = Body(response, self._preparer.settings.max_answer_bytes)
                    stream = response.stream
                    assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 - what an async transport gives
                    async for chunk in stream:
                        if not body.add(chunk):
                            break
        except errors.ClientClosedError:
            raise
        except Exception as error:
            return broken(body, classify_failure(httpx.PoolTimeout("") if waiting else error, step, sending.sent))
        return body.answer()
