"""What a preflight costs, in counts. Times are for `make bench`."""

from __future__ import annotations

import tracemalloc
from typing import Any

import av
import pytest

from tavus_consent.preflight import Budget, PreflightReport, Reach, preflight

from .servers import FileServer, serving
from .speech import Canned

LAYOUTS = ["", "faststart"]


def ask(server: FileServer, **options: Any) -> PreflightReport:
    report = preflight(
        train_video=server.url,
        reach=Reach(private_hosts={server.host}),  # type: ignore[arg-type]
        **options,
    )
    assert report.spent["train"].requests == len(server.requests)
    assert report.spent["train"].bytes == server.sent
    return report


@pytest.mark.parametrize("movflags", LAYOUTS)
def test_what_the_file_is_costs_seven_requests_and_100_kb_at_most(large: Any, movflags: str) -> None:
    path = large(movflags)
    assert path.stat().st_size > 110_000_000
    with serving(path) as server:
        assert ask(server).ok
    assert len(server.requests) <= 7
    assert server.sent <= 100_000


def physical(path: Any, seconds: float) -> int:
    """Bytes of the index and of the packets of sound: less cannot be read."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        until = seconds / stream.time_base
        sound = sum(one.size for one in stream.index_entries if one.timestamp < until)
    content = path.read_bytes()
    at = content.rfind(b"moov") - 4
    return sound + int.from_bytes(content[at : at + 4])


@pytest.mark.exhaustive
@pytest.mark.parametrize("movflags", LAYOUTS)
def test_a_minute_of_sound_costs_two_thousand_requests_and_a_hundredth(large: Any, movflags: str) -> None:
    path = large(movflags)
    with serving(path) as server:
        report = ask(server, full_name="Rio Alvarez", speech=Canned())
    assert report.hearing is not None
    assert report.hearing.seconds == 60
    assert len(server.requests) <= 2000
    assert server.sent <= path.stat().st_size / 100
    assert server.sent <= 1.1 * physical(path, 60) + 16_384  # a file is read in blocks, so the first one is whole


def test_fewer_requests_are_made_of_larger_ranges_when_few_are_allowed(large: Any) -> None:
    with serving(large()) as server:
        report = ask(server, full_name="Rio Alvarez", speech=Canned(), budget=Budget(requests=500, bytes=100_000_000))
    assert report.hearing is not None
    assert 400 < len(server.requests) <= 500


def test_a_fragmented_file_costs_a_request_for_each_fragment_or_two(large: Any) -> None:
    path = large("frag_keyframe+empty_moov+default_base_moof")
    with serving(path) as server:
        report = ask(server, full_name="Rio Alvarez", speech=Canned())
    assert report.hearing is not None
    assert report.hearing.seconds == 60
    assert len(server.requests) <= 2.5 * 45
    assert server.sent <= path.stat().st_size / 50


@pytest.mark.exhaustive
def test_memory_does_not_grow_with_the_file(large: Any) -> None:
    with serving(large()) as server:
        tracemalloc.start()
        ask(server, full_name="Rio Alvarez", speech=Canned())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 30_000_000
