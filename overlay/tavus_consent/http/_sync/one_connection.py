# Derived from ../_async/one_connection.py by scripts/derive_sync.py, do not edit.
"""One connection in the place of httpcore's pool."""

from __future__ import annotations

import httpcore

from tavus_consent.http.interception import is_original


class OneConnection:
    """Stands in for httpcore's pool, which has nothing to arrange here. A mock of the pool is called, though."""

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
