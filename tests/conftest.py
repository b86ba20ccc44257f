"""What many tests share: both clients behind one face, and a clock that nobody waits for."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tavus_consent import AsyncTavus, Tavus
from tavus_consent.testing.clock import FakeClock

Handler = Callable[[httpx.Request], httpx.Response]

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class AnyClient:
    """A sync or an async client, called the same way: ``client(lambda t: t.replicas.get("r1"))``."""

    def __init__(self, kind: str, **options: Any) -> None:
        self.kind = kind
        self.clock = options.setdefault("clock", FakeClock(NOW))
        options.setdefault("api_key", "key-for-tests")
        self.requests: list[httpx.Request] = []
        self.timeouts: list[dict[str, float]] = []
        handler = options.pop("handler", None)
        if handler is not None:
            options["transport"] = httpx.MockTransport(self._noting(handler))
        self.tavus: Any = Tavus(**options) if kind == "sync" else AsyncTavus(**options)
        self._runner = asyncio.Runner()

    def _noting(self, handler: Handler) -> Handler:
        def note(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            self.timeouts.append(dict(request.extensions["timeout"]))
            return handler(request)

        return note

    def __call__(self, use: Callable[[Any], Any]) -> Any:
        result = use(self.tavus)
        if inspect.isawaitable(result):
            return self._runner.run(_wait(result), context=copy_context())
        if hasattr(result, "__aiter__"):
            return self._runner.run(_collect(result), context=copy_context())
        return list(result) if hasattr(result, "pages") or isinstance(result, Iterator) else result

    def close(self) -> None:
        self(lambda tavus: tavus.close())
        self._runner.close()


async def _wait(value: Any) -> Any:
    return await value


async def _collect(values: AsyncIterator[Any]) -> list[Any]:
    return [value async for value in values]


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which of the two clients."""
    return str(request.param)


@pytest.fixture
def make_client(kind: str) -> Iterator[Callable[..., AnyClient]]:
    """Make clients of one kind; they are closed at the end."""
    made: list[AnyClient] = []

    def make(handler: Handler | None = None, **options: Any) -> AnyClient:
        client = AnyClient(kind, handler=handler, **options)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on, or leaks, the key of the person who runs it."""
    for name in ("TAVUS_API_KEY", "TAVUS_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
