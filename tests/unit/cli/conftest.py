"""The command, run in this process against a fake in this process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import httpx
import pytest

from tavus_consent.cli import main
from tavus_consent.ledger import open_ledger
from tavus_consent.testing import FakeTavus

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TRAIN = "https://bucket.example/train.mp4"


class Ended(NamedTuple):
    """The exit code and output of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Cli(Protocol):
    def __call__(self, *arguments: str) -> Ended: ...


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the variables from which rich derives colors and widths."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run the command."""

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        code = main(arguments)
        return Ended(code, *capsys.readouterr())

    return run


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeTavus:
    """A fake that the command calls; waiting moves its clock."""
    fake = FakeTavus(now=NOON)
    monkeypatch.setenv("TAVUS_API_KEY", fake.api_key)
    monkeypatch.setattr("tavus_consent.cli._flags.Tavus", lambda key, **more: fake.client(api_key=key, **more))
    return fake


@pytest.fixture
def answers(fake: FakeTavus, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[httpx.Request], Any]], None]:
    """Let a function answer instead of the fake."""

    def use(handler: Callable[[httpx.Request], Any]) -> None:
        transport = httpx.MockTransport(handler)
        monkeypatch.setattr(
            "tavus_consent.cli._flags.Tavus",
            lambda key, **more: fake.client(api_key=key, transport=transport, **more),
        )

    return use


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger without events: copying a file takes less time than making the tables anew."""
    path = tmp_path_factory.mktemp("empty") / "consent.db"
    open_ledger(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def ledger_file(fake: FakeTavus, tmp_path: Path, empty_ledger: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The ledger that the commands use, at the time of the fake. There is no account."""
    path = Path(shutil.copy(empty_ledger, tmp_path / "consent.db"))
    monkeypatch.setenv("TAVUS_CONSENT_LEDGER", f"sqlite:///{path}")
    monkeypatch.setattr("tavus_consent.cli._flags.SystemClock", lambda: fake.clock)
    monkeypatch.delenv("TAVUS_API_KEY")
    return path


@pytest.fixture
def account(fake: FakeTavus, ledger_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is one after all."""
    monkeypatch.setenv("TAVUS_API_KEY", fake.api_key)
