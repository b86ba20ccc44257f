"""The bodies of callbacks, per kind of object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ._kinds import DOCUMENT, REPLICA, VIDEO, VOICE

if TYPE_CHECKING:
    from ._things import Thing


def event(thing: Thing, event_type: str, properties: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Return the envelope of events."""
    return {
        "properties": properties,
        "webhook_url": thing.fields.get("callback_url"),
        "event_type": event_type,
        "message_type": event_type.partition(".")[0],
        "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


def body_for(thing: Thing, at: datetime) -> dict[str, Any]:
    """Return the body of a callback about the present state of an object."""
    return _BODIES.get(thing.resource.noun, _state)(thing, at)


def _state(thing: Thing, at: datetime) -> dict[str, Any]:
    """Return the id, the status and any error. Undocumented for most objects."""
    names = (thing.resource.id_field, "status", "error_message")
    return {name: value for name, value in thing.view(names, at).items() if value is not None}


def _replica(thing: Thing, at: datetime) -> dict[str, Any]:
    # Callbacks and answers use different words for a usable replica.
    said = _state(thing, at)
    if thing.fields.get("finetune_status") is not None:
        said["finetune_status"] = thing.fields["finetune_status"]
    return {**said, "status": "ready"} if said["status"] == "completed" else said


_VIDEO_NAMES: Final = (
    "video_id",
    "video_name",
    "replica_id",
    "status",
    "status_details",
    "generation_progress",
    "data",
    "download_url",
    "hosted_url",
    "stream_url",
    "error_details",
)


def _video(thing: Thing, at: datetime) -> dict[str, Any]:
    dates = {"created_at": _spaced(thing.created), "updated_at": _spaced(at)}
    return {**thing.view(_VIDEO_NAMES, at), **dates}


def _voice(thing: Thing, at: datetime) -> dict[str, Any]:
    properties = thing.view(("voice_id", "voice_name", "status", "error_message"), at)
    return event(thing, "application.voice_status_changed", properties, at)


def _document(thing: Thing, at: datetime) -> dict[str, Any]:
    return thing.view(("document_id", "document_name", "status", "progress", "error_message"), at)


def _spaced(moment: datetime) -> str:
    """Return a date as in callbacks about videos, for example ``2024-08-28 15:27:40.824457``."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


_BODIES: Final[Mapping[str, Callable[[Thing, datetime], dict[str, Any]]]] = {
    REPLICA.noun: _replica,
    VIDEO.noun: _video,
    VOICE.noun: _voice,
    DOCUMENT.noun: _document,
}
