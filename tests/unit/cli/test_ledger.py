"""``tavus-consent ledger``: checks, exports, proofs, reconciliation, and the report."""

from __future__ import annotations

import base64
import io
import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest
from tests.asked import TERMS

from tavus_consent.cli import main
from tavus_consent.ledger import Disclosure
from tavus_consent.testing import FakeTavus, Fault

from .conftest import TRAIN, Cli, Ended

NAME = "Siobhán O'Connor"
LINK = "https://bucket.example/consent.mp4"
PERSON: Final = ("--full-name", "Rio Alvarez", "--consent-video-url", LINK)
CREATE: Final = ("replicas", "create", "--train-video-url", TRAIN)
pytestmark = pytest.mark.usefixtures("ledger_file")


@pytest.fixture
def record(cli: Cli) -> str:
    """A record with a recording."""
    begun = cli("consents", "request", "--full-name", NAME, *TERMS, "--attested-by", "hr@app.example", "--json")
    record_id = str(begun.json["record_id"])
    cli("consents", "add-evidence", record_id, "--video-url", LINK)
    return record_id


@contextmanager
def editing(path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody who may write to the file, and takes the triggers away first."""
    connection = sqlite3.connect(path)
    triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    yield connection
    connection.commit()
    connection.close()


@pytest.fixture
def edited(record: str, ledger_file: Path) -> None:
    """The second event was edited."""
    with editing(ledger_file) as connection:
        connection.execute("UPDATE tavus_consent_events SET actor = 'nobody' WHERE seq = 2")


@pytest.mark.parametrize("command", ["verify", "export", "import", "checkpoint", "disclose", "reconcile", "report"])
def test_help_teaches_by_example(cli: Cli, command: str) -> None:
    ended = cli("ledger", command, "--help")
    assert ended.code == 0
    assert f"    tavus-consent ledger {command}" in ended.out


# verify


def test_a_sound_ledger(cli: Cli, record: str) -> None:
    ended = cli("ledger", "verify")
    assert (ended.code, ended.err) == (0, "")
    assert re.fullmatch(r"Verified +ok *\nHead +2:[0-9a-f]{64} *\nTook +[0-9.]+ s for 2 events *\n", ended.out)


def test_the_first_bad_event_is_named(cli: Cli, edited: None) -> None:
    ended = cli("ledger", "verify", "--json")
    assert (ended.code, ended.json["ok"], ended.json["first_bad_seq"]) == (6, False, 2)
    assert "event 2 was changed" in cli("ledger", "verify").out


def test_a_tail_that_was_cut_off_is_found_with_a_head(cli: Cli, record: str, ledger_file: Path) -> None:
    size, head = map(cli("ledger", "verify", "--json").json.get, ("size", "head"))
    with editing(ledger_file) as connection:
        connection.execute("DELETE FROM tavus_consent_events WHERE seq = 2")
    ended = cli("ledger", "verify", "--expect-head", f"{size}:{head}")
    assert ended.code == 6
    assert "it was truncated" in ended.out


def test_everything_that_is_wrong_is_named(cli: Cli, edited: None) -> None:
    problems = cli("ledger", "verify", "--json").json["problems"]
    assert "event 2 was changed" in problems[0]
    assert [one for one in problems if "trigger" in one] == [
        f"the trigger tavus_consent_events_no_{name} is missing" for name in ("delete", "replace", "update")
    ]
    assert problems[-1] in re.sub(r"\s+", " ", cli("ledger", "verify").out)


def test_a_projection_is_made_anew_on_request(cli: Cli, record: str, ledger_file: Path) -> None:
    with closing(sqlite3.connect(ledger_file)) as connection, connection:
        connection.execute("UPDATE tavus_consent_records SET state = 'given'")
    assert cli("ledger", "verify").code == 6
    ended = cli("ledger", "verify", "--rebuild")
    assert ended.code == 0
    assert "the projection was rebuilt: 1 of its rows differed" in ended.err
    assert cli("ledger", "verify").code == 0


def test_a_head_that_is_none(cli: Cli) -> None:
    ended = cli("ledger", "verify", "--expect-head", "2")
    assert ended.code == 2
    assert "SIZE:HASH" in ended.err


def test_a_ledger_that_is_none(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("This is no database, whatever its name says. " * 100)
    (tmp_path / "text.db").chmod(0o600)
    ended = cli("ledger", "verify", "--ledger", f"sqlite:///{tmp_path / 'text.db'}")
    assert ended.code == 1
    assert ended.err.startswith("error: The ledger cannot be read or written")


# export, import


def test_an_export_holds_no_personal_data(cli: Cli, record: str) -> None:
    lines = cli("ledger", "export").out.splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["requested", "recorded"]
    assert not any(private in line for line in lines for private in ("Connor", "bucket", "hr@"))


def test_an_export_can_be_imported(cli: Cli, record: str, tmp_path: Path) -> None:
    path = tmp_path / "consent.jsonl"
    path.write_text(cli("ledger", "export").out)
    copy = ("--ledger", f"sqlite:///{tmp_path / 'copy.db'}")
    assert cli("ledger", "import", str(path), *copy).out.split()[1].startswith("2:")
    here, there = (cli("ledger", "verify", "--json", *where).json for where in ((), copy))
    assert (there["ok"], there["size"], there["head"]) == (True, here["size"], here["head"])
    assert "were imported" in there["notes"][0]


def test_an_import_can_come_from_stdin(cli: Cli, record: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(cli("ledger", "export").out.encode())))
    ended = cli("ledger", "import", "-", "--ledger", f"sqlite:///{tmp_path / 'copy.db'}", "--json")
    assert ended.json["size"] == 2


@pytest.mark.parametrize(("content", "code"), [(b"{}\n", 6), (b"\xff\n", 6), (None, 2)])
def test_what_is_no_export_is_not_imported(cli: Cli, tmp_path: Path, content: bytes | None, code: int) -> None:
    path = tmp_path / "consent.jsonl"
    if content is not None:
        path.write_bytes(content)
    assert cli("ledger", "import", str(path)).code == code
    assert cli("ledger", "verify", "--json").json["size"] == 0


# checkpoint, disclose


def test_a_record_is_disclosed_against_a_checkpoint(cli: Cli, record: str, tmp_path: Path) -> None:
    cli("consents", "request", "--full-name", "Rio Alvarez", *TERMS)
    path = tmp_path / "checkpoint.json"
    path.write_text(cli("ledger", "checkpoint", "--json").out)
    cli("consents", "receipt", record)
    disclosure = Disclosure.from_dict(cli("ledger", "disclose", record, "--checkpoint", str(path)).json)
    disclosure.check()
    assert {event.record_id for event in disclosure.events} == {record}
    assert disclosure.checkpoint.size == 3


def test_a_disclosure_is_of_the_present_by_default(cli: Cli, record: str) -> None:
    assert cli("ledger", "disclose", record).json["checkpoint"] == cli("ledger", "checkpoint", "--json").json


def test_a_checkpoint_for_people(cli: Cli, record: str) -> None:
    assert re.fullmatch(r"Head +2:[0-9a-f]{64} *\nRoot +[0-9a-f]{64} *\n", cli("ledger", "checkpoint").out)


@pytest.mark.parametrize("content", [None, "[]", "{", '{"size": 1}'])
def test_a_file_that_holds_no_checkpoint(cli: Cli, record: str, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "checkpoint.json"
    if content is not None:
        path.write_text(content)
    ended = cli("ledger", "disclose", record, "--checkpoint", str(path))
    assert (ended.code, ended.out) == (2, "")
    assert "does not contain a checkpoint" in ended.err


def test_an_unknown_record_is_not_disclosed(cli: Cli) -> None:
    assert cli("ledger", "disclose", "nobody").code == 2


# reconcile


def test_nothing_to_reconcile(cli: Cli, account: None) -> None:
    assert cli("ledger", "reconcile") == (0, "", "Every create has a recorded outcome.\n")


def lost(cli: Cli, fake: FakeTavus, fault: Fault) -> None:
    fake.inject(fault, operation="createReplica")
    assert cli(*CREATE, *PERSON, "--replica-name", "Rio").code == 5


def test_a_create_that_was_lost_is_found(cli: Cli, fake: FakeTavus, account: None) -> None:
    lost(cli, fake, Fault(drop=True, after_work=True))
    fake.advance(hours=1)
    (replica,) = fake.replicas
    ended = cli("ledger", "reconcile")
    assert ended.code == 0
    assert ended.out.endswith(f" made {replica}.\n")
    assert cli("consents", "list", "--json").json[0]["replicas"] == [{"replica_id": replica, "deleted": False}]


def test_a_create_that_made_nothing(cli: Cli, fake: FakeTavus, account: None) -> None:
    lost(cli, fake, Fault(status=502))
    fake.advance(hours=1)
    ended = cli("ledger", "reconcile")
    assert ended.code == 0
    assert ended.out.endswith(" made nothing.\n")


def test_a_create_that_may_be_under_way(cli: Cli, fake: FakeTavus, account: None) -> None:
    lost(cli, fake, Fault(status=502))
    ended = cli("ledger", "reconcile")
    assert ended.code == 7
    assert "look again in a few minutes" in ended.out


def ambiguous(cli: Cli, fake: FakeTavus) -> str:
    """A create that two replicas may have come of; gives its id."""
    lost(cli, fake, Fault(status=502))
    for _ in range(2):
        fake.client(ledger=None).replicas.create_non_human(
            train_video_url=TRAIN, attestation="A fox", attested_by="me", replica_name="Rio"
        )
    fake.advance(hours=1)
    (found,) = cli("ledger", "reconcile", "--json").json
    assert found["outcome"] == "unknown"
    return str(found["intent_id"])


def test_an_unknown_create_is_for_a_person_to_decide(cli: Cli, fake: FakeTavus, account: None) -> None:
    intent = ambiguous(cli, fake)
    ended = cli("ledger", "reconcile")
    assert ended.code == 7
    assert all(replica in ended.out for replica in fake.replicas)
    assert f"--decide {intent}=REPLICA" in ended.out


def test_a_person_decides_which_replica_it_was(cli: Cli, fake: FakeTavus, account: None) -> None:
    intent, replica = ambiguous(cli, fake), next(iter(fake.replicas))
    ended = cli("ledger", "reconcile", "--decide", f"{intent}={replica}", "--json")
    assert (ended.code, ended.json[0]["outcome"], ended.json[0]["replica_id"]) == (0, "found", replica)


def test_a_person_decides_that_it_was_none(cli: Cli, fake: FakeTavus, account: None) -> None:
    ended = cli("ledger", "reconcile", "--decide", f"{ambiguous(cli, fake)}=nothing", "--json")
    assert (ended.code, ended.json[0]["outcome"]) == (0, "absent")


@pytest.mark.parametrize("decision", ["a", "a=", "=b"])
def test_a_decision_that_is_none(cli: Cli, account: None, decision: str) -> None:
    ended = cli("ledger", "reconcile", "--decide", decision)
    assert ended.code == 2
    assert "--decide is CREATE=REPLICA" in ended.err


# rotate-key


def test_the_key_can_be_changed(cli: Cli, record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (base64.urlsafe_b64encode(bytes([number]) * 32).decode() for number in (0, 1))
    monkeypatch.setenv("TAVUS_CONSENT_KEY", f"{new},{old}")
    ended = cli("ledger", "rotate-key", "--yes")
    assert ended == (0, "The key was changed. The keys of 1 persons were rewrapped.\n", "")
    monkeypatch.setenv("TAVUS_CONSENT_KEY", new)
    assert cli("consents", "show", record, "--json").json["person"]["full_name"] == NAME


def test_a_missing_key_is_said_and_no_key_is_shown(cli: Cli, record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = base64.urlsafe_b64encode(bytes([1]) * 32).decode()
    monkeypatch.setenv("TAVUS_CONSENT_KEY", other)
    ended = cli("consents", "show", record, "--debug")
    assert ended.code == 1
    assert "of the vault was not found. Searched: TAVUS_CONSENT_KEY" in ended.err
    assert other not in ended.err


# report

REPORTED = datetime(2026, 5, 4, 12, tzinfo=UTC)


class Page(HTMLParser):
    """A page as a tree of tags that must be closed in their order, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.rows: list[list[str]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


@pytest.fixture
def written(cli: Cli, tmp_path: Path) -> Callable[..., tuple[Ended, str]]:
    """Write a report; gives how the command ended, and the page."""

    def write(*options: str) -> tuple[Ended, str]:
        path = tmp_path / "report.html"
        ended = cli("ledger", "report", "--html", str(path), *options)
        return ended, path.read_text("utf-8")

    return write


Written = Callable[..., tuple[Ended, str]]


def row_of(page: str, record_id: str) -> list[str]:
    """Its row in the table of all records, the last one with it."""
    return [row for row in Page(page).rows if row[:1] == [record_id]][-1]


def test_a_report_is_one_page_without_scripts_and_without_the_rest_of_the_world(
    record: str, written: Written, tmp_path: Path
) -> None:
    ended, page = written()
    parsed = Page(page)
    assert (ended.code, ended.out) == (0, f"The report was written to {tmp_path / 'report.html'}.\n")
    assert not parsed.tags & {"script", "link", "img", "iframe", "object", "a", "base", "form"}
    assert not {name for name in parsed.attributes if name.startswith("on") or name in ("src", "href", "style")}
    assert "://" not in page
    assert "@media print" in page


def test_a_report_says_what_it_does_not_establish(record: str, written: Written) -> None:
    ended, page = written()
    assert "does not establish that consent is legally valid" in page
    assert "does not establish" in ended.err


def test_a_report_has_the_head_of_the_ledger(cli: Cli, record: str, written: Written) -> None:
    head = cli("ledger", "verify", "--json").json["head"]
    page = written()[1]
    assert f"<dd>2:{head}</dd>" in page
    assert "<dt>Verified</dt><dd>Yes: the ledger detects no changed" in page


def test_a_report_has_no_names_by_default(record: str, written: Written) -> None:
    page = written()[1]
    assert record in page
    assert not any(private in page for private in ("Siobh", "Connor", "bucket", "hr@app.example"))


def test_a_report_has_names_when_they_are_asked_for(record: str, written: Written) -> None:
    page = written("--with-names")[1]
    assert "<div>Siobhán O&#x27;Connor</div><div>asked by hr@app.example</div>" in page


def test_a_report_escapes_what_people_wrote(cli: Cli, written: Written) -> None:
    begun = cli(
        "consents",
        "request",
        "--full-name",
        "Rio",
        "--adult",
        "--intended-use",
        "<script>x</script>\x07&\u202e",
        "--json",
    )
    page = written()[1]
    assert "<script>" not in page
    assert (
        row_of(page, begun.json["record_id"])[3]
        == "<script>x</script>\N{REPLACEMENT CHARACTER}&\N{REPLACEMENT CHARACTER}"
    )


def test_a_report_lists_what_ends_within_30_days(cli: Cli, written: Written) -> None:
    begun = [
        cli("consents", "request", "--full-name", "Rio", *TERMS, "--valid-for", days, "--json")
        for days in ("12d", "31d")
    ]
    titles, *soon = [row for row in Page(written()[1]).rows if len(row) == 5]
    assert titles[3] == "Days left"
    assert soon == [[begun[0].json["record_id"], "requested", "2026-05-16 12:00 UTC", "12", "-"]]


def test_a_report_shows_checks_replicas_and_the_steps_of_a_withdrawal(
    cli: Cli, fake: FakeTavus, record: str, account: None, written: Written
) -> None:
    cli("consents", "verify", record)
    replica = cli(*CREATE, "--consent", record, "--json").json["replica_id"]
    fake.inject(Fault(status=500), times=3, operation="deleteReplica")
    cli("consents", "withdraw", record, "--yes", "--requested-by", "subject")
    cli("consents", "withdraw", "--resume")
    cli("consents", "erase", record, "--yes")
    _, status, dates, uses, checks, replicas, steps = row_of(written()[1], record)
    at = "2026-05-04 12:00 UTC"
    assert (status, uses, replicas) == ("erased", "-", f"{replica} (deleted)")
    assert dates.startswith("began 2026-05-04given 2026-05-04withdrawn 2026-05-04")
    assert checks == f"{at} UNUSABLE (not transcribed)"
    assert re.sub(r"2026-05-04 \d\d:\d\d UTC ", "|", steps).split("|")[1:] == [
        "requested by the subject",
        f"could not delete {replica} (ServerStatusError); the SDK will retry",
        f"likeness {replica} deleted, deletion confirmed",
        "complete",
        "the person was erased",
    ]


def test_a_report_shows_the_score_of_the_name(cli: Cli, record: str, written: Written, tmp_path: Path) -> None:
    words = cli("statement", NAME).out
    (tmp_path / "heard.txt").write_text(words, "utf-8")
    cli("consents", "verify", record, "--transcript", str(tmp_path / "heard.txt"))
    assert row_of(written()[1], record)[4] == "2026-05-04 12:00 UTC REVIEW (supplied text, name similarity 1.00)"


def test_a_report_shows_videos_that_were_deleted(
    cli: Cli, fake: FakeTavus, record: str, account: None, written: Written
) -> None:
    replica = cli(*CREATE, "--consent", record, "--json").json["replica_id"]
    fake.advance(hours=5)
    video = fake.client(ledger=None).videos.create(replica_id=replica, script="Hello").video_id
    cli("consents", "withdraw", record, "--yes", "--requested-by", "subject")
    assert f"videos deleted: {video}" in row_of(written()[1], record)[6]


def test_a_video_that_could_not_be_deleted(
    cli: Cli, fake: FakeTavus, record: str, account: None, written: Written
) -> None:
    replica = cli(*CREATE, "--consent", record, "--json").json["replica_id"]
    fake.advance(hours=5)
    fake.client(ledger=None).videos.create(replica_id=replica, script="Hello")
    fake.inject(Fault(status=500), times=3, operation="deleteVideo")
    cli("consents", "withdraw", record, "--yes", "--requested-by", "subject")
    assert "could not delete an output (ServerStatusError); the SDK will retry" in row_of(written()[1], record)[6]


def test_a_report_shows_what_somebody_vouched_for(cli: Cli, account: None, written: Written) -> None:
    cli(*CREATE, "--non-human", "--attestation", "A fox", "--attested-by", "studio@app.example")
    page = written("--with-names")[1]
    assert "<div>attested</div>" in page
    assert "studio@app.example" not in page


def test_a_report_shows_an_attestation_that_was_taken_back(cli: Cli, account: None, written: Written) -> None:
    cli(*CREATE, "--non-human", "--attestation", "A fox", "--attested-by", "studio@app.example")
    (attested,) = cli("consents", "list", "--status", "attested", "--json").json
    assert cli("consents", "withdraw", attested["record_id"], "--yes", "--requested-by", "controller").code == 0
    assert "<div>withdrawn</div>" in written()[1]


def test_a_report_about_nothing(written: Written) -> None:
    ended, page = written()
    assert ended.code == 0
    assert page.count("<p>None.</p>") == 2


def test_a_report_about_an_edited_ledger_says_so(edited: None, written: Written) -> None:
    ended, page = written()
    assert ended.code == 6
    assert "error: the ledger is not sound: event 2 was changed" in ended.err
    assert "<dt>Verified</dt><dd>NO, the check found a fault at event 2: event 2 was changed" in page


def test_a_report_about_a_ledger_that_cannot_be_read(record: str, ledger_file: Path, written: Written) -> None:
    with editing(ledger_file) as connection:
        connection.execute("UPDATE tavus_consent_events SET payload = '{' WHERE seq = 2")
    ended, page = written()
    assert ended.code == 6
    assert "NO, the check found a fault at event 2" in page
    assert "event 2 cannot be read: the stored payload is not JSON" in page


def test_a_report_about_a_damaged_index_names_no_event(record: str, ledger_file: Path, written: Written) -> None:
    from tavus_consent.ledger import Head, Verification
    from tavus_consent.ledger.report import report_html

    found = Verification(ok=False, head=Head.parse(f"0:{'0' * 64}"), reason="the store's own check failed")
    page = report_html([], verification=found, now=REPORTED)
    assert "NO, the check found a fault: the store&#x27;s own check failed" in page


def test_a_report_about_events_that_contradict_each_other(
    cli: Cli, record: str, written: Written, tmp_path: Path
) -> None:
    from tavus_consent.consent.events import EventDraft
    from tavus_consent.ledger import EventType, open_ledger

    with open_ledger(f"sqlite:///{tmp_path / 'consent.db'}") as ledger:
        ledger.store.append(
            EventDraft(type=EventType.WITHDRAWN, at=REPORTED, record_id=record, subject_ref="s", actor="controller")
        )
    ended, page = written()
    assert ended.code == 6
    assert f"the ledger is not sound: record {record}: event 3" in ended.err.replace("\n", " ")
    assert "<div>unsound</div>" in page


@pytest.mark.skipif("sys.platform == 'win32'")
def test_a_report_is_for_its_owner_only(record: str, written: Written, tmp_path: Path) -> None:
    written()
    assert (tmp_path / "report.html").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif("sys.platform == 'win32'")
def test_a_report_over_an_older_file_is_for_its_owner_only(record: str, written: Written, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("older")
    path.chmod(0o666)
    other = tmp_path / "other"
    other.hardlink_to(path)
    written()
    assert (path.stat().st_mode & 0o777, other.read_text()) == (0o600, "older")
    assert {one.name for one in tmp_path.iterdir()} >= {"report.html", "other"}
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".tavus-consent-")]


@pytest.mark.skipif("sys.platform == 'win32'")
@pytest.mark.parametrize("dangling", [True, False])
def test_a_report_follows_no_link(cli: Cli, record: str, tmp_path: Path, dangling: bool) -> None:
    there, path = tmp_path / "there", tmp_path / "report.html"
    if not dangling:
        there.write_text("mine")
    path.symlink_to(there)
    ended = cli("ledger", "report", "--html", str(path))
    assert ended.code == 2
    assert "cannot write the file of --html: it is a link, a folder or a device" in ended.err
    assert path.is_symlink()
    assert there.exists() is not dangling


def test_a_report_is_written_whole_or_not_at_all(
    cli: Cli, record: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    ended = cli("ledger", "report", "--html", str(tmp_path / "report.html"))
    assert (ended.code, "No space left on device" in ended.err) == (2, True)
    assert not [one for one in tmp_path.iterdir() if "report" in one.name or one.name.startswith(".tavus")]


def test_an_export_to_what_is_no_file_is_text(record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["ledger", "export"]) == 0
    assert record in out.getvalue()


def test_a_folder_is_no_report(cli: Cli, record: str, tmp_path: Path) -> None:
    assert cli("ledger", "report", "--html", str(tmp_path)).code == 2


def test_a_damaged_ledger_is_not_ok_for_programs(record: str, written: Written, ledger_file: Path) -> None:
    with editing(ledger_file) as connection:
        connection.execute("DELETE FROM tavus_consent_items WHERE kind = 'link'")
    ended, _ = written("--json")
    assert (ended.code, ended.json["ok"]) == (6, False)


def test_a_report_that_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    ended = cli("ledger", "report", "--html", str(tmp_path / "no" / "report.html"))
    assert ended.code == 2
    assert "cannot write the file of --html" in ended.err


def test_a_report_for_programs(written: Written, record: str, tmp_path: Path) -> None:
    assert written("--json")[0].json == {
        "ok": True,
        "records": 1,
        "with_names": False,
        "file": str(tmp_path / "report.html"),
    }
