"""Connections to one host, each an httpx transport of its own.

httpcore's pool serves one connection at a time well. With more of them its cost grows with their square, a call that is
cancelled at the wrong moment takes its connection away for ever, and what waits in its line is sent even after it was
closed. So the line and the places in it are here, and each transport has a single connection.
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
    """Where the sync client gets a transport for one request and its answer."""

    def borrow(self, seconds: float, *, fresh: bool) -> AbstractContextManager[httpx.BaseTransport]:
        """Borrow one, with a new connection if that is asked for.

        Raises:
            httpx.PoolTimeout: None gets free in time.
        """
        ...

    def close(self) -> None:
        """Close them, also those that are lent."""
        ...


class AsyncTransports(Protocol):
    """Where the async client gets a transport for one request and its answer."""

    def borrow(self, *, fresh: bool) -> AbstractAsyncContextManager[httpx.AsyncBaseTransport]:
        """Borrow one, however long it takes, with a new connection if that is asked for."""
        ...

    def other_loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that the connections belong to, if that is not the running one."""
        ...

    async def close(self) -> None:
        """Close them, also those that are lent."""
        ...


class _Store(Generic[T]):
    """Which transports are idle, which are lent, and which have to be closed. Thread-safe; closes nothing itself."""

    def __init__(self, make: Callable[[], T], limits: Limits) -> None:
        self._make = make
        self._limits = limits
        self._lock = threading.Lock()
        self._closed = False
        self._lent: set[T] = set()
        #: the idle ones, each with the time since which it is, the last used one last
        self._idle: deque[tuple[T, float]] = deque()

    def take(self) -> T:
        with self._lock:
            transport = self._idle.pop()[0] if self._idle else self._make()
            self._lent.add(transport)
            return transport

    def give_back(self, transport: T, *, usable: bool) -> list[T]:
        """Take one back; returns what has to be closed now."""
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
        """Give all of them away to be closed, and do so from now on."""
        with self._lock:
            self._closed = True
            everything = [*self._lent, *(transport for transport, _ in self._idle)]
            self._idle.clear()
            return everything


class SyncPool:
    """At most ``max_connections`` connections for threads."""

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
                    transport.close()  # which closes its connection; the next request opens another one
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
    """At most ``max_connections`` connections for tasks."""

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
    """Connections for the sync client.

    Raises:
        ConfigurationError: The proxy or the certificates cannot be used.
    """
    tls, through = _way(base_url, proxy, verify)

    def make() -> httpx.BaseTransport:
        from .connections import DeadlineTransport  # which imports httpcore: not before it is needed

        return DeadlineTransport(verify=tls, proxy=through, keepalive_expiry=limits.keepalive_expiry)

    return SyncPool(make, limits)


def make_async_pool(base_url: str, limits: Limits, proxy: str | httpx.Proxy | None, verify: Verify = None) -> AsyncPool:
    """Connections for the async client.

    Raises:
        ConfigurationError: The proxy or the certificates cannot be used.
    """
    tls, through = _way(base_url, proxy, verify)

    def make() -> httpx.AsyncBaseTransport:
        from .async_connections import AsyncTransport

        return AsyncTransport(verify=tls, proxy=through, keepalive_expiry=limits.keepalive_expiry)

    return AsyncPool(make, limits)


def _way(base_url: str, proxy: str | httpx.Proxy | None, verify: Verify) -> tuple[ssl.SSLContext, httpx.Proxy | None]:
    """The certificates that are trusted, and the proxy."""
    proxy = proxy if proxy is not None else environment_proxy(base_url)
    if proxy is not None and not _is_usable(proxy):
        raise errors.ConfigurationError(
            "the proxy cannot be used: give http://host:port, https://host:port, or (with httpx[socks]) socks5://..."
        )
    # One TLS context for all: loading the certificates is what costs when a client is made.
    # Without TLS none are needed, so none are trusted.
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
    """The proxy that ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` name for this host. Loopback needs none."""
    from urllib.request import getproxies, proxy_bypass

    url = httpx.URL(base_url)
    if is_loopback(url.host) or proxy_bypass(url.host):
        return None
    proxies = getproxies()
    found = proxies.get(url.scheme) or proxies.get("all")
    return found if not found or "://" in found else f"http://{found}"
