"""The protocols of a store, as the registry uses it: a ledger in a database, or memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from attrs import field, frozen

from tavus_consent.consent.events import Event, EventDraft
from tavus_consent.consent.persons import PERSONAL, RECORDINGS, Found, Mark, Person, Recording
from tavus_consent.consent.states import ALIVE, RecordState, State
from tavus_consent.errors import InvalidRequestError, LedgerError

from .chain import Head

KINDS: Final = (*PERSONAL, *RECORDINGS)
"""The kinds of values that the index finds records by."""


@frozen(kw_only=True)
class Item:
    """One item in the vault.

    Attributes:
        kind: Its kind, such as ``"name"``.
        ref: The reference that stands for it in the chain.
        plaintext: The bytes themselves; never in a ``repr``.
    """

    kind: str
    ref: str
    plaintext: bytes = field(repr=False)


@frozen(kw_only=True)
class Erasure:
    """The result of an erasure.

    Attributes:
        subject_ref: The person who was erased.
        items: The number of deleted items.
        residues: The places where bytes may remain beyond the reach of the store, in sentences.
    """

    subject_ref: str
    items: int
    residues: tuple[str, ...]


def known_kind(kind: str) -> str:
    """Return a kind of value that records are found by.

    Raises:
        InvalidRequestError: The kind is unknown.
    """
    if kind not in KINDS:
        raise InvalidRequestError(f"kind: one of {', '.join(KINDS)}", field="kind")
    return kind


@frozen(kw_only=True)
class RecordQuery:
    """A filter for records.

    Attributes:
        now: The present; some states end with time.
        status: The status. By default, attestations are left out.
        until: Keep active records that expire by then.
        unsettled: Keep records with a create whose outcome is unknown.
        everything: Keep attestations too.
    """

    now: datetime
    status: State | None = None
    until: datetime | None = None
    unsettled: bool = False
    everything: bool = False

    @property
    def of_persons(self) -> bool:
        """True if attestations, which show no person, are left out."""
        return self.status is None and not self.unsettled and not self.everything

    def admits(self, folded: RecordState) -> bool:
        """Return True if the filter keeps a record.

        Args:
            folded: The state of the record as of its last event, before expiry is applied.
        """
        state = folded.at(self.now)
        return (
            not (self.of_persons and state.is_attestation)
            and self.status in (None, state.state)
            and (not self.unsettled or bool(state.unsettled))
            and (self.until is None or self._ends_by(state, self.until))
        )

    def _ends_by(self, state: RecordState, until: datetime) -> bool:
        return state.state in ALIVE and state.expires_at is not None and self.now < state.expires_at <= until


class Events(Protocol):
    """Events that are only appended."""

    def append(self, draft: EventDraft, *, expect_state_version: int | None = None, rows: Sequence[Any] = ()) -> Event:
        """Append one event if the record has the expected version, with its index rows from now on."""
        ...

    def events(self, record_id: str | None = None, after: int = 0) -> Iterator[Event]:
        """Yield the events in order."""
        ...

    def readable(self, record_id: str | None = None) -> list[Event]:
        """Return the readable events, of all records or one. The state of a record says if some are unreadable."""
        ...

    def event(self, event_id: str) -> Event | None:
        """Return the event with this id, or ``None``. No two events have one id."""
        ...

    def folded(self, record_id: str) -> RecordState | None:
        """Return the state like :meth:`state`, but folded from the events, for a caller about to write."""
        ...

    def state(self, record_id: str) -> RecordState | None:
        """Return a record's state as of its last event, or ``None`` if it has no events."""
        ...

    def first(self, record_id: str) -> int | None:
        """Return the number of a record's first event."""
        ...

    def page(self, wanted: RecordQuery, after: int, limit: int) -> list[tuple[int, RecordState]]:
        """Return records after this number, oldest first, each with the number of its first event."""
        ...

    def states(self, record_ids: Sequence[str]) -> list[RecordState]:
        """Return the states of some records as of their last events, oldest record first."""
        ...

    def of_replica(self, replica_id: str) -> list[str]:
        """Return the ids of the records that a replica, face or voice was created from."""
        ...

    def of_output(self, kind: str, object_id: str) -> list[str]:
        """Return the ids of the records whose likenesses were used to make something."""
        ...

    def has_likenesses(self) -> bool:
        """Return True if any record has a replica, face or voice."""
        ...

    def head(self) -> Head | None:
        """Return the size and the last hash; ``None`` without a chain."""
        ...


class Personal(Protocol):
    """Personal data, encrypted under a key for each person."""

    def put(self, subject_ref: str, kind: str, plaintext: bytes) -> str:
        """Store an item and return its reference."""
        ...

    def items(self, subject_ref: str, kind: str | None = None) -> list[Item]:
        """Return the items of a person."""
        ...

    def items_of(self, subject_refs: Collection[str], kind: str) -> dict[str, list[Item] | LedgerError]:
        """Return the items of several persons, read at once, or for each the error that prevents opening them."""
        ...

    def reference(self, subject_ref: str, data: bytes) -> str:
        """Return a keyed reference."""
        ...

    def erase(self, subject_ref: str) -> Erasure:
        """Destroy a person's key and everything encrypted under it."""
        ...


class IndexLike(Protocol):
    """Blind indexes: they find the values that were added but do not reveal them."""

    def ensure(self) -> None:
        """Make sure that the index covers everything in the store."""
        ...

    def link(self, url: str) -> str:
        """Return the keyed reference of a link's host and path."""
        ...

    def rows(self, marks: Iterable[Mark]) -> Sequence[Any]:
        """Return the blinded index rows of a record, to append with an event."""
        ...

    def add(self, rows: Sequence[Any]) -> None:
        """Add index rows. You can add the same rows twice."""
        ...

    def find(self, kind: str, value: str) -> list[str]:
        """Return the records that were added with this value, oldest first."""
        ...

    def against(
        self, person: Person | None, recordings: Sequence[Recording], *, mine: str, without: str | None = None
    ) -> tuple[list[Found], list[Found]]:
        """Return the bars against a person and against recordings, from other records than this one."""
        ...

    def open_creates(self, recordings: Sequence[Recording]) -> list[str]:
        """Return the records with a create of unknown outcome that trains one of these recordings."""
        ...

    def held(self, record_id: str, recordings: Sequence[Recording]) -> dict[str, int]:
        """Return the record's recordings among these, blinded, each with the event that added it."""
        ...

    def person(self, person: Person | str) -> str:
        """Return the blinded identity of a person."""
        ...

    def forget(self, record_id: str) -> None:
        """Stop finding a record by its person. Its recordings stay in the index but belong to no person."""
        ...


class LedgerLike(Protocol):
    """Events, personal data and the index together."""

    @property
    def store(self) -> Events:
        """The events."""
        ...

    @property
    def vault(self) -> Personal:
        """The personal data."""
        ...

    @property
    def index(self) -> IndexLike:
        """The index."""
        ...
