"""``tavus-consent consents sweep``, and what the commands tell of voices and outputs."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from tests.asked import TERMS

from tavus_consent.testing import FakeTavus, Fault

from .conftest import TRAIN, Cli

pytestmark = pytest.mark.usefixtures("ledger_file", "account")
DAYS = 24
NAMES = ("Ada Okafor", "Rio Alvarez")


@pytest.fixture
def recorded(cli: Cli) -> Callable[..., str]:
    """Begin a record with a recording; gives its id."""

    def begin(*options: str, name: str = NAMES[0]) -> str:
        asked = cli("consents", "request", "--full-name", name, *TERMS, *options, "--json")
        record = str(asked.json["record_id"])
        link = f"https://bucket.example/{name.split()[0]}.mp4"
        assert cli("consents", "add-evidence", record, "--video-url", link).code == 0
        return record

    return begin


@pytest.fixture
def trained(cli: Cli, recorded: Callable[..., str]) -> Callable[..., tuple[str, str]]:
    """Begin a record and create its replica; gives both ids."""

    def begin(*options: str) -> tuple[str, str]:
        record = recorded(*options)
        made = cli("replicas", "create", "--consent", record, "--train-video-url", TRAIN, "--json")
        return record, str(made.json["replica_id"])

    return begin


def sweep(cli: Cli, *options: str) -> Any:
    return cli("consents", "sweep", "--yes", *options)


def test_nothing_is_due(cli: Cli) -> None:
    assert sweep(cli)[:2] == (0, "Nothing is due.\n")


def test_it_asks_first(cli: Cli) -> None:
    asked = cli("consents", "sweep")
    assert (asked.code, "Pass --yes to confirm." in asked.err) == (2, True)


def test_a_dry_run_does_not_ask(cli: Cli) -> None:
    assert cli("consents", "sweep", "--dry-run").code == 0


def test_it_ends_with_7_while_something_remains(
    cli: Cli, fake: FakeTavus, trained: Callable[..., tuple[str, str]]
) -> None:
    record, replica = trained()
    fake.inject(Fault(status=403), times=2, operation="deleteReplica")
    assert cli("consents", "withdraw", record, "--yes", "--requested-by", "subject").code == 7
    seen = cli("consents", "sweep", "--dry-run", "--json")
    assert (seen.code, seen.json["resumed"][0]["remaining"][0]["id"]) == (7, replica)
    unfinished = sweep(cli)
    assert (unfinished.code, f"Left: replica {replica}" in unfinished.out) == (7, True)
    done = sweep(cli, "--json")
    assert (done.code, done.json["complete"], done.json["resumed"][0]["deleted"]) == (0, True, [replica])
    assert sweep(cli).out == "Nothing is due.\n"


def test_it_deletes_what_has_expired_if_asked_to(
    cli: Cli, fake: FakeTavus, trained: Callable[..., tuple[str, str]]
) -> None:
    record, replica = trained("--valid-for", "1d")
    fake.advance(hours=2 * DAYS)
    assert sweep(cli).out == "Nothing is due.\n"
    done = sweep(cli, "--on-expiry", "delete", "--json")
    assert (done.code, [(one["record_id"], one["deleted"]) for one in done.json["expired"]]) == (
        0,
        [(record, [replica])],
    )


def test_it_erases_what_is_past_its_retention(
    cli: Cli, fake: FakeTavus, recorded: Callable[..., str], trained: Callable[..., tuple[str, str]]
) -> None:
    terms = ("--valid-for", "1d", "--retention", "1d")
    due, (blocked, _) = recorded(*terms, name=NAMES[1]), trained(*terms)
    fake.advance(hours=3 * DAYS)
    foreseen = cli("consents", "sweep", "--dry-run")
    assert (foreseen.code, f"{due}: the person would be erased." in foreseen.out) == (7, True)
    done = sweep(cli)
    assert (done.code, f"{due}: the person was erased." in done.out) == (7, True)
    assert f"Left: record {blocked}. Its retention has ended" in done.out
    assert "Next: you." in done.out
    assert [one["record_id"] for one in sweep(cli, "--json").json["blocked"]] == [blocked]


def test_it_shows_creates_and_what_expires_soon(cli: Cli, fake: FakeTavus, recorded: Callable[..., str]) -> None:
    record = recorded("--valid-for", "12d")
    fake.inject(Fault(status=502), operation="createReplica")
    assert cli("replicas", "create", "--consent", record, "--train-video-url", TRAIN).code == 5
    fake.inject(Fault(status=403), operation="listReplicas")
    told = sweep(cli)
    assert told.code == 7
    assert f"of record {record}: unknown." in told.out
    assert told.out.count(record) == 2
    fake.advance(hours=1)
    again = sweep(cli, "--json", "--within", "30d").json
    assert [one["outcome"] for one in again["reconciled"]] == ["absent"]
    assert [one["record_id"] for one in again["expiring"]] == [record]


def test_a_found_create_is_named(cli: Cli, fake: FakeTavus, recorded: Callable[..., str]) -> None:
    record = recorded()
    fake.inject(Fault(status=502, after_work=True), operation="createReplica")
    given = ("--train-video-url", TRAIN, "--replica-name", "ada")
    assert cli("replicas", "create", "--consent", record, *given).code == 5
    (replica,) = fake.replicas
    fake.advance(hours=1)
    assert f"of record {record}: found {replica}." in sweep(cli).out


# what is told of voices and outputs


def test_a_record_shows_its_voices_and_what_was_made(
    cli: Cli, fake: FakeTavus, trained: Callable[..., tuple[str, str]]
) -> None:
    record, replica = trained()
    fake.advance(hours=5)
    (voice,) = fake.objects("voice")
    talk = fake.client().conversations.create(replica_id=replica).conversation_id
    ended = cli("consents", "withdraw", record, "--yes", "--requested-by", "subject", "--memory")
    told = " ".join(ended.out.split())
    assert f"Voices deleted {voice} Conversations deleted {talk}" in told
    shown = " ".join(cli("consents", "show", record).out.split())
    assert f"Voices {voice} (deleted) Made conversation {talk} (deleted)" in shown
    listed = cli("consents", "show", record, "--json").json
    assert listed["voices"] == [{"voice_id": voice, "deleted": True}]
    assert listed["outputs"] == [{"kind": "conversation", "id": talk, "deleted": True}]
    assert cli("consents", "find", "--voice", voice, "--json").json[0]["record_id"] == record


def test_a_report_tells_what_was_found_and_deleted(
    cli: Cli, fake: FakeTavus, trained: Callable[..., tuple[str, str]], tmp_path: Any
) -> None:
    record, replica = trained()
    talk = fake.client().conversations.create(replica_id=replica).conversation_id
    with fake.client(ledger=os.environ["TAVUS_CONSENT_LEDGER"]) as tavus:
        tavus.replicas.delete(replica)
    cli("consents", "withdraw", record, "--yes", "--requested-by", "subject")
    page = tmp_path / "report.html"
    assert cli("ledger", "report", "--html", str(page)).code == 0
    text = page.read_text("utf-8")
    assert f"replica {replica} deleted by the client" in text
    assert "found at Tavus: " in text
    assert f"conversation {talk}" in text
    assert f"deleted or stopped: conversation {talk}" in text
