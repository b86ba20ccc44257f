"""Reading records and writing events: every event is held against the fold before it is written, and none is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import field, frozen

from tavus_consent.consent.events import Event, EventDraft, EventType
from tavus_consent.consent.fold import apply
from tavus_consent.consent.persons import Mark
from tavus_consent.consent.record import ConsentRecord, ConsentTerms
from tavus_consent.consent.states import RecordState, State
from tavus_consent.errors import (
    InvalidRequestError,
    LedgerBroken,
    LedgerConflict,
    LedgerError,
    SubjectErased,
    VaultKeyError,
)
from tavus_consent.ledger.event_store import Item, Keeping, Wanted

if TYPE_CHECKING:
    from tavus_consent.ledger.memory import Batch

PAGE: Final = 500
"""Records that are read at once."""
CONTROLLER: Final = "controller"
SUBJECT: Final = "subject"
_NOTHING: Final[Mapping[str, Any]] = {}


@frozen(eq=False)
class Entry:
    """An event that somebody decided to write.

    Attributes:
        type: What happened.
        codes: What stands in the chain as it is.
        private: What goes to the vault, each with its kind there; the chain gets references.
        actor: Who did it.
        named: What the chain gets references to, and the vault does not keep.
        marks: What the record is found by from now on.
    """

    type: EventType
    codes: Mapping[str, Any] = _NOTHING
    private: Mapping[str, tuple[str, bytes]] = field(default=_NOTHING, repr=False)
    actor: str = CONTROLLER
    named: Mapping[str, bytes] = field(default=_NOTHING, repr=False)
    marks: Sequence[Mark] = field(default=(), repr=False)

    def draft(self, at: datetime, record_id: str, subject_ref: str, refs: Mapping[str, str] = _NOTHING) -> EventDraft:
        """Return the event with the references that stand for its personal data."""
        return EventDraft(
            type=self.type,
            at=at,
            record_id=record_id,
            subject_ref=subject_ref,
            actor=self.actor,
            payload={**self.codes, **refs},
        )


class Calendar(Protocol):
    """What dates events."""

    def now(self) -> datetime:
        """The date and time, aware, in UTC."""
        ...


@frozen
class _Then:
    """A moment that has passed."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def _write_as_of(at: datetime, keeping: Keeping, write: Callable[[Book], object]) -> None:
    write(Book(keeping, _Then(at)))


class Book:
    """Events and personal data of all records.

    Args:
        keeping: Where they are kept.
        clock: What dates events.
    """

    def __init__(self, keeping: Keeping, clock: Calendar) -> None:
        self.store, self.vault, self.index, self.clock = keeping.store, keeping.vault, keeping.index, clock
        self._keeping = keeping

    def later(
        self, write: Callable[[Book], object], batch: Batch | None = None, marks: Sequence[Mark] = ()
    ) -> Batch | None:
        """Write now; where nothing outlives the process, write when somebody looks. Dated now in any case.

        Args:
            write: Writes with the book that it is given. What can fail has to be checked before.
            batch: What it belongs to, if that was not written yet.
            marks: What it is found by: also before it is written.

        Returns:
            What waits; ``None`` when it was written.
        """
        defer = getattr(self.store, "defer", None)
        if defer is not None:
            if marks:
                self.index.add(self.index.rows(marks))
            waits: Batch | None = defer(partial(_write_as_of, self.clock.now(), self._keeping, write), batch)
            if waits is not None:
                return waits
        write(self)
        return None

    def events(self, record_id: str) -> list[Event]:
        """The events of one record."""
        return self.store.readable(record_id)

    def state(self, record_id: str) -> RecordState:
        """What they amount to now; ``none`` for an id that nobody knows."""
        return (self.store.state(record_id) or RecordState()).at(self.clock.now())

    def states(self, wanted: Wanted) -> Iterator[RecordState]:
        """Records as they stand now, in the order in which they began, read page by page."""
        after = 0
        while page := self.store.page(wanted, after, PAGE):
            yield from (state.at(wanted.now) for _, state in page)
            after = page[-1][0]

    def known(self, record: ConsentRecord | str) -> RecordState:
        """Return the present state of a record, or refuse an unknown one."""
        state = self.state(id_of(record))
        if state.state is State.NONE:
            raise InvalidRequestError("there is no such consent record", field="record", reason="unknown")
        return state

    def record(self, state: RecordState) -> ConsentRecord:
        """A state with what the vault has to it. What cannot be opened is missing, and the record says why."""
        try:
            return ConsentRecord(state=state, terms=self.terms(state.subject_ref))
        except (LedgerBroken, VaultKeyError) as error:
            return _shut(state, error)

    def all(self, states: Sequence[RecordState]) -> list[ConsentRecord]:
        """Several states with what the vault has to them. What cannot be opened is missing in its own record only."""
        kept = self.vault.items_of({state.subject_ref for state in states}, "terms")
        return [_with_terms(state, kept[state.subject_ref]) for state in states]

    def terms(self, subject_ref: str) -> ConsentTerms | None:
        """What a person was asked to consent to; ``None`` once they were erased, and where there is no person."""
        kept = self.private(subject_ref, "terms")
        return ConsentTerms.from_json(next(iter(kept.values()))) if kept else None

    def private(self, subject_ref: str, kind: str) -> dict[str, bytes]:
        """What the vault keeps of a person, by reference; nothing once they were erased."""
        try:
            return {item.ref: item.plaintext for item in self.vault.items(subject_ref, kind)}
        except SubjectErased:
            return {}

    def link(self, state: RecordState, recording: Mapping[str, Any]) -> str | None:
        """Return the link of a recording; ``None`` once the person was erased."""
        link = self.private(state.subject_ref, "link").get(str(recording.get("link")))
        return None if link is None else link.decode()

    def begin(self, record_id: str, subject_ref: str, entry: Entry) -> RecordState:
        """Write the first event of a record, then its personal data.

        In this order: personal data that no record leads to could never be erased.
        """
        refs = {name: self.vault.reference(subject_ref, data) for name, (_, data) in entry.private.items()}
        draft = entry.draft(self.clock.now(), record_id, subject_ref, refs)
        state = apply(RecordState(), draft, now=draft.at)
        self.store.append(draft, expect_state_version=0, rows=self._rows(entry, record_id))
        for kind, data in entry.private.values():
            self.vault.put(subject_ref, kind, data)
        return state

    def check(self, state: RecordState, entry: Entry, at: datetime | None = None) -> RecordState:
        """Return the state of a record after an entry, or refuse an entry that its state does not allow."""
        at = at or self.clock.now()
        draft = entry.draft(at, state.record_id, state.subject_ref, self._foreseen(state, entry))
        return apply(state, draft, now=at)

    def _foreseen(self, state: RecordState, entry: Entry) -> Mapping[str, str]:
        """The references that an entry will have. To the fold only those of a recording mean something."""
        refs = dict.fromkeys((*entry.private, *entry.named), "-")
        if entry.named:
            with suppress(SubjectErased):
                data = {**{name: data for name, (_, data) in entry.private.items()}, **entry.named}
                refs.update({name: self.vault.reference(state.subject_ref, one) for name, one in data.items()})
        return refs

    def write(self, record_id: str, decide: Callable[[RecordState, datetime], Entry | None]) -> RecordState:
        """Write an event, if one is to be written.

        Args:
            record_id: The record.
            decide: Given the present state and time, says what to write. Asked again when somebody else wrote
                something meanwhile; what it raises is raised.

        Returns:
            The state afterwards.

        Raises:
            IllegalTransition: The record's state does not allow it; nothing was written.
        """
        while True:
            at = self.clock.now()
            state = (self.store.folded(record_id) or RecordState()).at(at)
            entry = decide(state, at)
            if entry is None:
                return state
            after = self.check(state, entry, at)  # refused before anything goes to the vault
            refs = {name: self.vault.put(state.subject_ref, *kept) for name, kept in entry.private.items()}
            refs |= {name: self.vault.reference(state.subject_ref, data) for name, data in entry.named.items()}
            draft = entry.draft(at, state.record_id, state.subject_ref, refs)
            try:
                self.store.append(draft, expect_state_version=state.version, rows=self._rows(entry, record_id))
            except LedgerConflict:
                continue
            return after.at(self.clock.now())

    def _rows(self, entry: Entry, record_id: str) -> Sequence[Any]:
        return self.index.rows(mark._replace(record_id=record_id) for mark in entry.marks) if entry.marks else ()


def _with_terms(state: RecordState, kept: list[Item] | LedgerError) -> ConsentRecord:
    if isinstance(kept, LedgerError):
        return _shut(state, kept)
    return ConsentRecord(state=state, terms=ConsentTerms.from_json(kept[0].plaintext) if kept else None)


def _shut(state: RecordState, error: LedgerError) -> ConsentRecord:
    return ConsentRecord(state=state, problem=state.problem or f"its person's data cannot be opened: {error}")


def recording_in(events: Sequence[Event]) -> Mapping[str, Any]:
    """Return the payload of the last event that brought a recording; nothing if none did."""
    return next((one.payload for one in reversed(events) if one.type == EventType.RECORDED), _NOTHING)


def id_of(record: ConsentRecord | str) -> str:
    """Return the id of a record that is given as a record or an id."""
    if isinstance(record, ConsentRecord):
        return record.record_id
    if isinstance(record, str) and record:
        return record
    raise InvalidRequestError("record: pass a ConsentRecord or its id", field="record")
