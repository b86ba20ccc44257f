"""Blind indexes: a record is found by a reference, a name or a recording that nobody can read here.

A value stands in the table as its HMAC-SHA-256 under a key of the ledger, which is wrapped and kept like a person's.
Each row is authenticated under the same key, so that a changed or foreign one shows. What stands against a value is
written with the events, and can be made anew from them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from tavus_consent._frames import hides_locals
from tavus_consent.consent._blinds import Blinds, Row, counts
from tavus_consent.consent.persons import RECORDINGS, Found, Mark, Person, Recording
from tavus_consent.ledger.event_store import known_kind

from . import indexed
from .database import Database
from .indexed import Indexed
from .replay import Replay, follow
from .schema import index, records, sa
from .vault import Vault, derive

VERSION: Final = 1
"""Raise it when the same events are found by something else than before: ledgers then make their index anew."""

_FOUND: Final = (
    sa.select(index.c.record_id)
    .outerjoin(records, records.c.record_id == index.c.record_id)
    .where(index.c.kind == sa.bindparam("kind"), index.c.blind == sa.bindparam("blind"))
    .order_by(records.c.seq)
)


@hides_locals
class Index:
    """Finds records by values that it does not hold.

    Args:
        database: Where it is kept.
        vault: Keeps its key.
        events: Gives all events as they are stored.
    """

    def __init__(self, database: Database, vault: Vault, events: Callable[[], Iterable[Sequence[Any]]]) -> None:
        self._database, self._vault, self._events = database, vault, events
        self._known: Blinds | None = None
        self._mac_key = b""

    def link(self, url: str) -> str:
        """The keyed reference of a link's host and path, as it stands in the chain.

        Raises:
            VaultKeyError: The key-encryption key is missing.
        """
        return self._blinds().link(url)

    def rows(self, marks: Iterable[Mark]) -> list[Indexed]:
        """What a record is to be found by, blinded, to be appended with an event.

        Raises:
            VaultKeyError: The key-encryption key is missing.
        """
        blinds = self._blinds()
        return [self._authenticated(blinds.row(mark)) for mark in marks]

    def add(self, rows: Sequence[Indexed]) -> None:
        """Have records found. Adding the same twice is fine."""
        with self._database.write() as connection:
            indexed.add(connection, rows)

    def find(self, kind: str, value: str) -> list[str]:
        """The records that were added with this value, in the order in which they began.

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
        """What stands against a person and against recordings. It takes two queries, however many records there are.

        Args:
            person: The person, if they are asked about.
            recordings: The recordings.
            mine: Whose they are, blinded.
            without: A record that is not asked.
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

    def held(self, record_id: str, recordings: Sequence[Recording]) -> dict[str, int]:
        """Which of these recordings a record has, blinded, and since when."""
        asked = self._blinds().recordings(recordings)
        with self._database.read() as connection:
            return indexed.held(connection, record_id, tuple(asked))

    def person(self, person: Person | str) -> str:
        """Who somebody is, blinded."""
        return self._blinds().person(person)

    def forget(self, record_id: str) -> None:
        """Have a record not found any more by who its person is; its recordings stay, and are nobody's any more."""
        with self._database.write() as connection:
            indexed.forget(connection, record_id)

    def ensure(self) -> None:
        """Make the index of a ledger that has none yet, or one that an older version made.

        Raises:
            VaultKeyError: The key-encryption key is missing.
        """
        if not self.is_current:
            self.rebuild()

    @property
    def is_current(self) -> bool:
        """Whether everything that is in the ledger can be found."""
        if not self._database.is_indexed:
            self._database.is_indexed = self._database.identity().indexed == VERSION
        return self._database.is_indexed

    def rebuild(self) -> None:
        """Make the index anew from the events and the vault. What cannot be read keeps its rows.

        Raises:
            VaultKeyError: The key-encryption key is missing.
        """
        self._blinds()  # makes the key, if there is none
        with self._database.write() as connection:
            marks, unknown = self._expected(follow(self._events()))
            connection.execute(sa.delete(index).where(index.c.record_id.not_in(unknown)))
            indexed.add(connection, self.rows(marks))
            self._database.note(connection, indexed=VERSION)

    def _expected(self, replay: Replay) -> tuple[list[Mark], set[str]]:
        """What the index should hold by the events, and the records of which that is not known."""
        return replay.marks(self._vault, self.link, self._database.identity().imported)

    def faults(self, replay: Replay | None = None) -> list[str]:
        """What is wrong with the rows, in sentences.

        Args:
            replay: The events, to know what should be in it; without them no missing row shows.
        """
        found = self._faults(replay)
        if found and replay is not None:
            with self._database.write():  # others may have written since the events were read
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
                found.append(f"the index: a row ({row.kind}) leads to record {row.record_id}, which is not there")
        if replay is not None:
            marks, unknown = self._expected(replay)
            found += _differences(rows, self.rows(marks), unknown)
        return found

    def _authenticated(self, row: Row) -> Indexed:
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
            yield f"the index: record {record_id!r} is found by a {kind!r} that is not its own"
        elif stored[place][4:] != should[place][4:]:
            yield f"the index: what stands against record {record_id} by its {kind} differs from the events"
