"""A record from the request to the erasure, as the documentation shows it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.asked import ASKED, CONTROLLER

import tavus_consent as tc
from tavus_consent import ConsentVideo
from tavus_consent.consent import Transcript, Verdict
from tavus_consent.ledger import EventType

from .conftest import OpenDesk
from .support import LINK, NAME, SHA, SPOKEN, TRAIN, Desk, Listener


def test_the_whole_life_of_a_record(desk: Desk) -> None:
    record = desk.request(
        spoken_as=["shivawn o connor"],
        intended_uses=["onboarding videos for new customers"],
        valid_for=timedelta(days=365),
        notice_url="https://app.example/privacy",
        adult=True,
        attested_by="hr@app.example",
    )
    assert (record.statement, record.status) == (SPOKEN, "requested")
    assert desk.bring(record, ConsentVideo(LINK, sha256=SHA)).status == "recorded"
    heard = SPOKEN.replace("Siobhán", "Shivon")
    attempt = desk.supply(record, heard, engine="whisper-large-v3")
    assert (attempt.verdict, attempt.source, attempt.name_score > 0.9) == (Verdict.PASS, "supplied", True)
    replica = desk.create(record)
    assert desk.get(record).replicas == (replica.replica_id,)
    receipt = desk(lambda t: t.consents.receipt(record, controller=CONTROLLER))
    assert (NAME in receipt.text(), replica.replica_id in receipt.text()) == (True, True)
    report = desk.withdraw(record, reason="I changed my mind")
    assert (report.complete, report.deleted, desk.fake.replicas) == (True, (replica.replica_id,), {})
    desk(lambda t: t.consents.erase(record))
    erased = desk.get(record)
    assert (erased.status, erased.terms) == ("erased", None)
    assert desk.types(record) == [
        "requested",
        "recorded",
        "verification",
        "given",
        "submit_intent",
        "submitted",
        "receipt_issued",
        "withdrawing",
        "withdrawing",
        "withdrawing",
        "withdrawn",
        "erased",
    ]


def test_the_ledger_verifies_at_the_end_and_nothing_of_the_person_is_in_it(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)
    record = desk.recorded(attested_by="hr@app.example")
    desk.hear(record)
    desk.create(record)
    desk.withdraw(record, reason="I changed my mind")
    store = desk.client.tavus.consents.ledger.store
    assert store.verify().ok
    lines = "\n".join(store.export_lines())
    assert [
        word for word in ("Siobh", "Connor", "bucket", "changed my mind", "hr@app", "speaking") if word in lines
    ] == []


# the record


def test_a_record_is_found_by_its_id(desk: Desk) -> None:
    record = desk.request()
    assert desk.get(record.record_id) == record


@pytest.mark.parametrize("record", ["nobody", "", None, 3])
def test_a_record_that_is_not_there_is_refused(memory_desk: Desk, record: str) -> None:
    with pytest.raises(tc.InvalidRequestError) as caught:
        memory_desk.get(record)
    assert caught.value.field == "record"


LONG = "Ana Maria de Jesus Ribeiro dos Santos Oliveira da Silva, Jr."


def test_a_long_name_that_is_borne_lives_like_any_other(desk: Desk) -> None:
    with pytest.raises(tc.InvalidNameError):
        desk.request(LONG)
    record = desk.recorded(LONG, as_borne=True)
    assert desk.hear(record, record.statement.replace(", Jr.", " Junior")).verdict is Verdict.PASS
    desk.create(record)
    assert (desk.get(record).terms.full_name, desk.get(record).terms.as_borne) == (LONG, True)
    assert LONG in desk(lambda t: t.consents.receipt(record, controller=CONTROLLER)).text()


def test_another_suffix_is_another_person(memory_desk: Desk) -> None:
    record = memory_desk.recorded(LONG, as_borne=True)
    assert memory_desk.hear(record, record.statement.replace(", Jr.", "")).verdict is not Verdict.PASS


def test_spoken_consent_of_a_long_name_becomes_a_record(memory_desk: Desk) -> None:
    memory_desk.create(tc.SpokenConsent(LONG, LINK, as_borne=True))
    (record,) = memory_desk(lambda t: t.consents.list())
    assert record.terms.full_name == LONG


@pytest.mark.parametrize("field", ["full_name", "spoken_as"])
def test_it_is_said_once_that_a_sign_of_a_name_was_replaced(desk: Desk, field: str) -> None:
    given = {"full_name": "Rio\u00a0Alvarez"} if field == "full_name" else {"spoken_as": ["ree oh\u00a0alvarez"]}
    with pytest.warns(tc.ConsentWarning, match="no-break space") as warned:
        record = desk(lambda t: t.consents.request(**{"full_name": "Rio Alvarez", **ASKED} | given))
    assert (desk.get(record).terms.full_name, len(warned)) == ("Rio Alvarez", 1)


def test_records_are_listed_in_their_order(desk: Desk) -> None:
    first, second = desk.request(), desk.request("Rio Alvarez")
    assert desk(lambda t: t.consents.list()) == [first, second]


def test_records_are_listed_by_where_they_stand(memory_desk: Desk) -> None:
    memory_desk.request()
    recorded = memory_desk.recorded()
    assert memory_desk(lambda t: t.consents.list(status="recorded")) == [recorded]


def test_a_word_that_is_no_status_is_refused(memory_desk: Desk) -> None:
    with pytest.raises(tc.InvalidRequestError, match="status"):
        memory_desk(lambda t: t.consents.list(status="fine"))


def test_records_that_end_soon_are_listed(memory_desk: Desk) -> None:
    soon = memory_desk.request(valid_for=timedelta(days=20))
    memory_desk.request(valid_for=timedelta(days=60))
    refused = memory_desk.request(valid_for=timedelta(days=20))
    memory_desk(lambda t: t.consents.refuse(refused))
    assert memory_desk(lambda t: t.consents.list(expiring_within=timedelta(days=30))) == [soon]


def test_a_record_that_has_ended_does_not_end_soon(memory_desk: Desk) -> None:
    memory_desk.create(memory_desk.recorded(valid_for=timedelta(days=20)))
    memory_desk.fake.advance(hours=24 * 20)
    assert memory_desk(lambda t: t.consents.list(expiring_within=timedelta(days=30))) == []
    assert [one.status for one in memory_desk(lambda t: t.consents.list())] == ["expired"]


def test_what_somebody_vouched_for_is_listed_only_when_asked_for(desk: Desk) -> None:
    desk(
        lambda t: t.replicas.create_non_human(train_video_url=TRAIN, attestation="A fox", attested_by="me@app.example")
    )
    assert desk(lambda t: t.consents.list()) == []
    (attested,) = desk(lambda t: t.consents.list(status="attested"))
    assert (attested.replicas, desk.types(attested)) == (
        tuple(desk.fake.replicas),
        ["attestation", "submit_intent", "submitted"],
    )


def test_a_refusal_ends_a_request(desk: Desk) -> None:
    record = desk.request()
    assert desk(lambda t: t.consents.refuse(record)).status == "refused"
    assert desk.events(record)[-1].actor == "subject"


def test_a_record_can_be_declared_void(desk: Desk) -> None:
    record = desk.recorded()
    assert desk(lambda t: t.consents.invalidate(record, reason="the wrong Siobhán")).status == "invalidated"
    assert desk.events(record)[-1].payload["reason"].startswith("hmac:")


def test_a_request_without_an_answer_lapses(desk: Desk) -> None:
    record = desk.request(valid_for=timedelta(days=7))
    desk.fake.advance(hours=24 * 7)
    assert [one.record_id for one in desk(lambda t: t.consents.list(status="lapsed"))] == [record.record_id]


@pytest.mark.parametrize("reason", ["", " ", "x" * 501, None])
def test_a_record_is_not_declared_void_without_a_reason(memory_desk: Desk, reason: str) -> None:
    record = memory_desk.recorded()
    with pytest.raises(tc.InvalidRequestError, match="why it is void"):
        memory_desk(lambda t: t.consents.invalidate(record, reason=reason))


# the link of a recording

PAGE = "https://drive.google.com/file/d/1AbC/view?usp=sharing"


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        (PAGE, "share_page"),
        ("https://www.dropbox.com/scl/fi/abc/consent.mp4?rlkey=xyz&dl=0", "share_page"),
        ("https://user:secret@bucket.example/consent.mp4", "userinfo"),
        (f"{LINK}?X-Amz-Expires=1&X-Amz-Date=20200101T000000Z&X-Amz-Signature=ab", "expired"),
    ],
)
def test_a_link_that_cannot_work_is_refused_when_it_is_brought(desk: Desk, link: str, reason: str) -> None:
    record = desk.request()
    with pytest.raises(tc.InvalidLinkError) as caught:
        desk.bring(record, ConsentVideo(link))
    assert (caught.value.reason, caught.value.field) == (reason, "video_url")
    assert (desk.types(record), "secret" in str(caught.value)) == (["requested"], False)


@pytest.mark.parametrize("where", ["consent_video", "training_video"])
def test_a_doubtful_link_warns_when_it_is_brought(desk: Desk, where: Any) -> None:
    record = desk.request()
    with pytest.warns(tc.LinkWarning, match=r"video_url: .*\.mov"):
        brought = desk.bring(record, ConsentVideo("https://bucket.example/consent.mov", where=where))
    assert brought.status == "recorded"


def test_the_warning_points_at_the_caller(memory_desk: Desk) -> None:
    with tc.Consents(ledger=None) as consents, pytest.warns(tc.LinkWarning) as warned:
        consents.add_evidence(
            consents.request(full_name=NAME, **ASKED), ConsentVideo("https://bucket.example/consent.mov")
        )
    assert warned[0].filename == __file__


# checks

DOUBTFUL = SPOKEN.replace(NAME, "Siobhán O'Brian")


def test_the_file_that_was_heard_is_held_against_the_record(desk: Desk) -> None:
    record = desk.recorded(sha256=SHA)
    with pytest.raises(tc.EvidenceChanged):
        desk(lambda t: t.consents.verify(record, transcript=SPOKEN, recording=b"another one"))
    assert desk.types(record) == ["requested", "recorded"]


def test_a_record_learns_the_hash_of_its_recording(desk: Desk, tmp_path: Path) -> None:
    record = desk.recorded()
    desk.hear(record)
    learnt = desk.get(record).state.evidence
    assert (learnt.sha256, len(learnt.sha256)) == (desk.events(record)[-1].payload["sha256"], 64)
    assert desk.create(record).replica_id in desk.fake.replicas  # and still knows the link
    assert desk.fake.replicas[desk.get(record).replicas[0]]["request"]["consent_video_url"] == LINK


def test_the_same_file_from_a_path_is_the_same(memory_desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"film")
    record = memory_desk.recorded()
    memory_desk(lambda t: t.consents.verify(record, transcript=SPOKEN, recording=b"film"))
    again = memory_desk(lambda t: t.consents.verify(record, transcriber=Listener(), recording=path))
    assert again.verdict is Verdict.PASS


def test_a_file_that_cannot_be_read_is_refused(memory_desk: Desk, tmp_path: Path) -> None:
    record = memory_desk.recorded()
    with pytest.raises(tc.InvalidRequestError, match="cannot be read"):
        memory_desk(lambda t: t.consents.verify(record, transcript=SPOKEN, recording=tmp_path / "none.mp4"))


def test_given_consent_learns_the_hash_of_its_recording_too(memory_desk: Desk) -> None:
    record = memory_desk.recorded()
    memory_desk.create(record)
    memory_desk.hear(record)
    learnt = memory_desk.get(record)
    assert (learnt.status, len(learnt.state.evidence.sha256)) == ("given", 64)


def test_a_transcriber_hears_the_recording(desk: Desk) -> None:
    record, listener = desk.recorded(), Listener()
    attempt = desk(lambda t: t.consents.verify(record, transcriber=listener, recording=b"film"))
    assert (attempt.verdict, attempt.match.engine, listener.heard) == (Verdict.PASS, "whisper-tiny.en", [b"film"])
    assert desk(lambda t: t.consents.attempts(record)) == [attempt]


@pytest.mark.parametrize("recording", [b"film", None], ids=["bytes", "no bytes"])
def test_a_check_of_a_recording_that_was_replaced_meanwhile_does_not_count(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, recording: bytes | None
) -> None:
    record = desk.recorded()
    registry = desk.client.tavus._registry()
    before = registry._log.terms

    def replaced_meanwhile(subject_ref: str) -> object:
        monkeypatch.setattr(registry._log, "terms", before)
        desk.fake.advance(seconds=1)
        registry.add_evidence(record, ConsentVideo("https://bucket.example/other.mp4"))
        return before(subject_ref)

    monkeypatch.setattr(registry._log, "terms", replaced_meanwhile)
    with pytest.raises(tc.EvidenceChanged, match="Another recording"):
        desk(lambda t: t.consents.verify(record, transcript=SPOKEN, recording=recording))
    assert desk.get(record).state.attempts == 0


@pytest.mark.parametrize(
    "given",
    [{"transcript": "I", "transcriber": Listener(), "recording": b"film"}, {"transcriber": Listener()}],
    ids=["both", "nothing to hear"],
)
def test_arguments_of_a_check_that_cannot_be_meant_are_refused(memory_desk: Desk, given: dict[str, object]) -> None:
    record = memory_desk.recorded()
    with pytest.raises(tc.InvalidRequestError):
        memory_desk(lambda t: t.consents.verify(record, **given))


def test_without_anything_heard_a_check_is_unusable(desk: Desk) -> None:
    record = desk.recorded()
    attempt = desk(lambda t: t.consents.verify(record))
    assert attempt.verdict is Verdict.UNUSABLE
    assert desk(lambda t: t.consents.attempts(record)) == [attempt]


def test_without_a_recording_there_is_nothing_to_check(memory_desk: Desk) -> None:
    record = memory_desk.request()
    with pytest.raises(tc.IllegalTransition):
        memory_desk(lambda t: t.consents.verify(record, transcript=SPOKEN))


def test_a_transcript_with_times_is_kept_with_them(desk: Desk) -> None:
    record = desk.recorded()
    words = Transcript.of_words(Listener().transcribe(b""), engine="whisper-base")
    attempt = desk.supply(record, words)
    assert desk(lambda t: t.consents.attempts(record))[0].transcript == attempt.transcript == words


def test_an_attempt_keeps_the_version_and_the_model_of_the_engine(desk: Desk) -> None:
    class Versioned(Listener):
        engine_version = "kit 2.1"
        model_sha256 = "ab" * 32

    record = desk.recorded()
    desk(lambda t: t.consents.verify(record, transcriber=Versioned(), recording=b"film"))
    (attempt,) = desk(lambda t: t.consents.attempts(record))
    assert attempt.transcript is not None
    assert (attempt.transcript.engine_version, attempt.transcript.model_sha256) == ("kit 2.1", "ab" * 32)
    said = next(one.payload for one in desk.events(record) if one.type == "verification")
    assert (said["engine_version"], said["model_sha256"]) == ("kit-2.1", "ab" * 32)


def test_a_doubt_waits_for_a_named_person_whatever_is_heard_later(desk: Desk) -> None:
    record = desk.recorded()
    doubt = desk(lambda t: t.consents.verify(record, transcript=DOUBTFUL))
    assert (doubt.verdict, desk.get(record).status) == (Verdict.REVIEW, "review")
    desk(lambda t: t.consents.verify(record, transcript=SPOKEN))
    assert desk.get(record).status == "review"
    lifted = desk(lambda t: t.consents.review(record, reviewer="jo@app.example", reason="It is her; I was there."))
    assert (lifted.status, lifted.state.basis) == ("given", "reviewed")
    said = desk.events(record)[-1].payload
    assert [said[name][:5] for name in ("reviewer", "reason")] == ["hmac:", "hmac:"]


def test_where_there_is_no_doubt_there_is_nothing_to_lift(memory_desk: Desk) -> None:
    record = memory_desk.recorded()
    with pytest.raises(tc.IllegalTransition):
        memory_desk(lambda t: t.consents.review(record, reviewer="jo@app.example", reason="It is her."))


def test_attempts_stay_when_the_person_goes(desk: Desk) -> None:
    record = desk.recorded()
    attempt = desk.hear(record)
    desk.withdraw(record)
    desk(lambda t: t.consents.erase(record))
    (left,) = desk(lambda t: t.consents.attempts(record))
    assert (left.attempt_id, left.verdict, left.name_score) == (attempt.attempt_id, Verdict.PASS, 1.0)
    assert left.source == "heard"
    assert (left.transcript, left.diff, left.match.heard_name) == (None, "", "")


# receipts


def test_a_receipt_says_where_the_ledger_ends(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)
    record = desk.recorded()
    head = desk.client.tavus.consents.ledger.store.head()
    receipt = desk(lambda t: t.consents.receipt(record, controller=CONTROLLER))
    assert (receipt.ledger_size, receipt.ledger_head) == (head.size, head.hash)
    issued = desk.events(record)[-1]
    assert (issued.type, dict(issued.payload)) == (EventType.RECEIPT_ISSUED, receipt.codes())


def test_without_a_ledger_a_receipt_says_so(memory_desk: Desk) -> None:
    record = memory_desk.recorded()
    assert memory_desk(lambda t: t.consents.receipt(record, controller=CONTROLLER)).ledger_head is None


def test_a_receipt_is_in_the_language_that_was_asked_for(memory_desk: Desk) -> None:
    record = memory_desk.recorded()
    german = memory_desk(lambda t: t.consents.receipt(record, language="de", controller=CONTROLLER))
    english = memory_desk(lambda t: t.consents.receipt(record, controller=CONTROLLER))
    assert german.text() == german.text("de") != german.text("en")
    assert english.text() == english.text("en")


def test_a_receipt_names_who_asked_unless_told_more(memory_desk: Desk) -> None:
    record = memory_desk.request(attested_by="hr@app.example")
    with pytest.warns(tc.ReceiptWarning, match="does not state address, contact"):
        assert "hr@app.example" in memory_desk(lambda t: t.consents.receipt(record)).text()
    assert CONTROLLER.name in memory_desk(lambda t: t.consents.receipt(record, controller=CONTROLLER)).text()


def test_nobody_gets_a_receipt_for_an_erased_person(memory_desk: Desk) -> None:
    record = memory_desk.recorded()
    memory_desk(lambda t: t.consents.erase(record))
    with pytest.raises(tc.InvalidRequestError, match="receipt"):
        memory_desk(lambda t: t.consents.receipt(record, controller=CONTROLLER))
