"""Sources that read parts of a large file: from a link by ranges, from a path, or from an open file.

A source compares each response with its request, and checks the budget before each read.
"""

from __future__ import annotations

import hashlib
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, Protocol, Self, TypeGuard

from tavus_consent.errors import InvalidRequestError

from .failures import changed
from .metering import Meter

BLOCK: Final = 16 * 1024
"""The size of a block in bytes. Reads are aligned to blocks."""
_STREAK: Final = 8
_KEPT: Final = 512


class Readable(Protocol):
    """A file of known size that a parser can read: a :class:`Source`, or a proxy of one in the parent process."""

    size: int

    def read(self, at: int, length: int) -> bytes:
        """Read bytes from an offset; fewer at the end of the file."""
        ...

    def read_ranges(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Read exactly the given ranges."""
        ...

    def left_requests(self) -> int:
        """Return the number of requests that are left."""
        ...

    def check(self) -> None:
        """Raise an error if the reader must stop."""
        ...


class Blocks(ABC):
    """A file of known size that is read in aligned blocks, which are cached.

    Attributes:
        size: The size of the whole file in bytes.
    """

    size: int

    def __init__(self) -> None:
        self._blocks: dict[int, bytes] = {}
        self._streak = 0
        self._next = -1

    @abstractmethod
    def _get(self, start: int, end: int) -> bytes:
        """Return all bytes of a range."""

    def read(self, at: int, length: int) -> bytes:
        """Read bytes from an offset; fewer at the end of the file. The blocks are cached."""
        end = min(at + length, self.size)
        found = bytearray()
        for number in range(at // BLOCK, -(-end // BLOCK)) if at < end else ():
            block = self._blocks[number] if number in self._blocks else self._get_block(number)
            found += block[max(0, at - number * BLOCK) : max(0, end - number * BLOCK)]
        return bytes(found)

    def _get_block(self, number: int) -> bytes:
        # Read ahead after many consecutive blocks: a long index costs few requests, and a short one no extra bytes.
        self._streak = self._streak + 1 if number == self._next else 0
        many = _STREAK if self._streak >= _STREAK else 1
        data = self._get(number * BLOCK, min((number + many) * BLOCK, self.size))
        while len(self._blocks) > _KEPT:
            del self._blocks[next(iter(self._blocks))]
        self._keep(number, data)
        return data[:BLOCK]

    def _keep(self, number: int, data: bytes) -> None:
        """Cache blocks, starting at a block number."""
        for place in range(0, len(data), BLOCK):
            self._blocks[number + place // BLOCK] = data[place : place + BLOCK]
        self._next = number + -(-len(data) // BLOCK)


class Source(Blocks):
    """A file of known size that is read in pieces.

    Attributes:
        etag: The server's ETag of this version of the file, or ``None``.
        content_type: The content type from the server, or ``None``.
        seen: The SHA-256 of every range that was read, by the offsets of its first byte and after its last byte.
    """

    etag: str | None = None
    content_type: str | None = None

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self.meter = meter
        self.seen: dict[tuple[int, int], str] = {}

    @abstractmethod
    def _fetch(self, start: int, end: int) -> bytes:
        """Return all bytes of a range."""

    @abstractmethod
    def stream(self) -> Iterator[bytes]:
        """Yield the whole file, piece by piece."""

    @abstractmethod
    def close(self) -> None:
        """Release the file or the connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _get(self, start: int, end: int) -> bytes:
        data = self._fetch(start, end)
        self.seen[start, end] = hashlib.sha256(data).hexdigest()
        return data

    def read_ranges(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Read exactly the given ranges, each ``(first offset, offset after the last byte)``."""
        return [self._get(start, end) for start, end in ranges]

    def left_requests(self) -> int:
        """Return the number of requests that are left."""
        return self.meter.left_requests()

    def check(self) -> None:
        """Raise an error if the time is up or the check was stopped."""
        self.meter.left()


class LocalSource(Source):
    """A file that is open in this process. Closing the source restores its position.

    Args:
        file: The file, binary and seekable.
        meter: The meter of the check.
        name: The name of the argument that has the file, for messages.
        owned: True to close the file with the source.
    """

    def __init__(self, file: BinaryIO, meter: Meter, *, name: str, owned: bool = False) -> None:
        super().__init__(meter)
        self._file = file
        self._owned = owned
        try:
            self._place = file.tell()
            self.size = file.seek(0, os.SEEK_END)
            file.seek(0)
            is_binary = isinstance(file.read(0), bytes)
        except (OSError, ValueError, AttributeError):
            is_binary = False
        if not is_binary:
            raise InvalidRequestError(
                f"{name}: give a file that is open for reading in binary mode and can seek",
                field=name,
                reason="not_a_file",
            )

    @classmethod
    def of_path(cls, path: Path, meter: Meter, *, name: str) -> Self:
        """Open a path of a regular file. Reject other kinds, because a read from a pipe or device may never end."""
        try:
            file = path.open("rb") if stat.S_ISREG(path.stat().st_mode) else None
        except (OSError, ValueError):
            file = None
        if file is None:
            raise InvalidRequestError(f"{name}: there is no file that can be read", field=name, reason="not_a_file")
        return cls(file, meter, name=name, owned=True)

    def close(self) -> None:
        """Close the file if it is owned; otherwise restore its position."""
        if self._owned:
            self._file.close()
        else:
            self._file.seek(self._place)

    def _fetch(self, start: int, end: int) -> bytes:
        self.meter.ask(end - start, request=False)
        self._file.seek(start)
        data = self._file.read(end - start)
        if len(data) != end - start:
            raise changed()
        self.meter.took(len(data))
        return data

    def stream(self) -> Iterator[bytes]:
        """Yield the whole file, piece by piece."""
        for start in range(0, self.size, 64 * BLOCK):
            yield self._fetch(start, min(start + 64 * BLOCK, self.size))


def is_link(media: object) -> TypeGuard[str]:
    """Return True if a medium is given as a link, not as a path or a file.

    A string is always treated as a link, so that a string from a stranger never opens a local file.
    """
    return isinstance(media, str)
