"""Reads records and writes events. The fold checks every event before it is written, and no event is lost."""

from __future__ import annotations

import uuid
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
from tavus_consent.ledger.protocols import Item, LedgerLike, RecordQuery

if TYPE_CHECKING:
    from tavus_consent.ledger.memory import Batch

PAGE: Final = 500
"""The number of records to read at once."""
CONTROLLER: Final = "controller"
SUBJECT: Final = "subject"
_NOTHING: Final[Mapping[str, Any]] = {}


@frozen(eq=False)
class Entry:
    """An event to write.

    Attributes:
        type: The type of the event.
        codes: Values that the chain stores unchanged.
        private: Values for the vault, each with its kind; the chain gets references.
        actor: The party that acted, unless the log knows which account did.
        named: Values that the chain references and the vault does not store.
        marks: The marks that find the record from now on.
        event_id: The id of the event; random by default. No two events have one id, whichever record they belong to.
    """

    type: EventType
    codes: Mapping[str, Any] = _NOTHING
    private: Mapping[str, tuple[str, bytes]] = field(default=_NOTHING, repr=False)
    actor: str = CONTROLLER
    named: Mapping[str, bytes] = field(default=_NOTHING, repr=False)
    marks: Sequence[Mark] = field(default=(), repr=False)
    event_id: str | None = None

    def draft(
        self,
        at: datetime,
        record_id: str,
        subject_ref: str,
        refs: Mapping[str, str] = _NOTHING,
        actor: str | None = None,
    ) -> EventDraft:
        """Return the event with the references that stand for its personal data."""
        return EventDraft(
            type=self.type,
            at=at,
            record_id=record_id,
            subject_ref=subject_ref,
            actor=actor or self.actor,
            payload={**self.codes, **refs},
            event_id=self.event_id or uuid.uuid4().hex,
        )


class Calendar(Protocol):
    """The source of the dates of events."""

    def now(self) -> datetime:
        """Return the date and time, aware, in UTC."""
        ...


@frozen
class _Then:
    """A fixed moment."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def _write_as_of(at: datetime, keeping: LedgerLike, actor: str | None, write: Callable[[RecordLog], object]) -> None:
    write(RecordLog(keeping, _Then(at), actor))


class RecordLog:
    """Events and personal data of all records.

    Args:
        keeping: The store.
        clock: The clock that dates events.
        actor: The account or role that acts; ``None`` if unknown, so that events only name the party.
    """

    def __init__(self, keeping: LedgerLike, clock: Calendar, actor: str | None = None) -> None:
        self.store, self.vault, self.index, self.clock = keeping.store, keeping.vault, keeping.index, clock
        self.keeping, self._actor = keeping, actor

    def later(
        self, write: Callable[[RecordLog], object], batch: Batch | None = None, marks: Sequence[Mark] = ()
    ) -> Batch | None:
        """Write now, or, if records are kept in memory, on the next read. The events are dated now in any case.

        Args:
            write: The write, which takes a log. It must not fail, so check everything before.
            batch: The batch it belongs to, if that is not written yet.
            marks: The marks that find the record, even before it is written.

        Returns:
            The waiting batch; ``None`` if it is already written.
        """
        defer = getattr(self.store, "defer", None)
        if defer is not None:
            if marks:
                self.index.add(self.index.rows(marks))
            waits: Batch | None = defer(
                partial(_write_as_of, self.clock.now(), self.keeping, self._actor, write), batch
            )
            if waits is not None:
                return waits
        write(self)
        return None

    def events(self, record_id: str) -> list[Event]:
        """Return the events of one record."""
        return self.store.readable(record_id)

    def state(self, record_id: str) -> RecordState:
        """Return the present state of a record; ``none`` for an unknown id."""
        return (self.store.state(record_id) or RecordState()).at(self.clock.now())

    def states(self, wanted: RecordQuery) -> Iterator[RecordState]:
        """Yield the present states of records, oldest first, read page by page."""
        after = 0
        while page := self.store.page(wanted, after, PAGE):
            yield from (state.at(wanted.now) for _, state in page)
            after = page[-1][0]

    def line(self, state: RecordState) -> Iterator[RecordState]:
        """Yield the records that a record renews, at any distance, newest first."""
        earlier, seen = state.renews, {state.record_id}
        while earlier is not None and earlier not in seen:  # an import may bring a circle
            seen.add(earlier)
            renewed = self.state(earlier)
            yield renewed
            earlier = renewed.renews

    def known(self, record: ConsentRecord | str) -> RecordState:
        """Return the present state of a record.

        Raises:
            InvalidRequestError: There is no such record.
        """
        state = self.state(id_of(record))
        if state.state is State.NONE:
            raise InvalidRequestError("there is no such consent record", field="record", reason="unknown")
        return state

    def record(self, state: RecordState) -> ConsentRecord:
        """Return a record: a state with its terms. If the vault cannot open them, the record gives the reason."""
        try:
            return ConsentRecord(state=state, terms=self.terms(state.subject_ref))
        except (LedgerBroken, VaultKeyError) as error:
            return _shut(state, error)

    def all(self, states: Sequence[RecordState]) -> list[ConsentRecord]:
        """Return several records, read at once. Terms that cannot be opened are only missing in their own record."""
        kept = self.vault.items_of({state.subject_ref for state in states}, "terms")
        return [_with_terms(state, kept[state.subject_ref]) for state in states]

    def terms(self, subject_ref: str) -> ConsentTerms | None:
        """Return the terms of a person; ``None`` after an erasure or without a person."""
        kept = self.private(subject_ref, "terms")
        return ConsentTerms.from_json(next(iter(kept.values()))) if kept else None

    def private(self, subject_ref: str, kind: str) -> dict[str, bytes]:
        """Return the vault's items of a person, by reference; nothing after an erasure."""
        try:
            return {item.ref: item.plaintext for item in self.vault.items(subject_ref, kind)}
        except SubjectErased:
            return {}

    def link(self, state: RecordState, recording: Mapping[str, Any]) -> str | None:
        """Return the link of a recording; ``None`` once the person was erased."""
        link = self.private(state.subject_ref, "link").get(str(recording.get("link")))
        return None if link is None else link.decode()

    def name_ref(self, subject_ref: str, name: str | None) -> str | None:
        """Return the keyed reference of the requested name of a likeness."""
        return None if name is None else self.vault.reference(subject_ref, name.encode())

    def begin(self, record_id: str, subject_ref: str, entry: Entry) -> RecordState:
        """Write the first event of a record, then its personal data.

        This order ensures that all personal data can be erased, because a record leads to it.
        """
        refs = {name: self.vault.reference(subject_ref, data) for name, (_, data) in entry.private.items()}
        refs |= {name: self.vault.reference(subject_ref, data) for name, data in entry.named.items()}
        draft = entry.draft(self.clock.now(), record_id, subject_ref, refs, self._actor)
        state = apply(RecordState(), draft, now=draft.at)
        self.store.append(draft, expect_state_version=0, rows=self._rows(entry, record_id))
        for kind, data in entry.private.values():
            self.vault.put(subject_ref, kind, data)
        return state

    def check(self, state: RecordState, entry: Entry, at: datetime | None = None) -> RecordState:
        """Return the state of the record after an entry.

        Raises:
            IllegalTransition: Its state does not allow the entry; the message gives the reason.
        """
        at = at or self.clock.now()
        draft = entry.draft(at, state.record_id, state.subject_ref, self._foreseen(state, entry))
        return apply(state, draft, now=at)

    def _foreseen(self, state: RecordState, entry: Entry) -> Mapping[str, str]:
        """Return the references that an entry will have. The fold only interprets those of a recording."""
        refs = dict.fromkeys((*entry.private, *entry.named), "-")
        if entry.named:
            with suppress(SubjectErased):
                data = {**{name: data for name, (_, data) in entry.private.items()}, **entry.named}
                refs.update({name: self.vault.reference(state.subject_ref, one) for name, one in data.items()})
        return refs

    def write(
        self,
        record_id: str,
        decide: Callable[[RecordState, datetime], Entry | None],
        *,
        quick: bool = False,
        known: RecordState | None = None,
    ) -> RecordState:
        """Write an event, if one is needed.

        Args:
            record_id: The record.
            decide: Takes the present state and time and returns the event. It is called again if another writer added
                an event meanwhile. Its errors are raised.
            quick: Trust the projection, instead of folding all events of the record, of which there may be thousands.
            known: The state as it was read a moment ago. If the record has changed since, it is read again.

        Returns:
            The state afterwards.

        Raises:
            IllegalTransition: The record's state does not allow it; nothing was written.
        """
        while True:
            at = self.clock.now()
            read = self.store.state if quick else self.store.folded
            state = (known or read(record_id) or RecordState()).at(at)
            entry = decide(state, at)
            if entry is None:
                return state
            after = self.check(state, entry, at)  # checked before anything goes to the vault
            refs = {name: self.vault.put(state.subject_ref, *kept) for name, kept in entry.private.items()}
            refs |= {name: self.vault.reference(state.subject_ref, data) for name, data in entry.named.items()}
            draft = entry.draft(at, state.record_id, state.subject_ref, refs, self._actor)
            try:
                self.store.append(draft, expect_state_version=state.version, rows=self._rows(entry, record_id))
            except LedgerConflict:
                known = None
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
    """Return the id of a record.

    Raises:
        InvalidRequestError: It is neither a record nor an id.
    """
    if isinstance(record, ConsentRecord):
        return record.record_id
    if isinstance(record, str) and record:
        return record
    raise InvalidRequestError("record: pass a ConsentRecord or its id", field="record")
