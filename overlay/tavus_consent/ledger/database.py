"""The database of the ledger: concurrent reads, serialized writes, migrations.

No SQLAlchemy error leaves this module.
"""

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
from .schema import TABLES, VERSION, VERSION_TABLE, WORK_TABLES, events, identity, sa

BUSY_TIMEOUT: Final = 30.0
"""The number of seconds that a write waits for other writes."""


class Identity(NamedTuple):
    """The identity row of a ledger: the columns of the table, in their order.

    Attributes:
        ledger_id: The random name of the ledger.
        fold: The version of the fold that made the projection; 0 if there is no projection yet.
        indexed: The version of the index.
        imported: The last imported event; the personal data of events up to it is elsewhere.
        checksum: The checksum over all of them; empty if there is no projection yet.
    """

    ledger_id: str
    fold: int
    indexed: int
    imported: int
    checksum: str

    def sum(self) -> str:
        """Return the expected checksum."""
        return hashlib.sha256(f"{self.ledger_id} {self.fold} {self.indexed} {self.imported}".encode()).hexdigest()


class Database:
    """A store that several threads and processes may use at once.

    Args:
        url: ``sqlite:///path/to/file.db`` or ``postgresql://user:password@host/name``.
        busy_timeout: Seconds to wait for other writes.

    Attributes:
        ledger_id: The random name of the ledger.
        is_indexed: True if the index is known to be complete.
        driver: The driver module, for its exceptions, which :func:`run` raises.

    Raises:
        ConfigurationError: The URL does not name a supported store.
        MissingExtraError: The driver is not installed.
        LedgerUnavailable: The store cannot be opened.
    """

    def __init__(self, url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        try:
            parsed = sa.make_url(url)
        except sa.exc.ArgumentError:
            raise ConfigurationError("The ledger URL is invalid. Use sqlite:///file.db or postgresql://...") from None
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
        """The places where this kind of store may keep erased bytes beyond the reach of the SDK."""
        return self._store.residues

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a connection that reads."""
        with self._errors(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a transaction that excludes other writes to this ledger; an exception rolls it back."""
        with self._errors(), self._writing, self._to_write() as connection, connection.begin():
            self._store.lock(connection)
            yield connection

    @contextmanager
    def _to_write(self) -> Iterator[sa.Connection]:
        """Open a connection for consecutive writes: borrowing one for each write would double its time."""
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
        if self._closed:  # meanwhile, by another thread, together with the pool
            kept.detach()
            kept.close()
        else:
            self._kept = kept

    @property
    def key_name(self) -> str:
        """The name of the ledger's own key among the keys of persons. No person can have this name."""
        return f".{self.ledger_id}"

    def identity(self) -> Identity:
        """Return the identity row of the ledger.

        Raises:
            LedgerBroken: The row is missing, or there are several.
        """
        with self.read() as connection:
            return _identity(connection)

    def note(self, connection: sa.Connection, **changes: int) -> None:
        """Change the identity row, inside a write."""
        known = Identity(**{**_identity(connection)._asdict(), **changes})
        values = known._replace(checksum=known.sum())._asdict()
        connection.execute(sa.update(identity).values(values))

    def damage(self, table: sa.Table = events) -> str | None:
        """Return the fault that the store's own check finds in a table, or ``None``."""
        with self.read() as connection:
            return self._store.damage(connection, table)

    def faults(self) -> Iterator[str]:
        """Yield the faults of triggers, tables and the identity row, each in a sentence."""
        with self.read() as connection:
            yield from self._store.trigger_faults(connection)
            versions = _versions(connection)
        if versions != [VERSION]:
            yield f"the version of the tables is {versions!r}, not {VERSION}"
        try:
            known = self.identity()
            if known.checksum != known.sum():
                yield "the ledger's identity row was changed"
            if known.ledger_id != self.ledger_id:
                yield "the ledger has a different name than when it was opened"
        except LedgerBroken as error:
            yield str(error)
        for table in (*TABLES, *WORK_TABLES):
            if (damage := self.damage(table)) is not None:
                yield f"the store's own check failed: {damage}"

    def scrub(self) -> None:
        """Rewrite the files that may still hold the bytes of deleted rows.

        Raises:
            ErasureIncomplete: Other readers or writers did not finish in time.
        """
        with self._errors(), self._writing:
            self._store.scrub(self._engine)

    def release(self) -> None:
        """Close idle connections and forget the process, so that children of a later fork() can use the ledger."""
        self._let_go()
        self._engine.dispose()
        self._owner = None

    def close(self) -> None:
        """Close all connections. You can call it twice."""
        # Connections inherited through fork() belong to the parent: the child must not touch their sockets and locks.
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
            raise ClientClosedError("The ledger is closed. Open a new one.")
        self._owner = self._owner or os.getpid()
        if os.getpid() != self._owner:
            raise ClientClosedError(
                "The ledger was opened before a fork(). Open a ledger, or create a client, in each process."
            )
        try:
            yield
        # A damaged file causes messages that are not text, and errors outside of statements.
        except (sa.exc.SQLAlchemyError, self.driver.Error, UnicodeError) as error:
            # Omit the text of the statement; the engine hides the parameters.
            cause = getattr(error, "orig", None) or error
            raise LedgerUnavailable(f"The ledger cannot be read or written ({_first_line(cause)}).") from error

    def _upgrade(self) -> None:
        with self.read() as connection:
            version = _version(connection)
        if version is None or version < VERSION:
            with self.write() as connection:
                if _version(connection) != VERSION:  # another process may have migrated first
                    _migrate(connection)
        elif version > VERSION:
            raise LedgerUnavailable("The ledger was written by a newer version of tavus-consent. Upgrade it.")


def run(connection: sa.Connection, statement: sa.Executable, values: Mapping[str, Any]) -> Any:
    """Execute a statement that every append needs, without the overhead of SQLAlchemy.

    Args:
        connection: A connection of :class:`Database`.
        statement: A module-level statement, so that it is compiled once.
        values: A value for each parameter.

    Returns:
        The cursor of the driver.
    """
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
        raise LedgerBroken(f"The ledger has {len(rows)} identity rows instead of one.", seq=None)
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
        raise LedgerUnavailable(f"The ledger's tables cannot be migrated ({error}).") from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
