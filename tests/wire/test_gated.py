"""The hand-written creates send the members that the specification defines for their arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import tavus_consent as tc

from .server import Answer, Server
from .spec import OPERATIONS, Given, expected, resolve, understood

TRAIN = "https://bucket.example/train.mp4"
SPOKEN = tc.SpokenConsent(full_name="Rio Alvarez", video_url="https://bucket.example/consent.mp4")
CALLBACK = "https://app.example/hook"
REPLICA = {"train_video_url": TRAIN, "replica_name": "Rio", "model_name": "phoenix-4", "callback_url": CALLBACK}
FACE = {"train_video_url": TRAIN, "face_name": "Rio", "model_name": "phoenix-4", "callback_url": CALLBACK}
VOICE = {"audio_url": "https://bucket.example/rio.wav", "voice_name": "Rio", "description": "For our courses."}
# A green background is a member of an object in the request, and an argument of its own.
GREEN = {"properties": {"background_green_screen": True}}
WHO = {"attestation": "This is a cartoon fox, drawn by our studio.", "attested_by": "Kim Lee"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


CREATES = [("createReplica", "replicas", REPLICA), ("createFace", "faces", FACE)]


@pytest.mark.parametrize(("operation", "namespace", "given"), CREATES, ids=[name for name, _, _ in CREATES])
@pytest.mark.parametrize("kind", ["personal", "non_human"])
def test_a_create_behind_the_gate_sends_what_the_specification_has(
    server: Server, operation: str, namespace: str, given: dict[str, str], kind: str
) -> None:
    server.expect(Answer(200, "application/json", b'{"replica_id": "r1", "face_id": "r1", "status": "started"}'))
    who: dict[str, Any] = {"consent": SPOKEN} if kind == "personal" else WHO
    more = {"consent_video_url": SPOKEN.video_url} if kind == "personal" else {}
    with tc.Tavus("key-for-tests", base_url=server.url, ledger=None) as tavus:
        getattr(getattr(tavus, namespace), f"create_{kind}")(**given, **who, background_green_screen=True)
    (came,) = server.requests
    body = {**given, **more, **GREEN}
    check(operation, came, body)


@pytest.mark.parametrize("who", [{"consent": SPOKEN}, WHO], ids=["personal", "non_human"])
def test_a_voice_sends_what_the_specification_has_and_no_consent_video(server: Server, who: dict[str, Any]) -> None:
    server.expect(Answer(200, "application/json", b'{"voice_id": "v1", "status": "started"}'))
    given = {**VOICE, "callback_url": CALLBACK}
    with tc.Tavus("key-for-tests", base_url=server.url, ledger=None) as tavus:
        create: Any = tavus.voices.create_personal if "consent" in who else tavus.voices.create_non_human
        create(**given, **who)
    (came,) = server.requests
    check("createVoice", came, given)


def check(operation: str, came: Any, body: dict[str, Any]) -> None:
    assert understood(came, set()) == understood(expected(OPERATIONS[operation], Given(body=body)), set())
    content = OPERATIONS[operation].content
    assert content is not None
    assert body.keys() <= resolve(content[1])["properties"].keys()
