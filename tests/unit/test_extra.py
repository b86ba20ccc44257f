"""``extra=``: members of a request that are newer than this package."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import tavus_consent as tc
from tavus_consent.testing import FakeTavus

TRAIN = "https://bucket.example/train.mp4"
SPOKEN = tc.SpokenConsent(full_name="Rio Alvarez", video_url="https://bucket.example/consent.mp4")
WHO = {"attestation": "This is a cartoon fox, drawn by our studio.", "attested_by": "Kim Lee"}
MADE = {"conversation_id": "c1", "replica_id": "r1", "face_id": "r1", "status": "started"}


def replies(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=MADE)


def sent(client: Any) -> Any:
    (request,) = client.requests
    return json.loads(request.content)


def converse(extra: Any, **more: Any) -> Callable[[Any], Any]:
    return lambda tavus: tavus.conversations.create(persona_id="p1", extra=extra, **more)


CREATES: list[tuple[str, str, dict[str, Any]]] = [
    (namespace, method, given)
    for namespace in ("replicas", "faces")
    for method, given in (("create_personal", {"consent": SPOKEN}), ("create_non_human", WHO))
]
every_create = pytest.mark.parametrize(
    ("namespace", "method", "given"), CREATES, ids=[f"{namespace}.{method}" for namespace, method, _ in CREATES]
)


def train(namespace: str, method: str, given: dict[str, Any], extra: Any) -> Callable[[Any], Any]:
    return lambda tavus: getattr(getattr(tavus, namespace), method)(train_video_url=TRAIN, extra=extra, **given)


# Generated methods


@pytest.mark.parametrize("extra", [{"mood": "calm", "depth": {"levels": [1, None]}}, {}, None])
def test_further_members_are_sent_with_the_others(make_client: Any, extra: dict[str, Any] | None) -> None:
    client = make_client(replies)
    client(converse(extra))
    assert sent(client) == {"persona_id": "p1", **(extra or {})}


def test_a_member_that_is_null_is_sent_as_null(make_client: Any) -> None:
    client = make_client(replies)
    client(converse({"mood": None}))
    assert sent(client)["mood"] is None


@pytest.mark.parametrize("name", ["persona_id", "test_mode", "properties"])
def test_a_member_that_has_an_argument_is_refused(make_client: Any, name: str) -> None:
    client = make_client(replies)
    with pytest.raises(tc.InvalidRequestError, match=rf"^{name} has an argument of its own") as caught:
        client(converse({"mood": "calm", name: None}))
    assert (caught.value.field, caught.value.reason, client.requests) == (name, "known", [])


def test_a_member_that_may_be_null_has_an_argument_too(make_client: Any) -> None:
    client = make_client(replies)
    with pytest.raises(tc.InvalidRequestError) as caught:
        client(lambda tavus: tavus.deployments.create(pal_id="p1", channel="widget", extra={"password": "secret"}))
    assert (caught.value.field, client.requests) == ("password", [])
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("extra", ["mood", [("mood", "calm")], {"mood", "calm"}, {1: "calm"}, {"mood": 1, None: 2}])
def test_extra_is_a_mapping_of_names(make_client: Any, extra: Any) -> None:
    client = make_client(replies)
    with pytest.raises(tc.InvalidRequestError) as caught:
        client(converse(extra))
    assert (caught.value.field, caught.value.reason, client.requests) == ("extra", "type", [])


def test_what_is_no_json_is_refused(make_client: Any) -> None:
    client = make_client(replies)
    with pytest.raises(tc.InvalidRequestError):
        client(converse({"mood": object()}))
    assert client.requests == []


def test_every_method_with_members_of_a_body_takes_extra() -> None:
    with FakeTavus().client() as tavus:
        for namespace, method in (
            ("conversations", "create"),
            ("conversations", "send_app_message"),
            ("pals", "create"),
            ("memory_stores", "add_pinned"),
            ("videos", "rename"),
            ("tools", "patch"),
        ):
            assert "extra" in inspect.signature(getattr(getattr(tavus, namespace), method)).parameters, namespace
        for method in ("get", "list", "end"):
            assert "extra" not in inspect.signature(getattr(tavus.conversations, method)).parameters


def test_an_app_message_can_carry_what_its_listeners_expect(make_client: Any) -> None:
    client = make_client(lambda _: httpx.Response(200))
    client(
        lambda tavus: tavus.conversations.send_app_message(
            "c1", message_type="mine", event_type="app.poll", extra={"vote": 3}
        )
    )
    assert sent(client) == {"message_type": "mine", "event_type": "app.poll", "vote": 3}


def test_objects_within_a_request_take_further_members(make_client: Any) -> None:
    client = make_client(lambda _: httpx.Response(200, json={"pal_id": "p1"}))
    layers = {"tts": {"tts_engine": "cartesia", "pace": 2}, "transport": {"transport_type": "livekit"}}
    client(lambda tavus: tavus.pals.create(default_face_id="r1", layers=layers))
    assert sent(client)["layers"] == layers


# Creates with consent


@every_create
def test_a_create_with_consent_sends_further_members(
    make_client: Any, namespace: str, method: str, given: dict[str, Any]
) -> None:
    client = make_client(replies)
    client(train(namespace, method, given, {"seed": 7, "style": {"light": "warm"}}))
    body = sent(client)
    assert (body["train_video_url"], body["seed"], body["style"]) == (TRAIN, 7, {"light": "warm"})


@pytest.mark.parametrize(
    "name",
    [
        "train_video_url",
        "train_image_url",
        "consent_video_url",
        "callback_url",
        "replica_name",
        "face_name",
        "default_voice_id",
        "properties",
    ],
)
@every_create
def test_a_create_with_consent_refuses_members_that_have_arguments(
    make_client: Any, namespace: str, method: str, given: dict[str, Any], name: str
) -> None:
    client = make_client(replies)
    with pytest.raises(tc.InvalidRequestError, match="argument of its own") as caught:
        client(train(namespace, method, given, {name: "https://bucket.example/other.mp4"}))
    assert (caught.value.field, client.requests) == (name, [])


@pytest.mark.parametrize(
    "extra",
    [
        {"train_audio_url": None},
        {"second": "https://bucket.example/other.mp4"},
        {"second": {"deep": ["see https://bucket.example/other.mp4"]}},
        {"second": {"voice_id": "v1"}},
        {"voice_ids": ["v1"]},
        {"photo": "data:image/png;base64,AAAA"},
    ],
)
@every_create
def test_a_create_with_consent_refuses_media_and_likenesses_that_it_does_not_know(
    make_client: Any, namespace: str, method: str, given: dict[str, Any], extra: dict[str, Any]
) -> None:
    client = make_client(replies)
    with pytest.raises(tc.InvalidRequestError, match="consent") as caught:
        client(train(namespace, method, given, extra))
    assert (caught.value.field, caught.value.reason, client.requests) == ("extra", "unchecked", [])
    assert "bucket" not in str(caught.value)


@pytest.mark.parametrize("extra", ["style", {1: 2}, {"style": object()}])
@every_create
def test_a_create_with_consent_refuses_what_is_no_json(
    make_client: Any, namespace: str, method: str, given: dict[str, Any], extra: Any
) -> None:
    client = make_client(replies)
    with pytest.raises(tc.InvalidRequestError) as caught:
        client(train(namespace, method, given, extra))
    assert (caught.value.field, client.requests) == ("extra", [])


def test_a_change_of_a_face_sends_further_members(make_client: Any) -> None:
    client = make_client(replies)
    client(lambda tavus: tavus.faces.patch("r1", extra={"mood": "calm"}))
    assert sent(client) == {"mood": "calm"}


def test_a_change_of_a_face_refuses_members_that_have_arguments(make_client: Any) -> None:
    client = make_client(replies)
    with pytest.raises(tc.InvalidRequestError) as caught:
        client(lambda tavus: tavus.faces.patch("r1", extra={"default_voice_id": "v1"}))
    assert (caught.value.field, client.requests) == ("default_voice_id", [])
