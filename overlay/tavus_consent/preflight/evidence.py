"""What was read of a file, to tell later whether it is still the same file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

from attrs import asdict, frozen

from tavus_consent.errors import EvidenceChanged

from .reading import BLOCK, Source

MAX_RANGES: Final = 32
"""Ranges that a fingerprint keeps: comparing it costs as many requests."""
_BLOCKS: Final = 16


@frozen(kw_only=True)
class Fingerprint:
    """What a file was when it was checked.

    The hashes cover what was read, not the whole file, unless ``sha256`` is there. A server can send one thing to us
    and another one to Tavus: nothing that is read here can rule that out.

    Attributes:
        size: Bytes.
        etag: What the server called this version, or ``None``.
        ranges: First byte, the one behind the last, and SHA-256 of parts that were read.
        sha256: Of the whole file, where that was asked for.
    """

    size: int
    etag: str | None
    ranges: tuple[tuple[int, int, str], ...]
    sha256: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As values of JSON."""
        return asdict(self)

    @property
    def digest(self) -> str:
        """SHA-256 of the fingerprint itself, as hex: what a ledger can hold of it."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """What :meth:`to_dict` gave."""
        ranges = tuple((int(start), int(end), str(digest)) for start, end, digest in data["ranges"])
        return cls(size=data["size"], etag=data["etag"], ranges=ranges, sha256=data.get("sha256"))


def take(source: Source, *, sha256: str | None = None) -> Fingerprint:
    """The fingerprint of what was read: the blocks of the index, and packets of the sound spread over it."""
    seen = sorted((start, end, digest) for (start, end), digest in source.seen.items())
    blocks = [one for one in seen if one[0] % BLOCK == 0][:_BLOCKS]
    others = [one for one in seen if one not in set(blocks)]
    room = MAX_RANGES - len(blocks)
    step = max(1, -(-len(others) // room))
    return Fingerprint(size=source.size, etag=source.etag, ranges=tuple(sorted(blocks + others[::step])), sha256=sha256)


def retake(source: Source, before: Fingerprint) -> Fingerprint:
    """Read what a fingerprint covers once more.

    Raises:
        EvidenceChanged: The file has another size.
        Unreadable: It cannot be read.
    """
    if source.size != before.size:
        raise _different("size")
    wanted = [(start, end) for start, end, _ in before.ranges]
    source.read_ranges([one for one in wanted if one not in source.seen])
    ranges = tuple((*one, source.seen[one]) for one in wanted)
    return Fingerprint(size=source.size, etag=source.etag, ranges=ranges)


def compare(before: Fingerprint, after: Fingerprint) -> None:
    """Make sure that two fingerprints are of one file.

    Args:
        before: The earlier one.
        after: The later one; it has to cover what the earlier one does.

    Raises:
        EvidenceChanged: They are not, or cannot be compared.
    """
    if before.size != after.size:
        raise _different("size")
    if before.sha256 is not None and after.sha256 is not None:
        if before.sha256 != after.sha256:
            raise _different("sha256")
        return
    if before.etag != after.etag:
        raise _different("etag")
    if not set(before.ranges) <= set(after.ranges):
        raise _different("content")


def hash_whole(source: Source, progress: Callable[[int, int], None]) -> str:
    """SHA-256 of the whole file, piece by piece.

    Args:
        source: The file; its budget is lifted.
        progress: Called with the bytes that were read and all.

    Raises:
        Unreadable: It cannot be read to its end.
    """
    source.meter.lift()
    whole, done = hashlib.sha256(), 0
    for piece in source.stream():
        whole.update(piece)
        done += len(piece)
        progress(done, source.size)
    return whole.hexdigest()


def _different(reason: str) -> EvidenceChanged:
    return EvidenceChanged(
        f"the recording is not the one that was checked (its {reason} differs): run the preflight again", reason=reason
    )
