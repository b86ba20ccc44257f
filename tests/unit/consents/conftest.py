"""A client of each kind on a fake Tavus, with a ledger in a file and without one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_consent.ledger import open_ledger

from .support import Desk

OpenDesk = Callable[..., Desk]


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger without events: copying a file takes less time than making the tables anew."""
    path = tmp_path_factory.mktemp("empty") / "consent.db"
    open_ledger(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def url(tmp_path: Path, empty_ledger: Path) -> str:
    """A ledger of one's own."""
    return f"sqlite:///{shutil.copy(empty_ledger, tmp_path / 'consent.db')}"


@pytest.fixture
def open_desk(make_client: Callable[..., Any]) -> OpenDesk:
    """Make desks, with a client of one kind each."""

    def make(ledger: str | None = None, **options: Any) -> Desk:
        return Desk(make_client, ledger, **options)

    return make


@pytest.fixture(params=["ledger", "memory"])
def desk(request: pytest.FixtureRequest, open_desk: OpenDesk) -> Desk:
    """A desk with a ledger, and one without."""
    return open_desk(request.getfixturevalue("url") if request.param == "ledger" else None)


@pytest.fixture
def memory_desk(open_desk: OpenDesk) -> Desk:
    """Return a desk in memory, for tests that do not depend on the store."""
    return open_desk()
