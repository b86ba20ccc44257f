"""Videos and documents of FakeTavus: their states, their conditions, and their failures."""

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
HOOK = "https://app.example/hook"
SITE = {"document_url": "https://site.example", "crawl": {"depth": 2, "max_pages": 5}, "callback_url": HOOK}


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOON)


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as client:
        yield client


def video(http: httpx.Client, **fields: object) -> str:
    answer = http.post("videos", json={"replica_id": STOCK, "script": "Hi", **fields})
    assert (answer.status_code, answer.json()["status"]) == (200, "queued"), answer.text
    return str(answer.json()["video_id"])


def read(http: httpx.Client, path: str, **query: str) -> dict[str, Any]:
    answer = http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def training(http: httpx.Client) -> str:
    return str(http.post("replicas", json={"train_video_url": "https://media.example/a.mp4"}).json()["replica_id"])


def test_a_new_video_has_a_page_and_a_name(http: httpx.Client) -> None:
    made = http.post("videos", json={"replica_id": STOCK, "script": "Hi"}).json()

    assert made["video_name"] == f"replica_id: {STOCK} - May 4, 2026 - video: {made['video_id']}"
    assert made["hosted_url"].endswith(made["video_id"])
    assert made["created_at"] == "Mon, 04 May 2026 12:00:00 GMT"


def test_a_video_is_queued_then_generating_then_ready(fake: FakeTavus, http: httpx.Client) -> None:
    video_id = video(http)
    seen = []

    for minutes in (0, 5, 10):
        fake.advance(minutes=minutes)
        now = read(http, f"videos/{video_id}")
        seen.append(
            (now["status"], now.get("status_details"), "download_url" in now and now["download_url"] is not None)
        )

    assert seen == [
        ("queued", "This request is currently queued. It should begin processing in a few minutes.", False),
        ("generating", None, False),
        ("ready", "Your request has processed successfully!", True),
    ]


def test_verbose_adds_the_thumbnails(fake: FakeTavus, http: httpx.Client) -> None:
    video_id = video(http)
    fake.advance(minutes=10)

    short, full = read(http, f"videos/{video_id}"), read(http, f"videos/{video_id}", verbose="true")

    assert full.keys() - short.keys() == {"still_image_thumbnail_url", "gif_thumbnail_url"}


def test_a_video_can_speak_a_recording(http: httpx.Client) -> None:
    answer = http.post("videos", json={"replica_id": STOCK, "audio_url": "https://media.example/a.wav"})

    assert read(http, f"videos/{answer.json()['video_id']}")["data"] == {}


def test_the_callback_of_a_video_tells_all(fake: FakeTavus, http: httpx.Client) -> None:
    video_id = video(http, callback_url=HOOK)

    fake.advance(minutes=10)

    (callback,) = fake.callbacks
    assert callback.body["video_id"] == video_id
    assert {name: callback.body[name] for name in ("status", "generation_progress", "data", "created_at")} == {
        "status": "ready",
        "generation_progress": "100/100",
        "data": {"script": "Hi"},
        "created_at": "2026-05-04 12:00:00.000000",
    }


def test_a_video_fails_with_a_documented_sentence(fake: FakeTavus, http: httpx.Client) -> None:
    fake.fail("video", "script_community_guidelines")
    video_id = video(http, callback_url=HOOK)

    fake.advance(minutes=10)

    now = read(http, f"videos/{video_id}")
    assert (now["status"], now["status_details"]) == (
        "error",
        "Request has failed as the script violates community guidelines.",
    )
    assert (fake.callbacks[0].body["status"], fake.callbacks[0].body["generation_progress"]) == ("error", "0/100")


def test_an_unknown_video_error_is_refused(fake: FakeTavus) -> None:
    with pytest.raises(ConfigurationError, match=r"'too_long' is not a documented video error; .*video_error"):
        fake.fail("video", "too_long")


# A replica that is still in training


def test_a_video_waits_for_its_replica(fake: FakeTavus, http: httpx.Client) -> None:
    replica_id = training(http)
    video_id = video(http, replica_id=replica_id)

    fake.advance(hours=3, minutes=59)
    waiting = read(http, f"videos/{video_id}")
    fake.advance(minutes=5)
    going_on = read(http, f"videos/{video_id}")
    fake.advance(minutes=10)

    assert waiting["status_details"].startswith(f"The training process for replica {replica_id} is still ongoing.")
    assert [waiting["status"], going_on["status"], read(http, f"videos/{video_id}")["status"]] == [
        "queued",
        "generating",
        "ready",
    ]


def test_a_video_fails_with_its_replica(fake: FakeTavus, http: httpx.Client) -> None:
    fake.fail_training("video_fps")
    replica_id = training(http)
    before = video(http, replica_id=replica_id)
    fake.advance(hours=4)
    after = video(http, replica_id=replica_id)

    fake.advance(minutes=10)

    for each in (before, after):
        assert (
            f"The replica {replica_id} is currently in an 'error' state"
            in read(http, f"videos/{each}")["status_details"]
        )


def test_a_video_fails_when_its_replica_is_deleted_in_training(fake: FakeTavus, http: httpx.Client) -> None:
    replica_id = training(http)
    video_id = video(http, replica_id=replica_id)

    http.delete(f"replicas/{replica_id}")
    fake.advance(minutes=10)

    assert read(http, f"videos/{video_id}")["status"] == "error"


def test_a_deleted_video_no_longer_waits(fake: FakeTavus, http: httpx.Client) -> None:
    video_id = video(http, replica_id=training(http), callback_url=HOOK)

    http.delete(f"videos/{video_id}")
    fake.advance(hours=5)

    assert fake.callbacks == []


def test_a_video_that_waits_can_fail(fake: FakeTavus, http: httpx.Client) -> None:
    video_id = video(http, replica_id=training(http))
    fake.fail("video", "Too loud.", id=video_id)

    fake.advance(hours=5)

    assert read(http, f"videos/{video_id}")["status_details"] == "Too loud."


# Documents


def test_a_document_is_started_then_processing_then_ready(fake: FakeTavus, http: httpx.Client) -> None:
    document_id = http.post("documents", json=SITE).json()["document_id"]
    before = read(http, f"documents/{document_id}")

    fake.advance(minutes=5)

    after = read(http, f"documents/{document_id}")
    assert (before["status"], before["progress"], after["status"], after["progress"]) == ("started", 0, "ready", 100)
    assert [callback.body["status"] for callback in fake.callbacks] == ["processing", "ready"]


def test_a_crawled_document_says_how(http: httpx.Client) -> None:
    document = http.post("documents", json=SITE).json()

    assert (
        document["crawl_config"],
        document["crawled_urls"],
        document["crawl_count"],
        document["last_crawled_at"],
    ) == (
        SITE["crawl"],
        ["https://site.example"],
        1,
        "2026-05-04T12:00:00.000Z",
    )


def test_a_document_fails_with_any_sentence(fake: FakeTavus, http: httpx.Client) -> None:
    document_id = http.post("documents", json=SITE).json()["document_id"]
    fake.fail("document", "file_empty", id=document_id)

    fake.advance(minutes=5)

    assert read(http, f"documents/{document_id}")["error_message"] == "file_empty"


def test_a_document_can_be_crawled_again(fake: FakeTavus, http: httpx.Client) -> None:
    document_id = http.post("documents", json=SITE).json()["document_id"]
    fake.advance(hours=2)

    answer = http.post(f"documents/{document_id}/recrawl", json={"crawl": {"depth": 1}})
    fake.advance(minutes=5)

    again = answer.json()
    assert (answer.status_code, again["status"], again["crawl_count"]) == (202, "recrawling", 2)
    after = read(http, f"documents/{document_id}")
    assert (after["status"], after["crawl_config"]) == ("ready", {"depth": 1})


def test_an_hour_must_pass_between_crawls(fake: FakeTavus, http: httpx.Client) -> None:
    document_id = http.post("documents", json=SITE).json()["document_id"]
    fake.advance(minutes=15)

    answer = http.post(f"documents/{document_id}/recrawl")

    assert (answer.status_code, answer.headers["retry-after"], answer.json()) == (
        429,
        "2700",
        {"error": "Recrawl cooldown: please wait 45 minutes before recrawling this document."},
    )


def test_a_document_that_is_read_cannot_be_crawled_again(http: httpx.Client) -> None:
    document_id = http.post("documents", json=SITE).json()["document_id"]

    answer = http.post(f"documents/{document_id}/recrawl")

    sentence = "Document must be in 'ready' or 'error' state to recrawl, current status: started"
    assert (answer.status_code, answer.json()) == (409, {"error": sentence})


def test_a_file_cannot_be_crawled_again(http: httpx.Client) -> None:
    body = {"document_url": "https://media.example/a.pdf"}
    document_id = http.post("documents", json=body).json()["document_id"]

    answer = http.post(f"documents/{document_id}/recrawl")

    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "Document was not created with crawl configuration"},
    )


def test_there_are_100_crawled_documents_at_most(http: httpx.Client) -> None:
    codes = [http.post("documents", json=SITE).status_code for _ in range(101)]

    assert (codes[99], codes[100]) == (200, 429)
