"""Merkle trees as in RFC 9162, section 2.1: one root for a whole ledger, and proofs for single events. Pure.

The leaf hash of RFC 9162 is ``SHA-256(0x00 || data)``, which is exactly the ``hash`` of an event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from operator import index
from typing import Any, Final

from attrs import frozen

from tavus_consent.consent.events import Event
from tavus_consent.errors import InvalidRequestError, LedgerBroken

from .chain import Head, canonical, digest, row_of

NO_LEAVES: Final = hashlib.sha256().hexdigest()
"""The root of an empty tree."""


@frozen(kw_only=True)
class Checkpoint:
    """The state of a ledger in three values, to hand to someone else. Later events cannot change what it covers.

    Attributes:
        size: Number of events.
        head: Hash of the last event.
        root: Hex root of the Merkle tree over all of them (RFC 9162).
    """

    size: int
    head: str
    root: str

    @property
    def expected(self) -> Head:
        """The head to pass to ``verify``."""
        return Head(self.size, self.head)


@frozen
class Tree:
    """All levels of a Merkle tree, leaves first.

    A node without a sibling moves up unchanged. The result is the same tree as with RFC 9162's split at the largest
    power of two.
    """

    levels: tuple[tuple[bytes, ...], ...]

    @classmethod
    def of(cls, hashes: Iterable[str]) -> Tree:
        """Build a tree of hex leaf hashes: of events in the order of their numbers."""
        level = tuple(map(bytes.fromhex, hashes))
        levels = [level]
        while len(level) > 1:
            pairs = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
            level = (*pairs, *level[len(pairs) * 2 :])
            levels.append(level)
        return cls(tuple(levels))

    @property
    def root(self) -> str:
        """The hex root."""
        return self.levels[-1][0].hex() if self.levels[0] else NO_LEAVES

    def path(self, seq: int) -> tuple[str, ...]:
        """Return the inclusion proof of an event, as hex hashes from the leaf upwards (RFC 9162, 2.1.3.1).

        Args:
            seq: Number of the event, from 1.

        Raises:
            InvalidRequestError: The tree has no such event.
        """
        if not 1 <= seq <= len(self.levels[0]):
            raise InvalidRequestError(f"the checkpoint does not cover event {seq}", field="seq", reason="out_of_range")
        place = seq - 1
        path = []
        for level in self.levels[:-1]:
            if (sibling := place ^ 1) < len(level):
                path.append(level[sibling].hex())
            place >>= 1
        return tuple(path)


def root_from_path(leaf: str, seq: int, size: int, path: Sequence[str]) -> str | None:
    """Return the root that an inclusion proof leads to (RFC 9162, 2.1.3.2).

    Args:
        leaf: Hex hash of the event.
        seq: Its number, from 1.
        size: Number of events under the root.
        path: The proof.

    Returns:
        The hex root, or ``None`` if the proof does not have the length that these numbers require.
    """
    place, last = seq - 1, size - 1
    if not 0 <= place <= last:
        return None
    node = bytes.fromhex(leaf)
    for step in path:
        if last == 0:
            return None
        sibling = bytes.fromhex(step)
        if place % 2 or place == last:
            node = _node(sibling, node)
            while place and not place % 2:
                place >>= 1
                last >>= 1
        else:
            node = _node(node, sibling)
        place >>= 1
        last >>= 1
    return node.hex() if last == 0 else None


@frozen(kw_only=True)
class Disclosure:
    """One record's events with their proofs, which can be shown without revealing other records.

    It proves that these events are in the ledger of the checkpoint, unchanged and in this place. It cannot prove that
    they are all events of the record.

    Attributes:
        checkpoint: The state of the ledger that the proofs lead to.
        events: The events of the record up to the checkpoint, in order.
        paths: The inclusion proof of each event.
    """

    checkpoint: Checkpoint
    events: tuple[Event, ...]
    paths: tuple[tuple[str, ...], ...]

    def check(self, trusted: Checkpoint | None = None) -> None:
        """Check every proof, using only this disclosure.

        Args:
            trusted: The checkpoint from an independent source. Without it, the method only checks that the parts of the
                disclosure match each other.

        Raises:
            LedgerBroken: A proof does not lead to the root; ``seq`` names the event.
        """
        if trusted is not None and trusted != self.checkpoint:
            raise LedgerBroken("the disclosure was made for a different checkpoint than the trusted one", seq=None)
        for event, path in zip(self.events, self.paths, strict=True):
            if event.hash != digest(row_of(event)):
                raise LedgerBroken(f"event {event.seq} was changed: its content does not match its hash", seq=event.seq)
            if root_from_path(event.hash, event.seq, self.checkpoint.size, path) != self.checkpoint.root:
                raise LedgerBroken(f"event {event.seq} is not in the ledger of this checkpoint", seq=event.seq)

    def to_json(self) -> str:
        """Return canonical JSON: ``{"checkpoint": {...}, "events": [{"event": {...}, "path": [...]}]}``."""
        checkpoint = {"size": self.checkpoint.size, "head": self.checkpoint.head, "root": self.checkpoint.root}
        events = [
            {"event": event.to_dict(), "path": list(path)} for event, path in zip(self.events, self.paths, strict=True)
        ]
        return canonical({"checkpoint": checkpoint, "events": events})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Disclosure:
        """Read a disclosure from the parsed output of :meth:`to_json`.

        Raises:
            InvalidRequestError: It is not of that form.
        """
        try:
            checkpoint = Checkpoint(**data["checkpoint"])
            events = tuple(Event.from_dict(one["event"]) for one in data["events"])
            paths = tuple(tuple(bytes.fromhex(step).hex() for step in one["path"]) for one in data["events"])
            _ = checkpoint.expected, bytes.fromhex(checkpoint.root), [index(event.seq) for event in events]
        except (KeyError, TypeError, ValueError):
            raise InvalidRequestError("the data is not a disclosure of a record", field="data", reason="form") from None
        return cls(checkpoint=checkpoint, events=events, paths=paths)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
