"""A withdrawal reaches everything that came of the consent: voices, conversations, deployments, PALs and the rest."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from tests.asked import CONTROLLER

import tavus_consent as tc
from tavus_consent.testing import Fault

from .conftest import OpenDesk
from .support import SHA, Desk

STOCK, STOCK_VOICE = "r90bbd427f71", "v51ab1e000001"
PHOTO = "https://bucket.example/photo.jpg"
AUDIO = "https://bucket.example/voice.wav"
Held = dict[str, str]


def trained(desk: Desk) -> tuple[Any, str, str]:
    """A record, its replica, and the voice that the training made."""
    record = desk.recorded(sha256=SHA)
    replica_id = str(desk.create(record).replica_id)
    desk.fake.advance(hours=5)
    return record, replica_id, voice_of(desk, replica_id)


def voice_of(desk: Desk, replica_id: str) -> str:
    return str(desk.fake.replicas[replica_id]["original_voice_id"])


def pal(desk: Desk, **given: Any) -> str:
    given = {"pal_name": "Sam", "system_prompt": "You are Sam.", **given}
    return str(desk(lambda t: t.pals.create(**given)).pal_id)


def raw(desk: Desk, name: str, **arguments: Any) -> Any:
    """Call a generated function, with the gate open: it makes what no method makes."""
    module = import_module(f"tavus_api.api.{name}")
    why = {"reason": "The contract is on paper.", "by": "dpo@app.example"}

    def call(tavus: Any) -> Any:
        with tavus.without_gate(**why):
            return module.sync_detailed(client=tavus.raw, **arguments)

    async def call_async(tavus: Any) -> Any:
        async with tavus.without_gate(**why):
            return await module.asyncio_detailed(client=tavus.raw, **arguments)

    return desk(call if isinstance(desk.client.tavus, tc.Tavus) else call_async).parsed


def left(report: Any, who: str = "controller") -> dict[str, str]:
    """What is left, without the recording: the kind of each object, by its id."""
    return {one.id: one.kind for one in report.remaining if one.who == who and one.kind != "recording"}


def why(report: Any, object_id: str) -> str:
    (found,) = [one.why for one in report.remaining if one.id == object_id]
    return str(found)


def everything(desk: Desk, replica_id: str) -> Held:
    """Make one output of each kind that a withdrawal deletes."""
    face = pal(desk, default_face_id=replica_id)
    made = {
        "video": lambda t: t.videos.create(replica_id=replica_id, script="Hello", video_name="Welcome"),
        "conversation": lambda t: t.conversations.create(replica_id=replica_id),
        "deployment": lambda t: t.deployments.create(pal_id=face, channel="widget"),
    }
    return {"pal": face, **{kind: str(getattr(desk(make), f"{kind}_id")) for kind, make in made.items()}}


# voices


def test_the_voice_that_a_training_made_is_deleted_after_the_replica(desk: Desk) -> None:
    record, replica_id, voice_id = trained(desk)
    report = desk.withdraw(record)
    assert (report.complete, report.deleted, report.voices) == (True, (replica_id,), (voice_id,))
    assert desk.fake.objects("voice") == {}
    assert desk.get(record).state.voices == (voice_id,)
    deletes = [one.operation for one in desk.fake.requests if one.method == "DELETE"]
    assert deletes == ["deleteReplica", "deleteVoice"]


def test_a_replica_stays_until_its_voice_was_read(desk: Desk) -> None:
    record, replica_id, voice_id = trained(desk)
    desk.fake.inject(Fault(status=403), operation="getFace")
    report = desk.withdraw(record)
    assert (report.complete, left(report, "sdk"), "deleteReplica" in desk.sent()) == (
        False,
        {replica_id: "replica"},
        False,
    )
    assert "Its voice could not be read" in why(report, replica_id)
    (again,) = desk(lambda t: t.consents.resume_withdrawals())
    assert (again.complete, again.voices) == (True, (voice_id,))


def test_a_voice_that_the_training_makes_between_two_attempts_is_deleted(desk: Desk) -> None:
    record = desk.recorded(sha256=SHA)
    replica_id = str(desk.create(record).replica_id)
    desk.fake.inject(Fault(status=403), operation="deleteReplica")
    assert desk.withdraw(record).voices == ()
    desk.fake.advance(hours=5)
    voice_id = voice_of(desk, replica_id)
    (again,) = desk(lambda t: t.consents.resume_withdrawals())
    assert (again.complete, again.voices, desk.fake.objects("voice")) == (True, (voice_id,), {})


def test_a_voice_that_a_pal_speaks_with_names_the_pal(desk: Desk) -> None:
    record, _, voice_id = trained(desk)
    speaker = pal(desk, default_face_id=STOCK, layers={"tts": {"voice_id": voice_id}})
    report = desk.withdraw(record)
    assert (report.complete, report.voices, left(report)) == (False, (), {voice_id: "voice", speaker: "pal"})
    assert f"the PALs {speaker} speak with it" in why(report, voice_id)
    desk(lambda t: t.pals.delete(speaker))
    (again,) = desk(lambda t: t.consents.resume_withdrawals())
    assert (again.complete, again.voices, left(again)) == (True, (voice_id,), {})


def test_a_voice_that_another_face_uses_says_so(memory_desk: Desk) -> None:
    record, _, voice_id = trained(memory_desk)
    made = raw(memory_desk, "faces.create_face", body={"train_image_url": PHOTO, "default_voice_id": voice_id})
    report = memory_desk.withdraw(record)
    assert "PALs or faces of your account use it" in why(report, voice_id)
    assert (made.face_id in memory_desk.fake.replicas, left(report)) == (
        True,
        {voice_id: "voice", made.face_id: "face"},
    )


def test_a_voice_that_fails_is_tried_again(memory_desk: Desk) -> None:
    record, replica_id, voice_id = trained(memory_desk)
    memory_desk.fake.inject(Fault(status=403), operation="deleteVoice")
    report = memory_desk.withdraw(record)
    assert (report.complete, report.deleted, left(report, "sdk")) == (False, (replica_id,), {voice_id: "voice"})
    (again,) = memory_desk(lambda t: t.consents.resume_withdrawals())
    assert (again.complete, again.voices) == (True, (voice_id,))


def chosen(desk: Desk, replica_id: str, voice_id: str) -> None:
    """Give a replica another voice, as somebody does in the console."""
    desk.fake.client().faces.patch(replica_id, default_voice_id=voice_id)


def test_a_voice_that_somebody_chose_is_for_people_to_look_at(desk: Desk) -> None:
    record, replica_id, voice_id = trained(desk)
    other = str(raw(desk, "voices.create_voice", body={"voice_name": "Carl", "audio_url": AUDIO}).voice_id)
    desk(lambda t: t.consents.list())
    chosen(desk, replica_id, other)
    report = desk.withdraw(record)
    assert (report.complete, report.voices, left(report)) == (True, (voice_id,), {other: "voice"})
    assert list(desk.fake.objects("voice")) == [other]


def test_a_voice_that_was_cloned_with_the_consent_is_deleted(desk: Desk) -> None:
    record = desk.recorded()
    given = {"audio_url": AUDIO, "voice_name": "Siobhan"}
    voice_id = str(desk(lambda t: t.voices.create_personal(consent=record, **given)).voice_id)
    speaker = pal(desk, default_face_id=STOCK, layers={"tts": {"voice_id": voice_id}})
    talk = str(desk(lambda t: t.conversations.create(pal_id=speaker)).conversation_id)
    desk(lambda t: t.pals.patch(speaker, changes={"layers": {"tts": {"voice_id": STOCK_VOICE}}}))
    report = desk.withdraw(record)
    assert (report.complete, report.voices, report.conversations) == (True, (voice_id,), (talk,))
    assert (desk.fake.objects("voice"), left(report)) == ({}, {speaker: "pal"})


def test_a_stock_voice_is_nobody_s(memory_desk: Desk) -> None:
    record, replica_id, _ = trained(memory_desk)
    chosen(memory_desk, replica_id, STOCK_VOICE)
    assert left(memory_desk.withdraw(record)) == {}


def test_a_chosen_voice_that_cannot_be_read_is_listed(memory_desk: Desk) -> None:
    record, replica_id, _ = trained(memory_desk)
    chosen(memory_desk, replica_id, STOCK_VOICE)
    memory_desk.fake.inject(Fault(status=403), operation="getVoice")
    assert left(memory_desk.withdraw(record)) == {STOCK_VOICE: "voice"}


@pytest.mark.filterwarnings("ignore::tavus_consent.DuplicateWarning")
def test_the_voice_of_another_replica_of_the_record_is_deleted_with_it(memory_desk: Desk) -> None:
    record, replica_id, voice_id = trained(memory_desk)
    with pytest.warns(tc.DuplicateWarning):
        second = str(memory_desk.create(record).replica_id)
    memory_desk.fake.advance(hours=5)
    chosen(memory_desk, second, voice_id)
    report = memory_desk.withdraw(record)
    assert (report.complete, set(report.deleted), len(report.voices)) == (True, {replica_id, second}, 2)


def test_the_voice_of_a_replica_that_was_deleted_earlier_is_deleted_too(desk: Desk) -> None:
    record, replica_id, voice_id = trained(desk)
    desk(lambda t: t.replicas.delete(replica_id))
    assert desk.get(record).state.voices == (voice_id,)
    report = desk.withdraw(record)
    assert (report.complete, report.voices, left(report)) == (True, (voice_id,), {})
    assert voice_id not in desk.fake.objects("voice")


def test_the_voice_of_a_replica_that_somebody_else_deleted_is_to_be_looked_for(desk: Desk) -> None:
    record, replica_id, voice_id = trained(desk)
    with desk.fake.client(ledger=None) as other:
        other.replicas.delete(replica_id)
    report = desk.withdraw(record)
    assert (report.complete, report.voices, left(report)) == (True, (), {replica_id: "voices"})
    assert "look for it" in why(report, replica_id)
    assert voice_id in desk.fake.objects("voice")


@pytest.mark.parametrize("operation", ["getFace", "getReplica"])
def test_a_replica_whose_voice_cannot_be_read_is_deleted_all_the_same(desk: Desk, operation: str) -> None:
    record, replica_id, _ = trained(desk)
    desk.fake.inject(Fault(status=403), operation=operation)
    desk(lambda t: t.replicas.delete(replica_id))
    assert desk.get(record).state.removed == {replica_id}


def test_a_replica_that_somebody_else_deleted_has_no_voice_to_read(desk: Desk) -> None:
    record, replica_id, _ = trained(desk)
    with desk.fake.client(ledger=None) as other:
        other.replicas.delete(replica_id)
    with pytest.raises(tc.BadRequestError):
        desk(lambda t: t.replicas.delete(replica_id))
    assert desk.get(record).state.voices == ()


def test_the_chosen_voice_of_a_replica_that_was_deleted_earlier_is_to_be_looked_for(desk: Desk) -> None:
    record, replica_id, voice_id = trained(desk)
    chosen(desk, replica_id, STOCK_VOICE)
    desk(lambda t: t.faces.delete(replica_id))
    report = desk.withdraw(record)
    assert (report.voices, left(report)) == ((voice_id,), {replica_id: "voices"})


def test_a_replica_that_is_deleted_in_training_may_leave_a_voice(desk: Desk) -> None:
    record = desk.recorded()
    replica_id = str(desk.create(record).replica_id)
    desk(lambda t: t.replicas.delete(replica_id))
    assert left(desk.withdraw(record)) == {replica_id: "voices"}


def test_a_deletion_that_is_repeated_reads_no_voices(desk: Desk) -> None:
    _, replica_id, _ = trained(desk)
    desk(lambda t: t.replicas.delete(replica_id))
    before = len(desk.sent())
    with pytest.raises(tc.BadRequestError):
        desk(lambda t: t.replicas.delete(replica_id))
    assert desk.sent()[before:] == ["deleteReplica"]


# outputs


def test_every_output_is_deleted_ended_or_stopped(desk: Desk) -> None:
    record, replica_id, _ = trained(desk)
    made = everything(desk, replica_id)
    use = desk.fake.client()
    report = desk.withdraw(record)
    assert report.complete
    assert report.videos == (made["video"],)
    assert report.conversations == (made["conversation"],)
    assert report.deployments == (made["deployment"],)
    assert use.deployments.get(made["deployment"]).status == "inactive"
    assert (desk.fake.objects("video"), desk.fake.objects("conversation")) == ({}, {})
    assert left(report) == {made["pal"]: "pal"}


def test_a_conversation_is_ended_before_it_is_deleted(memory_desk: Desk) -> None:
    record, replica_id, _ = trained(memory_desk)
    memory_desk(lambda t: t.conversations.create(replica_id=replica_id))
    memory_desk.withdraw(record)
    sent = memory_desk.sent()
    start = sent.index("endConversation")
    assert sent[start : start + 3] == ["endConversation", "deleteConversation", "getConversation"]


def test_a_conversation_that_is_over_is_not_ended_again(memory_desk: Desk) -> None:
    record, replica_id, _ = trained(memory_desk)
    memory_desk(lambda t: t.conversations.create(replica_id=replica_id))
    memory_desk.fake.advance(hours=2)
    memory_desk.withdraw(record)
    assert ("endConversation" in memory_desk.sent(), memory_desk.fake.objects("conversation")) == (False, {})


def test_a_conversation_that_cannot_be_ended_is_deleted_all_the_same(memory_desk: Desk) -> None:
    record, replica_id, _ = trained(memory_desk)
    memory_desk(lambda t: t.conversations.create(replica_id=replica_id))
    memory_desk.fake.inject(Fault(status=400), operation="endConversation")
    assert len(memory_desk.withdraw(record).conversations) == 1


def test_a_conversation_of_somewhere_else_is_found_by_its_replica(desk: Desk) -> None:
    record, replica_id, _ = trained(desk)
    elsewhere = desk.fake.client().conversations.create(replica_id=replica_id)
    kept = desk.fake.client().conversations.create(replica_id=STOCK)
    report = desk.withdraw(record)
    assert report.conversations == (elsewhere.conversation_id,)
    assert list(desk.fake.objects("conversation")) == [kept.conversation_id]


def test_an_output_that_was_deleted_before_is_gone(memory_desk: Desk) -> None:
    record, replica_id, _ = trained(memory_desk)
    made = memory_desk(lambda t: t.conversations.create(replica_id=replica_id)).conversation_id
    memory_desk(lambda t: t.conversations.delete(made))
    assert memory_desk.withdraw(record).conversations == (made,)


@pytest.mark.parametrize("operation", ["deleteConversation", "getConversation"])
def test_an_output_that_fails_keeps_the_withdrawal_open(desk: Desk, operation: str) -> None:
    record, replica_id, _ = trained(desk)
    made = str(desk(lambda t: t.conversations.create(replica_id=replica_id)).conversation_id)
    desk.fake.inject(Fault(status=403), operation=operation)
    report = desk.withdraw(record)
    assert (report.complete, left(report, "sdk")) == (False, {made: "conversation"})
    (again,) = desk(lambda t: t.consents.resume_withdrawals())
    assert (again.complete, again.conversations) == (True, (made,))


def test_what_was_found_is_remembered_when_it_cannot_be_deleted(desk: Desk) -> None:
    record, replica_id, _ = trained(desk)
    elsewhere = str(desk.fake.client().conversations.create(replica_id=replica_id).conversation_id)
    desk.fake.inject(Fault(status=403), operation="deleteConversation")
    assert desk.withdraw(record).deleted == (replica_id,)
    desk.fake.inject(Fault(status=403), operation="listConversations")
    (again,) = desk(lambda t: t.consents.resume_withdrawals())
    assert (again.complete, again.conversations) == (True, (elsewhere,))


def test_without_the_list_of_conversations_nothing_is_at_its_end(desk: Desk) -> None:
    record, replica_id, _ = trained(desk)
    desk.fake.client().conversations.create(replica_id=replica_id)
    desk.fake.inject(Fault(status=403), operation="listConversations")
    report = desk.withdraw(record)
    assert (report.complete, left(report, "sdk"), desk.fake.replicas) == (False, {"": "conversations"}, {})
    (again,) = desk(lambda t: t.consents.resume_withdrawals())
    assert (again.complete, len(again.conversations)) == (True, 1)


def test_speech_is_for_tavus_to_delete(desk: Desk) -> None:
    record, replica_id, _ = trained(desk)
    made = str(desk(lambda t: t.speech.create(replica_id=replica_id, script="Hello")).speech_id)
    report = desk.withdraw(record)
    assert (report.complete, left(report)) == (True, {made: "speech"})
    assert "ask Tavus" in why(report, made)
    assert left(desk.withdraw(record)) == {made: "speech"}


# PALs and deployments


def test_a_deployment_of_a_pal_that_names_the_likeness_is_stopped(desk: Desk) -> None:
    record, replica_id, _ = trained(desk)
    console = desk.fake.client()
    named = console.pals.create(pal_name="Sam", system_prompt="Hi.", default_face_id=replica_id).pal_id
    other = console.pals.create(pal_name="Eve", system_prompt="Hi.", default_face_id=STOCK).pal_id
    page, kept = [console.deployments.create(pal_id=one, channel="widget").deployment_id for one in (named, other)]
    report = desk.withdraw(record)
    assert (report.deployments, left(report)) == ((page,), {named: "pal"})
    assert console.deployments.get(kept).status == "active"
    assert "another face" in why(report, named)


def test_a_deployment_that_tavus_still_shows_as_active_is_not_stopped(memory_desk: Desk) -> None:
    record, replica_id, _ = trained(memory_desk)
    face = pal(memory_desk, default_face_id=replica_id)
    made = str(memory_desk(lambda t: t.deployments.create(pal_id=face, channel="widget")).deployment_id)
    memory_desk.fake.inject(Fault(status=304), operation="patchDeployment")
    report = memory_desk.withdraw(record)
    assert (report.complete, left(report, "sdk")) == (False, {made: "deployment"})


def test_a_deployment_that_cannot_be_changed_is_deleted(memory_desk: Desk) -> None:
    record, replica_id, _ = trained(memory_desk)
    face = pal(memory_desk, default_face_id=replica_id)
    made = str(memory_desk(lambda t: t.deployments.create(pal_id=face, channel="widget")).deployment_id)
    memory_desk(lambda t: t.pals.delete(face))
    assert memory_desk.withdraw(record).deployments == (made,)
    assert memory_desk.fake.objects("deployment") == {}


def test_a_pal_with_another_face_by_now_is_said_to_be_so(desk: Desk) -> None:
    record, replica_id, _ = trained(desk)
    face = pal(desk, default_face_id=replica_id)
    desk(lambda t: t.pals.patch(face, changes={"default_face_id": STOCK}))
    report = desk.withdraw(record)
    assert left(report) == {face: "pal"}
    assert "no longer names" in why(report, face)


@pytest.mark.parametrize("deleted", ["by the client", "in the console"])
def test_a_pal_that_is_gone_is_not_listed(desk: Desk, deleted: str) -> None:
    record, replica_id, _ = trained(desk)
    face = pal(desk, default_face_id=replica_id)
    if deleted == "by the client":
        desk(lambda t: t.pals.delete(face))
    else:
        desk.fake.client().pals.delete(face)
    assert left(desk.withdraw(record)) == {}


def test_a_persona_is_looked_up_as_one(memory_desk: Desk) -> None:
    record, replica_id, _ = trained(memory_desk)
    made = [
        str(
            memory_desk(
                lambda t, name=name: t.personas.create(
                    persona_name=name, system_prompt="Hi.", default_replica_id=replica_id
                )
            ).persona_id
        )
        for name in ("Sam", "Eve")
    ]
    console = memory_desk.fake.client()
    console.personas.patch(made[0], changes={"default_replica_id": STOCK})
    console.personas.delete(made[1])
    assert left(memory_desk.withdraw(record)) == {made[0]: "persona"}


def test_a_pal_that_cannot_be_read_stays_listed(memory_desk: Desk) -> None:
    record, replica_id, _ = trained(memory_desk)
    face = pal(memory_desk, default_face_id=replica_id)
    memory_desk.fake.client().pals.patch(face, changes={"default_face_id": STOCK})
    memory_desk.fake.inject(Fault(status=403), operation="getPal")
    report = memory_desk.withdraw(record)
    assert left(report) == {face: "pal"}


@pytest.mark.parametrize(("status", "who", "complete"), [(403, "controller", True), (409, "sdk", False)])
def test_an_account_without_pals_can_withdraw(memory_desk: Desk, status: int, who: str, complete: bool) -> None:
    record, _, _ = trained(memory_desk)
    memory_desk.fake.inject(Fault(status=status), operation="listPals")
    report = memory_desk.withdraw(record)
    assert (report.complete, left(report, who)) == (complete, {"": "pals"})


# memories


def remembering(desk: Desk) -> tuple[Any, str]:
    record, replica_id, _ = trained(desk)
    face = pal(desk, default_face_id=replica_id)
    desk(lambda t: t.conversations.create(pal_id=face, participant_tags=["user_1"]))
    (store,) = desk.fake.objects("memory_store")
    return record, store


def test_memory_stores_of_its_conversations_are_listed(desk: Desk) -> None:
    record, store = remembering(desk)
    report = desk.withdraw(record)
    assert (report.complete, left(report)[store], report.memory_stores) == (True, "memory_store", ())
    assert "memory=True" in why(report, store)
    assert list(desk.fake.objects("memory_store")) == [store]
    with pytest.raises(tc.IllegalTransition):  # it is over
        desk.withdraw(record, memory=True)


def test_memory_stores_are_deleted_if_asked_for(desk: Desk) -> None:
    record, store = remembering(desk)
    report = desk.withdraw(record, memory=True)
    assert (report.complete, report.memory_stores, store in left(report)) == (True, (store,), False)
    assert desk.fake.objects("memory_store") == {}


def test_memories_can_be_asked_for_while_a_withdrawal_is_under_way(desk: Desk) -> None:
    record, store = remembering(desk)
    desk.fake.inject(Fault(status=403), operation="deleteReplica")
    desk.withdraw(record)
    desk.fake.inject(Fault(status=403), operation="deleteMemoryStore")
    report = desk.withdraw(record, memory=True)
    assert (report.complete, left(report, "sdk")) == (False, {store: "memory_store"})
    (again,) = desk(lambda t: t.consents.resume_withdrawals())
    assert (again.complete, again.memory_stores) == (True, (store,))


def test_memories_that_cannot_be_listed_do_not_stop_a_withdrawal(desk: Desk) -> None:
    record, store = remembering(desk)
    desk.fake.inject(Fault(status=403), operation="deleteReplica")
    desk.fake.inject(Fault(status=403), operation="listMemoryStores")
    assert "memory_stores" in left(desk.withdraw(record)).values()
    (again,) = desk(lambda t: t.consents.resume_withdrawals())
    assert (again.complete, left(again)[store], "memory_stores" in left(again).values()) == (
        True,
        "memory_store",
        False,
    )


def test_memory_is_a_yes_or_no(memory_desk: Desk) -> None:
    record = memory_desk.recorded()
    with pytest.raises(tc.InvalidRequestError) as caught:
        memory_desk.withdraw(record, memory="all")
    assert (caught.value.field, memory_desk.get(record).status) == ("memory", "recorded")


# what is not known


def test_a_use_of_unknown_outcome_is_for_people_to_look_at(desk: Desk) -> None:
    record, replica_id, _ = trained(desk)
    desk.fake.inject(Fault(status=502, after_work=True), operation="createSpeech")
    with pytest.raises(tc.OutcomeUnknownError):
        desk(lambda t: t.speech.create(replica_id=replica_id, script="Hello"))
    report = desk.withdraw(record)
    ((use, kind),) = left(report).items()
    assert (report.complete, kind) == (True, "use")
    assert "createSpeech" in why(report, use)


def test_a_failed_use_leaves_nothing(memory_desk: Desk) -> None:
    record, replica_id, _ = trained(memory_desk)
    memory_desk.fake.inject(Fault(status=402), operation="createSpeech")
    with pytest.raises(tc.PaymentRequiredError):
        memory_desk(lambda t: t.speech.create(replica_id=replica_id, script="Hello"))
    assert left(memory_desk.withdraw(record)) == {}


def test_videos_of_other_records_are_not_counted_as_unknown(memory_desk: Desk) -> None:
    record, _, _ = trained(memory_desk)
    other = memory_desk.create(tc.SpokenConsent("Rio Alvarez", "https://b.example/c.mp4"))
    memory_desk(lambda t: t.videos.create(replica_id=other.replica_id, script="Hello", video_name="Welcome"))
    assert left(memory_desk.withdraw(record)) == {}


# without the gate


def test_what_was_created_without_the_gate_is_deleted_too(desk: Desk) -> None:
    face = raw(desk, "faces.create_face", body={"train_video_url": f"{PHOTO}.mp4"}).face_id
    voice = raw(desk, "voices.create_voice", body={"voice_name": "Carl", "audio_url": AUDIO}).voice_id
    records = desk(lambda t: t.consents.list(status="bypassed"))
    reports = [desk.withdraw(one, requested_by="controller") for one in records]
    assert [(one.complete, one.deleted, one.voices) for one in reports] == [(True, (face,), ()), (True, (), (voice,))]
    assert (desk.fake.replicas, desk.fake.objects("voice")) == ({}, {})
    assert [desk.get(one).state.likenesses for one in records] == [(face,), (voice,)]


def test_lipsyncs_and_replacements_are_deleted(desk: Desk) -> None:
    video = f"{PHOTO}.mp4"
    body = {"original_video_url": video, "source_audio_url": AUDIO}
    lipsync = raw(desk, "lipsync.create_lipsync", body=body).lipsync_id
    body = {"original_video_url": video, "new_transcript": "Bye"}
    replacement = raw(desk, "replacements.create_replacement", body=body).replacement_id
    records = desk(lambda t: t.consents.list(status="bypassed"))
    reports = [desk.withdraw(one, requested_by="controller") for one in records]
    assert [(one.complete, one.lipsyncs, one.replacements) for one in reports] == [
        (True, (lipsync,), ()),
        (True, (), (replacement,)),
    ]
    assert (desk.fake.objects("lipsync"), desk.fake.objects("replacement")) == ({}, {})


def test_a_face_that_was_only_changed_without_the_gate_stays(memory_desk: Desk) -> None:
    face = memory_desk.create(tc.SpokenConsent("Rio Alvarez", "https://b.example/c.mp4")).replica_id
    memory_desk.fake.advance(hours=5)
    voice = raw(memory_desk, "voices.create_voice", body={"voice_name": "Carl", "audio_url": AUDIO}).voice_id
    raw(memory_desk, "faces.update_face", face_id=face, body={"default_voice_id": voice})
    for record in memory_desk(lambda t: t.consents.list(status="bypassed")):
        memory_desk.withdraw(record, requested_by="controller")
    assert list(memory_desk.fake.replicas) == [face]


# what is told


def test_outputs_are_listed_with_what_is_deleted(desk: Desk) -> None:
    record, replica_id, _ = trained(desk)
    made = everything(desk, replica_id)
    desk(lambda t: t.videos.delete(made["video"]))
    told = {(one.kind, one.id): one.deleted for one in desk(lambda t: t.consents.outputs(record))}
    assert told == {
        ("pal", made["pal"]): False,
        ("video", made["video"]): True,
        ("conversation", made["conversation"]): False,
        ("deployment", made["deployment"]): False,
    }
    desk.withdraw(record)
    told = {one.kind: one.deleted for one in desk(lambda t: t.consents.outputs(record))}
    assert told == {"pal": False, "video": True, "conversation": True, "deployment": True}


def test_a_receipt_tells_of_voices_and_outputs(desk: Desk) -> None:
    record, replica_id, voice_id = trained(desk)
    everything(desk, replica_id)
    desk.withdraw(record)
    receipt = desk(lambda t: t.consents.receipt(record, controller=CONTROLLER))
    assert f"{voice_id} (deleted)" in receipt.text()
    assert "Videos, conversations and others: 4, of which 3 are deleted or stopped." in receipt.text()
    told = receipt.jsonld()["dpv:hasRecordOfActivity"]
    assert told["tc:voice"] == [{"dct:identifier": voice_id, "tc:deleted": True}]
    assert [one["dct:type"] for one in told["tc:output"]] == ["pal", "video", "conversation", "deployment"]


def test_another_process_finishes_what_the_first_began(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)
    record, replica_id, voice_id = trained(desk)
    made = everything(desk, replica_id)
    for operation in ("deleteConversation", "deleteVoice", "patchDeployment"):
        desk.fake.inject(Fault(status=403), operation=operation)
    assert not desk.withdraw(record).complete
    (report,) = desk.reopened()(lambda t: t.consents.resume_withdrawals())
    assert (report.complete, report.voices, report.conversations, report.deployments) == (
        True,
        (voice_id,),
        (made["conversation"],),
        (made["deployment"],),
    )
    assert desk.client.tavus.consents.ledger.verify().ok


@pytest.mark.parametrize("at", range(24))
def test_a_withdrawal_can_be_interrupted_at_every_request(memory_desk: Desk, at: int) -> None:
    record, replica_id, voice_id = trained(memory_desk)
    made = everything(memory_desk, replica_id)
    handle: Callable[[Any], Any] = memory_desk.fake.handle
    requests = iter(range(1000))

    def interrupted(request: Any) -> Any:
        if next(requests) == at:
            raise KeyboardInterrupt
        return handle(request)

    memory_desk.fake.handle = interrupted  # type: ignore[method-assign]
    report = None
    try:
        report = memory_desk.withdraw(record)
    except KeyboardInterrupt:
        (report,) = memory_desk(lambda t: t.consents.resume_withdrawals())
    assert (report.complete, report.deleted, report.voices) == (True, (replica_id,), (voice_id,))
    assert (report.videos, report.conversations) == ((made["video"],), (made["conversation"],))
    assert report.deployments == (made["deployment"],)
    assert (memory_desk.fake.replicas, memory_desk.fake.objects("voice")) == ({}, {})
