"""Storage of records: what the client opens, shares and closes, and the cost for callers who need no storage."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.asked import ASKED, CONTROLLER

import tavus_consent as tc
from tavus_consent import ledger as ledgers
from tavus_consent.gate import opening
from tavus_consent.gate.registry import Registry
from tavus_consent.ledger import data_folder, open_ledger
from tavus_consent.ledger.memory import Memory
from tavus_consent.testing import FakeTavus, FakeTransport

from .conftest import OpenDesk
from .support import LINK, NAME, NOW, SHA


def events_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM tavus_consent_events").fetchone()[0])


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture
def data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of this test's own."""
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "data"))
    monkeypatch.setattr(sys, "platform", "linux")
    return data_folder()


# opened


def test_by_default_records_are_in_the_users_data_folder(open_desk: OpenDesk, data_home: Path) -> None:
    desk = open_desk("default")
    desk.request()
    assert events_in(data_home / "consent.db") == 1


def test_what_a_fake_on_this_machine_makes_is_not_kept_by_default(data_home: Path) -> None:
    with tc.Tavus("key", base_url="http://127.0.0.1:9") as tavus:
        tavus.consents.request(full_name=NAME, **ASKED)
        assert tavus.consents.ledger is None
    assert not data_home.exists()


def test_the_environment_can_say_where(
    open_desk: OpenDesk, data_home: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVUS_CONSENT_LEDGER", url)
    open_desk("default").request()
    assert (events_in(file_of(url)), data_home.exists()) == (1, False)


def test_nothing_is_opened_before_it_is_needed(open_desk: OpenDesk, data_home: Path) -> None:
    desk = open_desk("default")
    desk(lambda t: t.replicas.list())
    desk(lambda t: t.close())
    assert not data_home.exists()


def test_without_a_ledger_nothing_is_written_and_nothing_said(
    open_desk: OpenDesk, data_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = open_desk(None)
    desk.create(desk.recorded())
    assert (desk.client.tavus.consents.ledger, data_home.exists(), caplog.records) == (None, False, [])


def test_a_ledger_of_ones_own_stays_open(open_desk: OpenDesk, url: str) -> None:
    with open_ledger(url) as ledger:
        desk = open_desk(ledger)
        desk.request()
        assert desk.client.tavus.consents.ledger is ledger
        desk(lambda t: t.close())
        assert ledger.store.head().size == 1


def test_a_ledger_that_the_client_opened_is_closed_with_it(open_desk: OpenDesk, url: str) -> None:
    desk = open_desk(url)
    desk.request()
    ledger = desk.client.tavus.consents.ledger
    desk(lambda t: t.close())
    with pytest.raises(tc.ClientClosedError):
        ledger.store.head()
    with pytest.raises(tc.ClientClosedError):
        desk.request()
    desk(lambda t: t.close())


def test_other_options_share_the_records(open_desk: OpenDesk, url: str) -> None:
    desk = open_desk(url)
    record = desk.recorded()
    other = desk.client.tavus.with_options(timeout=5)
    desk(lambda _: other.replicas.create_personal(train_video_url="https://b.example/t.mp4", consent=record))
    desk(lambda _: other.close())
    assert desk.types(record)[-1] == "submitted"
    assert desk.events(record)[-2].payload["deadline"] == 5


def test_the_ledger_is_closed_though_the_http_client_is_not(url: str) -> None:
    fake = FakeTavus()
    with httpx.Client(transport=FakeTransport(fake)) as http_client:
        with tc.Tavus(fake.api_key, http_client=http_client, ledger=url, clock=fake.clock) as tavus:
            tavus.consents.request(full_name=NAME, **ASKED)
            ledger = tavus.consents.ledger
        with pytest.raises(tc.ClientClosedError):
            ledger.store.head()


def test_the_async_client_does_not_open_it_for_a_property(url: str) -> None:
    tavus = tc.AsyncTavus("k", ledger=url)
    with pytest.raises(tc.ConfigurationError, match="await"):
        tavus.consents.ledger  # noqa: B018


@pytest.mark.parametrize("given", [{"ledger": 3}, {"consent_policy": "verified"}], ids=str)
@pytest.mark.parametrize("client", [tc.Tavus, tc.AsyncTavus])
def test_what_is_no_ledger_or_policy_is_refused(client: Callable[..., Any], given: dict[str, Any]) -> None:
    with pytest.raises(tc.ConfigurationError):
        client("k", **given)


def test_a_ledger_that_cannot_be_opened_is_said_before_anything_is_sent(open_desk: OpenDesk, tmp_path: Path) -> None:
    desk = open_desk(f"sqlite:///{tmp_path}")
    with pytest.raises(tc.LedgerUnavailable):
        desk.create(tc.SpokenConsent(NAME, LINK))
    assert desk.sent() == []


# without the extra


@pytest.fixture
def no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra ``ledger`` is not installed."""

    def missing(*_: Any, **__: Any) -> Any:
        raise tc.MissingExtraError("ledger", "the consent ledger")

    monkeypatch.setattr(ledgers, "open_ledger", missing)
    monkeypatch.setattr(opening, "_warned", threading.Event())


@pytest.mark.usefixtures("no_extra")
def test_without_the_extra_the_gate_works_in_memory_and_one_line_says_so(
    open_desk: OpenDesk, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        desk = open_desk("default")
        desk.create(desk.recorded())
        assert desk.client.tavus.consents.ledger is None
    (said,) = caplog.records
    assert (said.name, said.levelno) == ("tavus_consent", logging.WARNING)
    assert "pip install 'tavus-consent[ledger]'" in said.getMessage()


@pytest.mark.usefixtures("no_extra")
@pytest.mark.parametrize("way", ["argument", "environment"])
def test_a_ledger_that_was_asked_for_needs_the_extra(
    open_desk: OpenDesk, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVUS_CONSENT_LEDGER", "sqlite:///consent.db")
    desk = open_desk("default" if way == "environment" else "sqlite:///consent.db")
    with pytest.raises(tc.MissingExtraError):
        desk.request()


# the event loop


async def test_the_event_loop_never_waits_for_the_ledger(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tavus_consent.ledger.database import Database

    threads: set[str] = set()
    for name in ("__init__", "read", "write", "close"):
        method = getattr(Database, name)

        def noting(*given: Any, method: Any = method, **named: Any) -> Any:
            threads.add(threading.current_thread().name)
            return method(*given, **named)

        monkeypatch.setattr(Database, name, noting)
    fake = FakeTavus()
    async with fake.async_client(ledger=url) as tavus:
        record = await tavus.consents.request(full_name=NAME, **ASKED)
        await tavus.consents.add_evidence(record, tc.ConsentVideo(LINK, sha256=SHA))
        await tavus.replicas.create_personal(train_video_url="https://b.example/t.mp4", consent=record)
        await tavus.consents.receipt(record, controller=CONTROLLER)
        await tavus.consents.withdraw(record, requested_by="subject")
        await tavus.consents.resume_withdrawals()
        await tavus.consents.reconcile()
        await tavus.consents.erase(record)
        await tavus.consents.list()
    assert threads
    assert threading.main_thread().name not in threads


async def test_the_event_loop_never_waits_for_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []

    def rule(*_: Any) -> None:
        threads.append(threading.current_thread().name)

    async with FakeTavus().async_client(consent_policy=tc.ConsentPolicy(rules=(rule,))) as tavus:
        spoken = tc.SpokenConsent(NAME, LINK)
        await tavus.replicas.create_personal(train_video_url="https://b.example/t.mp4", consent=spoken)
    assert threads
    assert threading.main_thread().name not in threads


@pytest.mark.filterwarnings("ignore::tavus_consent.DuplicateWarning")
async def test_many_creates_at_once_each_have_their_intent(url: str) -> None:
    fake = FakeTavus()
    async with fake.async_client(ledger=url) as tavus:
        record = await tavus.consents.request(full_name=NAME, **ASKED)
        await tavus.consents.add_evidence(record, tc.ConsentVideo(LINK))
        await asyncio.gather(
            *(
                tavus.replicas.create_personal(
                    train_video_url="https://b.example/t.mp4", consent=record, replica_name=f"n{number}"
                )
                for number in range(8)
            )
        )
        after = await tavus.consents.get(record)
        assert tavus.consents.ledger.store.verify().ok
    assert set(after.replicas) == set(fake.replicas)
    assert {intent.status for intent in after.state.intents} == {"submitted"}


async def test_a_cancelled_create_stays_open_until_it_is_looked_up() -> None:
    fake = FakeTavus(now=NOW)
    asked = asyncio.Event()

    async def never(request: httpx.Request) -> httpx.Response:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    tavus = fake.async_client(transport=httpx.MockTransport(never))
    task = asyncio.create_task(
        tavus.replicas.create_personal(
            train_video_url="https://b.example/t.mp4", consent=tc.SpokenConsent(NAME, LINK), replica_name="n"
        )
    )
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (record,) = await tavus.consents.list()
    assert [intent.status for intent in record.state.intents] == ["unknown"]
    await tavus.close()


# in memory


@pytest.mark.filterwarnings("ignore::tavus_consent.DuplicateWarning")
def test_records_in_memory_are_safe_to_share_between_threads() -> None:
    fake = FakeTavus()
    tavus = fake.client()
    record = tavus.consents.request(full_name=NAME, **ASKED)
    tavus.consents.add_evidence(record, tc.ConsentVideo(LINK))

    def create(number: int) -> None:
        tavus.replicas.create_personal(
            train_video_url="https://b.example/t.mp4", consent=record, replica_name=f"n{number}"
        )

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(tavus.consents.get(record).replicas) == set(fake.replicas)


def test_a_registry_can_be_used_without_a_client() -> None:
    registry = Registry(Memory(), clock=FakeTavus(now=NOW).clock)
    record = registry.request(full_name=NAME, **ASKED)
    assert registry.records() == [record]


# what it costs

HEAVY = ("sqlalchemy", "alembic", "cryptography", "rfc8785", "keyring", "tavus_consent.gate.registry")


def imported(program: str) -> list[str]:
    """Which modules a program imports, of those that cost something."""
    code = f"import sys\n{program}\nprint(*[m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


READ = """
import httpx, tavus_consent
answer = httpx.Response(200, json={"replica_id": "r1", "data": [], "total_count": 0})
with tavus_consent.Tavus("k", transport=httpx.MockTransport(lambda _: answer)) as tavus:
    tavus.replicas.get("r1"), list(tavus.replicas.list()), list(tavus.faces.list())
"""
CREATE = """
import httpx, tavus_consent
answer = httpx.Response(200, json={"replica_id": "r1", "status": "started"})
with tavus_consent.Tavus("k", transport=httpx.MockTransport(lambda _: answer), ledger=None) as tavus:
    tavus.replicas.create_non_human(train_video_url="https://b.example/t.mp4", attestation="A fox", attested_by="me")
"""


def test_who_reads_does_not_import_what_the_ledger_needs() -> None:
    assert imported("import tavus_consent") == imported(READ) == []


def test_who_keeps_nothing_does_not_either() -> None:
    assert imported(CREATE) == ["tavus_consent.gate.registry"]
