"""Files that were made to do harm, and files that were damaged at random: findings, and no more memory or time."""

from __future__ import annotations

import io
import os
import random
import resource
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.effort import scaled

from tavus_consent import PreflightReport as Report
from tavus_consent._clock import SystemClock
from tavus_consent.preflight import Budget, PreflightReport, preflight
from tavus_consent.preflight.container import File
from tavus_consent.preflight.failures import Unreadable
from tavus_consent.preflight.metering import Meter
from tavus_consent.preflight.reading import LocalSource

from .conftest import FASTSTART, FRAGMENTED, HD, check
from .mutants import mutated
from .speech import NAME, Canned

SEED = int(os.environ.get("PREFLIGHT_SEED") or random.SystemRandom().randrange(2**32))
ROUNDS = scaled(60)


def reasons(report: PreflightReport) -> set[Any]:
    return {one.measured for one in report.problems if isinstance(one.measured, str)}


def set_count(content: bytes, box: bytes, offset: int, count: int, *, first: int | None = None) -> bytes:
    """Let a box announce another number of samples; ``first`` is a number right before it."""
    at = content.index(box) + offset
    made = bytearray(content)
    made[at : at + 4] = struct.pack(">I", count)
    if first is not None:
        made[at - 4 : at] = struct.pack(">I", first)
    return bytes(made)


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize("count", [0x0FFFFFFF, 0x7FFFFFFF, 2_000_001])
def test_an_index_that_announces_too_much_is_not_opened(video: Any, count: int) -> None:
    bomb = set_count(video(FASTSTART), b"stsz", 12, count, first=1)
    before = peak()
    assert "too_much" in reasons(check(bomb))
    assert peak() - before < 100_000_000


def test_a_fragment_that_announces_too_much_is_not_opened(video: Any) -> None:
    bomb = set_count(video(FRAGMENTED), b"trun", 8, 0x0FFFFFFF)
    before = peak()
    assert "too_much" in reasons(check(bomb))
    assert peak() - before < 100_000_000


def lengthen(content: bytes, box: bytes) -> bytes:
    """Let a box give its length in 64 bits, and the boxes around it theirs anew."""
    at = content.rindex(box) - 4
    length = int.from_bytes(content[at : at + 4])
    made = bytearray(content[:at] + struct.pack(">I4sQ", 1, box, length + 8) + content[at + 8 :])
    around = (b"moof", b"traf") if box == b"trun" else (b"moov", b"trak", b"mdia", b"minf", b"stbl")
    for name in around:
        where = content.rindex(name, 0, at) - 4
        made[where : where + 4] = struct.pack(">I", int.from_bytes(made[where : where + 4]) + 8)
    return bytes(made)


@pytest.mark.parametrize("count", [10_000_000, 40_000_000, 0x0FFFFFFF])
def test_a_long_trun_box_cannot_hide_its_count(video: Any, count: int) -> None:
    long = lengthen(video(FRAGMENTED, size=HD, seconds=2), b"trun")
    assert "too_much" not in reasons(check(long))
    at = long.rindex(b"trun") + 16
    bomb = long[:at] + struct.pack(">I", count) + long[at + 4 :]
    before = peak()
    assert "too_much" in reasons(check(bomb))
    assert peak() - before < 50_000_000


@pytest.mark.parametrize("count", [10_000_000, 40_000_000, 0x0FFFFFFF])
def test_a_long_stsz_box_cannot_hide_its_count(video: Any, count: int) -> None:
    long = lengthen(video(FASTSTART, size=HD, seconds=2), b"stsz")
    assert "too_much" not in reasons(check(long))
    at = long.rindex(b"stsz") + 16
    bomb = long[:at] + struct.pack(">II", 1, count) + long[at + 8 :]
    before = peak()
    assert "too_much" in reasons(check(bomb))
    assert peak() - before < 50_000_000


@pytest.mark.parametrize("box", [b"trun", b"stsz"])
def test_an_index_cannot_name_more_samples_than_the_file_has_bytes(video: Any, box: bytes) -> None:
    content = video(FRAGMENTED if box == b"trun" else FASTSTART, size=HD, seconds=2)
    for count, found in ((len(content) + 1, True), (len(content) // 4, False)):
        changed = set_count(content, box, 8 if box == b"trun" else 12, count, first=None if box == b"trun" else 1)
        assert ("too_much" in reasons(check(changed))) is found


def test_tracks_cannot_share_what_one_may_not_announce(video: Any) -> None:
    content = video(FASTSTART)
    first = set_count(content, b"stsz", 12, 1_200_000, first=1)
    at = first.rindex(b"stsz")
    both = first[:at] + set_count(first[at:], b"stsz", 12, 1_200_000, first=1)
    assert "too_much" not in reasons(check(first))
    assert "too_much" in reasons(check(both))


def with_edits(content: bytes, count: int) -> bytes:
    """Repeat the whole track, again and again."""
    at = content.index(b"edts") - 4
    old = int.from_bytes(content[at : at + 4])
    body = struct.pack(">II", 0, count) + struct.pack(">IiHH", 60_000, 0, 1, 0) * count
    edits = struct.pack(">I4sI4s", 16 + len(body), b"edts", 8 + len(body), b"elst") + body
    made = bytearray(content[:at] + edits + content[at + old :])
    for name in (b"moov", b"trak"):
        where = made.index(name) - 4
        made[where : where + 4] = struct.pack(">I", int.from_bytes(made[where : where + 4]) + len(edits) - old)
    return bytes(made)


def test_a_track_is_not_repeated_for_ever(video: Any) -> None:
    before = peak()
    assert "too_much" in reasons(check(with_edits(video(FASTSTART), 20_000)))
    assert peak() - before < 100_000_000
    assert "too_much" not in reasons(check(with_edits(video(FASTSTART), 2)))


def test_chunks_that_announce_too_much_are_not_opened(video: Any) -> None:
    content = video(FASTSTART)
    at = content.rindex(b"stsc")
    bomb = content[:at] + set_count(content[at:], b"stsc", 16, 0x7FFFFFFF)
    before = peak()
    assert "too_much" in reasons(check(bomb))
    assert peak() - before < 100_000_000


def test_a_packed_index_is_not_opened(video: Any) -> None:
    assert "too_much" in reasons(check(video(FASTSTART).replace(b"mvhd", b"cmov", 1)))


@pytest.mark.parametrize("shift", range(-16, 5, 2))
def test_a_count_across_the_edge_of_a_buffer_is_seen(video: Any, shift: int) -> None:
    bomb = set_count(video(FASTSTART), b"stsz", 12, 0x0FFFFFFF, first=1)
    free = 4096 * 3 + shift - bomb.index(b"stsz")
    at = bomb.index(b"moov") - 4
    moved = bomb[:at] + struct.pack(">I4s", free, b"free") + bytes(free - 8) + bomb[at:]
    before = peak()
    assert "too_much" in reasons(check(moved))
    assert peak() - before < 100_000_000


@pytest.mark.parametrize("left", range(1, 5))
def test_a_count_that_the_file_ends_in_is_not_believed(video: Any, left: int) -> None:
    bomb = set_count(video(FASTSTART), b"stsz", 12, 0x0FFFFFFF, first=1)
    before = peak()
    check(bomb[: bomb.index(b"stsz") + 12 + left])
    assert peak() - before < 100_000_000


def source_of(content: bytes) -> LocalSource:
    return LocalSource(io.BytesIO(content), Meter(Budget(), SystemClock()), name="x")


def test_a_count_is_seen_however_it_is_read() -> None:
    file = File(source_of(bytes(10) + b"stsz" + bytes(8) + b"\x7f\xff\xff\xff"), range(0))
    assert file.read(12) == bytes(10) + b"st"
    assert file.seek(0, os.SEEK_CUR) == file.tell() == 12  # goes nowhere, and forgets nothing
    assert file.read(100) == file.read(100) == b""
    with pytest.raises(Unreadable, match="samples"):
        file.check()


def test_reading_has_an_end() -> None:
    file = File(source_of(b"abc"), range(0))
    assert file.read(3) == b"abc"
    for _ in range(100_000):
        file.read(1)
    with pytest.raises(Unreadable):
        file.check()


def test_a_box_may_say_its_length_in_64_bits(video: Any) -> None:
    content = video(FASTSTART)
    at = content.index(b"\x00\x00\x00\x08free")
    length = int.from_bytes(content[at + 8 : at + 12]) + 8
    long = content[:at] + struct.pack(">I4sQ", 1, b"mdat", length) + content[at + 16 :]
    assert check(long).problems == ()
    assert check(long).spent["train"].bytes == check(content).spent["train"].bytes
    assert "damaged" in reasons(check(long[:-1]))


def test_many_boxes_are_not_all_looked_at(video: Any) -> None:
    content = video(FASTSTART)
    at = content.index(b"moov") - 4
    boxes = struct.pack(">I4s", 8, b"free") * 20
    assert check(content[:at] + boxes + content[at:]).spent["train"].bytes < len(content)


def test_a_playlist_opens_nothing(video: Any, tmp_path: Any) -> None:
    secret = tmp_path / "secret.ts"
    secret.write_bytes(video())
    for content in (
        b"#EXTM3U\n#EXTINF:10,\n" + str(secret).encode() + b"\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile '" + str(secret).encode() + b"'\n",
    ):
        report = check(content)
        assert {one.code for one in report.findings} == {"file_size", "video_format"}


def test_packets_that_lie_outside_of_the_file_are_not_read(video: Any) -> None:
    content = video(FASTSTART)
    at = content.rindex(b"stco") + 12
    moved = content[:at] + b"\xff\xff\xff\x00" + content[at + 4 :]
    report = check(moved, "consent", full_name=NAME, speech=Canned())
    assert report.hearing is None


@pytest.mark.scaled
@pytest.mark.parametrize("layout", [{}, FASTSTART, FRAGMENTED, {"format": "matroska"}], ids=str)
def test_damaged_files_end_in_findings(video: Any, layout: dict[str, str]) -> None:
    print(f"PREFLIGHT_SEED={SEED}")  # noqa: T201 - shown when it fails
    options = {} if "format" in layout else layout
    wanted = {"format": "matroska"} if "format" in layout else {}
    content, chance = video(options, size=HD, seconds=12, **wanted), random.Random(f"{SEED}{layout}")
    before = peak()
    for _ in range(ROUNDS // 2 if wanted else ROUNDS):
        report = preflight(
            consent_video=io.BytesIO(mutated(content, chance)),
            full_name=NAME,
            speech=Canned(),
            budget=Budget(bytes=4_000_000, seconds=600),
            isolation="none",
        )
        assert isinstance(report, Report)
        assert report.findings
        assert report.spent["consent"].bytes <= 4_000_000
        assert "budget" not in reasons(report) or report.spent["consent"].seconds < 600
        report.to_json(words=True)
    assert peak() - before < 200_000_000


@pytest.mark.heavy
def test_500_damaged_files_do_nothing_to_this_process() -> None:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-W", "error", "-m", "tests.preflight.fuzzing", "--cases", "500", "--seed", str(SEED)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    print(done.stdout, done.stderr)  # noqa: T201 - shown when it fails
    assert done.returncode == 0
    assert "500 damaged files" in done.stdout
