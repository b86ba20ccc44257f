"""A store that ends with the process: the consent gate works without a ledger and writes nothing to disk."""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice

from attrs import Factory, field, frozen

from tavus_consent.consent._blinds import Blinds, IndexRow, Table, counts, keyed_blake2, placed
from tavus_consent.consent.events import Event, EventDraft
from tavus_consent.consent.fold import advance, output_of
from tavus_consent.consent.persons import RECORDINGS, Bar, Found, Mark, Person, Recording, bars_between
from tavus_consent.consent.states import RecordState
from tavus_consent.errors import LedgerConflict, LedgerError, SubjectErased

from .chain import GENESIS
from .protocols import Erasure, Item, RecordQuery, known_kind


class Batch:
    """Deferred writes in their order."""

    def __init__(self, write: Callable[[], object]) -> None:
        self.writes = [write]
        self.is_done = False


class MemoryStore:
    """Events in a list. There is no chain, because the events do not outlive the process.

    Most processes without a ledger never read a record, so a create should not pay for writing one. Deferred writes run
    before the next read and before any other write.

    Args:
        index: The index that receives the bars of events.
    """

    def __init__(self, index: MemoryIndex | None = None) -> None:
        self._index = index or MemoryIndex()
        self._events: list[Event] = []
        self._records: dict[str, list[Event]] = {}
        self._states: dict[str, RecordState] = {}
        # the records of each likeness and of each output, in the order of their events
        self._likenesses: dict[str, dict[str, None]] = {}
        self._outputs: dict[tuple[str, str], dict[str, None]] = {}
        self._waiting: deque[Batch] = deque()
        self._is_catching_up = False
        self._lock = threading.RLock()

    def defer(self, write: Callable[[], object], batch: Batch | None = None) -> Batch | None:
        """Defer a write.

        Args:
            write: The write; it must not fail.
            batch: The batch it belongs to, as this method returned it.

        Returns:
            The batch, or ``None`` if the batch is already written.
        """
        with self._lock:
            if batch is None:
                batch = Batch(write)
                self._waiting.append(batch)
            elif batch.is_done:
                return None
            else:
                batch.writes.append(write)
        return batch

    def _catch_up(self) -> None:
        """Run the deferred writes. The caller holds the lock."""
        while self._waiting and not self._is_catching_up:
            batch = self._waiting.popleft()
            batch.is_done = self._is_catching_up = True
            try:
                for write in batch.writes:
                    write()
            finally:
                self._is_catching_up = False

    def append(
        self, draft: EventDraft, *, expect_state_version: int | None = None, rows: Sequence[IndexRow] = ()
    ) -> Event:
        """Append one event, with its index rows from now on.

        Raises:
            LedgerConflict: The record has changed since.
        """
        with self._lock:
            self._catch_up()
            of_record = self._records.setdefault(draft.record_id, [])
            if expect_state_version not in (None, len(of_record)):
                raise LedgerConflict("The record changed meanwhile. Read it again and decide again.")
            event = draft.placed(seq=len(self._events) + 1, prev=GENESIS, hash=GENESIS)
            self._events.append(event)
            of_record.append(event)
            before = self._states.get(draft.record_id, RecordState())
            after = self._states[draft.record_id] = advance(before, event)
            for likeness_id in after.likenesses:
                self._likenesses.setdefault(likeness_id, {})[draft.record_id] = None
            if output := output_of(event):
                self._outputs.setdefault(output, {})[draft.record_id] = None
            if bars := bars_between(before, after):
                self._index.bar(draft.record_id, bars, event.seq)
            self._index.add([placed(row, event.seq, after) for row in rows])
        return event

    def events(self, record_id: str | None = None, after: int = 0) -> Iterator[Event]:
        """Yield the events in order."""
        with self._lock:
            self._catch_up()
            found = self._events[after:] if record_id is None else list(self._records.get(record_id, ()))
        return (event for event in found if event.seq > after)

    def event(self, event_id: str) -> Event | None:
        """Return the event with this id, or ``None``. Only tests look for one: keys of creates need a ledger."""
        return next((event for event in self.events() if event.event_id == event_id), None)

    def readable(self, record_id: str | None = None) -> list[Event]:
        """Return the events, of all records or one."""
        return list(self.events(record_id))

    def folded(self, record_id: str) -> RecordState | None:
        """Return a record's state as of its last event."""
        return self.state(record_id)

    def state(self, record_id: str) -> RecordState | None:
        """Return a record's state as of its last event."""
        with self._lock:
            self._catch_up()
            return self._states.get(record_id)

    def first(self, record_id: str) -> int | None:
        """Return the number of a record's first event."""
        return next((event.seq for event in self.events(record_id)), None)

    def page(self, wanted: RecordQuery, after: int, limit: int) -> list[tuple[int, RecordState]]:
        """Return records, oldest first."""
        with self._lock:
            self._catch_up()
            found = [(events[0].seq, self._states[record_id]) for record_id, events in self._records.items()]
        return list(islice((one for one in found if one[0] > after and wanted.admits(one[1])), limit))

    def states(self, record_ids: Sequence[str]) -> list[RecordState]:
        """Return the states of some records as of their last events, oldest record first."""
        with self._lock:
            self._catch_up()
            known = set(record_ids)
            return [state for record_id, state in self._states.items() if record_id in known]

    def of_replica(self, replica_id: str) -> list[str]:
        """Return the ids of the records that a replica, face or voice was created from."""
        with self._lock:
            self._catch_up()
            return list(self._likenesses.get(replica_id, ()))

    def of_output(self, kind: str, object_id: str) -> list[str]:
        """Return the ids of the records whose likenesses were used to make something."""
        with self._lock:
            self._catch_up()
            return list(self._outputs.get((kind, object_id), ()))

    def has_likenesses(self) -> bool:
        """Return True if any record has a replica, face or voice."""
        with self._lock:
            self._catch_up()
            return bool(self._likenesses)

    def head(self) -> None:
        """Return None: there is no chain."""
        return


class MemoryVault:
    """Personal data in a dictionary for each person."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes | None] = {}
        self._items: dict[str, dict[tuple[str, str], Item]] = {}
        self._lock = threading.Lock()

    def put(self, subject_ref: str, kind: str, plaintext: bytes) -> str:
        """Store an item. The same bytes are stored once.

        Raises:
            SubjectErased: The person was erased.
        """
        with self._lock:
            ref = self._reference(subject_ref, plaintext)
            item = Item(kind=kind, ref=ref, plaintext=plaintext)
            self._items.setdefault(subject_ref, {})[kind, ref] = item
        return ref

    def items(self, subject_ref: str, kind: str | None = None) -> list[Item]:
        """Return all items of a person.

        Raises:
            SubjectErased: The person was erased.
        """
        with self._lock:
            if self._keys.get(subject_ref, b"") is None:
                raise _erased()
            return [item for item in self._items.get(subject_ref, {}).values() if kind in (None, item.kind)]

    def items_of(self, subject_refs: Collection[str], kind: str) -> dict[str, list[Item] | LedgerError]:
        """Return the items of several persons, without those that were erased."""
        with self._lock:
            return {
                subject_ref: [item for item in self._items.get(subject_ref, {}).values() if item.kind == kind]
                for subject_ref in subject_refs
            }

    def reference(self, subject_ref: str, data: bytes) -> str:
        """Return a keyed reference: equal bytes of the same person have equal references.

        Raises:
            SubjectErased: The person was erased.
        """
        with self._lock:
            return self._reference(subject_ref, data)

    def erase(self, subject_ref: str) -> Erasure:
        """Erase a person. You can call it twice."""
        with self._lock:
            self._keys[subject_ref] = None
            gone = self._items.pop(subject_ref, {})
        return Erasure(subject_ref=subject_ref, items=len(gone), residues=())

    def _reference(self, subject_ref: str, data: bytes) -> str:
        key = self._keys.setdefault(subject_ref, os.urandom(32))
        if key is None:
            raise _erased()
        return f"hmac:{hmac.digest(key, data, hashlib.sha256).hex()}"


class MemoryIndex:
    """Blind indexes in a table; the values themselves are not stored."""

    def __init__(self) -> None:
        self._blinds = Blinds(os.urandom(32), keyed_blake2)
        self._table = Table()
        self._count = 0
        self._lock = threading.Lock()

    def ensure(self) -> None:
        """Do nothing: no event is older than this process."""

    def link(self, url: str) -> str:
        """Return the keyed reference of a link's host and path."""
        return self._blinds.link(url)

    def rows(self, marks: Iterable[Mark]) -> list[IndexRow]:
        """Return the blinded index rows of a record."""
        return [self._blinds.row(mark) for mark in marks]

    def add(self, rows: Sequence[IndexRow]) -> None:
        """Add index rows. You can add the same rows twice."""
        with self._lock:
            self._count += 1
            self._table.add(rows, since=self._count)

    def bar(self, record_id: str, bars: Bar, seq: int) -> None:
        """Add a bar to every value that finds a record."""
        with self._lock:
            self._table.bar(record_id, bars, seq)

    def find(self, kind: str, value: str) -> list[str]:
        """Return the records that were added with this value, in the order in which they were added."""
        with self._lock:
            return self._table.find(known_kind(kind), self._blinds.value(kind, value))

    def against(
        self, person: Person | None, recordings: Sequence[Recording], *, mine: str, without: str | None = None
    ) -> tuple[list[Found], list[Found]]:
        """Return the bars against a person and against recordings, from other records than this one."""
        asked = self._blinds.recordings(recordings)
        who = [] if person is None else [(person.known_by[0], self._blinds.value(*person.known_by))]
        places = [(kind, blind) for kind in RECORDINGS for blind in asked]
        with self._lock:
            of_recordings = self._table.found(places, mine=mine, without=without)
            of_person = self._table.found(who, mine=mine, without=without)
        return of_person, [one for one in of_recordings if counts(one, asked)]

    def open_creates(self, _: Sequence[Recording]) -> list[str]:
        """Return nothing: reading outcomes would end the deferral of writes, which all creates would pay for."""
        return []

    def held(self, record_id: str, recordings: Sequence[Recording]) -> dict[str, int]:
        """Return the record's recordings among these, blinded, each with the event that added it."""
        asked = self._blinds.recordings(recordings)
        with self._lock:
            return {blind: since for blind, since in self._table.held(record_id).items() if blind in asked}

    def person(self, person: Person | str) -> str:
        """Return the blinded identity of a person."""
        return self._blinds.person(person)

    def forget(self, record_id: str) -> None:
        """Stop finding a record by its person."""
        with self._lock:
            self._table.forget(record_id)


@frozen
class Memory:
    """Events, personal data and the index in memory.

    Attributes:
        index: The index.
        store: The events.
        vault: The personal data.
    """

    index: MemoryIndex = field(factory=MemoryIndex)
    store: MemoryStore = field(default=Factory(lambda self: MemoryStore(self.index), takes_self=True))
    vault: MemoryVault = field(factory=MemoryVault)


def _erased() -> SubjectErased:
    return SubjectErased("This person was erased: their data can be neither stored nor read.")
