"""An open create refuses another one of the same likeness, and a second likeness is not made unnoticed."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from tests.asked import ASKED

import tavus_consent as tc
from tavus_consent.testing import FakeTavus, FakeTransport, Fault

from .conftest import OpenDesk
from .support import LINK, NAME, NOW, TRAIN, Desk

FOX = {"attestation": "A fox that our studio drew", "attested_by": "studio@app.example"}
LOST = Fault(drop=True, after_work=True)
NOT_SENT = Fault(status=502)


def spoken() -> tc.SpokenConsent:
    return tc.SpokenConsent(NAME, LINK)


def lose(desk: Desk, consent: Any, fault: Fault = LOST, **changes: Any) -> None:
    desk.fake.inject(fault, operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError):
        desk.create(consent, **changes)


def interrupt(desk: Desk, consent: Any, error: type[BaseException] = KeyboardInterrupt) -> None:
    """Interrupt a create after Tavus carried it out."""
    handle = desk.fake.handle

    def interrupted(request: Any) -> Any:
        handle(request)
        raise error

    desk.fake.handle = interrupted  # type: ignore[method-assign]
    with pytest.raises(error):
        desk.create(consent)
    desk.fake.handle = handle  # type: ignore[method-assign]


# refused until somebody has looked


@pytest.mark.parametrize("begin", [lose, interrupt])
def test_a_record_with_an_open_create_refuses_another_one(desk: Desk, begin: Callable[..., None]) -> None:
    record = desk.recorded()
    begin(desk, record)
    with pytest.raises(tc.OpenCreate, match=r"consents\.reconcile\(\)") as caught:
        desk.create(record)
    (intent,) = desk.get(record).state.intents
    error = caught.value
    assert (error.record_id, error.intent_id, error.started_at) == (record.record_id, intent.intent_id, NOW)
    assert desk.sent().count("createReplica") == 1


def test_a_lookup_ends_the_refusal(desk: Desk) -> None:
    record = desk.recorded()
    lose(desk, record, NOT_SENT)
    desk.fake.advance(minutes=3)
    with pytest.raises(tc.OpenCreate) as caught:
        desk.create(record)
    assert caught.value.retry_at is None
    (found,) = desk(lambda t: t.consents.reconcile())
    assert found.outcome == "absent"
    assert desk.get(record).replicas == ()
    assert desk.create(record).replica_id in desk.fake.replicas


def test_the_caller_can_send_another_one_anyway(desk: Desk) -> None:
    record = desk.recorded()
    lose(desk, record)
    made = desk.create(record, despite_open=True)
    assert len(desk.fake.replicas) == 2
    assert desk.get(record).replicas == (made.replica_id,)


def test_a_create_of_another_name_is_another_likeness(desk: Desk) -> None:
    record = desk.recorded()
    lose(desk, record)
    assert desk.create(record, replica_name="Siobhan in the garden").replica_id


def test_a_face_is_the_same_likeness_as_a_replica_and_a_voice_is_not(desk: Desk) -> None:
    record = desk.recorded()
    lose(desk, record)
    with pytest.raises(tc.OpenCreate):
        desk(lambda t: t.faces.create_personal(train_video_url=TRAIN, consent=record, face_name="Siobhan"))
    audio = "https://bucket.example/voice.mp3"
    voice = desk(lambda t: t.voices.create_personal(audio_url=audio, consent=record, voice_name="Siobhan"))
    assert desk.get(record).state.voices == (voice.voice_id,)


@pytest.mark.parametrize("wrong", ["yes", 1])
def test_despite_open_is_true_or_false(desk: Desk, wrong: Any) -> None:
    with pytest.raises(tc.InvalidRequestError, match="despite_open"):
        desk.create(spoken(), despite_open=wrong)


def test_a_spoken_consent_is_refused_while_a_create_from_the_same_video_is_open(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)
    lose(desk, spoken())
    with pytest.raises(tc.OpenCreate):
        desk.create(spoken())
    with pytest.raises(tc.OpenCreate):
        desk.reopened().create(spoken())
    assert desk.create(spoken(), train_video_url="https://bucket.example/other.mp4").replica_id
    assert desk.create(spoken(), despite_open=True).replica_id
    assert desk.sent().count("createReplica") == 3


def test_an_attestation_is_refused_while_a_create_from_the_same_video_is_open(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)

    def fox(tavus: Any) -> Any:
        return tavus.replicas.create_non_human(train_video_url=TRAIN, replica_name="Fox", **FOX)

    desk.fake.inject(LOST, operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError):
        desk(fox)
    with pytest.raises(tc.OpenCreate):
        desk(fox)
    desk(lambda t: t.consents.reconcile())
    assert desk(fox).replica_id in desk.fake.replicas


# what an interruption leaves


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_create_stays_open_and_can_be_found(desk: Desk, error: type[BaseException]) -> None:
    record = desk.recorded()
    interrupt(desk, record, error)
    (intent,) = desk.get(record).state.intents
    assert (intent.status, intent.at) == ("unknown", NOW)
    (found,) = desk(lambda t: t.replicas.find_created(record))
    assert [found.replica_id] == list(desk.fake.replicas)
    assert [one.outcome for one in desk(lambda t: t.consents.reconcile())] == ["found"]


def test_a_coroutine_that_is_thrown_away_leaves_its_intent(desk: Desk) -> None:
    record = desk.recorded()
    interrupt(desk, record, GeneratorExit)
    assert [intent.status for intent in desk.get(record).state.intents] == ["open"]


class Waiting(httpx.AsyncBaseTransport):
    """Carries a request out, then waits until it is canceled."""

    def __init__(self, fake: FakeTavus) -> None:
        self.inner, self.asked = FakeTransport(fake), asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self.inner.handle_async_request(request)
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError


@pytest.mark.parametrize("where", ["ledger", "memory"])
async def test_a_canceled_create_stays_open_and_can_be_found(url: str, where: str) -> None:
    ledger = url if where == "ledger" else None
    fake = FakeTavus(now=NOW)
    transport = Waiting(fake)
    async with fake.async_client(ledger=ledger, transport=transport) as tavus:
        record = await tavus.consents.request(full_name=NAME, **ASKED)
        await tavus.consents.add_evidence(record, tc.ConsentVideo(LINK))
        task = asyncio.create_task(
            tavus.replicas.create_personal(train_video_url=TRAIN, consent=record, replica_name="Siobhan")
        )
        await transport.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [one.status for one in (await tavus.consents.get(record)).state.intents] == ["unknown"]
        with pytest.raises(tc.OpenCreate):
            await tavus.replicas.create_personal(train_video_url=TRAIN, consent=record, replica_name="Siobhan")
    if ledger is not None:
        async with fake.async_client(ledger=ledger) as other:
            (found,) = await other.replicas.find_created(record.record_id)
            assert [found.replica_id] == list(fake.replicas)
            assert [one.replica_id for one in await other.consents.reconcile()] == [found.replica_id]


# find_created with a record


def test_a_record_finds_what_its_open_creates_may_have_made(desk: Desk) -> None:
    record = desk.recorded()
    lose(desk, record)
    mine, decoy = *desk.fake.replicas, desk.create(desk.recorded("Rio Alvarez")).replica_id
    for given in (record, record.record_id):
        found = desk(lambda t, given=given: t.replicas.find_created(given))
        assert [one.replica_id for one in found] == [mine]
        assert isinstance(found, tc.Candidates)
    (face,) = desk(lambda t: t.faces.find_created(record))
    assert (face.face_id, type(face), decoy) == (mine, tc.Face, decoy)


def test_a_record_without_an_open_create_has_nothing_to_find(desk: Desk) -> None:
    record = desk.recorded()
    desk.create(record)
    with pytest.raises(tc.InvalidRequestError, match="No create of this record is open") as caught:
        desk(lambda t: t.replicas.find_created(record))
    assert caught.value.reason == "not_open"
    with pytest.raises(tc.InvalidRequestError, match="no such consent record"):
        desk(lambda t: t.replicas.find_created("nothing"))


# a second likeness


@pytest.fixture
def seen() -> Iterator[list[warnings.WarningMessage]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def test_a_second_likeness_warns_at_the_line_of_the_caller(desk: Desk, seen: list[warnings.WarningMessage]) -> None:
    record = desk.recorded()
    first = desk.create(record)
    assert seen == []

    def again(tavus: Any) -> Any:
        return tavus.replicas.create_personal(train_video_url=TRAIN, consent=record, replica_name="Siobhan")

    desk(again)
    (one,) = seen
    assert (one.category, one.filename, one.lineno) == (
        tc.DuplicateWarning,
        __file__,
        again.__code__.co_firstlineno + 1,
    )
    assert first.replica_id in str(one.message)
    assert len(desk.get(record).replicas) == 2


def test_a_warning_that_is_an_error_sends_nothing(desk: Desk) -> None:
    record = desk.recorded()
    desk.create(record)
    with pytest.raises(tc.DuplicateWarning):
        desk.create(record)
    assert (desk.sent().count("createReplica"), len(desk.get(record).state.intents)) == (1, 1)


def test_a_likeness_that_was_deleted_does_not_count(desk: Desk) -> None:
    """The first one failed to train, or was withdrawn with the create that made it."""
    record = desk.recorded()
    voice = desk(
        lambda t: t.voices.create_personal(
            audio_url="https://bucket.example/voice.mp3", consent=record, voice_name="Siobhan"
        )
    )
    desk.create(record)  # no other replica
    assert desk.get(record).state.likenesses[-1] == voice.voice_id


def test_a_policy_can_refuse_a_second_likeness(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url, consent_policy=tc.ConsentPolicy(likenesses=1))
    record = desk.recorded()
    made = desk.create(record)
    with pytest.raises(tc.ConsentRequired, match="the policy allows 1") as caught:
        desk.create(record)
    assert (caught.value.reason, desk.get(record).replicas) == ("likenesses", (made.replica_id,))
    face = desk.reopened(consent_policy=tc.ConsentPolicy(likenesses=1))
    with pytest.raises(tc.ConsentRequired):
        face(lambda t: t.faces.create_personal(train_video_url=TRAIN, consent=record, face_name="S"))


@pytest.mark.filterwarnings("ignore::tavus_consent.DuplicateWarning")
def test_a_policy_can_allow_a_number(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url, consent_policy=tc.ConsentPolicy(likenesses=2))
    record = desk.recorded()
    desk.create(record)
    desk.create(record)
    with pytest.raises(tc.ConsentRequired, match="already has 2"):
        desk.create(record)


@pytest.mark.parametrize("wrong", [0, -1, "1", 1.5, True])
def test_the_number_of_likenesses_is_a_positive_number(wrong: Any) -> None:
    with pytest.raises(tc.ConfigurationError, match="likenesses"):
        tc.ConsentPolicy(likenesses=wrong)
