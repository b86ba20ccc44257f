"""Every row of the rules, for valid and invalid files."""

from __future__ import annotations

import io
import json
import random
from typing import Any

import pytest
from attrs import evolve

from tavus_consent.preflight import preflight
from tavus_consent.preflight.container import Facts, Track
from tavus_consent.preflight.judging import judge
from tavus_consent.preflight.rules import MB, MIB, RULES

from .conftest import FASTSTART, FRAGMENTED, check, finding, worst

TRAIN = RULES["phoenix-4"].train
ROWS = {
    "file_size",
    "video_format",
    "video_codec",
    "video_duration",
    "video_fps",
    "quality_issue_detected",
    "audio_processing",
    "video_processing",
}


@pytest.mark.parametrize("media", ["train", "consent"])
@pytest.mark.parametrize("model", ["phoenix-3", "phoenix-4"])
@pytest.mark.parametrize("options", [{}, FASTSTART, FRAGMENTED], ids=["moov last", "moov first", "fragmented"])
def test_a_good_video_passes_every_row(video: Any, options: Any, model: str, media: str) -> None:
    report = check(video(options), media, model=model)
    assert report.ok
    assert report.problems == ()
    assert {one.code for one in report.findings} == ROWS
    assert {one.severity for one in report.findings} == {"info"}


WRONG: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "10 s": ({"seconds": 10}, [("video_duration", "error")]),
    "24 fps": ({"fps": 24}, [("video_fps", "error")]),
    "480p": ({"size": (640, 480)}, [("quality_issue_detected", "error")]),
    "720p": ({"size": (1280, 720)}, [("quality_issue_detected", "warning")]),
    "720p upright": ({"size": (720, 1280)}, [("quality_issue_detected", "warning")]),
    "no sound": ({"audio": None}, [("audio_processing", "error")]),
    "opus": ({"audio": "libopus"}, [("audio_processing", "warning")]),
    "no picture": ({"video": None}, [("video_codec", "error")]),
    "HEVC": ({"video": "libx265"}, [("video_codec", "error")]),
    "VP9": ({"video": "libvpx-vp9"}, [("video_codec", "error")]),
    ".mov": ({"format": "mov"}, [("video_format", "error")]),
    ".mov with HEVC": ({"format": "mov", "video": "libx265"}, [("video_codec_and_format", "error")]),
    ".mkv": ({"format": "matroska"}, [("video_format", "error")]),
    ".webm": ({"format": "webm", "video": "libvpx-vp9", "audio": "libopus"}, [("video_codec_and_format", "error")]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_video_is_named_as_tavus_would(video: Any, name: str) -> None:
    wanted, expected = WRONG[name]
    report = check(video(**wanted))
    assert [one for one in worst(report) if one[0] != "audio_processing" or name in ("no sound", "opus")] == expected


def test_what_was_found_and_what_is_required_are_told(video: Any) -> None:
    found = finding(check(video(fps=24)), "video_fps")
    assert (found.measured, found.required, found.media) == (24.0, 25.0, "train")
    assert "24 frames" in found.message
    assert found.fix


def test_a_consent_video_may_be_short_and_small(video: Any) -> None:
    report = check(video(seconds=20, size=(640, 480)), "consent")
    assert worst(report) == [("quality_issue_detected", "unknown")]


def test_a_consent_video_shorter_than_the_statement_is_doubtful(video: Any) -> None:
    assert worst(check(video(seconds=5), "consent")) == [("video_duration", "warning")]


@pytest.mark.parametrize(
    ("size", "severity"),
    [(750 * MB - 1, "info"), (750 * MB, "warning"), (750 * MIB - 1, "warning"), (750 * MIB, "error")],
)
def test_a_megabyte_that_is_not_defined_is_a_warning(size: int, severity: str) -> None:
    [found] = [one for one in judge(Facts(format="mp4", brand="isom"), size, TRAIN, "train") if one.code == "file_size"]
    assert found.severity == severity


@pytest.mark.parametrize(
    ("track", "code", "severity"),
    [
        (Track(codec="h264", seconds=59.9, fps=29.993, width=1920, height=1080), None, None),
        (Track(codec="h264", seconds=59.8, fps=30, width=1920, height=1080), "video_duration", "error"),
        (Track(codec="h264", seconds=60, fps=24.9, width=1920, height=1080), None, None),
        (Track(codec="h264", seconds=60, fps=24.89, width=1920, height=1080), "video_fps", "error"),
        (Track(codec=None, seconds=60, fps=30, width=1920, height=1080), "video_codec", "unknown"),
        (Track(codec="h264", seconds=None, fps=30, width=1920, height=1080), "video_duration", "unknown"),
        (Track(codec="h264", seconds=60, fps=None, width=1920, height=1080), "video_fps", "unknown"),
        (Track(codec="h264", seconds=60, fps=30), "quality_issue_detected", "unknown"),
        (Track(codec="h264", seconds=60, fps=30, width=1919, height=1079), "quality_issue_detected", "warning"),
    ],
)
def test_bounds_and_what_a_file_does_not_say(track: Track, code: str | None, severity: str | None) -> None:
    facts = Facts(format="mp4", brand="isom", video=track, audio=Track(codec="aac"), is_open=True)
    found = [(one.code, one.severity) for one in judge(facts, 1000, TRAIN, "train") if one.severity != "info"]
    assert found == ([(code, severity)] if code else [])


def test_sound_that_is_not_known_is_doubtful() -> None:
    facts = Facts(format="mp4", brand="isom", audio=Track(codec=None), is_open=True)
    [found] = [one for one in judge(facts, 1000, TRAIN, "train") if one.code == "audio_processing"]
    assert found.severity == "warning"


def test_an_unusual_brand_is_doubtful() -> None:
    found = judge(Facts(format="mp4", brand="M4V "), 1000, TRAIN, "train")
    assert [(one.code, one.severity, one.measured) for one in found if one.code == "video_format"] == [
        ("video_format", "warning", "M4V")
    ]


def test_a_duration_that_is_not_the_best_is_no_problem() -> None:
    track = Track(codec="h264", seconds=600, fps=30, width=1920, height=1080)
    facts = Facts(format="mp4", brand="isom", video=track, audio=Track(codec="aac"), is_open=True)
    [found] = [one for one in judge(facts, 1000, TRAIN, "train") if one.code == "video_duration"]
    assert found.severity == "info"
    assert "The best duration is" in found.message


@pytest.mark.parametrize("options", [{}, FASTSTART, FRAGMENTED], ids=["moov last", "moov first", "fragmented"])
@pytest.mark.parametrize("part", ["second half missing", "last tenth missing"])
def test_a_file_cut_off_at_its_end_is_damaged(video: Any, options: Any, part: str) -> None:
    whole = video(options)
    cut = whole[: len(whole) // 2] if part == "second half missing" else whole[: len(whole) * 9 // 10]
    assert ("video_processing", "error") in worst(check(cut))


@pytest.mark.parametrize("options", [{}, FASTSTART, FRAGMENTED], ids=["moov last", "moov first", "fragmented"])
def test_a_file_cut_off_at_its_beginning_is_no_mp4(video: Any, options: Any) -> None:
    assert worst(check(video(options)[500:])) == [("video_format", "error")]


def test_only_the_first_box_is_left(video: Any) -> None:
    assert ("video_processing", "error") in worst(check(video(FRAGMENTED)[:28]))


FILES = {
    "random": (random.Random(1).randbytes(5000), None),
    "text": (b"hello world " * 50, None),
    "avi": (b"RIFF\x00\x00\x00\x00AVI LIST" + bytes(500), "avi"),
    "wav": (b"RIFF\x00\x00\x00\x00WAVEfmt " + bytes(500), "wav"),
    "mpeg-ts": (b"\x47" + bytes(187) + b"\x47" + bytes(187), "mpeg-ts"),
    "old mov": (b"\x00\x00\x00\x08wide\x00\x00\x00\x10mdat" + bytes(500), "mov"),
    "mkv that is nothing else": (b"\x1a\x45\xdf\xa3\xa3" + bytes(500), "mkv"),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(500), "picture"),
    "zip": (b"PK\x03\x04" + bytes(500), "zip"),
    "playlist": (b"#EXTM3U\nhttp://127.0.0.1/secret\n" * 20, "playlist"),
    "web page": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "html"),
    "pdf": (b"%PDF-1.7" + bytes(500), "pdf"),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_mp4_is_named_by_its_first_bytes(name: str) -> None:
    content, kind = FILES[name]
    found = finding(check(content), "video_format")
    assert (found.severity, found.measured) == ("error", kind)


def test_an_empty_file_is_empty() -> None:
    found = finding(check(b""), "video_processing")
    assert (found.severity, found.measured) == ("error", "empty")


def test_the_report_is_json_without_links_or_words(video: Any) -> None:
    report = check(video())
    data = json.loads(report.to_json())
    assert data["ok"] is True
    assert data["model"] == "phoenix-4"
    assert data["hearing"] is None
    assert data["spent"]["train"]["requests"] == 0
    assert data["fingerprints"]["train"]["size"] == len(video())
    assert len(data["findings"]) == len(ROWS)
    assert "does not guarantee" in data["limits"]


def test_the_worst_comes_first(video: Any) -> None:
    report = preflight(
        train_video=io.BytesIO(video(size=(1280, 720))), consent_video=io.BytesIO(video(fps=24, audio="libopus"))
    )
    shown = [(one.severity, one.media) for one in report.findings]
    assert shown[:3] == [("error", "consent"), ("warning", "train"), ("warning", "consent")]
    assert shown == sorted(shown, key=lambda one: ["error", "warning", "unknown", "info"].index(one[0]))


def test_what_nobody_looked_at_is_said(video: Any) -> None:
    assert any("Face" in line for line in check(video()).not_checked)


def test_rules_of_an_unknown_model_are_those_of_the_default(video: Any) -> None:
    report = check(video(), model="phoenix-9")
    assert report.model == "phoenix-4"
    assert "not known" in report.not_checked[0]
    assert (report.ok, report.incomplete) == (False, report.not_checked[:1])


def test_what_a_file_does_not_say_is_not_well(video: Any) -> None:
    report = check(video())
    unknown = evolve(report.findings[0], severity="unknown", required=1)
    assert (report.ok, evolve(report, findings=(unknown,)).ok) == (True, False)


def test_a_warning_alone_is_well(video: Any) -> None:
    report = check(video(size=(1280, 720)))
    assert (worst(report), report.ok) == ([("quality_issue_detected", "warning")], True)
