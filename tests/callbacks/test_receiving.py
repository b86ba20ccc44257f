"""Receiving a callback with one call: its address, one question to Tavus, the confirmed event."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.rows import each_row
from tests.ungated import ungated

from tavus_api.api.conversations import create_conversation
from tavus_consent import (
    CallbackRefused,
    InvalidLinkError,
    InvalidRequestError,
    NoAnswerError,
    ServerStatusError,
    Tavus,
)
from tavus_consent.callbacks import (
    ConversationCallback,
    ConversationEnded,
    DocumentReady,
    GuardrailTriggered,
    ObjectiveCompleted,
    OutputCallback,
    ReplicaCallback,
    ReplicaFailed,
    ReplicaPreview,
    ReplicaReady,
    ReplicaTuned,
    ShutdownReason,
    ToolCalled,
    TranscriptReady,
    UnconfirmedEvent,
    UnknownEvent,
    VideoFailed,
    VoiceReady,
)

from .support import BASE, Post

READY = {"replica_id": "r1", "status": "ready"}
TRAINED = {"replica_id": "r1", "status": "completed", "model_name": "phoenix-4"}


# Believing


def test_the_event_has_the_state_that_tavus_returns(here: Post) -> None:
    url = here.replica(job="42")
    here.objects["/v2/replicas/r1"] = TRAINED
    event = here.receive(url, READY)
    assert type(event) is ReplicaReady
    assert (event.job, event.confirmed, event.status, event.replica.model_name) == (
        "42",
        True,
        "completed",
        "phoenix-4",
    )
    assert here.asked == ["/v2/replicas/r1"]


def test_a_state_is_delivered_once(here: Post) -> None:
    url = here.replica()
    here.objects["/v2/replicas/r1"] = TRAINED
    assert here.receive(url, READY)
    assert here.receive(url, READY) is None
    assert here.receive(url, {**READY, "status": "completed", "x": 1}) is None


def test_several_states_on_one_address_are_several_events(here: Post) -> None:
    url = here.replica()
    face = {"face_id": "r1", "status": "completed", "model_name": "phoenix-4.5", "finetune_status": "training"}
    here.objects["/v2/faces/r1"] = face
    preview = here.receive(url, {**face, "status": "ready"})
    here.objects["/v2/faces/r1"] = {**face, "finetune_status": "completed"}
    tuned = here.receive(url, {**face, "finetune_status": "completed"})
    assert (type(preview), type(tuned)) == (ReplicaPreview, ReplicaTuned)
    assert (preview.is_ready, tuned.is_ready, tuned.replica.finetune_status) == (False, True, "completed")


def test_a_finished_training_of_phoenix_4_5_is_a_preview_whatever_the_body_says(here: Post) -> None:
    url = here.replica()
    here.objects["/v2/replicas/r1"] = {**TRAINED, "model_name": "phoenix-4.5"}
    assert type(here.receive(url, READY)) is ReplicaPreview


def test_a_forged_success_is_the_failure_that_tavus_returns(here: Post) -> None:
    url = here.replica()
    here.objects["/v2/replicas/r1"] = {"replica_id": "r1", "status": "error", "error_message": "no face"}
    event = here.receive(url, READY)
    assert type(event) is ReplicaFailed
    assert (event.error_message, event.confirmed) == ("no face", True)


@pytest.mark.parametrize("answer", [400, 404])
def test_a_claim_about_something_that_tavus_does_not_know_is_unconfirmed(here: Post, answer: int) -> None:
    url = here.replica(job="42")
    here.objects["/v2/replicas/r1"] = answer
    event = here.receive(url, READY)
    assert isinstance(event, UnconfirmedEvent)
    assert (event.job, event.confirmed, event.found, type(event.claim)) == ("42", False, None, ReplicaReady)


def test_a_claim_that_tavus_does_not_show_yet_is_unconfirmed_and_can_come_again(here: Post) -> None:
    url = here.replica()
    here.objects["/v2/replicas/r1"] = {**TRAINED, "status": "started"}
    event = here.receive(url, READY)
    assert isinstance(event, UnconfirmedEvent)
    assert event.found.status == "started"
    here.objects["/v2/replicas/r1"] = TRAINED
    assert type(here.receive(url, READY)) is ReplicaReady


def test_progress_is_an_event_too(here: Post) -> None:
    url = here.replica()
    here.objects["/v2/replicas/r1"] = {**TRAINED, "status": "training"}
    assert type(here.receive(url, {**READY, "status": "training"})) is ReplicaCallback


def shutdown(at: str, **properties: Any) -> dict[str, Any]:
    return {"event_type": "system.shutdown", "timestamp": at, "properties": properties}


def test_the_end_of_a_conversation_has_the_reason_that_tavus_returns(here: Post) -> None:
    url = here.conversation(job="call")
    said = shutdown("2025-07-11T06:45:47.472000Z", reason="daily_room_has_been_deleted")
    here.objects["/v2/conversations/c1"] = {"conversation_id": "c1", "status": "ended", "events": [said]}
    body = {**shutdown(said["timestamp"], shutdown_reason="forged"), "conversation_id": "c1"}
    match here.receive(url, body):
        case ConversationEnded(conversation_id=id, reason=why, confirmed=True) as event:
            assert (id, why, event.shutdown) == ("c1", "daily_room_has_been_deleted", ShutdownReason.ROOM_DELETED)
            assert (event.job, event.conversation.status) == ("call", "ended")
        case other:
            raise AssertionError(other)
    assert here.client.requests[-1].url.params["verbose"] == "true"
    assert here.receive(url, body) is None


def test_an_event_of_a_conversation_is_found_by_its_time(here: Post) -> None:
    url = here.conversation()
    first, second = (shutdown(f"2025-07-11T06:45:4{n}Z", reason=f"{n}") for n in (1, 2))
    here.objects["/v2/conversations/c1"] = {"conversation_id": "c1", "events": [first, second]}
    found = [here.receive(url, {**one, "conversation_id": "c1"}) for one in (second, first)]
    assert [event.reason for event in found] == ["2", "1"]


def test_an_event_of_another_time_is_the_last_of_its_type(here: Post) -> None:
    url = here.conversation()
    said = {"event_type": "application.transcription_ready", "properties": {"transcript": [{"role": "user"}]}}
    here.objects["/v2/conversations/c1"] = {"conversation_id": "c1", "events": [said, {**said, "properties": None}]}
    event = here.receive(url, {**said, "conversation_id": "c1"})
    assert isinstance(event, TranscriptReady)
    assert (event.transcript, event.timestamp, event.confirmed) == ((), None, True)


@pytest.mark.parametrize("events", [None, [], [{"event_type": "system.replica_joined"}]])
def test_an_event_that_the_conversation_does_not_have_is_unconfirmed(here: Post, events: Any) -> None:
    url = here.conversation()
    here.objects["/v2/conversations/c1"] = {"conversation_id": "c1", "events": events}
    assert isinstance(here.receive(url, {**shutdown("x"), "conversation_id": "c1"}), UnconfirmedEvent)


OTHERS: list[Any] = [
    (
        "/v2/videos/v1",
        {"video_id": "v1", "status": "error", "status_details": "x"},
        VideoFailed,
        {"error_message": "x"},
    ),
    ("/v2/documents/d1", {"document_id": "d1", "status": "ready"}, DocumentReady, {"document_id": "d1"}),
    ("/v2/voices/v1", {"voice_id": "v1", "status": "completed"}, VoiceReady, {"voice_id": "v1"}),
    ("/v2/lipsync/w1", {"lipsync_id": "w1", "status": "completed"}, OutputCallback, {"kind": "lipsync"}),
    ("/v2/replacements/p1", {"replacement_id": "p1", "status": "error"}, OutputCallback, {"kind": "replacement"}),
    ("/v2/transcriptions/t1", {"transcription_id": "t1", "status": "x"}, OutputCallback, {"object_id": "t1"}),
]


@each_row(("path", "state", "kind", "attributes"), OTHERS, by=lambda path, *_: path)
def test_other_objects_are_asked_for_too(
    path: str, state: dict[str, Any], kind: type, attributes: dict[str, Any], memory: Post
) -> None:
    memory.objects[path] = state
    url = memory.url(job="7")
    memory.clock.advance(minutes=2)
    event = memory.receive(url, state)
    assert type(event) is kind
    assert (event.confirmed, event.job) == (True, "7")
    assert {name: getattr(event, name) for name in attributes} == attributes


def test_an_object_without_a_status_is_in_progress(memory: Post) -> None:
    states: list[Any] = [("replicas", "replica"), ("videos", "video"), ("documents", "document"), ("voices", "voice")]
    states.append(("lipsync", "lipsync"))
    for folder, noun in states:
        memory.objects[f"/v2/{folder}/x1"] = {f"{noun}_id": "x1"}
        url = memory.url()
        memory.clock.advance(minutes=2)
        event = memory.receive(url, {f"{noun}_id": "x1", "status": "started"})
        assert (event.status, event.is_ready, event.confirmed) == ("", False, True)


UNASKED: list[Any] = [
    ({"objective_name": "age", "conversation_id": "c1"}, "objective", ObjectiveCompleted),
    ({"guardrail_name": "rude"}, "guardrail", GuardrailTriggered),
    ({"city": "Rome"}, "tool", ToolCalled),
    ({"replica_id": "r1", "status": "ready"}, "tool", ToolCalled),
    ({"city": "Rome"}, None, UnknownEvent),
]


@each_row(("body", "kind", "of"), UNASKED, by=lambda body, kind, of: f"{kind} {of.__name__}")
def test_what_no_operation_shows_is_delivered_once_for_each_body(body: Any, kind: Any, of: type, here: Post) -> None:
    url = here.url(job="9", kind=kind)
    event = here.receive(url, body)
    assert type(event) is of
    assert (event.job, event.confirmed, here.asked) == ("9", False, [])
    assert here.receive(url, body) is None
    assert type(here.receive(url, {**body, "x": 1})) is of


def test_live_events_and_speech_are_not_asked_for(memory: Post) -> None:
    url = memory.conversation()
    event = memory.receive(url, {"event_type": "conversation.utterance", "conversation_id": "c1"})
    assert (type(event), event.confirmed) == (ConversationCallback, False)
    other = memory.url()
    memory.clock.advance(minutes=2)
    assert type(memory.receive(other, {"speech_id": "s1", "status": "completed"})) is OutputCallback
    assert memory.asked == []


# Addresses


def test_an_address_has_256_bits_in_its_path(here: Post) -> None:
    urls = {here.url() for _ in range(3)}
    assert len(urls) == 3
    for url in urls:
        assert url.startswith(f"{BASE}/tcb_")
        assert len(url.rpartition("/")[2]) == 4 + 43


def stranger(url: str) -> list[str]:
    return [f"{BASE}/tcb_{'x' * 43}", BASE, "", "/", url[:-1], f"{url}0", f"{BASE}/{'x' * 100_000}", "\ud800"]


def test_a_wrong_address_is_refused_before_the_body_is_looked_at(here: Post) -> None:
    url = here.url()
    for wrong in stranger(url):
        with pytest.raises(CallbackRefused, match="Answer 404") as caught:
            here.receive(wrong, b"not read")
        assert (caught.value.field, caught.value.reason) == ("path", "unknown_address")


def test_an_address_is_known_by_its_path(here: Post) -> None:
    here.objects["/v2/replicas/r1"] = TRAINED
    url = here.replica()
    for path in (url.removeprefix("https://app.example"), url.rpartition("/")[2]):
        here.receive(path, READY)
    with pytest.raises(InvalidRequestError, match="path takes text"):
        here(lambda t: t.callbacks.receive(path=b"/x", body=b"{}"))


def test_an_expired_address_is_refused(here: Post) -> None:
    url = here.replica(expires_in=timedelta(hours=1))
    here.objects["/v2/replicas/r1"] = TRAINED
    here.clock.advance(minutes=59)
    assert here.receive(url, READY)
    here.clock.advance(minutes=1)
    with pytest.raises(CallbackRefused):
        here.receive(url, READY)


def test_a_callback_about_another_object_is_refused(here: Post) -> None:
    url = here.replica()
    here.objects["/v2/replicas/r2"] = {**TRAINED, "replica_id": "r2"}
    for body in ({"replica_id": "r2", "status": "ready"}, {"video_id": "r1", "status": "ready"}):
        with pytest.raises(CallbackRefused, match="another object"):
            here.receive(url, body)


def test_the_voice_that_a_training_makes_is_not_another_object(memory: Post) -> None:
    url = memory.replica()
    memory.objects["/v2/voices/v1"] = {"voice_id": "v1", "status": "completed"}
    assert type(memory.receive(url, {"voice_id": "v1", "status": "completed"})) is VoiceReady


def test_a_face_is_bound_and_asked_for_by_its_newer_name(memory: Post) -> None:
    url = memory.url()
    memory.objects["/v2/faces"] = {"face_id": "r1", "status": "started"}
    memory(
        lambda t: t.faces.create_non_human(
            train_video_url="https://b.example/fox.mp4", attestation="A fox", attested_by="studio", callback_url=url
        )
    )
    memory.objects["/v2/faces/r1"] = {"face_id": "r1", "status": "completed"}
    assert type(memory.receive(url, READY)) is ReplicaReady
    assert memory.asked == ["/v2/faces/r1"]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"job": ""}, "job"),
        ({"job": 7}, "job"),
        ({"kind": "replica"}, "kind"),
        ({"expires_in": 60}, "expires_in"),
        ({"expires_in": timedelta()}, "expires_in"),
    ],
)
def test_an_address_that_cannot_be_issued_is_refused(memory: Post, options: Any, field: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        memory.url(**options)
    assert caught.value.field == field


@pytest.mark.parametrize("base", ["http://app.example", "ftp://x", "app.example"])
def test_a_base_that_tavus_cannot_call_is_refused(memory: Post, base: str) -> None:
    with pytest.raises(InvalidLinkError) as caught:
        memory(lambda t: t.callbacks.app(base))
    assert caught.value.field == "base_url"


@pytest.mark.parametrize("more", ["?a=1", "/x?a=1"])
def test_a_base_with_a_query_is_refused(memory: Post, more: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        memory(lambda t: t.callbacks.app(BASE + more))
    assert (caught.value.field, caught.value.reason) == ("base_url", "query")


# Early callbacks


def test_an_early_callback_is_stored_and_delivered_once_its_create_is_answered(here: Post) -> None:
    url = here.url(job="42")
    assert here.receive(url, READY) is None
    assert (here.pending(), here.asked) == ([], [])
    here.objects["/v2/replicas/r1"] = TRAINED
    here.objects["/v2/replicas"] = {"replica_id": "r1", "status": "started"}
    here(
        lambda t: t.replicas.create_non_human(
            train_video_url="https://b.example/fox.mp4", attestation="A fox", attested_by="studio", callback_url=url
        )
    )
    (event,) = here.pending()
    assert (type(event), event.job) == (ReplicaReady, "42")
    assert here.pending() == []
    assert here.receive(url, READY) is None


def test_an_address_whose_create_was_never_answered_is_bound_by_its_first_callback(here: Post) -> None:
    url = here.url(job="42")
    assert here.receive(url, READY) is None
    here.objects["/v2/replicas/r1"] = TRAINED
    here.clock.advance(minutes=2)
    (event,) = here.pending()
    assert (type(event), event.job) == (ReplicaReady, "42")
    with pytest.raises(CallbackRefused):
        here.receive(url, {"replica_id": "r2", "status": "ready"})


def test_an_object_that_tavus_does_not_know_binds_nothing(here: Post) -> None:
    url = here.url()
    here.clock.advance(minutes=2)
    assert isinstance(here.receive(url, {"replica_id": "r2", "status": "ready"}), UnconfirmedEvent)
    here.objects["/v2/replicas/r1"] = TRAINED
    assert type(here.receive(url, READY)) is ReplicaReady


def test_an_early_callback_about_another_object_is_a_dead_letter(here: Post) -> None:
    url = here.url()
    assert here.receive(url, {"replica_id": "r2", "status": "ready"}) is None
    here.objects["/v2/replicas"] = {"replica_id": "r1", "status": "started"}
    here(
        lambda t: t.replicas.create_non_human(
            train_video_url="https://b.example/fox.mp4", attestation="A fox", attested_by="studio", callback_url=url
        )
    )
    assert (here.pending(), here.asked) == ([], [])


@pytest.mark.parametrize("address", ["https://other.example/hook", "https://app.example/tavus/tcb_short"])
def test_a_create_with_another_address_binds_nothing(memory: Post, address: str) -> None:
    memory.objects["/v2/conversations"] = {"conversation_id": "c1"}
    made = memory(lambda t: t.conversations.create(replica_id="r1", callback_url=address))
    assert made.conversation_id == "c1"


def test_a_create_whose_address_is_not_known_here_works(here: Post) -> None:
    here.objects["/v2/conversations"] = {"conversation_id": "c1"}
    made = here(lambda t: t.conversations.create(replica_id="r1", callback_url=f"{BASE}/tcb_{'x' * 43}"))
    assert made.conversation_id == "c1"


def raw(tavus: Any, body: Any) -> Any:
    client = tavus.raw.get_httpx_client() if isinstance(tavus, Tavus) else tavus.raw.get_async_httpx_client()
    return client.request("POST", "/v2/conversations", json=body)


def test_a_create_without_a_namespace_binds_too(memory: Post) -> None:
    memory.objects["/v2/conversations"] = {"conversation_id": "c1"}
    url = memory.url()
    body = {"replica_id": "r1", "callback_url": url}
    send = create_conversation.sync_detailed if memory.kind == "sync" else create_conversation.asyncio_detailed
    memory(lambda t: send(client=t.raw, body=body))
    with pytest.raises(CallbackRefused):
        memory.receive(url, READY)


@pytest.mark.parametrize("said", [{"status": "active"}, [1], {"conversation_id": 7}])
def test_a_create_whose_answer_names_no_object_works(memory: Post, said: Any) -> None:
    memory.objects["/v2/conversations"] = said
    url = memory.url()
    memory(ungated(lambda t: raw(t, {"callback_url": 7})))
    memory(ungated(lambda t: raw(t, {"callback_url": url})))
    assert memory.receive(url, READY) is None


def test_a_ledger_that_fails_does_not_hide_the_answer_to_a_create(
    make_client: Callable[..., Any], url: str, caplog: pytest.LogCaptureFixture
) -> None:
    here = Post(make_client, url)
    address = here.url()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("DROP TABLE tavus_consent_addresses")
        connection.commit()
    here.objects["/v2/conversations"] = {"conversation_id": "c1"}
    made = here(lambda t: t.conversations.create(replica_id="r1", callback_url=address))
    assert made.conversation_id == "c1"
    assert "was not bound to its object (LedgerUnavailable)" in caplog.text


# Failures


@pytest.mark.parametrize(
    ("problem", "error"), [(500, ServerStatusError), (httpx.ConnectError("x"), NoAnswerError)], ids=["500", "down"]
)
def test_a_callback_that_tavus_cannot_be_asked_about_is_stored(here: Post, problem: Any, error: Any) -> None:
    url = here.replica()
    here.objects["/v2/replicas/r1"] = problem
    with pytest.raises(error):
        here.receive(url, READY)
    here.objects["/v2/replicas/r1"] = TRAINED
    (event,) = here.pending()
    assert type(event) is ReplicaReady
    assert here.pending() == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{" * 3, b"x" * 65537])
def test_a_body_that_is_no_json_object_is_refused(here: Post, body: bytes) -> None:
    with pytest.raises(InvalidRequestError, match="Answer 400") as caught:
        here.receive(here.url(), body)
    assert not isinstance(caught.value, CallbackRefused)


# Signatures


def signed(body: bytes, secret: str = "s3cr3t") -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("form", ["{}", "sha256={}", " {} "])
def test_a_signed_body_is_received_once(here: Post, form: str) -> None:
    body = json.dumps({"city": "Rome"}).encode()
    url = here.url(kind="tool")
    given = {"signature": form.format(signed(body).upper()), "secret": "s3cr3t"}
    event = here.receive(url, body, **given)
    assert isinstance(event, ToolCalled)
    assert event.arguments == {"city": "Rome"}
    assert here.receive(url, body, **given) is None  # a replay


@pytest.mark.parametrize("signature", [None, "", "0" * 64, "\ud800", signed(b"{}", "other"), signed(b'{"x": 1}')])
def test_a_wrong_signature_is_refused(here: Post, signature: str | None) -> None:
    with pytest.raises(CallbackRefused):
        here.receive(here.url(kind="tool"), b"{}", signature=signature, secret="s3cr3t")


def test_the_ledger_holds_neither_the_secret_nor_the_body(make_client: Callable[..., Any], url: str) -> None:
    here = Post(make_client, url)
    address = here.url(job="42")
    assert here.receive(address, {"replica_id": "r1", "status": "ready", "script": "a secret text"}) is None
    stored = b"".join(path.read_bytes() for path in _files(url))
    assert address.rpartition("/")[2].encode() not in stored
    assert b"a secret text" not in stored
    assert hashlib.sha256(address.rpartition("/")[2].encode()).hexdigest().encode() in stored


def _files(url: str) -> Any:
    from pathlib import Path

    path = Path(url.removeprefix("sqlite:///"))
    return [one for one in path.parent.iterdir() if one.name.startswith(path.name)]


def test_dates_of_tavus_are_read(memory: Post) -> None:
    url = memory.conversation()
    said = shutdown("2025-07-11T06:45:47.472000Z")
    memory.objects["/v2/conversations/c1"] = {"conversation_id": "c1", "events": [said]}
    event = memory.receive(url, {**said, "conversation_id": "c1"})
    assert event.timestamp == datetime(2025, 7, 11, 6, 45, 47, 472000, tzinfo=UTC)
