"""Blind indexes: a record is found by a reference, a name, a recording or a replica that nobody can read here.

A value stands in the table as its HMAC-SHA-256 under a key of the ledger, which is wrapped and kept like a person's.
Each row is authenticated under the same key, so that a changed or foreign one shows.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from tavus_consent._frames import hides_locals
from tavus_consent.consent.keeping import KINDS, known_kind

from .database import Database
from .schema import index, records, sa
from .vault import Vault, derive

_FOUND: Final = (
    sa.select(index.c.record_id)
    .outerjoin(records, records.c.record_id == index.c.record_id)
    .where(index.c.kind == sa.bindparam("kind"), index.c.blind == sa.bindparam("blind"))
    .order_by(records.c.seq)
)


class Indexed(NamedTuple):
    """A row of the index.

    Attributes:
        kind: What the value is.
        blind: The value's HMAC.
        record_id: The record that is found by it.
        mac: Authenticates the row.
    """

    kind: str
    blind: str
    record_id: str
    mac: str


@hides_locals
class Index:
    """Finds records by values that it does not hold.

    Args:
        database: Where it is kept.
        vault: Keeps its key.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault
        self._secret: bytes | None = None

    def add(self, kind: str, value: str, record_id: str) -> None:
        """Have a record found by a value. Adding it twice is fine.

        Args:
            kind: ``reference``, ``name``, ``recording`` or ``replica``.
            value: The value, normalised by whoever looks for it.
            record_id: The record.

        Raises:
            VaultKeyError: The key-encryption key is missing.
        """
        secret = self._key()
        with self._database.write() as connection:
            _add(connection, [self._row(secret, kind, value, record_id)])

    def find(self, kind: str, value: str) -> list[str]:
        """The records that were added with this value, in the order in which they began.

        Raises:
            VaultKeyError: The key-encryption key is missing.
        """
        known_kind(kind)
        secret = self._known_key()
        if secret is None:
            return []
        given = {"kind": kind, "blind": _blind(secret, kind, value)}
        with self._database.read() as connection:
            return list(connection.execute(_FOUND, given).scalars())

    def remove(self, record_id: str, kinds: Iterable[str] = KINDS) -> None:
        """Have a record not found any more by values of these kinds."""
        wanted = [known_kind(kind) for kind in kinds]
        with self._database.write() as connection:
            connection.execute(sa.delete(index).filter_by(record_id=record_id).where(index.c.kind.in_(wanted)))

    @property
    def version(self) -> int:
        """How far the records of an older ledger were indexed: what :meth:`fill` was given last, and 0 before that."""
        return self._database.identity().indexed

    def fill(self, version: int, entries: Iterable[tuple[str, str, str]]) -> None:
        """Make the whole index anew, of everything that is in the vault and the events.

        Args:
            version: What :attr:`version` is afterwards.
            entries: Kinds, values and records.
        """
        secret = self._key()
        rows = [self._row(secret, *entry) for entry in entries]
        with self._database.write() as connection:
            connection.execute(sa.delete(index))
            _add(connection, rows)
            self._database.note(connection, indexed=version)

    def faults(self, entries: Iterable[tuple[str, str, str]] | None = None) -> Iterator[str]:
        """What is wrong with the rows, in sentences.

        Args:
            entries: What should be in it; without them no missing row shows.
        """
        with self._database.read() as connection:
            rows = [Indexed(*row) for row in connection.execute(sa.select(index))]
            known = set(connection.execute(sa.select(records.c.record_id)).scalars())
        secret = self._known_key() if rows or entries else b""
        if secret is None:
            yield "the index: its key is missing"
            return
        for row in rows:
            if not _is_sound(secret, row):
                yield f"the index: a row ({row.kind!r}, record {row.record_id!r}) was changed"
            elif row.record_id not in known:
                yield f"the index: a row ({row.kind}) leads to record {row.record_id}, which is not there"
        if entries is not None:
            wanted = {self._row(secret, *entry) for entry in entries}
            for row in sorted(wanted - set(rows)):
                yield f"the index: record {row.record_id} cannot be found by its {row.kind}"
            for row in sorted(set(rows) - wanted):
                yield f"the index: record {row.record_id} is found by a {row.kind} that is not its own"

    def _row(self, secret: bytes, kind: str, value: str, record_id: str) -> Indexed:
        blind = _blind(secret, known_kind(kind), value)
        return Indexed(kind, blind, record_id, _mac(secret, kind, blind, record_id))

    def _key(self) -> bytes:
        if self._secret is None:
            self._secret = self._vault.secret(self._database.key_name)
        return self._secret

    def _known_key(self) -> bytes | None:
        if self._secret is None:
            self._secret = self._vault.known_secret(self._database.key_name)
        return self._secret


def _add(connection: sa.Connection, rows: Iterable[Indexed]) -> None:
    for row in dict.fromkeys(rows):
        values: Mapping[str, str] = row._asdict()
        place = {name: values[name] for name in ("kind", "blind", "record_id")}
        if connection.execute(sa.select(index.c.kind).filter_by(**place)).first() is None:
            connection.execute(sa.insert(index), values)


def _blind(secret: bytes, kind: str, value: str) -> str:
    return hmac.digest(derive(secret, b"index " + kind.encode()), value.encode(), hashlib.sha256).hex()


def _mac(secret: bytes, kind: str, blind: str, record_id: str) -> str:
    place = "\x00".join((kind, blind, record_id)).encode()
    return hmac.digest(derive(secret, b"index row"), place, hashlib.sha256).hex()


def _is_sound(secret: bytes, row: Indexed) -> bool:
    if not all(isinstance(value, str) for value in row):
        return False
    return hmac.compare_digest(row.mac.encode(), _mac(secret, row.kind, row.blind, row.record_id).encode())
