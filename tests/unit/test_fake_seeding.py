"""What FakeTavus has from the beginning, and what a test adds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tavus_consent import ConfigurationError
from tavus_consent.testing import FakeTavus, FakeTransport

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STOCK = "r90bbd427f71"


def client(fake: FakeTavus) -> httpx.Client:
    headers = {"x-api-key": "fake-key"}
    return httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers)


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOON)


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    with client(fake) as http:
        yield http


def status_of(fake: FakeTavus, path: str) -> int:
    with client(fake) as http:
        return http.get(path).status_code


# Stock


@pytest.mark.parametrize(
    ("path", "standard"),
    [
        ("replicas/r90bbd427f71", True),
        ("personas/pcb7a34da5fe", True),
        ("replicas/r79e1c033f", False),
        ("personas/p48fdf065d6b", False),
        ("faces/r4067604db72", False),
        ("faces/rf4e9d9790f0", False),
        ("replicas/rfe12d8b9597", False),
        ("personas/pdced222244b", False),
        ("pals/pb87e71797da", False),
        ("personas/pipecat0", False),
    ],
)
def test_all_has_the_ids_of_other_projects(path: str, standard: bool) -> None:
    assert status_of(FakeTavus(stock="all"), path) == 200
    assert status_of(FakeTavus(), path) == (200 if standard else 400)


def test_the_defaults_of_other_projects_make_conversations() -> None:
    with client(FakeTavus(stock="all")) as http:
        for body in (
            {"face_id": "r4067604db72", "pal_id": "pb87e71797da"},
            {"replica_id": "r79e1c033f", "persona_id": "pipecat0"},
            {"persona_id": "p48fdf065d6b"},
        ):
            assert http.post("conversations", json=body).status_code == 200


def test_a_stock_of_your_own_replaces_that_of_its_kinds() -> None:
    fake = FakeTavus(stock={"face": [{"id": "r1", "face_name": "Rio"}], "voice": [{"voice_id": "v1"}]})
    with client(fake) as http:
        faces, voices = http.get("faces?verbose=true").json(), http.get("voices").json()
        skills = http.get("skills").json()

    assert [(each["face_id"], each["face_name"], each["status"], each["face_type"]) for each in faces["data"]] == [
        ("r1", "Rio", "completed", "system")
    ]
    assert (voices["total_count"], skills["total_count"], fake.replicas) == (1, 4, {})


def test_stock_comes_back_with_a_reset() -> None:
    fake = FakeTavus(stock={"replica": [{"id": "r1"}]})

    fake.reset()

    assert status_of(fake, "replicas/r1") == 200


@pytest.mark.parametrize(
    ("stock", "words"),
    [
        ("some", "stock must be 'tavus', 'all', or a mapping"),
        ({"horse": []}, "kind must be one of replica, .*, face, pal, not 'horse'"),
        ({"replica": [{"replica_name": "Rio"}]}, "each replica of the stock needs an id"),
        ({"replica": ["r1"]}, "each replica of the stock needs an id"),
    ],
)
def test_a_stock_that_is_none_is_refused(stock: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        FakeTavus(stock=stock)


# Objects that a test adds


@pytest.mark.parametrize("stage", ["completed", "training"])
def test_an_added_face_of_two_stages_is_finetuned_unless_told_otherwise(
    fake: FakeTavus, http: httpx.Client, stage: str
) -> None:
    told = {"finetune_status": stage} if stage != "completed" else {}
    fake.add("face", id="r1", model_name="phoenix-4.5", **told)
    assert http.get("faces/r1").json()["finetune_status"] == stage


def test_an_added_object_is_yours_and_done(fake: FakeTavus, http: httpx.Client) -> None:
    added = fake.add("replica", id="r1", replica_name="Rio")

    shown = http.get("replicas/r1?verbose=true").json()
    assert (shown["replica_name"], shown["status"], shown["training_progress"], shown["replica_type"]) == (
        "Rio",
        "completed",
        "100/100",
        "user",
    )
    assert (added["thumbnail_video_url"], fake.replicas["r1"]["request"]) == (
        shown["thumbnail_video_url"],
        {"replica_name": "Rio"},
    )
    assert http.post("videos", json={"replica_id": "r1", "script": "Hi"}).status_code == 200
    assert http.delete("replicas/r1").status_code == 200


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("replica", "replicas"),
        ("face", "faces"),
        ("persona", "personas"),
        ("pal", "pals"),
        ("video", "videos"),
        ("voice", "voices"),
        ("conversation", "conversations"),
        ("memory_store", "memory-stores"),
        ("document", "documents"),
        ("objectives", "objectives"),
        ("guardrails", "guardrails"),
        ("pronunciation_dictionary", "pronunciation-dictionaries"),
        ("tool", "tools"),
        ("deployment", "deployments"),
        ("transcription", "transcriptions"),
        ("replacement", "replacements"),
        ("lipsync", "lipsync"),
    ],
)
def test_an_added_object_of_any_kind_is_read_listed_and_deleted(
    fake: FakeTavus, http: httpx.Client, kind: str, path: str
) -> None:
    fake.add(kind, id="x1")

    assert [http.get(f"{path}/x1").status_code, http.get(path).status_code] == [200, 200]
    assert http.delete(f"{path}/x1").status_code in (200, 204)


def test_an_id_is_new_or_among_the_fields(fake: FakeTavus) -> None:
    new, named = fake.add("face"), fake.add("face", face_id="r1", face_name="Rio")

    assert (len(new["replica_id"]), named["replica_id"], named["replica_name"]) == (12, "r1", "Rio")


def test_a_state_can_be_given(fake: FakeTavus, http: httpx.Client) -> None:
    fake.add("replica", id="r1", status="error", error_message="Too dark.")

    assert http.get("replicas/r1").json()["error_message"] == "Too dark."


def test_participants_can_join_a_conversation_that_was_added(fake: FakeTavus, http: httpx.Client) -> None:
    fake.add("conversation", id="c1", callback_url="https://app.example/hook")

    fake.join("c1")
    fake.say("c1", "Hi.")
    fake.leave("c1")

    assert http.get("conversations/c1").json()["status"] == "ended"
    assert fake.callbacks[-1].body["properties"]["transcript"] == [{"role": "user", "content": "Hi."}]


def test_two_added_objects_share_nothing(fake: FakeTavus, http: httpx.Client) -> None:
    for store in ("ms1", "ms2"):
        fake.add("memory_store", id=store)

    http.post("memory-stores/ms1/pinned", json={"memory": "Likes tea."})

    assert http.get("memory-stores/ms2").json()["pinned_memories"] == []


@pytest.mark.parametrize(
    ("kind", "thing_id", "words"),
    [
        ("horse", "h1", "kind must be one of"),
        ("replica", STOCK, f"there is already a replica '{STOCK}'"),
        ("replica", "", "must be a text"),
        ("replica", 5, "must be a text"),
    ],
)
def test_an_object_that_cannot_be_is_refused(fake: FakeTavus, kind: str, thing_id: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        fake.add(kind, id=thing_id)


def test_objects_are_added_over_http(fake: FakeTavus) -> None:
    with fake.serve() as url, httpx.Client(base_url=url, headers={"x-api-key": "fake-key"}, trust_env=False) as http:
        added = http.post("/__fake__/objects", json={"kind": "face", "id": "r1", "face_name": "Rio"})
        refused = http.post("/__fake__/objects", json={"kind": "face", "id": "r1"})

        assert http.get("/v2/replicas/r1").json()["replica_name"] == added.json()["replica_name"] == "Rio"
    assert (refused.status_code, refused.json()) == (400, {"error": "there is already a replica 'r1'"})
