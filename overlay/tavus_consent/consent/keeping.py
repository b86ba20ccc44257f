"""What the registry needs of a store, whether it is a ledger in a database or nothing but memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from attrs import field, frozen

from .events import Event, EventDraft
from .ledger.chain import Head


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


class Events(Protocol):
    """Events that are only appended."""

    def append(self, draft: EventDraft, *, expect_state_version: int | None = None) -> Event:
        """Append one event, if the record has had so many so far."""
        ...

    def events(self, record_id: str | None = None, after: int = 0) -> Iterator[Event]:
        """The events in order."""
        ...

    def recordings(self, sha256: str) -> Iterator[Event]:
        """The ``recorded`` events of a recording with these bytes, in order."""
        ...

    def head(self) -> Head | None:
        """Size and last hash; ``None`` where no chain is kept."""
        ...


class Personal(Protocol):
    """Personal data, under a key for each person."""

    def put(self, subject_ref: str, kind: str, plaintext: bytes) -> str:
        """Keep something; gives its reference."""
        ...

    def items(self, subject_ref: str, kind: str | None = None) -> list[Item]:
        """What is kept of a person."""
        ...

    def reference(self, subject_ref: str, data: bytes) -> str:
        """A keyed reference."""
        ...

    def erase(self, subject_ref: str) -> Erasure:
        """Destroy a person's key and everything under it."""
        ...


class Keeping(Protocol):
    """Events and personal data together."""

    @property
    def store(self) -> Events:
        """The events."""
        ...

    @property
    def vault(self) -> Personal:
        """Personal data."""
        ...
