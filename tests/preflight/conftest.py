"""Videos that are made once, and short ways to check them."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tavus_consent.preflight import Finding, PreflightReport, preflight

from .media import make_video

HD = (1280, 720)
FASTSTART = {"movflags": "faststart"}
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    """Make a video, or take the same one again. Without arguments it is one that trains."""
    folder = tmp_path_factory.mktemp("videos")

    @cache
    def make(options: tuple[tuple[str, str], ...], wanted: tuple[tuple[str, Any], ...]) -> bytes:
        path = folder / "video"  # a path, since faststart writes its file twice
        make_video(path, options=dict(options), **({"size": (1920, 1080), "seconds": 100} | dict(wanted)))
        return path.read_bytes()

    return lambda options=None, **wanted: make(tuple((options or {}).items()), tuple(wanted.items()))


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The file of the design: 90 s, 1080p30, 10 Mbit/s, some 115 MB; its sound lies between the pictures."""
    folder = tmp_path_factory.mktemp("large")

    @cache
    def make(movflags: str) -> Path:
        path = folder / f"{movflags}.mp4"
        make_video(path, filler=41_000, options={"movflags": movflags} if movflags else {})
        return path

    return lambda movflags="": make(movflags)


def check(content: bytes | Path, media: str = "train", **options: Any) -> PreflightReport:
    """Check one video that is here, in this process: what a child does differently is for test_isolation.py."""
    given = io.BytesIO(content) if isinstance(content, bytes) else content
    return preflight(**{f"{media}_video": given, "isolation": "none"} | options)


def finding(report: PreflightReport, code: str) -> Finding:
    """The one finding of a code."""
    [found] = [one for one in report.findings if one.code == code]
    return found


def worst(report: PreflightReport) -> list[tuple[str, str]]:
    """Codes and severities of what is not in order."""
    return [(one.code, one.severity) for one in report.problems]
