"""``tavus-consent replicas``: what each command does, shows and prints as JSON."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tavus_consent.testing import FakeTavus, Fault

from .conftest import TRAIN, Cli


@pytest.fixture(autouse=True)
def _own_ledger(tmp_path: Path, empty_ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One recording serves one person, so each test has a ledger of its own."""
    path = shutil.copy(empty_ledger, tmp_path / "consent.db")
    monkeypatch.setenv("TAVUS_CONSENT_LEDGER", f"sqlite:///{path}")


FOX = ("--non-human", "--attestation", "A cartoon fox", "--attested-by", "studio@app.example")
RIO = ("--full-name", "Rio Alvarez", "--consent-video-url", "https://bucket.example/consent.mp4")
CREATE = ("replicas", "create", "--train-video-url", TRAIN)

Answers = Callable[[Callable[[httpx.Request], Any]], None]


def only(fake: FakeTavus) -> dict[str, Any]:
    (replica,) = fake.replicas.values()
    return replica


# create


def test_a_personal_replica_is_created_with_everything_that_was_said(cli: Cli, fake: FakeTavus) -> None:
    more = ("--replica-name", "Rio", "--model-name", "phoenix-3", "--callback-url", "https://app.example/hook")
    ended = cli(*CREATE, *RIO, *more, "--background-green-screen")
    assert ended.code == 0
    assert only(fake)["request"] == {
        "train_video_url": TRAIN,
        "consent_video_url": "https://bucket.example/consent.mp4",
        "replica_name": "Rio",
        "model_name": "phoenix-3",
        "callback_url": "https://app.example/hook",
        "properties": {"background_green_screen": True},
    }


def test_a_create_shows_the_replica_and_how_to_wait(cli: Cli, fake: FakeTavus) -> None:
    ended = cli(*CREATE, *RIO)
    replica_id = only(fake)["replica_id"]
    assert ended.out.split() == ["Replica", replica_id, "Status", "started"]
    assert f"tavus-consent replicas wait {replica_id}" in ended.err


def test_a_create_says_what_consent_does_not_establish(cli: Cli, fake: FakeTavus) -> None:
    assert "does not establish that consent is legally valid" in cli(*CREATE, *RIO).err


def test_a_non_human_replica_is_created_with_an_attestation(cli: Cli, fake: FakeTavus) -> None:
    ended = cli(*CREATE, *FOX)
    assert ended.code == 0
    assert only(fake)["request"] == {"train_video_url": TRAIN}
    assert "consent" not in ended.err.replace("tavus-consent", "")


def test_a_statement_in_the_training_video_is_a_warning_in_words(cli: Cli, fake: FakeTavus) -> None:
    ended = cli(*CREATE, "--full-name", "Rio Alvarez")
    assert ended.code == 0
    assert ended.err.startswith("warning: Without a consent video, the statement must open the training video.")
    assert ".py:" not in ended.err


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        pytest.param((), "Say which kind of replica this is", id="kind not said"),
        pytest.param((), "--full-name", id="kind not said: the options"),
        pytest.param(RIO[2:], "--non-human", id="consent video of nobody"),
        pytest.param(("--non-human",), '--attestation "Why', id="no attestation"),
        pytest.param((*FOX, *RIO[:2]), "Omit one of them", id="both kinds"),
        pytest.param((*FOX, *RIO[2:]), "omit the consent video", id="non-human with consent video"),
        pytest.param((*RIO, *FOX[1:3]), "only the person themselves can consent", id="attestation for a person"),
        pytest.param(("--full-name", "Your Name"), "is a placeholder", id="name"),
        pytest.param((*FOX, "--callback-url", "http://app.example/x"), "--callback-url", id="callback"),
    ],
)
def test_what_must_not_be_sent_is_refused_with_advice(
    cli: Cli, fake: FakeTavus, arguments: tuple[str, ...], advice: str
) -> None:
    ended = cli(*CREATE, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: ")
    assert advice in ended.err
    assert fake.requests == []


def test_create_can_wait_until_training_ends(cli: Cli, fake: FakeTavus) -> None:
    ended = cli(*CREATE, *FOX, "--wait", "--poll-interval", "30m", "--json")
    assert ended.code == 0
    assert ended.json["status"] == "completed"
    assert ended.json["created_at"].endswith("+00:00")


def test_progress_in_a_log_is_a_line_for_every_tenth(cli: Cli, fake: FakeTavus) -> None:
    ended = cli(*CREATE, *FOX, "--wait", "--poll-interval", "60s")
    lines = [line for line in ended.err.splitlines() if "/100" in line]
    assert len(lines) == 11
    assert lines[-1].endswith("completed 100/100")


def test_progress_on_a_terminal_is_a_bar(cli: Cli, fake: FakeTavus, terminal: None) -> None:
    ended = cli(*CREATE, *FOX, "--wait", "--poll-interval", "30m")
    assert "100%" in ended.err
    assert ended.err.rindex("\x1b[?25h") > ended.err.rindex("\x1b[?25l")  # the cursor is back


def test_progress_that_tavus_does_not_tell_is_a_bar_without_end(
    cli: Cli, fake: FakeTavus, answers: Answers, terminal: None
) -> None:
    states = iter(["started", "completed"])
    answers(lambda _: httpx.Response(200, json={"replica_id": "r1", "status": next(states)}))
    assert cli("replicas", "wait", "r1").code == 0


def test_a_failed_training_has_its_own_code_and_advice(cli: Cli, fake: FakeTavus) -> None:
    fake.fail_training("video_fps")
    ended = cli(*CREATE, *FOX, "--wait", "--json")
    assert ended.code == 3
    assert ended.json["status"] == "error"
    what, advice = ended.err.splitlines()[-2:]
    assert "(video_fps): There was an issue" in what
    assert advice.startswith("Record the training and the consent video with 25 frames")


def test_a_wait_that_is_over_has_its_own_code_and_says_how_to_go_on(cli: Cli, fake: FakeTavus) -> None:
    ended = cli(*CREATE, *FOX, "--wait", "--timeout", "1h", "--json")
    replica_id = only(fake)["replica_id"]
    assert ended.code == 4
    assert ended.json["replica_id"] == replica_id
    assert ended.err.splitlines()[-1] == f"To keep waiting: tavus-consent replicas wait {replica_id}"


def test_a_create_of_unknown_outcome_is_looked_up(cli: Cli, fake: FakeTavus) -> None:
    fake.inject(Fault(drop=True, after_work=True), operation="createReplica")
    ended = cli(*CREATE, *FOX, "--replica-name", "Fox")
    assert ended.code == 5
    assert "could train a second, paid replica" in ended.err
    assert f"Your replicas of that name and time: {only(fake)['replica_id']}." in ended.err


def test_a_create_of_unknown_outcome_that_is_not_there_is_to_be_looked_for_again(cli: Cli, fake: FakeTavus) -> None:
    fake.inject(Fault(drop=True), operation="createReplica")
    ended = cli(*CREATE, *FOX)
    assert ended.code == 5
    assert "Check again in a minute" in ended.err


def test_a_create_of_unknown_outcome_may_not_be_possible_to_look_up(cli: Cli, fake: FakeTavus) -> None:
    fake.inject(Fault(drop=True, after_work=True), times=9)
    ended = cli(*CREATE, *FOX)
    assert ended.code == 5
    assert "The lookup failed too" in ended.err


def test_interrupting_a_create_says_what_may_have_happened(cli: Cli, answers: Answers) -> None:
    def interrupt(_: httpx.Request) -> None:
        raise KeyboardInterrupt

    answers(interrupt)
    ended = cli(*CREATE, *FOX)
    assert ended.code == 130
    assert ended.err.splitlines() == [
        "error: interrupted",
        "The replica may have been created. Check before you repeat the create: tavus-consent replicas list "
        "--replica-type user",
    ]


# get, list, rename, delete, wait


@pytest.fixture
def rio(cli: Cli, fake: FakeTavus) -> str:
    """The id of a replica in training."""
    cli(*CREATE, *RIO, "--replica-name", "Rio")
    return str(only(fake)["replica_id"])


def test_get_shows_one_property_a_line(cli: Cli, fake: FakeTavus, rio: str) -> None:
    fake.advance(hours=1)
    ended = cli("replicas", "get", rio)
    assert [line.rstrip().split(maxsplit=1) for line in ended.out.splitlines()] == [
        ["Replica", rio],
        ["Name", "Rio"],
        ["Status", "started 25/100"],
        ["Model", "phoenix-4"],
        ["Type", "user"],
        ["Created", "2026-05-04 12:00:00 UTC"],
        ["Updated", "2026-05-04 12:00:00 UTC"],
    ]


def test_get_shows_why_a_training_failed_and_what_to_do(cli: Cli, fake: FakeTavus, rio: str) -> None:
    fake.fail_training("video_fps", replica_id=rio)
    fake.advance(hours=4)
    ended = cli("replicas", "get", rio)
    assert "minimum frame rate" in ended.out
    assert "Converting a slower one does not help." in ended.out


def test_get_gives_programs_one_document(cli: Cli, fake: FakeTavus, rio: str) -> None:
    ended = cli("replicas", "get", rio, "--json")
    assert ended.json["created_at"] == "2026-05-04T12:00:00+00:00"
    assert ended.err == ""


def test_an_unknown_id_is_an_error_of_tavus(cli: Cli, fake: FakeTavus) -> None:
    ended = cli("replicas", "get", "r0")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "error: GET /v2/replicas/r0: 400 Bad Request: Invalid replica_id\n"


def test_list_is_a_table(cli: Cli, fake: FakeTavus, rio: str) -> None:
    lines = [line.split() for line in cli("replicas", "list").out.splitlines() if line]
    assert lines[0] == ["Replica", "Name", "Status", "Model", "Created", "(UTC)"]
    assert lines[1] == [rio, "Rio", "started", "0/100", "phoenix-4", "2026-05-04", "12:00"]
    assert len(lines) == 4


def test_list_can_be_narrowed(cli: Cli, fake: FakeTavus, rio: str) -> None:
    arguments = ("replicas", "list", "--replica-type", "system", "--model-name", "phoenix-3", "--json")
    assert [one["replica_id"] for one in cli(*arguments).json] == ["r51ab1e00002"]


def test_an_empty_list_is_empty_for_programs_and_a_word_for_people(cli: Cli, fake: FakeTavus) -> None:
    ended = cli("replicas", "list", "--replica-type", "user", "--json")
    assert (ended.json, ended.err) == ([], "No replicas found.\n")
    assert cli("replicas", "list", "--replica-type", "user").out == ""


def test_lines_are_not_broken_where_there_is_no_terminal(cli: Cli, answers: Answers) -> None:
    row = {"replica_id": "r1", "replica_name": "N" * 150, "model_name": "M" * 50}
    answers(lambda _: httpx.Response(200, json={"data": [row], "total_count": 1}))
    assert f"{'N' * 150}   " in cli("replicas", "list").out


def test_a_table_fits_a_terminal(cli: Cli, answers: Answers, terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    row = {"replica_id": "rf4e9d9790f0", "replica_name": "N" * 150, "status": "started", "training_progress": "40/100"}
    answers(lambda _: httpx.Response(200, json={"data": [row], "total_count": 1}))
    lines = re.sub(r"\x1b\[[0-9;]*m", "", cli("replicas", "list").out).splitlines()
    assert max(map(len, lines)) <= 80
    assert any("rf4e9d9790f0" in line and "started 40/100" in line for line in lines)


@pytest.mark.parametrize("width", [40, 60, 66, 68, 80, 100])
def test_no_title_and_no_word_is_broken(
    cli: Cli, answers: Answers, terminal: None, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    row = {
        "replica_id": "rf4e9d9790f0",
        "replica_name": "A name of several words",
        "status": "started",
        "model_name": "phoenix-4",
        "created_at": "2026-05-04T12:00:00Z",
    }
    answers(lambda _: httpx.Response(200, json={"data": [row, row | {"replica_id": "r2"}], "total_count": 2}))
    out = re.sub(r"\x1b\[[0-9;]*m", "", cli("replicas", "list").out)
    assert max(map(len, out.splitlines())) <= width
    for whole in ("Replica", "Name", "Status", "Model", "Created (UTC)", "rf4e9d9790f0", "phoenix-4", "several"):
        assert whole in out
    assert ("Created (UTC)" in out.splitlines()[0]) == (width >= 66)


def test_rename(cli: Cli, fake: FakeTavus, rio: str) -> None:
    assert cli("replicas", "rename", rio, "Rio 2").out == f"{rio} was renamed to Rio 2.\n"
    assert only(fake)["replica_name"] == "Rio 2"


def test_rename_for_programs(cli: Cli, fake: FakeTavus, rio: str) -> None:
    assert cli("replicas", "rename", rio, "Rio 2", "--json").json == {"replica_id": rio, "replica_name": "Rio 2"}


def test_delete(cli: Cli, fake: FakeTavus, rio: str) -> None:
    assert cli("replicas", "delete", rio, "--yes").out == f"{rio} was deleted.\n"
    assert fake.replicas == {}
    assert fake.requests[-1].query == ""


def test_delete_with_assets_for_programs(cli: Cli, fake: FakeTavus, rio: str) -> None:
    assert cli("replicas", "delete", rio, "--yes", "--hard", "--json").json == {"replica_id": rio, "deleted": True}
    assert fake.requests[-1].query == "hard=true"


def test_wait(cli: Cli, fake: FakeTavus, rio: str) -> None:
    ended = cli("replicas", "wait", rio, "--timeout", "18000")
    assert ended.code == 0
    assert "completed" in ended.out


TWO_STAGES = (*CREATE, *FOX, "--model-name", "phoenix-4.5")


def test_wait_returns_the_finetuned_replica(cli: Cli, fake: FakeTavus) -> None:
    ended = cli(*TWO_STAGES, "--wait", "--poll-interval", "30m", "--json")
    assert (ended.code, ended.json["status"], ended.json["finetune_status"]) == (0, "completed", "completed")


def test_wait_can_end_at_the_preview_and_calls_it_one(cli: Cli, fake: FakeTavus) -> None:
    ended = cli(*TWO_STAGES, "--wait", "--until", "preview", "--poll-interval", "1m")
    assert ended.code == 0
    assert ["Status", "completed", "(preview)"] in [line.split() for line in ended.out.splitlines()]
    replica_id = only(fake)["replica_id"]
    shown = cli("replicas", "wait", replica_id, "--until", "preview", "--json").json
    assert (shown["status"], shown["finetune_status"]) == ("completed", "training")


def test_a_log_of_a_wait_says_when_the_preview_is_ready_and_when_it_is_finetuned(cli: Cli, fake: FakeTavus) -> None:
    lines = cli(*TWO_STAGES, "--wait", "--poll-interval", "60s").err.splitlines()
    assert [line.split(" ", 1)[-1] for line in lines if "completed" in line] == [
        "completed (preview) 100/100",
        "completed 100/100",
    ]


def test_there_is_no_other_stage_to_wait_for(cli: Cli, fake: FakeTavus) -> None:
    ended = cli("replicas", "wait", "r1", "--until", "soon")
    assert ended.code == 2
    assert fake.requests == []


def test_a_wait_that_is_refused_at_once_shows_no_bar(cli: Cli, fake: FakeTavus, terminal: None) -> None:
    ended = cli("replicas", "wait", "r0")
    assert ended.code == 1
    assert "━" not in ended.err


def test_interrupting_a_wait_says_how_to_go_on(cli: Cli, answers: Answers, terminal: None) -> None:
    def interrupt(_: httpx.Request) -> None:
        raise KeyboardInterrupt

    answers(interrupt)
    ended = cli("replicas", "wait", "r1")
    assert ended.code == 130
    assert "tavus-consent replicas wait r1" in ended.err
    assert ended.err.rindex("\x1b[?25h") > ended.err.rindex("\x1b[?25l")


# What servers say


def test_nothing_that_a_server_says_steers_the_terminal(cli: Cli, answers: Answers) -> None:
    evil = "\x1b]0;owned\x07\x1b[31m\u202egnp\n[bold]x[/bold] :smile:"
    body = {"replica_id": "r1", "replica_name": evil, "status": evil, "error_message": evil}
    answers(lambda _: httpx.Response(200, json={**body, "data": [body], "total_count": 1}))
    for arguments in (("get", "r1"), ("list",), ("list", "--json")):
        out = cli("replicas", *arguments).out
        assert not any(sign in out for sign in "\x1b\x07\u202e")
        assert "[bold]x[/bold] :smile:" in out


def test_nothing_that_a_server_says_in_an_error_steers_the_terminal(cli: Cli, answers: Answers) -> None:
    answers(lambda _: httpx.Response(400, json={"error": "\x1b[2J\nerror: all is well"}))
    ended = cli("replicas", "get", "r1")
    assert "\x1b" not in ended.err
    assert len(ended.err.splitlines()) == 1


def test_links_and_the_key_are_not_shown_to_people_or_programs(
    cli: Cli, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "key-0123456789")
    link = "https://cdn.example/a/b.mp4?X-Amz-Signature=s3cr3t"
    body = {"replica_id": "r1", "thumbnail_video_url": link, "error_message": f"{link} key-0123456789", "new": [link]}
    answers(lambda _: httpx.Response(200, json=body))
    for arguments in (("get", "r1"), ("get", "r1", "--json")):
        out = cli("replicas", *arguments).out
        assert "https://cdn.example/.../b.mp4?[redacted]" in out
        assert "s3cr3t" not in out
        assert "key-0123456789" not in out


def test_json_survives_any_name(cli: Cli, answers: Answers) -> None:
    name = "Zoë \ud800 李"
    answers(
        lambda _: httpx.Response(
            200,
            content=json.dumps({"replica_id": "r1", "replica_name": name}),
            headers={"content-type": "application/json"},
        )
    )
    assert cli("replicas", "get", "r1", "--json").json["replica_name"] == name
