"""Somebody who receives callbacks, with a ledger in a file and without one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_consent.ledger import open_ledger

from .support import Post

OpenPost = Callable[..., Post]


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
def memory(make_client: Callable[..., Any]) -> Post:
    """Callbacks that are kept in memory."""
    return Post(make_client)


@pytest.fixture(params=["ledger", "memory"])
def here(request: pytest.FixtureRequest, make_client: Callable[..., Any]) -> Post:
    """Callbacks that are kept in a ledger, or in memory."""
    return Post(make_client, request.getfixturevalue("url") if request.param == "ledger" else None)
