"""Connections of the sync client, with a deadline over each exchange.

httpx limits each wait and no exchange as a whole: a server that sends its headers a byte a second would hold a call for
hours. asyncio can end an exchange from outside, a thread cannot; so every wait gets the time that is left, and no more.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpcore
import httpx

_ERRORS: Final = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)


class Timed(httpcore.NetworkStream):
    """A stream whose every operation ends with the time that is left, so that a trickle of bytes does, too.

    Args:
        stream: The stream itself.
        left: Seconds that are left; raises when none are.
    """

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[], float]) -> None:
        self._stream = stream
        self._left = left

    def _limit(self, timeout: float | None) -> float:
        left = self._left()
        return left if timeout is None else min(timeout, left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As the stream does."""
        return self._stream.read(max_bytes, self._limit(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As the stream does."""
        self._stream.write(buffer, self._limit(timeout))

    def close(self) -> None:
        """As the stream does."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """As the stream does; what is read and written through TLS ends with the time as well."""
        return Timed(self._stream.start_tls(ssl_context, server_hostname, self._limit(timeout)), self._left)

    def get_extra_info(self, info: str) -> Any:
        """As the stream does."""
        return self._stream.get_extra_info(info)


class DeadlineTransport(httpx.BaseTransport):
    """One connection for one exchange at a time, which may take as long as its read timeout says, as a whole.

    Args:
        verify: The certificates that are trusted; ``None`` where no TLS is spoken.
        proxy: What the connection goes through.
        keepalive_expiry: Seconds for which an idle connection is kept.
    """

    def __init__(
        self, *, verify: ssl.SSLContext | None, proxy: httpx.Proxy | None, keepalive_expiry: float | None
    ) -> None:
        self._end = 0.0
        options: dict[str, Any] = {
            "ssl_context": verify,
            "max_connections": 1,
            "keepalive_expiry": keepalive_expiry,
            "network_backend": _Backend(self._left),
        }
        if proxy is None:
            self._pool = httpcore.ConnectionPool(**options)
            return
        options |= {"proxy_url": _url(proxy.url), "proxy_auth": proxy.raw_auth}
        if proxy.url.scheme.startswith("socks"):
            self._pool = httpcore.SOCKSProxy(**options)
        else:
            headers = proxy.headers.raw
            self._pool = httpcore.HTTPProxy(**options, proxy_headers=headers, proxy_ssl_context=proxy.ssl_context)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send, and wait for the headers; the body comes with the stream, before the same deadline."""
        self._end = time.monotonic() + request.extensions["timeout"]["read"]
        sent = httpcore.Request(
            request.method,
            _url(request.url),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = self._pool.handle_request(sent)
        except _ERRORS as error:
            raise _as_httpx(error) from error
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class _Backend(httpcore.SyncBackend):
    """Makes connections that keep to a deadline."""

    def __init__(self, left: Callable[[], float]) -> None:
        self._left = left

    def connect_tcp(self, *args: Any, **options: Any) -> httpcore.NetworkStream:
        return Timed(super().connect_tcp(*args, **options), self._left)


class _Body(httpx.SyncByteStream):
    """The body of an answer, with errors as those of httpx."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except _ERRORS as error:
            raise _as_httpx(error) from error

    def close(self) -> None:
        self._stream.close()


def _url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _as_httpx(error: Exception) -> Exception:
    """The same error by the name that httpx has for it, which is the same name."""
    named: type[Exception] = getattr(httpx, type(error).__name__)
    return named(str(error))
