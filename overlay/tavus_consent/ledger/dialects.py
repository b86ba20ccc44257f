"""What SQLite and PostgreSQL do differently: how a write is locked, what damage looks like, how bytes are wiped."""

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


class Store(Protocol):
    """One kind of store."""

    residues: tuple[str, ...]
    keeps_a_writer: bool
    """Whether a connection that waits for the next write may be kept: a file does not hang up."""

    def engine(self) -> sa.Engine:
        """Connections, not opened yet."""
        ...

    def lock(self, connection: sa.Connection) -> None:
        """Wait until no other write of a ledger is under way; held to the end of the transaction."""
        ...

    def damage(self, connection: sa.Connection, table: sa.Table) -> str | None:
        """What the store itself finds wrong with a table."""
        ...

    def trigger_faults(self, connection: sa.Connection) -> list[str]:
        """What is wrong with the triggers that protect the events, in sentences."""
        ...

    def scrub(self, engine: sa.Engine) -> None:
        """Rewrite what may hold bytes of deleted rows."""
        ...


def store_for(url: sa.URL, busy_timeout: float) -> Store:
    """The kind of store that a URL names.

    Raises:
        ConfigurationError: No ledger can be kept there.
    """
    backend = url.get_backend_name()
    if backend == "sqlite":
        return SQLite(url, busy_timeout)
    if backend in ("postgresql", "postgres"):
        return PostgreSQL(url.set(drivername="postgresql+psycopg"), busy_timeout)
    raise ConfigurationError(f"A ledger cannot be kept in {backend!r}. Use sqlite:///file.db or postgresql://...")


class SQLite:
    """A file in WAL mode. Every commit is on the disk when it returns; deleted content is overwritten."""

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
        """An engine whose transactions begin when we say so: the driver would begin them too late."""
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
        """Nothing to do: BEGIN IMMEDIATE has waited."""

    def damage(self, connection: sa.Connection, table: sa.Table) -> str | None:
        """SQLite's own check of the table and its indexes: a changed index would hide events from a record."""
        answer = str(connection.exec_driver_sql(f"PRAGMA integrity_check({table.name})").scalar())
        return None if answer == "ok" else answer

    def trigger_faults(self, connection: sa.Connection) -> list[str]:
        """By SQLite's own catalogue."""
        return triggers.of_sqlite(connection.exec_driver_sql(triggers.OF_SQLITE))

    def scrub(self, engine: sa.Engine) -> None:
        """Rewrite the file from its living rows, then empty the log that carried the old ones."""
        with engine.connect() as connection:
            file: Any = connection.connection.driver_connection  # VACUUM runs outside of transactions only
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
            # The log and the index beside it take their mode from it.
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
            except sqlite3.OperationalError:  # SQLite does not wait here, though only others opening it are in the way
                if monotonic() > deadline:
                    raise
                sleep(0.01)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA temp_store = MEMORY")  # VACUUM's copy must not pass over the disk


def _check_private(path: Path) -> None:
    """Refuse a file that other users may read: it holds personal data, encrypted, and what happened to whom."""
    # Windows has no such bits: there the folder of the user protects it.
    with suppress(FileNotFoundError):
        if path.stat().st_mode & 0o077 and sys.platform != "win32":
            raise LedgerUnavailable(f"Others may use the ledger's file: make it mode 600 (chmod 600 {path})")


def _begin(connection: sa.Connection) -> None:
    file: Any = connection.connection.driver_connection  # around SQLAlchemy, which takes longer than the statement
    file.execute("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN")


class PostgreSQL:
    """A database whose writes of ledgers wait for one advisory lock."""

    keeps_a_writer = False
    residues: tuple[str, ...] = (
        "PostgreSQL's write-ahead log keeps the encrypted bytes and the wrapped key until its files are used again; "
        "archived logs, replicas and backups keep them longer.",
        "Rotate the vault's key and destroy the old one to make them unreadable.",
    )

    def __init__(self, url: sa.URL, busy_timeout: float) -> None:
        self._url = url
        self._timeout = busy_timeout

    def engine(self) -> sa.Engine:
        """An engine that notices connections that died in its pool."""
        try:
            engine = sa.create_engine(self._url, hide_parameters=True, pool_pre_ping=True)
        except ImportError:
            raise MissingExtraError("postgres", "a ledger in PostgreSQL") from None
        sa.event.listen(engine, "connect", self._prepare)
        return engine

    def lock(self, connection: sa.Connection) -> None:
        """Readers do not take this lock, and every statement after it sees what was committed before."""
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))

    def damage(self, connection: sa.Connection, table: sa.Table) -> str | None:
        """PostgreSQL has no check that every installation can run."""
        return None

    def trigger_faults(self, connection: sa.Connection) -> list[str]:
        """By PostgreSQL's catalogue; a trigger that is switched off is a changed one."""
        return triggers.of_postgresql(connection.exec_driver_sql(triggers.OF_POSTGRESQL))

    def scrub(self, engine: sa.Engine) -> None:
        """Rewrite the vault's tables into new files; the old ones are emptied and removed."""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                connection.exec_driver_sql(f"VACUUM FULL {keys.name}, {items.name}, {index.name}")
            except sa.exc.OperationalError as error:  # the lock was not had in time
                raise _incomplete() from error

    def _prepare(self, connection: Any, _: Any) -> None:
        connection.autocommit = True
        connection.execute(f"SET lock_timeout = {int(self._timeout * 1000)}")
        connection.autocommit = False


def _incomplete() -> ErasureIncomplete:
    return ErasureIncomplete(
        "The person's key and data are deleted, but the files could not be cleaned of old bytes while others use the "
        "ledger. Erase again when they are done."
    )
