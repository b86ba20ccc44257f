"""Callbacks of the fake as Tavus may send them: late, twice, in another order, and forged."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from tavus_consent import ConfigurationError

from ._things import Callback

T = TypeVar("T")


def _conversation(event_type: str, **properties: Any) -> dict[str, Any]:
    return {
        "properties": {"replica_id": "r79e1c033f", **properties},
        "conversation_id": "c123456",
        "event_type": event_type,
        "message_type": event_type.partition(".")[0],
        "timestamp": "2025-07-11T06:45:47.472000Z",
    }


_TURN: Final = {"role": "user", "content": "Hello!"}
_PHOENIX: Final = {"face_id": "r79e1c033f", "status": "completed", "model_name": "phoenix-4.5"}
_VIDEO: Final = {"video_id": "1e30440cf9", "replica_id": "r79e1c033f", "created_at": "2024-08-28 15:27:40.824457"}
_CALL: Final = {"name": "look_up", "arguments": '{"city": "Rome"}'}
_VOICE: Final = {"voice_id": "v0a1b2c3d4e5f", "voice_name": "Rio"}

EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "replica_ready": {"replica_id": "r79e1c033f", "status": "ready"},
        "replica_error": {"replica_id": "r79e1c033f", "status": "error", "error_message": "Quality issue detected."},
        "face_preview": {**_PHOENIX, "finetune_status": "training"},
        "face_tuned": {**_PHOENIX, "finetune_status": "completed"},
        "face_errored": {**_PHOENIX, "finetune_status": "errored"},
        "video_ready": {**_VIDEO, "status": "ready", "download_url": "https://stream.example/high.mp4"},
        "video_error": {**_VIDEO, "status": "error", "status_details": "An error occurred."},
        "document_ready": {"document_id": "d8-5c71baca86fc", "status": "ready"},
        "document_error": {
            "document_id": "d8-5c71baca86fc",
            "status": "error",
            "error_message": "file_download_failed",
        },
        "voice_completed": {
            "event_type": "application.voice_status_changed",
            "properties": {**_VOICE, "status": "completed"},
        },
        "voice_error": {"event_type": "application.voice_status_changed", "properties": {**_VOICE, "status": "error"}},
        "lipsync_completed": {"lipsync_id": "wf85407a7ba9d", "status": "completed"},
        "speech_completed": {"speech_id": "s0108f2d24c2a", "status": "completed"},
        "replacement_completed": {"replacement_id": "p0108f2d24c2a", "status": "completed"},
        "transcription_completed": {"transcription_id": "t0108f2d24c2a", "status": "completed"},
        "system.replica_joined": _conversation("system.replica_joined"),
        "system.shutdown": _conversation("system.shutdown", shutdown_reason="participant_left_timeout reached"),
        "application.transcription_ready": _conversation("application.transcription_ready", transcript=[_TURN]),
        "application.recording_ready": _conversation(
            "application.recording_ready", bucket_name="recordings", s3_key="c123456.mp4", duration=61
        ),
        "application.recording_copy_failed": _conversation("application.recording_copy_failed"),
        "application.perception_analysis": _conversation("application.perception_analysis", analysis="A nod."),
        "canvas.interaction": _conversation("canvas.interaction"),
        "system.wake_phrase_detected": _conversation("system.wake_phrase_detected"),
        "system.sleep_phrase_detected": _conversation("system.sleep_phrase_detected"),
        "conversation.tool_call": _conversation("conversation.tool_call", **_CALL),
        "objective": {
            "conversation_id": "c123456",
            "objective_name": "age",
            "objective_status": "completed",
            "output_variables": {"age": "7"},
            "timestamp": "2025-07-11T06:45:47.472000Z",
        },
        "guardrail": {"conversation_id": "c123456", "guardrail_name": "rude"},
        "tool": {"city": "Rome"},
    }
)
"""A body of every kind that Tavus documents, or that is known of."""


class Callbacks(list[Callback]):
    """The callbacks that were due so far, the first one first, and ways to send them to an application.

    In process, the fake sends nothing by itself. A test decides when a callback arrives, so it may be late.
    """

    def send(self, to: Callable[[str, bytes], T], *, times: int = 1, reverse: bool = False) -> list[T]:
        """Send every callback to an application.

        Args:
            to: Takes the path of the address and the body, such as a function that calls your view.
            times: How often to send each one.
            reverse: Send the last one first.

        Returns:
            What ``to`` returned. Await these yourself if they are awaitable.

        Raises:
            ConfigurationError: ``times`` is less than 1.
        """
        if times < 1:
            raise ConfigurationError(f"times must be 1 or more, not {times}")
        sent = reversed(self) if reverse else self
        given = [(urlsplit(one.url).path, json.dumps(one.body).encode()) for one in sent for _ in range(times)]
        return [to(*one) for one in given]

    def forged(self, kind: str, url: str, **members: Any) -> Callback:
        """Add a callback that nothing has caused, such as one of a stranger who knows the address.

        Args:
            kind: A kind of body, for example ``"replica_ready"``, ``"system.shutdown"`` or ``"objective"``.
            url: The address.
            **members: Members of the body to change, such as an id.

        Returns:
            The callback. It is in this list, but the fake has not sent it.

        Raises:
            ConfigurationError: There is no such kind.
        """
        if kind not in EXAMPLES:
            raise ConfigurationError(f"kind must be one of {', '.join(EXAMPLES)}, not {kind!r}")
        at = self[-1].at if self else datetime.now(UTC)
        made = Callback(url=url, body={**json.loads(json.dumps(EXAMPLES[kind])), **members}, at=at)
        self.append(made)
        return made
