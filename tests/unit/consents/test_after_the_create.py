"""What became of a consent after the create: each test is one thing that the gate once let through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import tavus_consent as tc
from tavus_consent import ConsentPolicy, ConsentVideo
from tavus_consent.testing import Fault

from .conftest import OpenDesk
from .support import Desk

AUDIO = "https://bucket.example/voice.mp3"


@pytest.fixture
def desk(open_desk: OpenDesk, url: str) -> Desk:
    """A desk with a ledger that outlives it."""
    return open_desk(url)


def replica_of(desk: Desk, record: Any, **options: Any) -> str:
    return str(desk.create(record, **options).replica_id)


@pytest.mark.parametrize(
    "use",
    [
        lambda t, replica_id: t.videos.create(replica_id=replica_id, script="Hello"),
        lambda t, replica_id: t.conversations.create(replica_id=replica_id),
    ],
    ids=["video", "conversation"],
)
def test_nothing_new_is_made_once_a_record_has_expired(desk: Desk, use: Callable[[Any, str], Any]) -> None:
    replica_id = replica_of(desk, desk.recorded(valid_for=timedelta(days=1)))
    desk.fake.advance(hours=25)
    with pytest.raises(tc.ConsentExpired):
        desk(lambda t: use(t, replica_id))


def test_a_withdrawal_ends_a_video_with_a_name_of_its_own_and_a_conversation(desk: Desk) -> None:
    record = desk.recorded()
    replica_id = replica_of(desk, record)
    video = desk(lambda t: t.videos.create(replica_id=replica_id, script="Hello", video_name="Welcome"))
    conversation = desk(lambda t: t.conversations.create(replica_id=replica_id))
    report = desk.withdraw(record)
    assert (report.complete, report.videos, report.conversations) == (
        True,
        (video.video_id,),
        (conversation.conversation_id,),
    )
    assert (desk.fake.objects("video"), desk.fake.objects("conversation")) == ({}, {})


def test_a_withdrawal_deletes_the_voice_that_training_made(desk: Desk) -> None:
    record = desk.recorded()
    replica_of(desk, record)
    desk.fake.advance(hours=5)
    (voice_id,) = desk.fake.objects("voice")
    assert desk.withdraw(record).voices == (voice_id,)
    assert desk.fake.objects("voice") == {}


def test_a_voice_needs_consent(desk: Desk) -> None:
    with pytest.raises(AttributeError, match="create_personal"):
        desk(lambda t: t.voices.create(voice_name="Rio", audio_url=AUDIO))
    record = desk.recorded()
    made = desk(lambda t: t.voices.create_personal(voice_name="Rio", audio_url=AUDIO, consent=record))
    assert [one.record_id for one in desk(lambda t: t.consents.find(voice_id=made.voice_id))] == [record.record_id]


def test_lips_of_somebody_unknown_can_be_refused(open_desk: OpenDesk, url: str) -> None:
    desk = open_desk(url, consent_policy=ConsentPolicy(unknown="refuse"))
    with pytest.raises(tc.ConsentRequired):
        desk(lambda t: t.lipsync.create(original_video_url="https://bucket.example/v.mp4", source_audio_url=AUDIO))


def test_a_redelivered_task_trains_one_double(desk: Desk) -> None:
    record = desk.recorded()
    first = replica_of(desk, record, once="job-42")
    again = replica_of(desk.reopened(), record, once="job-42")
    assert (again, list(desk.fake.replicas)) == (first, [first])


def test_a_retry_after_a_lost_answer_trains_one_double(desk: Desk) -> None:
    record = desk.recorded()
    desk.fake.inject(Fault(drop=True, after_work=True), operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError):
        replica_of(desk, record)
    with pytest.raises(tc.OpenCreate):
        replica_of(desk, record)
    assert len(desk.fake.replicas) == 1


def test_the_ledger_knows_that_a_replica_was_deleted(desk: Desk) -> None:
    record = desk.recorded()
    replica_id = replica_of(desk, record)
    desk(lambda t: t.replicas.delete(replica_id))
    assert desk.get(record).state.removed == {replica_id}


def test_a_face_of_a_person_without_a_record_is_refused(desk: Desk) -> None:
    with pytest.raises(AttributeError, match="create_personal"):
        desk(lambda t: t.faces.create(train_video_url="https://bucket.example/t.mp4"))


def test_consent_goes_on_with_a_renewal(desk: Desk) -> None:
    record = desk.recorded(valid_for=timedelta(days=1))
    replica_id = replica_of(desk, record)
    desk.fake.advance(hours=25)
    new = desk(lambda t: t.consents.renew(record))
    desk.bring(new, ConsentVideo("https://bucket.example/again.mp4"))
    assert desk(lambda t: t.videos.create(replica_id=replica_id, script="Hello")).video_id
