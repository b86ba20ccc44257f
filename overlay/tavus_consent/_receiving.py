"""What httpx receives, or fails to, as ``_policy`` wants to hear of it: an ``Answer`` or a ``Failure``."""

from __future__ import annotations

import ssl
import zlib
from typing import Final

import httpx

from ._policy import Answer, Failure, Send
from ._trust import hint

_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


def timeouts(step: Send) -> dict[str, dict[str, float]]:
    """The request extension by which httpx takes timeouts. Waiting for a free connection may take all the time."""
    return {"timeout": {"connect": step.connect, "read": step.total, "write": step.total, "pool": step.total}}


class Body:
    """Collects a body within its bounds, decompressing step by step so that no bomb can go off."""

    def __init__(self, response: httpx.Response, limit: int) -> None:
        self._response = response
        self._limit = limit
        self._received = 0
        self._size = 0
        self._parts: list[bytes] = []
        self._problem: str | None = None
        self._broken = False
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        # 47: zlib finds out by itself whether it is gzip or zlib.
        self._inflate = zlib.decompressobj(47) if encoding in ("gzip", "x-gzip", "deflate") else None
        if self._inflate is None and encoding not in ("identity", ""):
            self._problem = "its content encoding was not asked for"

    def add(self, chunk: bytes) -> bool:
        """Take a piece; false when no more is wanted."""
        self._received += len(chunk)
        if self._inflate is not None:
            try:
                chunk = self._inflate.decompress(chunk, self._limit - self._size + 1)
            except zlib.error:
                self._problem = "its compression is damaged"
                return False
        self._size += len(chunk)
        # What is received counts, too: compressed data can go on for ever and give nothing.
        if max(self._size, self._received) > self._limit:
            self._problem = f"it is larger than {self._limit} bytes"
            return False
        self._parts.append(chunk)
        return True

    def broke_off(self, message: str) -> None:
        """Note that the connection broke within the body."""
        self._problem = message
        self._broken = True

    def answer(self) -> Answer:
        """What came of it."""
        if self._problem is None and self._inflate is not None and self._received and not self._inflate.eof:
            self.broke_off("its compressed body is cut off")
        headers = {name.lower(): value for name, value in self._response.headers.items()}
        return Answer(self._response.status_code, headers, b"".join(self._parts), self._problem, self._broken)


def classify_failure(error: Exception, step: Send) -> Failure:
    """Say what an exception of the HTTP library means. What is not known counts as sent: that is the careful side."""
    sent = not isinstance(error, _NOT_SENT)
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        if isinstance(error, httpx.ConnectTimeout):
            what = f"no connection within {step.connect:g} s"
        elif isinstance(error, httpx.PoolTimeout):
            what = f"no free connection within {step.total:g} s"
        else:
            what = f"no complete answer within {step.total:g} s"
        return Failure(error, sent, timed_out=True, message=what)
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    text = str(error) or type(error).__name__
    if cause is not None:
        message = f"the server's certificate is not trusted: {text}{hint(cause)}"
        return Failure(error, sent, permanent=True, message=message)
    permanent = isinstance(error, (httpx.UnsupportedProtocol, httpx.LocalProtocolError))
    prefix = "the connection broke" if sent else "no connection could be made"
    return Failure(error, sent, permanent=permanent, message=f"{prefix}: {text}")


def broken(body: Body | None, failure: Failure) -> Answer | Failure:
    """A connection that broke within the body leaves status and headers, which are worth more than its failure."""
    if body is None or failure.timed_out:
        return failure
    body.broke_off(failure.message)
    return body.answer()
