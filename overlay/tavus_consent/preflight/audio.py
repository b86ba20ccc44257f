"""Decode the first seconds of a file's sound to PCM. This reads only the bytes of the sound packets."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise, takewhile
from typing import Any, Final

import av
from av.stream import Discard

from .container import Opened
from .facts import RATE
from .failures import Unreadable, said
from .reading import Readable

_MAX_PACKETS: Final = 100_000
_MAX_PACKET: Final = 1024 * 1024
_DECODERS: Final = frozenset(
    ("aac", "ac3", "alac", "eac3", "flac", "mp2", "mp3", "opus", "pcm_s16be", "pcm_s16le", "pcm_s24le", "vorbis")
)
_RESERVE: Final = 8
_GAP: Final = 0.5

Range = tuple[int, int]


def pcm(opened: Opened, source: Readable, seconds: float) -> bytes:
    """Decode the first seconds of the sound.

    Returns:
        16-bit little-endian PCM, 16 kHz, one channel.

    Raises:
        Unreadable: The sound cannot be read or decoded.
    """
    sound = b""
    try:
        stream = opened.container.streams.audio[0]
        if stream.codec_context.codec.canonical_name in _DECODERS:
            places = _places(stream, seconds, source.size)
            packets = _demuxed(opened, stream, seconds) if places is None else _exact(source, places)
            sound = _decode(_decoder(stream), packets, int(seconds * RATE) * 2)
    except Unreadable:
        raise
    except MemoryError:
        raise said("memory") from None
    except Exception:  # noqa: S110 - PyAV may raise any error for untrusted bytes
        pass
    if not sound:
        raise said("undecodable")
    return sound


def _decoder(stream: Any) -> Any:
    """Create a separate decoder, because the decoder of the container accepts only packets of the container."""
    context = stream.codec_context
    decoder: Any = av.CodecContext.create(context.codec.name, "r")
    decoder.extradata = context.extradata
    decoder.sample_rate, decoder.layout = context.sample_rate, context.layout
    decoder.thread_count = 1
    return decoder


def _places(stream: Any, seconds: float, size: int) -> list[Range] | None:
    """Return the positions of the packets, or ``None`` if the index does not cover the time."""
    until = seconds / stream.time_base
    entries = stream.index_entries
    found = [
        (entry.pos, entry.pos + entry.size)
        for entry in islice(entries, _MAX_PACKETS)
        if entry.timestamp < until and entry.size
    ]
    end = min(until, stream.duration or until) - _GAP / stream.time_base
    if not found or entries[min(len(entries), _MAX_PACKETS) - 1].timestamp < end:
        return None
    if any(not 0 <= start < stop <= size or stop - start > _MAX_PACKET for start, stop in found):
        raise IndexError
    return found


def _exact(source: Readable, places: Sequence[Range]) -> Iterator[bytes]:
    merged = merge(places, max(1, source.left_requests() - _RESERVE))
    read = source.read_ranges(merged)
    starts = [start for start, _ in merged]
    for start, stop in places:
        number = bisect_right(starts, start) - 1
        yield read[number][start - starts[number] : stop - starts[number]]


def merge(places: Iterable[Range], most: int) -> list[Range]:
    """Join ranges across the smallest gaps until at most ``most`` of them remain."""
    joined: list[Range] = []
    for start, stop in sorted(places):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(stop, joined[-1][1])
        else:
            joined.append((start, stop))
    gaps = sorted(((two[0] - one[1], two[0]) for one, two in pairwise(joined)), reverse=True)
    kept = {start for _, start in gaps[: most - 1]}
    result = joined[:1]
    for start, stop in joined[1:]:
        if start in kept:
            result.append((start, stop))
        else:
            result[-1] = result[-1][0], stop
    return result


def _demuxed(opened: Opened, stream: Any, seconds: float) -> Iterator[bytes]:
    """Yield the packets in the order of the file. FFmpeg skips the packets of other tracks."""
    for one in opened.container.streams:
        one.discard = Discard.default if one.index == stream.index else Discard.all
    until = seconds / stream.time_base
    packets = islice(opened.container.demux(stream), _MAX_PACKETS)
    for packet in takewhile(lambda one: one.size and (one.pts is None or one.pts < until), packets):
        yield bytes(packet)
    opened.file.check()


def _decode(decoder: Any, packets: Iterator[bytes], length: int) -> bytes:
    resampler = av.AudioResampler("s16", "mono", RATE)
    sound = bytearray()
    for data in packets:
        try:
            frames = decoder.decode(av.Packet(data))
        except MemoryError:
            raise
        except av.FFmpegError:  # a damaged packet only causes a click
            continue
        for frame in frames:
            for piece in resampler.resample(frame):
                sound += bytes(piece.planes[0])[: piece.samples * 2]
        if len(sound) >= length:
            break
    return bytes(sound[:length])
