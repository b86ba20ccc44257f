"""``tavus.videos.create(once=)``: a call with the key of an earlier one returns what that made."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import tavus_consent as tc
from tavus_api.api.videos import AsyncVideos, Videos
from tavus_api.models import CreatedVideo
from tavus_consent.ledger import Ledger, open_ledger
from tavus_consent.testing import FakeClock, Fault

from .conftest import OpenDesk
from .support import NOW, Desk

STOCK = "r90bbd427f71"
AUDIO = "https://bucket.example/speech.mp3"
LOST = Fault(drop=True, after_work=True)
NOT_SENT = Fault(status=502)


@pytest.fixture
def desk(url: str, open_desk: OpenDesk) -> Desk:
    return open_desk(url)


def video(tavus: Any, once: str | None = "job-42", **changes: Any) -> Any:
    given = {"replica_id": STOCK, "script": "Welcome", "video_name": "Welcome", **changes}
    return tavus.videos.create(once=once, **given)


def videos(desk: Desk) -> list[str]:
    return list(desk.fake.objects("video"))


def posts(desk: Desk) -> int:
    return desk.sent().count("generateVideo")


# the same call again


def test_the_second_call_returns_what_the_first_one_made(desk: Desk) -> None:
    first, again = desk(video), desk(video)
    assert (again.video_id, type(again)) == (first.video_id, CreatedVideo)
    assert desk.reopened()(video).video_id == first.video_id
    assert posts(desk) == 1


def test_a_link_that_was_signed_again_is_the_same_argument(desk: Desk) -> None:
    made = {desk(lambda t, n=n: video(t, script=None, audio_url=f"{AUDIO}?signature={n}")).video_id for n in range(2)}
    assert len(made) == 1


def test_without_a_key_every_call_makes_one(desk: Desk) -> None:
    desk(lambda t: video(t, None))
    desk(lambda t: video(t, None))
    assert posts(desk) == 2


@pytest.mark.parametrize(
    "changes", [{"script": "Goodbye"}, {"video_name": "Bye"}, {"fast": True}, {"properties": {"background": "x"}}]
)
def test_a_key_with_other_arguments_is_refused(desk: Desk, changes: dict[str, Any]) -> None:
    desk(video)
    with pytest.raises(tc.OnceConflict, match="other arguments") as caught:
        desk(lambda t: video(t, **changes))
    assert (caught.value.intent_id, posts(desk)) == (None, 1)


def test_keys_of_videos_and_of_likenesses_are_apart(desk: Desk) -> None:
    desk(video)
    record = desk.recorded()
    assert desk.create(record, once="job-42").replica_id
    assert posts(desk) == 1


def test_a_key_needs_a_ledger_that_outlives_the_process(memory_desk: Desk) -> None:
    with pytest.raises(tc.ConfigurationError, match="TAVUS_CONSENT_LEDGER"):
        memory_desk(video)
    assert posts(memory_desk) == 0


@pytest.mark.parametrize("key", ["", 42, "line\nbreak"])
def test_a_key_is_a_plain_text(desk: Desk, key: Any) -> None:
    with pytest.raises(tc.InvalidRequestError, match="once"):
        desk(lambda t: video(t, key))


# what a call leaves that made nothing, or was lost


def test_a_refused_call_frees_its_key(desk: Desk) -> None:
    desk.fake.inject(Fault(status=400), operation="generateVideo", times=2)
    for _ in range(2):
        with pytest.raises(tc.BadRequestError):
            desk(lambda t: video(t, script="bad"))
    made = desk(video)
    assert (desk(video).video_id, videos(desk)) == (made.video_id, [made.video_id])


def lose(desk: Desk, fault: Fault = LOST, **changes: Any) -> None:
    desk.fake.inject(fault, operation="generateVideo")
    with pytest.raises(tc.OutcomeUnknownError):
        desk(lambda t: video(t, **changes))


@pytest.mark.parametrize("changes", [{}, {"video_name": None}, {"script": None, "audio_url": AUDIO}])
def test_a_lost_answer_is_looked_up_by_the_second_call(desk: Desk, changes: dict[str, Any]) -> None:
    lose(desk, **changes)
    assert [desk(lambda t: video(t, **changes)).video_id] == videos(desk)
    assert posts(desk) == 1


def interrupt(desk: Desk, error: type[BaseException], *, work: bool = True) -> None:
    handle = desk.fake.handle

    def interrupted(request: Any) -> Any:
        if work:
            handle(request)
        raise error

    desk.fake.handle = interrupted  # type: ignore[method-assign]
    with pytest.raises(error):
        desk(video)
    desk.fake.handle = handle  # type: ignore[method-assign]


def test_an_interrupted_call_is_looked_up(desk: Desk) -> None:
    interrupt(desk, KeyboardInterrupt)
    assert [desk(video).video_id] == videos(desk)


def test_a_call_whose_process_ended_is_looked_up_when_it_is_over(desk: Desk) -> None:
    interrupt(desk, GeneratorExit)
    with pytest.raises(tc.OpenCreate, match="Try again after") as caught:
        desk(video)
    assert caught.value.started_at == NOW
    assert caught.value.retry_at == NOW + timedelta(minutes=2)
    desk.fake.advance(minutes=2)
    assert [desk(video).video_id] == videos(desk)


def test_a_call_that_made_nothing_is_made_again_when_that_is_sure(desk: Desk) -> None:
    lose(desk, NOT_SENT)
    with pytest.raises(tc.OpenCreate) as caught:
        desk(video)
    assert caught.value.retry_at == NOW + timedelta(minutes=2)
    desk.fake.advance(minutes=2)
    assert [desk(video).video_id] == videos(desk)


def test_of_two_that_fit_none_is_taken(desk: Desk) -> None:
    desk(lambda t: video(t, None))
    lose(desk)
    with pytest.raises(tc.OpenCreate, match="another key") as caught:
        desk(video)
    assert (set(caught.value.candidates), caught.value.retry_at) == (set(videos(desk)), None)


@pytest.mark.parametrize("other", [{"script": "Goodbye"}, {"video_name": "Bye"}])
def test_a_video_of_other_arguments_is_not_taken(desk: Desk, other: dict[str, Any]) -> None:
    desk(lambda t: video(t, None, **other))
    lose(desk)
    assert desk(video).video_id == videos(desk)[1]


def test_a_video_of_another_time_is_doubtful(desk: Desk) -> None:
    """Its create was lost by a machine whose clock nobody knows."""
    ahead = desk.reopened(clock=FakeClock(NOW + timedelta(hours=1)))
    interrupt(ahead, GeneratorExit)
    other = desk.reopened(clock=FakeClock(NOW + timedelta(hours=2)))
    with pytest.raises(tc.OpenCreate) as caught:
        other(video)
    assert list(caught.value.candidates) == videos(desk)


# two processes


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with open_ledger(url) as opened:
        yield opened


def test_of_two_processes_with_one_key_only_one_sends(open_desk: OpenDesk, ledger: Ledger, desk: Desk) -> None:
    begin, made = ledger.store.append, []

    def late(draft: Any, **given: Any) -> Any:
        if not made:
            made.append(None)
            with desk.fake.client(ledger=desk.url) as tavus:
                made[0] = video(tavus)
        return begin(draft, **given)

    ledger.store.append = late  # type: ignore[method-assign]
    with pytest.raises(tc.OpenCreate):
        open_desk(ledger, fake=desk.fake)(video)
    assert videos(desk) == [made[0].video_id]
    assert desk(video).video_id == made[0].video_id


def test_a_ledger_that_fails_afterwards_does_not_lose_the_video(
    open_desk: OpenDesk, ledger: Ledger, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    append = ledger.store.append

    def failing(draft: Any, **given: Any) -> Any:
        if "outcome" in draft.payload:
            raise tc.LedgerUnavailable("the disk is full")
        return append(draft, **given)

    ledger.store.append = failing  # type: ignore[method-assign]
    made = open_desk(ledger, fake=desk.fake)(video)
    assert videos(desk) == [made.video_id]
    assert "LedgerUnavailable" in caplog.text
    desk.fake.advance(minutes=2)
    assert desk(video).video_id == made.video_id


# the ledger


def test_the_ledger_stays_sound_and_lists_no_person(desk: Desk) -> None:
    desk(video)
    assert desk(lambda t: t.consents.list()) == []
    (record,) = desk(lambda t: t.consents.list(status="keyed"))
    assert desk.types(record) == ["keyed", "keyed"]
    assert desk(lambda t: t.consents.find(video_id=videos(desk)[0])) == []
    ledger = desk.client.tavus.consents.ledger
    assert ledger.verify().ok
    assert ledger.verify(rebuild=True).ok


@pytest.mark.parametrize("cls", [Videos, AsyncVideos])
def test_the_arguments_are_those_of_the_specification_and_the_key(cls: type) -> None:
    client = tc.Tavus if cls is Videos else tc.AsyncTavus
    method = type(client("key", ledger=None).videos).create
    ours = dict(inspect.signature(method).parameters)
    assert ours.pop("once").default is None
    assert list(ours.values()) == list(inspect.signature(cls.create).parameters.values())


@pytest.mark.parametrize("sent", [{"script": "Welcome"}, {"script": None, "audio_url": AUDIO}])
def test_the_key_is_not_sent(desk: Desk, sent: dict[str, Any]) -> None:
    desk(lambda t: video(t, **sent))
    (request,) = [one for one in desk.fake.requests if one.operation == "generateVideo"]
    assert "job-42" not in str(request)
