"""A ledger as a whole: opening, checking and closing it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from attrs import frozen

from tavus_consent._arguments import check_seconds, check_type
from tavus_consent._frames import hides_locals
from tavus_consent.errors import ConfigurationError

if TYPE_CHECKING:
    from .chain import Head, Verification
    from .database import Database
    from .index import Index
    from .store import EventStore
    from .vault import Vault


@frozen
class Ledger:
    """The parts of a ledger over one database.

    Attributes:
        store: The events.
        vault: The personal data.
        index: The index that finds records.
    """

    store: EventStore
    vault: Vault
    index: Index
    _database: Database

    def verify(
        self,
        expected: Head | None = None,
        *,
        rebuild: bool = False,
    ) -> Verification:
        """Check everything: chain, triggers, vault, references, projection, index and identity row.

        Args:
            expected: A head that someone else has kept, for example from a receipt.
            rebuild: Rebuild the projection and the index if they differ from the events and the chain is sound.

        Returns:
            The result; a fault is a result, not an exception.

        Raises:
            LedgerUnavailable: The store does not answer.
        """
        from .audit import Audit

        audit = Audit(self._database, self.store, self.vault, self.index)
        return audit.run(expected, rebuild=rebuild)

    def close(self) -> None:
        """Close all connections. You can call it twice."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@hides_locals
def open_ledger(
    url: str | None = None,
    *,
    key_folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
    busy_timeout: float | None = None,
) -> Ledger:
    """Open a ledger and create or migrate its tables.

    Args:
        url: ``sqlite:///consent.db`` or ``postgresql://user:password@host/name``; by default a file in the user's data
            folder.
        key_folder: The folder for the vault's key if neither ``TAVUS_CONSENT_KEY`` nor a keyring has it; by default the
            user's data folder.
        environ: The environment with ``TAVUS_CONSENT_KEY``; by default the environment of the process.
        busy_timeout: Seconds that a write waits for other writes; 30 by default.

    Raises:
        MissingExtraError: The extra ``ledger``, or for PostgreSQL ``postgres``, is not installed.
        ConfigurationError: The URL does not name a supported store.
        LedgerUnavailable: The store cannot be opened.
    """
    from .database import BUSY_TIMEOUT, Database
    from .index import Index
    from .keys import default_keys
    from .store import EventStore
    from .vault import Vault

    if key_folder is not None:
        check_type(key_folder, "key_folder", Path, "a Path", kind=ConfigurationError)
    if busy_timeout is not None:
        check_seconds(busy_timeout, "busy_timeout", zero=True, kind=ConfigurationError)
    folder = key_folder or data_folder()
    database = Database(
        url or f"sqlite:///{data_folder() / 'consent.db'}",
        busy_timeout=BUSY_TIMEOUT if busy_timeout is None else busy_timeout,
    )
    store = EventStore(database)
    try:
        store.bring_up_to_date()
        database.release()
    except BaseException:
        database.close()
        raise
    keys = default_keys(database.ledger_id, folder, os.environ if environ is None else environ)
    vault = Vault(database, keys)
    return Ledger(store, vault, Index(database, vault, store.readable_rows), database)


def data_folder() -> Path:
    """Return the user's data folder, as is customary on the operating system."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "tavus-consent"
