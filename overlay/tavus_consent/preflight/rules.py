"""Tavus's requirements for videos, as data: per model, with date and sources. This module makes no decisions.

Tavus's pages sometimes contradict each other (only ``.mp4`` or also ``.webm``, 720p or 1080p). In these cases the page
of errors applies, because it lists what fails.
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
    """The requirements of one model for one medium.

    Attributes:
        max_bytes: The size from which a file fails, if a megabyte is 2^20 bytes. Tavus does not define it.
        doubtful_bytes: The same size, if a megabyte is 10^6 bytes.
        brands: The accepted major brands of .mp4.
        refused_brands: The major brands of other formats, with the names of these formats.
        codecs: The accepted video codecs.
        audio_codecs: The expected audio codecs; others may work.
        min_fps: The least number of frames per second.
        fps_tolerance: The tolerance for rounding: a fragmented file with 30 frames per second may read as 29.993.
        min_seconds: The least duration, or ``None`` if there is none.
        seconds_tolerance: The tolerance for rounding.
        best_seconds: The recommended range of durations, or ``None``.
        min_height: The least number of pixels of the shorter side, or ``None`` if no page names one.
        good_height: The number of pixels of the shorter side below which quality suffers, or ``None``.
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
    """The requirements of one model.

    Attributes:
        model: The name of the model, as in ``model_name``.
        as_of: The date of the pages.
        sources: The pages.
        train: The requirements for the training video.
        consent: The requirements for the consent video. The errors page names format, codec and frame rate; no page
            names a length or a resolution.
        link_hours: The hours for which a link must work after the request.
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
"""One minute of speech and one minute of silence, in one take."""

PHOENIX_4: Final = Rules(
    model="phoenix-4",
    as_of=date(2026, 5, 1),
    sources=(*_PAGES, 'Tavus, guide "train with a video", as of May 2026'),
    # Since May 2026, the guide has asked for half a minute of speech and half a minute of stillness.
    train=evolve(_TRAIN, best_seconds=(60.0, 120.0)),
)
"""Half a minute of speech and half a minute of stillness. The guide asks for 1080p, the errors page for 720p."""

RULES: Final[Mapping[str, Rules]] = MappingProxyType({one.model: one for one in (PHOENIX_3, PHOENIX_4)})
DEFAULT_MODEL: Final = PHOENIX_4.model


def rules_for(model: str | None) -> tuple[Rules, bool]:
    """Return the rules of a model and True, or the rules of the default model and False if the model is unknown."""
    rules = RULES.get(model or DEFAULT_MODEL)
    return (rules, True) if rules else (RULES[DEFAULT_MODEL], False)
