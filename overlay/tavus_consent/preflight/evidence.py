"""Fingerprints of files, which show later if a file has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

from attrs import asdict, frozen

from tavus_consent.errors import EvidenceChanged

from .reading import BLOCK, Source

MAX_RANGES: Final = 32
"""The most ranges that a fingerprint keeps. A comparison costs one request per range."""
_BLOCKS: Final = 16


@frozen(kw_only=True)
class Fingerprint:
    """The fingerprint of a file at the time of a check.

    The hashes cover the parts that were read; only ``sha256`` covers the whole file. A server may send other content
    to Tavus than to this machine. A fingerprint cannot detect this.

    Attributes:
        size: The size in bytes.
        etag: The server's ETag of this version, or ``None``.
        ranges: The parts that were read: offset of the first byte, offset after the last byte, and SHA-256.
        sha256: The SHA-256 of the whole file if it was requested.
    """

    size: int
    etag: str | None
    ranges: tuple[tuple[int, int, str], ...]
    sha256: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fingerprint as JSON values."""
        return asdict(self)

    @property
    def digest(self) -> str:
        """The SHA-256 of the fingerprint itself, in hexadecimal, which a ledger can store."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the fingerprint from a result of :meth:`to_dict`."""
        ranges = tuple((int(start), int(end), str(digest)) for start, end, digest in data["ranges"])
        return cls(size=data["size"], etag=data["etag"], ranges=ranges, sha256=data.get("sha256"))


def take(source: Source, *, sha256: str | None = None) -> Fingerprint:
    """Return the fingerprint of the parts that were read: blocks of the index, and a sample of the sound packets."""
    seen = sorted((start, end, digest) for (start, end), digest in source.seen.items())
    blocks = [one for one in seen if one[0] % BLOCK == 0][:_BLOCKS]
    others = [one for one in seen if one not in set(blocks)]
    room = MAX_RANGES - len(blocks)
    step = max(1, -(-len(others) // room))
    return Fingerprint(size=source.size, etag=source.etag, ranges=tuple(sorted(blocks + others[::step])), sha256=sha256)


def retake(source: Source, before: Fingerprint) -> Fingerprint:
    """Read the parts that a fingerprint covers again.

    Raises:
        EvidenceChanged: The file has another size.
        Unreadable: The file cannot be read.
    """
    if source.size != before.size:
        raise _different("size")
    wanted = [(start, end) for start, end, _ in before.ranges]
    source.read_ranges([one for one in wanted if one not in source.seen])
    ranges = tuple((*one, source.seen[one]) for one in wanted)
    return Fingerprint(size=source.size, etag=source.etag, ranges=ranges)


def compare(before: Fingerprint, after: Fingerprint) -> None:
    """Check that two fingerprints belong to the same file.

    Args:
        before: The earlier fingerprint.
        after: The later fingerprint, which must cover the same parts.

    Raises:
        EvidenceChanged: They differ or cannot be compared.
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
    """Compute the SHA-256 of the whole file, piece by piece.

    Args:
        source: The file. The function lifts its limit on bytes.
        progress: A function to call with the number of bytes read and the size of the file.

    Raises:
        Unreadable: The file cannot be read to its end.
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
