"""One connection in the place of httpcore's pool."""

from __future__ import annotations

import httpcore

from tavus_consent.http.interception import is_original


class AsyncOneConnection:
    """Stands in for httpcore's pool, which has nothing to arrange here. A mock of the pool is called, though."""

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
