"""Connections to one host: several small httpx transports that serve as one pool, and what can stand in for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Generic, TypeVar

import httpx

from ._policy import Limits
from ._urls import is_loopback

# httpcore looks at every connection of a pool for every other one, for each request: small pools cost less.
_CONNECTIONS_PER_TRANSPORT: Final = 10

T = TypeVar("T", httpx.BaseTransport, httpx.AsyncBaseTransport)


class Pool(Generic[T]):
    """Transports of one kind, of which the least busy one serves next."""

    def __init__(self, *transports: T) -> None:
        self.transports: tuple[T, ...] = transports
        self._busy = [0] * len(transports)
        self._lock = threading.Lock()

    @contextmanager
    def least_busy(self) -> Iterator[T]:
        """Borrow a transport for one request and its answer."""
        busy = self._busy
        with self._lock:
            index = busy.index(min(busy))
            busy[index] += 1
        try:
            yield self.transports[index]
        finally:
            with self._lock:
                busy[index] -= 1


class ClientAsTransport(httpx.BaseTransport):
    """A caller's own ``httpx.Client``, with its hooks, auth and proxies, as the transport. It stays theirs."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send through the caller's client."""
        return self._client.send(request, stream=True, follow_redirects=False)


class AsyncClientAsTransport(httpx.AsyncBaseTransport):
    """The same for ``httpx.AsyncClient``."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send through the caller's client."""
        return await self._client.send(request, stream=True, follow_redirects=False)


def make_pool(base_url: str, limits: Limits, proxy: str | httpx.Proxy | None) -> Pool[httpx.BaseTransport]:
    """Connections for the sync client."""
    return Pool(*(httpx.HTTPTransport(**options) for options in _pool_options(base_url, limits, proxy)))


def make_async_pool(base_url: str, limits: Limits, proxy: str | httpx.Proxy | None) -> Pool[httpx.AsyncBaseTransport]:
    """Connections for the async client."""
    return Pool(*(httpx.AsyncHTTPTransport(**options) for options in _pool_options(base_url, limits, proxy)))


def _pool_options(base_url: str, limits: Limits, proxy: str | httpx.Proxy | None) -> Iterator[dict[str, Any]]:
    proxy = proxy if proxy is not None else environment_proxy(base_url)
    # One TLS context for all: loading the certificates is what costs when a client is made.
    verify = httpx.create_ssl_context() if base_url.startswith("https:") else False
    count = max(1, limits.max_connections // _CONNECTIONS_PER_TRANSPORT)
    for index in range(count):
        yield {
            "verify": verify,
            "proxy": proxy,
            "limits": httpx.Limits(
                max_connections=_share(limits.max_connections, count, index),
                max_keepalive_connections=_share(limits.max_keepalive_connections, count, index),
                keepalive_expiry=limits.keepalive_expiry,
            ),
        }


def _share(total: int, count: int, index: int) -> int:
    return total // count + (index < total % count)


def environment_proxy(base_url: str) -> str | None:
    """The proxy that ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` name for this host. Loopback needs none."""
    from urllib.request import getproxies, proxy_bypass

    url = httpx.URL(base_url)
    if is_loopback(url.host) or proxy_bypass(url.host):
        return None
    proxies = getproxies()
    found = proxies.get(url.scheme) or proxies.get("all")
    return found if not found or "://" in found else f"http://{found}"
