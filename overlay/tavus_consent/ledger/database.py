"""The database under the ledger: reading, writing one at a time, migrating. All of SQLAlchemy's errors end here."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from tavus_consent.errors import ClientClosedError, ConfigurationError, LedgerBroken, LedgerUnavailable

from . import dialects as stores
from .schema import TABLES, VERSION, VERSION_TABLE, events, identity, sa

BUSY_TIMEOUT: Final = 30.0
"""Seconds that a write waits for the writes of others."""


class Identity(NamedTuple):
    """What the ledger knows of itself: the columns of the table, in its order.

    Attributes:
        ledger_id: Its random name.
        fold: The fold that the projection was made with; 0 when there is no projection yet.
        indexed: How far the index was filled.
        imported: Up to which event all were imported, so that their personal data is elsewhere.
        checksum: Over all of them; empty when there is no projection yet.
    """

    ledger_id: str
    fold: int
    indexed: int
    imported: int
    checksum: str

    def sum(self) -> str:
        """What the checksum has to be."""
        return hashlib.sha256(f"{self.ledger_id} {self.fold} {self.indexed} {self.imported}".encode()).hexdigest()


class Database:
    """A store that several threads and processes may use at once.

    Args:
        url: ``sqlite:///path/to/file.db`` or ``postgresql://user:password@host/name``.
        busy_timeout: Seconds to wait for the writes of others.

    Attributes:
        ledger_id: The ledger's random name.
        is_indexed: Whether the index is known to hold everything.
        driver: The module that speaks to the store, for its exceptions: what :func:`run` raises.

    Raises:
        ConfigurationError: The URL names no store that can be used.
        MissingExtraError: The driver is not installed.
        LedgerUnavailable: It cannot be opened.
    """

    def __init__(self, url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        try:
            parsed = sa.make_url(url)
        except sa.exc.ArgumentError:
            raise ConfigurationError("The ledger's URL cannot be read: sqlite:///file.db or postgresql://...") from None
        self._store = stores.store_for(parsed, busy_timeout)
        self._engine = self._store.engine()
        self._writer = self._engine.execution_options(**{stores.WRITES: True})
        self.driver: Any = self._engine.dialect.dbapi
        self._writing = threading.Lock()
        self._kept: sa.Connection | None = None
        self._owner: int | None = None
        self._closed = False
        self.is_indexed = False
        try:
            self._upgrade()
            self.ledger_id = self.identity().ledger_id
        finally:
            self.release()

    def __repr__(self) -> str:
        if not hasattr(self, "_engine"):  # the constructor raised
            return "<Database not opened>"
        return f"<Database {self._engine.url!r}>"

    @property
    def residues(self) -> tuple[str, ...]:
        """Where this kind of store may keep bytes of what was erased, beyond our reach."""
        return self._store.residues

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that reads."""
        with self._errors(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that no other write of this ledger runs beside; an exception takes everything back."""
        with self._errors(), self._writing, self._to_write() as connection, connection.begin():
            self._store.lock(connection)
            yield connection

    @contextmanager
    def _to_write(self) -> Iterator[sa.Connection]:
        """A connection for one write after another: to borrow and give back one takes as long as the statements."""
        if not self._store.keeps_a_writer:
            with self._writer.connect() as connection:
                yield connection
            return
        kept, self._kept = self._kept or self._writer.connect(), None
        try:
            yield kept
        except BaseException:
            kept.close()
            raise
        if self._closed:  # meanwhile, by another thread
            kept.close()
        else:
            self._kept = kept

    @property
    def key_name(self) -> str:
        """Under which name the ledger's own key lies among the keys of persons. No person can have it."""
        return f".{self.ledger_id}"

    def identity(self) -> Identity:
        """Return what the ledger knows of itself, or raise ``LedgerBroken``."""
        with self.read() as connection:
            return _identity(connection)

    def note(self, connection: sa.Connection, **changes: int) -> None:
        """Change what the ledger knows of itself, inside a write."""
        known = Identity(**{**_identity(connection)._asdict(), **changes})
        values = known._replace(checksum=known.sum())._asdict()
        connection.execute(sa.update(identity).values(values))

    def damage(self, table: sa.Table = events) -> str | None:
        """What the store's own check of a table says, or ``None`` when it has none or all is well."""
        with self.read() as connection:
            return self._store.damage(connection, table)

    def faults(self) -> Iterator[str]:
        """What is wrong with triggers, tables and the ledger's own row, in sentences."""
        with self.read() as connection:
            yield from self._store.trigger_faults(connection)
            versions = _versions(connection)
        if versions != [VERSION]:
            yield f"the version of the tables is {versions!r}, not {VERSION}"
        try:
            known = self.identity()
            if known.checksum != known.sum():
                yield "the ledger's own row was changed"
            if known.ledger_id != self.ledger_id:
                yield "the ledger has another name than when it was opened"
        except LedgerBroken as error:
            yield str(error)
        for table in TABLES:
            if (damage := self.damage(table)) is not None:
                yield f"the store's own check failed: {damage}"

    def scrub(self) -> None:
        """Rewrite what may still hold the bytes of deleted rows.

        Raises:
            ErasureIncomplete: Others read or write and did not end in time.
        """
        with self._errors(), self._writing:
            self._store.scrub(self._engine)

    def release(self) -> None:
        """Close idle connections and forget the process, so that children of a later fork() can use the ledger."""
        self._let_go()
        self._engine.dispose()
        self._owner = None

    def close(self) -> None:
        """Close all connections. Closing twice is fine."""
        # What a fork() left here belongs to the parent: the child must not touch its sockets and locks.
        self._closed = True
        is_mine = self._owner in (None, os.getpid())
        if is_mine:
            self._let_go()
        self._engine.dispose(close=is_mine)

    def _let_go(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        if self._closed:
            raise ClientClosedError("The ledger is closed. Open another one.")
        self._owner = self._owner or os.getpid()
        if os.getpid() != self._owner:
            raise ClientClosedError(
                "The ledger was opened before a fork() and used there. Open one, or make a new client, in each process."
            )
        try:
            yield
        # A damaged file makes messages that are no text, and errors outside of statements.
        except (sa.exc.SQLAlchemyError, self.driver.Error, UnicodeError) as error:
            # Not the text of the statement; parameters are hidden by the engine.
            cause = getattr(error, "orig", None) or error
            raise LedgerUnavailable(f"The ledger cannot be read or written ({_first_line(cause)}).") from error

    def _upgrade(self) -> None:
        with self.read() as connection:
            version = _version(connection)
        if version is None or version < VERSION:
            with self.write() as connection:
                if _version(connection) != VERSION:  # another process may have been faster
                    _migrate(connection)
        elif version > VERSION:
            raise LedgerUnavailable("The ledger was written by a newer version of tavus-consent. Upgrade this one.")


def run(connection: sa.Connection, statement: sa.Executable, values: Mapping[str, Any]) -> Any:
    """Execute a statement that every append needs, past SQLAlchemy, which takes longer than the store."""
    text, names = _compiled(statement, connection.dialect)
    cursor = connection.connection.cursor()
    cursor.execute(text, values if names is None else [values[name] for name in names])
    return cursor


@lru_cache(maxsize=64)
def _compiled(statement: Any, dialect: sa.Dialect) -> tuple[str, list[str] | None]:
    compiled = statement.compile(dialect=dialect)
    return str(compiled), compiled.positiontup


def _identity(connection: sa.Connection) -> Identity:
    rows = connection.execute(sa.select(identity)).all()
    if len(rows) != 1:
        raise LedgerBroken(f"The ledger's own row is there {len(rows)} times, not once.", seq=None)
    return Identity(*rows[0])


def _version(connection: sa.Connection) -> str | None:
    return next(iter(_versions(connection)), None) if sa.inspect(connection).has_table(VERSION_TABLE) else None


def _versions(connection: sa.Connection) -> list[str]:
    version = sa.column("version_num", sa.String)
    return list(connection.execute(sa.select(version).select_from(sa.table(VERSION_TABLE))).scalars())


def _migrate(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise LedgerUnavailable(f"The ledger's tables cannot be brought up to date ({error}).") from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
