"""The facts about a file that reading finds, and their form between processes. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import asdict, frozen

RATE: Final = 16_000
"""Samples per second of the sound that recognizers get: one channel of 16-bit numbers."""
SECONDS: Final = 60.0
"""Seconds of a video that recognizers get. The statement takes 20 s; with a late start at 75 words a minute, 45 s."""
NO_INDEX: Final = "The file is truncated or damaged: its index cannot be read."
NO_TRACK: Final = "The file is truncated or damaged: its index names no track."
CUT_OFF: Final = "The file is truncated: its index points past its end."
_DAMAGES: Final = frozenset(("", NO_INDEX, NO_TRACK, CUT_OFF))
_WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_MAX_SIDE: Final = 2**31


@frozen(kw_only=True)
class Track:
    """One track of a file.

    Attributes:
        codec: FFmpeg's name of the codec, for example ``h264``; ``None`` if FFmpeg does not know it.
        seconds: The duration, or ``None`` if unknown.
        fps: The frames per second of a video track, or ``None`` if unknown.
        width: The width of a video track in pixels.
        height: The height of a video track in pixels.
    """

    codec: str | None
    seconds: float | None = None
    fps: float | None = None
    width: int = 0
    height: int = 0


@frozen(kw_only=True)
class Facts:
    """The facts about a file.

    Attributes:
        format: The format by the first bytes, such as ``mp4``, ``mov``, ``webm`` or ``mkv``; ``None`` if unknown.
        brand: The major brand of .mp4 and .mov.
        video: The video track, or ``None``.
        audio: The audio track, or ``None``.
        damage: A sentence about the damage of the file; empty if there is none.
        is_open: True if the tracks could be read, so that ``None`` means that the file lacks the track.
    """

    format: str | None
    brand: str | None = None
    video: Track | None = None
    audio: Track | None = None
    damage: str = ""
    is_open: bool = False

    @property
    def has_sound(self) -> bool:
        """True if the tracks could be read and the file has an audio track."""
        return self.is_open and self.audio is not None

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Any) -> Facts:
        """Validate and convert a result of :meth:`to_dict`. Its sender parses strangers' files, so do not trust it."""
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
