"""The body of a callback as a typed event. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Final, Literal, NoReturn

from tavus_consent._arguments import check_type
from tavus_consent._frames import hides_locals
from tavus_consent.errors import InvalidRequestError
from tavus_consent.results import FAILED_WORDS, READY_WORDS, parse_date

from . import events as e

MAX_BODY: Final = 64 * 1024
"""Bytes of a body. A callback about a replica has a few hundred; a long transcript may have more than this."""

_NO_JSON: Final = object()
# Tavus does not define the form of an id; these characters are safe in a path.
_SAFE_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")
# A string, even one that does not end, or a comma before a closing bracket. It never looks at a character twice.
_TRAILING: Final = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\Z))|,(?=\s*+[}\]])', re.DOTALL)

CONVERSATION_EVENTS: Final[Mapping[str, type[e.ConversationCallback]]] = MappingProxyType(
    {
        "system.replica_joined": e.ReplicaJoined,
        "system.face_joined": e.ReplicaJoined,
        "system.shutdown": e.ConversationEnded,
        "application.transcription_ready": e.TranscriptReady,
        "application.recording_ready": e.RecordingReady,
        "application.recording_copy_failed": e.RecordingCopyFailed,
        "application.perception_analysis": e.PerceptionAnalyzed,
        "canvas.interaction": e.CanvasInteraction,
    }
)
_VOICE_EVENT: Final = "application.voice_status_changed"
_TOOL_EVENT: Final = "conversation.tool_call"
OUTPUTS: Final = ("transcription", "replacement", "lipsync", "speech")


@hides_locals
def parse_callback(body: bytes | str, *, kind: Literal["tool"] | None = None) -> e.CallbackEvent:
    """Read the body of a callback.

    The result is a claim: anyone who knows the address can send this body. Check the secret of the address first
    (:func:`verify_callback`), and ask Tavus for the object before you act; ``tavus.callbacks.receive`` does both.

    Args:
        body: The body as received, at most 64 KiB. A trailing comma is ignored, because Tavus's examples have one.
        kind: ``"tool"`` for an address that only a tool uses: its body has the form of the tool's template.

    Returns:
        The event, for example :class:`~tavus_consent.callbacks.ReplicaReady`. A body of an unknown form is an
        :class:`~tavus_consent.callbacks.UnknownEvent`.

    Raises:
        InvalidRequestError: The body is too large, or not a JSON object. The message quotes nothing of it.
    """
    return parse_object(read_json(body), kind)


def parse_object(data: dict[str, Any], kind: Literal["tool"] | None) -> e.CallbackEvent:
    """Return the event of a body that was read."""
    if kind == "tool":
        return _tool(data) or e.ToolCalled(arguments=data)
    found = _event(data) if "event_type" in data else _plain(data)
    return found or e.UnknownEvent(body=data)


def read_json(body: bytes | str) -> dict[str, Any]:
    """Return the JSON object of a body.

    Raises:
        InvalidRequestError: The body is too large, or not a JSON object.
    """
    check_type(body, "body", (str, bytes, bytearray), "text or bytes")
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    if len(raw) > MAX_BODY:
        raise _bad_body("too_large", f"has more than {MAX_BODY:,} bytes")
    data: Any = _NO_JSON
    text = ""
    # ValueError: also invalid UTF-8, and numbers of thousands of digits; RecursionError: thousands of brackets
    with suppress(ValueError, RecursionError):
        text = raw.decode("utf-8-sig")
        data = json.loads(text, parse_constant=_no_constant)
    if data is _NO_JSON and text:
        with suppress(ValueError, RecursionError):
            data = json.loads(_TRAILING.sub(r"\1", text), parse_constant=_no_constant)
    if data is _NO_JSON:  # not raised inside a suppressed block, whose error contains the body
        raise _bad_body("not_json", "is not JSON")
    if not isinstance(data, dict):
        raise _bad_body("not_object", "is not a JSON object")
    return data


def replica_class(status: str, finetune_status: str | None, model_name: str | None) -> type[e.ReplicaCallback]:
    """Return the class of a replica's state. ``completed`` of phoenix-4.5 is a preview until the second stage ends."""
    if status in FAILED_WORDS:
        return e.ReplicaFailed
    if status not in READY_WORDS:
        return e.ReplicaCallback
    if finetune_status == "completed":
        return e.ReplicaTuned
    if finetune_status == "errored":
        return e.ReplicaFailed
    if finetune_status is not None or (model_name or "").startswith("phoenix-4.5"):
        return e.ReplicaPreview
    return e.ReplicaReady


def status_class(
    status: str, *, ready: type[e.StatusEvent], failed: type[e.StatusEvent], other: type[e.StatusEvent]
) -> type[Any]:
    """Return the class of a state by its word."""
    return ready if status in READY_WORDS else failed if status in FAILED_WORDS else other


def voice_class(status: str) -> type[e.VoiceCallback]:
    """Return the class of a voice's state."""
    return status_class(status, ready=e.VoiceReady, failed=e.VoiceFailed, other=e.VoiceCallback)


def video_class(status: str) -> type[e.VideoCallback]:
    """Return the class of a video's state."""
    return status_class(status, ready=e.VideoReady, failed=e.VideoFailed, other=e.VideoCallback)


def document_class(status: str) -> type[e.DocumentCallback]:
    """Return the class of a document's state."""
    return status_class(status, ready=e.DocumentReady, failed=e.DocumentFailed, other=e.DocumentCallback)


class _Members:
    """The members of a body that are texts. The other members stay as ``extra``."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._used: set[str] = set()

    def text(self, name: str) -> str | None:
        """Return a member that is a text, or ``None``. A member of another type stays as it came."""
        value = self._data.get(name)
        if value is None or isinstance(value, str):
            self._used.add(name)
        return value if isinstance(value, str) else None

    def id(self, *names: str) -> str | None:
        """Return the first member of these names if it can be an id."""
        name = next((name for name in names if name in self._data), names[0])
        value = self._data.get(name)
        if not isinstance(value, str) or not _SAFE_ID.fullmatch(value):
            return None
        self._used.add(name)
        return value

    def object(self, name: str) -> Mapping[str, Any]:
        """Return a member that is an object, or an empty one."""
        value = self._data.get(name)
        if isinstance(value, dict):
            self._used.add(name)
            return value
        return {}

    def rest(self) -> dict[str, Any]:
        """Return the other members."""
        return {name: value for name, value in self._data.items() if name not in self._used}


def _event(data: Mapping[str, Any]) -> e.CallbackEvent | None:
    """Return the event of a body with an ``event_type``."""
    if data["event_type"] == _VOICE_EVENT:
        inside = data.get("properties")
        return _voice(inside if isinstance(inside, dict) else data)
    if data["event_type"] == _TOOL_EVENT:
        return _tool(data)
    members = _Members(data)
    conversation_id, event_type = members.id("conversation_id"), members.text("event_type")
    if not conversation_id or not event_type:
        return None
    said = members.text("timestamp")
    return CONVERSATION_EVENTS.get(event_type, e.ConversationCallback)(
        conversation_id=conversation_id,
        event_type=event_type,
        timestamp=parse_date(said) if said else None,
        properties=members.object("properties"),
        extra=members.rest(),
    )


def _tool(data: Mapping[str, Any]) -> e.ToolCalled | None:
    members = _Members(data)
    inside = members.object("properties")
    name, arguments = inside.get("name"), inside.get("arguments")
    if isinstance(arguments, str):  # as language models write them
        with suppress(ValueError, RecursionError):
            arguments = json.loads(arguments)
    if members.text("event_type") != _TOOL_EVENT or not isinstance(name, str) or not isinstance(arguments, dict):
        return None
    return e.ToolCalled(
        name=name, conversation_id=members.id("conversation_id"), arguments=arguments, extra=members.rest()
    )


def _plain(data: Mapping[str, Any]) -> e.CallbackEvent | None:
    """Return the event of a body without an ``event_type``: the members tell what it is about."""
    members = _Members(data)
    if name := members.text("objective_name"):
        return e.ObjectiveCompleted(
            objective_name=name,
            conversation_id=members.id("conversation_id"),
            objective_status=members.text("objective_status"),
            output_variables=members.object("output_variables"),
            extra=members.rest(),
        )
    if name := members.text("guardrail_name"):
        conversation_id = members.id("conversation_id")
        return e.GuardrailTriggered(guardrail_name=name, conversation_id=conversation_id, extra=members.rest())
    # A body about a video also names the replica.
    return _video(data) or _document(data) or _output(data) or _voice(data) or _replica(data)


def _video(data: Mapping[str, Any]) -> e.VideoCallback | None:
    members = _Members(data)
    video_id, status = members.id("video_id"), members.text("status")
    if not video_id or not status:
        return None
    return video_class(status)(
        video_id=video_id,
        status=status,
        error_message=members.text("status_details"),
        download_url=members.text("download_url"),
        extra=members.rest(),
    )


def _document(data: Mapping[str, Any]) -> e.DocumentCallback | None:
    members = _Members(data)
    document_id, status = members.id("document_id"), members.text("status")
    if not document_id or not status:
        return None
    message = members.text("error_message")
    return document_class(status)(document_id=document_id, status=status, error_message=message, extra=members.rest())


def _output(data: Mapping[str, Any]) -> e.OutputCallback | None:
    kind = next((kind for kind in OUTPUTS if f"{kind}_id" in data), None)
    members = _Members(data)
    object_id, status = members.id(f"{kind}_id"), members.text("status")
    if kind is None or not object_id or not status:
        return None
    message = members.text("error_message")
    return e.OutputCallback(kind=kind, object_id=object_id, status=status, error_message=message, extra=members.rest())


def _voice(data: Mapping[str, Any]) -> e.VoiceCallback | None:
    members = _Members(data)
    voice_id, status = members.id("voice_id"), members.text("status")
    if not voice_id or not status:
        return None
    message = members.text("error_message")
    return voice_class(status)(voice_id=voice_id, status=status, error_message=message, extra=members.rest())


def _replica(data: Mapping[str, Any]) -> e.ReplicaCallback | None:
    members = _Members(data)
    replica_id, status = members.id("replica_id", "face_id"), members.text("status")
    if not replica_id or not status:
        return None
    finetune_status, model = members.text("finetune_status"), data.get("model_name")
    return replica_class(status, finetune_status, model if isinstance(model, str) else None)(
        replica_id=replica_id,
        status=status,
        error_message=members.text("error_message"),
        finetune_status=finetune_status,
        extra=members.rest(),
    )


def _no_constant(_: str) -> NoReturn:
    raise ValueError  # NaN and Infinity are not JSON


def _bad_body(reason: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"The callback's body {problem}. Answer 400 and ignore it: Tavus sends JSON objects of at most 64 KiB.",
        field="body",
        reason=reason,
    )
