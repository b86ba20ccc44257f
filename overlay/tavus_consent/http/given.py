"""Adapters for an httpx transport or client that the caller passes in place of the SDK's connection pool."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx


class GivenTransport:
    """The caller's own transport, shared by all calls. The caller manages its connections."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    @contextmanager
    def borrow(self, seconds: float, *, fresh: bool) -> Iterator[httpx.BaseTransport]:
        yield self._transport

    def close(self) -> None:
        self._transport.close()


class GivenAsyncTransport:
    """The caller's own transport for the async client."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    @asynccontextmanager
    async def borrow(self, *, fresh: bool) -> AsyncIterator[httpx.AsyncBaseTransport]:
        yield self._transport

    def other_loop(self) -> None:
        """Return ``None``, because the event loop of the caller's transport is unknown."""

    async def close(self) -> None:
        await self._transport.aclose()


class ClientAsTransport(httpx.BaseTransport):
    """A transport that sends through the caller's ``httpx.Client``, with its hooks, auth and proxies.

    It does not close the client.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send through the caller's client."""
        return self._client.send(request, stream=True, follow_redirects=False)


class AsyncClientAsTransport(httpx.AsyncBaseTransport):
    """A transport that sends through the caller's ``httpx.AsyncClient``."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send through the caller's client."""
        return await self._client.send(request, stream=True, follow_redirects=False)
