"""Blind indexes: they find a record by a reference, a name or a recording without storing the value.

The table stores a value as its HMAC-SHA-256 under a key of the ledger, which is wrapped and stored like a person's key.
Each row is authenticated under the same key, so that changed or foreign rows are detected. Bars are written with the
events and can be rebuilt from them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from tavus_consent._frames import hides_locals
from tavus_consent.consent._blinds import Blinds, IndexRow, counts
from tavus_consent.consent.persons import RECORDINGS, Found, Mark, Person, Recording
from tavus_consent.ledger.protocols import known_kind

from . import indexed
from .database import Database
from .indexed import Indexed
from .replay import Replay, follow
from .schema import index, records, sa
from .vault import Vault, derive

VERSION: Final = 1
"""Increase it when the same events produce different rows than before: ledgers then rebuild their index."""

# The number is part of the text: with a parameter, SQLite would not use the index of these few records.
_UNSETTLED: Final = sa.select(records.c.record_id).where(records.c.unsettled == sa.literal_column("1"))
_TRAINED: Final = sa.select(index.c.record_id).where(
    index.c.kind == RECORDINGS[1],
    index.c.blind.in_(sa.bindparam("blinds", expanding=True)),
    index.c.record_id.in_(sa.bindparam("record_ids", expanding=True)),
)
_PAGE: Final = 500
_FOUND: Final = (
    sa.select(index.c.record_id)
    .outerjoin(records, records.c.record_id == index.c.record_id)
    .where(index.c.kind == sa.bindparam("kind"), index.c.blind == sa.bindparam("blind"))
    .order_by(records.c.seq)
)


@hides_locals
class Index:
    """Finds records by values that it does not store.

    Args:
        database: The database of the ledger.
        vault: The vault, which stores the key of the index.
        events: A function that returns all events as they are stored.
    """

    def __init__(self, database: Database, vault: Vault, events: Callable[[], Iterable[Sequence[Any]]]) -> None:
        self._database, self._vault, self._events = database, vault, events
        self._known: Blinds | None = None
        self._mac_key = b""

    def link(self, url: str) -> str:
        """Return the keyed reference of a link's host and path, as the chain has it.

        Raises:
            VaultKeyError: The key-encryption key is missing.
        """
        return self._blinds().link(url)

    def rows(self, marks: Iterable[Mark]) -> list[Indexed]:
        """Return the blinded index rows of a record, to append with an event.

        Raises:
            VaultKeyError: The key-encryption key is missing.
        """
        blinds = self._blinds()
        return [self._authenticated(blinds.row(mark)) for mark in marks]

    def add(self, rows: Sequence[Indexed]) -> None:
        """Add index rows. You can add the same rows twice."""
        with self._database.write() as connection:
            indexed.add(connection, rows)

    def find(self, kind: str, value: str) -> list[str]:
        """Return the records that were added with this value, oldest first.

        Raises:
            VaultKeyError: The key-encryption key is missing.
        """
        known_kind(kind)
        if self._existing() is None:
            return []
        given = {"kind": kind, "blind": self._blinds().value(kind, value)}
        with self._database.read() as connection:
            return list(connection.execute(_FOUND, given).scalars())

    def against(
        self, person: Person | None, recordings: Sequence[Recording], *, mine: str, without: str | None = None
    ) -> tuple[list[Found], list[Found]]:
        """Return the bars against a person and against recordings, with two queries for any number of records.

        Args:
            person: The person; ``None`` checks recordings only.
            recordings: The recordings.
            mine: The blinded identity of their owner.
            without: A record to leave out.
        """
        blinds = self._blinds()
        asked = blinds.recordings(recordings)
        with self._database.read() as connection:
            found = indexed.against(
                connection,
                person=None if person is None else (person.known_by[0], blinds.value(*person.known_by)),
                blinds=tuple(asked),
                mine=mine,
                without=without,
            )
        of_recordings = [one for one in found if one.kind in RECORDINGS and counts(one, asked)]
        return [one for one in found if one.kind not in RECORDINGS], of_recordings

    def open_creates(self, recordings: Sequence[Recording]) -> list[str]:
        """Return the records with a create of unknown outcome that trains one of these recordings, oldest first."""
        asked = list(self._blinds().recordings(recordings))
        found: dict[str, None] = {}
        with self._database.read() as connection:
            opened = list(connection.execute(_UNSETTLED.order_by(records.c.seq)).scalars())
            for start in range(0, len(opened), _PAGE):
                some = {"blinds": asked, "record_ids": opened[start : start + _PAGE]}
                found |= dict.fromkeys(connection.execute(_TRAINED, some).scalars())
        return [record_id for record_id in opened if record_id in found]

    def held(self, record_id: str, recordings: Sequence[Recording]) -> dict[str, int]:
        """Return the record's recordings among these, blinded, each with the event that added it."""
        asked = self._blinds().recordings(recordings)
        with self._database.read() as connection:
            return indexed.held(connection, record_id, tuple(asked))

    def person(self, person: Person | str) -> str:
        """Return the blinded identity of a person."""
        return self._blinds().person(person)

    def forget(self, record_id: str) -> None:
        """Stop finding a record by its person. Its recordings stay in the index but belong to no person."""
        with self._database.write() as connection:
            indexed.forget(connection, record_id)

    def ensure(self) -> None:
        """Build the index if the ledger has none yet, or if an older version built it.

        Raises:
            VaultKeyError: The key-encryption key is missing.
        """
        if not self.is_current:
            self.rebuild()

    @property
    def is_current(self) -> bool:
        """True if the index covers the whole ledger."""
        if not self._database.is_indexed:
            self._database.is_indexed = self._database.identity().indexed == VERSION
        return self._database.is_indexed

    def rebuild(self) -> None:
        """Rebuild the index from the events and the vault. Unreadable records keep their rows.

        Raises:
            VaultKeyError: The key-encryption key is missing.
        """
        self._blinds()  # creates the key if there is none
        with self._database.write() as connection:
            marks, unknown = self._expected(follow(self._events()))
            connection.execute(sa.delete(index).where(index.c.record_id.not_in(unknown)))
            indexed.add(connection, self.rows(marks))
            self._database.note(connection, indexed=VERSION)

    def _expected(self, replay: Replay) -> tuple[list[Mark], set[str]]:
        """Return the expected marks, and the records whose marks are unknown."""
        return replay.marks(self._vault, self.link, self._database.identity().imported)

    def faults(self, replay: Replay | None = None) -> list[str]:
        """Return the faults of the rows, in sentences.

        Args:
            replay: The events, which show the expected rows. Without them, missing rows are not detected.
        """
        found = self._faults(replay)
        if found and replay is not None:
            with self._database.write():  # other writers may have added events since they were read
                found = self._faults(follow(self._events()))
        return found

    def _faults(self, replay: Replay | None) -> list[str]:
        with self._database.read() as connection:
            rows = [Indexed(*row) for row in connection.execute(sa.select(index))]
            known = set(connection.execute(sa.select(records.c.record_id)).scalars())
        if self._existing() is None:
            return ["the index: its key is missing"] if rows else []
        found = []
        for row in rows:
            if not self._is_sound(row):
                found.append(f"the index: a row ({row.kind!r}, record {row.record_id!r}) was changed")
            elif row.record_id not in known:
                found.append(f"the index: a row ({row.kind}) points to record {row.record_id}, which does not exist")
        if replay is not None:
            marks, unknown = self._expected(replay)
            found += _differences(rows, self.rows(marks), unknown)
        return found

    def _authenticated(self, row: IndexRow) -> Indexed:
        mac = self._mac(row.kind, row.blind, row.record_id)
        return Indexed(row.kind, row.blind, row.record_id, mac, row.person, row.since, row.bars, row.barred)

    def _mac(self, kind: str, blind: str, record_id: str) -> str:
        place = "\x00".join((kind, blind, record_id)).encode()
        return hmac.digest(self._mac_key, place, hashlib.sha256).hex()

    def _is_sound(self, row: Indexed) -> bool:
        if not all(isinstance(value, str) for value in row[:4]):
            return False
        return hmac.compare_digest(row.mac.encode(), self._mac(row.kind, row.blind, row.record_id).encode())

    def _blinds(self) -> Blinds:
        return self._existing() or self._with(self._vault.secret(self._database.key_name))

    def _existing(self) -> Blinds | None:
        if self._known is None:
            secret = self._vault.known_secret(self._database.key_name)
            return None if secret is None else self._with(secret)
        return self._known

    def _with(self, secret: bytes) -> Blinds:
        self._mac_key = derive(secret, b"index row")
        self._known = Blinds(secret)
        return self._known


def _differences(rows: list[Indexed], wanted: Iterable[Indexed], skipped: set[str]) -> Iterator[str]:
    should = {row[:3]: row for row in wanted if row.record_id not in skipped}
    stored = {row[:3]: row for row in rows if row.record_id not in skipped}
    for place in sorted(should.keys() | stored.keys(), key=repr):
        kind, _, record_id = place
        if place not in stored:
            yield f"the index: record {record_id} cannot be found by its {kind}"
        elif place not in should:
            yield f"the index: record {record_id!r} is found by a {kind!r} that does not belong to it"
        elif stored[place][4:] != should[place][4:]:
            yield f"the index: the bars against record {record_id} by its {kind} differ from the events"
