"""``once=``: a call with the key of an earlier create returns what that made."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

import tavus_consent as tc
from tavus_consent.ledger import Ledger, open_ledger
from tavus_consent.testing import FakeClock, Fault

from .conftest import OpenDesk
from .support import LINK, NAME, NOW, TRAIN, Desk

AUDIO = "https://bucket.example/voice.mp3"
FOX = {"attestation": "A fox that our studio drew", "attested_by": "studio@app.example"}
SIGNED = "?signature=2"
LOST = Fault(drop=True, after_work=True)
NOT_SENT = Fault(status=502)


@pytest.fixture
def desk(url: str, open_desk: OpenDesk) -> Desk:
    return open_desk(url)


def replica(tavus: Any, consent: Any, once: str | None = "job-42", **changes: Any) -> Any:
    given = {"train_video_url": TRAIN, "replica_name": "Siobhan", **changes}
    return tavus.replicas.create_personal(consent=consent, once=once, **given)


def face(tavus: Any, consent: Any, once: str = "job-42", **changes: Any) -> Any:
    given = {"train_video_url": TRAIN, "face_name": "Siobhan", **changes}
    return tavus.faces.create_personal(consent=consent, once=once, **given)


def voice(tavus: Any, consent: Any, once: str = "job-42", **changes: Any) -> Any:
    given = {"audio_url": AUDIO, "voice_name": "Siobhan", **changes}
    return tavus.voices.create_personal(consent=consent, once=once, **given)


def fox_replica(tavus: Any, _: Any, once: str = "job-42", **changes: Any) -> Any:
    given = {"train_video_url": TRAIN, "replica_name": "Fox", **FOX, **changes}
    return tavus.replicas.create_non_human(once=once, **given)


def fox_face(tavus: Any, _: Any, once: str = "job-42", **changes: Any) -> Any:
    given = {"train_video_url": TRAIN, "face_name": "Fox", **FOX, **changes}
    return tavus.faces.create_non_human(once=once, **given)


def fox_voice(tavus: Any, _: Any, once: str = "job-42", **changes: Any) -> Any:
    given = {"audio_url": AUDIO, "voice_name": "Fox", **FOX, **changes}
    return tavus.voices.create_non_human(once=once, **given)


CREATES = pytest.mark.parametrize("create", [replica, face, voice, fox_replica, fox_face, fox_voice])
Create = Callable[..., Any]


def id_of(made: Any) -> str:
    return str(getattr(made, "voice_id", None) or made.replica_id)


def spoken(name: str = NAME, link: str = LINK, **given: Any) -> tc.SpokenConsent:
    return tc.SpokenConsent(name, link, **given)


def posts(desk: Desk) -> int:
    return sum(one.method == "POST" for one in desk.fake.requests)


# the same call again


@CREATES
def test_the_second_call_returns_what_the_first_one_made(desk: Desk, create: Create) -> None:
    first = desk(lambda t: create(t, spoken()))
    again = desk(lambda t: create(t, spoken()))
    assert (id_of(again), type(again), posts(desk)) == (id_of(first), type(first), 1)


@CREATES
def test_another_process_gets_it_too(desk: Desk, create: Create) -> None:
    first = desk(lambda t: create(t, spoken()))
    other = desk.reopened()
    assert (id_of(other(lambda t: create(t, spoken()))), posts(desk)) == (id_of(first), 1)


def test_a_record_and_its_id_are_the_same_argument(desk: Desk) -> None:
    record = desk.recorded()
    first = desk(lambda t: replica(t, record))
    assert desk(lambda t: replica(t, record.record_id)).replica_id == first.replica_id
    assert desk.get(record).replicas == (first.replica_id,)


def test_a_link_that_was_signed_again_is_the_same_argument(desk: Desk) -> None:
    first = desk(lambda t: replica(t, spoken(link=f"{LINK}{SIGNED}"), train_video_url=f"{TRAIN}{SIGNED}"))
    assert desk(lambda t: replica(t, spoken())).replica_id == first.replica_id


def test_the_object_is_read_anew(desk: Desk) -> None:
    first = desk(lambda t: replica(t, spoken()))
    desk.fake.advance(hours=8)
    again = desk(lambda t: replica(t, spoken()))
    assert (first.is_training, again.is_ready) == (True, True)


def test_it_is_returned_after_the_consent_expired(desk: Desk) -> None:
    record = desk.recorded()
    first = desk(lambda t: replica(t, record))
    desk.fake.advance(hours=24 * 400)
    assert desk(lambda t: replica(t, record)).replica_id == first.replica_id


def test_without_a_key_every_call_makes_one(desk: Desk) -> None:
    made = {desk(lambda t: replica(t, spoken(), once=None)).replica_id for _ in range(2)}
    assert len(made) == 2


def test_other_keys_make_others(desk: Desk) -> None:
    made = {desk(lambda t, key=key: replica(t, spoken(), once=key)).replica_id for key in ("job-1", "job-2")}
    assert len(made) == 2


# what is refused


@pytest.mark.parametrize(
    "changes",
    [
        {"replica_name": "Rio"},
        {"train_video_url": "https://bucket.example/other.mp4"},
        {"model_name": "phoenix-3"},
        {"background_green_screen": True},
        {"callback_url": "https://app.example/tavus"},
    ],
)
def test_a_key_with_other_arguments_is_refused(desk: Desk, changes: dict[str, Any]) -> None:
    desk(lambda t: replica(t, spoken()))
    with pytest.raises(tc.OnceConflict, match="other arguments") as caught:
        desk(lambda t: replica(t, spoken(), **changes))
    (record,) = desk(lambda t: t.consents.list())
    (intent,) = record.state.intents
    assert (caught.value.record_id, caught.value.intent_id) == (record.record_id, intent.intent_id)
    assert (caught.value.field, caught.value.reason, posts(desk)) == ("once", "other_arguments", 1)


@pytest.mark.parametrize(
    "consent", [spoken("Rio Alvarez"), spoken(link="https://bucket.example/c2.mp4"), spoken(reference="employee-1")]
)
def test_a_key_for_another_person_is_refused(desk: Desk, consent: tc.SpokenConsent) -> None:
    desk(lambda t: replica(t, spoken()))
    with pytest.raises(tc.OnceConflict):
        desk(lambda t: replica(t, consent))


def test_a_key_for_another_kind_is_refused(desk: Desk) -> None:
    desk(lambda t: replica(t, spoken()))
    for create in (face, voice, fox_replica):
        with pytest.raises(tc.OnceConflict):
            desk(lambda t, create=create: create(t, spoken()))


def test_a_key_for_another_record_is_refused(desk: Desk) -> None:
    desk(lambda t: replica(t, spoken()))
    with pytest.raises(tc.OnceConflict):
        desk(lambda t: replica(t, "another-record"))


@pytest.mark.parametrize("key", ["", " job", 42, "line\nbreak"])
def test_a_key_is_a_plain_text(desk: Desk, key: Any) -> None:
    with pytest.raises(tc.InvalidRequestError, match="once"):
        desk(lambda t: replica(t, spoken(), once=key))
    assert posts(desk) == 0


def test_what_was_deleted_is_not_returned(desk: Desk) -> None:
    record = desk.recorded()
    desk(lambda t: replica(t, record))
    desk.withdraw(record)
    with pytest.raises(tc.OnceConflict, match="deleted") as caught:
        desk(lambda t: replica(t, record))
    assert caught.value.reason == "deleted"


def test_the_arguments_of_an_erased_person_cannot_be_compared(desk: Desk) -> None:
    record = desk.recorded()
    desk(lambda t: replica(t, record))
    desk.withdraw(record)
    desk(lambda t: t.consents.erase(record))
    with pytest.raises(tc.OnceConflict, match="erased") as caught:
        desk(lambda t: replica(t, record))
    assert caught.value.reason == "erased"


def test_a_key_needs_a_ledger_that_outlives_the_process(memory_desk: Desk) -> None:
    with pytest.raises(tc.ConfigurationError, match="TAVUS_CONSENT_LEDGER"):
        memory_desk(lambda t: replica(t, spoken()))
    assert posts(memory_desk) == 0


# a create that made nothing frees its key


@pytest.mark.parametrize("consent", [spoken(), None], ids=["spoken", "record"])
def test_a_refused_create_frees_its_key(desk: Desk, consent: Any) -> None:
    consent = consent or desk.recorded()
    desk.fake.inject(Fault(status=400), operation="createReplica", times=2)
    for _ in range(2):
        with pytest.raises(tc.BadRequestError):
            desk(lambda t: replica(t, consent, replica_name="bad"))
    made = desk(lambda t: replica(t, consent))
    assert desk(lambda t: replica(t, consent)).replica_id == made.replica_id
    assert list(desk.fake.replicas) == [made.replica_id]


def test_a_create_that_a_lookup_found_absent_frees_its_key(desk: Desk) -> None:
    desk.fake.inject(NOT_SENT, operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError):
        desk(lambda t: replica(t, spoken()))
    desk.fake.advance(minutes=3)
    made = desk(lambda t: replica(t, spoken()))  # looks first
    assert list(desk.fake.replicas) == [made.replica_id]
    assert "listReplicas" in desk.sent()


def test_a_create_that_was_given_up_too_early_is_still_returned(desk: Desk) -> None:
    """A reconciliation said that it made nothing, and then its answer came."""
    handle = desk.fake.handle

    def slow(request: Any) -> Any:
        if request.method == "POST":
            (absent,) = other.client.tavus._registry().reconciliation.reconcile([])
            assert absent.outcome == "absent"
        return handle(request)

    other = desk.reopened(clock=FakeClock(NOW + timedelta(minutes=3)))
    desk.fake.handle = slow  # type: ignore[method-assign]
    made = desk(lambda t: replica(t, spoken()))
    assert desk(lambda t: replica(t, spoken())).replica_id == made.replica_id
    assert len(desk.fake.replicas) == 1


# while the first one is open


def test_a_lost_answer_is_looked_up_by_the_second_call(desk: Desk) -> None:
    desk.fake.inject(LOST, operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError):
        desk(lambda t: replica(t, spoken()))
    again = desk(lambda t: replica(t, spoken()))
    assert [again.replica_id] == list(desk.fake.replicas)
    assert posts(desk) == 1


def test_what_a_lookup_cannot_settle_is_refused_with_candidates(desk: Desk) -> None:
    desk.fake.inject(LOST, operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError):
        desk(lambda t: replica(t, spoken(), replica_name=None))  # nobody can tell whose it is
    with pytest.raises(tc.OpenCreate, match=r"consents\.reconcile") as caught:
        desk(lambda t: replica(t, spoken(), replica_name=None))
    assert caught.value.candidates == tuple(desk.fake.replicas)
    desk(lambda t: t.consents.reconcile(decided={caught.value.intent_id: caught.value.candidates[0]}))
    assert [desk(lambda t: replica(t, spoken(), replica_name=None)).replica_id] == list(desk.fake.replicas)


def test_the_caller_can_send_another_one_with_the_key(desk: Desk) -> None:
    desk.fake.inject(LOST, operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError):
        desk(lambda t: replica(t, spoken(), replica_name=None))
    made = desk(lambda t: replica(t, spoken(), replica_name=None, despite_open=True))
    assert len(desk.fake.replicas) == 2
    assert desk(lambda t: replica(t, spoken(), replica_name=None)).replica_id == made.replica_id


def within(desk: Desk, use: Callable[[Any], Any]) -> list[tc.TavusError]:
    """Let another process make a call while the request of the first one is under way; return its errors."""
    handle, found = desk.fake.handle, []

    def meet(request: Any) -> Any:
        if request.method == "POST":
            with desk.fake.client(ledger=desk.url) as tavus:
                try:
                    use(tavus)
                except tc.TavusError as error:
                    found.append(error)
        return handle(request)

    desk.fake.handle = meet  # type: ignore[method-assign]
    return found


@pytest.mark.parametrize("consent", [spoken(), None], ids=["spoken", "record"])
def test_a_call_that_meets_the_first_one_is_told_when_to_come_back(desk: Desk, consent: Any) -> None:
    consent = consent or desk.recorded()
    errors = within(desk, lambda t: replica(t, consent))
    started = desk.fake.clock.now()
    made = desk(lambda t: replica(t, consent))
    (error,) = errors
    assert isinstance(error, tc.OpenCreate)
    assert (error.started_at, error.reason) == (started, "open_create")
    assert error.retry_at is not None
    assert error.retry_at > started
    assert list(desk.fake.replicas) == [made.replica_id]


# a process that ends, or another one that comes, between two writes


class Stop(BaseException):
    """The end of a process."""


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with open_ledger(url) as opened:
        yield opened


def after(ledger: Ledger, type_: str, then: Callable[[], Any]) -> None:
    """Do something once, right after an event of a type is written."""
    append, store = ledger.store.append, ledger.store

    def appended(draft: Any, **given: Any) -> Any:
        made = append(draft, **given)
        if draft.type == type_:
            store.append = append  # type: ignore[method-assign]
            then()
        return made

    store.append = appended  # type: ignore[method-assign]


def stop() -> None:
    raise Stop


def raced(open_desk: OpenDesk, ledger: Ledger, desk: Desk, type_: str, use: Callable[[Any], Any]) -> Any:
    """Another process makes a call right after the first one wrote an event; return what it made."""
    made: list[Any] = []

    def run() -> None:
        with desk.fake.client(ledger=desk.url) as tavus:
            made.append(use(tavus))

    after(ledger, type_, run)
    mine = open_desk(ledger, fake=desk.fake)
    with pytest.raises(tc.OpenCreate):
        mine(lambda t: replica(t, spoken()))
    return made[0]


@pytest.mark.parametrize("type_", ["requested", "recorded", "given"])
def test_a_process_that_ended_before_its_intent_leaves_one_record(
    open_desk: OpenDesk, ledger: Ledger, desk: Desk, type_: str
) -> None:
    after(ledger, type_, stop)
    dying = open_desk(ledger, fake=desk.fake)
    with pytest.raises(Stop):
        dying(lambda t: replica(t, spoken()))
    made = desk(lambda t: replica(t, spoken()))
    (record,) = desk(lambda t: t.consents.list())
    assert record.replicas == (made.replica_id,)
    assert desk.types(record) == ["requested", "recorded", "given", "submit_intent", "submitted"]


def test_an_attestation_is_not_written_twice_either(open_desk: OpenDesk, ledger: Ledger, desk: Desk) -> None:
    after(ledger, "attestation", stop)
    dying = open_desk(ledger, fake=desk.fake)
    with pytest.raises(Stop):
        dying(lambda t: fox_replica(t, None))
    made = desk(lambda t: fox_replica(t, None))
    (record,) = desk(lambda t: t.consents.list(status="attested"))
    assert record.replicas == (made.replica_id,)


def test_a_record_of_other_arguments_is_left_alone(open_desk: OpenDesk, ledger: Ledger, desk: Desk) -> None:
    """The process that began it never sent anything, so the key is free."""
    after(ledger, "requested", stop)
    dying = open_desk(ledger, fake=desk.fake)
    with pytest.raises(Stop):
        dying(lambda t: replica(t, spoken("Rio Alvarez", "https://bucket.example/rio.mp4")))
    made = desk(lambda t: replica(t, spoken()))
    begun, record = desk(lambda t: t.consents.list())
    assert (begun.status, record.replicas) == ("requested", (made.replica_id,))


def test_a_record_that_was_erased_is_left_alone(open_desk: OpenDesk, ledger: Ledger, desk: Desk) -> None:
    after(ledger, "requested", stop)
    dying = open_desk(ledger, fake=desk.fake)
    with pytest.raises(Stop):
        dying(lambda t: replica(t, spoken()))
    (begun,) = desk(lambda t: t.consents.list())
    desk(lambda t: t.consents.erase(begun))
    made = desk(lambda t: replica(t, spoken()))
    assert desk(lambda t: t.consents.for_replica(made.replica_id)).record_id != begun.record_id


@pytest.mark.parametrize("type_", ["requested", "recorded", "given"])
def test_of_two_processes_with_one_key_only_one_sends(
    open_desk: OpenDesk, ledger: Ledger, desk: Desk, type_: str
) -> None:
    made = raced(open_desk, ledger, desk, type_, lambda t: replica(t, spoken()))
    assert list(desk.fake.replicas) == [made.replica_id]
    (record,) = desk(lambda t: t.consents.list())
    assert record.replicas == (made.replica_id,)
    assert desk(lambda t: replica(t, spoken())).replica_id == made.replica_id


def test_of_two_processes_with_one_key_and_record_only_one_sends(
    open_desk: OpenDesk, ledger: Ledger, desk: Desk
) -> None:
    record = desk.recorded()
    made: list[Any] = []

    def run() -> None:
        with desk.fake.client(ledger=desk.url) as tavus:
            made.append(replica(tavus, record))

    after(ledger, "given", run)
    with pytest.raises(tc.OpenCreate):
        open_desk(ledger, fake=desk.fake)(lambda t: replica(t, record))
    assert list(desk.fake.replicas) == [made[0].replica_id]


def test_two_processes_that_use_one_key_for_two_persons_do_not_mix(
    open_desk: OpenDesk, ledger: Ledger, desk: Desk
) -> None:
    """The second one begins its record between the look of the first one and its write."""
    rio = spoken("Rio Alvarez", "https://bucket.example/rio.mp4")
    index, made = ledger.index, []
    against = index.against

    def late(*args: Any, **given: Any) -> Any:
        index.against = against  # type: ignore[method-assign]
        with desk.fake.client(ledger=desk.url) as tavus:
            made.append(replica(tavus, rio, train_video_url="https://bucket.example/rio-train.mp4"))
        return against(*args, **given)

    index.against = late  # type: ignore[method-assign]
    with pytest.raises(tc.OpenCreate, match="Another create"):
        open_desk(ledger, fake=desk.fake)(lambda t: replica(t, spoken()))
    (record,) = desk(lambda t: t.consents.list())
    assert (record.terms.full_name, record.replicas) == ("Rio Alvarez", (made[0].replica_id,))


# what the ledger keeps of it


def test_the_key_and_the_arguments_are_not_in_the_ledger(desk: Desk, url: str) -> None:
    desk(lambda t: replica(t, spoken(), once="job-42-of-rio@app.example"))
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        dump = "\n".join(database.iterdump())
    assert "job-42" not in dump
    assert desk.client.tavus.consents.ledger.verify().ok
