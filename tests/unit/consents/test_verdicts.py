"""A verdict belongs to a recording: its source, its revocation, and its effect on a policy."""

from __future__ import annotations

from typing import Any

import pytest
from tests.asked import CONTROLLER

import tavus_consent as tc
from tavus_consent import ConsentPolicy, ConsentVideo
from tavus_consent.consent import Transcript

from .conftest import OpenDesk
from .support import LINK, NAME, SPOKEN, Desk, Listener

VERIFIED, TRANSCRIBED = ConsentPolicy(requires="verified"), ConsentPolicy(requires="transcribed")
DENIED = SPOKEN.replace("consent Tavus", "do not consent Tavus")
DOUBTFUL = SPOKEN.replace(NAME, "Siobhán O'Brian")
ENGINE = "whisper-large-v3"
WRITTEN = Transcript.of_words(Listener().transcribe(b""), engine=ENGINE)


# heard or supplied


def test_a_recognizer_hears(desk: Desk) -> None:
    record = desk.recorded()
    attempt = desk.hear(record)
    assert (attempt.source, attempt.verdict) == ("heard", "PASS")
    assert desk(lambda t: t.consents.attempts(record)) == [attempt]


def test_a_typed_text_that_matches_is_doubtful_at_best(desk: Desk) -> None:
    record = desk.recorded()
    attempt = desk.supply(record)
    assert (attempt.source, attempt.verdict, desk.get(record).status) == ("supplied", "REVIEW", "review")
    assert attempt.match.reasons == ("The text was supplied; the recording was not transcribed.",)
    assert desk(lambda t: t.consents.attempts(record)) == [attempt]


@pytest.mark.parametrize(
    "given", [{"transcript": SPOKEN, "engine": ENGINE}, {"transcript": WRITTEN}], ids=["", "timed"]
)
def test_a_text_whose_engine_is_named_is_still_supplied(desk: Desk, given: dict[str, Any]) -> None:
    record = desk.recorded()
    attempt = desk(lambda t: t.consents.verify(record, **given))
    assert (attempt.source, attempt.match.engine, attempt.verdict) == ("supplied", ENGINE, "PASS")
    assert desk(lambda t: t.consents.attempts(record)) == [attempt]


def test_the_engine_that_is_named_last_counts(memory_desk: Desk) -> None:
    attempt = memory_desk.supply(memory_desk.recorded(), WRITTEN, engine=" parakeet-tdt ")
    assert attempt.match.engine == "parakeet-tdt"


@pytest.mark.parametrize("engine", ["", " ", "text", "none", "a\nb", "x" * 101, 3])
def test_an_engine_is_a_name(memory_desk: Desk, engine: Any) -> None:
    record = memory_desk.recorded()
    with pytest.raises(tc.InvalidRequestError) as caught:
        memory_desk.supply(record, engine=engine)
    assert (caught.value.field, memory_desk.types(record)) == ("engine", ["requested", "recorded"])


@pytest.mark.parametrize(
    "given", [{}, {"transcriber": Listener(), "recording": b"film"}], ids=["nothing", "transcriber"]
)
def test_an_engine_belongs_to_a_transcript(memory_desk: Desk, given: dict[str, Any]) -> None:
    record = memory_desk.recorded()
    with pytest.raises(tc.InvalidRequestError) as caught:
        memory_desk(lambda t: t.consents.verify(record, engine=ENGINE, **given))
    assert caught.value.field == "engine"


def test_a_transcript_is_text(memory_desk: Desk) -> None:
    record = memory_desk.recorded()
    said: Any = ["I", "consent"]
    with pytest.raises(tc.InvalidRequestError, match="transcript"):
        memory_desk.supply(record, said)


# what a policy makes of it


@pytest.mark.parametrize("policy", [ConsentPolicy(), TRANSCRIBED, VERIFIED], ids=lambda one: one.requires)
def test_what_was_typed_trains_nothing(url: str, open_desk: OpenDesk, policy: ConsentPolicy) -> None:
    desk = open_desk(url, consent_policy=policy)
    record = desk.recorded()
    desk.supply(record)
    with pytest.raises(tc.ConsentMismatch) as caught:
        desk.create(record)
    assert (caught.value.reason, desk.sent()) == ("review", [])


@pytest.mark.parametrize("policy", [ConsentPolicy(), TRANSCRIBED], ids=lambda one: one.requires)
def test_what_a_named_engine_wrote_is_transcribed(url: str, open_desk: OpenDesk, policy: ConsentPolicy) -> None:
    desk = open_desk(url, consent_policy=policy)
    record = desk.recorded()
    desk.supply(record, engine=ENGINE)
    desk.create(record)
    assert desk.get(record).state.basis == "transcribed"


def test_what_a_named_engine_wrote_verifies_nothing(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url, consent_policy=VERIFIED)
    record = desk.recorded()
    desk.supply(record, engine=ENGINE)
    with pytest.raises(tc.ConsentRequired, match="supplied") as caught:
        desk.create(record)
    assert (caught.value.reason, desk.sent()) == ("not_verified", [])


@pytest.mark.parametrize("policy", [ConsentPolicy(), TRANSCRIBED, VERIFIED], ids=lambda one: one.requires)
@pytest.mark.parametrize("engine", [None, ENGINE])
def test_a_recognizer_settles_what_was_supplied(
    url: str, open_desk: OpenDesk, policy: ConsentPolicy, engine: str | None
) -> None:
    desk = open_desk(url, consent_policy=policy)
    record = desk.recorded()
    desk.supply(record, engine=engine)
    desk.hear(record)
    desk.create(record)
    assert desk.get(record).state.basis == "verified"


@pytest.mark.parametrize("engine", [None, ENGINE])
def test_a_named_person_can_listen_to_what_was_supplied(url: str, open_desk: OpenDesk, engine: str | None) -> None:
    desk = open_desk(url, consent_policy=VERIFIED)
    record = desk.recorded()
    desk.supply(record, engine=engine)
    desk(lambda t: t.consents.review(record, reviewer="jo@app.example", reason="I listened."))
    desk.create(record)
    assert desk.get(record).state.basis == "reviewed"


def test_without_any_transcript_a_policy_says_what_is_missing(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url, consent_policy=TRANSCRIBED)
    with pytest.raises(tc.ConsentRequired, match="engine") as caught:
        desk.create(desk.recorded())
    assert caught.value.reason == "not_transcribed"


# a mismatch stays with its recording


def deny(desk: Desk, record: tc.ConsentRecord, source: str) -> None:
    attempt = desk.hear(record, DENIED) if source == "heard" else desk.supply(record, DENIED)
    assert attempt.verdict == "MISMATCH"


@pytest.mark.parametrize("source", ["heard", "supplied"])
def test_no_later_text_takes_a_denial_back(desk: Desk, source: str) -> None:
    record = desk.recorded()
    deny(desk, record, source)
    desk.supply(record)
    desk.supply(record, engine=ENGINE)
    desk.hear(record)
    with pytest.raises(tc.ConsentMismatch) as caught:
        desk.create(record)
    assert (caught.value.reason, desk.sent(), desk.get(record).state.verdict) == ("mismatch", [], "MISMATCH")


@pytest.mark.parametrize("before", ["nothing", "doubt"])
def test_no_person_takes_a_denial_back(desk: Desk, before: str) -> None:
    record = desk.recorded()
    if before == "doubt":
        desk.supply(record, DOUBTFUL)
    deny(desk, record, "supplied")
    with pytest.raises(tc.IllegalTransition) as caught:
        desk(lambda t: t.consents.review(record, reviewer="jo@app.example", reason="I am sure."))
    assert caught.value.reason == "mismatch"


SAME = {
    "the same link": ConsentVideo(LINK),
    "signed anew": ConsentVideo(f"{LINK}?signature=2"),
    "with a query that names no other file": ConsentVideo(f"{LINK}?id=2"),
    "another spelling of the host": ConsentVideo(LINK.replace("bucket.example", "BUCKET.example")),
    "with a hash": ConsentVideo(LINK, sha256="cd" * 32),
    "in another video": ConsentVideo(LINK, where="training_video"),
}


@pytest.mark.parametrize("recording", SAME.values(), ids=SAME)
def test_the_same_recording_does_not_lift_a_mismatch(memory_desk: Desk, recording: ConsentVideo) -> None:
    record = memory_desk.recorded()
    deny(memory_desk, record, "supplied")
    memory_desk.bring(record, recording)
    memory_desk.supply(record, engine=ENGINE)
    assert memory_desk.get(record).state.verdict == "MISMATCH"


OTHER = {
    "another path": ConsentVideo("https://bucket.example/again.mp4"),
    "another host": ConsentVideo(LINK.replace("bucket", "other")),
    "another version of the file": ConsentVideo(f"{LINK}?versionId=2"),
}


@pytest.mark.parametrize("recording", OTHER.values(), ids=OTHER)
def test_another_recording_lifts_a_mismatch(desk: Desk, recording: ConsentVideo) -> None:
    record = desk.recorded()
    deny(desk, record, "supplied")
    desk.bring(record, recording)
    desk.supply(record, engine=ENGINE)
    assert desk.create(record).replica_id


def test_other_bytes_at_the_same_address_are_another_recording(desk: Desk) -> None:
    record = desk.recorded(sha256="ab" * 32)
    deny(desk, record, "supplied")
    desk.bring(record, ConsentVideo(LINK, sha256="cd" * 32))
    desk.supply(record, engine=ENGINE)
    assert desk.create(record).replica_id


def test_a_recording_that_comes_back_is_still_denied(desk: Desk) -> None:
    record = desk.recorded()
    deny(desk, record, "heard")
    desk.bring(record, ConsentVideo("https://bucket.example/again.mp4"))
    desk.bring(record, ConsentVideo(f"{LINK}?signature=2"))
    with pytest.raises(tc.ConsentMismatch):
        desk.create(record)


def test_bytes_that_were_denied_are_known_at_another_address(desk: Desk) -> None:
    record = desk.recorded()
    deny(desk, record, "heard")
    desk.bring(record, ConsentVideo("https://bucket.example/again.mp4"))
    desk.hear(record)  # these are the same bytes
    assert desk.get(record).state.verdict == "MISMATCH"


@pytest.mark.filterwarnings("ignore::tavus_consent.DuplicateWarning")
def test_a_fresh_link_keeps_given_consent(desk: Desk) -> None:
    record = desk.recorded()
    desk.create(record)
    assert desk.bring(record, ConsentVideo(f"{LINK}?signature=2")).status == "given"
    replica = desk.create(record)
    sent = desk.fake.replicas[replica.replica_id]["request"]
    assert sent["consent_video_url"] == f"{LINK}?signature=2"


def test_a_fresh_link_does_not_lift_a_doubt(desk: Desk) -> None:
    record = desk.recorded()
    desk.supply(record, DOUBTFUL)
    assert desk.bring(record, ConsentVideo(f"{LINK}?signature=2")).status == "review"


def test_an_erased_person_has_no_recording(desk: Desk) -> None:
    record = desk.recorded()
    desk(lambda t: t.consents.erase(record))
    with pytest.raises(tc.IllegalTransition):
        desk.bring(record, ConsentVideo(LINK))


# what the person is told


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
def test_a_receipt_says_who_listened_or_that_nobody_did(memory_desk: Desk, language: str) -> None:
    record = memory_desk.recorded()
    told = set()
    for check in (memory_desk.supply, lambda it: memory_desk.supply(it, engine=ENGINE), memory_desk.hear):
        check(record)
        receipt = memory_desk(lambda t: t.consents.receipt(record, controller=CONTROLLER))
        told.add(next(line for line in reversed(receipt.text(language).splitlines()) if "- 2026" in line))
    assert len(told) == 3
    assert [one["tc:source"] for one in receipt.jsonld()["dpv:hasRecordOfActivity"]["tc:check"]] == [
        "supplied",
        "supplied",
        "heard",
    ]


def test_a_receipt_does_not_call_a_typed_text_a_pass(memory_desk: Desk) -> None:
    record = memory_desk.recorded()
    memory_desk.supply(record)
    text = memory_desk(lambda t: t.consents.receipt(record, controller=CONTROLLER)).text()
    assert "the recording was not transcribed (the text was supplied)" in text
    assert "PASS" not in text
