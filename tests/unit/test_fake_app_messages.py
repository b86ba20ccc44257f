"""App messages to conversations of FakeTavus, and the links of a room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tavus_consent.testing import FakeTavus, FakeTransport

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STOCK = "r90bbd427f71"
MESSAGE = {"message_type": "conversation", "event_type": "conversation.respond", "properties": {"text": "Hello?"}}


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOON)


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as client:
        yield client


def open_room(http: httpx.Client, **fields: object) -> dict[str, Any]:
    answer = http.post("conversations", json={"replica_id": STOCK, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def send(http: httpx.Client, conversation_id: str, message: object = MESSAGE) -> httpx.Response:
    return http.post(f"conversations/{conversation_id}/send-app-message", json=message)


def test_a_message_to_an_active_conversation_is_accepted(fake: FakeTavus, http: httpx.Client) -> None:
    room = open_room(http)["conversation_id"]

    answer = send(http, room)
    send(http, room, {"message_type": "mine", "event_type": "app.poll", "vote": 3})

    assert (answer.status_code, answer.content) == (200, b"")
    assert fake.objects("conversation")[room]["app_messages"] == [
        MESSAGE,
        {"message_type": "mine", "event_type": "app.poll", "vote": 3},
    ]


def test_a_message_to_an_ended_conversation_is_refused(http: httpx.Client) -> None:
    room = open_room(http)["conversation_id"]
    http.post(f"conversations/{room}/end")

    answer = send(http, room)

    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "App messages can only be sent to active conversations."},
    )


def test_a_message_to_no_conversation_is_refused(http: httpx.Client) -> None:
    answer = send(http, "c0")

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid conversation_id"})


@pytest.mark.parametrize("more", [0, 1])
def test_a_message_has_at_most_65536_bytes(http: httpx.Client, more: int) -> None:
    room = open_room(http)["conversation_id"]
    message = {"message_type": "a", "event_type": "b", "text": "é"}
    size = len(http.build_request("POST", "conversations", json=message).content)

    answer = send(http, room, {**message, "text": "é" + "a" * (65_536 - size + more)})

    if more:
        assert (answer.status_code, answer.json()) == (413, {"error": "Request body exceeds 65536 bytes"})
    else:
        assert answer.status_code == 200


def test_a_conversation_takes_120_messages_a_minute(fake: FakeTavus, http: httpx.Client) -> None:
    room = open_room(http)["conversation_id"]
    codes = {send(http, room).status_code for _ in range(120)}

    refused = send(http, room)
    fake.advance(minutes=1)

    assert (codes, refused.status_code, refused.headers["retry-after"]) == ({200}, 429, "60")
    assert refused.json() == {"error": "Too many requests"}
    assert send(http, room).status_code == 200


def test_a_room_of_tavus_has_a_page(http: httpx.Client) -> None:
    room = open_room(http)

    assert room["room_url"].endswith(room["conversation_id"])
    assert room["room_url"] != room["conversation_url"]


def test_your_own_room_is_the_one_to_join(http: httpx.Client) -> None:
    room = open_room(http, properties={"daily_room": "https://you.daily.example/room"})

    assert room["conversation_url"] == "https://you.daily.example/room"
    assert "room_url" in room


def test_a_meeting_elsewhere_has_no_page(http: httpx.Client) -> None:
    persona = {"default_replica_id": STOCK, "layers": {"transport": {"transport_type": "livekit"}}}
    livekit = http.post("personas", json=persona).json()["persona_id"]

    for room in (open_room(http, meeting_url="https://meet.example/abc"), open_room(http, persona_id=livekit)):
        assert "room_url" not in room
