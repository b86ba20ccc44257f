"""A voice is a likeness of its record: the consent that it needs, and the events that it leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import tavus_consent as tc
from tavus_consent import ConsentPolicy, ConsentVideo, SpokenConsent
from tavus_consent.testing import Fault

from .conftest import OpenDesk
from .support import LINK, NAME, SHA, SPOKEN, TRAIN, Desk

AUDIO = "https://bucket.example/voice.wav"
TALK = f"{SPOKEN} And now I read a story about the sea."


def create(desk: Desk, consent: Any, **changes: Any) -> Any:
    given = {"audio_url": AUDIO, "voice_name": "Siobhan", **changes}
    return desk(lambda t: t.voices.create_personal(consent=consent, **given))


def hummed(desk: Desk, **changes: Any) -> Any:
    given = {"audio_url": AUDIO, "voice_name": "Hum", "attestation": "A synthesizer", "attested_by": "me", **changes}
    return desk(lambda t: t.voices.create_non_human(**given))


def opened(desk: Desk, url: str = AUDIO, **recording: Any) -> tc.ConsentRecord:
    """A record whose statement opens the audio."""
    return desk.bring(desk.request(), ConsentVideo(url, where="training_audio", **recording))


# what passes


def test_a_voice_is_a_likeness_of_its_record(desk: Desk) -> None:
    record = desk.recorded()
    voice = create(desk, record)
    found = desk.get(record)
    assert (found.status, found.state.voices, found.replicas) == ("given", (voice.voice_id,), ())
    assert desk.types(record) == ["requested", "recorded", "given", "submit_intent", "submitted"]
    intent, outcome = desk.events(record)[-2:]
    assert intent.payload["noun"] == "voice"
    assert intent.payload["name"].startswith("hmac:")
    assert dict(outcome.payload) == {"intent": intent.payload["intent"], "voice_id": voice.voice_id}


def test_a_voice_leads_to_its_record(desk: Desk) -> None:
    record = desk.recorded()
    voice_id = create(desk, record.record_id).voice_id
    (found,) = desk(lambda t: t.consents.find(voice_id=voice_id))
    assert found.record_id == record.record_id
    assert desk(lambda t: t.consents.find(voice_id="v1")) == []


def test_one_consent_can_have_a_replica_and_a_voice(desk: Desk) -> None:
    record = desk.recorded()
    replica_id, voice_id = desk.create(record).replica_id, create(desk, record).voice_id
    assert desk.get(record).state.likenesses == (replica_id, voice_id)


def test_spoken_consent_becomes_a_record(desk: Desk) -> None:
    create(desk, SpokenConsent(NAME, LINK, reference="employee-4711"))
    (record,) = desk(lambda t: t.consents.find(reference="employee-4711"))
    assert (record.status, record.state.evidence.where) == ("given", "consent_video")


def test_spoken_consent_that_opens_the_audio_becomes_a_record(desk: Desk) -> None:
    with pytest.warns(tc.ConsentWarning, match="open the audio"):
        create(desk, SpokenConsent(NAME))
    (record,) = desk(lambda t: t.consents.list())
    assert (record.status, record.state.evidence.where) == ("given", "training_audio")


def test_a_record_whose_statement_opens_the_audio_clones_it(desk: Desk) -> None:
    record = opened(desk, f"{AUDIO}?signature=1")
    with pytest.warns(tc.ConsentWarning, match="open the audio"):
        create(desk, record, audio_url=f"{AUDIO}?signature=2")


def test_other_talk_may_follow_a_statement_that_opens_the_audio(desk: Desk) -> None:
    verified = ConsentPolicy(requires="verified")
    strict = desk.reopened(consent_policy=verified)
    record = opened(strict)
    with pytest.raises(tc.ConsentRequired, match="a check that passed"):
        create(strict, record)
    assert strict.hear(record, TALK).verdict == "PASS"
    with pytest.warns(tc.ConsentWarning, match="open the audio"):
        create(strict, record)


def test_a_statement_that_begins_late_in_the_audio_is_reviewed(memory_desk: Desk) -> None:
    record = opened(memory_desk)
    attempt = memory_desk.hear(record, f"{'This is a story about the sea. ' * 8}{SPOKEN}")
    (part,) = [part for part in attempt.match.parts if part.name == "position"]
    assert (attempt.verdict, part.verdict) == ("REVIEW", "REVIEW")
    assert "within 10 s of the start of the training audio" in part.note


def test_the_link_of_a_recording_is_checked_as_what_it_is(memory_desk: Desk) -> None:
    opened(memory_desk)
    with pytest.warns(tc.LinkWarning, match=r"ends in \.wav"):
        memory_desk.bring(memory_desk.request("Rio Alvarez"), ConsentVideo("https://b.example/rio.wav"))


def test_a_voice_of_nobody_is_kept_with_who_vouches(desk: Desk) -> None:
    voice = hummed(desk)
    (attested,) = desk(lambda t: t.consents.list(status="attested"))
    assert attested.state.voices == (voice.voice_id,)
    assert desk.types(attested) == ["attestation", "submit_intent", "submitted"]


# what does not


@pytest.mark.parametrize(("where", "field"), [("training_audio", "audio_url"), ("training_video", "train_video_url")])
def test_a_statement_that_opens_another_recording_does_not_count(desk: Desk, where: Any, field: str) -> None:
    record = desk.bring(desk.request(), ConsentVideo("https://bucket.example/other.mp4", where=where))
    for make in (create, Desk.create):
        with pytest.raises(tc.EvidenceChanged, match="opens another training") as caught:
            make(desk, record)
        assert (caught.value.field, caught.value.reason) == (field, f"other_{where}")
    assert desk.sent() == []


def test_a_recording_serves_one_person(desk: Desk) -> None:
    create(desk, SpokenConsent(NAME, LINK))
    with pytest.raises(tc.EvidenceChanged):
        create(desk, SpokenConsent("Rio Alvarez", "https://bucket.example/rio.mp4"))
    assert desk.sent() == ["createVoice"]


def test_a_recording_of_a_person_makes_no_voice_of_nobody(desk: Desk) -> None:
    create(desk, SpokenConsent(NAME, LINK))
    with pytest.raises(tc.ConsentContradiction):
        hummed(desk)
    assert desk.sent() == ["createVoice"]


def test_a_recording_of_nobody_makes_no_voice_of_a_person(desk: Desk) -> None:
    hummed(desk)
    with pytest.raises(tc.ConsentContradiction):
        create(desk, SpokenConsent(NAME, LINK))
    assert desk.sent() == ["createVoice"]


def test_a_withdrawal_bars_the_voice_of_the_person(desk: Desk) -> None:
    desk.withdraw(desk.recorded())
    with pytest.raises(tc.ConsentWithdrawn):
        create(desk, SpokenConsent(NAME, "https://bucket.example/newer.mp4"))
    assert desk.sent() == []


def test_spoken_consent_is_not_enough_where_a_check_is_asked_for(desk: Desk) -> None:
    strict = desk.reopened(consent_policy=ConsentPolicy(requires="verified"))
    with pytest.raises(tc.ConsentRequired, match="a check that passed"):
        create(strict, SpokenConsent(NAME, LINK))
    assert (strict.sent(), strict(lambda t: t.consents.list())) == ([], [])


# what came of it


@pytest.mark.parametrize(
    ("fault", "error", "outcome"),
    [
        (Fault(status=400), tc.BadRequestError, "failed"),
        (Fault(status=500), tc.OutcomeUnknownError, "outcome_unknown"),
        (Fault(drop=True), tc.OutcomeUnknownError, "outcome_unknown"),
    ],
)
def test_what_came_of_a_create_is_written_down(
    desk: Desk, fault: Fault, error: type[tc.TavusError], outcome: str
) -> None:
    record = desk.recorded()
    desk.fake.inject(fault)
    with pytest.raises(error):
        create(desk, record)
    assert (desk.types(record)[-2:], desk.sent()) == (["submit_intent", outcome], ["createVoice"])


def lost(desk: Desk) -> tc.ConsentRecord:
    """A record with a create that nobody knows the outcome of."""
    record = desk.recorded()
    desk.fake.inject(Fault(drop=True))
    with pytest.raises(tc.OutcomeUnknownError):
        create(desk, record)
    return record


def test_a_person_decides_what_a_create_of_unknown_outcome_made(desk: Desk) -> None:
    record = lost(desk)
    desk(lambda t: t.replicas.create_non_human(train_video_url=TRAIN, replica_name="Siobhan", **WHO))
    (before,) = desk(lambda t: t.consents.reconcile())
    assert before.outcome == "waiting"
    desk.fake.advance(minutes=10)
    (found,) = desk(lambda t: t.consents.reconcile())
    assert (found.outcome, found.candidates, found.replica_id) == ("unknown", (), None)
    (done,) = desk(lambda t: t.consents.reconcile(decided={found.intent_id: "v0a1b2c3d4e5f"}))
    assert (done.outcome, done.replica_id) == ("found", "v0a1b2c3d4e5f")
    assert desk.get(record).state.voices == ("v0a1b2c3d4e5f",)
    assert dict(desk.events(record)[-1].payload) == {"intent": found.intent_id, "voice_id": "v0a1b2c3d4e5f"}
    assert desk(lambda t: t.consents.reconcile()) == []


def test_a_person_decides_that_it_made_nothing(desk: Desk) -> None:
    record = lost(desk)
    desk.fake.advance(minutes=10)
    (found,) = desk(lambda t: t.consents.reconcile())
    (done,) = desk(lambda t: t.consents.reconcile(decided={found.intent_id: None}))
    assert (done.outcome, desk.get(record).state.voices) == ("absent", ())


def test_a_record_with_a_voice_is_still_sound_after_the_process_ended(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)
    record = desk.bring(desk.request(valid_for=timedelta(days=1)), ConsentVideo(LINK, sha256=SHA))
    voice_id = create(desk, record).voice_id
    again = desk.reopened()
    assert again.get(record).state.voices == (voice_id,)
    assert again.client.tavus.consents.ledger is None or again.client.tavus.consents.ledger.verify().ok


WHO = {"attestation": "A fox", "attested_by": "me"}
