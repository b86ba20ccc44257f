"""Records of consent without a client: no API key, no call to Tavus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.asked import ASKED, CONTROLLER

import tavus_consent as tc
from tavus_consent.consent import State
from tavus_consent.ledger import open_ledger
from tavus_consent.testing import FakeClock

from .conftest import OpenDesk
from .support import LINK, NAME, NOW

Use = Callable[[Callable[[Any], Any]], Any]


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TAVUS_API_KEY", raising=False)


@pytest.fixture(params=["sync", "async"])
def alone(request: pytest.FixtureRequest, url: str) -> Use:
    """Make consents of one kind, use them, and close them."""

    def use(call: Callable[[Any], Any], **options: Any) -> Any:
        options = {"ledger": url, "clock": FakeClock(NOW), **options}
        if request.param == "sync":
            with tc.Consents(**options) as consents:
                return call(consents)

        async def run() -> Any:
            async with tc.AsyncConsents(**options) as consents:
                return await call(consents)

        return asyncio.run(run())

    return use


def test_a_record_lives_without_tavus(alone: Use) -> None:
    record = alone(lambda it: it.request(full_name=NAME, valid_for=timedelta(days=30), **ASKED))
    alone(lambda it: it.add_evidence(record, tc.ConsentVideo(LINK)))
    attempt = alone(lambda it: it.verify(record, transcript=record.statement, engine="whisper-large-v3"))
    assert attempt.verdict == "PASS"
    assert [one.attempt_id for one in alone(lambda it: it.attempts(record))] == [attempt.attempt_id]
    assert alone(lambda it: it.receipt(record, controller=CONTROLLER)).record.record_id == record.record_id
    assert [one.status for one in alone(lambda it: it.list())] == [State.RECORDED]
    alone(lambda it: it.refuse(record))
    alone(lambda it: it.erase(record))
    assert alone(lambda it: it.get(record)).status is State.ERASED


@pytest.mark.parametrize(
    "call",
    [
        lambda it: it.withdraw("rec", requested_by="subject"),
        lambda it: it.resume_withdrawals(),
        lambda it: it.reconcile(),
    ],
    ids=["withdraw", "resume_withdrawals", "reconcile"],
)
def test_what_needs_tavus_says_to_use_a_client(alone: Use, call: Callable[[Any], Any]) -> None:
    with pytest.raises(tc.ConfigurationError, match=r"needs a client.*same ledger"):
        alone(call)


def test_nothing_was_written_by_what_needs_tavus(url: str, open_desk: OpenDesk, alone: Use) -> None:
    record = open_desk(url).recorded()
    with pytest.raises(tc.ConfigurationError):
        alone(lambda it: it.withdraw(record, requested_by="subject"))
    assert alone(lambda it: it.get(record)).status is State.RECORDED


def test_a_client_goes_on_with_the_same_records(url: str, open_desk: OpenDesk, alone: Use) -> None:
    record = alone(lambda it: it.request(full_name=NAME, **ASKED))
    alone(lambda it: it.add_evidence(record, tc.ConsentVideo(LINK)))
    desk = open_desk(url)
    made = desk.create(record)
    assert alone(lambda it: it.get(record)).replicas == (made.replica_id,)


def test_what_is_no_ledger_is_refused(alone: Use) -> None:
    with pytest.raises(tc.ConfigurationError, match="ledger="):
        alone(lambda it: it.list(), ledger=5)


def test_closed_records_are_closed() -> None:
    consents = tc.Consents(ledger=None)
    consents.close()
    with pytest.raises(tc.ClientClosedError):
        consents.list()


def test_an_open_ledger_stays_its_owners(url: str, alone: Use) -> None:
    with open_ledger(url) as ledger:
        alone(lambda it: it.request(full_name=NAME, **ASKED), ledger=ledger)
        assert ledger.store.head().size == 1


def test_closing_the_consents_of_a_client_closes_nothing(memory_desk: Any) -> None:
    async def close_async(tavus: tc.AsyncTavus) -> None:
        await tavus.consents.close()

    is_async = isinstance(memory_desk.client.tavus, tc.AsyncTavus)
    memory_desk(close_async if is_async else lambda t: t.consents.close())
    assert memory_desk(lambda t: t.consents.list()) == []


def test_the_ledger_is_there(url: str) -> None:
    with tc.Consents(ledger=url) as consents:
        assert consents.ledger is not None
        assert consents.ledger.verify().ok
