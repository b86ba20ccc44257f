"""Memory stores of FakeTavus: what a PAL remembers of a participant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tavus_consent.testing import FakeTavus, FakeTransport

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STOCK = "r90bbd427f71"
STOCK_PAL = "pcb7a34da5fe"
OF_OTHERS = "ms51ab1e000001"


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOON)


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as client:
        yield client


def make(http: httpx.Client, **fields: object) -> dict[str, Any]:
    answer = http.post("memory-stores", json={"pal_id": STOCK_PAL, "participant_tag": "anna", **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def path(store: dict[str, Any], *more: str) -> str:
    return "/".join(("memory-stores", store["memory_store_id"], *more))


def pin(http: httpx.Client, store: dict[str, Any], memory: str = "Likes tea") -> str:
    answer = http.post(path(store, "pinned"), json={"memory": memory})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["memory_id"])


def pinned(http: httpx.Client, store: dict[str, Any]) -> list[str]:
    return [one["memory"] for one in http.get(path(store, "pinned")).json()["pinned_memories"]]


def test_a_memory_store_is_of_one_pal_and_one_participant(http: httpx.Client) -> None:
    store = make(http)

    assert (store["pal_id"], store["participant_tag"], store["pinned_memories"]) == (STOCK_PAL, "anna", [])
    assert http.get(path(store)).json() == store


def test_there_is_one_active_store_for_a_pal_and_a_participant(http: httpx.Client) -> None:
    first = make(http)
    again = http.post("memory-stores", json={"pal_id": STOCK_PAL, "participant_tag": "anna"})

    assert (again.status_code, again.json()) == (
        409,
        {"error": "An active memory store already exists for this pal_id and participant_tag"},
    )
    make(http, participant_tag="bea")
    http.delete(path(first))
    make(http)


def test_a_store_begins_with_the_memories_that_are_given(http: httpx.Client) -> None:
    store = make(http, pinned_memories=["Likes tea", "Has a dog"])

    assert pinned(http, store) == ["Likes tea", "Has a dog"]
    assert [one["memory"] for one in http.get(path(store)).json()["pinned_memories"]] == ["Likes tea", "Has a dog"]


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        ({}, {"anna", "bea"}),
        ({"participant_tag": "bea"}, {"bea"}),
        ({"pal_id": STOCK_PAL}, {"anna", "bea"}),
        ({"pal_id": "p0"}, set()),
    ],
)
def test_stores_are_found_by_pal_and_participant(http: httpx.Client, query: dict[str, str], tags: set[str]) -> None:
    for tag in ("anna", "bea"):
        make(http, participant_tag=tag, pinned_memories=["Likes tea"])

    found = http.get("memory-stores", params=query).json()["data"]

    assert {store["participant_tag"] for store in found} == tags
    assert not any("pinned_memories" in store for store in found)


def test_all_stores_are_in_one_list(http: httpx.Client) -> None:
    for number in range(30):
        make(http, participant_tag=f"visitor {number}")

    assert len(http.get("memory-stores").json()["data"]) == 30


def test_a_memory_can_be_pinned_changed_and_deleted(http: httpx.Client) -> None:
    store = make(http)
    first, second = pin(http, store), pin(http, store, "Has a dog")

    changed = http.patch(path(store, "pinned", first), json={"memory": "Likes coffee"})
    after = pinned(http, store)
    deleted = http.delete(path(store, "pinned", second))

    assert re.fullmatch("pm[0-9a-f]{12}", first)
    assert first != second
    assert (changed.json()["memory_id"], changed.json()["memory"]) == (first, "Likes coffee")
    assert (after, deleted.status_code, pinned(http, store)) == (["Likes coffee", "Has a dog"], 204, ["Likes coffee"])


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_memory_that_is_not_there_is_not_found(http: httpx.Client, method: str) -> None:
    store = make(http)
    memory = pin(http, store)
    http.delete(path(store, "pinned", memory))

    answer = http.request(method, path(store, "pinned", memory), json={"memory": "Likes tea"})

    assert (answer.status_code, answer.json()) == (404, {"error": "Memory not found"})


REQUESTS = [
    ("GET", ""),
    ("DELETE", ""),
    ("GET", "/pinned"),
    ("POST", "/pinned"),
    ("PATCH", "/pinned/pm1"),
    ("DELETE", "/pinned/pm1"),
]


@pytest.mark.parametrize(("method", "rest"), REQUESTS)
def test_a_deleted_store_is_gone(http: httpx.Client, method: str, rest: str) -> None:
    store = make(http)
    assert http.delete(path(store)).status_code == 204

    answer = http.request(method, path(store) + rest, json={"memory": "Likes tea"})

    said = "Memory not found" if "pm1" in rest else "Memory store not found"
    assert (answer.status_code, answer.json()) == (404, {"error": said})


@pytest.mark.parametrize(("method", "rest"), REQUESTS)
def test_a_store_of_another_account_is_refused(http: httpx.Client, method: str, rest: str) -> None:
    answer = http.request(method, f"memory-stores/{OF_OTHERS}{rest}", json={"memory": "Likes tea"})

    assert (answer.status_code, answer.json()) == (403, {"error": "You do not own this memory store"})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"pal_id": "p0", "participant_tag": "anna"}, "Invalid pal_id"),
        ({"pal_id": STOCK_PAL, "participant_tag": ""}, "Invalid participant_tag"),
        ({"pal_id": STOCK_PAL}, "Invalid participant_tag"),
    ],
)
def test_a_store_needs_a_pal_and_a_participant(http: httpx.Client, body: dict[str, str], said: str) -> None:
    answer = http.post("memory-stores", json=body)

    assert answer.status_code == 400
    assert answer.json() == {"error": said}


def test_a_conversation_creates_the_store_of_its_participant_once(fake: FakeTavus, http: httpx.Client) -> None:
    for _ in range(2):
        talk = {"persona_id": STOCK_PAL, "participant_tags": ["anna"]}
        assert http.post("conversations", json=talk).status_code == 200

    (store,) = fake.objects("memory_store").values()
    assert (store["persona_id"], store["participant_tag"]) == (STOCK_PAL, "anna")


def test_a_conversation_without_a_pal_or_a_participant_creates_none(fake: FakeTavus, http: httpx.Client) -> None:
    for talk in ({"replica_id": STOCK, "participant_tags": ["anna"]}, {"persona_id": STOCK_PAL}):
        assert http.post("conversations", json=talk).status_code == 200

    assert fake.objects("memory_store") == {}


def test_a_conversation_has_one_participant_tag(http: httpx.Client) -> None:
    answer = http.post("conversations", json={"persona_id": STOCK_PAL, "participant_tags": ["anna", "bea"]})

    assert answer.status_code == 400


def test_documents_of_a_participant_are_found(http: httpx.Client) -> None:
    for tag in ("anna", "bea"):
        http.post("documents", json={"document_url": "https://media.example/a.pdf", "participant_tags": [tag]})

    found = http.get("documents", params={"participant_tags": "bea,carl"}).json()["data"]

    assert len(found) == 1
