"""Conversations of FakeTavus, the canvas in them, and deployments, which open them for visitors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tavus_consent.testing import FakeTavus, FakeTransport

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STOCK = "r90bbd427f71"
STOCK_PAL = "pcb7a34da5fe"
HOOK = "https://app.example/hook"
NO_REPLICA = "There was an error creating the conversation, please reach out to support at support@tavus.io!"


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOON)


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as client:
        yield client


@pytest.fixture
def visitor(fake: FakeTavus) -> Iterator[httpx.Client]:
    """A client without a key."""
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/") as client:
        yield client


def open_room(http: httpx.Client, **fields: object) -> str:
    answer = http.post("conversations", json={"replica_id": STOCK, **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["conversation_id"])


def read(http: httpx.Client, conversation_id: str, **query: str) -> dict[str, Any]:
    return dict(http.get(f"conversations/{conversation_id}", params=query).json())


def deploy(http: httpx.Client, **fields: object) -> str:
    answer = http.post("deployments", json={"pal_id": STOCK_PAL, "channel": "widget", **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["deployment_id"])


def told(fake: FakeTavus) -> list[tuple[str, dict[str, Any]]]:
    return [(callback.body["event_type"], callback.body["properties"]) for callback in fake.callbacks]


def test_a_new_conversation_is_active_and_has_a_room(http: httpx.Client) -> None:
    made = http.post("conversations", json={"replica_id": STOCK, "conversation_name": "Talk"}).json()

    assert (made["status"], made["conversation_name"], made["conversation_url"].rpartition("/")[2]) == (
        "active",
        "Talk",
        made["conversation_id"],
    )


@pytest.mark.parametrize("fields", [{"replica_id": STOCK}, {"face_id": STOCK}, {"persona_id": STOCK_PAL}])
def test_the_replica_can_be_named_in_many_ways(http: httpx.Client, fields: dict[str, str]) -> None:
    made = http.post("conversations", json=fields).json()

    assert read(http, made["conversation_id"])["face_id"] == STOCK


@pytest.mark.parametrize("body", [{}, {"persona_id": "{plain}"}])
def test_a_conversation_needs_a_replica(fake: FakeTavus, http: httpx.Client, body: dict[str, str]) -> None:
    plain = http.post("personas", json={}).json()["persona_id"]

    answer = http.post("conversations", json={name: value.format(plain=plain) for name, value in body.items()})

    assert (answer.status_code, answer.json(), fake.objects("conversation")) == (400, {"error": NO_REPLICA}, {})


@pytest.mark.parametrize("body", [{"require_auth": True}, {"properties": {"require_auth": True}}])
def test_a_private_room_has_a_token(http: httpx.Client, body: dict[str, object]) -> None:
    answer = http.post("conversations", json={"replica_id": STOCK, **body})

    assert answer.json()["meeting_token"]


def test_a_test_is_over_at_once(fake: FakeTavus, http: httpx.Client) -> None:
    conversation_id = open_room(http, test_mode=True, callback_url=HOOK)

    fake.advance(hours=1)

    assert (read(http, conversation_id)["status"], fake.callbacks) == ("ended", [])


def test_a_conversation_can_be_ended_and_stays_so(fake: FakeTavus, http: httpx.Client) -> None:
    conversation_id = open_room(http, callback_url=HOOK, custom_greeting="Hello!")

    codes = [http.post(f"conversations/{conversation_id}/end").status_code for _ in range(2)]
    fake.advance(hours=1)

    assert (codes, read(http, conversation_id)["status"]) == ([200, 200], "ended")
    assert told(fake) == [
        ("system.shutdown", {"replica_id": STOCK, "shutdown_reason": "end_conversation_endpoint_hit"}),
        (
            "application.transcription_ready",
            {"replica_id": STOCK, "transcript": [{"role": "assistant", "content": "Hello!"}]},
        ),
    ]


def test_an_event_comes_in_its_envelope(fake: FakeTavus, http: httpx.Client) -> None:
    conversation_id = open_room(http, callback_url=HOOK)

    fake.advance(seconds=2)

    assert fake.callbacks[0].body == {
        "event_type": "system.replica_joined",
        "message_type": "system",
        "conversation_id": conversation_id,
        "webhook_url": HOOK,
        "timestamp": "2026-05-04T12:00:02.000000Z",
        "properties": {"replica_id": STOCK},
    }


@pytest.mark.parametrize(
    ("properties", "seconds", "reason"),
    [
        ({}, 300, "participant_absent_timeout reached"),
        ({"participant_absent_timeout": 60}, 60, "participant_absent_timeout reached"),
        ({"max_call_duration": 30}, 30, "max_call_duration reached"),
    ],
)
def test_a_conversation_that_nobody_joins_ends(
    fake: FakeTavus, http: httpx.Client, properties: dict[str, int], seconds: int, reason: str
) -> None:
    conversation_id = open_room(http, properties=properties)

    fake.advance(seconds=seconds - 1)
    before = read(http, conversation_id)["status"]
    fake.advance(seconds=1)

    after = read(http, conversation_id, verbose="true")
    assert (before, after["status"]) == ("active", "ended")
    assert after["events"][1]["properties"] == {"replica_id": STOCK, "reason": reason}


def test_events_are_for_verbose(http: httpx.Client) -> None:
    assert "events" not in read(http, open_room(http))


# The canvas


def test_an_interaction_counts_once(http: httpx.Client, visitor: httpx.Client) -> None:
    path = f"conversations/{open_room(http)}/canvas/interactions"

    answers = [visitor.post(path, json={"interaction_id": "one", "value": value}).json() for value in (1, 2)]

    assert answers == [{"success": True}, {"success": True}]
    assert http.get(path).json()["data"] == [{"interaction_id": "one", "value": 1}]


def test_the_canvas_is_closed_when_the_conversation_has_ended(http: httpx.Client, visitor: httpx.Client) -> None:
    conversation_id = open_room(http, test_mode=True)

    answer = visitor.post(f"conversations/{conversation_id}/canvas/interactions", json={"interaction_id": "one"})

    assert answer.status_code == 400


def test_120_interactions_a_minute_are_allowed(fake: FakeTavus, http: httpx.Client, visitor: httpx.Client) -> None:
    path = f"conversations/{open_room(http)}/canvas/interactions"
    for number in range(120):
        assert visitor.post(path, json={"interaction_id": str(number)}).status_code == 200

    refused = visitor.post(path, json={"interaction_id": "more"})
    fake.advance(seconds=60)
    later = visitor.post(path, json={"interaction_id": "more"})

    assert (refused.status_code, refused.json(), refused.headers["retry-after"], later.status_code) == (
        429,
        {"error": "Too many requests"},
        "60",
        200,
    )


# Deployments


def test_a_deployment_shows_that_it_has_a_password_and_not_which(http: httpx.Client) -> None:
    deployment = http.get(f"deployments/{deploy(http, password='secret')}")

    assert (deployment.json()["has_password"], "secret" in deployment.text) == (True, False)


def test_a_patch_is_for_the_version_that_it_names(http: httpx.Client) -> None:
    path = f"deployments/{deploy(http, name='one')}"
    version = http.get(path).headers["etag"]
    change = [{"op": "replace", "path": "/name", "value": "two"}]

    first = http.patch(path, json=change, headers={"if-match": version})
    second = http.patch(path, json=change, headers={"if-match": version})

    assert (first.status_code, first.json()["name"], second.status_code) == (200, "two", 412)
    assert http.get(path).headers["etag"] == first.headers["etag"] != version


@pytest.mark.parametrize("headers", [{}, {"if-match": "*"}])
def test_a_patch_need_not_name_a_version(http: httpx.Client, headers: dict[str, str]) -> None:
    change = [{"op": "replace", "path": "/status", "value": "inactive"}]

    answer = http.patch(f"deployments/{deploy(http)}", json=change, headers=headers)

    assert answer.json()["status"] == "inactive"


def test_visitors_need_no_key(fake: FakeTavus, http: httpx.Client, visitor: httpx.Client) -> None:
    deployment_id = deploy(http)

    page = visitor.get(f"deployments/{deployment_id}/init").json()
    room = visitor.post(f"deployments/{deployment_id}/start", json={"custom_greeting": "Hi"}).json()
    ended = visitor.post(f"deployments/{deployment_id}/conversations/{room['conversation_id']}/end")

    assert (page["deployment_id"], page["pal_id"], room["status"], ended.status_code) == (
        deployment_id,
        STOCK_PAL,
        "active",
        200,
    )
    assert read(http, room["conversation_id"])["status"] == "ended"


def test_calls_are_counted(fake: FakeTavus, http: httpx.Client, visitor: httpx.Client) -> None:
    deployment_id = deploy(http)
    visitor.post(f"deployments/{deployment_id}/start")
    today = http.get(f"deployments/{deployment_id}").json()

    fake.advance(hours=12)

    tomorrow = http.get(f"deployments/{deployment_id}").json()
    assert [(each["usage_total"], each["usage_today"]) for each in (today, tomorrow)] == [(1, 1), (1, 0)]


@pytest.mark.parametrize(("password", "code"), [({}, 400), ({"password": "no"}, 400), ({"password": "yes"}, 200)])
def test_a_password_is_asked_for(
    http: httpx.Client, visitor: httpx.Client, password: dict[str, str], code: int
) -> None:
    answer = visitor.post(f"deployments/{deploy(http, password='yes')}/start", json=password)

    assert answer.status_code == code


@pytest.mark.parametrize(
    ("origin", "code"), [(None, 200), ("https://site.example", 200), ("https://other.example", 404)]
)
def test_the_origin_is_checked(http: httpx.Client, visitor: httpx.Client, origin: str | None, code: int) -> None:
    deployment_id = deploy(http, allowed_origins=["https://site.example"])

    answer = visitor.get(f"deployments/{deployment_id}/init", headers={"origin": origin} if origin else {})

    assert answer.status_code == code


def test_only_active_deployments_are_public(http: httpx.Client, visitor: httpx.Client) -> None:
    deployment_id = deploy(http, status="draft")

    assert visitor.get(f"deployments/{deployment_id}/init").status_code == 404


@pytest.mark.parametrize("room", ["c0", "another"])
def test_a_visitor_ends_only_rooms_of_the_deployment(http: httpx.Client, visitor: httpx.Client, room: str) -> None:
    conversation_id = open_room(http) if room == "another" else room

    answer = visitor.post(f"deployments/{deploy(http)}/conversations/{conversation_id}/end")

    assert answer.status_code == 404
