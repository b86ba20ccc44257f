"""``tavus-consent callbacks``: stored callbacks, dead letters."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tavus_consent import Tavus
from tavus_consent.callbacks import CallbackEvent
from tavus_consent.testing import FakeClock

from .conftest import NOON, Cli

BODY = b'{"replica_id": "r1", "status": "ready", "error_message": "see https://a.example/s3cr3t"}'


@pytest.fixture
def url(ledger_file: Path) -> str:
    return f"sqlite:///{ledger_file}"


def store(url: str, *, delivered: bool = False, dead: bool = False) -> None:
    """Store a callback that was received some days ago."""
    clock = FakeClock(NOON - timedelta(hours=100))
    answer = httpx.MockTransport(lambda _: httpx.Response(200, json={"replica_id": "r1", "status": "completed"}))
    with Tavus("key", ledger=url, clock=clock, transport=answer) as tavus:
        app = tavus.callbacks.app("https://app.example/tavus")
        if dead:

            @app.on(CallbackEvent)
            def fail(event: CallbackEvent) -> None:
                raise RuntimeError

        address = app.url(job="42")
        tavus.callbacks.receive(path=address, body=BODY)
        for _ in range(9 if delivered or dead else 0):
            clock.advance(hours=2)
            app.deliver()


def test_nothing_is_said_to_be_there(cli: Cli, url: str) -> None:
    ended = cli("callbacks", "list")
    assert (ended.code, ended.out.strip(), ended.err.strip()) == (0, "", "There are no such callbacks.")
    assert cli("callbacks", "list", "--json").json == []


def test_callbacks_are_listed_by_their_status(cli: Cli, url: str) -> None:
    store(url, delivered=True)
    store(url)
    assert cli("callbacks", "list").out.splitlines() == [
        "1: delivered, replica:r1, ReplicaReady",
        "2: waiting, replica:r1, early",
    ]
    (one,) = cli("callbacks", "list", "--status", "waiting", "--json").json
    assert (one["id"], one["about"], one["attempts"]) == (2, "replica:r1", 0)
    assert len(cli("callbacks", "list", "--limit", "1").out.splitlines()) == 1


def test_a_callback_is_shown_without_its_links(cli: Cli, url: str) -> None:
    store(url)
    shown = cli("callbacks", "show", "1")
    assert "replica:r1" in shown.out
    assert "Claims" in shown.out
    assert "s3cr3t" not in shown.out
    store(url, delivered=True)
    assert cli("callbacks", "show", "2", "--json").json["claim"] is None


def test_a_dead_letter_is_retried(cli: Cli, url: str, caplog: pytest.LogCaptureFixture) -> None:
    store(url, dead=True)
    assert "8 times" in cli("callbacks", "show", "1").out
    assert cli("callbacks", "retry", "1").out == "Callback 1 is due now.\n"
    assert cli("callbacks", "list").out == "1: waiting, replica:r1, RuntimeError\n"


def test_an_unknown_number_is_refused(cli: Cli, url: str) -> None:
    assert cli("callbacks", "show", "7").code == 2
    assert cli("callbacks", "retry", "7").code == 2
    assert cli("callbacks", "show", "x").code == 2


def test_a_purge_asks_first(cli: Cli, url: str) -> None:
    store(url, delivered=True)
    refused = cli("callbacks", "purge", "--older-than", "1h")
    assert refused.code == 2
    assert "--yes" in refused.err
    assert cli("callbacks", "purge", "--yes").out == "0 callbacks were deleted.\n"
    assert cli("callbacks", "purge", "--older-than", "1h", "--yes", "--json").json == {"deleted": 1}
