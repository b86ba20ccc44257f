"""Blind values: HMACs of the values that find records, and a table of them in memory."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from .address import address
from .persons import NOBODY, PERSONAL, RECORDINGS, UNKNOWN, Bar, Found, Mark, Person, Recording, bars_of_new, is_dated
from .states import RecordState

CODE: Final = "index:"
"""The prefix of a keyed reference in the chain."""
FOUND_BY: Final = "found_by"
"""The member of an event that adds a recording: the keyed reference of its host and path."""
_SHORT: Final = 32
Groups = dict[tuple[str, int], dict[str, tuple[int, int]]]
"""Records by person and bars, each with the events that added it and that last barred it."""


class IndexRow(NamedTuple):
    """A blinded value that finds a record; the members are those of :class:`.persons.Mark`."""

    kind: str
    blind: str
    record_id: str
    person: str = UNKNOWN
    since: int = 0
    bars: int = 0
    barred: int = 0


def hmac_sha256(key: bytes, value: bytes) -> str:
    """Return what a ledger keeps of a value."""
    return hmac.digest(key, value, hashlib.sha256).hex()


def keyed_blake2(key: bytes, value: bytes) -> str:
    """Return what a process keeps of a value: as hard to undo, and several times as quick."""
    return hashlib.blake2b(value, key=key, digest_size=32).hexdigest()


class Blinds:
    """Makes blind values.

    Args:
        secret: The key.
        digest: Makes a value blind, with a key of 32 bytes.
    """

    def __init__(self, secret: bytes, digest: Callable[[bytes, bytes], str] = hmac_sha256) -> None:
        self._secret, self._digest = secret, digest
        self._keys: dict[str, bytes] = {}

    def value(self, kind: str, value: str) -> str:
        """Blind a value. A recording has the same blind value for every use."""
        if kind in RECORDINGS:
            kind = RECORDINGS[0]
            if value.startswith(CODE):
                return value.removeprefix(CODE)
        key = self._keys.get(kind)
        if key is None:
            purpose = b"tavus-consent 1 index " + kind.encode() + b"\x01"
            key = self._keys[kind] = hmac.digest(self._secret, purpose, hashlib.sha256)
        return self._digest(key, value.encode())

    def link(self, url: str) -> str:
        """Return the keyed reference of a link's host and path, as the chain has it."""
        return CODE + self.value(RECORDINGS[0], f"link:{address(url)}")

    def person(self, person: Person | str) -> str:
        """Blind the identity of a person: a reference, if there is one, and a name."""
        if isinstance(person, str):
            return person
        reference = "" if person.reference is None else self.value("reference", person.reference)[:_SHORT]
        return f"{reference}.{self.value('name', person.name)[:_SHORT]}"

    def row(self, mark: Mark) -> IndexRow:
        """Blind a mark."""
        blind, person = self.value(mark.kind, mark.value), self.person(mark.person)
        return IndexRow(mark.kind, blind, mark.record_id, person, mark.since, mark.bars, mark.barred)

    def recordings(self, recordings: Iterable[Recording]) -> dict[str, bool]:
        """Return the blind values of recordings.

        True marks a value that only counts for recordings without known bytes.
        """
        found: dict[str, bool] = {}
        for one in recordings:
            for value, bars in one.values:
                found[self.value(RECORDINGS[0], value)] = bars == Bar.READ
        return found


def counts(one: Found, blinds: dict[str, bool]) -> bool:
    """Return True if a link names the same recording. It does not if the bytes of both are known to differ."""
    return not (blinds.get(one.blind) and one.bars & Bar.READ)


class Table:
    """Rows in memory, grouped by their common values, so that many rows of one person cost no more than one."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], Groups] = {}
        self._of_record: dict[str, set[tuple[str, str]]] = {}

    def add(self, rows: Sequence[IndexRow], since: int) -> None:
        """Add rows. Existing rows are updated.

        Args:
            rows: The rows.
            since: The number of this addition; it replaces what the rows say.
        """
        known = self._of_record
        for record_id in {row.record_id for row in rows if row.kind == RECORDINGS[0] and row.record_id in known}:
            self._replace(record_id, {row.blind for row in rows if row.kind == RECORDINGS[0]})
        for kind, blind, record_id, person, _, bars, barred in rows:
            place = kind, blind
            groups = self._groups.setdefault(place, {})
            mine = known.setdefault(record_id, set())
            if place in mine:
                self._mark(groups, record_id, bars, barred, clear=Bar.REPLACED)
            else:
                mine.add(place)
                groups.setdefault((person, bars), {})[record_id] = since, barred

    def bar(self, record_id: str, bars: Bar, seq: int) -> None:
        """Add a bar to every value that finds a record."""
        for place in self._of_record.get(record_id, ()):
            some = bars_on(place[0], bars)
            if not _group(self._groups[place], record_id)[1] & Bar.REPLACED:
                self._mark(self._groups[place], record_id, some, seq if is_dated(some) else 0)

    def forget(self, record_id: str) -> None:
        """Stop finding a record by its person. Its recordings stay in the index but belong to no person."""
        for place in sorted(self._of_record.get(record_id, ())):
            groups = self._groups[place]
            person, bars = _group(groups, record_id)
            dates = groups[person, bars].pop(record_id)
            if place[0] in PERSONAL:
                self._of_record[record_id].discard(place)
            else:
                groups.setdefault((forgotten(person), bars), {})[record_id] = dates

    def find(self, kind: str, blind: str) -> list[str]:
        """Return the records with this value."""
        groups = self._groups.get((kind, blind), {})
        dated = [(since, record_id) for ids in groups.values() for record_id, (since, _) in ids.items()]
        return [record_id for _, record_id in sorted(dated)]

    def found(self, places: Iterable[tuple[str, str]], *, mine: str, without: str | None) -> list[Found]:
        """Return the bars against these values, and the values that belong to other persons."""
        found = []
        for kind, blind in places:
            for (person, bars), ids in self._groups.get((kind, blind), {}).items():
                if bars > Bar.READ or (kind in RECORDINGS and person != mine):
                    others = {one: dates for one, dates in ids.items() if one != without}
                    if others:
                        since, barred = min(dates[0] for dates in others.values()), max(d[1] for d in others.values())
                        found.append(Found(kind, blind, person, bars, since, barred, min(others)))
        return found

    def held(self, record_id: str) -> dict[str, int]:
        """Return the recordings of a record, each with the event that added it."""
        found: dict[str, int] = {}
        for kind, blind in self._of_record.get(record_id, ()):
            if kind in RECORDINGS:
                groups = self._groups[kind, blind]
                since = groups[_group(groups, record_id)][record_id][0]
                found[blind] = min(since, found.get(blind, since))
        return found

    def _replace(self, record_id: str, blinds: set[str]) -> None:
        """Release the recordings of a record if these belong to another one."""
        places = [place for place in self._of_record.get(record_id, ()) if place[0] == RECORDINGS[0]]
        groups = {place: self._groups[place] for place in places}
        current = [one for one in places if not _group(groups[one], record_id)[1] & Bar.REPLACED]
        if blinds.isdisjoint(blind for _, blind in current):
            for place in current:
                self._mark(groups[place], record_id, Bar.REPLACED, 0)

    def _mark(self, groups: Groups, record_id: str, bars: int, barred: int, *, clear: int = 0) -> None:
        person, before = _group(groups, record_id)
        since, known = groups[person, before].pop(record_id)
        groups.setdefault((person, before & ~clear | bars), {})[record_id] = since, max(known, barred)


def _group(groups: Groups, record_id: str) -> tuple[str, int]:
    return next(key for key, ids in groups.items() if record_id in ids)


R = TypeVar("R", bound=Any)


def placed(row: R, seq: int, state: RecordState) -> R:
    """Return a row as an event adds it.

    Args:
        row: The row.
        seq: Number of the event.
        state: The state of the record after the event.
    """
    bars = bars_of_new(row.kind, row.bars, state)
    made: R = row._replace(since=seq, bars=bars, barred=seq if is_dated(bars) else 0)
    return made


def bars_on(kind: str, bars: Bar) -> Bar:
    """Return the bars of an event that apply to a kind of value.

    A mismatch applies to the statement's recording only.
    """
    return bars if kind == RECORDINGS[0] else bars & ~Bar.MISMATCH


def forgotten(person: str) -> str:
    """Return the owner of a recording after an erasure."""
    return person if person == NOBODY else UNKNOWN
