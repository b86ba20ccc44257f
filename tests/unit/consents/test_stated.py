"""What a request has to state, what it may state, and who acted."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from tests.asked import ASKED, CONTROLLER

import tavus_consent as tc
from tavus_consent import BiometricNotice, ConsentNotice, ConsentPolicy
from tavus_consent.ledger import Controller

from .conftest import OpenDesk
from .support import LINK, NAME, NOW, TRAIN, Desk

NOTICE = ConsentNotice("We make a replica of you.\nAsk us anything.", version="2026-11", language="de")
BIOMETRIC = BiometricNotice(derived="a model of your face and voice", kept="until the replica is deleted")
LENIENT = ConsentPolicy(purposes="optional", adult="optional")
FULL = {"notice": NOTICE, "biometric_notice": BIOMETRIC, "retention": timedelta(days=90)}


@pytest.mark.parametrize(
    ("missing", "field", "remedy"),
    [
        ("intended_uses", "intended_uses", "purposes='optional'"),
        ("adult", "adult", "adult='optional'"),
    ],
)
def test_a_request_that_leaves_something_open_is_refused(desk: Desk, missing: str, field: str, remedy: str) -> None:
    given = {"full_name": NAME, **{name: value for name, value in ASKED.items() if name != missing}}
    with pytest.raises(tc.InvalidRequestError) as caught:
        desk(lambda t: t.consents.request(**given))
    assert (caught.value.field, caught.value.reason) == (field, "missing")
    assert remedy in str(caught.value)
    assert desk(lambda t: t.consents.list()) == []


@pytest.mark.parametrize("policy", [LENIENT, ConsentPolicy(purposes="optional", adult="optional", requires="verified")])
def test_a_policy_may_leave_it_open(open_desk: OpenDesk, policy: ConsentPolicy) -> None:
    desk = open_desk(consent_policy=policy)
    record = desk(lambda t: t.consents.request(full_name=NAME))
    assert (record.terms.intended_uses, record.terms.adult) == ((), None)


@pytest.mark.parametrize("purposes", ["any", "declared"])
def test_a_policy_of_purposes_wants_them_named(open_desk: OpenDesk, purposes: Any) -> None:
    desk = open_desk(consent_policy=ConsentPolicy(purposes=purposes, adult="optional"))
    with pytest.raises(tc.InvalidRequestError, match="intended_uses"):
        desk(lambda t: t.consents.request(full_name=NAME))


@pytest.mark.parametrize("options", [{"purposes": "all"}, {"adult": True}])
def test_a_policy_with_another_value_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(tc.ConfigurationError, match=next(iter(options))):
        ConsentPolicy(**options)


def test_spoken_consent_states_none_of_it(memory_desk: Desk) -> None:
    memory_desk.create(tc.SpokenConsent(NAME, LINK))
    (record,) = memory_desk(lambda t: t.consents.list())
    terms = record.terms
    assert (terms.intended_uses, terms.adult, terms.notice, terms.biometric_notice) == ((), None, None, None)
    assert (terms.retention, record.keep_until) == (None, None)
    with pytest.warns(tc.ReceiptWarning, match="intended_uses"):
        text = memory_desk(lambda t: t.consents.receipt(record, controller=CONTROLLER)).text()
    for line in ("Of age: not stated", "Not stated: no uses", "Derived from the recordings: not stated"):
        assert line in text


def test_the_notice_is_kept_and_its_hash_is_in_the_chain(desk: Desk) -> None:
    record = desk.get(desk.request(**FULL))
    assert (record.terms.notice, record.terms.biometric_notice) == (NOTICE, BIOMETRIC)
    (event,) = desk.events(record)
    sha256 = hashlib.sha256(NOTICE.text.encode()).hexdigest()
    assert event.payload["notice_sha256"] == record.terms.notice.sha256 == sha256
    assert event.payload["notice_version"] == "2026-11"
    assert "replica of you" not in json.dumps(event.to_dict())


def test_a_text_is_a_notice_without_a_version(memory_desk: Desk) -> None:
    record = memory_desk.request(notice="We make a replica of you.")
    assert record.terms.notice == ConsentNotice("We make a replica of you.")
    assert memory_desk.events(record)[0].payload["notice_version"] is None


def test_what_is_not_stated_is_not_in_the_chain(memory_desk: Desk) -> None:
    (event,) = memory_desk.events(memory_desk.request())
    assert set(event.payload) == {"expires_at", "terms"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"notice": " "}, "notice"),
        ({"notice": "x" * 50_001}, "notice"),
        ({"notice": "\ud800"}, "notice"),
        ({"notice": 5}, "notice"),
        ({"biometric_notice": "a model of the face"}, "biometric_notice"),
        ({"retention": 90}, "retention"),
        ({"retention": timedelta(days=-1)}, "retention"),
        ({"retention": timedelta(days=20_000)}, "retention"),
        ({"actor": "Anna Bell"}, "actor"),
        ({"actor": ""}, "actor"),
        ({"actor": 5}, "actor"),
        ({"actor": "x" * 101}, "actor"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(memory_desk: Desk, given: dict[str, Any], field: str) -> None:
    with pytest.raises(tc.InvalidRequestError) as caught:
        memory_desk.request(**given)
    assert caught.value.field == field
    assert memory_desk(lambda t: t.consents.list()) == []


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: ConsentNotice(""), "text"),
        (lambda: ConsentNotice("x", version="version 3"), "version"),
        (lambda: ConsentNotice("x", version=""), "version"),
        (lambda: ConsentNotice("x", version=3), "version"),  # type: ignore[arg-type]  # that is tested
        (lambda: ConsentNotice("x", language="English"), "language"),
        (lambda: ConsentNotice("x", language=None), "language"),  # type: ignore[arg-type]  # that is tested
        (lambda: BiometricNotice(derived="", kept="a year"), "derived"),
        (lambda: BiometricNotice(derived="a model", kept="x" * 501), "kept"),
    ],
)
def test_notices_that_cannot_be_meant_are_refused(make: Any, field: str) -> None:
    with pytest.raises(tc.InvalidRequestError) as caught:
        make()
    assert caught.value.field == field


def test_a_notice_does_not_show_its_text() -> None:
    assert "replica of you" not in repr(NOTICE)


# How long the evidence is kept


def test_the_evidence_is_kept_after_the_end_of_the_consent(desk: Desk) -> None:
    record = desk.get(desk.request(retention=timedelta(days=90, microseconds=5), valid_for=timedelta(days=10)))
    assert record.terms.retention == timedelta(days=90)
    assert record.keep_until == NOW + timedelta(days=100)


@pytest.mark.parametrize("how", ["withdrawn", "refused", "invalidated"])
def test_consent_that_ended_early_is_kept_less_long(memory_desk: Desk, how: str) -> None:
    desk = memory_desk
    record = desk.recorded(retention=timedelta(days=90))
    desk.fake.advance(hours=24)
    if how == "withdrawn":
        desk.withdraw(record)
    else:
        more = {"reason": "a mistake"} if how == "invalidated" else {}
        desk(lambda t: getattr(t.consents, {"refused": "refuse"}.get(how, "invalidate"))(record, **more))
    ended = desk.get(record)
    assert (ended.status, ended.keep_until) == (how, NOW + timedelta(days=91))


@pytest.mark.parametrize("odd", [-1, 2**50, "90d", None])
def test_a_retention_that_no_release_writes_is_none(memory_desk: Desk, odd: Any) -> None:
    """An import may bring one."""
    record = memory_desk.request(retention=timedelta(days=1))
    event = memory_desk.events(record)[0]
    store = memory_desk.client.tavus._registry()._log.store
    payload = {**event.plain_payload(), "retention": odd}
    store.append(type(event).from_dict({**event.to_dict(), "payload": payload, "record_id": "other"}))
    assert memory_desk.get("other").keep_until is None


# Who acted


def test_the_client_names_the_actor_of_every_event(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url, actor="billing-service")
    record = desk.recorded()
    desk.create(record)
    desk(lambda t: t.consents.receipt(record, controller=CONTROLLER))
    desk.withdraw(record)
    desk(lambda t: t.consents.erase(record))
    assert {event.actor for event in desk.events(record)} == {"billing-service"}


def test_spoken_consent_has_an_actor_too(desk: Desk) -> None:
    acting = desk.reopened(actor="billing-service")
    acting.create(tc.SpokenConsent(NAME, LINK))
    (record,) = acting(lambda t: t.consents.list())
    assert {event.actor for event in acting.events(record)} == {"billing-service"}


def test_without_an_actor_the_events_name_the_party(memory_desk: Desk) -> None:
    record = memory_desk.recorded()
    memory_desk(lambda t: t.consents.refuse(record))
    assert [event.actor for event in memory_desk.events(record)] == ["controller", "controller", "subject"]


CALLS: dict[str, Any] = {
    "request": lambda t, _: t.consents.request(full_name="Rio Alvarez", **ASKED, actor="hr-portal"),
    "review": lambda t, r: t.consents.review(r, reviewer="Jo", reason="I listened.", actor="hr-portal"),
    "refuse": lambda t, r: t.consents.refuse(r, actor="hr-portal"),
    "invalidate": lambda t, r: t.consents.invalidate(r, reason="a mistake", actor="hr-portal"),
    "receipt": lambda t, r: t.consents.receipt(r, controller=CONTROLLER, actor="hr-portal"),
    "withdraw": lambda t, r: t.consents.withdraw(r, requested_by="subject", actor="hr-portal"),
    "erase": lambda t, r: t.consents.erase(r, actor="hr-portal"),
    "erase_person": lambda t, r: t.consents.erase_person(full_name=NAME, actor="hr-portal"),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_may_name_another_actor(desk: Desk, name: str) -> None:
    record = desk.recorded()
    if name == "review":
        desk.supply(record)
    before = len(desk.events(record))
    made = desk(lambda t: CALLS[name](t, record))
    events = desk.events(made) if name == "request" else desk.events(record)[before:]
    assert {event.actor for event in events} == {"hr-portal"}
    assert {event.actor for event in desk.events(record)[:before]} == {"controller"}


@pytest.mark.parametrize("name", CALLS)
def test_an_actor_that_may_be_a_person_writes_nothing(memory_desk: Desk, name: str) -> None:
    record = memory_desk.recorded()
    before = memory_desk.types(record)
    wrong = _with_actor(CALLS[name], "Anna Bell")
    with pytest.raises(tc.InvalidRequestError, match="Never the name of a person"):
        memory_desk(lambda t: wrong(t, record))
    assert memory_desk.types(record) == before
    assert len(memory_desk(lambda t: t.consents.list())) == 1


def _with_actor(call: Any, actor: str) -> Any:
    """The same call with another actor."""

    class Consents:
        def __init__(self, real: Any) -> None:
            self.real = real

        def __getattr__(self, name: str) -> Any:
            return lambda *args, **given: getattr(self.real, name)(*args, **{**given, "actor": actor})

    class Client:
        def __init__(self, real: Any) -> None:
            self.consents = Consents(real.consents)

    return lambda t, record: call(Client(t), record)


def test_the_actor_of_a_client_is_checked_when_it_is_made(open_desk: OpenDesk) -> None:
    with pytest.raises(tc.ConfigurationError, match="actor"):
        open_desk(actor="Anna Bell")
    with pytest.raises(tc.ConfigurationError, match="actor"):
        tc.Consents(ledger=None, actor="Anna Bell")


def test_records_without_a_client_have_an_actor() -> None:
    with tc.Consents(ledger=None, actor="hr@app.example", consent_policy=LENIENT) as consents:
        record = consents.request(full_name=NAME)
        assert consents.get(record).status == "requested"


# Receipts


def test_a_receipt_that_states_everything_does_not_warn(desk: Desk) -> None:
    receipt = desk(lambda t: t.consents.receipt(desk.request(**FULL), controller=CONTROLLER))
    assert receipt.missing == ()


def test_a_receipt_warns_of_what_is_missing(desk: Desk) -> None:
    record = desk.request()
    with pytest.warns(tc.ReceiptWarning) as caught:
        receipt = desk(lambda t: t.consents.receipt(record, controller=Controller(name="App Ltd")))
    assert ", ".join(receipt.missing) in str(caught[0].message)
    assert "name" not in receipt.missing
    assert desk.types(record) == ["requested", "receipt_issued"]


def test_a_receipt_of_nobody_misses_the_name(memory_desk: Desk) -> None:
    record = memory_desk.request()
    with pytest.warns(tc.ReceiptWarning, match="does not state name, address"):
        assert memory_desk(lambda t: t.consents.receipt(record)).missing[0] == "name"


def test_a_replica_is_trained_with_full_terms(desk: Desk) -> None:
    record = desk.recorded(**FULL)
    assert desk.create(record, train_video_url=TRAIN).replica_id in desk.get(record).replicas
