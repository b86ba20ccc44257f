"""The differences between SQLite and PostgreSQL: locking writes, detecting damage, wiping bytes."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, Protocol

from tavus_consent.errors import ConfigurationError, ErasureIncomplete, LedgerUnavailable, MissingExtraError

from . import triggers
from .schema import index, items, keys, sa

WRITES: Final = "tavus_consent_writes"
"""The execution option of connections that write."""
_BESIDE: Final = ("wal", "shm", "journal")
_ADVISORY_LOCK: Final = 0x7461767573_01  # "tavus", 1: one lock for all writes of ledgers in a database


class Dialect(Protocol):
    """One kind of store."""

    residues: tuple[str, ...]
    keeps_a_writer: bool
    """True if an idle write connection may be kept, because a file does not hang up."""

    def engine(self) -> sa.Engine:
        """Return an engine without open connections."""
        ...

    def lock(self, connection: sa.Connection) -> None:
        """Wait until no other write to a ledger is in progress; hold the lock until the transaction ends."""
        ...

    def damage(self, connection: sa.Connection, table: sa.Table) -> str | None:
        """Return the fault that the store itself finds in a table, or ``None``."""
        ...

    def trigger_faults(self, connection: sa.Connection) -> list[str]:
        """Return the faults of the triggers that protect the events, in sentences."""
        ...

    def scrub(self, engine: sa.Engine) -> None:
        """Rewrite the files that may hold bytes of deleted rows."""
        ...


def store_for(url: sa.URL, busy_timeout: float) -> Dialect:
    """Return the kind of store that a URL names.

    Raises:
        ConfigurationError: The kind is not supported.
    """
    backend = url.get_backend_name()
    if backend == "sqlite":
        return SQLite(url, busy_timeout)
    if backend in ("postgresql", "postgres"):
        return PostgreSQL(url.set(drivername="postgresql+psycopg"), busy_timeout)
    raise ConfigurationError(f"A ledger cannot be kept in {backend!r}. Use sqlite:///file.db or postgresql://...")


class SQLite:
    """A file in WAL mode. Commits are durable when they return; deleted content is overwritten."""

    keeps_a_writer = True
    residues: tuple[str, ...] = (
        "The file system and the disk may keep old blocks of the file; backups keep what they hold.",
        "Rotate the vault's key to make the old blocks unreadable.",
    )

    def __init__(self, url: sa.URL, busy_timeout: float) -> None:
        if not url.database or url.database == ":memory:" or url.query:
            raise ConfigurationError(
                "A ledger in SQLite needs a file: sqlite:///consent.db, or sqlite:////absolute/path.db"
            )
        self._path = Path(url.database)
        self._timeout = busy_timeout
        self._url = url.set(drivername="sqlite+pysqlite")

    def engine(self) -> sa.Engine:
        """Return an engine whose transactions begin explicitly: the driver would begin them too late."""
        self._make_file()
        engine = sa.create_engine(
            self._url,
            hide_parameters=True,
            connect_args={"timeout": self._timeout, "check_same_thread": False, "isolation_level": None},
        )
        sa.event.listen(engine, "connect", self._prepare)
        sa.event.listen(engine, "begin", _begin)
        return engine

    def lock(self, connection: sa.Connection) -> None:
        """Do nothing: BEGIN IMMEDIATE has waited."""

    def damage(self, connection: sa.Connection, table: sa.Table) -> str | None:
        """Run SQLite's own check of the table and its indexes. A changed index could hide events of a record."""
        answer = str(connection.exec_driver_sql(f"PRAGMA integrity_check({table.name})").scalar())
        return None if answer == "ok" else answer

    def trigger_faults(self, connection: sa.Connection) -> list[str]:
        """Compare with SQLite's own catalog."""
        return triggers.of_sqlite(connection.exec_driver_sql(triggers.OF_SQLITE))

    def scrub(self, engine: sa.Engine) -> None:
        """Rewrite the file from its live rows, then truncate the log that held the old ones."""
        with engine.connect() as connection:
            file: Any = connection.connection.driver_connection  # VACUUM only runs outside of transactions
            try:
                file.execute("VACUUM")
                busy = file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.OperationalError as error:
                raise _incomplete() from error
        if busy:
            raise _incomplete()

    def _make_file(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # The log and the index next to the file inherit its mode.
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            for path in (self._path, *(self._path.with_name(f"{self._path.name}-{kind}") for kind in _BESIDE)):
                _check_private(path)
        except OSError as error:
            raise LedgerUnavailable(f"The ledger's file cannot be opened ({error.strerror}): {self._path}") from error

    def _prepare(self, connection: sqlite3.Connection, _: Any) -> None:
        deadline = monotonic() + self._timeout
        while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:  # SQLite does not wait here, although only other openers are in the way
                if monotonic() > deadline:
                    raise
                sleep(0.01)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA temp_store = MEMORY")  # VACUUM must not write its copy to the disk


def _check_private(path: Path) -> None:
    """Refuse a file that other users may read: it holds encrypted personal data and the history of each record."""
    # Windows has no such mode bits; there, the user's folder protects the file.
    with suppress(FileNotFoundError):
        if path.stat().st_mode & 0o077 and sys.platform != "win32":
            raise LedgerUnavailable(f"Other users can access the ledger's file. Make it mode 600: chmod 600 {path}")


def _begin(connection: sa.Connection) -> None:
    file: Any = connection.connection.driver_connection  # without SQLAlchemy's overhead
    file.execute("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN")


class PostgreSQL:
    """A database whose ledger writes wait for one advisory lock."""

    keeps_a_writer = False
    residues: tuple[str, ...] = (
        "PostgreSQL's write-ahead log keeps the encrypted bytes and the wrapped key until its files are reused; "
        "archived logs, replicas and backups keep them longer.",
        "Rotate the vault's key and destroy the old one to make them unreadable.",
    )

    def __init__(self, url: sa.URL, busy_timeout: float) -> None:
        self._url = url
        self._timeout = busy_timeout

    def engine(self) -> sa.Engine:
        """Return an engine that detects dead connections in its pool."""
        try:
            engine = sa.create_engine(self._url, hide_parameters=True, pool_pre_ping=True)
        except ImportError:
            raise MissingExtraError("postgres", "a ledger in PostgreSQL") from None
        sa.event.listen(engine, "connect", self._prepare)
        return engine

    def lock(self, connection: sa.Connection) -> None:
        """Take the lock. Readers do not take it, and every later statement sees what was committed before."""
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))

    def damage(self, connection: sa.Connection, table: sa.Table) -> str | None:
        """Return None: PostgreSQL has no check that every installation can run."""
        return None

    def trigger_faults(self, connection: sa.Connection) -> list[str]:
        """Compare with PostgreSQL's catalog. A disabled trigger counts as changed."""
        return triggers.of_postgresql(connection.exec_driver_sql(triggers.OF_POSTGRESQL))

    def scrub(self, engine: sa.Engine) -> None:
        """Rewrite the vault's tables into new files; PostgreSQL removes the old ones."""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                connection.exec_driver_sql(f"VACUUM FULL {keys.name}, {items.name}, {index.name}")
            except sa.exc.OperationalError as error:  # the lock was not acquired in time
                raise _incomplete() from error

    def _prepare(self, connection: Any, _: Any) -> None:
        connection.autocommit = True
        connection.execute(f"SET lock_timeout = {int(self._timeout * 1000)}")
        connection.autocommit = False


def _incomplete() -> ErasureIncomplete:
    return ErasureIncomplete(
        "The person's key and data are deleted, but old bytes could not be removed from the files while others use "
        "the ledger. Erase again when they are done."
    )
