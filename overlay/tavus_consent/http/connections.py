"""Connections of the sync client, with a deadline over each exchange.

httpx limits each wait but not the whole exchange. A server that sends its headers at one byte per second could block a
call for hours. asyncio can end an exchange from outside, but a thread cannot. So each wait gets only the time that is
left, from resolving the name to the last byte of the answer.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpcore
import httpx

from .interception import is_original
from .resolving import connect, is_readable, resolve

T = TypeVar("T")


class DeadlineTransport(httpx.HTTPTransport):
    """One connection for one exchange at a time. The read timeout bounds the exchange as a whole.

    Args:
        verify: The trusted certificates.
        proxy: The proxy to connect through.
        keepalive_expiry: Seconds for which an idle connection is kept.
    """

    def __init__(self, *, verify: ssl.SSLContext, proxy: httpx.Proxy | None, keepalive_expiry: float | None) -> None:
        limits = httpx.Limits(max_connections=1, keepalive_expiry=keepalive_expiry)
        super().__init__(verify=verify, proxy=proxy, limits=limits)
        self._end = 0.0
        self._backend = _Backend(self._left)
        self._pool._network_backend = self._backend  # httpx has no argument for it
        self._pool = _OneConnection(self._pool)  # type: ignore[assignment]  # it has what httpx calls

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and wait for the headers. The stream then reads the body within the same deadline."""
        self._end = time.monotonic() + request.extensions["timeout"]["read"]
        return super().handle_request(request)

    def close(self) -> None:
        """Close the connection, even while it is being opened."""
        super().close()
        self._backend.close()

    def _left(self, timeout: float | None) -> float:
        """Return how long one wait may take."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("no time is left")
        return left if timeout is None else min(timeout, left)


class _OneConnection:
    """A replacement for httpcore's pool, which is not needed for a single connection. It still calls a mocked pool."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool
        self._connection: httpcore.ConnectionInterface | None = None

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send over the connection if it can be used again, or else over a new one."""
        if not is_original(type(self._pool), "handle_request"):
            return self._pool.handle_request(request)
        connection = self._connection
        if connection is None or not connection.is_available() or connection.has_expired():
            self.close()
            self._connection = connection = self._pool.create_connection(request.url.origin)
        return connection.handle_request(request)

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class _Backend(httpcore.NetworkBackend):
    """A network backend whose connections keep to the deadline."""

    def __init__(self, left: Callable[[float | None], float]) -> None:
        self._left = left
        self._newest: Stream | None = None

    def close(self) -> None:
        """Close a connection that httpcore may have lost. It forgets a failed connection to a SOCKS proxy."""
        if self._newest is not None:
            self._newest.close()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve the name and connect."""
        with _named(httpcore.ConnectTimeout, httpcore.ConnectError):
            end = time.monotonic() + self._left(timeout)
            sock = connect(resolve(host, port, end), end)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._newest = Stream(sock, self._left)
        return self._newest


@contextmanager
def _named(timed_out: type[Exception], failed: type[Exception]) -> Iterator[None]:
    """Translate the errors of a socket into those of httpcore."""
    try:
        yield
    except TimeoutError as error:
        raise timed_out(str(error)) from error
    except OSError as error:
        raise failed(str(error)) from error


class Stream(httpcore.NetworkStream):
    """A socket that gives each operation only the remaining time, even if the other side sends byte by byte.

    Args:
        sock: The connected socket.
        left: Returns how long one wait may take.
    """

    def __init__(self, sock: socket.socket, left: Callable[[float | None], float]) -> None:
        self._sock = sock
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the data that has arrived, or wait for some."""
        with _named(httpcore.ReadTimeout, httpcore.ReadError):
            self._sock.settimeout(self._left(timeout))
            return self._sock.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send everything."""
        view = memoryview(buffer)
        with _named(httpcore.WriteTimeout, httpcore.WriteError):
            while view:
                self._sock.settimeout(self._left(timeout))
                view = view[self._sock.send(view) :]

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Start TLS, inside the TLS of a proxy if there is one."""
        if isinstance(self._sock, ssl.SSLSocket):
            return TunneledTLS(self, ssl_context, server_hostname, timeout)
        with _named(httpcore.ConnectTimeout, httpcore.ConnectError):
            try:
                self._sock.settimeout(self._left(timeout))  # Python bounds the handshake as a whole
                self._sock = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname)
            except BaseException:
                self.close()
                raise
        return self

    def get_extra_info(self, info: str) -> Any:
        """Return the socket, or a property of it, for httpcore."""
        if info == "is_readable":
            return is_readable(self._sock)
        return self._sock if info == "socket" else None


class TunneledTLS(httpcore.NetworkStream):
    """TLS with the server, inside TLS with a proxy.

    Args:
        below: The stream to the proxy.
        context: The trusted certificates.
        hostname: The name of the server.
        timeout: Seconds for each wait of the handshake.
    """

    def __init__(self, below: Stream, context: ssl.SSLContext, hostname: str | None, timeout: float | None) -> None:
        self._below = below
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)
        try:
            with _named(httpcore.ConnectTimeout, httpcore.ConnectError):
                self._drive(self._tls.do_handshake, timeout)
        except BaseException:
            below.close()
            raise

    def _drive(self, step: Callable[[], T], timeout: float | None) -> T:
        """Repeat a TLS step until it has the bytes it needs, and send the bytes it produces."""
        while True:
            wants = False
            try:
                result = step()
            except ssl.SSLWantReadError:
                wants = True
            if self._outgoing.pending:
                self._below.write(self._outgoing.read(), timeout)
            if not wants:
                return result
            data = self._below.read(65536, timeout)
            if data:
                self._incoming.write(data)
            else:
                self._incoming.write_eof()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the data that has arrived, or wait for some."""
        with _named(httpcore.ReadTimeout, httpcore.ReadError):
            return self._drive(lambda: self._tls.read(max_bytes), timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send everything."""
        with _named(httpcore.WriteTimeout, httpcore.WriteError):
            self._drive(lambda: self._tls.write(buffer), timeout)

    def close(self) -> None:
        """Close the connection to the proxy."""
        self._below.close()

    def get_extra_info(self, info: str) -> Any:
        """Return a property of the socket for httpcore."""
        return self._below.get_extra_info(info)
