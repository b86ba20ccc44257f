"""The job for every night: it finishes what was begun, and deletes what is due."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.asked import ASKED

import tavus_consent as tc
from tavus_consent import ConsentPolicy, ConsentVideo
from tavus_consent.consent import SweepReport
from tavus_consent.testing import Fault

from .conftest import OpenDesk
from .support import NAME, Desk

DELETE = ConsentPolicy(on_expiry="delete")
DAY = timedelta(days=1)


def sweep(desk: Desk, **given: Any) -> SweepReport:
    report: SweepReport = desk(lambda t: t.consents.sweep(**given))
    return report


def trained(desk: Desk, **terms: Any) -> tuple[Any, str]:
    record = desk.recorded(**terms)
    return record, str(desk.create(record).replica_id)


def kinds(report: SweepReport) -> dict[str, int]:
    """How much a sweep did, by kind."""
    names = ("reconciled", "resumed", "expired", "erased", "blocked", "expiring")
    return {name: len(getattr(report, name)) for name in names if getattr(report, name)}


def test_nothing_is_due_in_an_empty_ledger(desk: Desk) -> None:
    report = sweep(desk)
    assert (report.complete, kinds(report), desk.sent()) == (True, {}, [])


def test_it_lists_what_expires_soon(desk: Desk) -> None:
    soon, late = desk.request(valid_for=12 * DAY), desk.request("Rio Alvarez", valid_for=31 * DAY)
    assert [one.record_id for one in sweep(desk).expiring] == [soon.record_id]
    both = sweep(desk, within=31 * DAY).expiring
    assert [(one.record_id, one.terms is not None) for one in both] == [(soon.record_id, True), (late.record_id, True)]
    assert sweep(desk).complete


def test_it_resumes_withdrawals(desk: Desk) -> None:
    record, replica_id = trained(desk)
    desk.fake.inject(Fault(status=403), times=2, operation="deleteReplica")
    desk.withdraw(record)
    first, second, third = (sweep(desk) for _ in range(3))
    assert (first.complete, first.resumed[0].complete) == (False, False)
    assert (second.complete, second.resumed[0].deleted) == (True, (replica_id,))
    assert (third.complete, kinds(third)) == (True, {})


def test_it_looks_up_creates_without_an_outcome(desk: Desk) -> None:
    record = desk.recorded()
    desk.fake.inject(Fault(status=502, after_work=True), operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError):
        desk.create(record)
    desk.fake.advance(minutes=5)
    (found,) = sweep(desk).reconciled
    assert (found.outcome, desk.get(record).replicas) == ("found", (found.replica_id,))
    assert kinds(sweep(desk)) == {}


def test_a_create_that_cannot_be_looked_up_is_left(desk: Desk) -> None:
    record = desk.recorded()
    desk.fake.inject(Fault(status=502), operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError):
        desk.create(record)
    desk.fake.inject(Fault(status=403), operation="listReplicas")
    report = sweep(desk)
    assert ([one.outcome for one in report.reconciled], report.complete) == (["unknown"], False)


def test_expired_consents_are_kept_by_default(desk: Desk) -> None:
    _, replica_id = trained(desk, valid_for=DAY)
    desk.fake.advance(hours=25)
    assert (sweep(desk).complete, list(desk.fake.replicas)) == (True, [replica_id])


def test_a_policy_deletes_what_has_expired(open_desk: OpenDesk, url: str) -> None:
    desk = open_desk(url, consent_policy=DELETE)
    record, replica_id = trained(desk, valid_for=DAY)
    kept, _ = trained(desk, name="Rio Alvarez", valid_for=2 * DAY)
    unused = desk.recorded("Ada Okafor", valid_for=DAY)
    desk.fake.advance(hours=25)
    report = sweep(desk)
    assert [(one.record.record_id, one.complete, one.deleted) for one in report.expired] == [
        (record.record_id, True, (replica_id,))
    ]
    first = next(event for event in desk.events(record) if event.type == "withdrawing")
    assert first.payload["requested_by"] == "controller"
    assert [desk.get(one).status for one in (record, kept, unused)] == ["withdrawn", "given", "recorded"]
    assert kinds(sweep(desk)) == {"expiring": 1}


def test_what_fails_is_done_the_next_night(open_desk: OpenDesk, url: str) -> None:
    desk = open_desk(url, consent_policy=DELETE)
    _, replica_id = trained(desk, valid_for=DAY)
    desk.fake.advance(hours=25)
    desk.fake.inject(Fault(status=403), operation="deleteReplica")
    assert not sweep(desk).complete
    report = sweep(desk)
    assert (report.complete, report.resumed[0].deleted, report.expired) == (True, (replica_id,), ())


def test_a_record_is_erased_when_its_retention_has_ended(desk: Desk) -> None:
    record = desk.recorded(valid_for=DAY, retention=30 * DAY)
    desk.fake.advance(hours=24 * 30)
    assert kinds(sweep(desk)) == {}
    desk.fake.advance(hours=24)
    report = sweep(desk)
    assert (report.complete, report.erased, desk.get(record).status) == (True, (record.record_id,), "erased")
    assert desk.get(record).terms is None
    assert kinds(sweep(desk)) == {}


def test_without_a_retention_nothing_is_erased(desk: Desk) -> None:
    record = desk.recorded(valid_for=DAY)
    desk.fake.advance(hours=24 * 4000)
    assert (sweep(desk).erased, desk.get(record).terms is None) == ((), False)


def test_a_retention_counts_from_the_withdrawal(desk: Desk) -> None:
    record, _ = trained(desk, retention=30 * DAY)
    desk.withdraw(record)
    desk.fake.advance(hours=24 * 30)
    assert sweep(desk).erased == (record.record_id,)


def test_a_record_with_a_living_replica_is_not_erased(desk: Desk) -> None:
    record, _ = trained(desk, valid_for=DAY, retention=DAY)
    other = desk.recorded("Rio Alvarez", valid_for=DAY, retention=DAY)
    desk.fake.advance(hours=49)
    report = sweep(desk)
    assert (report.complete, report.erased) == (False, (other.record_id,))
    (left,) = report.blocked
    assert (left.kind, left.id, left.who) == ("record", record.record_id, "controller")
    assert "replicas are left" in left.why


def test_an_expired_consent_is_deleted_first_and_erased_later(open_desk: OpenDesk, url: str) -> None:
    desk = open_desk(url, consent_policy=DELETE)
    record, _ = trained(desk, valid_for=DAY, retention=DAY)
    desk.fake.advance(hours=49)
    report = sweep(desk)  # the retention counts from the withdrawal
    assert (report.complete, kinds(report)) == (True, {"expired": 1})
    desk.fake.advance(hours=24)
    assert sweep(desk).erased == (record.record_id,)


def test_an_erasure_that_was_incomplete_is_repeated(
    open_desk: OpenDesk, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(url)
    record = desk.recorded(valid_for=DAY, retention=DAY)
    desk.fake.advance(hours=49)
    vault = type(desk.client.tavus._registry()._log.vault)
    erase = vault.erase

    def incomplete(self: Any, subject_ref: str) -> Any:
        erase(self, subject_ref)
        monkeypatch.setattr(vault, "erase", erase)
        raise tc.ErasureIncomplete("Others read.")

    monkeypatch.setattr(vault, "erase", incomplete)
    report = sweep(desk)
    assert (report.complete, report.erased, report.blocked[0].who) == (False, (), "sdk")
    assert sweep(desk).erased == (record.record_id,)


def renewed(desk: Desk, **terms: Any) -> tuple[Any, str, Any]:
    """A record that has expired, its replica, and its renewal with a new recording."""
    record, replica_id = trained(desk, valid_for=DAY, **terms)
    desk.fake.advance(hours=20)
    again = desk(lambda t: t.consents.renew(record))
    desk.bring(again, ConsentVideo("https://bucket.example/again.mp4"))
    desk.fake.advance(hours=5)
    return record, replica_id, again


def test_a_likeness_goes_on_with_a_renewal(open_desk: OpenDesk, url: str) -> None:
    desk = open_desk(url, consent_policy=DELETE)
    record, replica_id, _ = renewed(desk, retention=DAY)
    desk.fake.advance(hours=24)
    assert (kinds(sweep(desk)), list(desk.fake.replicas)) == ({}, [replica_id])
    assert desk.get(record).status == "expired"


def test_a_renewal_that_is_only_asked_for_does_not_keep_a_likeness(open_desk: OpenDesk, url: str) -> None:
    desk = open_desk(url, consent_policy=DELETE)
    record, _ = trained(desk, valid_for=DAY)
    desk(lambda t: t.consents.renew(record))
    desk.fake.advance(hours=25)
    assert [one.record.record_id for one in sweep(desk).expired] == [record.record_id]


# a dry run


def test_a_dry_run_says_what_would_be_done_and_does_nothing(open_desk: OpenDesk, url: str) -> None:
    desk = open_desk(url, consent_policy=DELETE)
    record, replica_id = trained(desk, valid_for=DAY, retention=DAY)
    due = desk.recorded("Rio Alvarez", valid_for=DAY, retention=DAY)
    under_way, second = trained(desk, name="Ada Okafor")
    desk.fake.inject(Fault(status=403), operation="deleteReplica")
    desk.withdraw(under_way)
    soon = desk.request("Ana Costa", valid_for=12 * DAY)
    lost = desk.recorded("Li Wei")
    desk.fake.inject(Fault(status=502), operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError):
        desk.create(lost)
    desk.fake.advance(hours=49)
    sent, head = desk.sent(), desk.client.tavus.consents.ledger.store.head()
    report = sweep(desk, dry_run=True)
    assert (desk.sent(), desk.client.tavus.consents.ledger.store.head()) == (sent, head)
    assert (report.dry_run, report.complete) == (True, False)
    assert [one.outcome for one in report.reconciled] == ["unknown"]
    assert [one.record.record_id for one in report.resumed] == [under_way.record_id]
    assert [one.id for one in report.resumed[0].remaining if one.who == "sdk"] == [second]
    assert [one.record.record_id for one in report.expired] == [record.record_id]
    assert [(one.kind, one.id) for one in report.expired[0].remaining if one.who == "sdk"] == [("replica", replica_id)]
    assert (report.erased, [one.id for one in report.blocked]) == ((due.record_id,), [record.record_id])
    assert [one.record_id for one in report.expiring] == [soon.record_id]


def test_a_dry_run_of_an_erasure_is_not_complete(desk: Desk) -> None:
    record = desk.recorded(valid_for=DAY, retention=DAY)
    desk.fake.advance(hours=49)
    report = sweep(desk, dry_run=True)
    assert (report.complete, report.erased, desk.get(record).status) == (False, (record.record_id,), "recorded")


def test_a_dry_run_needs_no_client(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)
    desk.request(valid_for=12 * DAY)
    with tc.Consents(url, clock=desk.fake.clock) as alone:
        assert len(alone.sweep(dry_run=True).expiring) == 1
        with pytest.raises(tc.ConfigurationError):
            alone.sweep()


# what is refused


@pytest.mark.parametrize("given", [{"within": 30}, {"dry_run": "yes"}], ids=str)
def test_arguments_that_cannot_be_meant_are_refused(memory_desk: Desk, given: dict[str, Any]) -> None:
    with pytest.raises(tc.InvalidRequestError) as caught:
        sweep(memory_desk, **given)
    assert caught.value.field == next(iter(given))


def test_a_policy_keeps_or_deletes() -> None:
    with pytest.raises(tc.ConfigurationError, match="on_expiry"):
        ConsentPolicy(on_expiry="forget")  # type: ignore[arg-type]  # what a caller may pass


def test_a_sweep_names_its_actor(desk: Desk) -> None:
    record = desk.recorded(valid_for=DAY, retention=DAY)
    desk.fake.advance(hours=49)
    sweep(desk, actor="nightly-job")
    assert desk.events(record)[-1].actor == "nightly-job"


def test_a_sweep_can_be_interrupted_at_every_request(memory_desk: Desk) -> None:
    records = [trained(memory_desk, name=name)[0] for name in (NAME, "Rio Alvarez")]
    for record in records:
        memory_desk.fake.inject(Fault(status=403), operation="deleteReplica")
        memory_desk.withdraw(record)
    handle = memory_desk.fake.handle

    def interrupted(request: Any) -> Any:
        memory_desk.fake.handle = handle  # type: ignore[method-assign]
        raise KeyboardInterrupt

    while True:
        memory_desk.fake.handle = interrupted  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            sweep(memory_desk)
        if sweep(memory_desk).complete:
            break
    assert [memory_desk.get(record).status for record in records] == ["withdrawn", "withdrawn"]


def test_consent_is_asked_for_again_after_a_sweep(open_desk: OpenDesk, url: str) -> None:
    desk = open_desk(url, consent_policy=DELETE)
    trained(desk, valid_for=DAY)
    desk.fake.advance(hours=25)
    sweep(desk)
    given = {"full_name": NAME, **ASKED, "after_withdrawal": True}
    again = desk(lambda t: t.consents.request(**given))
    desk.bring(again, ConsentVideo("https://bucket.example/again.mp4"))
    assert desk.get(again).status == "recorded"
