"""The end of a call: the response for the caller, and the entries for recorders and the log."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

import httpx

from tavus_consent import errors

from .answers import request_id, shown_headers
from .preparing import Prepared
from .retry import Done

if TYPE_CHECKING:
    from tavus_consent.results import CallInfo

logger = logging.getLogger("tavus_consent")

RECORDERS: Final[ContextVar[tuple[list[CallInfo], ...]]] = ContextVar("tavus_consent_recorders", default=())


def finish(prepared: Prepared, done: Done, seconds: float) -> httpx.Response:
    """Record a successful call, and return its response."""
    answer = done.answer
    _note(prepared, answer.status, answer.headers, done.attempts, seconds)
    headers = [
        (name, value)
        for name, value in answer.headers.items()
        if name not in ("content-encoding", "content-length", "transfer-encoding")
    ]
    # Without an encoding, httpx would refuse a non-ASCII value, which a server may send.
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


def fail(prepared: Prepared, error: errors.CallError, seconds: float) -> None:
    """Record a call that ended in an error."""
    _note(prepared, error.status, getattr(error, "headers", {}), error.attempts, seconds)
