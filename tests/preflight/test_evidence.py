"""A recording other than the checked one is detected before a create."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_consent import EvidenceChanged
from tavus_consent.preflight import Budget, Fingerprint, Reach, Step, confirm, confirm_async, preflight
from tavus_consent.preflight.evidence import MAX_RANGES, compare
from tavus_consent.testing import FakeClock

from .conftest import check
from .servers import FileServer, serving
from .speech import Canned


def fingerprint(content: Any, **options: Any) -> Fingerprint:
    return check(content, **options).fingerprints["train"]


def test_the_same_file_is_confirmed(video: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(video())
    before = fingerprint(path)
    assert confirm(path, before, media="train") == before


async def test_the_same_file_is_confirmed_async(video: Any) -> None:
    before = fingerprint(video())
    assert await confirm_async(io.BytesIO(video()), before, media="train") == before


def test_another_size_is_a_change(video: Any) -> None:
    with pytest.raises(EvidenceChanged, match="size") as caught:
        confirm(io.BytesIO(video() + b"x"), fingerprint(video()), media="train")
    assert caught.value.reason == "size"


def test_other_bytes_are_a_change(video: Any) -> None:
    content = bytearray(video())
    content[-20] ^= 1
    with pytest.raises(EvidenceChanged, match="content"):
        confirm(io.BytesIO(bytes(content)), fingerprint(video()), media="train")


def test_a_file_that_is_gone_is_no_evidence(video: Any) -> None:
    before = fingerprint(video())
    with pytest.raises(EvidenceChanged, match="cannot be read") as caught:
        confirm("https://127.0.0.1/a.mp4", before, media="train")
    assert caught.value.reason == "unreadable"


class Remote:
    """A video behind a link."""

    def __init__(self, server: FileServer) -> None:
        self.server = server
        self.reach = Reach(private_hosts={server.host})  # type: ignore[arg-type]

    def check(self, **options: Any) -> Fingerprint:
        report = preflight(train_video=self.server.url, reach=self.reach, **options)
        return report.fingerprints["train"]

    def confirm(self, before: Fingerprint) -> Fingerprint:
        return confirm(self.server.url, before, media="train", reach=self.reach)


def test_a_link_is_confirmed_with_few_requests(large: Any) -> None:
    with serving(large()) as server:
        remote = Remote(server)
        before = remote.check(full_name="Rio Alvarez", speech=Canned())
        server.requests.clear()
        assert remote.confirm(before) == before
    assert len(before.ranges) == MAX_RANGES
    assert len(server.requests) == MAX_RANGES


@pytest.mark.parametrize("change", ["etag", "content"])
def test_a_link_to_something_else_is_a_change(video: Any, change: str) -> None:
    with serving(video()) as server:
        remote = Remote(server)
        before = remote.check()
        if change == "etag":
            server.etag = '"v2"'
        else:
            server.content = video()[:-100] + bytes(100)
        with pytest.raises(EvidenceChanged, match=change):
            remote.confirm(before)


@pytest.mark.parametrize("remote", [False, True])
def test_the_whole_file_can_be_hashed(video: Any, remote: bool) -> None:
    steps: list[Step] = []
    with serving(video()) as server:
        found = (
            Remote(server).check(hash=True, progress=steps.append)
            if remote
            else fingerprint(video(), hash=True, progress=steps.append)
        )
    assert found.sha256 == hashlib.sha256(video()).hexdigest()
    hashing = [step for step in steps if step.doing == "hashing"]
    assert hashing[-1].done == hashing[-1].total == len(video())
    assert [step.doing for step in steps if step.doing != "hashing"] == ["opening", "looking"]


def test_hashing_has_a_time_of_its_own(video: Any) -> None:
    clock = FakeClock()

    def slow(step: Step) -> None:
        if step.doing == "hashing":
            clock.advance(seconds=600)

    options: dict[str, Any] = {"hash": True, "clock": clock, "progress": slow}
    assert fingerprint(video(), **options).sha256 is None
    assert "Budget(hash_seconds=" in check(video(), **options).problems[0].fix
    assert fingerprint(video(), **options, budget=Budget(hash_seconds=100_000)).sha256 is not None


def stream_of(*, length: int, status: int = 206) -> Callable[..., bool]:
    def behave(handler: Any, start: int, end: int) -> bool:
        if end - start < 100_000:
            return False
        size = handler.owner.size
        headers = {"Content-Range": f"bytes 0-{size - 1}/{size}", "ETag": '"v1"'}
        handler.reply(status, bytes(length), headers, length=length)
        return True

    return behave


@pytest.mark.parametrize(("length", "reason"), [(10, "ranges_wrong"), (None, "ranges_wrong")])
def test_a_stream_of_another_length_has_no_hash(large: Any, length: int | None, reason: str) -> None:
    with serving(large()) as server:
        server.behave = stream_of(length=length or server.size + 1)
        report = preflight(train_video=server.url, reach=Remote(server).reach, hash=True)
    assert report.fingerprints["train"].sha256 is None
    assert reason in {one.measured for one in report.problems}


def test_a_hash_decides_where_both_have_one() -> None:
    one = Fingerprint(size=3, etag='"a"', ranges=(), sha256="0" * 64)
    compare(one, Fingerprint(size=3, etag='"b"', ranges=(), sha256="0" * 64))
    with pytest.raises(EvidenceChanged, match="sha256"):
        compare(one, Fingerprint(size=3, etag='"a"', ranges=(), sha256="1" * 64))


def test_sizes_are_compared_first() -> None:
    with pytest.raises(EvidenceChanged, match="size"):
        compare(Fingerprint(size=3, etag=None, ranges=()), Fingerprint(size=4, etag=None, ranges=()))


def test_what_was_not_read_again_is_not_confirmed() -> None:
    with pytest.raises(EvidenceChanged, match="content"):
        compare(Fingerprint(size=3, etag=None, ranges=((0, 3, "00"),)), Fingerprint(size=3, etag=None, ranges=()))


def test_a_fingerprint_survives_json(video: Any) -> None:
    found = fingerprint(video(), hash=True)
    assert Fingerprint.from_dict(json.loads(json.dumps(found.to_dict()))) == found
