"""Shared fixtures: both clients behind one interface, and a clock that advances without waiting."""

from __future__ import annotations

import asyncio
import base64
import gc
import inspect
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings

from tavus_consent import AsyncTavus, Tavus
from tavus_consent.testing import FakeClock

Handler = Callable[[httpx.Request], httpx.Response]

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MEMORY = "/dev/shm"

# No test depends on the speed of the machine. Profiles differ only in how many examples they try.
settings.register_profile(
    "full", max_examples=100, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("quick", settings.get_profile("full"), max_examples=25)
settings.register_profile("long", settings.get_profile("full"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose one seed for all processes of a run, before the plugin of Hypothesis reads it."""
    gc.set_threshold(10_000)  # looking more often takes a twentieth of all time; it is done after each file anyway
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = os.environ.get("SEED") or str(secrets.randbelow(2**32))
    if in_memory(MEMORY):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)  # where pytest keeps folders of tests


def in_memory(path: str) -> bool:
    """Return True if files below a path are in memory and may be large and executable. A ledger waits for a disk."""
    try:
        found = os.statvfs(path)
    except (AttributeError, OSError):  # not on this system
        return False
    return os.access(path, os.W_OK) and not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize > 4 * 10**9


def pytest_xdist_auto_num_workers() -> int:
    """Return two processes more than there are processors: many tests wait for sockets, disks or processes."""
    return 2 + (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the short files for the end, so that all processes end at the same time."""
    items.sort(key=lambda item: item.path.parent.name == "unit")


def pytest_collection_finish() -> None:
    """Let the collector pass over what is here before the first test: it looks at the rest after each file."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print how to draw the same examples again."""
    profile, seed = settings.get_current_profile_name(), config.option.hypothesis_seed
    terminalreporter.write_line(f"Hypothesis: HYPOTHESIS_PROFILE={profile}, --hypothesis-seed={seed}")


class AnyClient:
    """A sync or an async client, called the same way: ``client(lambda t: t.replicas.get("r1"))``."""

    def __init__(self, kind: str, **options: Any) -> None:
        self.kind = kind
        self.clock = options.setdefault("clock", FakeClock(NOW))
        options.setdefault("api_key", "key-for-tests")
        options.setdefault("ledger", None)
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


@pytest.fixture(scope="session", autouse=True)
def _clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test depends on, or leaks, the key of the person who runs it, or writes to their home.

    It is set once for all tests of a process: doing so for each takes longer than most of them.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("TAVUS_API_KEY", "TAVUS_BASE_URL", "TAVUS_CONSENT_LEDGER"):
            patch.delenv(name, raising=False)
        _keep_data_in(tmp_path_factory, patch)  # for the fixtures of a session
        patch.setenv("TAVUS_CONSENT_KEY", base64.urlsafe_b64encode(bytes(32)).decode())
        yield


def _keep_data_in(folders: pytest.TempPathFactory, patch: pytest.MonkeyPatch) -> None:
    home = str(folders.mktemp("data"))
    patch.setenv("XDG_DATA_HOME", home)
    patch.setenv("LOCALAPPDATA", home)


def _ours() -> dict[str, str]:
    """Return the part of the environment that the SDK reads."""
    return {name: value for name, value in os.environ.items() if name.startswith(("TAVUS_", "XDG_", "LOCALAPPDATA"))}


@pytest.fixture(scope="module", autouse=True)
def _no_leaks(_clean_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Report unclosed or unrestored objects in the file of the test that left them, not in a later test.

    Each file has a default ledger of its own: what a ledger knows of a recording counts for every create.
    """
    with pytest.MonkeyPatch.context() as patch:
        _keep_data_in(tmp_path_factory, patch)
        before = _ours()
        yield
        gc.collect()
        assert _ours() == before
