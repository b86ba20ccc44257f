"""The whole check: what it takes, what it does without its extras, how it is stopped."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import tavus_consent.preflight as package
from tavus_consent import InvalidRequestError
from tavus_consent.preflight import Budget, Reach, preflight, preflight_async
from tavus_consent.preflight.reading import LocalSource

from .conftest import check
from .servers import serving
from .speech import NAME, Canned


def test_links_paths_and_open_files_are_alike(video: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(video(fps=24))
    with serving(video(fps=24)) as server, path.open("rb") as file:
        reach = Reach(private_hosts={server.host})  # type: ignore[arg-type]
        reports = [preflight(train_video=one, reach=reach) for one in (path, file, server.url)]
    found = [{one for one in report.findings if one.code != "download_link"} for report in reports]
    assert found[0] == found[1] == found[2]


def test_an_open_file_stays_open_where_it_was(video: Any) -> None:
    file = io.BytesIO(video())
    file.seek(7)
    assert preflight(train_video=file).ok
    assert file.tell() == 7


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "text", "closed", "unseekable", "nothing", "nul"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    closed = io.BytesIO()
    closed.close()
    with open(os.pipe()[0], "rb") as unseekable:  # noqa: PTH123
        given: dict[str, Any] = {
            "missing": tmp_path / "nothing.mp4",
            "folder": tmp_path,
            "pipe": pipe,
            "text": io.StringIO("text"),
            "closed": closed,
            "unseekable": unseekable,
            "nothing": object(),
            "nul": Path("a\0b"),
        }
        with pytest.raises(InvalidRequestError, match="train_video: ") as caught:
            preflight(train_video=given[kind])
    assert caught.value.field == "train_video"


def test_text_is_never_a_path(video: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(video())
    for text in (str(path), f"file://{path}", "a.mp4"):
        [found] = preflight(train_video=text).problems
        assert (found.code, found.severity, found.measured) == ("download_link", "error", "not_absolute")


def test_nothing_to_check_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="train_video"):
        preflight()


def test_a_file_that_shrinks_has_changed(video: Any) -> None:
    class Shrinking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(size)[: 0 if size else None]

    [found] = preflight(train_video=Shrinking(video())).problems[:1]
    assert found.measured == "changed"


def test_without_the_extra_only_links_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with serving(b"") as server:
        link = f"{server.url}?Expires=1&Signature=x&Key-Pair-Id=y"
        report = preflight(train_video=link, consent_video=server.url, full_name=NAME, speech=Canned())
    assert server.requests == []
    assert {one.measured for one in report.problems} == {"expired", "not_public"}
    assert sum("extra 'preflight'" in line for line in report.not_checked) == 1
    assert not report.fingerprints


def test_without_the_extra_files_are_not_read(video: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    report = check(video())
    assert report.findings == ()
    assert any("extra 'preflight'" in line for line in report.not_checked)
    assert not report.ok
    assert len(report.incomplete) == 1


@pytest.mark.parametrize("can_read", [True, False])
@pytest.mark.parametrize("media", ["train_video", "consent_video"])
def test_a_file_that_is_not_there_is_refused_with_or_without_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media: str, can_read: bool
) -> None:
    if not can_read:
        monkeypatch.setitem(sys.modules, "av", None)
    for path in (tmp_path / "missing.mp4", tmp_path):
        with pytest.raises(InvalidRequestError, match=f"{media}: there is no file that can be read"):
            preflight(**{media: path})


async def test_the_async_check_is_the_same(video: Any) -> None:
    report = await preflight_async(train_video=io.BytesIO(video()))
    assert report.findings == check(video()).findings


async def test_a_cancelled_check_stops_reading(video: Any) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def behave(*_: Any) -> bool:
        begun.set()
        return not go_on.wait(10)

    with serving(video()) as server:
        server.behave = behave
        reach = Reach(private_hosts={server.host})  # type: ignore[arg-type]
        task = asyncio.ensure_future(preflight_async(train_video=server.url, reach=reach))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        await asyncio.to_thread(_wait_for_threads)
    assert len(server.requests) == 1


def _wait_for_threads() -> None:
    """The default executor runs one task at a time here, so the stopped check is over when this one has begun."""


def test_a_check_that_was_stopped_says_so(video: Any) -> None:
    stop = threading.Event()
    stop.set()
    report = check(video(), stop=stop)
    assert "stopped" in {one.measured for one in report.problems}


def test_progress_is_told(video: Any) -> None:
    steps: list[Any] = []
    check(video(), full_name=NAME, speech=Canned(), progress=steps.append)
    assert [one.doing for one in steps] == ["opening", "looking", "reading_sound", "listening"]


def test_a_long_index_is_read_in_longer_strides(video: Any) -> None:
    from tavus_consent._clock import SystemClock
    from tavus_consent.preflight.metering import Meter

    content = bytes(range(256)) * 8192
    source = LocalSource(io.BytesIO(content), Meter(Budget(), SystemClock()), name="x")
    assert b"".join(source.read(at, 4096) for at in range(0, len(content), 4096)) == content
    assert len(source.seen) < 30
    assert source.read(len(content), 10) == b""


def test_blocks_are_not_kept_for_ever() -> None:
    from tavus_consent._clock import SystemClock
    from tavus_consent.preflight.metering import Meter

    content = bytes(12 * 1024 * 1024)
    source = LocalSource(io.BytesIO(content), Meter(Budget(), SystemClock()), name="x")
    for at in range(0, len(content), 16_384):
        source.read(at, 1)
    assert source.read(0, 10) == bytes(10)
    assert len(source._blocks) < 600


def test_the_package_shows_its_names() -> None:
    assert set(package.__all__) <= set(dir(package))
    assert all(getattr(package, name) for name in package.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        package.nothing  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, tavus_consent.preflight.check;"
        "print([m for m in ('httpx', 'httpcore', 'av', 'faster_whisper', 'numpy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
