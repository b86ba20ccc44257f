"""Creates without a recorded outcome are looked up, never repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import tavus_consent as tc
from tavus_consent.gate.permits import Permit
from tavus_consent.ledger import EventType
from tavus_consent.testing import Fault

from .conftest import OpenDesk
from .support import LINK, NAME, TRAIN, Desk

LOST = Fault(drop=True, after_work=True)
"""Carried out, and nobody hears of it."""
NOT_SENT = Fault(status=502)
"""Nobody knows, and nothing happened."""


def lost(desk: Desk, record: Any = None, fault: Fault = LOST, **changes: Any) -> Any:
    """A create whose answer never came."""
    record = record or desk.recorded()
    desk.fake.inject(fault, operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError):
        desk.create(record, **changes)
    return record


def died(desk: Desk, record: Any = None, *, work: bool = True, **changes: Any) -> Any:
    """A create whose process died before it could write the outcome."""
    record = record or desk.recorded()
    handle = desk.fake.handle

    creates = desk.client.tavus._registry().creates
    settle = creates.settle

    def die(request: Any) -> Any:
        if work:
            handle(request)
        raise KeyboardInterrupt

    def dead(*_: Any, **__: Any) -> None:
        raise tc.LedgerUnavailable("this process is dead")

    desk.fake.handle, creates.settle = die, dead  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        desk.create(record, **changes)
    desk.fake.handle, creates.settle = handle, settle  # type: ignore[method-assign]
    return record


def reconciled(desk: Desk, **given: Any) -> Any:
    (found,) = desk(lambda t: t.consents.reconcile(**given))
    return found


def later(desk: Desk) -> None:
    desk.fake.advance(minutes=3)


@pytest.mark.parametrize("break_off", [lost, died])
def test_a_replica_that_was_made_is_found_and_bound(desk: Desk, break_off: Callable[[Desk], Any]) -> None:
    record = break_off(desk)
    later(desk)
    found = reconciled(desk)
    assert (found.outcome, found.record_id, (found.replica_id,)) == (
        "found",
        record.record_id,
        tuple(desk.fake.replicas),
    )
    assert desk.get(record).replicas == tuple(desk.fake.replicas)
    assert desk.types(record)[-1] == "reconciled"
    assert desk.sent().count("createReplica") == 1


@pytest.mark.parametrize("break_off", [lost, died])
def test_a_create_that_made_nothing_is_absent(desk: Desk, break_off: Callable[..., Any]) -> None:
    record = lost(desk, fault=NOT_SENT) if break_off is lost else died(desk, work=False)
    later(desk)
    assert (reconciled(desk).outcome, desk.get(record).state.intents[0].status) == ("absent", "absent")
    assert desk.create(record).replica_id in desk.fake.replicas


def test_what_is_settled_is_not_looked_up(desk: Desk) -> None:
    lost(desk)
    later(desk)
    reconciled(desk)
    sent = desk.sent()
    assert (desk(lambda t: t.consents.reconcile()), desk.sent()) == ([], sent)


def test_another_process_finds_it(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)
    record = died(desk)
    later(desk)
    other = desk.reopened()
    assert (reconciled(other).outcome, other.get(record).replicas) == ("found", tuple(desk.fake.replicas))


def test_a_create_that_may_be_under_way_is_left_alone(desk: Desk) -> None:
    record = died(desk)
    desk.fake.advance(seconds=59)
    sent = desk.sent()
    assert (reconciled(desk).outcome, desk.sent()) == ("waiting", sent)
    assert desk.types(record)[-1] == "submit_intent"
    desk.fake.advance(seconds=1)
    assert reconciled(desk).outcome == "found"


def test_one_that_is_over_is_looked_up_beside_one_that_may_be_under_way(desk: Desk) -> None:
    lost(desk, replica_name="Rio")
    died(desk)
    found = desk(lambda t: t.consents.reconcile())
    assert [one.outcome for one in found] == ["found", "waiting"]


def test_the_deadline_is_the_one_of_the_client_that_sent_it(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url, timeout=600)
    died(desk)
    desk.fake.advance(minutes=9)
    assert reconciled(desk.reopened()).outcome == "waiting"


def test_a_lost_answer_is_looked_up_at_once_but_not_given_up_at_once(desk: Desk) -> None:
    record = lost(desk, fault=NOT_SENT)
    assert reconciled(desk).outcome == "waiting"
    assert desk.get(record).state.unsettled


def test_a_lost_answer_can_be_found_at_once(desk: Desk) -> None:
    lost(desk)
    assert reconciled(desk).outcome == "found"


# which one?


def decoy(desk: Desk, name: str = "Siobhan", **changes: Any) -> str:
    """A replica that was made beside the ledger: in the portal, or with ``raw``."""
    other = Desk(desk._make_client, None, fake=desk.fake)
    return str(other.create(tc.SpokenConsent(NAME, LINK), replica_name=name, **changes).replica_id)


def test_a_replica_of_another_name_is_not_taken(desk: Desk) -> None:
    lost(desk, fault=NOT_SENT)
    decoy(desk, "Rio")
    later(desk)
    assert reconciled(desk).outcome == "absent"


def test_a_replica_of_another_time_is_not_taken(desk: Desk) -> None:
    decoy(desk)
    desk.fake.advance(hours=1)
    lost(desk, fault=NOT_SENT)
    desk.fake.advance(hours=1)
    decoy(desk)
    assert reconciled(desk).outcome == "absent"


def test_a_replica_of_another_record_is_not_taken(desk: Desk) -> None:
    lost(desk, fault=NOT_SENT)
    desk.create(desk.recorded("Rio Alvarez"))
    later(desk)
    assert reconciled(desk).outcome == "absent"


def test_of_two_that_fit_none_is_taken(desk: Desk) -> None:
    record = lost(desk)
    other = decoy(desk)
    later(desk)
    found = reconciled(desk)
    assert (found.outcome, set(found.candidates)) == ("unknown", set(desk.fake.replicas))
    assert other in found.candidates
    assert desk.types(record)[-1] == "outcome_unknown"


def test_two_creates_do_not_share_a_replica(desk: Desk) -> None:
    lost(desk)
    lost(desk, fault=NOT_SENT)
    later(desk)
    found = desk(lambda t: t.consents.reconcile())
    assert {(one.outcome, one.candidates) for one in found} == {("unknown", tuple(desk.fake.replicas))}


def test_a_replica_without_a_name_is_not_taken_unasked(desk: Desk) -> None:
    """It will be deleted when the consent is withdrawn: a guess is not enough."""
    lost(desk, replica_name=None)
    later(desk)
    found = reconciled(desk)
    assert (found.outcome, found.candidates) == ("unknown", tuple(desk.fake.replicas))


def test_a_replica_without_a_date_is_not_taken_unasked(desk: Desk) -> None:
    lost(desk)
    later(desk)
    (replica_id,) = desk.fake.replicas
    listed = {"data": [{"replica_id": replica_id, "replica_name": "Siobhan"}], "total_count": 1}
    desk.fake.inject(Fault(status=200, body=listed), operation="listReplicas")
    assert (found := reconciled(desk)).outcome == "unknown"
    assert found.candidates == (replica_id,)


def test_a_face_is_found_too(desk: Desk) -> None:
    record = desk.recorded()
    desk.fake.inject(LOST, operation="createFace")
    with pytest.raises(tc.OutcomeUnknownError) as caught:
        desk(lambda t: t.faces.create_personal(train_video_url=TRAIN, consent=record, face_name="Siobhan"))
    assert caught.value.replica_name == "Siobhan"
    assert reconciled(desk).outcome == "found"


def test_what_somebody_vouched_for_is_found_too(desk: Desk) -> None:
    desk.fake.inject(LOST, operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError):
        desk(
            lambda t: t.replicas.create_non_human(
                train_video_url=TRAIN, attestation="A fox", attested_by="me", replica_name="Fox"
            )
        )
    assert reconciled(desk).outcome == "found"


# a person decides


def test_a_person_says_which_one_it_is(desk: Desk) -> None:
    record = lost(desk)
    decoy(desk)
    (mine, _) = desk.fake.replicas
    intent_id = reconciled(desk).intent_id
    assert reconciled(desk, decided={intent_id: mine}).outcome == "found"
    assert desk.get(record).replicas == (mine,)


def test_a_person_says_that_it_is_none(desk: Desk) -> None:
    record = lost(desk, replica_name=None)
    intent_id = reconciled(desk).intent_id
    assert reconciled(desk, decided={intent_id: None}).outcome == "absent"
    assert desk.get(record).replicas == ()


def test_a_person_cannot_decide_about_what_is_not_open(desk: Desk) -> None:
    with pytest.raises(tc.InvalidRequestError, match="open"):
        desk(lambda t: t.consents.reconcile(decided={"nothing": None}))


def test_a_replica_is_not_bound_twice(desk: Desk) -> None:
    taken = desk.create(desk.recorded("Rio Alvarez")).replica_id
    record = lost(desk, fault=NOT_SENT)
    intent_id = record_intent(desk, record)
    with pytest.raises(tc.InvalidRequestError, match="one create"):
        desk(lambda t: t.consents.reconcile(decided={intent_id: taken}))


def test_two_creates_cannot_be_decided_to_be_one(desk: Desk) -> None:
    intents = [record_intent(desk, lost(desk)) for _ in range(2)]
    (mine, _) = desk.fake.replicas
    with pytest.raises(tc.InvalidRequestError, match="one create"):
        desk(lambda t: t.consents.reconcile(decided=dict.fromkeys(intents, mine)))


def record_intent(desk: Desk, record: Any) -> str:
    return str(desk.client.tavus._registry().get(record).state.intents[-1].intent_id)


# withdrawal with creates that are open


def test_a_withdrawal_looks_creates_up_first(desk: Desk) -> None:
    record = lost(desk)
    lost(desk, desk.recorded("Rio Alvarez"), replica_name="Rio")
    later(desk)
    (mine, other) = desk.fake.replicas
    report = desk.withdraw(record)
    assert (report.complete, report.deleted, list(desk.fake.replicas)) == (True, (mine,), [other])
    assert [one.outcome for one in desk(lambda t: t.consents.reconcile())] == ["found"]


def test_a_withdrawal_waits_for_a_create_that_may_be_under_way(desk: Desk) -> None:
    record = died(desk)
    report = desk.withdraw(record)
    assert (report.complete, report.record.status) == (False, "withdrawing")
    assert [(one.kind, one.who) for one in report.remaining if one.kind == "create"] == [("create", "sdk")]
    later(desk)
    (again,) = desk(lambda t: t.consents.resume_withdrawals())
    assert (again.complete, desk.fake.replicas) == (True, {})


def test_a_withdrawal_needs_a_person_where_a_lookup_does(desk: Desk) -> None:
    record = lost(desk, replica_name=None)
    report = desk.withdraw(record)
    assert [one.who for one in report.remaining if one.kind == "create"] == ["controller"]
    (mine,) = desk.fake.replicas
    desk(lambda t: t.consents.reconcile(decided={record_intent(desk, record): mine}))
    (again,) = desk(lambda t: t.consents.resume_withdrawals())
    assert again.deleted == (mine,)


@pytest.mark.filterwarnings("ignore::tavus_consent.DuplicateWarning")
def test_a_lookup_that_fails_does_not_stop_a_withdrawal(desk: Desk) -> None:
    record = desk.recorded()
    replica = desk.create(record)
    lost(desk, record, replica_name="Siobhan 2")
    desk.fake.inject(Fault(status=403), operation="listReplicas")
    report = desk.withdraw(record)
    assert (report.complete, report.deleted) == (False, (replica.replica_id,))
    assert [one.kind for one in report.remaining][:1] == ["create"]


def test_a_lookup_that_fails_is_said(desk: Desk) -> None:
    lost(desk)
    desk.fake.inject(Fault(status=403), operation="listReplicas")
    with pytest.raises(tc.PermissionDeniedError):
        desk(lambda t: t.consents.reconcile())


# a process that was taken for dead


def test_an_outcome_that_comes_late_is_bound(desk: Desk) -> None:
    """Somebody looked too early: the create was slow, and its process was alive."""
    creates = desk.client.tavus._registry().creates
    record = died(desk, work=False)
    later(desk)
    assert reconciled(desk).outcome == "absent"
    permit = permit_of(desk, record)
    creates.settle(permit, EventType.SUBMITTED, {"replica_id": "r1"})
    assert (desk.get(record).replicas, desk.types(record)[-1]) == (("r1",), "bound")


@pytest.mark.parametrize(("outcome", "replica_id"), [(EventType.SUBMITTED, "found"), (EventType.FAILED, None)])
def test_an_outcome_that_is_known_already_adds_nothing(desk: Desk, outcome: EventType, replica_id: str | None) -> None:
    record = died(desk)
    later(desk)
    found = reconciled(desk).replica_id
    written = desk.types(record)
    made = {"replica_id": found} if replica_id else None
    desk.client.tavus._registry().creates.settle(permit_of(desk, record), outcome, made)
    assert desk.types(record) == written


def test_two_who_look_at_the_same_time_write_it_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    record = lost(desk)
    log = desk.client.tavus._registry()._log
    store = type(log.store)
    append, creates = store.append, desk.client.tavus._registry().creates

    def late(self: Any, draft: Any, **options: Any) -> Any:
        monkeypatch.setattr(store, "append", append)
        creates.settle(permit_of(desk, record), EventType.SUBMITTED, {"replica_id": "r1"})
        return append(self, draft, **options)

    monkeypatch.setattr(store, "append", late)
    reconciled(desk)
    assert (desk.types(record)[-1], desk.get(record).replicas) == ("submitted", ("r1",))


def permit_of(desk: Desk, record: Any) -> Any:
    return Permit(record.record_id, record_intent(desk, record))
