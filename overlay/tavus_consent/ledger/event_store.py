"""What the registry needs of a store, whether it is a ledger in a database or nothing but memory."""

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
"""What the index finds records by."""


@frozen(kw_only=True)
class Item:
    """Something that the vault keeps.

    Attributes:
        kind: What it is, such as ``"name"``.
        ref: The reference that stands for it in the chain.
        plaintext: The bytes themselves; never in a ``repr``.
    """

    kind: str
    ref: str
    plaintext: bytes = field(repr=False)


@frozen(kw_only=True)
class Erasure:
    """What an erasure reached.

    Attributes:
        subject_ref: Who was erased.
        items: How many items were deleted.
        residues: Where bytes may remain that no statement to the store can reach, in sentences.
    """

    subject_ref: str
    items: int
    residues: tuple[str, ...]


def known_kind(kind: str) -> str:
    """Refuse a kind of value that the index does not know."""
    if kind not in KINDS:
        raise InvalidRequestError(f"kind: one of {', '.join(KINDS)}", field="kind")
    return kind


@frozen(kw_only=True)
class Wanted:
    """Which records are looked for.

    Attributes:
        now: The present: time alone ends some records.
        status: Where they stand. Unless it is given, those that somebody vouched for are left out.
        until: They are alive and end by then.
        unsettled: It is not known what became of a create.
        everything: Also those that somebody vouched for.
    """

    now: datetime
    status: State | None = None
    until: datetime | None = None
    unsettled: bool = False
    everything: bool = False

    @property
    def of_persons(self) -> bool:
        """Whether records that show no person are left out."""
        return self.status is None and not self.unsettled and not self.everything

    def admits(self, folded: RecordState) -> bool:
        """Whether a record is looked for.

        Args:
            folded: What its events amount to, without the effect of time.
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
        """Append one event, if the record has had so many so far, with what the record is found by from now on."""
        ...

    def events(self, record_id: str | None = None, after: int = 0) -> Iterator[Event]:
        """The events in order."""
        ...

    def readable(self, record_id: str | None = None) -> list[Event]:
        """The events, or those of one record, without those that cannot be read: its state says that there are such."""
        ...

    def folded(self, record_id: str) -> RecordState | None:
        """As :meth:`state`, from the events themselves: for whoever is about to write."""
        ...

    def state(self, record_id: str) -> RecordState | None:
        """What the events of a record amount to, without the effect of time; ``None`` when there are none."""
        ...

    def first(self, record_id: str) -> int | None:
        """The number of a record's first event."""
        ...

    def page(self, wanted: Wanted, after: int, limit: int) -> list[tuple[int, RecordState]]:
        """Records in the order in which they began, behind this number, each with the number of its first event."""
        ...

    def states(self, record_ids: Sequence[str]) -> list[RecordState]:
        """What the events of some records amount to, in the order in which they began."""
        ...

    def of_replica(self, replica_id: str) -> list[str]:
        """The records that a replica came of."""
        ...

    def head(self) -> Head | None:
        """Size and last hash; ``None`` where no chain is kept."""
        ...


class Personal(Protocol):
    """Personal data, under a key for each person. All but ``erase`` raise ``SubjectErased`` once it was erased."""

    def put(self, subject_ref: str, kind: str, plaintext: bytes) -> str:
        """Keep something; gives its reference."""
        ...

    def items(self, subject_ref: str, kind: str | None = None) -> list[Item]:
        """What is kept of a person."""
        ...

    def items_of(self, subject_refs: Collection[str], kind: str) -> dict[str, list[Item] | LedgerError]:
        """What is kept of several persons, read at once; for each what they have, or why it cannot be opened."""
        ...

    def reference(self, subject_ref: str, data: bytes) -> str:
        """A keyed reference."""
        ...

    def erase(self, subject_ref: str) -> Erasure:
        """Destroy a person's key and everything under it."""
        ...


class Finding(Protocol):
    """Blind indexes: what was added can be found again, and not be read."""

    def ensure(self) -> None:
        """Make sure that everything that is kept can be found."""
        ...

    def link(self, url: str) -> str:
        """The keyed reference of a link's host and path."""
        ...

    def rows(self, marks: Iterable[Mark]) -> Sequence[Any]:
        """What a record is to be found by, blinded, to be appended with an event."""
        ...

    def add(self, rows: Sequence[Any]) -> None:
        """Have records found. Adding the same twice is fine."""
        ...

    def find(self, kind: str, value: str) -> list[str]:
        """The records that were added with this value, in the order in which they began."""
        ...

    def against(
        self, person: Person | None, recordings: Sequence[Recording], *, mine: str, without: str | None = None
    ) -> tuple[list[Found], list[Found]]:
        """What stands against a person and against recordings, by other records than this one."""
        ...

    def held(self, record_id: str, recordings: Sequence[Recording]) -> dict[str, int]:
        """Which of these recordings a record has, blinded, and since when."""
        ...

    def person(self, person: Person | str) -> str:
        """Who somebody is, blinded."""
        ...

    def forget(self, record_id: str) -> None:
        """Have a record not found any more by who its person is; its recordings stay, and are nobody's any more."""
        ...


class Keeping(Protocol):
    """Events, personal data and the index together."""

    @property
    def store(self) -> Events:
        """The events."""
        ...

    @property
    def vault(self) -> Personal:
        """Personal data."""
        ...

    @property
    def index(self) -> Finding:
        """The index."""
        ...
