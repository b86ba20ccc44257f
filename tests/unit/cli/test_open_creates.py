"""Open creates and keys on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tavus_consent.testing import FakeTavus, Fault

from .conftest import TRAIN, Cli

CONSENT = "https://bucket.example/consent.mp4"
RIO = ("--full-name", "Rio Alvarez", "--consent-video-url", CONSENT, "--train-video-url", TRAIN)
LOST = Fault(drop=True, after_work=True)


@pytest.fixture(autouse=True)
def _ledger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TAVUS_CONSENT_LEDGER", f"sqlite:///{tmp_path / 'consent.db'}")


def lose(cli: Cli, fake: FakeTavus, name: str = "Rio") -> None:
    fake.inject(LOST, operation="createReplica")
    assert cli("replicas", "create", *RIO, "--replica-name", name).code == 5


def test_a_second_command_with_the_key_shows_what_the_first_one_created(cli: Cli, fake: FakeTavus) -> None:
    first = cli("replicas", "create", *RIO, "--once", "job-42", "--json")
    again = cli("replicas", "create", *RIO, "--once", "job-42", "--json")
    assert first.json["replica_id"] == again.json["replica_id"]
    assert len(fake.replicas) == 1


def test_a_key_of_another_create_is_refused(cli: Cli, fake: FakeTavus) -> None:
    cli("replicas", "create", *RIO, "--once", "job-42")
    other = cli("replicas", "create", *RIO, "--replica-name", "Rio", "--once", "job-42")
    assert (other.code, len(fake.replicas)) == (2, 1)
    assert "other arguments" in other.err


def test_an_open_create_refuses_another_one(cli: Cli, fake: FakeTavus) -> None:
    lose(cli, fake)
    refused = cli("replicas", "create", *RIO, "--replica-name", "Rio")
    assert refused.code == 2
    assert "tavus-consent ledger reconcile" in refused.err
    assert "--despite-open" in refused.err
    assert cli("replicas", "create", *RIO, "--replica-name", "Rio", "--despite-open").code == 0
    assert len(fake.replicas) == 2


def test_the_list_marks_open_creates(cli: Cli, fake: FakeTavus) -> None:
    cli("replicas", "create", *RIO, "--replica-name", "One")
    lose(cli, fake)
    listed = cli("consents", "list")
    assert "1 open" in listed.out
    assert "1 of 2 has a create of unknown outcome: run tavus-consent ledger reconcile." in listed.err
    lose(cli, fake, "Two")
    assert "2 of 3 have a create of unknown outcome" in cli("consents", "list").err
    assert [len(one["unsettled"]) for one in cli("consents", "list", "--json").json] == [0, 1, 1]


def test_a_record_shows_its_open_creates(cli: Cli, fake: FakeTavus) -> None:
    lose(cli, fake)
    (record,) = cli("consents", "list", "--json").json
    shown = cli("consents", "show", record["record_id"])
    assert f"{record['unsettled'][0]} of 2026-05-04 12:00 UTC" in " ".join(shown.out.split())
    assert "The outcome of a create is unknown: run tavus-consent ledger reconcile." in shown.err
    cli("ledger", "reconcile")
    after = cli("consents", "show", record["record_id"])
    assert "Open creates" not in after.out
    assert "reconcile" not in after.err
