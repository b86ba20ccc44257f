"""``tavus-consent preflight``, run in this process on files and servers of this machine."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tavus_consent.cli import main
from tavus_consent.preflight.speech import MODEL_SHA256

from .servers import serving
from .speech import NAME, STATEMENT, Canned


class Ended(NamedTuple):
    """The exit code and output of a command."""

    code: int
    out: str
    err: str


Cli = Callable[..., Ended]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        code = main(("preflight", *arguments))
        return Ended(code, *capsys.readouterr())

    return run


@pytest.fixture
def hears(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let the recogniser of ``auto`` hear something."""
    return lambda text: monkeypatch.setattr(
        "tavus_consent.preflight.listening.default_transcriber", lambda: Canned(text)
    )


@pytest.fixture
def good(video: Any, tmp_path: Path) -> str:
    path = tmp_path / "good.mp4"
    path.write_bytes(video())
    return str(path)


@pytest.fixture
def bad(video: Any, tmp_path: Path) -> str:
    """Wrong in its codec, its frame rate, and without sound."""
    path = tmp_path / "my bad.mp4"
    path.write_bytes(video(video="libvpx-vp9", fps=24, audio=None))
    return str(path)


def rows(ended: Ended) -> list[list[str]]:
    table = ended.out.partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in table]


def test_a_file_that_trains_is_all_right(cli: Cli, good: str) -> None:
    ended = cli(good)
    assert ended.code == 0
    assert ["ok", "train", "frame rate", "30 fps", "25 fps or more"] in rows(ended)
    assert {row[0] for row in rows(ended)} == {"ok"}


def test_what_fails_is_said_with_what_to_do(cli: Cli, bad: str) -> None:
    ended = cli(bad)
    assert ended.code == 6
    assert ["FAILS", "train", "frame rate", "24 fps", "25 fps or more"] in rows(ended)
    assert "FAILS  train video, audio_processing: The file has no sound." in ended.out
    assert "    Record again with a microphone." in ended.out


def test_a_command_names_the_file(cli: Cli, bad: str) -> None:
    assert f"    ffmpeg -i '{bad}' -c:v libx264" in cli(bad).out


def test_a_command_is_never_broken(cli: Cli, bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "60")
    (line,) = [line for line in cli(bad).out.splitlines() if "ffmpeg -i" in line]
    assert line.endswith("out.mp4")


def test_what_cannot_be_said_is_not_finished(cli: Cli, good: str, hears: Callable[[str], None]) -> None:
    hears("hello there")
    ended = cli(good, "--name", NAME)
    assert ended.code == 7
    assert ["unknown", "train", "statement", "nothing usable", "heard"] in rows(ended)


@pytest.mark.parametrize(
    ("members", "by", "measured"),
    [
        ({}, f"canned-1, model SHA-256 {'ab' * 32}", "This model was not measured."),
        (
            {"engine_version": "kit 2.1", "model_sha256": MODEL_SHA256},
            f"canned-1 (kit 2.1), model SHA-256 {MODEL_SHA256}",
            "wrong statements passed",
        ),
    ],
)
def test_who_listened_is_shown(
    cli: Cli,
    good: str,
    hears: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    members: dict[str, str],
    by: str,
    measured: str,
) -> None:
    for name, value in members.items():
        monkeypatch.setattr(Canned, name, value, raising=False)
    hears(STATEMENT)
    shown = " ".join(cli(good, "--name", NAME).out.split())
    assert by in shown
    assert measured in shown


def test_what_was_heard_is_shown(cli: Cli, good: str, hears: Callable[[str], None]) -> None:
    hears(STATEMENT.replace("currently", "presently"))
    ended = cli(good, "--consent", good, "--name", NAME)
    assert "{+presently+}" in ended.out
    assert re.search(r"name similarity 1.00, words wrong [1-5]%", ended.out)
    assert f"canned-1, model SHA-256 {'ab' * 32}" in ended.out
    assert "not show who spoke" in ended.out


def test_silence_has_no_score(cli: Cli, good: str, hears: Callable[[str], None]) -> None:
    hears("")
    ended = cli(good, "--name", NAME)
    assert ended.code == 7
    assert "Score" not in ended.out


def test_nobody_may_listen(cli: Cli, good: str, hears: Callable[[str], None]) -> None:
    ended = cli(good, "--name", NAME, "--speech", "none")
    assert ended.code == 0
    assert "not checked: no recognizer was requested" in ended.err


@pytest.mark.heavy
def test_the_model_of_whisper_can_be_another(cli: Cli, good: str, tmp_path: Path) -> None:
    ended = cli(good, "--name", NAME, "--speech", str(tmp_path))
    assert (ended.code, ended.out) == (2, "")
    assert "model.bin" in ended.err


def test_the_name_can_have_other_spellings(cli: Cli, good: str, hears: Callable[[str], None]) -> None:
    hears(STATEMENT.replace(NAME, "Reo Alwares"))
    assert cli(good, "--name", NAME, "--spoken-as", "Reo Alwares").code == 0


def test_programs_get_one_document(cli: Cli, good: str, hears: Callable[[str], None]) -> None:
    hears(STATEMENT)
    report = json.loads(cli(good, "--name", NAME, "--json").out)
    assert (report["ok"], report["hearing"]["heard_name"]) == (True, NAME)


def test_the_rules_are_those_of_the_model(cli: Cli, good: str) -> None:
    assert "Rules: phoenix-3" in cli(good, "--model", "phoenix-3").out


def test_a_hash_is_shown_and_its_progress(cli: Cli, good: str) -> None:
    ended = cli(good, "--hash")
    assert "SHA-256 of the train video" in ended.out
    assert "train video: hashing 100 %" in ended.err


def test_progress_of_a_large_file_is_said_once_for_every_tenth(cli: Cli, good: str, tmp_path: Path) -> None:
    large = tmp_path / "large.mp4"
    filler = 25_000_000
    large.write_bytes(Path(good).read_bytes() + filler.to_bytes(4, "big") + b"free" + bytes(filler - 8))
    said = [line for line in cli(str(large), "--hash").err.splitlines() if line.endswith("%")]
    assert len(said) == len(set(said)) > 5


def test_progress_is_on_stderr(cli: Cli, good: str) -> None:
    ended = cli(good)
    assert ended.err.startswith("train video: opening\ntrain video: looking\n")
    assert "opening" not in ended.out


def test_links_are_read_where_that_is_allowed(cli: Cli, good: str) -> None:
    with serving(Path(good)) as server:
        ended = cli(f"{server.url}?sig=s3cret", "--private-host", server.host)
    assert ended.code == 0
    assert "requests" in ended.out
    assert "s3cret" not in ended.out + ended.err


def test_a_link_to_this_machine_is_not_read(cli: Cli, good: str) -> None:
    with serving(Path(good)) as server:
        ended = cli(server.url)
        assert (ended.code, server.requests) == (6, [])
    assert "kB in" not in ended.out


def test_something_has_to_be_given(cli: Cli) -> None:
    ended = cli()
    assert (ended.code, ended.out) == (2, "")
    assert "give a video, --consent, or both" in ended.err


def test_a_file_that_is_not_there_is_said(cli: Cli, tmp_path: Path) -> None:
    ended = cli(str(tmp_path / "none.mp4"))
    assert (ended.code, ended.out) == (2, "")


def test_two_faults_are_one_of_tavus(cli: Cli, video: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    path.write_bytes(video(format="mov", video="libx265"))
    assert ["FAILS", "train", "format, codec", "qt, hevc", "mp4, h264"] in rows(cli(str(path)))


def create(*more: str) -> int:
    given = ("--train-video-url", "https://bucket.example/train.mp4", "--preflight", "require")
    return main(("replicas", "create", *given, *more))


def test_a_create_refuses_what_cannot_be_looked_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "fake-key")
    monkeypatch.setattr("tavus_consent.preflight.check.find_spec", lambda _: None)
    code = create("--full-name", NAME, "--consent-video-url", "https://bucket.example/consent.mp4")
    assert (code, "--preflight require needs the extra" in capsys.readouterr().err) == (2, True)


def test_what_shows_nobody_is_looked_at_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "fake-key")
    monkeypatch.setattr("tavus_consent.preflight.check.find_spec", lambda _: None)
    code = create("--non-human", "--attestation", "A fox", "--attested-by", "me@app.example")
    assert (code, "--preflight require needs the extra" in capsys.readouterr().err) == (2, True)


def test_what_nobody_can_mend_has_no_advice(cli: Cli, bad: str, hears: Callable[[str], None]) -> None:
    hears(STATEMENT)
    lines = cli(bad, "--name", NAME).out.splitlines()
    at = next(n for n, line in enumerate(lines) if "statement could not be checked" in line)
    assert lines[at + 1] == ""


def test_without_the_extra_nothing_was_checked(cli: Cli, good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    ended = cli(good, "--json")
    assert (ended.code, json.loads(ended.out)["ok"]) == (7, False)
    assert "tavus-consent[preflight]" in ended.err


def test_without_the_extra_a_file_that_is_not_there_is_an_error(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    ended = cli(str(tmp_path / "missing.mp4"))
    assert (ended.code, ended.out) == (2, "")
    assert "there is no file that can be read" in ended.err


def test_a_statement_that_nobody_could_listen_to_is_not_finished(
    cli: Cli, good: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    ended = cli(good, "--name", NAME)
    assert ended.code == 7
    assert cli(good, "--name", NAME, "--speech", "none").code == 0


def test_a_model_whose_rules_are_not_known_is_not_finished(cli: Cli, good: str) -> None:
    assert cli(good, "--model", "phoenix-9").code == 7
