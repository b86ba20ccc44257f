"""What a file is: the little that comes out of reading it, and how it travels between processes. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import asdict, frozen

RATE: Final = 16_000
"""Samples a second of what recognizers get: one channel of 16-bit numbers."""
SECONDS: Final = 60.0
"""Seconds of a video that are listened to: the statement takes 20, and 45 with a late start at 75 words a minute."""
NO_INDEX: Final = "Its index cannot be read: it is cut off or damaged."
NO_TRACK: Final = "Its index names no track: it is cut off or damaged."
CUT_OFF: Final = "The file is cut off: its index points behind its end."
_DAMAGES: Final = frozenset(("", NO_INDEX, NO_TRACK, CUT_OFF))
_WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_MAX_SIDE: Final = 2**31


@frozen(kw_only=True)
class Track:
    """One track.

    Attributes:
        codec: FFmpeg's name of the codec, for example ``h264``; ``None`` if FFmpeg does not know it.
        seconds: Its duration, or ``None``.
        fps: Frames per second of a video, or ``None``.
        width: Pixels of a video.
        height: Pixels of a video.
    """

    codec: str | None
    seconds: float | None = None
    fps: float | None = None
    width: int = 0
    height: int = 0


@frozen(kw_only=True)
class Facts:
    """What a file is.

    Attributes:
        format: ``mp4``, ``mov``, ``webm``, ``mkv`` or another word by its first bytes; ``None`` if they say nothing.
        brand: The major brand of .mp4 and .mov.
        video: The video track, or ``None``.
        audio: The audio track, or ``None``.
        damage: What is wrong with the file, a sentence; empty if nothing is.
        is_open: Whether the tracks could be read, so that a missing one is missing.
    """

    format: str | None
    brand: str | None = None
    video: Track | None = None
    audio: Track | None = None
    damage: str = ""
    is_open: bool = False

    @property
    def has_sound(self) -> bool:
        """Whether there is a sound track that can be decoded."""
        return self.is_open and self.audio is not None

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as values of JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Any) -> Facts:
        """Read what :meth:`to_dict` gave, trusting nothing: the sender parses files from strangers."""
        if not isinstance(data, Mapping) or data.keys() != {"format", "brand", "video", "audio", "damage", "is_open"}:
            raise ValueError
        if data["damage"] not in _DAMAGES or not isinstance(data["is_open"], bool):
            raise ValueError
        brand = data["brand"]
        if brand is not None and not (isinstance(brand, str) and len(brand) <= 4):
            raise ValueError
        return cls(
            format=_word(data["format"]),
            brand=brand,
            video=_track(data["video"]),
            audio=_track(data["audio"]),
            damage=data["damage"],
            is_open=data["is_open"],
        )


def _track(data: Any) -> Track | None:
    if data is None:
        return None
    if not isinstance(data, Mapping) or data.keys() != {"codec", "seconds", "fps", "width", "height"}:
        raise ValueError
    return Track(
        codec=_word(data["codec"]),
        seconds=_number(data["seconds"]),
        fps=_number(data["fps"]),
        width=_side(data["width"]),
        height=_side(data["height"]),
    )


def _word(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and _WORD.fullmatch(value)):
        return value
    raise ValueError


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _side(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MAX_SIDE:
        return value
    raise ValueError
