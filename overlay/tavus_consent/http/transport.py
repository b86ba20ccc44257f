"""The only place that builds httpx clients: the edge where decisions become requests.

Generated functions ask their client for an ``httpx.Client`` and call ``request`` on it. They get one of ours, whose
``request`` runs the conversation of :mod:`.retry`. So every generated function, also one that no namespace wraps, has
the same timeouts, retries, errors and redaction. Redirects and cookies are ignored.
"""

from __future__ import annotations

import json
import logging
import os
import random
from collections.abc import Generator, Mapping
from contextlib import aclosing, closing, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

import httpx
from attrs import define, field

from tavus_api.errors import InvalidArgument
from tavus_consent import errors
from tavus_consent._arguments import check_id, check_query, refusal
from tavus_consent._clock import Clock
from tavus_consent._frames import hides_locals
from tavus_consent._loggers import IN_CALL, quieten
from tavus_consent._loop import running_loop
from tavus_consent._redaction import redact_text

from .headers import header_problem
from .interception import Plain, exchange, exchange_async, plain
from .pool import AsyncLines, SyncLines
from .receiving import Body, Sending, broken, classify_failure, timeouts
from .retry import Answer, Call, Done, Failure, Pause, Send, conversation, request_id, shown_headers

if TYPE_CHECKING:
    from tavus_consent.results import CallInfo

    from .settings import Settings

logger = logging.getLogger("tavus_consent")

RECORDERS: Final[ContextVar[tuple[list[CallInfo], ...]]] = ContextVar("tavus_consent_recorders", default=())

Conversation = Generator[Send | Pause, Answer | Failure | None, Done]


class Lifeline:
    """Whether the transport may be used: shared by a client and everything made from it."""

    __slots__ = ("closed", "pid")

    def __init__(self) -> None:
        self.closed = False
        self.pid: int | None = None
        """The process that made the first connection. Before it, there is nothing that a fork() could share."""

    def begin(self) -> None:
        """Note that a connection is about to be used.

        Raises:
            ClientClosedError: It must not be.
        """
        self.check()
        self.pid = self.pid or os.getpid()

    def check(self) -> None:
        """Refuse use after ``close()``, and in a child that was forked after the first use.

        Raises:
            ClientClosedError: Either happened.
        """
        if self.closed:
            raise errors.ClientClosedError("this client was closed; make a new one")
        if not self._is_here:
            raise errors.ClientClosedError(
                "this client was made before fork() and used there: parent and child would share its connections and "
                "mix up their answers. Make a new client in the child process"
            )

    def end(self) -> bool:
        """Note that the client is closed; false when there is nothing to close.

        In a forked child there is not: the connections are the parent's, and an event loop that forgets a socket in the
        child would make the parent's forget it, too.
        """
        was_live, self.closed = self.is_live, True
        return was_live

    @property
    def is_live(self) -> bool:
        """Whether its connections are this process's to use and close."""
        return not self.closed and self._is_here

    @property
    def _is_here(self) -> bool:
        return self.pid is None or self.pid == os.getpid()


@define(eq=False)
class _Prepared:
    request: httpx.Request = field(repr=False)
    call: Call


class _Preparer:
    """Turns the arguments of ``request`` into an ``httpx.Request`` and what :mod:`.retry` needs to know of it."""

    def __init__(self, settings: Settings, lifeline: Lifeline) -> None:
        self.settings = settings
        self.lifeline = lifeline
        host = httpx.URL(settings.base_url).netloc
        self._headers = [(b"host", host), *settings.headers]
        self._places: dict[str, tuple[httpx.URL, str]] = {}

    def place(self, target: str, params: Any) -> tuple[httpx.URL, str]:
        """The URL of a path and query, and the path as it may be shown."""
        found = None if params else self._places.get(target)
        if found is not None:
            return found
        url: httpx.URL | None = None
        with suppress(httpx.InvalidURL):
            url = httpx.URL(self.settings.base_url + target, **({"params": params} if params else {}))
        if url is None:  # not raised above: what was suppressed may hold a part of the path
            raise errors.InvalidRequestError("no URL can be made of this path", field="url")
        place = url, redact_text(url.path, self.settings.secrets)
        if not params and len(self._places) < 64:
            self._places[target] = place
        return place

    def check(self, request: Mapping[str, Any]) -> None:
        """Refuse the request of an operation that cannot be meant.

        Raises:
            InvalidRequestError: Names the argument.
        """
        from tavus_api.types import refused

        extensions = request["extensions"]
        checks = extensions["operation"].checks
        for name, value in extensions.get("path", {}).items():
            check_id(str(value) if checks.get(name) == "whole" and type(value) is int else value, name)
        for place in ("params", "json", "form"):
            given = request.get(place)
            found = refused(checks, given) if isinstance(given, Mapping) else None
            if found is not None:
                raise refusal(*found, request[place][found[0]])

    def prepare(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        json: Any = None,
        params: Any = None,
        headers: Any = None,
        content: Any = None,
        extensions: Mapping[str, Any] | None = None,
        **others: Any,
    ) -> _Prepared:
        """Build the request, and note what the specification says of it.

        Raises:
            ClientClosedError: After ``close()`` or ``fork()``.
            InvalidRequestError: The body or a header cannot be sent, or the URL leads to another host.
        """
        self.lifeline.check()
        target = str(url)
        if not target.startswith("/"):
            raise errors.InvalidRequestError(
                "give a path that begins with '/': this client sends its API key to its base URL only", field="url"
            )
        method = method.upper()
        others = {name: value for name, value in others.items() if value is not None}
        for name in ("timeout", "auth", "follow_redirects", "cookies"):
            if not isinstance(others.pop(name, httpx.USE_CLIENT_DEFAULT), type(httpx.USE_CLIENT_DEFAULT)):
                raise errors.InvalidRequestError(f"use tavus.with_options() instead of {name}=", field=name)
        known = extensions if isinstance(extensions, Mapping) else {}
        operation = known.get("operation")
        if extensions and operation is None:
            raise errors.InvalidRequestError("use tavus.with_options() instead of extensions=", field="extensions")
        full, shown = self.place(target, check_query(params) if isinstance(params, Mapping) else params)
        merged = self._headers.copy()
        if json is not None:
            content = _encode_json(json)
        problem: str | None = None
        request: httpx.Request | None = None
        try:
            own = (b"host", b"x-api-key")
            given = [pair for pair in httpx.Headers(headers).raw if pair[0].lower() not in own]
            problem = next(filter(None, (header_problem(*pair) for pair in given)), None)
            if given:  # what a call says replaces what the client always says, such as which answers it takes
                said = {name.lower() for name, _ in given}
                merged = [pair for pair in merged if pair[0].lower() not in said] + given
            if json is not None:  # httpx would look for the length of what it is given, and read it once more
                if not any(pair[0].lower() == b"content-type" for pair in given):
                    merged.append((b"content-type", b"application/json"))
                merged.append((b"content-length", b"%d" % len(content)))
                others["stream"] = httpx.ByteStream(content)
                content = None
            request = httpx.Request(method, full, headers=merged, content=content, **others)
        except InvalidArgument as unusable:
            reason = str(getattr(unusable, "reason", "type"))
            raise errors.InvalidRequestError(str(unusable), field=unusable.field, reason=reason) from None
        except (TypeError, ValueError):
            pass  # not raised here: the error may hold the header or the content
        if problem is not None:
            raise errors.InvalidRequestError(problem, field="headers")
        if request is None:
            raise errors.InvalidRequestError("a header, the content or another argument cannot be sent over HTTP")
        retry = operation.retry if operation else "safe" if method in ("GET", "HEAD", "OPTIONS") else "if-not-sent"
        call = Call(
            method,
            shown,
            "safe" if retry == "safe" else "if-not-sent",
            operation,
            self.settings.timeout,
            self.settings.max_retries,
            self.settings.secrets,
            json,
            known.get("path", {}),
        )
        request.extensions = dict(known)
        return _Prepared(request, call)


def _encode_json(value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        problem = type(error).__name__
    # Not raised above: what was caught may hold the body.
    raise errors.InvalidRequestError(f"the request body cannot be written as JSON: {problem}")


def _finish(prepared: _Prepared, done: Done, seconds: float) -> httpx.Response:
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


def _note(prepared: _Prepared, status: int | None, headers: Mapping[str, str], attempts: int, seconds: float) -> None:
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


def _note_error(prepared: _Prepared, error: errors.CallError, seconds: float) -> None:
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
        self._preparer = _Preparer(settings, lifeline)
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
        self._preparer = _Preparer(settings, lifeline)
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
