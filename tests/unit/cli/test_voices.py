"""``tavus-consent voices``: what each command does, shows and prints as JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tavus_consent.testing import FakeTavus, Fault

from .conftest import Cli

AUDIO = "https://bucket.example/rio.wav"
HUM = ("--non-human", "--attestation", "A synthesizer", "--attested-by", "studio@app.example")
RIO = ("--full-name", "Rio Alvarez", "--consent-video-url", "https://bucket.example/consent.mp4")
CREATE = ("voices", "create", "--audio-url", AUDIO, "--voice-name", "Rio")

Answers = Callable[[Callable[[httpx.Request], Any]], None]


@pytest.fixture(autouse=True)
def _own_ledger(tmp_path: Path, empty_ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One recording serves one person, so each test has a ledger of its own."""
    path = shutil.copy(empty_ledger, tmp_path / "consent.db")
    monkeypatch.setenv("TAVUS_CONSENT_LEDGER", f"sqlite:///{path}")


def sent(fake: FakeTavus) -> list[Any]:
    return [json.loads(one.body) for one in fake.requests if one.operation == "createVoice"]


# create


def test_a_personal_voice_is_created_with_everything_that_was_said(cli: Cli, fake: FakeTavus) -> None:
    ended = cli(*CREATE, *RIO, "--description", "For courses", "--callback-url", "https://app.example/hook")
    assert ended.code == 0
    assert sent(fake) == [
        {
            "audio_url": AUDIO,
            "voice_name": "Rio",
            "description": "For courses",
            "callback_url": "https://app.example/hook",
        }
    ]
    assert "does not establish that consent is legally valid" in ended.err


def test_a_create_shows_the_voice_and_how_to_wait(cli: Cli, fake: FakeTavus) -> None:
    ended = cli(*CREATE, *RIO)
    voice_id = ended.out.split()[1]
    assert ended.out.split() == ["Voice", voice_id, "Name", "Rio", "Status", "started"]
    assert f"must not be used before it is ready: tavus-consent voices wait {voice_id}" in ended.err


def test_a_voice_of_nobody_is_created_with_an_attestation(cli: Cli, fake: FakeTavus) -> None:
    ended = cli(*CREATE, *HUM)
    assert (ended.code, len(sent(fake))) == (0, 1)
    assert "legally valid" not in ended.err


def test_a_statement_that_opens_the_audio_is_a_warning_in_words(cli: Cli, fake: FakeTavus) -> None:
    ended = cli(*CREATE, *RIO[:2])
    assert ended.code == 0
    assert ended.err.startswith("warning: Without a consent video, the statement must open the audio recording.")


def test_a_record_whose_statement_opens_the_audio_clones_it(cli: Cli, account: None, fake: FakeTavus) -> None:
    terms = ("--full-name", "Rio Alvarez", "--intended-use", "audio courses", "--adult")
    record = cli("consents", "request", *terms, "--json").json["record_id"]
    where = ("--where", "training_audio")
    assert cli("consents", "add-evidence", record, "--video-url", AUDIO, *where).code == 0
    ended = cli(*CREATE, "--consent", record, "--json")
    assert (ended.code, ended.json["status"]) == (0, "started")


def test_the_ledger_names_the_actor(cli: Cli, fake: FakeTavus) -> None:
    cli(*CREATE, *HUM, "--actor", "hr-portal")
    events = [json.loads(line) for line in cli("ledger", "export").out.splitlines()]
    assert [event["type"] for event in events] == ["attestation", "submit_intent", "submitted"]
    assert {event["actor"] for event in events} == {"hr-portal"}


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        pytest.param((), "--full-name", id="kind not said"),
        pytest.param(RIO[2:], "--non-human", id="consent video of nobody"),
        pytest.param(("--non-human",), "--attestation", id="no attestation"),
        pytest.param((*HUM, *RIO[:2]), "Omit one of them", id="both kinds"),
        pytest.param((*HUM, *RIO[2:]), "omit the consent video", id="non-human with consent video"),
        pytest.param((*RIO, "--consent", "c1"), "--consent names a record", id="a record and more"),
        pytest.param((*RIO, "--description", " "), "--description: give a text", id="description"),
        pytest.param((*RIO, "--audio-url", "https://youtu.be/abc"), "--audio-url", id="audio"),
    ],
)
def test_what_must_not_be_sent_is_refused_with_advice(
    cli: Cli, fake: FakeTavus, arguments: tuple[str, ...], advice: str
) -> None:
    given = CREATE if "--audio-url" not in arguments else ("voices", "create", *CREATE[4:])
    ended = cli(*given, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert advice in ended.err
    assert fake.requests == []


def test_a_create_of_unknown_outcome_says_where_to_look(cli: Cli, fake: FakeTavus) -> None:
    fake.inject(Fault(drop=True), operation="createVoice")
    ended = cli(*CREATE, *HUM)
    assert ended.code == 5
    assert "whether the voice was created" in ended.err
    assert "could clone a second voice." in ended.err
    assert ended.err.splitlines()[-1] == "Check before you repeat the create: tavus-consent voices list"


def test_interrupting_a_create_says_what_may_have_happened(cli: Cli, answers: Answers) -> None:
    def interrupt(_: httpx.Request) -> None:
        raise KeyboardInterrupt

    answers(interrupt)
    ended = cli(*CREATE, *HUM)
    assert ended.code == 130
    assert "The voice may have been created." in ended.err


# wait


def test_create_can_wait_until_the_voice_is_ready(cli: Cli, fake: FakeTavus) -> None:
    ended = cli(*CREATE, *HUM, "--wait", "--json")
    assert (ended.code, ended.json["status"]) == (0, "completed")


def test_a_failed_voice_has_the_code_of_a_failed_training_and_advice(cli: Cli, fake: FakeTavus) -> None:
    fake.fail("voice", "Too noisy.")
    ended = cli(*CREATE, *HUM, "--wait", "--json")
    assert (ended.code, ended.json["status"]) == (3, "error")
    what, advice = ended.err.splitlines()[-2:]
    assert what.endswith("failed: Too noisy.")
    assert advice.startswith("Check that the link downloads without a login")


def test_a_wait_that_is_over_says_how_to_go_on(cli: Cli, fake: FakeTavus) -> None:
    voice_id = cli(*CREATE, *HUM, "--json").json["voice_id"]
    ended = cli("voices", "wait", voice_id, "--timeout", "1s", "--json")
    assert (ended.code, ended.json["voice_id"]) == (4, voice_id)
    assert ended.err.splitlines()[-1] == f"To keep waiting: tavus-consent voices wait {voice_id}"


def test_wait_shows_the_voice(cli: Cli, fake: FakeTavus) -> None:
    voice_id = cli(*CREATE, *HUM, "--json").json["voice_id"]
    assert "completed" in cli("voices", "wait", voice_id).out


# get, list, delete


def test_get_shows_one_property_a_line(cli: Cli, fake: FakeTavus) -> None:
    fake.fail("voice", "Too noisy.")
    voice_id = cli(*CREATE, *HUM, "--description", "A hum", "--json").json["voice_id"]
    fake.advance(hours=1)
    assert [line.rstrip().split(maxsplit=1) for line in cli("voices", "get", voice_id).out.splitlines()] == [
        ["Voice", voice_id],
        ["Name", "Rio"],
        ["Status", "error"],
        ["Description", "A hum"],
        ["Error", "Too noisy."],
    ]


def test_list_is_a_table(cli: Cli, fake: FakeTavus) -> None:
    lines = [line.split() for line in cli("voices", "list", "--search", "ann").out.splitlines() if line]
    assert [line[0] for line in lines] == ["Name", "anna"]
    assert lines[1][-1] == "warm"


def test_list_can_be_narrowed_for_programs(cli: Cli, fake: FakeTavus) -> None:
    assert [one["voice_name"] for one in cli("voices", "list", "--tag", "calm", "--json").json] == ["ben"]


def test_an_empty_list_is_a_word_for_people(cli: Cli, fake: FakeTavus) -> None:
    ended = cli("voices", "list", "--search", "nobody", "--json")
    assert (ended.json, ended.err) == ([], "No voices found.\n")


def test_delete_asks_first(cli: Cli, fake: FakeTavus) -> None:
    voice_id = cli(*CREATE, *HUM, "--json").json["voice_id"]
    assert "Pass --yes to confirm" in cli("voices", "delete", voice_id).err
    assert cli("voices", "delete", voice_id, "--yes").out == f"{voice_id} was deleted.\n"
    assert cli("voices", "get", voice_id).code == 1
