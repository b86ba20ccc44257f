"""``tavus-consent consents``: what each command stores, shows and prints as JSON."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.asked import TERMS
from tests.unit.consents.support import Listener

from tavus_consent.testing import FakeTavus, Fault

from .conftest import TRAIN, Cli

NAME = "Siobhán O'Connor"
SPOKEN = (
    "I, Siobhan O'Connor, am currently speaking and consent Tavus to create an AI clone of me by using the audio and "
    "video samples I provide. I understand that this AI clone can be used to create videos that look and sound like me."
)
LINK = "https://bucket.example/consent.mp4?token=s3cr3t"
SHA = "ab" * 32
pytestmark = pytest.mark.usefixtures("ledger_file")


@pytest.fixture
def request_(cli: Cli) -> Callable[..., str]:
    """Begin a record; gives its id."""

    def begin(*options: str, name: str = NAME) -> str:
        return str(cli("consents", "request", "--full-name", name, *TERMS, *options, "--json").json["record_id"])

    return begin


@pytest.fixture
def recorded(cli: Cli, request_: Callable[..., str]) -> Callable[..., str]:
    """A record with a recording; gives its id."""

    def begin(*options: str, name: str = NAME) -> str:
        record = request_(*options, name=name)
        assert cli("consents", "add-evidence", record, "--video-url", LINK).code == 0
        return record

    return begin


@pytest.fixture
def heard(tmp_path: Path) -> Callable[[str], str]:
    """A file with a transcript."""

    def write(text: str) -> str:
        path = tmp_path / "heard.txt"
        path.write_text(text, "utf-8")
        return str(path)

    return write


@pytest.fixture
def trained(cli: Cli, fake: FakeTavus, recorded: Callable[..., str], account: None) -> tuple[str, str]:
    """A record and the replica that came of it."""
    record = recorded()
    ended = cli("replicas", "create", "--consent", record, "--train-video-url", TRAIN, "--json")
    assert ended.code == 0
    return record, ended.json["replica_id"]


# help


@pytest.mark.parametrize(
    "command",
    [
        *("request", "list", "show", "add-evidence", "verify", "review", "refuse", "invalidate"),
        *("receipt", "renew", "withdraw", "erase"),
    ],
)
def test_help_teaches_by_example(cli: Cli, command: str) -> None:
    ended = cli("consents", command, "--help")
    assert ended.code == 0
    assert f"    tavus-consent consents {command}" in ended.out


# request


def test_a_request_prints_the_words_to_read_aloud(cli: Cli) -> None:
    ended = cli("consents", "request", "--full-name", NAME, *TERMS)
    assert ended.code == 0
    assert f"I, {NAME}, am currently speaking and consent Tavus" in ended.out
    assert "does not establish" in ended.err


def test_a_request_keeps_what_was_said(cli: Cli, request_: Callable[..., str]) -> None:
    uses = ("--intended-use", "onboarding", "--intended-use", "support")
    more = ("--spoken-as", "shivawn o connor", "--attested-by", "hr@app.example", "--valid-for", "90d")
    shown = cli(
        "consents", "show", request_(*uses, *more, "--notice-url", "https://app.example/privacy"), "--json"
    ).json
    assert (shown["status"], shown["expires_at"]) == ("requested", "2026-08-02T12:00:00.000000Z")
    assert shown["person"]["intended_uses"] == ["onboarding videos", "onboarding", "support"]
    assert shown["person"]["spoken_as"] == ["shivawn o connor"]
    assert (shown["person"]["adult"], shown["person"]["attested_by"]) == (True, "hr@app.example")


@pytest.mark.parametrize(
    ("given", "missing"),
    [(("--adult",), "--intended-use"), (("--intended-use", "support"), "--adult"), ((), "--intended-use")],
)
def test_a_request_names_the_option_that_is_missing(cli: Cli, given: tuple[str, ...], missing: str) -> None:
    ended = cli("consents", "request", "--full-name", NAME, *given)
    assert (ended.code, ended.out) == (2, "")
    assert f"parameter {missing} " in ended.err
    assert cli("consents", "list", "--json").json == []


def test_a_request_keeps_the_notices(cli: Cli, request_: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "notice.txt"
    path.write_text("Wir erstellen ein Abbild.", "utf-8")
    notice = ("--notice", str(path), "--notice-version", "2026-11", "--notice-language", "de")
    told = ("--biometric-derived", "a model of the face", "--biometric-kept", "for a year")
    record = request_(*notice, *told, "--retention", "90d", "--valid-for", "10d")
    shown = cli("consents", "show", record, "--json").json
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert shown["person"]["notice"] == {"version": "2026-11", "language": "de", "sha256": sha256}
    assert shown["person"]["biometric_notice"] == {"derived": "a model of the face", "kept": "for a year"}
    assert (shown["keep_until"], shown["renews"]) == ("2026-08-12T12:00:00.000000Z", None)
    card = cli("consents", "show", record).out
    for text in (
        f"version 2026-11, SHA-256 {sha256}",
        "a model of the face; stored for a year",
        "2026-08-12 12:00 UTC",
    ):
        assert text in card


def test_a_card_says_what_was_not_stated(cli: Cli, fake: FakeTavus, account: None) -> None:
    order = ("--full-name", NAME, "--train-video-url", TRAIN, "--consent-video-url", LINK)
    cli("replicas", "create", *order, "--ledger", os.environ["TAVUS_CONSENT_LEDGER"])
    (record,) = cli("consents", "list", "--json").json
    card = cli("consents", "show", record["record_id"]).out
    lines = {line.split()[0]: line.split(maxsplit=1)[1].strip() for line in card.splitlines() if " " in line}
    assert [lines[title] for title in ("Uses", "Notice", "Biometrics")] == ["not stated"] * 3
    assert lines["Of"] == "age      not stated"


def test_a_notice_may_have_an_address_only(cli: Cli, request_: Callable[..., str]) -> None:
    record = request_("--notice-url", "https://app.example/privacy")
    assert "Notice      https://app.example/[redacted]\n" in _stripped(cli("consents", "show", record).out)


def _stripped(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--notice-version", "3"), "--notice-version needs --notice"),
        (("--biometric-derived", "a model"), "--biometric-derived and --biometric-kept together"),
        (("--biometric-kept", "a year"), "--biometric-derived and --biometric-kept together"),
        (("--notice", "missing.txt"), "cannot read the file of --notice"),
        (("--retention", "90000d"), "--retention: give a timedelta of up to thirty years"),
        (("--actor", "Anna Bell"), "--actor: give the account or role"),
    ],
)
def test_notices_that_cannot_be_meant_are_refused(cli: Cli, options: tuple[str, ...], message: str) -> None:
    ended = cli("consents", "request", "--full-name", NAME, *TERMS, *options)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


def test_the_ledger_names_the_actor(cli: Cli, fake: FakeTavus, account: None) -> None:
    who = ("--actor", "hr-portal")
    record = cli("consents", "request", "--full-name", NAME, *TERMS, *who, "--json").json["record_id"]
    cli("consents", "add-evidence", record, "--video-url", LINK, *who)
    cli("replicas", "create", "--consent", record, "--train-video-url", TRAIN, *who)
    cli("consents", "receipt", record, *who)
    cli("consents", "withdraw", record, "--requested-by", "subject", "--yes", *who)
    cli("consents", "erase", record, "--yes", *who)
    events = [json.loads(line) for line in cli("ledger", "export").out.splitlines()]
    assert events[-1]["type"] == "erased"
    assert {event["actor"] for event in events} == {"hr-portal"}


def test_a_given_consent_is_renewed(cli: Cli, trained: tuple[str, str]) -> None:
    ended = cli("consents", "renew", trained[0], "--valid-for", "30d", "--actor", "hr-portal", "--json")
    assert (ended.code, ended.json["renews"], ended.json["status"]) == (0, trained[0], "requested")
    assert ended.json["expires_at"] == "2026-06-03T12:00:00.000000Z"
    assert "does not establish" in ended.err
    assert f"Renews      {trained[0]}\n" in _stripped(cli("consents", "show", ended.json["record_id"]).out)


def test_a_withdrawal_names_the_records_that_were_renewed(cli: Cli, trained: tuple[str, str]) -> None:
    record = cli("consents", "renew", trained[0], "--json").json["record_id"]
    cli("consents", "add-evidence", record, "--video-url", "https://bucket.example/again.mp4")
    ended = cli("consents", "withdraw", record, "--requested-by", "subject", "--yes")
    assert ended.code == 0
    assert f"Renewed  {trained[0]} (withdrawn)\nDeleted  {trained[1]}\n" in _stripped(ended.out)
    again = cli("consents", "withdraw", record, "--requested-by", "subject", "--yes", "--json").json
    assert (again["complete"], again["renewed"]) == (True, [])


def test_a_consent_that_was_not_given_is_not_renewed(cli: Cli, recorded: Callable[..., str]) -> None:
    ended = cli("consents", "renew", recorded())
    assert (ended.code, ended.out) == (2, "")
    assert "begin a new record with tavus-consent consents request" in ended.err


@pytest.mark.parametrize(("option", "word"), [("--adult", "yes"), ("--minor", "no")])
def test_a_request_says_whether_the_person_is_of_age(cli: Cli, option: str, word: str) -> None:
    out = cli("consents", "request", "--full-name", NAME, "--intended-use", "support", option).out
    assert [line.split()[-1] for line in out.splitlines() if line.startswith("Of age")] == [word]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--valid-for", "4000d", "--valid-for: give a timedelta of up to ten years"),
        ("--valid-for", "soon", "a time looks like 90s, 30m, 8h or 365d"),
        ("--intended-use", "", "--intended-use: say what the replica is for"),
        ("--notice-url", "app.example", "--notice-url: give an https link"),
    ],
)
def test_a_request_that_cannot_be_is_refused(cli: Cli, option: str, value: str, message: str) -> None:
    ended = cli("consents", "request", "--full-name", NAME, *TERMS, option, value)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


def test_who_asks_for_consent_is_not_told_of_attestations(cli: Cli) -> None:
    ended = cli("consents", "request", "--full-name", NAME, *TERMS, "--attested-by", "")
    assert ended == (2, "", "error: --attested-by: give a text of 1 to 500 characters\n")


def test_a_refused_name_is_not_repeated(cli: Cli) -> None:
    ended = cli("consents", "request", "--full-name", "Rio2 Alvarez", *TERMS)
    assert ended.code == 2
    assert "Alvarez" not in ended.err


# list


def test_a_list_has_no_names_and_no_links(cli: Cli, recorded: Callable[..., str]) -> None:
    record = recorded()
    texts = [cli("consents", "list").out, cli("consents", "list", "--json").out]
    assert all(record in text for text in texts)
    assert not any(private in text for text in texts for private in ("Siobh", "Connor", "bucket", "s3cr3t"))


def test_a_list_says_what_ends_within_30_days(cli: Cli, request_: Callable[..., str]) -> None:
    soon, _ = request_("--valid-for", "12d"), request_()
    ended = cli("consents", "list")
    assert [line.split()[0] for line in ended.out.splitlines() if "in 12 days" in line] == [soon]
    assert ended.err == "1 of 2 expires within 30 days.\n"


def test_a_list_for_programs_says_what_ends_soon(cli: Cli, request_: Callable[..., str]) -> None:
    soon, late = request_("--valid-for", "30d"), request_("--valid-for", "31d")
    listed = cli("consents", "list", "--json").json
    assert {one["record_id"]: one["ends_soon"] for one in listed} == {soon: True, late: False}


def test_a_list_can_be_narrowed(cli: Cli, request_: Callable[..., str], recorded: Callable[..., str]) -> None:
    request_("--valid-for", "40d")
    record = recorded()
    assert [one["record_id"] for one in cli("consents", "list", "--status", "recorded", "--json").json] == [record]
    assert len(cli("consents", "list", "--expiring-within", "40d", "--json").json) == 1


def test_a_list_is_shown_by_pages(cli: Cli, request_: Callable[..., str]) -> None:
    records = [request_() for _ in range(3)]
    first = cli("consents", "list", "--json", "--limit", "2")
    assert [one["record_id"] for one in first.json] == records[:2]
    assert first.err == f"More records: --after {records[1]}\n"
    second = cli("consents", "list", "--json", "--limit", "2", "--after", records[1])
    assert [one["record_id"] for one in second.json] == records[2:]
    assert second.err == ""


def test_a_list_says_what_cannot_be_read(cli: Cli, request_: Callable[..., str], tmp_path: Path) -> None:
    from tavus_consent.consent.events import EventDraft
    from tavus_consent.ledger import open_ledger

    record = request_()
    with open_ledger(f"sqlite:///{tmp_path / 'consent.db'}") as ledger:
        state = ledger.store.state(record)
        assert state is not None
        at, subject_ref = state.changed_at, state.subject_ref
        assert at is not None
        ledger.store.append(EventDraft(type="given", at=at, record_id=record, subject_ref=subject_ref, actor="x"))
    ended = cli("consents", "list")
    assert "unsound" in ended.out
    assert ended.err == "1 of 1 cannot be read: run tavus-consent ledger verify.\n"
    assert "event 2" in cli("consents", "show", record).out


def test_a_list_shows_names_to_who_asks_for_them(cli: Cli, request_: Callable[..., str]) -> None:
    request_("--reference", "employee-4711")
    out = cli("consents", "list", "--names").out
    assert NAME in out
    assert "employee-4711" in out
    (one,) = cli("consents", "list", "--names", "--json").json
    assert one["person"] == {"full_name": NAME, "reference": "employee-4711"}


def test_a_list_of_an_erased_person_has_no_name(cli: Cli, request_: Callable[..., str]) -> None:
    cli("consents", "erase", request_(), "--yes")
    (one,) = cli("consents", "list", "--names", "--json").json
    assert one["person"] is None
    assert "erased" in cli("consents", "list", "--names").out


def test_a_list_is_searched(cli: Cli, request_: Callable[..., str]) -> None:
    record = request_()
    request_(name="Rio Alvarez")
    assert [one["record_id"] for one in cli("consents", "list", "--search", "oconnor", "--json").json] == [record]


def test_an_empty_list(cli: Cli) -> None:
    assert cli("consents", "list") == (0, "", "No records found.\n")


# find


def test_a_person_is_found(cli: Cli, request_: Callable[..., str]) -> None:
    record = request_("--reference", "employee-4711")
    for given in (("--reference", "employee-4711"), ("--full-name", NAME)):
        assert [one["record_id"] for one in cli("consents", "find", *given, "--json").json] == [record]
    assert NAME not in cli("consents", "find", "--reference", "employee-4711").out
    assert NAME in cli("consents", "find", "--reference", "employee-4711", "--names").out


def test_nobody_is_found(cli: Cli) -> None:
    assert cli("consents", "find", "--replica", "r1") == (0, "", "No records found.\n")
    assert cli("consents", "find").code == 2


# what a person said no to


def test_who_withdrew_is_not_asked_again_unless_they_decided_anew(cli: Cli, request_: Callable[..., str]) -> None:
    record = request_("--reference", "employee-4711")
    cli("consents", "refuse", record, "--yes")
    ended = cli("consents", "request", "--full-name", NAME, *TERMS, "--reference", "employee-4711")
    assert ended.code == 2
    assert record in ended.err
    for option in ("--reference", "tavus-consent consents request --after-withdrawal"):
        assert option in ended.err
    assert request_("--reference", "employee-4711", "--after-withdrawal") != record


# show


def test_show_has_the_person_and_every_check(cli: Cli, recorded: Callable[..., str], heard: Callable[..., str]) -> None:
    record = recorded("--intended-use", "onboarding")
    for text in (SPOKEN, "hello"):
        cli("consents", "verify", record, "--transcript", heard(text))
    ended = cli("consents", "show", record)
    assert ended.code == 0
    assert f"I, {NAME}, am currently" in ended.out
    assert "onboarding" in ended.out
    assert [line.split()[1] for line in ended.out.splitlines() if line.startswith("Check ")] == ["REVIEW", "UNUSABLE"]
    assert "supplied, engine: text" in ended.out


def test_show_says_when_consent_was_given_and_what_came_of_it(cli: Cli, trained: tuple[str, str]) -> None:
    record, replica = trained
    out = cli("consents", "show", record).out
    assert "2026-05-04 12:00 UTC (recorded)" in out
    assert replica in out
    assert "consent_video, SHA-256 unknown" in out


def test_show_cuts_links_down(cli: Cli, recorded: Callable[..., str]) -> None:
    ended = cli("consents", "show", recorded("--notice-url", "https://app.example/privacy?token=s3cr3t"), "--json")
    assert "s3cr3t" not in ended.out
    assert "app.example" in ended.out


def test_a_person_is_erased_with_all_records(cli: Cli, request_: Callable[..., str]) -> None:
    records = [request_("--reference", "employee-4711") for _ in range(2)]
    ended = cli("consents", "erase", "--person", "employee-4711", "--yes")
    assert (ended.code, "2 records" in ended.out) == (0, True)
    assert [cli("consents", "show", one, "--json").json["status"] for one in records] == ["erased", "erased"]


def test_a_person_is_erased_by_name_for_programs(cli: Cli, request_: Callable[..., str]) -> None:
    request_()
    told = cli("consents", "erase", "--person", NAME, "--yes", "--json").json
    assert (told["records"], told["erased"], told["items"]) == (1, True, 1)


@pytest.mark.parametrize("given", [(), ("6f1c", "--person", "x")])
def test_what_is_erased_is_a_record_or_a_person(cli: Cli, given: tuple[str, ...]) -> None:
    assert cli("consents", "erase", *given, "--yes").code == 2


def test_show_of_an_erased_person_has_no_words(cli: Cli, recorded: Callable[..., str]) -> None:
    record = recorded()
    cli("consents", "erase", record, "--yes")
    assert cli("consents", "show", record, "--json").json["person"] is None
    assert "Name" not in cli("consents", "show", record).out


def test_a_name_that_is_borne(cli: Cli) -> None:
    name = "Ana Maria de Jesus Ribeiro dos Santos Oliveira da Silva, Jr."
    assert cli("consents", "request", "--full-name", name, *TERMS).code == 2
    ended = cli("consents", "request", "--full-name", name, *TERMS, "--as-borne", "--json")
    assert (ended.code, ended.json["person"]["full_name"]) == (0, name)


def test_it_is_said_that_a_sign_of_the_name_was_replaced(cli: Cli) -> None:
    ended = cli("consents", "request", "--full-name", "Rio\u00a0Alvarez", *TERMS, "--json")
    assert (ended.code, ended.json["person"]["full_name"]) == (0, "Rio Alvarez")
    assert "a no-break space became an ordinary space" in ended.err


@pytest.mark.parametrize("command", ["show", "receipt"])
def test_an_unknown_record(cli: Cli, command: str) -> None:
    ended = cli("consents", command, "nobody")
    assert (ended.code, ended.out) == (2, "")
    assert "there is no such consent record" in ended.err


# add-evidence


def test_evidence_is_added_without_showing_the_link(cli: Cli, request_: Callable[..., str]) -> None:
    record = request_()
    ended = cli("consents", "add-evidence", record, "--video-url", LINK, "--sha256", SHA, "--where", "training_video")
    assert ended == (0, f"{record} has a recording. Its status is recorded.\n", "")
    recording = cli("consents", "show", record, "--json").json["recording"]
    assert (recording["where"], recording["sha256"]) == ("training_video", SHA)


# verify


def test_a_pass_ends_with_0(cli: Cli, recorded: Callable[..., str], heard: Callable[..., str]) -> None:
    ended = cli("consents", "verify", recorded(), "--transcript", heard(SPOKEN), "--engine", "whisper-1", "--json")
    assert (ended.code, ended.json["verdict"], ended.json["source"]) == (0, "PASS", "supplied")
    assert ended.json["name_score"] > 0.9
    assert "does not establish" in ended.err


def test_a_transcript_can_come_from_stdin(
    cli: Cli, recorded: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(SPOKEN))
    assert cli("consents", "verify", recorded(), "--transcript", "-", "--engine", "whisper-1").code == 0


def test_a_typed_text_is_no_pass(cli: Cli, recorded: Callable[..., str], heard: Callable[..., str]) -> None:
    ended = cli("consents", "verify", recorded(), "--transcript", heard(SPOKEN))
    assert ended.code == 6
    assert "the recording was not transcribed" in ended.out


def test_whisper_listens_to_the_recording(
    cli: Cli, recorded: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "consent.mp4").write_bytes(b"film")
    monkeypatch.setattr("tavus_consent.cli._evidence.default_transcriber", Listener)
    ended = cli("consents", "verify", recorded(), "--recording", str(tmp_path / "consent.mp4"), "--json")
    assert (ended.code, ended.json["verdict"], ended.json["source"]) == (0, "PASS", "heard")


def test_a_mismatch_ends_with_6_and_says_why(cli: Cli, recorded: Callable[..., str], heard: Callable[..., str]) -> None:
    ended = cli(
        "consents", "verify", recorded(), "--transcript", heard(SPOKEN.replace("and consent", "do not consent"))
    )
    assert ended.code == 6
    assert ended.out.startswith("Check   MISMATCH 2026-05-04 12:00 UTC")
    assert "\nWhy " in ended.out


def test_nothing_heard_is_no_pass(cli: Cli, recorded: Callable[..., str]) -> None:
    ended = cli("consents", "verify", recorded(), "--json")
    assert (ended.code, ended.json["verdict"], ended.json["name_score"]) == (6, "UNUSABLE", None)


def test_a_refusal_is_written_down(cli: Cli, request_: Callable[..., str]) -> None:
    record = request_()
    assert cli("consents", "refuse", record, "--yes") == (0, f"{record} is refused. It cannot train a replica.\n", "")


def test_what_was_given_is_not_refused(cli: Cli, trained: tuple[str, str]) -> None:
    ended = cli("consents", "refuse", trained[0], "--yes")
    assert (ended.code, ended.out) == (2, "")
    assert "withdraw" in ended.err


def test_a_record_is_declared_void(cli: Cli, recorded: Callable[..., str]) -> None:
    record = recorded()
    ended = cli("consents", "invalidate", record, "--yes", "--reason", "the wrong Siobhán")
    assert ended == (0, f"{record} is invalidated. It cannot train a replica.\n", "")


def test_a_void_record_with_replicas_says_how_they_go(cli: Cli, trained: tuple[str, str]) -> None:
    ended = cli("consents", "invalidate", trained[0], "--yes", "--reason", "the wrong Siobhán")
    assert ended.code == 0
    assert f"tavus-consent consents withdraw {trained[0]}" in ended.err


def test_a_record_is_not_declared_void_without_a_reason(cli: Cli, recorded: Callable[..., str]) -> None:
    ended = cli("consents", "invalidate", recorded(), "--yes", "--reason", " ")
    assert (ended.code, ended.out) == (2, "")
    assert "--reason: say in 1 to 500 characters why it is void" in ended.err


def test_a_doubt_is_lifted_by_a_named_person(cli: Cli, recorded: Callable[..., str], heard: Callable[..., str]) -> None:
    record = recorded()
    doubted = cli("consents", "verify", record, "--transcript", heard(SPOKEN.replace("Tavus", "Globex")))
    assert doubted.code == 6
    assert f"tavus-consent consents review {record} --help" in doubted.err
    ended = cli("consents", "review", record, "--reviewer", "dpo@app.example", "--reason", "I heard Tavus")
    assert ended == (0, f"The doubt is lifted. {record} is given.\n", "")


def test_another_file_than_the_recording_is_refused(cli: Cli, request_: Callable[..., str], tmp_path: Path) -> None:
    record = request_()
    cli("consents", "add-evidence", record, "--video-url", LINK, "--sha256", SHA)
    (tmp_path / "other.mp4").write_bytes(b"other")
    ended = cli("consents", "verify", record, "--recording", str(tmp_path / "other.mp4"))
    assert ended.code == 2
    assert "is not the recording of this record" in ended.err


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_transcript_that_cannot_be_read(
    cli: Cli, recorded: Callable[..., str], tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "Siobhan"
    if content is not None:
        path.write_bytes(content)
    ended = cli("consents", "verify", recorded(), "--transcript", str(path))
    assert ended.code == 2
    assert "cannot read the file of --transcript" in ended.err
    assert "Siobhan" not in ended.err


# receipt


def test_a_receipt_is_for_the_person(cli: Cli, recorded: Callable[..., str]) -> None:
    ended = cli("consents", "receipt", recorded("--notice-url", "https://app.example/privacy"))
    assert ended.code == 0
    assert NAME in ended.out
    assert "https://app.example/privacy" in ended.out
    assert "Not stated: name, address, contact" in ended.err
    assert ended.err.count("address") == 2  # of the controller and of the processor, in one note


def test_a_receipt_in_another_language(cli: Cli, recorded: Callable[..., str]) -> None:
    assert cli("consents", "receipt", recorded(), "--language", "de").out.startswith("EINWILLIGUNGSBELEG\n")


def test_a_receipt_for_programs_is_json_ld(cli: Cli, recorded: Callable[..., str]) -> None:
    document = cli("consents", "receipt", recorded(), "--json").json
    assert document["@type"] == "dpv:ConsentReceipt"
    assert document["@context"]["dpv"] == "https://w3id.org/dpv#"


WHOLE = """
name = "App Ltd"
address = "1 Main Street"
contact = "privacy@app.example"
jurisdiction = "IE"
storage_locations = ["Dublin"]
retention = "until withdrawn"
withdraw_at = "https://app.example/withdraw"
notice_url = "https://app.example/privacy"
[processor]
name = "Tavus"
address = "San Francisco"
contact = "https://www.tavus.io"
"""


def test_a_receipt_says_who_is_responsible(cli: Cli, recorded: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "you.toml"
    path.write_text(WHOLE)
    ended = cli("consents", "receipt", recorded(), "--controller", str(path))
    assert (ended.code, ended.err) == (0, "")
    assert all(word in ended.out for word in ("App Ltd", "Dublin", "https://app.example/withdraw", "San Francisco"))


@pytest.mark.parametrize("text", ["name = ", 'nam = "App"', "name = 5", 'name = "App"\nprocessor = "Tavus"'])
def test_a_file_that_says_nothing_of_the_controller(
    cli: Cli, recorded: Callable[..., str], tmp_path: Path, text: str
) -> None:
    path = tmp_path / "you.toml"
    path.write_text(text)
    ended = cli("consents", "receipt", recorded(), "--controller", str(path))
    assert (ended.code, ended.out) == (2, "")
    assert "the file of --controller is not TOML" in ended.err


# a replica from a record


def test_a_replica_is_created_with_a_record(fake: FakeTavus, trained: tuple[str, str]) -> None:
    created = fake.replicas[trained[1]]["request"]
    assert created == {"train_video_url": TRAIN, "consent_video_url": LINK}


def test_a_record_without_a_recording_trains_nothing(
    cli: Cli, fake: FakeTavus, request_: Callable[..., str], account: None
) -> None:
    ended = cli("replicas", "create", "--consent", request_(), "--train-video-url", TRAIN)
    assert ended.code == 2
    assert "tavus-consent consents add-evidence" in ended.err
    assert fake.requests == []


def test_a_record_says_who_consents(cli: Cli, recorded: Callable[..., str], account: None) -> None:
    ended = cli("replicas", "create", "--consent", recorded(), "--full-name", NAME, "--train-video-url", TRAIN)
    assert ended.code == 2
    assert "Omit the other options about consent." in ended.err


# withdraw


def test_a_withdrawal_deletes_what_came_of_it(cli: Cli, fake: FakeTavus, trained: tuple[str, str]) -> None:
    record, replica = trained
    ended = cli("consents", "withdraw", record, "--yes", "--requested-by", "subject", "--reason", "changed her mind")
    assert ended.code == 0
    assert [line.split()[1:] for line in ended.out.splitlines()[:3]] == [[record], ["withdrawn"], [replica]]
    assert replica not in fake.replicas
    assert "changed her mind" not in ended.out


def test_a_withdrawal_lists_what_remains_and_who_must_act(cli: Cli, trained: tuple[str, str]) -> None:
    out = cli("consents", "withdraw", trained[0], "--yes", "--requested-by", "controller").out
    assert "Left: recording. The training video" in out
    assert "Next: you." in out


def test_a_withdrawal_that_is_not_finished_ends_with_7_and_is_resumed(
    cli: Cli, fake: FakeTavus, trained: tuple[str, str]
) -> None:
    record, replica = trained
    fake.inject(Fault(status=500), times=3, operation="deleteReplica")
    ended = cli("consents", "withdraw", record, "--yes", "--requested-by", "subject", "--json")
    assert (ended.code, ended.json["complete"], ended.json["deleted"]) == (7, False, [])
    assert ("replica", replica, "sdk") in [(one["kind"], one["id"], one["who"]) for one in ended.json["remaining"]]
    resumed = cli("consents", "withdraw", "--resume", "--json")
    assert (resumed.code, [one["deleted"] for one in resumed.json]) == (0, [[replica]])


def test_a_failed_delete_says_how_to_go_on(cli: Cli, fake: FakeTavus, trained: tuple[str, str]) -> None:
    fake.inject(Fault(status=500), times=3, operation="deleteReplica")
    out = cli("consents", "withdraw", trained[0], "--yes", "--requested-by", "subject").out
    assert "Next: tavus-consent consents withdraw --resume." in out


def test_a_withdrawal_names_the_command_for_a_create_of_unknown_outcome(
    cli: Cli, fake: FakeTavus, recorded: Callable[..., str], account: None
) -> None:
    record = recorded()
    fake.inject(Fault(status=502), operation="createReplica")
    assert cli("replicas", "create", "--consent", record, "--train-video-url", TRAIN).code == 5
    ended = cli("consents", "withdraw", record, "--yes", "--requested-by", "subject")
    assert ended.code == 7
    assert "call tavus-consent ledger reconcile." in ended.out


def test_nothing_to_resume(cli: Cli, account: None) -> None:
    assert cli("consents", "withdraw", "--resume") == (0, "", "No withdrawal is in progress.\n")


@pytest.mark.parametrize("arguments", [(), ("r",), ("r", "--resume"), ("r", "--requested-by", "subject", "--resume")])
def test_a_withdrawal_is_of_one_record_or_resumed(cli: Cli, account: None, arguments: tuple[str, ...]) -> None:
    ended = cli("consents", "withdraw", *arguments)
    assert ended.code == 2
    assert "give a record with --requested-by" in ended.err


def test_a_withdrawal_needs_an_account(cli: Cli, recorded: Callable[..., str]) -> None:
    ended = cli("consents", "withdraw", recorded(), "--yes", "--requested-by", "subject")
    assert ended == (2, "", "error: no API key: set TAVUS_API_KEY, or pass --api-key-file FILE\n")


# erase


def test_an_erasure_says_what_it_reached_and_what_not(cli: Cli, recorded: Callable[..., str]) -> None:
    ended = cli("consents", "erase", recorded(), "--yes")
    assert ended.code == 0
    assert "the person was erased, with 2 items" in ended.out
    assert "backups" in ended.err
    assert cli("ledger", "verify").code == 0


def test_an_erasure_that_others_hinder_ends_with_7(
    cli: Cli, recorded: Callable[..., str], ledger_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = recorded()
    monkeypatch.setattr("tavus_consent.ledger.database.BUSY_TIMEOUT", 0.01)
    with sqlite3.connect(ledger_file) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM tavus_consent_events").fetchone()
        ended = cli("consents", "erase", record, "--yes")
        reader.rollback()
    reader.close()
    assert ended.code == 7
    assert "Erase again" in ended.err


def test_what_was_given_has_to_be_withdrawn_first(cli: Cli, trained: tuple[str, str]) -> None:
    assert cli("consents", "erase", trained[0], "--yes").code == 2


# the ledger's place


def test_the_ledger_can_be_an_option(cli: Cli, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    cli("consents", "request", "--full-name", NAME, *TERMS, "--ledger", url)
    assert cli("consents", "list", "--json").json == []
    assert len(cli("consents", "list", "--json", "--ledger", url).json) == 1


def test_the_ledger_of_a_create_can_be_an_option(cli: Cli, tmp_path: Path, account: None) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    person = ("--full-name", "Rio Alvarez", "--consent-video-url", "https://bucket.example/consent.mp4")
    cli("replicas", "create", *person, "--train-video-url", TRAIN, "--ledger", url)
    assert [one["status"] for one in cli("consents", "list", "--json", "--ledger", url).json] == ["given"]


def test_the_ledger_is_a_file_in_the_data_folder_by_default(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TAVUS_CONSENT_LEDGER")
    monkeypatch.setattr("tavus_consent.ledger.data_folder", lambda: tmp_path / "data")
    cli("consents", "request", "--full-name", NAME, *TERMS)
    assert (tmp_path / "data" / "consent.db").is_file()


@pytest.mark.parametrize(
    "url", ["postgresql://u:pass-w0rd@db.example/c", "postgresql://db.example/c?password=pass-w0rd"]
)
def test_a_password_is_never_an_argument(cli: Cli, url: str) -> None:
    ended = cli("consents", "list", "--ledger", url)
    assert ended.code == 2
    assert "the ledger's password must not be an argument" in ended.err
    assert "pass-w0rd" not in ended.err


@pytest.mark.parametrize("url", ["mysql://u:pass%2Dw0rd@db.example/c", "http://[u:pass-w0rd@c"])
def test_the_password_in_the_environment_is_never_shown(cli: Cli, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TAVUS_CONSENT_LEDGER", url)
    ended = cli("consents", "list", "--debug")
    assert ended.code == 2
    assert "w0rd" not in ended.out + ended.err


def test_without_the_extra_one_line_says_how_to_get_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        from tavus_consent import MissingExtraError

        raise MissingExtraError("ledger", "the consent ledger")

    monkeypatch.setattr("tavus_consent.ledger.open_ledger", fail)
    ended = cli("consents", "list")
    assert (ended.code, ended.err) == (
        2,
        "error: the consent ledger needs the extra 'ledger': pip install 'tavus-consent[ledger]'\n",
    )


@pytest.mark.skipif("sys.platform == 'win32'")
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_receipt_in_a_file_is_for_its_owner_only(
    cli: Cli, recorded: Callable[..., str], tmp_path: Path, options: tuple[str, ...]
) -> None:
    path = tmp_path / "receipt"
    path.write_text("older")
    path.chmod(0o644)
    ended = cli("consents", "receipt", recorded(), "--output", str(path), *options)
    assert (ended.code, ended.out) == (0, "")
    assert f"The receipt was written to {path}." in ended.err
    assert path.stat().st_mode & 0o777 == 0o600
    assert "O'Connor" in path.read_text("utf-8")


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_list_of_records_breaks_no_word(
    cli: Cli, trained: tuple[str, str], terminal: None, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    record, replica = trained
    out = re.sub(r"\x1b\[[0-9;]*m", "", cli("consents", "list").out)
    assert max(map(len, out.splitlines())) <= width
    for whole in ("Record", "Status", "Started", "Expires (UTC)", "Replicas", replica):
        assert whole in out
    assert (record in out) == (width > 40)
