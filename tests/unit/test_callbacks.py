"""Callbacks: a secret address, and a body that is a hint."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, strategies as st

from tavus_consent import InvalidLinkError, InvalidRequestError, issue_callback, parse_callback, verify_callback
from tavus_consent.callbacks import (
    CallbackEvent,
    CanvasInteraction,
    ConversationCallback,
    ConversationEnded,
    DocumentCallback,
    DocumentFailed,
    DocumentReady,
    GuardrailTriggered,
    ObjectiveCompleted,
    OutputCallback,
    PerceptionAnalyzed,
    RecordingCopyFailed,
    RecordingReady,
    ReplicaCallback,
    ReplicaFailed,
    ReplicaJoined,
    ReplicaPreview,
    ReplicaReady,
    ReplicaTuned,
    ShutdownReason,
    ToolCalled,
    TranscriptReady,
    UnknownEvent,
    VideoCallback,
    VideoFailed,
    VideoReady,
    VoiceCallback,
    VoiceFailed,
    VoiceReady,
)

TRAINING_SENTENCE = (
    "There was an issue processing your training video. The video provided does not meet the minimum duration "
    "requirement for training"
)
ISSUED = issue_callback("https://app.example/webhook", make_token=lambda: "tok-en_1")


# Reading


def replica(body: bytes | str) -> ReplicaCallback:
    callback = parse_callback(body)
    assert isinstance(callback, ReplicaCallback)
    return callback


def test_a_ready_callback_is_read() -> None:
    callback = replica(b'{"replica_id": "r783537ef5", "status": "ready"}')
    assert type(callback) is ReplicaReady
    assert (callback.replica_id, callback.status, callback.error_message, callback.extra) == (
        "r783537ef5",
        "ready",
        None,
        {},
    )
    assert (callback.job, callback.confirmed, callback.replica) == (None, False, None)


def test_an_error_callback_keeps_the_sentence_and_names_its_type() -> None:
    sentence = TRAINING_SENTENCE
    callback = replica(json.dumps({"replica_id": "r1", "status": "error", "error_message": sentence}))
    assert isinstance(callback, ReplicaFailed)
    assert (callback.error_message, callback.stage) == (sentence, "training")
    assert callback.error_type is not None
    assert callback.error_type.name == "video_duration"


STATES: list[tuple[dict[str, Any], type[ReplicaCallback], bool, bool]] = [
    ({"status": "ready"}, ReplicaReady, True, False),
    ({"status": "completed"}, ReplicaReady, True, False),
    ({"status": "completed", "finetune_status": None}, ReplicaReady, True, False),
    ({"status": "completed", "finetune_status": None, "model_name": "phoenix-4"}, ReplicaReady, True, False),
    ({"status": "completed", "model_name": "phoenix-4.5"}, ReplicaPreview, False, False),
    ({"status": "completed", "model_name": 4.5}, ReplicaReady, True, False),
    ({"status": "completed", "finetune_status": "training"}, ReplicaPreview, False, False),
    ({"status": "completed", "finetune_status": "queued"}, ReplicaPreview, False, False),
    ({"status": "completed", "finetune_status": "completed"}, ReplicaTuned, True, False),
    ({"status": "completed", "finetune_status": "errored"}, ReplicaFailed, False, True),
    ({"status": "error"}, ReplicaFailed, False, True),
    ({"status": "tuning"}, ReplicaCallback, False, False),
]


@pytest.mark.parametrize(("said", "kind", "is_ready", "is_failed"), STATES, ids=str)
def test_a_state_of_a_replica_has_a_class(
    said: dict[str, Any], kind: type[ReplicaCallback], is_ready: bool, is_failed: bool
) -> None:
    callback = replica(json.dumps({"replica_id": "r1", **said}))
    assert type(callback) is kind
    assert (callback.is_ready, callback.is_failed) == (is_ready, is_failed)


def test_a_failed_second_stage_leaves_the_preview() -> None:
    callback = replica('{"replica_id": "r1", "status": "completed", "finetune_status": "errored"}')
    assert isinstance(callback, ReplicaFailed)
    assert (callback.stage, callback.error_type) == ("tuning", None)


def test_a_tuned_replica_is_a_ready_one() -> None:
    assert issubclass(ReplicaTuned, ReplicaReady)
    assert not issubclass(ReplicaPreview, ReplicaReady)


def test_a_face_id_is_a_replica_id() -> None:
    callback = replica('{"face_id": "r1", "status": "ready"}')
    assert (callback.replica_id, callback.extra) == ("r1", {})


def test_unknown_members_are_kept() -> None:
    callback = replica('{"replica_id": "r1", "face_id": "r2", "status": "ready", "x": null}')
    assert callback.extra == {"face_id": "r2", "x": None}


def test_an_error_message_that_is_no_text_is_kept_aside() -> None:
    callback = replica('{"replica_id": "r1", "status": "error", "error_message": {"code": 7}}')
    assert (callback.error_message, callback.extra) == (None, {"error_message": {"code": 7}})


def test_a_byte_order_mark_is_no_garbage() -> None:
    assert replica(b'\xef\xbb\xbf{"replica_id": "r1", "status": "ready"}').replica_id == "r1"


@pytest.mark.parametrize(
    ("body", "extra"),
    [
        ('{\n  "replica_id": "r1",\n  "status": "ready",\n}', {}),
        ('{"replica_id": "r1", "status": "ready", "x": [1, 2, ], }', {"x": [1, 2]}),
        ('{"replica_id": "r1", "status": "ready", "x": ",}", "y": "\\",]",}', {"x": ",}", "y": '",]'}),
    ],
)
def test_a_trailing_comma_as_in_the_examples_of_tavus_is_read(body: str, extra: dict[str, Any]) -> None:
    callback = replica(body)
    assert (callback.replica_id, callback.is_ready, callback.extra) == ("r1", True, extra)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        ("s3cr3t", "not_json"),
        (b'{"replica_id": "r1", "status": "s3cr3t",,}', "not_json"),
        (b'{"replica_id": "r1", "status": "s3cr3t"', "not_json"),
        ('{"replica_id": "s3cr3t', "not_json"),
        ('{"s3cr3t": NaN}', "not_json"),
        ('{"s3cr3t": -Infinity,}', "not_json"),
        ('"' + '\\"' * 30_000, "not_json"),
        (b"\xff\xfes3cr3t", "not_json"),
        ("\ud800s3cr3t", "not_json"),
        ("[" * 60_000, "not_json"),
        ("1" * 60_000, "not_json"),
        ('"s3cr3t"', "not_object"),
        ('[{"replica_id": "r1"}]', "not_object"),
        ("null", "not_object"),
    ],
)
def test_garbage_is_a_typed_error(body: bytes | str, reason: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_callback(body)
    assert (reason, "body") == (caught.value.reason, caught.value.field)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "s3cr3t"},
        {"replica_id": None, "face_id": "r1", "status": "ready"},
        {"replica_id": 7, "status": "ready"},
        {"replica_id": "", "status": "ready"},
        {"replica_id": "../s3cr3t", "status": "ready"},
        {"replica_id": "r1\n", "status": "ready"},
        {"replica_id": "r1"},
        {"replica_id": "r1", "status": None},
        {"replica_id": "r1", "status": ""},
        {"replica_id": "r1", "status": ["s3cr3t"]},
        {"video_id": "v1"},
        {"document_id": "d1"},
        {"lipsync_id": "l/1", "status": "ready"},
        {"voice_id": "v1"},
        {"objective_name": ""},
        {"guardrail_name": 3},
        {"event_type": "system.shutdown"},
        {"event_type": "application.voice_status_changed", "properties": "s3cr3t"},
        {"event_type": 7, "conversation_id": "c1"},
        {"event_type": "conversation.tool_call", "properties": {"name": "look_up", "arguments": "{s3cr3t"}},
    ],
    ids=str,
)
def test_a_body_of_an_unknown_form_is_kept(body: dict[str, Any]) -> None:
    callback = parse_callback(json.dumps(body))
    assert isinstance(callback, UnknownEvent)
    assert callback.body == body
    assert "s3cr3t" not in repr(callback)


def body_of(size: int) -> str:
    return '{"replica_id": "r1", "status": "ready", "x": "%s"}' % ("é" * ((size - 48) // 2)) + " " * (size % 2)


def test_a_body_of_64_kib_is_read() -> None:
    body = body_of(65536)
    assert len(body.encode()) == 65536
    assert replica(body).is_ready


def test_a_larger_body_is_not_read() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_callback(body_of(65537))
    assert caught.value.reason == "too_large"


def test_repr_shows_no_link_and_no_unknown_member() -> None:
    callback = parse_callback(
        '{"replica_id": "r1", "status": "error", "error_message": "see https://a.example/s3cr3t", "x": "s3cr3t"}'
    )
    assert "s3cr3t" not in repr(callback)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
NAMES = ("replica_id", "face_id", "video_id", "voice_id", "document_id", "speech_id", "conversation_id", "status")
NAMES += ("event_type", "properties", "timestamp", "error_message", "objective_name", "guardrail_name", "x")


@given(
    st.binary(max_size=200)
    | st.text(max_size=200)
    | st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, json_values)).map(json.dumps)
)
def test_any_body_is_an_event_or_an_error_of_ours(body: bytes | str) -> None:
    try:
        callback = parse_callback(body)
    except InvalidRequestError:
        return
    assert isinstance(callback, CallbackEvent)
    if isinstance(callback, ReplicaCallback):
        assert re.fullmatch(r"[A-Za-z0-9_-]+", callback.replica_id)


# Other kinds


VIDEO = {
    "created_at": "2024-08-28 15:27:40.824457",
    "data": {"script": "s3cr3t"},
    "download_url": "https://stream.example/s3cr3t/high.mp4",
    "generation_progress": "100/100",
    "replica_id": "r79e1c033f",
    "status": "ready",
    "status_details": "Your request has processed successfully!",
    "video_id": "1e30440cf9",
}


def test_a_body_about_a_video_is_not_about_its_replica() -> None:
    callback = parse_callback(json.dumps(VIDEO))
    assert isinstance(callback, VideoReady)
    assert (callback.video_id, callback.download_url, callback.is_ready) == (
        "1e30440cf9",
        "https://stream.example/s3cr3t/high.mp4",
        True,
    )
    assert callback.extra["replica_id"] == "r79e1c033f"
    assert "s3cr3t" not in repr(callback)


def test_a_failed_video_names_the_type() -> None:
    said = {
        **VIDEO,
        "status": "error",
        "status_details": "Request has failed as the script violates community guidelines.",
    }
    callback = parse_callback(json.dumps(said))
    assert isinstance(callback, VideoFailed)
    assert callback.is_failed
    assert callback.error_type is not None
    assert callback.error_type.name == "script_community_guidelines"


ENVELOPE = {
    "webhook_url": "https://app.example/x",
    "message_type": "system",
    "timestamp": "2025-07-11T06:45:47.472000Z",
}


@pytest.mark.parametrize(
    ("body", "kind", "attributes"),
    [
        ({"document_id": "d8-5c71baca86fc", "status": "ready"}, DocumentReady, {"is_ready": True}),
        ({"document_id": "d1", "status": "error", "error_message": "x"}, DocumentFailed, {"error_message": "x"}),
        ({"document_id": "d1", "status": "processing"}, DocumentCallback, {"is_ready": False, "is_failed": False}),
        ({"video_id": "v1", "status": "queued"}, VideoCallback, {"is_ready": False}),
        ({"lipsync_id": "w1", "status": "completed"}, OutputCallback, {"kind": "lipsync", "object_id": "w1"}),
        ({"speech_id": "s1", "status": "error"}, OutputCallback, {"kind": "speech", "is_failed": True}),
        ({"transcription_id": "t1", "status": "x"}, OutputCallback, {"kind": "transcription"}),
        ({"replacement_id": "t1", "status": "x"}, OutputCallback, {"kind": "replacement"}),
        ({"voice_id": "v1", "status": "started"}, VoiceCallback, {"voice_id": "v1"}),
        (
            {"event_type": "application.voice_status_changed", "properties": {"voice_id": "v1", "status": "completed"}},
            VoiceReady,
            {"voice_id": "v1", "is_ready": True},
        ),
        (
            {"event_type": "application.voice_status_changed", "voice_id": "v1", "status": "error"},
            VoiceFailed,
            {"voice_id": "v1"},
        ),
        (
            {
                "objective_name": "age",
                "objective_status": "done",
                "output_variables": {"age": "7"},
                "conversation_id": "c1",
            },
            ObjectiveCompleted,
            {"objective_name": "age", "objective_status": "done", "output_variables": {"age": "7"}, "extra": {}},
        ),
        ({"guardrail_name": "rude", "conversation_id": "c1"}, GuardrailTriggered, {"conversation_id": "c1"}),
        (
            {
                "event_type": "conversation.tool_call",
                "conversation_id": "c1",
                "properties": {"name": "look_up", "arguments": '{"city": "Rome"}'},
            },
            ToolCalled,
            {"name": "look_up", "conversation_id": "c1", "arguments": {"city": "Rome"}},
        ),
    ],
    ids=str,
)
def test_every_kind_of_body_has_a_class(body: dict[str, Any], kind: type, attributes: dict[str, Any]) -> None:
    callback = parse_callback(json.dumps(body))
    assert type(callback) is kind
    assert {name: getattr(callback, name) for name in attributes} == attributes


@pytest.mark.parametrize(
    ("event_type", "properties", "kind", "attributes"),
    [
        ("system.replica_joined", {"replica_id": "r1"}, ReplicaJoined, {"replica_id": "r1"}),
        ("system.face_joined", {"face_id": "r1"}, ReplicaJoined, {"replica_id": "r1"}),
        ("system.shutdown", {}, ConversationEnded, {"reason": None, "shutdown": None}),
        ("system.shutdown", {"reason": "new"}, ConversationEnded, {"reason": "new", "shutdown": None}),
        ("application.transcription_ready", {"transcript": 7}, TranscriptReady, {"transcript": ()}),
        (
            "application.transcription_ready",
            {"transcript": [{"role": "user", "content": "hello"}, 7]},
            TranscriptReady,
            {"transcript": ({"role": "user", "content": "hello"},)},
        ),
        (
            "application.recording_ready",
            {"bucket_name": "b", "s3_key": "k", "duration": 61},
            RecordingReady,
            {"bucket_name": "b", "s3_key": "k", "duration": 61.0},
        ),
        ("application.recording_ready", {"duration": True}, RecordingReady, {"duration": None, "s3_key": None}),
        ("application.recording_copy_failed", {}, RecordingCopyFailed, {}),
        ("application.perception_analysis", {"analysis": "a nod"}, PerceptionAnalyzed, {"analysis": "a nod"}),
        ("canvas.interaction", {}, CanvasInteraction, {}),
        ("system.wake_phrase_detected", {}, ConversationCallback, {"event_type": "system.wake_phrase_detected"}),
        ("system.something_new", {"x": 1}, ConversationCallback, {"properties": {"x": 1}}),
    ],
)
def test_every_event_of_a_conversation_has_a_class(
    event_type: str, properties: dict[str, Any], kind: type, attributes: dict[str, Any]
) -> None:
    said = {**ENVELOPE, "conversation_id": "c123456", "event_type": event_type, "properties": properties}
    callback = parse_callback(json.dumps(said))
    assert type(callback) is kind
    assert isinstance(callback, ConversationCallback)
    assert (callback.conversation_id, callback.timestamp) == (
        "c123456",
        datetime(2025, 7, 11, 6, 45, 47, 472000, tzinfo=UTC),
    )
    assert {name: getattr(callback, name) for name in attributes} == attributes


def test_an_event_without_a_date_is_read() -> None:
    callback = parse_callback('{"event_type": "system.shutdown", "conversation_id": "c1", "properties": null}')
    assert isinstance(callback, ConversationEnded)
    assert (callback.timestamp, callback.extra) == (None, {"properties": None})


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("max_call_duration reached", ShutdownReason.MAX_CALL_DURATION),
        ("participant_left_timeout reached", ShutdownReason.PARTICIPANT_LEFT),
        ("participant_left_timeout", ShutdownReason.PARTICIPANT_LEFT),
        ("participant_absent_timeout reached", ShutdownReason.PARTICIPANT_ABSENT),
        ("bot_could_not_join_meeting_it_was_probably_ended", ShutdownReason.MEETING_ENDED),
        ("daily_room_has_been_deleted", ShutdownReason.ROOM_DELETED),
        ("exception_encountered_during_conversation_startup", ShutdownReason.STARTUP_FAILED),
        ("end_conversation_endpoint_hit", ShutdownReason.ENDED_BY_REQUEST),
        ("internal error occurred at step 7", ShutdownReason.INTERNAL_ERROR),
    ],
)
def test_every_documented_reason_is_known(said: str, reason: ShutdownReason) -> None:
    body = {"event_type": "system.shutdown", "conversation_id": "c1", "properties": {"shutdown_reason": said}}
    match parse_callback(json.dumps(body)):
        case ConversationEnded(conversation_id="c1", reason=why, shutdown=known):
            assert (why, known) == (said, reason)
        case other:
            raise AssertionError(other)


def test_the_body_of_a_tool_has_the_form_of_its_template() -> None:
    callback = parse_callback('{"replica_id": "r1", "status": "ready"}', kind="tool")
    assert isinstance(callback, ToolCalled)
    assert (callback.name, callback.arguments) == (None, {"replica_id": "r1", "status": "ready"})


# Issuing


@pytest.mark.parametrize(
    ("url", "issued"),
    [
        ("https://app.example/webhook", "https://app.example/webhook?tavus_token=tok-en_1"),
        ("https://app.example", "https://app.example?tavus_token=tok-en_1"),
        ("https://app.example/w?a=1%202&b", "https://app.example/w?a=1%202&b&tavus_token=tok-en_1"),
        ("https://app.example/w#top", "https://app.example/w?tavus_token=tok-en_1#top"),
        ("http://127.0.0.1:8080/w", "http://127.0.0.1:8080/w?tavus_token=tok-en_1"),
    ],
)
def test_the_secret_joins_the_address(url: str, issued: str) -> None:
    assert issued == issue_callback(url, make_token=lambda: "tok-en_1").url


def test_only_the_hash_of_the_secret_is_to_be_stored() -> None:
    assert hashlib.sha256(b"tok-en_1").hexdigest() == ISSUED.token_sha256


def test_a_secret_has_256_bits_and_is_new_each_time() -> None:
    urls = [issue_callback("https://app.example/webhook").url for _ in range(2)]
    first, second = (parse_qs(urlsplit(url).query)["tavus_token"][0] for url in urls)
    assert (len(first), first != second) == (43, True)  # 43 characters of base64 hold 256 bits


def test_repr_hides_the_secret_and_its_hash() -> None:
    assert repr(ISSUED) == "IssuedCallback(url=https://app.example/[redacted]?[redacted])"


def test_an_address_that_cannot_work_is_refused() -> None:
    with pytest.raises(InvalidLinkError) as caught:
        issue_callback("http://app.example/webhook")
    assert (caught.value.field, caught.value.reason) == ("callback_url", "scheme")


@pytest.mark.parametrize("query", ["tavus_token=x", "tavus_token=", "a=1&tavus_token=x", "tavus%5Ftoken=x"])
def test_an_address_with_a_secret_already_is_refused(query: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        issue_callback(f"https://app.example/webhook?{query}")
    assert caught.value.reason == "has_token"


# Verifying


@pytest.mark.parametrize(
    "called",
    [
        ISSUED.url,
        "/webhook?tavus_token=tok-en_1",
        "/webhook?a=1&tavus_token=tok-en_1#top",
        "?tavus_token=tok-en_1",
        "/webhook?tavus_token=tok-en_1&a=" + "a" * (16 * 1024 - 32),
        "tok-en_1",
    ],
)
def test_the_issued_address_is_known_again(called: str) -> None:
    assert verify_callback(called, ISSUED.token_sha256) is True


@pytest.mark.parametrize(
    "called",
    [
        None,
        "",
        "tok-en_2",
        "tök",
        "\ud800",
        "https://app.example/webhook",
        "https://app.example/webhook?",
        "https://app.example/webhook?tavus_token=",
        "https://app.example/webhook?tavus_token=TOK-EN_1",
        "https://app.example/webhook?token=tok-en_1",
        "https://app.example/webhook?tavus_token=tok-en_1&tavus_token=tok-en_1",
        "https://app.example/webhook?tavus_token=x&tavus_token=tok-en_1",
        "https://app.example/webhook#?tavus_token=tok-en_2",
        "/webhook?tavus_token=tok-en_1&a=" + "a" * (16 * 1024 - 31),
    ],
)
def test_any_other_address_is_not(called: str | None) -> None:
    assert verify_callback(called, ISSUED.token_sha256) is False


@pytest.mark.parametrize("stored", ["", "0" * 64, "é", "\ud800", ISSUED.token_sha256[:-1]])
def test_a_wrong_hash_matches_nothing(stored: Any) -> None:
    assert verify_callback("tok-en_1", stored) is False


def test_an_empty_secret_matches_no_empty_hash() -> None:
    assert verify_callback("", "") is False


@given(st.text(max_size=50))
def test_any_other_text_is_refused(text: str) -> None:
    assert verify_callback(text, ISSUED.token_sha256) is (text == "tok-en_1")
