"""Participants of conversations in FakeTavus: they join, speak and leave, and conversations have their own speed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tavus_consent import ConfigurationError
from tavus_consent.testing import FakeTavus, FakeTransport

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STOCK = "r90bbd427f71"
STOCK_PAL = "pcb7a34da5fe"
HOOK = "https://app.example/hook"


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOON)


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as client:
        yield client


def open_room(http: httpx.Client, **fields: object) -> str:
    answer = http.post("conversations", json={"replica_id": STOCK, "callback_url": HOOK, **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["conversation_id"])


def status(http: httpx.Client, room: str) -> str:
    return str(http.get(f"conversations/{room}").json()["status"])


def ended(fake: FakeTavus) -> dict[str, Any]:
    """Return the properties of the callbacks at the end of a conversation."""
    bodies = [callback.body for callback in fake.callbacks if callback.body["event_type"] != "system.replica_joined"]
    return {name: value for body in bodies for name, value in body["properties"].items() if name != "replica_id"}


def test_what_is_said_is_in_the_transcript(fake: FakeTavus, http: httpx.Client) -> None:
    room = open_room(http, custom_greeting="Hello!")
    fake.join(room, name="Rio")

    fake.say(room, "Hi.")
    fake.say(room, "How are you?", role="assistant")
    http.post(f"conversations/{room}/end")

    assert ended(fake) == {
        "shutdown_reason": "end_conversation_endpoint_hit",
        "transcript": [
            {"role": "assistant", "content": "Hello!"},
            {"role": "user", "content": "Hi."},
            {"role": "assistant", "content": "How are you?"},
        ],
    }


def test_a_conversation_that_was_joined_does_not_end_for_want_of_participants(
    fake: FakeTavus, http: httpx.Client
) -> None:
    room = open_room(http)
    fake.join(room)

    fake.advance(minutes=59)
    before = status(http, room)
    fake.advance(minutes=1)

    assert (before, status(http, room)) == ("active", "ended")
    assert ended(fake)["shutdown_reason"] == "max_call_duration reached"


def test_it_ends_some_time_after_the_last_one_has_left(fake: FakeTavus, http: httpx.Client) -> None:
    room = open_room(http, properties={"participant_left_timeout": 60})
    first, second = fake.join(room), fake.join(room)

    fake.leave(room, participant_id=first)
    fake.advance(minutes=2)
    fake.leave(room, participant_id=second)
    fake.advance(seconds=59)
    before = status(http, room)
    fake.advance(seconds=1)

    assert (before, status(http, room)) == ("active", "ended")
    assert ended(fake)["shutdown_reason"] == "participant_left_timeout reached"


def test_it_goes_on_when_somebody_comes_back_in_time(fake: FakeTavus, http: httpx.Client) -> None:
    room = open_room(http, properties={"participant_left_timeout": 60})
    fake.join(room)

    fake.leave(room)
    fake.advance(seconds=30)
    fake.join(room)
    fake.advance(seconds=10)
    fake.leave(room)
    fake.advance(seconds=59)
    before = status(http, room)
    fake.advance(seconds=1)

    assert (before, status(http, room)) == ("active", "ended")


def test_it_goes_on_while_somebody_is_there_again(fake: FakeTavus, http: httpx.Client) -> None:
    room = open_room(http, properties={"participant_left_timeout": 60})
    fake.join(room)
    fake.leave(room)
    fake.join(room)

    fake.advance(minutes=10)

    assert status(http, room) == "active"


def test_a_room_that_all_have_left_closes_immediately_unless_it_was_told_to_wait(
    fake: FakeTavus, http: httpx.Client
) -> None:
    room = open_room(http)
    fake.join(room)

    fake.leave(room)

    assert status(http, room) == "ended"


def test_the_replica_counts_as_a_participant(fake: FakeTavus, http: httpx.Client) -> None:
    room = open_room(http, max_participants=2)
    fake.join(room)

    with pytest.raises(ConfigurationError, match="room for 2 participants with the replica"):
        fake.join(room)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda fake, room: fake.say(room, "Hi."), "no participant has joined"),
        (lambda fake, room: fake.say(room, "Hi.", role="narrator"), "role must be one of user, assistant"),
        (lambda fake, room: fake.leave(room, participant_id="x"), "has no participant 'x'"),
        (lambda fake, _: fake.join("c0"), "there is no conversation 'c0'"),
    ],
)
def test_what_cannot_happen_is_refused(
    fake: FakeTavus, http: httpx.Client, act: Callable[[FakeTavus, str], object], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        act(fake, open_room(http))


@pytest.mark.parametrize("act", [FakeTavus.join, FakeTavus.leave, lambda fake, room: fake.say(room, "Hi.")])
def test_nothing_happens_in_a_closed_room(
    fake: FakeTavus, http: httpx.Client, act: Callable[[FakeTavus, str], object]
) -> None:
    with pytest.raises(ConfigurationError, match="has ended"):
        act(fake, open_room(http, test_mode=True))


def test_participants_are_driven_over_http() -> None:
    fake = FakeTavus(now=NOON)
    with fake.serve() as url, httpx.Client(base_url=url, headers={"x-api-key": "fake-key"}, trust_env=False) as http:
        room = http.post("/v2/conversations", json={"replica_id": STOCK, "callback_url": HOOK}).json()
        control = f"/__fake__/conversations/{room['conversation_id']}"

        joined = http.post(f"{control}/join", json={"name": "Rio"}).json()
        said = http.post(f"{control}/say", json={"text": "Hi."})
        left = http.post(f"{control}/leave", json=joined)
        unknown = http.post("/__fake__/conversations/c0/join", json={})
        nonsense = http.post(f"{control}/dance", json={})

    assert [said.status_code, left.status_code, unknown.status_code, nonsense.status_code] == [200, 200, 400, 404]
    assert "conversations/{id}/join" in nonsense.json()["error"]
    fake.settle()
    assert ended(fake)["transcript"] == [{"role": "user", "content": "Hi."}]


# Memories


def remembered(http: httpx.Client) -> dict[str, Any]:
    (found,) = http.get("memory-stores").json()["data"]
    return dict(http.get(f"memory-stores/{found['memory_store_id']}").json())


def test_a_pal_learns_from_what_participants_say(fake: FakeTavus, http: httpx.Client) -> None:
    for words in ("I like tea.", "I live in Oslo."):
        room = open_room(http, persona_id=STOCK_PAL, participant_tags=["user_1"])
        fake.join(room)
        fake.say(room, words)
        fake.say(room, "Noted.", role="assistant")
        http.post(f"conversations/{room}/end")

    store = remembered(http)
    assert (store["participant_tag"], store["learned_memory"]) == ("user_1", "I like tea.\nI live in Oslo.")


@pytest.mark.parametrize("speak", [True, False])
def test_a_pal_learns_nothing_without_words_or_a_store(fake: FakeTavus, http: httpx.Client, speak: bool) -> None:
    room = open_room(http, persona_id=STOCK_PAL, participant_tags=["user_1"])
    fake.join(room)
    if speak:
        http.delete(f"memory-stores/{remembered(http)['memory_store_id']}")
        fake.say(room, "I like tea.")

    http.post(f"conversations/{room}/end")

    assert [store.get("learned_memory") for store in fake.objects("memory_store").values()] == [None] * (not speak)


def test_a_conversation_without_a_pal_teaches_nobody(fake: FakeTavus, http: httpx.Client) -> None:
    room = open_room(http, participant_tags=["user_1"])
    fake.join(room)
    fake.say(room, "I like tea.")

    http.post(f"conversations/{room}/end")

    assert fake.objects("memory_store") == {}


# Speed


@pytest.mark.parametrize(("speed", "conversation_speed", "seconds"), [(0, 5, 300), (3600, 1, 1_080_000), (60, 30, 600)])
def test_a_conversation_has_its_own_speed(speed: float, conversation_speed: float, seconds: int) -> None:
    fake = FakeTavus(now=NOON)
    with fake.serve(speed=speed, conversation_speed=conversation_speed), fake.client() as tavus:
        earliest = fake.now
        room = tavus.conversations.create(replica_id=STOCK).conversation_id
        latest = fake.now
        fake.clock.run(0)

        fake.advance(seconds=(earliest - fake.now).total_seconds() + seconds - 0.001)
        before = tavus.conversations.get(room).status
        fake.advance(seconds=(latest - fake.now).total_seconds() + seconds)

        assert (before, tavus.conversations.get(room).status) == ("active", "ended")
    assert fake.conversation_speed == 1


def test_a_conversation_can_be_slower_than_the_calendar_allows(fake: FakeTavus, http: httpx.Client) -> None:
    fake.clock.run(1e8)
    room = open_room(http)
    fake.clock.run(0)
    fake.join(room)

    fake.advance(hours=1e6)

    assert status(http, room) == "active"


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_conversation_speed_that_is_no_speed_is_refused(speed: float) -> None:
    with pytest.raises(ConfigurationError, match="conversation_speed"), FakeTavus().serve(conversation_speed=speed):
        pass
