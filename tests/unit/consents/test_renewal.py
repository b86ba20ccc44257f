"""Renewing a consent: a new record with the same terms, which needs a new recording."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.asked import CONTROLLER

import tavus_consent as tc
from tavus_consent import ConsentPolicy, ConsentRecord, ConsentVideo
from tavus_consent.testing import Fault

from .conftest import OpenDesk
from .support import LINK, NAME, NOW, SHA, Desk

NEW = "https://bucket.example/again/consent.mp4"
OTHER_SHA = "cd" * 32
DAYS = timedelta(days=30)


def given(desk: Desk, **terms: Any) -> ConsentRecord:
    record = desk.recorded(**{"valid_for": DAYS, **terms})
    desk.create(record)
    return desk.get(record)


def renew(desk: Desk, record: ConsentRecord | str, **options: Any) -> ConsentRecord:
    made: ConsentRecord = desk(lambda t: t.consents.renew(record, **options))
    return made


@pytest.mark.parametrize("by_id", [False, True])
def test_a_renewal_has_the_same_terms_and_new_dates(desk: Desk, *, by_id: bool) -> None:
    old = given(desk, reference="employee-4711", spoken_as=["shivawn"], retention=DAYS, notice="We make a replica.")
    desk.fake.advance(hours=24)
    new = desk.get(renew(desk, old.record_id if by_id else old, valid_for=2 * DAYS, actor="hr-portal"))
    assert (new.status, new.renews, new.replicas) == ("requested", old.record_id, ())
    assert (new.terms.requested_at, new.expires_at) == (NOW + timedelta(days=1), NOW + timedelta(days=61))
    same = ("full_name", "reference", "spoken_as", "intended_uses", "adult", "retention", "notice", "attested_by")
    assert all(getattr(new.terms, name) == getattr(old.terms, name) for name in same)
    (event,) = desk.events(new)
    assert (event.payload["renews"], event.actor) == (old.record_id, "hr-portal")
    assert desk.get(old).status == "given"


def test_an_expired_consent_can_be_renewed(desk: Desk) -> None:
    old = given(desk)
    desk.fake.advance(hours=31 * 24)
    assert desk.get(old).status == "expired"
    new = desk.bring(renew(desk, old), ConsentVideo(NEW))
    desk.create(new)
    assert (desk.get(new).status, desk.get(old).status) == ("given", "expired")


@pytest.mark.parametrize("recording", [ConsentVideo(f"{LINK}?signature=2"), ConsentVideo(NEW, sha256=SHA)])
def test_an_earlier_recording_does_not_serve(desk: Desk, recording: ConsentVideo) -> None:
    new = renew(desk, given(desk, sha256=SHA))
    with pytest.raises(tc.ConsentRequired) as caught:
        desk.bring(new, recording)
    assert (caught.value.reason, desk.types(new)) == ("recording_renewed", ["requested"])


def test_no_recording_of_the_whole_line_serves(desk: Desk) -> None:
    first = given(desk, sha256=SHA)
    second = desk.bring(renew(desk, first), ConsentVideo(NEW, sha256=OTHER_SHA))
    desk.create(second)
    third = renew(desk, second)
    for used in (ConsentVideo(f"{NEW}/3", sha256=SHA), ConsentVideo(f"{NEW}/3", sha256=OTHER_SHA)):
        with pytest.raises(tc.ConsentRequired, match="needs a new recording"):
            desk.bring(third, used)
    assert desk.bring(third, ConsentVideo(f"{NEW}/3", sha256="ef" * 32)).status == "recorded"


def test_an_earlier_recording_under_another_link_trains_nothing(desk: Desk) -> None:
    """The bytes are read after the link was added."""
    film = b"film"
    old = desk.recorded()
    desk.hear(old, film=film)
    desk.create(old)
    sent = len(desk.sent())
    new = desk.bring(renew(desk, old), ConsentVideo(NEW))
    desk.hear(new, film=film)
    with pytest.raises(tc.ConsentRequired, match="needs a new recording"):
        desk.create(new)
    assert len(desk.sent()) == sent


def test_the_training_video_may_be_the_same(desk: Desk) -> None:
    old = given(desk)
    new = desk.bring(renew(desk, old), ConsentVideo(NEW))
    assert desk.create(new).replica_id in desk.get(new).replicas


@pytest.mark.parametrize(
    ("end", "kind", "reason"),
    [
        (lambda d, r: d.withdraw(r), tc.ConsentWithdrawn, "withdrawn"),
        (lambda d, r: d(lambda t: t.consents.invalidate(r, reason="a mistake")), tc.IllegalTransition, "not_given"),
    ],
    ids=["withdrawn", "invalidated"],
)
def test_consent_that_was_ended_is_not_renewed(desk: Desk, end: Any, kind: Any, reason: str) -> None:
    old = given(desk)
    end(desk, old)
    with pytest.raises(kind) as caught:
        renew(desk, old)
    assert caught.value.reason == reason
    assert len(desk(lambda t: t.consents.list())) == 1


def test_a_person_who_said_no_elsewhere_is_not_asked_again(desk: Desk) -> None:
    old = given(desk)
    refused = desk.request()
    desk(lambda t: t.consents.refuse(refused))
    with pytest.raises(tc.ConsentRequired) as caught:
        renew(desk, old)
    assert caught.value.reason == "refused"


def test_a_person_who_is_under_age_elsewhere_is_not_asked_again(desk: Desk) -> None:
    old = given(desk)
    desk.request(adult=False)
    with pytest.raises(tc.ConsentRequired) as caught:
        renew(desk, old)
    assert caught.value.reason == "minor"


@pytest.mark.parametrize("begin", [lambda d: d.request(), lambda d: d.recorded()], ids=["requested", "recorded"])
def test_what_was_never_given_is_not_renewed(desk: Desk, begin: Any) -> None:
    record = begin(desk)
    with pytest.raises(tc.IllegalTransition, match=r"begin a new record with consents\.request"):
        renew(desk, record)


def test_nobody_renews_for_a_person_who_was_erased_or_never_shown(desk: Desk) -> None:
    record = desk.request()
    desk(lambda t: t.consents.erase(record))
    desk(lambda t: t.replicas.create_non_human(train_video_url=LINK, attestation="A fox", attested_by="studio"))
    (attested,) = desk(lambda t: t.consents.list(status="attested"))
    for one in (record, attested):
        with pytest.raises(tc.InvalidRequestError, match="no person"):
            renew(desk, one)


def test_terms_that_the_policy_misses_cannot_be_renewed(open_desk: OpenDesk, url: str) -> None:
    lenient = open_desk(url, consent_policy=ConsentPolicy(purposes="optional", adult="optional"))
    lenient.create(tc.SpokenConsent(NAME, LINK))
    (old,) = lenient(lambda t: t.consents.list())
    with pytest.raises(tc.InvalidRequestError, match=r"Use consents\.request") as caught:
        renew(lenient.reopened(), old)
    assert caught.value.field == "intended_uses"
    assert renew(lenient, old).renews == old.record_id


@pytest.mark.parametrize("valid_for", [timedelta(), timedelta.max, 30])
def test_a_renewal_needs_a_length_that_can_be_meant(memory_desk: Desk, valid_for: Any) -> None:
    old = given(memory_desk)
    with pytest.raises(tc.InvalidRequestError) as caught:
        renew(memory_desk, old, valid_for=valid_for)
    assert caught.value.field == "valid_for"


def test_an_unknown_record_is_not_renewed(memory_desk: Desk) -> None:
    with pytest.raises(tc.InvalidRequestError, match="no such consent record"):
        renew(memory_desk, "r-unknown")


def test_a_withdrawal_reaches_the_consent_that_was_renewed(desk: Desk) -> None:
    first = given(desk)
    second = desk.bring(renew(desk, first), ConsentVideo(NEW))
    desk.create(second)
    third = desk.bring(renew(desk, second), ConsentVideo(f"{NEW}/3"))
    made = (*desk.get(second).replicas, *first.replicas)
    report = desk.withdraw(third, videos=["v1"], actor="hr-portal", reason="I changed my mind")
    assert (report.complete, report.deleted, desk.fake.replicas) == (True, made, {})
    assert [one.record_id for one in (report.record, *report.renewed)] == [
        third.record_id,
        second.record_id,
        first.record_id,
    ]
    assert [desk.get(one).status for one in (first, second, third)] == ["withdrawn"] * 3
    assert {one.kind for one in report.remaining} == {"recording"}
    assert {event.actor for event in desk.events(first) if event.type == "withdrawing"} == {"hr-portal"}


def test_a_withdrawal_ends_the_uses_of_the_consent_that_was_renewed(desk: Desk) -> None:
    old = given(desk)
    new = desk.bring(renew(desk, old), ConsentVideo(NEW))
    desk.fake.inject(Fault(status=503), times=100)
    report = desk.withdraw(new)
    assert report.complete is False
    with pytest.raises(tc.ConsentWithdrawn):
        desk(lambda t: t.videos.create(replica_id=old.replicas[0], script="Hello"))


def test_what_is_left_of_a_renewed_consent_is_resumed(desk: Desk) -> None:
    old = given(desk)
    new = desk.bring(renew(desk, old), ConsentVideo(NEW))
    desk.fake.inject(Fault(status=503), times=3, operation="deleteReplica")
    report = desk.withdraw(new)
    assert (report.complete, report.record.status, [one.status for one in report.renewed]) == (
        False,
        "withdrawn",
        ["withdrawing"],
    )
    assert ("replica", "sdk") in {(one.kind, one.who) for one in report.remaining}
    desk(lambda t: t.consents.resume_withdrawals())
    assert [desk.get(one).status for one in (old, new)] == ["withdrawn"] * 2


def test_a_renewed_consent_that_was_withdrawn_or_erased_stays_so(desk: Desk) -> None:
    old = given(desk)
    new = desk.bring(renew(desk, old), ConsentVideo(NEW))
    desk.withdraw(old)
    desk(lambda t: t.consents.erase(old))
    report = desk.withdraw(new)
    assert (report.renewed, desk.get(old).status) == ((), "erased")


def test_a_renewal_that_says_no_takes_over_nothing(desk: Desk) -> None:
    """The person withdrew another record since."""
    old = given(desk)
    desk.bring(renew(desk, old), ConsentVideo(NEW))
    desk.fake.advance(hours=31 * 24)
    other = desk.bring(desk.request(), ConsentVideo(f"{NEW}/other"))
    desk.withdraw(other)
    with pytest.raises(tc.ConsentExpired):
        desk(lambda t: t.videos.create(replica_id=old.replicas[0], script="Hello"))


def test_a_renewal_with_an_earlier_recording_takes_over_nothing(desk: Desk) -> None:
    film = b"film"
    old = desk.recorded(valid_for=DAYS)
    desk.hear(old, film=film)
    desk.create(old)
    desk.hear(desk.bring(renew(desk, old), ConsentVideo(NEW)), film=film)
    desk.fake.advance(hours=31 * 24)
    with pytest.raises(tc.ConsentExpired):
        desk(lambda t: t.videos.create(replica_id=desk.get(old).replicas[0], script="Hello"))


def test_the_receipt_of_a_renewal_names_the_record(desk: Desk) -> None:
    old = given(desk)
    new = renew(desk, old)
    receipt = desk(lambda t: t.consents.receipt(new, controller=CONTROLLER))
    assert receipt.jsonld()["dpv:hasRecordOfActivity"]["tc:renews"] == [f"urn:tavus-consent:record:{old.record_id}"]
    assert f"renews the one of record {old.record_id}" in receipt.text()


def test_records_that_renew_each_other_are_checked_once(desk: Desk) -> None:
    """No release writes such a ledger, but an import may bring one."""
    old = given(desk)
    new = renew(desk, old)
    event = desk.events(new)[0]
    store = desk.client.tavus._registry()._log.store
    payload = {**event.plain_payload(), "renews": "own"}
    circle = {**event.to_dict(), "payload": payload, "record_id": "own", "event_id": "f" * 32}
    store.append(type(event).from_dict(circle))
    assert desk.bring(desk.get("own"), ConsentVideo(NEW)).status == "recorded"
