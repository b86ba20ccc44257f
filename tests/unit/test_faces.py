"""``tavus.faces``: the consent gate of replicas under the newer name, and training from an image."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import tavus_consent as tc
from tavus_consent.gate.likeness import Training

VIDEO = "https://bucket.example/train.mp4"
IMAGE = "https://bucket.example/portrait.png"
CONSENT = "https://bucket.example/consent.mp4"
RIO = tc.SpokenConsent(full_name="Rio Alvarez", video_url=CONSENT)
CREATED = {"face_id": "rf4e9d9790f0", "status": "started"}
VOUCHED = {"attestation": "A fox that our studio drew", "attested_by": "studio@app.example"}


def replies(*answers: Any) -> Callable[[httpx.Request], httpx.Response]:
    left = list(answers)

    def handle(_: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    return handle


def sent(client: Any, index: int = 0) -> Any:
    return json.loads(client.requests[index].content)


def test_a_personal_create_sends_what_was_given(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    face = client(
        lambda t: t.faces.create_personal(
            train_video_url=VIDEO, consent=RIO, face_name="Rio", model_name="phoenix-4", background_green_screen=True
        )
    )
    assert client.requests[0].url.path == "/v2/faces"
    assert sent(client) == {
        "train_video_url": VIDEO,
        "consent_video_url": CONSENT,
        "face_name": "Rio",
        "model_name": "phoenix-4",
        "properties": {"background_green_screen": True},
    }
    assert (face.face_id, face.is_training) == ("rf4e9d9790f0", True)


def test_a_person_on_an_image_consents_on_video(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    with pytest.warns(tc.ConsentWarning, match="no statement"):
        client(
            lambda t: t.faces.create_personal(
                train_image_url=IMAGE, consent=RIO, voice_name="anna", auto_fix_training_image=True
            )
        )
    assert sent(client) == {
        "train_image_url": IMAGE,
        "consent_video_url": CONSENT,
        "voice_name": "anna",
        "auto_fix_training_image": True,
    }


def test_an_image_that_shows_nobody_needs_somebody_who_says_so(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    client(lambda t: t.faces.create_non_human(train_image_url=IMAGE, default_voice_id="v1", **VOUCHED))
    assert sent(client) == {"train_image_url": IMAGE, "default_voice_id": "v1"}


@pytest.mark.parametrize(
    ("arguments", "error", "reason"),
    [
        (
            {"train_image_url": IMAGE, "consent": tc.SpokenConsent("Rio Alvarez")},
            tc.ConsentRequired,
            "image_without_consent_video",
        ),
        ({"train_image_url": IMAGE, "consent": None}, tc.ConsentRequired, "missing"),
        ({"train_image_url": IMAGE, "train_video_url": VIDEO, "consent": RIO}, tc.ConsentError, "video_and_image"),
        ({"consent": RIO}, tc.ConsentError, "no_training_video"),
    ],
)
def test_a_personal_create_that_must_not_be_sent_is_refused(
    make_client: Any, arguments: Any, error: type[tc.ConsentError], reason: str
) -> None:
    client = make_client(replies(CREATED))
    with pytest.raises(error) as caught:
        client(lambda t: t.faces.create_personal(voice_name="anna", **arguments))
    assert (caught.value.reason, client.requests) == (reason, [])


@pytest.mark.parametrize("gap", ["attestation", "attested_by"])
def test_an_image_without_an_attestation_is_refused(make_client: Any, gap: str) -> None:
    client = make_client(replies(CREATED))
    with pytest.raises(tc.InvalidRequestError):
        client(lambda t: t.faces.create_non_human(train_image_url=IMAGE, voice_name="anna", **{**VOUCHED, gap: ""}))
    assert client.requests == []


def test_the_gate_itself_lets_nothing_pass_without_an_attestation(make_client: Any) -> None:
    clock = make_client(replies(CREATED)).clock
    training = Training(kind="non_human", links={"train_video_url": VIDEO}, texts={}, background_green_screen=None)
    with pytest.raises(tc.ConsentRequired):
        training.body(clock, "unknown")


@pytest.mark.parametrize(
    ("voice", "field"), [({}, "voice_name"), ({"voice_name": "anna", "default_voice_id": "v1"}, "voice_name")]
)
def test_an_image_has_one_voice(make_client: Any, voice: Any, field: str) -> None:
    client = make_client(replies(CREATED))
    with pytest.raises(tc.InvalidRequestError) as caught:
        client(lambda t: t.faces.create_non_human(train_image_url=IMAGE, **voice, **VOUCHED))
    assert (caught.value.field, client.requests) == (field, [])


@pytest.mark.parametrize("field", ["train_image_url", "train_video_url"])
def test_links_are_checked_like_those_of_replicas(make_client: Any, field: str) -> None:
    client = make_client(replies(CREATED))
    with pytest.raises(tc.InvalidLinkError):
        client(lambda t: t.faces.create_non_human(**{field: "http://bucket.example/a"}, voice_name="anna", **VOUCHED))
    assert client.requests == []


def test_a_picture_in_a_form_that_tavus_does_not_take_warns(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    with pytest.warns(tc.LinkWarning, match="JPG and PNG"):
        client(
            lambda t: t.faces.create_non_human(
                train_image_url="https://bucket.example/p.heic", voice_name="anna", **VOUCHED
            )
        )


def test_a_face_is_a_replica_under_another_name(make_client: Any) -> None:
    data = {"face_id": "r1", "face_name": "Rio", "face_type": "user", "status": "ready", "finetune_status": "training"}
    client = make_client(replies(data))
    face = client(lambda t: t.faces.get("r1", verbose=True))
    assert isinstance(face, tc.Replica)
    assert (face.replica_id, face.face_name, face.face_type, face.finetune_status) == ("r1", "Rio", "user", "training")
    assert face.to_dict() == data
    assert repr(face).startswith("Face(face_id='r1', ")


def test_a_face_without_an_id_is_an_answer_that_cannot_be_used(make_client: Any) -> None:
    client = make_client(replies({"status": "started"}))
    with pytest.raises(tc.InvalidAnswerError, match="face_id is missing"):
        client(lambda t: t.faces.get("r1"))


def test_list_sends_its_filters(make_client: Any) -> None:
    client = make_client(replies({"data": [{"face_id": "r1"}], "total_count": 1}))
    found = client(lambda t: t.faces.list(face_type="user", face_ids=["r1", "r2"], sort="recommended", page_size=7))
    assert [face.face_id for face in found] == ["r1"]
    assert dict(client.requests[0].url.params) == {
        "limit": "7",
        "page": "1",
        "face_type": "user",
        "face_ids": "r1,r2",
        "sort": "recommended",
    }


def test_rename_refuses_what_would_change_the_path(make_client: Any) -> None:
    client = make_client(replies({}))
    with pytest.raises(tc.InvalidRequestError, match="face_id"):
        client(lambda t: t.faces.rename("a/b", "Eva"))
    with pytest.raises(tc.InvalidRequestError, match="face_type"):
        client(lambda t: t.faces.list(face_type="mine"))


def test_one_id_may_be_given_alone(make_client: Any) -> None:
    client = make_client(replies({"data": []}))
    client(lambda t: t.faces.list(face_ids="r1"))
    assert client.requests[0].url.params["face_ids"] == "r1"


def test_rename_and_delete_go_to_the_face(make_client: Any) -> None:
    client = make_client(replies(httpx.Response(200)))
    client(lambda t: t.faces.rename("r1", "Eva"))
    client(lambda t: t.faces.delete("r1", hard=True))
    assert sent(client) == {"face_name": "Eva"}
    assert [str(request.url) for request in client.requests] == [
        "https://tavusapi.com/v2/faces/r1/name",
        "https://tavusapi.com/v2/faces/r1?hard=true",
    ]


@pytest.mark.parametrize(
    ("given", "body"),
    [
        ({"face_name": "Eva"}, {"face_name": "Eva"}),
        ({"default_voice_id": "v1"}, {"default_voice_id": "v1"}),
        ({"default_voice_id": None}, {"default_voice_id": None}),
    ],
)
def test_patch_sends_what_changes_and_none_takes_the_voice_away(make_client: Any, given: Any, body: Any) -> None:
    client = make_client(replies({"face_id": "r1", **body}))
    assert client(lambda t: t.faces.patch("r1", **given)).face_id == "r1"
    assert sent(client) == body


def test_patch_of_nothing_is_refused(make_client: Any) -> None:
    client = make_client(replies({}))
    with pytest.raises(tc.InvalidRequestError):
        client(lambda t: t.faces.patch("r1"))
    assert client.requests == []


def test_wait_raises_what_replicas_raise(make_client: Any) -> None:
    client = make_client(replies({"face_id": "r1", "status": "error", "error_message": "Something"}))
    with pytest.raises(tc.TrainingFailed) as caught:
        client(lambda t: t.faces.wait("r1"))
    assert isinstance(caught.value.replica, tc.Face)


def test_wait_gives_up_at_its_deadline_and_says_face(make_client: Any) -> None:
    client = make_client(replies({"face_id": "r1", "status": "started"}))
    with pytest.raises(tc.TrainingTimeout, match="face r1"):
        client(lambda t: t.faces.wait("r1", timeout=60))


def test_a_lost_face_is_found_by_name_and_time(make_client: Any) -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            raise httpx.ReadError("lost")
        now = client.clock.now().isoformat()
        data = [{"face_id": "a", "face_name": "Eva"}, {"face_id": "b", "face_name": "Rio", "created_at": now}]
        return httpx.Response(200, json={"data": data, "total_count": 2})

    client = make_client(serve)
    with pytest.raises(tc.OutcomeUnknownError, match=r"tavus\.faces\.find_created") as caught:
        client(lambda t: t.faces.create_personal(train_video_url=VIDEO, consent=RIO, face_name="Rio"))
    found = client(lambda t: t.faces.find_created(caught.value))
    assert [face.face_id for face in found] == ["b"]
