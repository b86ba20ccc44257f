"""Withdrawal: it takes effect immediately, runs step by step, and retries failed steps."""

from __future__ import annotations

from typing import Any

import pytest

import tavus_consent as tc
from tavus_consent.gate.record_log import Entry
from tavus_consent.ledger import EventType
from tavus_consent.testing import Fault

from .conftest import OpenDesk
from .support import SHA, TRAIN, Desk


def trained(desk: Desk, *, videos: int = 0) -> tuple[Any, Any, list[str]]:
    record = desk.recorded(sha256=SHA)
    replica = desk.create(record)
    made = [video(desk, replica.replica_id) for _ in range(videos)]
    return record, replica, made


def video(desk: Desk, replica_id: str, **options: Any) -> str:
    return str(desk(lambda t: t.videos.create(replica_id=replica_id, script="Hello", **options)).video_id)


def kinds(report: Any, who: str = "sdk") -> list[tuple[str, str]]:
    return [(one.kind, one.id) for one in report.remaining if one.who == who]


def resumed(desk: Desk) -> Any:
    (report,) = desk(lambda t: t.consents.resume_withdrawals())
    return report


# all goes well


@pytest.mark.filterwarnings("ignore::tavus_consent.DuplicateWarning")
def test_replicas_and_their_videos_are_deleted_with_their_assets(desk: Desk) -> None:
    record, replica, videos = trained(desk, videos=2)
    second = desk.create(record)
    other = desk.create(tc.SpokenConsent("Rio Alvarez", "https://b.example/c.mp4"))
    kept = video(desk, other.replica_id)
    report = desk.withdraw(record)
    assert report.complete
    assert (set(report.deleted), set(report.videos)) == ({replica.replica_id, second.replica_id}, set(videos))
    assert (list(desk.fake.replicas), list(desk.fake.objects("video"))) == ([other.replica_id], [kept])
    deletes = [one for one in desk.fake.requests if one.method == "DELETE"]
    assert {one.query for one in deletes} == {"hard=true"}


def test_absence_is_confirmed_by_looking(desk: Desk) -> None:
    record, _, _ = trained(desk)
    begun = len(desk.sent())
    desk.withdraw(record)
    assert desk.sent()[begun:] == [
        "getFace",
        "listVideos",
        "listConversations",
        "listPals",
        "deleteReplica",
        "getReplica",
    ]


def test_what_others_must_see_to_is_listed(desk: Desk) -> None:
    record, _, _ = trained(desk)
    assert kinds(desk.withdraw(record), "controller") == [("recording", "")]


def test_it_is_withdrawn_before_anything_is_deleted(desk: Desk) -> None:
    record, _, _ = trained(desk)
    handle, seen = desk.fake.handle, []

    def look(request: Any) -> Any:
        seen.append(desk.client.tavus._registry().get(record).status)
        return handle(request)

    desk.fake.handle = look  # type: ignore[method-assign]
    assert desk.withdraw(record).record.status == "withdrawn"
    assert set(seen) == {"withdrawing"}


def test_who_withdrew_and_why_are_kept(desk: Desk) -> None:
    record = desk.recorded()
    desk.withdraw(record, requested_by="controller", reason=" They left the company. ")
    first = next(event for event in desk.events(record) if event.type == "withdrawing")
    assert (first.actor, first.payload["requested_by"], first.payload["reason"][:5]) == (
        "controller",
        "controller",
        "hmac:",
    )
    kept = desk.client.tavus._registry()._log.private(record.state.subject_ref, "withdrawal")
    assert list(kept.values()) == [b"They left the company."]


def test_without_replicas_nothing_is_sent(desk: Desk) -> None:
    report = desk.withdraw(desk.recorded())
    assert (report.complete, desk.sent(), kinds(report, "controller")) == (True, [], [("recording", "")])


def test_a_second_withdrawal_changes_nothing(desk: Desk) -> None:
    record, replica, _ = trained(desk)
    desk.withdraw(record)
    written, sent = desk.types(record), desk.sent()
    report = desk.withdraw(record)
    assert (report.complete, report.deleted, desk.types(record), desk.sent()) == (
        True,
        (replica.replica_id,),
        written,
        sent,
    )


def test_expired_consent_can_be_withdrawn(memory_desk: Desk) -> None:
    record, _, _ = trained(memory_desk)
    memory_desk.fake.advance(hours=24 * 366)
    assert memory_desk.withdraw(record).complete


def test_the_replicas_of_a_void_record_can_be_deleted(memory_desk: Desk) -> None:
    record, _, _ = trained(memory_desk)
    memory_desk(lambda t: t.consents.invalidate(record, reason="the wrong person"))
    assert memory_desk.withdraw(record, requested_by="controller").complete
    assert memory_desk.fake.replicas == {}


def test_of_a_void_request_nothing_remains(memory_desk: Desk) -> None:
    record = memory_desk.request()
    memory_desk(lambda t: t.consents.invalidate(record, reason="the wrong person"))
    report = memory_desk.withdraw(record, requested_by="controller")
    assert (report.complete, report.remaining) == (True, ())


def test_a_replica_that_was_deleted_by_hand_is_gone(desk: Desk) -> None:
    record, replica, _ = trained(desk)
    desk(lambda t: t.replicas.delete(replica.replica_id))
    assert desk.withdraw(record).deleted == (replica.replica_id,)


# which videos?


def test_a_video_that_somebody_named_is_deleted(desk: Desk) -> None:
    record, replica, _ = trained(desk)
    named = video(desk, replica.replica_id, video_name="Welcome")
    report = desk.withdraw(record, videos=[named])
    assert (report.complete, report.videos, desk.fake.objects("video")) == (True, (named,), {})


def test_one_id_is_a_list_of_one(memory_desk: Desk) -> None:
    record, replica, _ = trained(memory_desk)
    named = video(memory_desk, replica.replica_id, video_name="Welcome")
    assert memory_desk.withdraw(record, videos=named).videos == (named,)


def test_videos_of_which_tavus_does_not_say_the_replica_are_for_people_to_look_at(desk: Desk) -> None:
    record, replica, _ = trained(desk)
    desk.fake.client().videos.create(replica_id=replica.replica_id, script="Hello", video_name="Welcome")
    report = desk.withdraw(record)
    assert [one.why for one in report.remaining if one.kind == "videos"] == [
        "Tavus does not say which replica 1 of your videos were made from. Check them and pass the ids of this "
        "person's videos to consents.withdraw(videos=...)."
    ]


def test_videos_can_be_named_while_it_is_under_way(memory_desk: Desk) -> None:
    record, replica, _ = trained(memory_desk)
    named = video(memory_desk, replica.replica_id, video_name="Welcome")
    memory_desk.fake.inject(Fault(status=403), operation="deleteReplica")
    assert not memory_desk.withdraw(record).complete
    assert memory_desk.withdraw(record, videos=[named]).videos == (named,)


def test_videos_cannot_be_named_when_it_is_over(memory_desk: Desk) -> None:
    record, _, _ = trained(memory_desk)
    memory_desk.withdraw(record)
    with pytest.raises(tc.IllegalTransition):
        memory_desk.withdraw(record, videos=["v1"])


# something fails


def test_a_delete_that_fails_is_tried_again(desk: Desk) -> None:
    record, replica, _ = trained(desk)
    desk.fake.inject(Fault(status=403), operation="deleteReplica")
    report = desk.withdraw(record)
    assert (report.complete, report.record.status, report.deleted) == (False, "withdrawing", ())
    assert kinds(report) == [("replica", replica.replica_id)]
    failed = desk.events(record)[-1].payload
    assert (failed["left"], failed["failed"]) == (replica.replica_id, "PermissionDeniedError")
    again = resumed(desk)
    assert (again.complete, again.deleted, desk.fake.replicas) == (True, (replica.replica_id,), {})


def test_nothing_is_resumed_when_nothing_is_left(desk: Desk) -> None:
    record, _, _ = trained(desk)
    desk.withdraw(record)
    assert desk(lambda t: t.consents.resume_withdrawals()) == []


def test_another_process_can_resume(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)
    record, replica, _ = trained(desk)
    desk.fake.inject(Fault(status=403), operation="deleteReplica")
    desk.withdraw(record)
    assert resumed(desk.reopened()).deleted == (replica.replica_id,)


@pytest.mark.filterwarnings("ignore::tavus_consent.DuplicateWarning")
def test_one_replica_that_fails_does_not_keep_the_others(desk: Desk) -> None:
    record, replica, _ = trained(desk)
    second = desk.create(record)
    desk.fake.inject(Fault(status=403), operation="deleteReplica")
    report = desk.withdraw(record)
    assert (report.deleted, list(desk.fake.replicas)) == ((second.replica_id,), [replica.replica_id])


def test_a_replica_is_not_gone_before_somebody_has_looked(desk: Desk) -> None:
    record, replica, _ = trained(desk)
    desk.fake.inject(Fault(status=403), operation="getReplica")
    assert kinds(desk.withdraw(record)) == [("replica", replica.replica_id)]
    assert resumed(desk).complete


def test_a_replica_that_is_still_shown_is_not_gone(desk: Desk) -> None:
    record, _, _ = trained(desk)
    desk.fake.inject(Fault(status=204), operation="deleteReplica")  # says that it did
    report = desk.withdraw(record)
    assert [one.why for one in report.remaining if one.who == "sdk"] == ["Tavus still shows it after the deletion."]
    assert desk.events(record)[-1].payload["failed"] == "still_there"


@pytest.mark.parametrize(
    ("answer", "gone"),
    [
        (Fault(status=404), True),
        (Fault(status=400, body={"error": "Invalid replica_uuid"}), True),
        (Fault(status=400, body={"error": "Something else"}), False),
        (Fault(status=400, body=""), False),
        (Fault(status=401, body={"message": "Invalid replica_id"}), False),
    ],
)
def test_only_some_answers_mean_that_there_is_no_such_replica(desk: Desk, answer: Fault, gone: bool) -> None:
    record, _, _ = trained(desk)
    desk.fake.inject(answer, operation="getReplica")
    assert desk.withdraw(record).complete is gone


def test_a_word_of_tavus_that_it_is_deleted_is_enough(desk: Desk) -> None:
    record, _, (made,) = trained(desk, videos=1)
    desk.fake.inject(Fault(status=200, body={"video_id": made, "status": "deleted"}), operation="getVideo")
    assert desk.withdraw(record).videos == (made,)


def test_a_video_that_fails_keeps_the_withdrawal_open(desk: Desk) -> None:
    record, replica, videos = trained(desk, videos=2)
    desk.fake.inject(Fault(status=403), operation="deleteVideo")
    report = desk.withdraw(record)
    assert (report.complete, len(report.videos), report.deleted) == (False, 1, (replica.replica_id,))
    assert [kind for kind, _ in kinds(report)] == ["video"]
    assert desk.fake.replicas == {}
    again = resumed(desk)
    assert (again.complete, set(again.videos), again.deleted) == (True, set(videos), (replica.replica_id,))


def test_a_named_video_that_fails_keeps_the_withdrawal_open(desk: Desk) -> None:
    record, replica, _ = trained(desk)
    named = video(desk, replica.replica_id, video_name="Welcome")
    desk.fake.inject(Fault(status=403), operation="deleteVideo")
    report = desk.withdraw(record, videos=[named])
    assert (report.complete, report.deleted) == (False, (replica.replica_id,))
    assert (resumed(desk).videos, desk.get(record).status) == ((named,), "withdrawn")


def test_without_the_list_of_videos_nothing_is_at_its_end(desk: Desk) -> None:
    record, _, (made,) = trained(desk, videos=1)
    desk.fake.inject(Fault(status=403), operation="listVideos")
    report = desk.withdraw(record)
    assert (report.complete, kinds(report), desk.fake.replicas) == (False, [("videos", "")], {})
    assert desk.events(record)[-1].payload["failed"] == "videos"
    assert resumed(desk).videos == (made,)


def test_a_replica_that_comes_to_light_late_is_deleted_too(desk: Desk) -> None:
    record, _, _ = trained(desk)
    registry = desk.client.tavus._registry()
    fox = {"train_video_url": "https://b.example/fox.mp4", "attestation": "A fox", "attested_by": "me"}
    late = desk(lambda t: t.replicas.create_non_human(**fox))
    desk.withdraw(record)
    registry._write(record, Entry(EventType.BOUND, {"replica_id": late.replica_id}))
    assert desk.get(record).status == "withdrawing"
    assert late.replica_id in resumed(desk).deleted


def test_two_who_withdraw_at_the_same_time_both_see_the_end(desk: Desk) -> None:
    record, replica, _ = trained(desk)
    handle = desk.fake.handle
    registry = desk.client.tavus._registry()

    def overtaken(request: Any) -> Any:
        if request.method == "DELETE":
            registry.withdrawals.note(record.record_id, likeness_id=replica.replica_id)
            registry.withdrawals.finish(record.record_id)
        return handle(request)

    desk.fake.handle = overtaken  # type: ignore[method-assign]
    report = desk.withdraw(record)
    assert (report.complete, report.deleted, desk.fake.replicas) == (True, (replica.replica_id,), {})


@pytest.mark.parametrize("member", ["replica_id", "face_id"])
def test_a_video_is_told_by_a_member_of_its_answer(desk: Desk, member: str) -> None:
    record, replica, _ = trained(desk)
    named = video(desk, replica.replica_id, video_name="Welcome")
    listed = {"data": [{"video_id": named, "video_name": "Welcome", member: replica.replica_id}], "total_count": 1}
    desk.fake.inject(Fault(status=200, body=listed), operation="listVideos")
    assert desk.withdraw(record).videos == (named,)


# what shows no real person


def test_an_attestation_is_taken_back_the_same_way_and_can_be_erased(desk: Desk) -> None:
    fox = desk(
        lambda t: t.replicas.create_non_human(train_video_url=TRAIN, attestation="A fox", attested_by="me@app.example")
    )
    (record,) = desk(lambda t: t.consents.list(status="attested"))
    report = desk.withdraw(record, requested_by="controller", reason="It looks like somebody.")
    assert (report.deleted, report.record.status, list(desk.fake.replicas)) == ((fox.replica_id,), "withdrawn", [])
    assert desk(lambda t: t.consents.list()) == []  # still no consent of anybody
    desk(lambda t: t.consents.erase(record))
    assert desk(lambda t: t.consents.get(record)).status == "erased"


# what is refused


@pytest.mark.parametrize(
    "given",
    [{"requested_by": "somebody"}, {"reason": ""}, {"reason": "x" * 501}, {"reason": 3}, {"videos": ["../replicas"]}],
    ids=str,
)
def test_arguments_that_cannot_be_meant_are_refused(memory_desk: Desk, given: dict[str, Any]) -> None:
    record = memory_desk.recorded()
    with pytest.raises(tc.InvalidRequestError):
        memory_desk.withdraw(record, **given)
    assert memory_desk.get(record).status == "recorded"


def test_there_is_nothing_to_withdraw_where_nothing_was_given(memory_desk: Desk) -> None:
    with pytest.raises(tc.IllegalTransition):
        memory_desk.withdraw(memory_desk.request())


# erasure


def test_nobody_is_erased_while_something_is_left(desk: Desk) -> None:
    record, _, _ = trained(desk)
    with pytest.raises(tc.IllegalTransition):
        desk(lambda t: t.consents.erase(record))
    desk.fake.inject(Fault(status=403), operation="deleteReplica")
    desk.withdraw(record)
    with pytest.raises(tc.IllegalTransition):
        desk(lambda t: t.consents.erase(record))
    assert desk.get(record).terms is not None


def test_erasing_twice_is_fine(desk: Desk) -> None:
    record = desk.recorded()
    assert desk(lambda t: t.consents.erase(record)).items == 2
    assert desk(lambda t: t.consents.erase(record)).items == 0
    assert desk.types(record) == ["requested", "recorded", "erased"]


def test_an_erasure_that_was_incomplete_is_finished_by_another(
    url: str, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(url)
    record = desk.recorded()
    vault = type(desk.client.tavus._registry()._log.vault)
    erase = vault.erase

    def incomplete(self: Any, subject_ref: str) -> Any:
        erase(self, subject_ref)
        monkeypatch.setattr(vault, "erase", erase)
        raise tc.ErasureIncomplete("Others read.")

    monkeypatch.setattr(vault, "erase", incomplete)
    with pytest.raises(tc.ErasureIncomplete):
        desk(lambda t: t.consents.erase(record))
    assert (desk.get(record).status, desk.get(record).terms) == ("recorded", None)
    desk(lambda t: t.consents.erase(record))
    assert desk.get(record).status == "erased"


def test_nothing_is_kept_of_an_erased_person(desk: Desk) -> None:
    record = desk.recorded()
    desk(lambda t: t.consents.erase(record))
    with pytest.raises(tc.SubjectErased):
        desk.client.tavus._registry()._log.vault.put(record.state.subject_ref, "terms", b"again")
    with pytest.raises(tc.IllegalTransition):
        desk(lambda t: t.consents.invalidate(record, reason="why not"))
