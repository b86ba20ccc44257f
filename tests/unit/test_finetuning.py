"""The two stages of a phoenix-4.5 face: a watermarked preview, then the finetuned face."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

import tavus_consent as tc
from tavus_consent.testing import FakeTavus, FakeTransport

FOX = {
    "train_video_url": "https://bucket.example/fox.mp4",
    "attestation": "A fox that our studio drew",
    "attested_by": "studio@app.example",
}
HOOK = "https://app.example/webhook"


def face(finetune_status: str | None, status: str = "completed", model_name: str = "phoenix-4.5") -> dict[str, Any]:
    names = {"face_id": "r1", "status": status, "model_name": model_name, "training_progress": "100/100"}
    return {**names, "finetune_status": finetune_status}


def replica(status: str = "completed", model_name: str = "phoenix-4.5", **more: Any) -> dict[str, Any]:
    return {"replica_id": "r1", "status": status, "model_name": model_name, **more}


def replies(*answers: Any) -> Callable[[httpx.Request], httpx.Response]:
    left = list(answers)
    return lambda _: httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0])


def states(one: Any) -> list[str]:
    return [name for name in ("is_training", "is_preview", "is_ready", "is_failed") if getattr(one, name)]


# Results


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (face(None, "started"), ["is_training"]),
        (face(None), ["is_training", "is_preview"]),
        (face("training"), ["is_training", "is_preview"]),
        (face("training", "ready"), ["is_training", "is_preview"]),
        (face("word-of-tomorrow"), ["is_training", "is_preview"]),
        (face("completed"), ["is_ready"]),
        (face("errored"), ["is_preview", "is_failed"]),
        (face(None, "error"), ["is_failed"]),
        (face(None, model_name="phoenix-4"), ["is_ready"]),
        (face("training", model_name="phoenix-9"), ["is_training", "is_preview"]),
        ({**face(None), "face_type": "system"}, ["is_ready"]),
        ({**face("training"), "face_type": "system"}, ["is_training", "is_preview"]),
    ],
)
def test_a_face_is_ready_once_it_is_finetuned(data: dict[str, Any], expected: list[str]) -> None:
    assert states(tc.Face.from_json(data)) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (replica(), ["is_ready"]),
        (replica(finetune_status=None), ["is_training", "is_preview"]),
        (replica(finetune_status="training"), ["is_training", "is_preview"]),
        (replica(finetune_status="completed"), ["is_ready"]),
        (replica(finetune_status="errored"), ["is_preview", "is_failed"]),
        (replica(finetune_status=7), ["is_training", "is_preview"]),
        (replica(model_name="phoenix-4", finetune_status=None), ["is_ready"]),
    ],
)
def test_a_replica_has_the_second_stage_that_tavus_sent(data: dict[str, Any], expected: list[str]) -> None:
    assert states(tc.Replica.from_json(data)) == expected


# Waiting


def test_wait_returns_the_finetuned_face(make_client: Any) -> None:
    client = make_client(replies(face(None, "started"), face(None), face("training"), face("completed")))
    seen: list[str | None] = []
    found = client(lambda t: t.faces.wait("r1", on_progress=lambda one: seen.append(one.finetune_status)))
    assert (found.is_ready, seen) == (True, [None, None, "training", "completed"])


def test_wait_until_tuned_is_the_default_in_words(make_client: Any) -> None:
    client = make_client(replies(face("training"), face("completed")))
    assert client(lambda t: t.faces.wait("r1", until="tuned")).finetune_status == "completed"


@pytest.mark.parametrize("stage", [None, "training", "errored"])
def test_wait_until_preview_returns_the_watermarked_face(make_client: Any, stage: str | None) -> None:
    client = make_client(replies(face(None, "started"), face(stage)))
    found = client(lambda t: t.faces.wait("r1", until="preview"))
    assert (found.is_preview, found.is_ready, len(client.requests)) == (True, False, 2)


@pytest.mark.parametrize("until", ["preview", "tuned"])
def test_a_model_of_one_stage_is_finished_when_training_is(make_client: Any, until: str) -> None:
    client = make_client(replies(face(None, model_name="phoenix-4")))
    assert client(lambda t: t.faces.wait("r1", until=until)).is_ready


def test_wait_raises_if_finetuning_fails_and_says_that_the_preview_stays(make_client: Any) -> None:
    client = make_client(replies(face("training"), face("errored")))
    with pytest.raises(tc.TrainingFailed, match=r"finetuning of r1 failed: .*preview stays") as caught:
        client(lambda t: t.faces.wait("r1"))
    assert (caught.value.error_type, caught.value.replica.is_preview) == (None, True)


@pytest.mark.parametrize("until", ["preview", "tuned"])
def test_wait_raises_if_the_first_stage_fails(make_client: Any, until: str) -> None:
    client = make_client(replies({**face(None, "error"), "error_message": "Something"}))
    with pytest.raises(tc.TrainingFailed, match="training of r1 failed: Something"):
        client(lambda t: t.faces.wait("r1", until=until))


def test_a_timeout_during_finetuning_names_the_stage_and_the_way_out(make_client: Any) -> None:
    client = make_client(replies(face("training")))
    with pytest.raises(tc.TrainingTimeout, match=r"face r1 is still a preview after 60 s; .*until='preview'"):
        client(lambda t: t.faces.wait("r1", timeout=60))


@pytest.mark.parametrize("wrong", ["ready", "Preview", None, 1])
def test_wait_refuses_other_stages_before_it_asks(make_client: Any, wrong: Any) -> None:
    client = make_client(replies(face("completed")))
    for namespace in ("faces", "replicas"):
        with pytest.raises(tc.InvalidRequestError, match="until takes 'tuned' or 'preview'"):
            client(lambda t, name=namespace: getattr(t, name).wait("r1", until=wrong))
    assert client.requests == []


# Replicas: Tavus documents no second stage in their answers, so the face of the same id is read


def test_waiting_for_a_replica_reads_the_stage_of_its_face(make_client: Any) -> None:
    client = make_client(replies(replica("started"), replica(), face("training"), replica(), face("completed")))
    found = client(lambda t: t.replicas.wait("r1"))
    assert type(found) is tc.Replica
    assert (found.is_ready, found.extra) == (True, {"finetune_status": "completed"})
    paths = [request.url.path for request in client.requests]
    assert paths == ["/v2/replicas/r1", *["/v2/replicas/r1", "/v2/faces/r1"] * 2]


def test_waiting_for_the_preview_of_a_replica_says_that_it_is_one(make_client: Any) -> None:
    client = make_client(replies(replica(), face("training")))
    assert states(client(lambda t: t.replicas.wait("r1", until="preview"))) == ["is_training", "is_preview"]


def test_a_stage_that_tavus_sends_is_not_asked_for_again(make_client: Any) -> None:
    client = make_client(replies(replica(finetune_status="training"), replica(finetune_status="completed")))
    assert client(lambda t: t.replicas.wait("r1")).is_ready
    assert {request.url.path for request in client.requests} == {"/v2/replicas/r1"}


# Callbacks


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('"status": "ready", "finetune_status": "training"', ["is_preview"]),
        ('"status": "completed", "finetune_status": "training"', ["is_preview"]),
        ('"status": "ready", "finetune_status": "completed"', ["is_ready"]),
        ('"status": "ready", "finetune_status": "errored"', ["is_preview", "is_failed"]),
        ('"status": "ready", "finetune_status": null', ["is_ready"]),
        ('"status": "started", "finetune_status": null', []),
        ('"status": "error"', ["is_failed"]),
    ],
)
def test_a_callback_about_a_preview_is_not_ready(said: str, expected: list[str]) -> None:
    callback = tc.parse_callback(f'{{"face_id": "r1", {said}}}')
    assert [name for name in ("is_preview", "is_ready", "is_failed") if getattr(callback, name)] == expected
    assert callback.extra == {}


def test_a_stage_that_is_no_text_is_kept_aside() -> None:
    callback = tc.parse_callback('{"face_id": "r1", "status": "ready", "finetune_status": 7}')
    assert (callback.finetune_status, callback.extra) == (None, {"finetune_status": 7})


# The fake


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus()


@pytest.fixture
def client(fake: FakeTavus, make_client: Any) -> Any:
    return make_client(api_key=fake.api_key, clock=fake.clock, transport=FakeTransport(fake))


def create(client: Any, **more: Any) -> str:
    made = client(lambda t: t.faces.create_non_human(**FOX, model_name="phoenix-4.5", **more))
    return str(made.face_id)


def test_the_fake_plays_both_stages(fake: FakeTavus, client: Any) -> None:
    face_id = create(client, callback_url=HOOK)
    preview = client(lambda t: t.faces.wait(face_id, until="preview"))
    assert (preview.status, preview.finetune_status, preview.training_progress) == ("completed", "training", "100/100")
    begun = fake.now

    tuned = client(lambda t: t.faces.wait(face_id))

    assert (tuned.status, tuned.finetune_status) == ("completed", "completed")
    assert (fake.now - begun).total_seconds() == pytest.approx(4 * 3600, rel=0.05)
    assert [callback.body for callback in fake.callbacks] == [
        {"replica_id": face_id, "status": "ready", "finetune_status": stage} for stage in ("training", "completed")
    ]


def test_the_fake_can_fail_a_finetuning(fake: FakeTavus, client: Any) -> None:
    face_id = create(client, callback_url=HOOK)
    client(lambda t: t.faces.wait(face_id, until="preview"))
    fake.fail_training("video_processing", replica_id=face_id)

    with pytest.raises(tc.TrainingFailed, match="finetuning"):
        client(lambda t: t.faces.wait(face_id))

    found = client(lambda t: t.faces.get(face_id))
    assert (found.status, found.finetune_status) == ("completed", "errored")
    assert fake.callbacks[-1].body["finetune_status"] == "errored"


def test_the_fake_can_fail_the_first_stage(fake: FakeTavus, client: Any) -> None:
    fake.fail_training("video_processing")
    face_id = create(client)
    with pytest.raises(tc.TrainingFailed, match="video_processing"):
        client(lambda t: t.faces.wait(face_id))
    fake.advance(hours=5)
    assert client(lambda t: t.faces.get(face_id)).finetune_status is None


def test_a_deleted_preview_is_not_finetuned(fake: FakeTavus, client: Any) -> None:
    face_id = create(client, callback_url=HOOK)
    client(lambda t: t.faces.wait(face_id, until="preview"))
    client(lambda t: t.faces.delete(face_id))
    fake.advance(hours=5)
    assert len(fake.callbacks) == 1


def test_a_face_deleted_before_its_preview_is_not_finetuned(fake: FakeTavus, client: Any) -> None:
    face_id = create(client, callback_url=HOOK)
    client(lambda t: t.faces.delete(face_id))
    fake.advance(hours=5)
    assert fake.callbacks == []


def test_a_preview_can_be_used(fake: FakeTavus, client: Any) -> None:
    face_id = create(client)
    client(lambda t: t.faces.wait(face_id, until="preview"))
    video = client(lambda t: t.videos.create(replica_id=face_id, script="Hello."))
    fake.advance(minutes=11)
    assert client(lambda t: t.videos.get(video.video_id)).status == "ready"


def test_the_replica_of_such_a_face_is_waited_for_as_well(fake: FakeTavus, client: Any) -> None:
    made = client(lambda t: t.replicas.create_non_human(**FOX, model_name="phoenix-4.5"))
    assert client(lambda t: t.replicas.wait(made.replica_id)).is_ready
    assert client(lambda t: t.faces.get(made.replica_id)).finetune_status == "completed"
