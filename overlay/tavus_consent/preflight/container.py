"""Open a file with FFmpeg's demuxers, and get its facts from as few bytes as possible.

Every byte is untrusted. So FFmpeg gets no name, no network and no files, because a playlist named .mp4 would make it
open others. It may use two of its hundreds of demuxers, and never gets a count that would make it fill the memory. Its
errors become facts about the file.
"""

from __future__ import annotations

import math
import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import av
from attrs import frozen

from .facts import CUT_OFF, NO_INDEX, NO_TRACK, Facts, Track
from .failures import empty, said
from .reading import Readable

# FFmpeg reads ahead more than it needs. Small buffers and no probing prevent this.
_OPTIONS: Final = {
    "probesize": "32",
    "analyzeduration": "0",
    "protocol_whitelist": "none",
    "enable_drefs": "0",
}
_BUFFER: Final = 4096
MAX_SAMPLES: Final = 2_000_000
"""The most samples of all tracks. Hours of video and sound have fewer. FFmpeg keeps about 50 bytes for each. Only PCM
that counts every sample of sound has more; Tavus's guides name AAC."""
_MAX_READS: Final = 100_000
# Boxes that announce a count without containing as much data, and the offset of the count in them. They count samples,
# edits (FFmpeg copies the samples for each) and chunks. A compressed moov would hide all of these.
_COUNTS: Final = {b"stsz": 12, b"stz2": 12, b"trun": 8, b"elst": 8, b"stco": 8, b"co64": 8, b"stsc": 8}
_SAMPLES: Final = (b"stsz", b"stz2", b"trun")
_PACKED: Final = b"cmov"
_MARKS: Final = re.compile(b"|".join((*_COUNTS, _PACKED)))
_LONGEST: Final = 16
_LENGTH: Final = 4
_IN_64_BITS: Final = b"\x00\x00\x00\x01"
_LONG: Final = 8
_FRAME: Final = 1024
_LAST: Final = 1000
_BOXES: Final = 12

_MAGIC: Final = (
    (re.compile(rb"\A....ftyp", re.DOTALL), "mp4"),
    (re.compile(rb"\A....(?:moov|mdat|wide|free|skip|pnot)", re.DOTALL), "mov"),
    (re.compile(rb"\A\x1a\x45\xdf\xa3[^\x42]*\x42.{0,64}\x42\x82[\x80-\xff]webm", re.DOTALL), "webm"),
    (re.compile(rb"\A\x1a\x45\xdf\xa3"), "mkv"),
    (re.compile(rb"\ARIFF....AVI ", re.DOTALL), "avi"),
    (re.compile(rb"\ARIFF....WAVE", re.DOTALL), "wav"),
    (re.compile(rb"\A\x47.{187}\x47", re.DOTALL), "mpeg-ts"),
    (re.compile(rb"\A\x00\x00\x01[\xb3\xba]"), "mpeg"),
    (re.compile(rb"\AOggS"), "ogg"),
    (re.compile(rb"\AFLV\x01"), "flv"),
    (re.compile(rb"\A(?:ID3|\xff[\xe2-\xff])"), "mp3"),
    (re.compile(rb"\A\x30\x26\xb2\x75"), "wmv"),
    (re.compile(rb"\A(?:\xff\xd8\xff|\x89PNG|GIF8)"), "picture"),
    (re.compile(rb"\APK\x03\x04"), "zip"),
    (re.compile(rb"\A%PDF"), "pdf"),
    (re.compile(rb"\A#EXTM3U"), "playlist"),
    (re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<"), "html"),
)
_ENTRY: Final = struct.Struct(">III")
_DEMUXERS: Final = {"mp4": "mov", "mov": "mov", "webm": "matroska", "mkv": "matroska"}


@frozen
class Opened:
    """An inspected file, with a container to read its packets if FFmpeg could open it.

    Attributes:
        facts: The facts about the file.
        container: FFmpeg's container, or ``None`` if FFmpeg could not open the file.
        file: The file object from which the container reads.
    """

    facts: Facts
    container: Any
    file: File


class File:
    """A file object that lets PyAV read a source.

    PyAV drops exceptions from a file object. So this class keeps the first one, reports the end of the file from then
    on, and raises the exception in :meth:`check`.

    Args:
        source: The source.
        hole: The range that contains only pictures and sound. FFmpeg would read its start while it opens the file, but
            does not need it. So :meth:`read` reports the end of the file there.
    """

    def __init__(self, source: Readable, hole: range) -> None:
        self.source = source
        self.hole = hole
        self._at = 0
        self._tail = b""
        self._counts: dict[bytes, dict[int, int]] = {name: {} for name in _COUNTS}
        self._chunk = 0
        self._reads = 0
        self._failure: Exception | None = None

    def check(self) -> None:
        """Raise the first exception, if there was one."""
        if self._failure is not None:
            raise self._failure

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Change the position, and return it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.source.size}[whence]
        if base + offset != self._at:
            self._tail = b""
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def read(self, length: int) -> bytes:
        """Read the next bytes."""
        if self._failure is not None or self._at in self.hole:
            return b""
        try:
            self._reads += 1
            self.source.check()
            data = self.source.read(self._at, length)
            self._look(data)
        except Exception as failure:  # any error, because PyAV would drop it
            self._failure = failure
            return b""
        self._at += len(data)
        self._tail = data[-_LONGEST:]
        return data

    def _look(self, data: bytes) -> None:
        """Reject endless reading, and counts that are too high, before FFmpeg sees them.

        FFmpeg allocates memory for the announced count, not for the data that exist.
        """
        if self._reads > _MAX_READS:
            raise said("too_much")
        window = self._tail + data
        for found in _MARKS.finditer(window):
            name, place = found[0], self._at - len(self._tail) + found.start()
            if name == _PACKED:
                raise said("too_much")
            offset = _COUNTS[name] + (_LONG if self._is_long(place) else 0)
            header = self.source.read(place, offset + 4)
            if len(header) < offset + 4:
                raise said("damaged")
            self._counts[name][place] = count = int.from_bytes(header[offset:])
            if name == b"stsc":
                table = self.source.read(place + offset + 4, 12 * min(count, MAX_SAMPLES))
                self._chunk = max(
                    [self._chunk, *(entry[1] for entry in _ENTRY.iter_unpack(table[: len(table) // 12 * 12]))]
                )
        if self._announced() > MAX_SAMPLES:
            raise said("too_much")

    def _is_long(self, place: int) -> bool:
        """Return True if a box has a 64-bit length, which stands between its name and its content."""
        return place >= _LENGTH and self.source.read(place - _LENGTH, _LENGTH) == _IN_64_BITS

    def _announced(self) -> float:
        """Return the most samples for which FFmpeg would allocate memory; infinity if the file cannot contain them."""
        total = {name: sum(counts.values()) for name, counts in self._counts.items()}
        samples = sum(total[name] for name in _SAMPLES)
        # A sample, an edit or a chunk takes at least one byte, so a file has at most as many as bytes.
        if max(samples, *total.values()) > self.source.size:
            return math.inf
        # FFmpeg keeps PCM by frames of a chunk, not by samples. Then the samples are not counted.
        frames = (total[b"stco"] + total[b"co64"]) * (self._chunk // _FRAME)
        return (samples + frames) * max([1, *self._counts[b"elst"].values()])


@contextmanager
def opened(source: Readable) -> Iterator[Opened]:
    """Open a file, and get its facts.

    Raises:
        Unreadable: The source cannot be read, or the file is not safe to read.
    """
    if not source.size:
        raise empty()
    head = source.read(0, 256)
    kind = next((name for magic, name in _MAGIC if magic.match(head)), None)
    brand = head[8:12].decode("latin-1") if kind == "mp4" else None
    if kind not in _DEMUXERS:
        yield Opened(Facts(format=kind), None, File(source, range(0)))
        return
    boxes = list(_boxes(source)) if _DEMUXERS[kind] == "mov" else []
    file = File(source, next((body for name, body in boxes if name == b"mdat"), range(0)))
    container, facts = None, Facts(format=kind, brand=brand, damage=NO_INDEX)
    try:
        try:
            container = av.open(
                file,
                "r",
                format=_DEMUXERS[kind],
                buffer_size=_BUFFER,
                metadata_errors="replace",
                container_options=_OPTIONS,
            )
            facts = _facts(kind, brand, container, source.size, boxes)
        except MemoryError:
            raise said("memory") from None
        except Exception:  # noqa: S110 - errors of FFmpeg, and of PyAV for unusual values
            pass
        file.check()
        file.hole = range(0)
        yield Opened(facts, container if facts.is_open else None, file)
    finally:
        if container is not None:
            container.close()


_Box = tuple[bytes, range]


def _boxes(source: Readable) -> Iterator[_Box]:
    """Yield the first boxes of a file: the name and the announced position of the body of each."""
    at = 0
    for _ in range(_BOXES):
        header = source.read(at, 16)
        length, name, body = int.from_bytes(header[:4]), header[4:8], at + 8
        if length == 1:
            length, body = int.from_bytes(header[8:]), at + 16
        # Length 0 means up to the end of the file. A fragmented file has many boxes, far apart.
        if length < 8 or name in (b"moof", b"sidx", b"styp"):
            return
        yield name, range(body, at + length)
        at += length


def _facts(kind: str, brand: str | None, container: Any, size: int, boxes: list[_Box]) -> Facts:
    streams = list(container.streams)
    videos = [one for one in streams if one.type == "video" and not one.disposition & _PICTURE]
    sounds = [one for one in streams if one.type == "audio"]
    damage = ""
    if not videos and not sounds:
        damage = NO_TRACK
    elif any(one.stop > size for _, one in boxes) or _last_sample(streams) > size:
        damage = CUT_OFF
    return Facts(
        format=kind,
        brand=brand,
        video=_track(container, videos[0]) if videos else None,
        audio=_track(container, sounds[0]) if sounds else None,
        damage=damage,
        is_open=bool(videos or sounds),
    )


def _last_sample(streams: list[Any]) -> int:
    return max((entry.pos + entry.size for one in streams for entry in one.index_entries[-_LAST:]), default=0)


_PICTURE: Final = av.stream.Disposition.attached_pic


def _track(container: Any, stream: Any) -> Track:
    context = stream.codec_context
    whole = (container.duration or 0) / av.time_base
    rate = stream.average_rate if stream.type == "video" else None
    return Track(
        codec=context.codec.canonical_name if context else None,
        seconds=(float(stream.duration * stream.time_base) if stream.duration else whole) or None,
        fps=float(rate) if rate else None,
        width=context.width if context and stream.type == "video" else 0,
        height=context.height if context and stream.type == "video" else 0,
    )
