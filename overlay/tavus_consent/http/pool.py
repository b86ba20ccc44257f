"""A pool of connections to one host. Each connection is a separate httpx transport.

httpcore's pool works well with one connection. With more, its cost grows quadratically. A call canceled at the wrong
moment leaks its connection, and queued requests are sent even after the pool was closed. So this module queues the
calls itself, and each transport has a single connection.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import httpx

from tavus_consent import errors
from tavus_consent._loop import running_loop
from tavus_consent._trust import Verify, trusted
from tavus_consent._urls import is_loopback

from .limits import Limits

if TYPE_CHECKING:
    import asyncio
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

T = TypeVar("T")


class SyncTransports(Protocol):
    """A source of transports for the sync client. Each is lent for one request and its answer."""

    def borrow(self, seconds: float, *, fresh: bool) -> AbstractContextManager[httpx.BaseTransport]:
        """Borrow a transport, with a new connection if ``fresh`` is true.

        Raises:
            httpx.PoolTimeout: No transport became free in time.
        """
        ...

    def close(self) -> None:
        """Close all transports, including borrowed ones."""
        ...


class AsyncTransports(Protocol):
    """A source of transports for the async client. Each is lent for one request and its answer."""

    def borrow(self, *, fresh: bool) -> AbstractAsyncContextManager[httpx.AsyncBaseTransport]:
        """Wait for a free transport and borrow it, with a new connection if ``fresh`` is true."""
        ...

    def other_loop(self) -> asyncio.AbstractEventLoop | None:
        """Return the event loop that the connections belong to, or ``None`` if it is the running one."""
        ...

    async def close(self) -> None:
        """Close all transports, including borrowed ones."""
        ...


class _Store(Generic[T]):
    """A register of idle and borrowed transports. Thread-safe. It returns the transports that its user must close."""

    def __init__(self, make: Callable[[], T], limits: Limits) -> None:
        self._make = make
        self._limits = limits
        self._lock = threading.Lock()
        self._closed = False
        self._lent: set[T] = set()
        #: the idle transports, each with the time since when it is idle, most recently used last
        self._idle: deque[tuple[T, float]] = deque()

    def take(self) -> T:
        with self._lock:
            transport = self._idle.pop()[0] if self._idle else self._make()
            self._lent.add(transport)
            return transport

    def give_back(self, transport: T, *, usable: bool) -> list[T]:
        """Take a transport back, and return the transports to close now."""
        with self._lock:
            self._lent.discard(transport)
            if self._closed or not usable:
                return [transport]
            now = time.monotonic()
            self._idle.append((transport, now))
            surplus = []
            while self._idle and (
                len(self._idle) > self._limits.max_keepalive_connections
                or now - self._idle[0][1] > self._limits.keepalive_expiry
            ):
                surplus.append(self._idle.popleft()[0])
            return surplus

    def empty(self) -> list[T]:
        """Return all transports to be closed. From now on, do not keep those that are given back."""
        with self._lock:
            self._closed = True
            everything = [*self._lent, *(transport for transport, _ in self._idle)]
            self._idle.clear()
            return everything


class SyncPool:
    """A pool of at most ``max_connections`` connections for threads."""

    def __init__(self, make: Callable[[], httpx.BaseTransport], limits: Limits) -> None:
        self._store = _Store(make, limits)
        self._places = threading.Semaphore(limits.max_connections)

    @contextmanager
    def borrow(self, seconds: float, *, fresh: bool) -> Iterator[httpx.BaseTransport]:
        if not self._places.acquire(timeout=seconds):
            raise httpx.PoolTimeout("")
        try:
            transport = self._store.take()
            usable = False
            try:
                if fresh:
                    transport.close()  # it closes its connection, and the next request opens another one
                yield transport
                usable = True
            finally:
                for one in self._store.give_back(transport, usable=usable):
                    one.close()
        finally:
            self._places.release()

    def close(self) -> None:
        for one in self._store.empty():
            one.close()


class AsyncPool:
    """A pool of at most ``max_connections`` connections for tasks."""

    def __init__(self, make: Callable[[], httpx.AsyncBaseTransport], limits: Limits) -> None:
        import asyncio

        self._store = _Store(make, limits)
        self._places = asyncio.Semaphore(limits.max_connections)
        self._loop: asyncio.AbstractEventLoop | None = None

    @asynccontextmanager
    async def borrow(self, *, fresh: bool) -> AsyncIterator[httpx.AsyncBaseTransport]:
        if self.other_loop() is not None:
            raise errors.ClientClosedError(
                "this client was used in another event loop, to which its connections belong. Make a new client within "
                "each asyncio.run()"
            )
        self._loop = running_loop()
        async with self._places:
            transport = self._store.take()
            usable = False
            try:
                if fresh:
                    await transport.aclose()
                yield transport
                usable = True
            finally:
                for one in self._store.give_back(transport, usable=usable):
                    await one.aclose()

    def other_loop(self) -> asyncio.AbstractEventLoop | None:
        return None if self._loop in (None, running_loop()) else self._loop

    async def close(self) -> None:
        for one in self._store.empty():
            await one.aclose()


def make_pool(base_url: str, limits: Limits, proxy: str | httpx.Proxy | None, verify: Verify = None) -> SyncPool:
    """Return a connection pool for the sync client.

    Raises:
        ConfigurationError: The proxy or the certificates cannot be used.
    """
    tls, through = _way(base_url, proxy, verify)

    def make() -> httpx.BaseTransport:
        from .connections import DeadlineTransport  # imports httpcore, so only when it is needed

        return DeadlineTransport(verify=tls, proxy=through, keepalive_expiry=limits.keepalive_expiry)

    return SyncPool(make, limits)


def make_async_pool(base_url: str, limits: Limits, proxy: str | httpx.Proxy | None, verify: Verify = None) -> AsyncPool:
    """Return a connection pool for the async client.

    Raises:
        ConfigurationError: The proxy or the certificates cannot be used.
    """
    tls, through = _way(base_url, proxy, verify)

    def make() -> httpx.AsyncBaseTransport:
        from .async_connections import AsyncTransport

        return AsyncTransport(verify=tls, proxy=through, keepalive_expiry=limits.keepalive_expiry)

    return AsyncPool(make, limits)


def _way(base_url: str, proxy: str | httpx.Proxy | None, verify: Verify) -> tuple[ssl.SSLContext, httpx.Proxy | None]:
    """Return the TLS context with the trusted certificates, and the proxy."""
    proxy = proxy if proxy is not None else environment_proxy(base_url)
    if proxy is not None and not _is_usable(proxy):
        raise errors.ConfigurationError(
            "the proxy cannot be used: give http://host:port, https://host:port, or (with httpx[socks]) socks5://..."
        )
    # All connections share one TLS context, because loading the certificates is the slow part of making a client.
    # Without TLS no certificates are needed, so none are loaded.
    needed = base_url.startswith("https:") or verify is not None
    tls = trusted(verify) if needed else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return tls, httpx.Proxy(proxy) if isinstance(proxy, str) else proxy


def _is_usable(proxy: str | httpx.Proxy) -> bool:
    try:
        httpx.HTTPTransport(proxy=proxy, verify=False).close()
    except (ValueError, httpx.InvalidURL, ImportError):
        return False
    return True


def environment_proxy(base_url: str) -> str | None:
    """Return the proxy that ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` name for this host; none for loopback."""
    from urllib.request import getproxies, proxy_bypass

    url = httpx.URL(base_url)
    if is_loopback(url.host) or proxy_bypass(url.host):
        return None
    proxies = getproxies()
    found = proxies.get(url.scheme) or proxies.get("all")
    return found if not found or "://" in found else f"http://{found}"
