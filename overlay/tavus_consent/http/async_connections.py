"""Connections of the async client, on asyncio's own streams.

httpcore would use anyio, which doubles the cost of an exchange. Individual waits have no timeout here, because
``asyncio.timeout`` ends the exchange from outside.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from .interception import is_original
from .resolving import NO_ADDRESS, Address, find_numeric, in_turns, is_readable, stagger

if TYPE_CHECKING:
    import ssl


class AsyncTransport(httpx.AsyncHTTPTransport):
    """One connection for one exchange at a time. The caller bounds the exchange as a whole.

    Args:
        verify: The trusted certificates.
        proxy: The proxy to connect through.
        keepalive_expiry: Seconds for which an idle connection is kept.
    """

    def __init__(self, *, verify: ssl.SSLContext, proxy: httpx.Proxy | None, keepalive_expiry: float | None) -> None:
        limits = httpx.Limits(max_connections=1, keepalive_expiry=keepalive_expiry)
        super().__init__(verify=verify, proxy=proxy, limits=limits)
        self._backend = _Backend()
        if proxy is None or proxy.url.scheme != "https":  # TLS within TLS is faulty in asyncio before Python 3.12
            self._pool._network_backend = self._backend  # httpx has no argument for it
        self._pool = _OneConnection(self._pool)  # type: ignore[assignment]  # it has what httpx calls

    async def aclose(self) -> None:
        """Close the connection, even while it is being opened."""
        await super().aclose()
        self._backend.close()


class _OneConnection:
    """A replacement for httpcore's pool, which is not needed for a single connection. It still calls a mocked pool."""

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool
        self._connection: httpcore.AsyncConnectionInterface | None = None

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send over the connection if it can be used again, or else over a new one."""
        if not is_original(type(self._pool), "handle_async_request"):
            return await self._pool.handle_async_request(request)
        connection = self._connection
        if connection is None or not connection.is_available() or connection.has_expired():
            await self.aclose()
            self._connection = connection = self._pool.create_connection(request.url.origin)
        return await connection.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose()


class _Backend(httpcore.AsyncNetworkBackend):
    """A network backend that opens asyncio streams."""

    def __init__(self) -> None:
        self._newest: _Stream | None = None

    def close(self) -> None:
        """Close a connection that httpcore may have lost. It forgets a failed connection to a SOCKS proxy."""
        if self._newest is not None:
            self._newest.abort()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve the name and connect."""
        with _named(httpcore.ConnectTimeout, httpcore.ConnectError):
            async with asyncio.timeout(timeout):
                sock = await _connect(await _resolve(host, port), timeout)
                self._newest = _Stream(*await asyncio.open_connection(sock=sock))
        return self._newest


async def _resolve(host: str, port: int) -> list[Address]:
    """Return the addresses of a host."""
    numeric = find_numeric(host, port)
    if numeric is not None:
        return [numeric]
    answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [Address(family, where) for family, _, _, _, where in answers]


async def _connect(addresses: list[Address], seconds: float | None) -> socket.socket:
    """Connect to the address that answers first, as :func:`.resolving.connect` does.

    uvloop cannot race addresses, so this function does it instead of the event loop.
    """
    waiting = deque(in_turns(addresses))
    delay = stagger(len(waiting), seconds)
    tasks: set[asyncio.Task[socket.socket]] = set()
    begun: list[socket.socket] = []
    problems: dict[str, None] = {}  # an ordered set
    winner: socket.socket | None = None
    try:
        if len(waiting) == 1:  # tasks would double the time that this takes
            winner = await _attempt(waiting.popleft(), begun)
        while winner is None and (waiting or tasks):
            if waiting:
                tasks.add(asyncio.ensure_future(_attempt(waiting.popleft(), begun)))
            done, _ = await asyncio.wait(tasks, timeout=delay if waiting else None, return_when="FIRST_COMPLETED")
            if done:
                tasks.discard(first := done.pop())
                try:
                    winner = first.result()
                except OSError as error:
                    problems[str(error)] = None
    finally:
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:  # two limits may end at once, and the second one ends this wait
            for sock in begun:
                if sock is not winner:
                    sock.close()
    if winner is None:
        raise OSError("; ".join(problems) or NO_ADDRESS)
    return winner


async def _attempt(address: Address, begun: list[socket.socket]) -> socket.socket:
    sock = socket.socket(address.family, socket.SOCK_STREAM)
    begun.append(sock)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, address.where)
    return sock


@contextmanager
def _named(timed_out: type[Exception], failed: type[Exception]) -> Iterator[None]:
    """Translate the errors of a stream into those of httpcore."""
    try:
        yield
    except TimeoutError as error:
        raise timed_out(str(error)) from error
    except OSError as error:
        raise failed(str(error)) from error


class _Stream(httpcore.AsyncNetworkStream):
    """A pair of asyncio streams."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the data that has arrived, or wait for some."""
        with _named(httpcore.ReadTimeout, httpcore.ReadError):
            return await self._reader.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send everything."""
        if buffer:
            with _named(httpcore.WriteTimeout, httpcore.WriteError):
                self._writer.write(buffer)
                await self._writer.drain()

    def abort(self) -> None:
        """Close the connection at once and discard unsent data."""
        self._writer.transport.abort()

    async def aclose(self) -> None:
        """Close the connection at once."""
        self.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Start TLS, inside the TLS of a proxy if there is one."""
        with _named(httpcore.ConnectTimeout, httpcore.ConnectError):
            try:
                async with asyncio.timeout(timeout):
                    await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
            except BaseException:
                self.abort()
                raise
        return self

    def get_extra_info(self, info: str) -> Any:
        """Return a property of the connection for httpcore."""
        transport = self._writer.transport
        if info == "is_readable":
            return transport.is_closing() or self._reader.at_eof() or is_readable(transport.get_extra_info("socket"))
        return transport.get_extra_info(info)
