"""One odd record stops no other: another clock, an impossible event, a payload or a vault that cannot be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

import tavus_consent as tc
from tavus_consent.consent import State
from tavus_consent.consent.events import EventDraft
from tavus_consent.testing import FakeClock

from .conftest import OpenDesk
from .support import NOW, Desk


@pytest.fixture
def office(url: str, open_desk: OpenDesk) -> Desk:
    """A desk with a ledger."""
    return open_desk(url)


def spoil(url: str, *statements: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def contradict(desk: Desk, record: tc.ConsentRecord) -> None:
    store = desk.client.tavus._registry()._log.store
    values = {"at": NOW, "record_id": record.record_id, "subject_ref": record.state.subject_ref}
    store.append(EventDraft(type="withdrawn", actor="somebody", **values))


# the odd record is asked for first, so that it stands before the others


def by_a_clock_ahead(office: Desk) -> tc.ConsentRecord:
    return office.reopened(clock=FakeClock(NOW + timedelta(minutes=20))).recorded("Rio Alvarez")


def by_an_impossible_event(office: Desk) -> tc.ConsentRecord:
    record = office.recorded("Rio Alvarez")
    contradict(office, record)
    return record


def by_an_unreadable_payload(office: Desk) -> tc.ConsentRecord:
    record = office.recorded("Rio Alvarez")
    spoil(str(office.url), "UPDATE tavus_consent_events SET payload = '{' WHERE seq = 2")
    return record


def by_a_damaged_projection(office: Desk) -> tc.ConsentRecord:
    record = office.recorded("Rio Alvarez")
    spoil(str(office.url), "UPDATE tavus_consent_records SET folded = '{'")
    return record


def by_a_damaged_vault(office: Desk) -> tc.ConsentRecord:
    record = office.recorded("Rio Alvarez")
    spoil(str(office.url), "UPDATE tavus_consent_items SET sealed = x'00'")
    return record


ODD = [
    by_a_clock_ahead,
    by_an_impossible_event,
    by_an_unreadable_payload,
    by_a_damaged_projection,
    by_a_damaged_vault,
]


@pytest.fixture(params=ODD, ids=lambda one: one.__name__)
def odd(request: pytest.FixtureRequest, office: Desk) -> tc.ConsentRecord:
    """A record that is odd."""
    make: Callable[[Desk], tc.ConsentRecord] = request.param
    return make(office)


def test_the_others_are_listed(office: Desk, odd: tc.ConsentRecord) -> None:
    record = office.recorded()
    listed = office(lambda t: t.consents.list())
    assert [one.record_id for one in listed] == [odd.record_id, record.record_id]
    assert listed[1] == office.get(record)


def test_the_others_are_withdrawn_and_what_they_made_is_deleted(office: Desk, odd: tc.ConsentRecord) -> None:
    record = office.recorded()
    made = office.create(record)
    report = office.withdraw(record)
    assert (report.complete, report.deleted) == (True, (made.replica_id,))
    assert office(lambda t: t.consents.resume_withdrawals()) == []


def test_the_others_are_reconciled(office: Desk, odd: tc.ConsentRecord) -> None:
    record = office.recorded()
    store = office.client.tavus._registry()._log.store
    for type_, payload in (("given", {"basis": "recorded"}), ("submit_intent", {"intent": "i1", "deadline": 1.0})):
        values = {"record_id": record.record_id, "subject_ref": record.state.subject_ref, "actor": "controller"}
        store.append(EventDraft(type=type_, at=NOW, payload=payload, **values))
    office.fake.advance(seconds=600)
    (found,) = office(lambda t: t.consents.reconcile())
    assert (found.record_id, found.outcome) == (record.record_id, "absent")


def test_it_can_itself_be_withdrawn(office: Desk, odd: tc.ConsentRecord) -> None:
    assert office.withdraw(odd).complete


# how it shows


def test_a_clock_that_is_ahead_makes_no_record_odd(office: Desk) -> None:
    record = by_a_clock_ahead(office)
    (listed,) = office(lambda t: t.consents.list())
    assert (listed.status, listed.problem) == (State.RECORDED, None)
    assert office.create(record).replica_id


@pytest.mark.parametrize(
    ("make", "status", "problem"),
    [
        (by_an_impossible_event, State.UNSOUND, "event 3: the consent record is recorded: withdrawn is not possible"),
        (by_a_damaged_projection, State.RECORDED, None),
        (by_a_damaged_vault, State.RECORDED, "its person's data cannot be opened: An item of the vault was changed."),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_list_says_what_is_odd(
    office: Desk, make: Callable[[Desk], tc.ConsentRecord], status: State, problem: str | None
) -> None:
    make(office)
    (listed,) = office(lambda t: t.consents.list())
    assert listed.status is status
    assert str(listed.problem).startswith(str(problem))


def test_a_record_whose_person_cannot_be_opened_trains_nothing(office: Desk) -> None:
    record = by_a_damaged_vault(office)
    assert office.get(record).problem is not None
    with pytest.raises(tc.LedgerBroken):
        office.create(record)
    assert office.sent() == []


def test_an_unsound_record_trains_nothing(office: Desk) -> None:
    record = office.recorded()
    contradict(office, record)
    with pytest.raises(tc.ConsentRequired) as caught:
        office.create(record)
    assert (caught.value.reason, office.sent()) == ("unsound", [])


def test_an_unsound_record_is_unsound_in_memory_too(memory_desk: Desk) -> None:
    record = memory_desk.recorded()
    contradict(memory_desk, record)
    (listed,) = memory_desk(lambda t: t.consents.list(status="unsound"))
    assert listed.problem is not None


def test_where_nobody_can_be_opened_the_key_is_what_is_missing(
    office: Desk, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.recorded()
    spoil(url, "UPDATE tavus_consent_keys SET kek_id = '0123'")
    with pytest.raises(tc.VaultKeyError, match="0123"):
        office(lambda t: t.consents.list())


# pages


def test_records_are_read_in_pages(desk: Desk) -> None:
    records = [desk.request() for _ in range(5)]
    first = desk(lambda t: t.consents.list(limit=2))
    second = desk(lambda t: t.consents.list(limit=2, after=first[-1]))
    third = desk(lambda t: t.consents.list(limit=2, after=second[-1].record_id))
    assert [*first, *second, *third] == records
    assert (len(first), len(second), len(third)) == (2, 2, 1)


def test_more_records_than_are_read_at_once_are_all_listed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tavus_consent.gate.registry.PAGE", 2)
    records = [desk.request() for _ in range(5)]
    assert desk(lambda t: t.consents.list()) == records


@pytest.mark.parametrize(
    ("given", "field"), [({"limit": 0}, "limit"), ({"limit": True}, "limit"), ({"after": "x"}, "after")]
)
def test_a_page_that_cannot_be_is_refused(memory_desk: Desk, given: dict[str, Any], field: str) -> None:
    with pytest.raises(tc.InvalidRequestError) as caught:
        memory_desk(lambda t: t.consents.list(**given))
    assert caught.value.field == field


def test_what_ends_soon_is_found_by_page(desk: Desk) -> None:
    soon = desk.request(valid_for=timedelta(days=5))
    desk.request()
    assert desk(lambda t: t.consents.list(expiring_within=timedelta(days=10), limit=5)) == [soon]
