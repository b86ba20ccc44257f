"""What a person said no to binds the person: new records and ``SpokenConsent``, too. Recordings are one person's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import tavus_consent as tc
from tavus_consent import ConsentVideo, SpokenConsent
from tavus_consent.gate.record_log import Entry
from tavus_consent.ledger import EventType

from .conftest import OpenDesk
from .support import LINK, NAME, SHA, SPOKEN, TRAIN, Desk

FRESH = "https://bucket.example/fresh.mp4"
FRESH_TRAIN = "https://bucket.example/fresh-train.mp4"
DENIED = SPOKEN.replace("and consent", "and do not consent")
FOX = {"attestation": "A fox", "attested_by": "me"}


def withdrawn(desk: Desk, **terms: Any) -> tc.ConsentRecord:
    record = desk.recorded(**terms)
    desk.create(record)
    desk.withdraw(record)
    return record


def refused(desk: Desk, **terms: Any) -> tc.ConsentRecord:
    record = desk.recorded(**terms)
    desk(lambda t: t.consents.refuse(record))
    return record


def minor(desk: Desk, **terms: Any) -> tc.ConsentRecord:
    return desk.recorded(adult=False, **terms)


def given(desk: Desk, **terms: Any) -> tc.ConsentRecord:
    record = desk.recorded(**terms)
    desk.create(record)
    return record


PROTECTED = [(withdrawn, tc.ConsentWithdrawn), (refused, tc.ConsentRequired), (minor, tc.ConsentRequired)]
Make = Callable[..., tc.ConsentRecord]


@pytest.fixture(params=PROTECTED, ids=lambda one: one[0].__name__)
def protected(request: pytest.FixtureRequest) -> tuple[Make, type[tc.ConsentError]]:
    return request.param  # type: ignore[no-any-return]  # parametrized


def spoken(desk: Desk, name: str = NAME, **more: Any) -> Any:
    consent = SpokenConsent(name, FRESH, **more)
    return desk(lambda t: t.replicas.create_personal(train_video_url=FRESH_TRAIN, consent=consent))


# persons


@pytest.mark.parametrize("reference", [None, "employee-4711"])
def test_a_person_who_said_no_gets_no_other_record(desk: Desk, protected: Any, reference: str | None) -> None:
    make, error = protected
    record = make(desk, reference=reference)
    with pytest.raises(error) as caught:
        desk.request(reference=reference)
    said = str(caught.value)
    assert record.record_id in said
    assert "reference=" in said
    assert NAME not in said


@pytest.mark.parametrize("reference", [None, "employee-4711"])
def test_spoken_consent_does_not_lead_around_it(desk: Desk, protected: Any, reference: str | None) -> None:
    make, error = protected
    make(desk, reference=reference)
    before = desk.sent()
    with pytest.raises(error):
        spoken(desk, reference=reference)
    with pytest.raises(error):
        spoken(desk)
    assert desk.sent() == before


@pytest.mark.parametrize("name", ["siobhán o'connor", "SIOBHAN  O’CONNOR", "Siobhan OConnor"])
def test_a_name_is_the_same_however_it_is_written(memory_desk: Desk, name: str) -> None:
    withdrawn(memory_desk)
    with pytest.raises(tc.ConsentWithdrawn):
        memory_desk.request(name)


def test_a_reference_is_the_same_person_whatever_the_name(desk: Desk, protected: Any) -> None:
    make, error = protected
    make(desk, reference="employee-4711")
    with pytest.raises(error):
        desk.request("Siobhán Kelly", reference="employee-4711")


def test_another_reference_says_that_it_is_somebody_else(desk: Desk, protected: Any) -> None:
    make, _ = protected
    make(desk, reference="employee-4711")
    assert desk.request(reference="employee-4712").status == "requested"
    assert spoken(desk, reference="employee-4712").replica_id


def test_a_person_without_protective_facts_has_as_many_records_as_you_like(desk: Desk) -> None:
    given(desk)
    assert desk.request().status == "requested"
    assert spoken(desk).replica_id


@pytest.mark.parametrize("make", [withdrawn, refused])
def test_who_changed_their_mind_gets_a_new_record(desk: Desk, make: Make) -> None:
    make(desk)
    record = desk.request(after_withdrawal=True)
    desk.bring(record, ConsentVideo(FRESH))
    assert desk.create(record, train_video_url=FRESH_TRAIN).replica_id


def test_a_new_decision_does_not_make_anybody_older(desk: Desk) -> None:
    minor(desk)
    with pytest.raises(tc.ConsentRequired) as caught:
        desk.request(after_withdrawal=True)
    assert caught.value.reason == "minor"


@pytest.mark.parametrize("make", [refused, minor])
def test_a_record_that_is_void_says_nothing_of_the_person(desk: Desk, make: Make) -> None:
    record = make(desk)
    desk(lambda t: t.consents.invalidate(record, reason="it was made for somebody else"))
    assert desk.request().status == "requested"


def test_a_withdrawal_stays_when_the_record_is_declared_void(desk: Desk) -> None:
    record = withdrawn(desk)
    desk(lambda t: t.consents.invalidate(record, reason="to get around it"))
    with pytest.raises(tc.ConsentWithdrawn):
        desk.request()


def test_to_delete_what_came_of_a_void_record_is_no_withdrawal_of_the_person(desk: Desk) -> None:
    record = given(desk)
    desk(lambda t: t.consents.invalidate(record, reason="it was made for somebody else"))
    assert desk.withdraw(record).complete
    assert desk.request().status == "requested"


def test_a_withdrawal_binds_the_older_records_of_the_person(desk: Desk) -> None:
    older = desk.bring(desk.request(), ConsentVideo(FRESH))
    withdrawn(desk)
    with pytest.raises(tc.ConsentWithdrawn):
        desk.create(older, train_video_url=FRESH_TRAIN)


def test_a_new_decision_is_bound_by_the_next_withdrawal(desk: Desk) -> None:
    withdrawn(desk)
    second = desk.bring(desk.request(after_withdrawal=True), ConsentVideo(FRESH))
    desk.create(second, train_video_url=FRESH_TRAIN)
    desk.withdraw(second)
    with pytest.raises(tc.ConsentWithdrawn):
        desk.request()


def test_an_erased_person_can_be_asked_anew(desk: Desk) -> None:
    record = withdrawn(desk, reference="employee-4711")
    desk(lambda t: t.consents.erase(record))
    assert desk.request(reference="employee-4711").status == "requested"
    assert desk.request().status == "requested"


@pytest.mark.parametrize("reference", ["", " x", "x\n", "x" * 201, 4711])
def test_a_reference_is_a_short_text(memory_desk: Desk, reference: Any) -> None:
    with pytest.raises(tc.InvalidRequestError, match="reference"):
        memory_desk.request(reference=reference)
    with pytest.raises(tc.InvalidRequestError, match="reference"):
        SpokenConsent(NAME, reference=reference)


def test_after_withdrawal_is_true_or_false(memory_desk: Desk) -> None:
    with pytest.raises(tc.InvalidRequestError, match="after_withdrawal"):
        memory_desk.request(after_withdrawal="no")


# recordings


def mismatched(desk: Desk) -> tc.ConsentRecord:
    record = desk.recorded()
    desk(lambda t: t.consents.verify(record, transcript=DENIED))
    return record


USED_UP = [(withdrawn, tc.ConsentWithdrawn), (refused, tc.ConsentRequired), (mismatched, tc.ConsentMismatch)]


@pytest.mark.parametrize(("make", "error"), USED_UP)
def test_the_recording_of_such_a_record_serves_nothing_any_more(
    desk: Desk, make: Make, error: type[tc.ConsentError]
) -> None:
    make(desk)
    record = desk.request(reference="somebody-else")
    with pytest.raises(error) as caught:
        desk.bring(record, ConsentVideo(f"{LINK}?signature=2"))
    assert caught.value.reason.startswith("recording_")
    with pytest.raises(error):
        desk.create(SpokenConsent(NAME, LINK, reference="somebody-else"), train_video_url=FRESH_TRAIN)
    with pytest.raises(tc.ConsentContradiction):
        desk(lambda t: t.replicas.create_non_human(train_video_url=LINK, **FOX))


def test_the_training_video_of_a_withdrawn_person_is_not_trained_again(desk: Desk) -> None:
    withdrawn(desk)
    before = desk.sent()
    record = desk.bring(desk.request(after_withdrawal=True), ConsentVideo(FRESH))
    with pytest.raises(tc.ConsentWithdrawn):
        desk.create(record, train_video_url=f"{TRAIN}?signature=2")
    with pytest.raises(tc.ConsentContradiction):
        desk(lambda t: t.replicas.create_non_human(train_video_url=TRAIN, **FOX))
    with pytest.raises(tc.ConsentContradiction):
        desk(lambda t: t.faces.create_non_human(train_video_url=TRAIN, **FOX))
    assert desk.sent() == before


def test_a_recording_that_shows_a_person_is_not_non_human(desk: Desk) -> None:
    record = given(desk)
    with pytest.raises(tc.ConsentContradiction) as caught:
        desk(lambda t: t.replicas.create_non_human(train_video_url=TRAIN, **FOX))
    assert record.record_id in str(caught.value)


def test_what_somebody_vouched_for_is_no_person(desk: Desk) -> None:
    desk(lambda t: t.replicas.create_non_human(train_video_url=TRAIN, **FOX))
    desk(lambda t: t.replicas.create_non_human(train_video_url=TRAIN, **FOX))
    with pytest.raises(tc.ConsentContradiction):
        desk.create(desk.recorded())


def test_what_was_vouched_for_wrongly_is_taken_back_first(desk: Desk) -> None:
    desk(lambda t: t.replicas.create_non_human(train_video_url=TRAIN, **FOX))
    (attested,) = desk(lambda t: t.consents.list(status="attested"))
    desk.withdraw(attested)
    with pytest.raises(tc.ConsentWithdrawn):
        desk(lambda t: t.replicas.create_non_human(train_video_url=TRAIN, **FOX))
    assert desk.create(desk.recorded()).replica_id


def test_what_was_vouched_for_by_mistake_can_be_vouched_for_anew(desk: Desk) -> None:
    desk(lambda t: t.replicas.create_non_human(train_video_url=TRAIN, **FOX))
    (attested,) = desk(lambda t: t.consents.list(status="attested"))
    desk(lambda t: t.consents.invalidate(attested, reason="a typing error"))
    assert desk(lambda t: t.replicas.create_non_human(train_video_url=TRAIN, **FOX)).replica_id


def test_the_recording_of_a_void_record_is_nobodys(desk: Desk) -> None:
    record = desk.recorded()
    desk(lambda t: t.consents.invalidate(record, reason="it shows a fox"))
    assert desk(lambda t: t.replicas.create_non_human(train_video_url=LINK, **FOX)).replica_id


def test_a_recording_that_was_replaced_before_the_refusal_is_not_barred(desk: Desk) -> None:
    record = desk.recorded()
    desk.bring(record, ConsentVideo(FRESH))
    desk(lambda t: t.consents.refuse(record))
    assert desk.create(SpokenConsent("Rio Alvarez", LINK), train_video_url=FRESH_TRAIN).replica_id


def test_a_recording_that_an_early_release_noted_is_known_by_its_link(desk: Desk) -> None:
    withdrawn(desk)
    record = desk.request("Rio Alvarez")
    codes, private = ConsentVideo(LINK).codes(), {"link": ("link", LINK.encode())}
    desk.client.tavus._registry()._log.write(record.record_id, lambda *_: Entry(EventType.RECORDED, codes, private))
    with pytest.raises(tc.ConsentWithdrawn) as caught:
        desk.create(record, train_video_url=FRESH_TRAIN)
    assert caught.value.reason == "recording_withdrawn"


@pytest.mark.filterwarnings("ignore::tavus_consent.ConsentWarning")
def test_an_image_is_a_recording_too(desk: Desk) -> None:
    image = {"train_image_url": "https://b.example/me.png", "voice_name": "Kore"}
    record = desk.recorded()
    desk(lambda t: t.faces.create_personal(**image, consent=record))
    with pytest.raises(tc.ConsentContradiction):
        desk(lambda t: t.faces.create_non_human(**image, **FOX))


def test_a_training_video_serves_one_person(desk: Desk) -> None:
    first = given(desk)
    with pytest.raises(tc.EvidenceChanged) as caught:
        desk.create(desk.recorded("Rio Alvarez"), train_video_url=TRAIN)
    assert caught.value.reason == "another_person"
    assert first.record_id in str(caught.value)


def test_a_consent_video_without_a_hash_serves_one_person(desk: Desk) -> None:
    given(desk)
    other = SpokenConsent("Rio Alvarez", f"{LINK}?x=1")
    with pytest.raises(tc.EvidenceChanged):
        desk.create(other, train_video_url=FRESH_TRAIN)
    void = desk(lambda t: t.consents.list())[0]
    desk(lambda t: t.consents.invalidate(void, reason="a wrong name"))
    assert desk.create(other, train_video_url=FRESH_TRAIN).replica_id


def test_namesakes_do_not_share_a_recording(desk: Desk) -> None:
    given(desk, reference="employee-1")
    assert desk.create(desk.recorded()).replica_id  # without a reference, a name decides
    with pytest.raises(tc.EvidenceChanged):
        desk.create(desk.recorded(reference="employee-2"))


def test_other_bytes_at_the_same_link_are_another_recording(desk: Desk) -> None:
    desk.recorded("Rio Alvarez")
    for name, sha256 in (("Rio Alvarez", SHA), (NAME, "cd" * 32)):
        record = desk.bring(desk.request(name, reference=name), ConsentVideo(FRESH, sha256=sha256))
        assert desk.create(record, train_video_url=f"https://b.example/{sha256}.mp4").replica_id
    unread = desk.bring(desk.request("Ada Okafor"), ConsentVideo(FRESH))
    with pytest.raises(tc.EvidenceChanged):
        desk.create(unread, train_video_url=FRESH_TRAIN)


def test_the_bytes_are_found_at_any_link(desk: Desk) -> None:
    record = desk.recorded(sha256=SHA)
    desk.create(record)
    desk.withdraw(record)
    with pytest.raises(tc.ConsentWithdrawn):
        desk.bring(desk.request(after_withdrawal=True), ConsentVideo(FRESH, sha256=SHA))


def test_bytes_that_are_read_later_count(desk: Desk) -> None:
    record = desk.recorded()
    desk(lambda t: t.consents.verify(record, transcript=SPOKEN, recording=b"film"))
    known = desk.get(record).state.evidence
    assert known is not None
    desk.withdraw(record)
    with pytest.raises(tc.ConsentWithdrawn):
        desk.bring(desk.request(after_withdrawal=True), ConsentVideo(FRESH, sha256=known.sha256))


def test_a_recording_that_did_not_match_is_lifted_by_another_one(desk: Desk) -> None:
    record = mismatched(desk)
    desk.bring(record, ConsentVideo(FRESH))
    assert desk.create(record).replica_id
    with pytest.raises(tc.ConsentMismatch):
        desk.bring(desk.request(), ConsentVideo(LINK))


def test_a_link_without_a_file_name_is_known_by_its_query(memory_desk: Desk) -> None:
    links = [f"https://files.example/download?id={number}&sig=1" for number in (1, 2)]
    first, second = (
        memory_desk.bring(memory_desk.request(name), ConsentVideo(link))
        for name, link in zip((NAME, "Rio Alvarez"), links, strict=True)
    )
    assert memory_desk.create(first).replica_id
    assert memory_desk.create(second).replica_id
    third = memory_desk.bring(memory_desk.request("Ada Okafor"), ConsentVideo(links[0].replace("sig=1", "sig=2")))
    with pytest.raises(tc.EvidenceChanged):
        memory_desk.create(third, train_video_url=FRESH_TRAIN)


# what is kept, and what it costs


def test_another_process_knows_it_too(url: str, open_desk: OpenDesk) -> None:
    withdrawn(open_desk(url))
    other = open_desk(url)
    with pytest.raises(tc.ConsentWithdrawn):
        other.request()
    with pytest.raises(tc.ConsentContradiction):
        other(lambda t: t.replicas.create_non_human(train_video_url=TRAIN, **FOX))
