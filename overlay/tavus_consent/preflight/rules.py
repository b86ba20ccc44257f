"""What Tavus asks of a video, as data: per model, with its date and its source. Nothing is decided here.

Tavus's pages contradict each other in places (``.mp4`` alone or ``.webm`` too, 720p or 1080p). Where they do, the page
of errors counts, since it says what fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from attrs import evolve, frozen

MB: Final = 1_000_000
MIB: Final = 1024 * 1024


@frozen(kw_only=True)
class MediaRules:
    """What one medium of one model has to be.

    Attributes:
        max_bytes: From here on it fails if a megabyte is 2^20 bytes; Tavus does not say.
        doubtful_bytes: The same if it is 10^6 bytes.
        brands: Major brands of .mp4.
        refused_brands: Major brands of other formats, and their names.
        codecs: Video codecs.
        audio_codecs: Audio codecs that are expected; others may work.
        min_fps: Frames per second.
        fps_tolerance: What counts as rounding: a fragmented file of 30 reads as 29.993.
        min_seconds: Duration, or ``None``.
        seconds_tolerance: What counts as rounding.
        best_seconds: The duration that is advised, or ``None``.
        min_height: Pixels of the shorter side, or ``None`` where no page names any.
        good_height: Pixels of the shorter side below which quality suffers, or ``None``.
    """

    max_bytes: int = 750 * MIB
    doubtful_bytes: int = 750 * MB
    brands: frozenset[str] = frozenset(
        ("isom", *(f"iso{number}" for number in range(2, 10)), "mp41", "mp42", "mp71", "avc1", "dash", "msdh", "MSNV")
    )
    refused_brands: Mapping[str, str] = MappingProxyType({"qt  ": ".mov (QuickTime)"})
    codecs: frozenset[str] = frozenset({"h264"})
    audio_codecs: frozenset[str] = frozenset({"aac"})
    min_fps: float = 25.0
    fps_tolerance: float = 0.1
    min_seconds: float | None = None
    seconds_tolerance: float = 0.1
    best_seconds: tuple[float, float] | None = None
    min_height: int | None = None
    good_height: int | None = None


@frozen(kw_only=True)
class Rules:
    """What one model asks for.

    Attributes:
        model: Its name, as in ``model_name``.
        as_of: When the pages said so.
        sources: The pages.
        train: The training video.
        consent: The consent video: the errors page names format, codec and frame rate for it, and no page a length or a
            resolution.
        link_hours: How long a link has to work after the request.
    """

    model: str
    as_of: date
    sources: tuple[str, ...]
    train: MediaRules
    consent: MediaRules = MediaRules()
    link_hours: int = 24


_TRAIN: Final = MediaRules(min_seconds=60.0, best_seconds=(90.0, 120.0), min_height=720, good_height=1080)

_PAGES: Final = (
    'Tavus, "Errors and Status Details", as of February 2026',
    "Tavus, replica training guide, https://docs.tavus.io/sections/replica/replica-training, as of February 2026",
    "Tavus, Create Replica page: links",
)

PHOENIX_3: Final = Rules(model="phoenix-3", as_of=date(2026, 2, 1), sources=_PAGES, train=_TRAIN)
"""One minute of speech and one of silence in one shot."""

PHOENIX_4: Final = Rules(
    model="phoenix-4",
    as_of=date(2026, 5, 1),
    sources=(*_PAGES, 'Tavus, guide "train with a video", as of May 2026'),
    # From May 2026 on the guide asks for half a minute of speech and half a minute of stillness.
    train=evolve(_TRAIN, best_seconds=(60.0, 120.0)),
)
"""Half a minute of speech and half a minute of stillness, 1080p asked for by the guide, 720p by the errors page."""

RULES: Final[Mapping[str, Rules]] = MappingProxyType({one.model: one for one in (PHOENIX_3, PHOENIX_4)})
DEFAULT_MODEL: Final = PHOENIX_4.model


def rules_for(model: str | None) -> tuple[Rules, bool]:
    """The rules of a model, and whether they are known to be its own: those of the default stand in for others."""
    rules = RULES.get(model or DEFAULT_MODEL)
    return (rules, True) if rules else (RULES[DEFAULT_MODEL], False)
