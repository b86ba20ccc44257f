"""Conversion of the responses and exceptions of httpx into an ``Answer`` or a ``Failure`` for :mod:`.retry`."""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Mapping
from typing import Any, Final

import httpx

from tavus_consent._trust import hint

from .answers import Answer, Failure
from .retry import Send

_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


_MAX_MEMBERS: Final = 1000
"""The maximum number of gzip members. Each one copies the rest of the chunk, so their number is limited."""


def timeouts(step: Send) -> dict[str, Any]:
    """Return the request extension with the timeouts. The wait for a free connection may take the whole time."""
    return {"timeout": {"connect": step.connect, "read": step.total, "write": step.total, "pool": step.total}}


class Body:
    """The body of an answer, limited in size. It is decompressed step by step to defeat decompression bombs."""

    def __init__(self, response: httpx.Response, limit: int) -> None:
        self._response = response
        self._limit = limit
        self._received = 0
        self._size = 0
        self._parts: list[bytes] = []
        self._problem: str | None = None
        self._broken = False
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        self._inflate = Inflate(may_be_raw=encoding == "deflate") if encoding in ("gzip", "x-gzip", "deflate") else None
        if self._inflate is None and encoding not in ("identity", ""):
            self._problem = "its content encoding was not asked for"

    def add(self, chunk: bytes) -> bool:
        """Add a chunk. Return false if no more chunks are needed."""
        self._received += len(chunk)
        if self._inflate is not None:
            try:
                chunk = self._inflate.add(chunk, self._limit - self._size + 1)
            except zlib.error:
                self._problem = "its compression is damaged"
                return False
        self._size += len(chunk)
        # The received bytes count, too, because endless compressed data may decompress to nothing.
        if max(self._size, self._received) > self._limit:
            self._problem = f"it is larger than {self._limit} bytes"
            return False
        self._parts.append(chunk)
        return True

    def broke_off(self, message: str) -> None:
        """Note that the connection broke before the end of the body."""
        self._problem = message
        self._broken = True

    def answer(self) -> Answer:
        """Return the answer with the body that was collected."""
        if self._problem is None and self._inflate is not None and self._received and not self._inflate.is_whole:
            self.broke_off("its compressed body is cut off")
        headers = {name.lower(): value for name, value in self._response.headers.items()}
        return Answer(self._response.status_code, headers, b"".join(self._parts), self._problem, self._broken)


class Inflate:
    """A decompressor of gzip, zlib and raw deflate. Some servers send raw deflate as ``deflate`` (RFC 9110, 8.4.1.2).

    Args:
        may_be_raw: True if the data may be raw deflate.
    """

    def __init__(self, *, may_be_raw: bool) -> None:
        self._may_be_raw = may_be_raw
        self._head = b""
        self._members = 1
        self._over = False
        self._stream: Any = None

    @property
    def is_whole(self) -> bool:
        """True if the data ended at the end of a stream."""
        return self._stream is not None and bool(self._stream.eof)

    def add(self, data: bytes, room: int) -> bytes:
        """Decompress a chunk, up to ``room`` bytes.

        Raises:
            zlib.error: The data is damaged.
        """
        if self._stream is None:
            self._head = data = self._head + data
            if len(data) < 2:
                return b""
            self._stream = zlib.decompressobj(-15 if self._may_be_raw and _is_raw(data) else 47)
        parts = []
        while data and room > 0 and not self._over:
            if self._stream.eof:
                # gzip allows several streams, one after the other (RFC 1952, 2.2). Anything else is padding.
                self._over = not data.startswith(b"\x1f")
                if not self._over:
                    self._begin_member()
            else:
                parts.append(self._stream.decompress(data, room))
                room -= len(parts[-1])
                data = self._stream.unused_data
        return b"".join(parts)

    def _begin_member(self) -> None:
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise zlib.error("too many gzip members")
        self._stream = zlib.decompressobj(31)


def _is_raw(data: bytes) -> bool:
    """Return whether the data begins with neither a zlib header nor a gzip header."""
    is_zlib = data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0
    return not is_zlib and not data.startswith(b"\x1f\x8b")


class Sending:
    """A record of whether a request was sent, from the events of httpcore's ``trace`` extension."""

    __slots__ = ("_before", "_extensions", "_own", "_sent", "_told")

    def __init__(self) -> None:
        self._told = False
        self._sent = False
        self._own = False
        self._before = False
        self._extensions: dict[str, Any] = {}

    @property
    def sent(self) -> bool | None:
        """True if any byte of the request may have been sent, or ``None`` if the transport reports no events."""
        return self._sent if self._told else None

    def note(self, event: str, info: Mapping[str, Any]) -> None:
        """Process an event, such as ``http11.send_request_headers.started``."""
        self._told = True
        if "send_request_headers" not in event:
            return
        if event.endswith("started"):
            request = info["request"]
            self._own = request.method != b"CONNECT"  # CONNECT is for the proxy
            self._extensions = request.extensions
            if self._own:
                self._before, self._sent = self._sent, True
        elif self._own and event.endswith("complete"):
            self._extensions.pop("trace", None)  # later events add nothing, and each one costs time
        elif self._own and _is_write_error(info["exception"]):
            self._sent = self._before  # no server acts on an incomplete header

    async def note_async(self, event: str, info: Mapping[str, Any]) -> None:
        """Process an event of an async transport."""
        self.note(event, info)


def _is_write_error(error: Exception) -> bool:
    import httpcore  # httpx has imported it by now

    return isinstance(error, (httpcore.WriteError, httpcore.LocalProtocolError))


def classify_failure(error: Exception, step: Send, sent: bool | None = None) -> Failure:
    """Convert an exception of the HTTP library to a failure.

    Args:
        error: The exception.
        step: The attempt that failed.
        sent: Whether the request was sent, or ``None`` if only the exception can tell. If it cannot, the request counts
            as sent, because that is the safe assumption.
    """
    if sent is None:
        sent = not isinstance(error, _NOT_SENT)
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        if isinstance(error, httpx.PoolTimeout):
            what = f"no free connection within {step.total:.3g} s"
        elif not sent:
            what = (
                f"no connection within {step.connect if isinstance(error, httpx.ConnectTimeout) else step.total:.3g} s"
            )
        else:
            what = f"no complete answer within {step.total:.3g} s"
        return Failure(error, sent, timed_out=True, message=what)
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    text = str(error) or type(error).__name__
    if cause is not None:
        message = f"the server's certificate is not trusted: {text}{hint(cause)}"
        return Failure(error, sent, permanent=True, message=message)
    if not isinstance(error, (httpx.HTTPError, OSError)):  # raised by a mock or a hook, so a retry would not help
        return Failure(error, sent, permanent=True, message=f"the transport failed: {text}")
    permanent = isinstance(error, (httpx.UnsupportedProtocol, httpx.LocalProtocolError))
    prefix = "the connection broke" if sent else "no connection could be made"
    return Failure(error, sent, permanent=permanent, message=f"{prefix}: {text}")


def broken(body: Body | None, failure: Failure) -> Answer | Failure:
    """Return the partial answer if the connection broke within the body, because it has the status and the headers.

    Otherwise return the failure.
    """
    if body is None or failure.timed_out:
        return failure
    body.broke_off(failure.message)
    return body.answer()
