"""The gate: the requests that it rejects before anything is sent, and the events that it writes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.asked import CONTROLLER

import tavus_consent as tc
from tavus_consent import ConsentPolicy, ConsentVideo, SpokenConsent
from tavus_consent.ledger import EventType
from tavus_consent.testing import Fault

from .conftest import OpenDesk
from .support import LINK, NAME, NOW, SHA, SPOKEN, TRAIN, Desk

VERIFIED = ConsentPolicy(requires="verified")
ONE_SPOKEN = SpokenConsent(NAME, LINK)


def records(desk: Desk) -> list[Any]:
    return list(desk(lambda t: t.consents.list()))


# what passes


def test_a_record_is_made_of_spoken_consent(desk: Desk) -> None:
    replica = desk.create(ONE_SPOKEN)
    (record,) = records(desk)
    assert (record.status, record.replicas, record.terms.full_name) == ("given", (replica.replica_id,), NAME)
    assert desk.types(record) == ["requested", "recorded", "given", "submit_intent", "submitted"]
    assert record.expires_at == NOW + timedelta(days=365)


def test_the_link_that_is_sent_is_the_one_of_the_record(desk: Desk) -> None:
    replica = desk.create(desk.recorded())
    sent = desk.fake.replicas[replica.replica_id]["request"]
    assert (sent["consent_video_url"], sent["train_video_url"]) == (LINK, TRAIN)


def test_the_last_link_counts(memory_desk: Desk) -> None:
    record = memory_desk.recorded(sha256=SHA)
    memory_desk.bring(record, ConsentVideo("https://bucket.example/newer.mp4", sha256=SHA))
    replica = memory_desk.create(record)
    sent = memory_desk.fake.replicas[replica.replica_id]["request"]
    assert sent["consent_video_url"] == "https://bucket.example/newer.mp4"


def test_a_statement_in_the_training_video_needs_no_other_video(memory_desk: Desk) -> None:
    record = memory_desk.bring(memory_desk.request(), ConsentVideo(f"{TRAIN}?signature=1", where="training_video"))
    with pytest.warns(tc.ConsentWarning, match="consent_video_url"):
        replica = memory_desk.create(record, train_video_url=f"{TRAIN}?signature=2")
    assert "consent_video_url" not in memory_desk.fake.replicas[replica.replica_id]["request"]


def test_spoken_consent_in_the_training_video(memory_desk: Desk) -> None:
    with pytest.warns(tc.ConsentWarning, match="consent_video_url"):
        memory_desk.create(SpokenConsent(NAME))
    assert records(memory_desk)[0].state.evidence.where == "training_video"


@pytest.mark.filterwarnings("ignore::tavus_consent.DuplicateWarning")
def test_one_consent_can_have_several_replicas(desk: Desk) -> None:
    record = desk.recorded()
    replicas = [desk.create(record).replica_id, desk.create(desk.get(record)).replica_id]
    assert desk.get(record).replicas == tuple(replicas)
    assert desk.types(record).count("given") == 1


def test_faces_pass_the_same_gate(desk: Desk) -> None:
    record = desk.recorded()
    face = desk(lambda t: t.faces.create_personal(train_video_url=TRAIN, consent=record, face_name="Siobhan"))
    assert desk.get(record).replicas == (face.face_id,)
    assert desk.events(record)[-2].payload["noun"] == "face"


def test_a_face_that_is_nobodys_is_kept_with_who_vouches(desk: Desk) -> None:
    desk(
        lambda t: t.faces.create_non_human(
            train_image_url="https://b.example/fox.png", voice_name="Kore", attestation="A fox", attested_by="me"
        )
    )
    (attested,) = desk(lambda t: t.consents.list(status="attested"))
    assert attested.replicas == tuple(desk.fake.replicas)
    assert {item.plaintext for item in desk.client.tavus._registry()._log.vault.items(attested.state.subject_ref)} == {
        b"A fox",
        b"me",
    }


def test_the_name_of_the_replica_is_in_the_ledger_as_a_reference(desk: Desk) -> None:
    record = desk.recorded()
    desk.create(record)
    assert desk.events(record)[-2].payload["name"].startswith("hmac:")


def test_a_policy_that_asks_for_a_check_is_met_by_one(desk: Desk) -> None:
    strict = desk.reopened(consent_policy=VERIFIED)
    record = strict.recorded()
    strict.hear(record)
    strict.create(record)
    assert strict.get(record).state.basis == "verified"


@pytest.mark.filterwarnings("ignore::tavus_consent.DuplicateWarning")
def test_a_stricter_policy_asks_again_about_given_consent(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)
    record = desk.recorded()
    desk.create(record)
    strict = desk.reopened(consent_policy=VERIFIED)
    with pytest.raises(tc.ConsentRequired):
        strict.create(record)
    strict.hear(record)
    strict.create(record)
    assert [one.payload["basis"] for one in strict.events(record) if one.type == "given"] == ["recorded", "verified"]


# what does not


def requested(desk: Desk) -> Any:
    return desk.request()


def refused(desk: Desk) -> Any:
    record = desk.request()
    return desk(lambda t: t.consents.refuse(record))


def withdrawn(desk: Desk) -> Any:
    record = desk.recorded()
    desk.withdraw(record)
    return record


def void(desk: Desk) -> Any:
    record = desk.recorded()
    return desk(lambda t: t.consents.invalidate(record, reason="the wrong person"))


def erased(desk: Desk) -> Any:
    record = desk.recorded()
    desk(lambda t: t.consents.erase(record))
    return record


def expired(desk: Desk) -> Any:
    record = desk.recorded(valid_for=timedelta(days=1))
    desk.fake.advance(hours=24)
    return record


def minor(desk: Desk) -> Any:
    return desk.recorded(adult=False)


def mismatch(desk: Desk) -> Any:
    record = desk.recorded()
    desk(lambda t: t.consents.verify(record, transcript=SPOKEN.replace(NAME, "Rio Alvarez")))
    return record


def doubtful(desk: Desk) -> Any:
    record = desk.recorded()
    desk(lambda t: t.consents.verify(record, transcript=SPOKEN.replace(NAME, "Siobhán O'Brian")))
    return record


def of_another(desk: Desk) -> Any:
    desk.recorded("Rio Alvarez", sha256=SHA)
    return desk.recorded(sha256=SHA)


def elsewhere(desk: Desk) -> Any:
    return desk.bring(desk.request(), ConsentVideo("https://bucket.example/other.mp4", where="training_video"))


def attested(desk: Desk) -> Any:
    desk(lambda t: t.replicas.create_non_human(train_video_url=TRAIN, attestation="A fox", attested_by="me"))
    return desk(lambda t: t.consents.list(status="attested"))[0]


def of_another_ledger(desk: Desk) -> Any:
    return Desk(desk._make_client, None).recorded()


# The arguments of a create that the consent does not concern.
TRAINED = {
    "replicas": {"train_video_url": TRAIN},
    "faces": {"train_video_url": TRAIN},
    "voices": {"audio_url": "https://bucket.example/voice.wav", "voice_name": "Siobhan"},
}
REFUSED: list[tuple[Callable[[Desk], Any], type[tc.ConsentError], str]] = [
    (requested, tc.ConsentRequired, "requested"),
    (refused, tc.ConsentRequired, "refused"),
    (withdrawn, tc.ConsentWithdrawn, "withdrawn"),
    (void, tc.ConsentRequired, "invalidated"),
    (erased, tc.ConsentRequired, "erased"),
    (expired, tc.ConsentExpired, "expired"),
    (minor, tc.ConsentRequired, "minor"),
    (mismatch, tc.ConsentMismatch, "mismatch"),
    (doubtful, tc.ConsentMismatch, "review"),
    (of_another, tc.EvidenceChanged, "another_person"),
    (elsewhere, tc.EvidenceChanged, "other_training_video"),
    (attested, tc.ConsentContradiction, "attested"),
    (of_another_ledger, tc.ConsentRequired, "none"),
]


@pytest.mark.parametrize(("prepare", "error", "reason"), REFUSED, ids=lambda one: getattr(one, "__name__", None))
@pytest.mark.parametrize(("noun", "given"), TRAINED.items())
def test_what_is_missing_is_refused_and_nothing_is_sent(
    desk: Desk,
    noun: str,
    given: dict[str, str],
    prepare: Callable[[Desk], Any],
    error: type[tc.ConsentError],
    reason: str,
) -> None:
    record = prepare(desk)
    before, written = desk.sent(), desk.types(record)
    with pytest.raises(error) as caught:
        desk(lambda t: getattr(t, noun).create_personal(**given, consent=record))
    assert caught.value.reason == reason
    assert (desk.sent(), desk.types(record)) == (before, written)


def test_spoken_consent_is_not_enough_where_a_check_is_asked_for(desk: Desk) -> None:
    strict = desk.reopened(consent_policy=VERIFIED)
    with pytest.raises(tc.ConsentRequired, match="a check that passed"):
        strict.create(ONE_SPOKEN)
    assert (strict.sent(), records(strict)) == ([], [])


def test_a_rule_of_ones_own_is_asked(desk: Desk) -> None:
    def has_notice(record: tc.ConsentRecord, _: object) -> str | None:
        return None if record.terms and record.terms.notice_url else "Give the privacy notice."

    strict = desk.reopened(consent_policy=ConsentPolicy(rules=[has_notice]))
    with pytest.raises(tc.ConsentRequired, match="the privacy notice"):
        strict.create(strict.recorded())
    strict.create(strict.recorded(notice_url="https://app.example/privacy"))
    assert strict.sent() == ["createReplica"]


def test_a_link_that_expired_since_is_refused_before_anything_is_written(desk: Desk) -> None:
    link = (
        "https://bucket.example/consent.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20260301%2Feu%2Fs3"
    )
    link += "%2Faws4_request&X-Amz-Date=20260301T120000Z&X-Amz-Expires=172800&X-Amz-SignedHeaders=host&X-Amz-Signature="
    record = desk.bring(desk.request(), ConsentVideo(link + "ab" * 32))
    desk.fake.advance(hours=49)
    with pytest.raises(tc.InvalidLinkError) as caught:
        desk.create(record)
    assert caught.value.reason == "expired"
    assert (desk.types(record), desk.sent()) == (["requested", "recorded"], [])


@pytest.mark.parametrize("consent", [None, "record", 3])
def test_consent_is_a_record_or_spoken(memory_desk: Desk, consent: object) -> None:
    with pytest.raises(tc.ConsentRequired, match="ConsentRecord"):
        memory_desk.create(consent)


def test_events_without_their_vault_are_no_consent(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)
    record = desk.recorded()
    desk.client.tavus._registry()._log.vault.erase(record.state.subject_ref)
    with pytest.raises(tc.ConsentRequired) as caught:
        desk.create(record)
    assert caught.value.reason == "no_vault"
    with pytest.raises(tc.InvalidRequestError):
        desk(lambda t: t.consents.verify(record, transcript=SPOKEN))


# one recording, one person


def test_two_records_of_one_person_can_share_a_recording(desk: Desk) -> None:
    desk.create(desk.recorded(sha256=SHA))
    assert desk.create(desk.recorded("siobhán o'connor", sha256=SHA)).replica_id


def test_who_brought_a_recording_first_keeps_it(desk: Desk) -> None:
    first = desk.recorded(sha256=SHA)
    desk.recorded("Rio Alvarez", sha256=SHA)
    assert desk.create(first).replica_id


def test_a_record_that_is_void_takes_no_recording_from_anybody(desk: Desk) -> None:
    wrong = desk.recorded("Rio Alvarez", sha256=SHA)
    desk(lambda t: t.consents.invalidate(wrong, reason="this is Siobhán's video"))
    assert desk.create(desk.recorded(sha256=SHA)).replica_id


def test_a_record_that_has_another_recording_by_now_takes_none(desk: Desk) -> None:
    wrong = desk.recorded("Rio Alvarez", sha256=SHA)
    desk.bring(wrong, ConsentVideo("https://bucket.example/rio.mp4", sha256="cd" * 32))
    assert desk.create(desk.recorded(sha256=SHA)).replica_id


def test_the_recording_of_an_erased_person_serves_nobody(desk: Desk) -> None:
    gone = desk.recorded(sha256=SHA)
    desk(lambda t: t.consents.erase(gone))
    with pytest.raises(tc.EvidenceChanged):
        desk.create(desk.recorded(sha256=SHA))


# what came of it


@pytest.mark.parametrize(
    ("fault", "error", "outcome"),
    [
        (Fault(status=400), tc.BadRequestError, EventType.FAILED),
        (Fault(status=402), tc.PaymentRequiredError, EventType.FAILED),
        (Fault(status=500), tc.OutcomeUnknownError, EventType.OUTCOME_UNKNOWN),
        (Fault(drop=True), tc.OutcomeUnknownError, EventType.OUTCOME_UNKNOWN),
    ],
)
def test_what_came_of_a_create_is_written_down(
    desk: Desk, fault: Fault, error: type[tc.TavusError], outcome: EventType
) -> None:
    record = desk.recorded()
    desk.fake.inject(fault)
    with pytest.raises(error):
        desk.create(record)
    assert (desk.types(record)[-2:], desk.sent()) == (["submit_intent", str(outcome)], ["createReplica"])


def test_the_intent_is_written_before_the_request(desk: Desk) -> None:
    record = desk.recorded()
    seen: list[list[str]] = []
    handle = desk.fake.handle

    def look(request: Any) -> Any:
        seen.append(desk.types(record))
        return handle(request)

    desk.fake.handle = look  # type: ignore[method-assign]
    desk.create(record)
    assert [types[-1] for types in seen] == ["submit_intent"]


def failing_ledger(desk: Desk, monkeypatch: pytest.MonkeyPatch, after: str) -> None:
    """The ledger fails once an event of this type was written."""
    store = type(desk.client.tavus._registry()._log.store)
    append = store.append

    def fail(self: Any, draft: Any, **options: Any) -> Any:
        if any(event.type == after for event in self.events(draft.record_id)):
            raise tc.LedgerUnavailable("The disk is full.")
        return append(self, draft, **options)

    monkeypatch.setattr(store, "append", fail)


def test_a_replica_that_was_made_is_given_back_when_the_ledger_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Raising would lose its id, and who tries again pays for a second one."""
    record = desk.recorded()
    failing_ledger(desk, monkeypatch, "submit_intent")
    assert desk.create(record).replica_id in desk.fake.replicas
    assert "call consents.reconcile()" in caplog.text
    assert desk.get(record).state.unsettled


def test_nothing_is_sent_when_the_intent_cannot_be_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    record = desk.recorded()
    failing_ledger(desk, monkeypatch, "given")
    with pytest.raises(tc.LedgerUnavailable):
        desk.create(record)
    assert desk.sent() == []


def test_a_failure_of_the_ledger_does_not_hide_the_one_of_tavus(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    record = desk.recorded()
    failing_ledger(desk, monkeypatch, "submit_intent")
    desk.fake.inject(Fault(status=402))
    with pytest.raises(tc.PaymentRequiredError):
        desk.create(record)


# somebody else at the same time


def meanwhile(desk: Desk, monkeypatch: pytest.MonkeyPatch, before: str, act: Callable[[], object]) -> None:
    """Something happens right before an event of this type is written."""
    store = type(desk.client.tavus._registry()._log.store)
    append, did = store.append, threading.Event()

    def late(self: Any, draft: Any, **options: Any) -> Any:
        if draft.type == before and not did.is_set():
            did.set()
            act()
        return append(self, draft, **options)

    monkeypatch.setattr(store, "append", late)


@pytest.mark.parametrize("before", ["given", "submit_intent"])
def test_consent_that_is_withdrawn_at_the_last_moment_trains_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    record = desk.recorded()
    withdrawals = desk.client.tavus._registry().withdrawals
    meanwhile(
        desk,
        monkeypatch,
        before,
        lambda: withdrawals.begin(record, requested_by="subject", reason=None, videos=()),
    )
    with pytest.raises(tc.ConsentWithdrawn):
        desk.create(record)
    assert desk.sent() == []


def test_a_receipt_at_the_same_time_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    record = desk.recorded()
    registry = desk.client.tavus._registry()
    meanwhile(desk, monkeypatch, "submit_intent", lambda: registry.receipt(record, controller=CONTROLLER))
    desk.create(record)
    assert desk.types(record)[2:] == ["given", "receipt_issued", "submit_intent", "submitted"]


def test_a_clock_behind_that_of_another_process_does_not_stop_a_withdrawal(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)
    ahead = desk.reopened()
    desk.fake.advance(seconds=30)
    record = ahead.recorded()
    behind = open_desk(url)  # a fake of its own, whose clock stands at the beginning
    assert behind.withdraw(record).complete
