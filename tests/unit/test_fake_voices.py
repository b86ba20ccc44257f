"""Voices of FakeTavus that training makes: where they appear, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tavus_consent.testing import FakeTavus, FakeTransport

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
VIDEO = {"train_video_url": "https://media.example/train.mp4"}
PHOTO = {"train_image_url": "https://media.example/photo.jpg", "voice_name": "anna"}


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOON)


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as client:
        yield client


def train(fake: FakeTavus, http: httpx.Client, **fields: Any) -> dict[str, Any]:
    """Return a face whose training has ended."""
    answer = http.post("faces", json={**VIDEO, **fields})
    assert answer.status_code == 200, answer.text
    fake.advance(hours=4)
    return dict(http.get(f"faces/{answer.json()['face_id']}").json())


def test_a_face_that_was_trained_from_a_video_has_a_voice(fake: FakeTavus, http: httpx.Client) -> None:
    face = train(fake, http, face_name="Rio")

    voice = http.get(f"voices/{face['original_voice_id']}").json()
    assert (voice["voice_name"], voice["status"]) == ("Rio", "completed")
    assert face["default_voice_id"] == face["original_voice_id"]
    listed = http.get("voices", params={"search": "Rio"}).json()["data"]
    assert [each.get("face_id", each.get("replica_id")) for each in listed] == [face["face_id"]]


def test_a_voice_of_training_has_a_name_though_the_face_has_none(fake: FakeTavus, http: httpx.Client) -> None:
    face = train(fake, http)

    assert http.get(f"voices/{face['original_voice_id']}").json()["voice_name"] == f"voice of {face['face_id']}"


def test_replicas_are_faces_here_too(fake: FakeTavus, http: httpx.Client) -> None:
    replica_id = http.post("replicas", json=VIDEO).json()["replica_id"]
    fake.advance(hours=4)

    assert http.get(f"faces/{replica_id}").json()["original_voice_id"] in fake.objects("voice")


def test_a_face_has_no_voice_of_its_own_while_it_is_trained(fake: FakeTavus, http: httpx.Client) -> None:
    face_id = http.post("faces", json=VIDEO).json()["face_id"]

    assert http.get(f"faces/{face_id}").json()["original_voice_id"] is None
    assert fake.objects("voice") == {}


def test_a_photo_makes_no_voice(fake: FakeTavus, http: httpx.Client) -> None:
    http.post("faces", json=PHOTO)

    fake.advance(hours=4)

    assert fake.objects("voice") == {}


def test_a_failed_training_makes_no_voice(fake: FakeTavus, http: httpx.Client) -> None:
    fake.fail_training("video_fps")

    assert (train(fake, http)["original_voice_id"], fake.objects("voice")) == (None, {})


def test_a_face_that_was_deleted_in_training_makes_no_voice(fake: FakeTavus, http: httpx.Client) -> None:
    face_id = http.post("faces", json=VIDEO).json()["face_id"]
    http.delete(f"faces/{face_id}")

    fake.advance(hours=4)

    assert fake.objects("voice") == {}


def test_the_voice_outlives_its_face(fake: FakeTavus, http: httpx.Client) -> None:
    face = train(fake, http)

    http.delete(f"faces/{face['face_id']}")

    assert http.get(f"voices/{face['original_voice_id']}").status_code == 200


def test_a_default_voice_that_was_named_stays(fake: FakeTavus, http: httpx.Client) -> None:
    named = http.post("voices", json={"voice_name": "Carl", "audio_url": "https://media.example/a.wav"}).json()

    face = train(fake, http, default_voice_id=named["voice_id"])

    assert face["default_voice_id"] == named["voice_id"] != face["original_voice_id"]


def test_the_voice_cannot_be_deleted_while_its_face_lives(fake: FakeTavus, http: httpx.Client) -> None:
    face = train(fake, http)
    voice = f"voices/{face['original_voice_id']}"
    http.patch(f"faces/{face['face_id']}", json={"default_voice_id": None})

    refused = http.delete(voice)
    http.delete(f"faces/{face['face_id']}")
    accepted = http.delete(voice)

    assert (refused.status_code, refused.json()["used_by"]) == (409, {"pals": 0, "faces": 1})
    assert refused.headers["x-fake-reason"] == "path: 0 PALs and 1 faces refer to this voice"
    assert (accepted.status_code, http.get(voice).status_code) == (204, 404)


def test_the_voice_can_be_renamed(fake: FakeTavus, http: httpx.Client) -> None:
    face = train(fake, http)

    answer = http.patch(f"voices/{face['original_voice_id']}", json={"voice_name": "Rio's voice"})

    assert (answer.status_code, answer.json()["voice_name"]) == (200, "Rio's voice")
