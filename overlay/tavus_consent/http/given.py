"""What stands in for connections of ours: a transport or a client of httpx that the caller gave."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx


class GivenTransport:
    """A transport of the caller's, lent to as many as ask. Its connections are the caller's business."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    @contextmanager
    def borrow(self, seconds: float, *, fresh: bool) -> Iterator[httpx.BaseTransport]:
        yield self._transport

    def close(self) -> None:
        self._transport.close()


class GivenAsyncTransport:
    """The same for the async client."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    @asynccontextmanager
    async def borrow(self, *, fresh: bool) -> AsyncIterator[httpx.AsyncBaseTransport]:
        yield self._transport

    def other_loop(self) -> None:
        """Whose loop a given transport belongs to is not known."""

    async def close(self) -> None:
        await self._transport.aclose()


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
