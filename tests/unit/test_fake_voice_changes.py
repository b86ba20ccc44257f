"""Voices of FakeTavus: changed and deleted, unless something speaks with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tavus_consent.testing import FakeTavus, FakeTransport

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STOCK = "r90bbd427f71"
STOCK_VOICE = "v51ab1e000001"
LINK = "https://media.example/file.mp4"


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOON)


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as client:
        yield client


@pytest.fixture
def voice(http: httpx.Client) -> str:
    return str(http.post("voices", json={"voice_name": "Carl", "audio_url": LINK}).json()["voice_id"])


def change(http: httpx.Client, voice: str, **fields: object) -> httpx.Response:
    return http.patch(f"voices/{voice}", json=fields)


def in_use(pals: int, faces: int) -> dict[str, Any]:
    return {"error": "The voice is in use", "used_by": {"pals": pals, "faces": faces}}


def test_a_voice_can_be_renamed_described_and_tagged(http: httpx.Client, voice: str) -> None:
    changed = change(http, voice, voice_name="Karl", description="Calm", tags=["deep", "slow"]).json()

    assert changed == http.get(f"voices/{voice}").json()
    assert (changed["voice_name"], changed["description"], changed["voice_type"]) == ("Karl", "Calm", "user")
    (listed,) = http.get("voices", params={"tag": "Slow"}).json()["data"]
    assert (listed["voice_name"], listed["tags"]) == ("Karl", [{"tag_name": "deep"}, {"tag_name": "slow"}])


def test_null_removes_the_description_of_a_voice(http: httpx.Client, voice: str) -> None:
    change(http, voice, description="Calm")

    assert change(http, voice, description=None).json()["description"] is None


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"voice_name": ""},
        {"voice_name": None},
        {"voice_name": "a" * 256},
        {"description": "a" * 1001},
        {"tags": None},
        {"tags": ["a"] * 51},
        {"tags": ["a" * 65]},
    ],
)
def test_a_change_of_a_voice_keeps_to_the_limits(http: httpx.Client, voice: str, fields: dict[str, object]) -> None:
    answer = change(http, voice, **fields)

    assert (answer.status_code, http.get(f"voices/{voice}").json()["voice_name"]) == (400, "Carl")


def test_a_voice_is_deleted(http: httpx.Client, voice: str) -> None:
    deleted, again = http.delete(f"voices/{voice}"), http.delete(f"voices/{voice}")

    assert (deleted.status_code, deleted.content, again.status_code) == (204, b"", 404)
    assert http.get(f"voices/{voice}").status_code == 404


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_stock_voice_stays_as_it_is(http: httpx.Client, method: str) -> None:
    assert http.request(method, f"voices/{STOCK_VOICE}", json={"voice_name": "Eve"}).status_code == 404
    assert http.get(f"voices/{STOCK_VOICE}").json()["voice_type"] == "system"


def test_a_voice_of_a_face_cannot_be_deleted(http: httpx.Client, voice: str) -> None:
    body = {"train_image_url": LINK, "default_voice_id": voice}
    face = http.post("faces", json=body).json()["face_id"]

    refused = http.delete(f"voices/{voice}")
    http.patch(f"faces/{face}", json={"default_voice_id": None})

    assert (refused.status_code, refused.json()) == (409, in_use(pals=0, faces=1))
    assert http.delete(f"voices/{voice}").status_code == 204


def test_a_voice_of_pals_cannot_be_deleted(http: httpx.Client, voice: str) -> None:
    layers = {"tts": {"voice_id": voice}}
    pals = [http.post("pals", json={"default_face_id": STOCK, "layers": layers}).json()["pal_id"] for _ in range(2)]
    http.post("personas", json={"layers": {"tts": {}}})
    http.post("personas", json={})

    refused = http.delete(f"voices/{voice}")
    for pal in pals:
        http.delete(f"pals/{pal}")

    assert (refused.status_code, refused.json()) == (409, in_use(pals=2, faces=0))
    assert http.delete(f"voices/{voice}").status_code == 204
