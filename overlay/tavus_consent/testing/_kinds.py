"""The objects of the service, as data: a new kind of object is a new description here, not a new class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from . import _sentences
from ._resources import Fields, Filter, Lifecycle, Phase, Resource, http_date

# Filters


def _is(name: str) -> Filter:
    return lambda fields, wanted: bool(fields[name] == wanted)


def _is_in(name: str) -> Filter:
    return lambda fields, wanted: fields[name] in {value.strip() for value in wanted.split(",")}


def _has(*names: str) -> Filter:
    """Return a filter: one of the fields contains the text, ignoring case."""
    return lambda fields, wanted: any(wanted.lower() in str(fields.get(name) or "").lower() for name in names)


def _has_tag(fields: Fields, wanted: str) -> bool:
    return not {tag.strip() for tag in wanted.split(",")}.isdisjoint(fields.get("tags") or ())


def _belongs_to(fields: Fields, wanted: str) -> bool:
    return wanted == "all" or fields["owner"] == wanted


def _first(name: str) -> Callable[[Fields], Any]:
    """Return a getter for a field of the first object of a set, or of the single object."""
    return lambda fields: (fields["data"][0] if fields.get("data") else fields).get(name)


def _nameless(name: str) -> Callable[[Fields], str | None]:
    """Return a check that refuses a set without objects, if there is no single object either."""
    return lambda fields: None if fields.get("data") or fields.get(name) is not None else f"{name} is required"


def _doubled(fields: Fields) -> str | None:
    texts = [rule["text"] for rule in fields["rules"] or ()]
    return "Invalid request: duplicate text values in rules" if len(set(texts)) < len(texts) else None


def _speechless(fields: Fields) -> str | None:
    spoken = (fields.get("script") is None) + (fields.get("audio_url") is None)
    return None if spoken == 1 else "Exactly one of script and audio_url must be provided."


def _untrainable(fields: Fields) -> str | None:
    video, image = fields.get("train_video_url"), fields.get("train_image_url")
    if (video is None) == (image is None):
        return "Either train_video_url or train_image_url must be provided."
    speaks = fields.get("voice_name") or fields.get("default_voice_id")
    return None if video or speaks else "Invalid voice_name"


def _masked(delivery: Any) -> Any:
    """Return the delivery of a tool as answers show it."""
    if isinstance(delivery, dict):
        secret = {"token", "password", "value", "secret", "client_secret"}
        return {name: "********" if name in secret else _masked(value) for name, value in delivery.items()}
    return delivery


_STOCK_DATE: Final = "2024-01-24T07:14:03.327Z"
_MEDIA: Final = "https://media.tavus.example"
_DATES: Final[Fields] = MappingProxyType({"created_at": _STOCK_DATE, "updated_at": _STOCK_DATE})

_STARTED: Final = (Phase(0, {"status": "started"}),)
_FAILED: Final[Fields] = MappingProxyType({"status": "error"})

REPLICA: Final = Resource(
    noun="replica",
    id_form="r{0:.11}",
    defaults={
        "replica_name": None,
        "thumbnail_video_url": None,
        "error_message": None,
        "model_name": "phoenix-4",
        "finetune_status": None,
        "default_voice_id": None,
        "original_voice_id": None,
    },
    derived={"replica_type": lambda fields: fields["owner"]},
    verbose=("replica_type",),
    hidden={"listReplicas": ("updated_at", "error_message")},
    filters={
        "replica_type": _is("owner"),
        "model_name": _is("model_name"),
        "replica_ids": _is_in("replica_id"),
    },
    lifecycle=Lifecycle(
        phases=_STARTED,
        done={"status": "completed", "thumbnail_video_url": f"{_MEDIA}/{{id}}.mp4"},
        failed=_FAILED,
        progress="training_progress",
    ),
    objects=_untrainable,
    stock=tuple(
        {
            **_DATES,
            "replica_id": replica_id,
            "replica_name": name,
            "thumbnail_video_url": f"{_MEDIA}/{replica_id}.mp4",
            "training_progress": "100/100",
            "status": "completed",
            "error_message": None,
            "model_name": model,
            "finetune_status": None,
            "default_voice_id": None,
            "original_voice_id": None,
        }
        for replica_id, name, model in (
            # the replica of Tavus's examples, so that a copied example works; likewise the persona below
            ("r90bbd427f71", "Stock 1", "phoenix-4"),
            ("r51ab1e00002", "Stock 2", "phoenix-3"),
        )
    ),
)

PERSONA: Final = Resource(
    noun="persona",
    id_form="p{0:.11}",
    derived={"persona_type": lambda fields: fields["owner"]},
    filters={"persona_type": _is("owner")},
    references={"default_replica_id": (REPLICA, "replica_uuid")},
    stock=(
        {
            **_DATES,
            "persona_id": "pcb7a34da5fe",
            "persona_name": "Stock persona",
            "system_prompt": "Be brief.",
            "pipeline_mode": "full",
            "default_replica_id": "r90bbd427f71",
            "layers": {},
        },
    ),
)

VIDEO: Final = Resource(
    noun="video",
    id_form="{0:.10}",
    defaults={
        "download_url": None,
        "stream_url": None,
        "still_image_thumbnail_url": None,
        "gif_thumbnail_url": None,
        "error_details": None,
    },
    derived={"data": lambda fields: {"script": fields["script"]} if "script" in fields else {}},
    verbose=("still_image_thumbnail_url", "gif_thumbnail_url"),
    references={"replica_id": (REPLICA, "replica_id")},
    date=http_date,
    objects=_speechless,
    lifecycle=Lifecycle(
        phases=(
            Phase(0, {"status": "queued", "status_details": _sentences.VIDEO_QUEUED}),
            Phase(0.25, {"status": "generating", "status_details": None}),
        ),
        done={
            "status": "ready",
            "status_details": _sentences.VIDEO_SUCCESS,
            "download_url": f"{_MEDIA}/{{id}}.mp4",
            "stream_url": f"{_MEDIA}/{{id}}.m3u8",
            "still_image_thumbnail_url": f"{_MEDIA}/{{id}}.png",
            "gif_thumbnail_url": f"{_MEDIA}/{{id}}.gif",
        },
        failed=_FAILED,
        reason="status_details",
        progress="generation_progress",
        takes=timedelta(minutes=10),
    ),
)

VOICE: Final = Resource(
    noun="voice",
    id_form="v{0:.12}",
    defaults={"description": None, "error_message": None, "tags": [], "audio_url": None},
    filters={
        "search": _has("voice_name"),
        "tag": lambda fields, wanted: wanted.lower() in {tag["tag_name"].lower() for tag in fields["tags"]},
    },
    oldest_first=True,
    sort_field="voice_name",
    lifecycle=Lifecycle(phases=_STARTED, done={"status": "ready"}, failed=_FAILED),
    stock=tuple(
        {
            **_DATES,
            "voice_id": voice_id,
            "voice_name": name,
            "replica_id": "r90bbd427f71",
            "audio_url": f"{_MEDIA}/{voice_id}.mp3",
            "tags": [{"tag_name": tag}],
            "description": None,
            "status": "ready",
            "error_message": None,
        }
        for voice_id, name, tag in (("v51ab1e000001", "anna", "warm"), ("v51ab1e000002", "ben", "calm"))
    ),
)

CONVERSATION: Final = Resource(
    noun="conversation",
    id_form="c{0:.16}",
    verbose=("events",),
    filters={"status": _is("status")},
    references={"replica_id": (REPLICA, "replica_id"), "persona_id": (PERSONA, "persona_id")},
)

DOCUMENT: Final = Resource(
    noun="document",
    id_form="d8-{0:.12}",
    defaults={
        "error_message": None,
        "tags": [],
        "crawl_config": None,
        "crawled_urls": None,
        "last_crawled_at": None,
        "crawl_count": None,
    },
    filters={"status": _is("status"), "name_or_uuid": _has("document_name", "document_id"), "tags": _has_tag},
    oldest_first=True,
    lifecycle=Lifecycle(
        phases=(*_STARTED, Phase(0.25, {"status": "processing"})),
        done={"status": "ready"},
        failed=_FAILED,
        progress="progress",
        progress_is_text=False,
    ),
    tells_phases=True,
)

OBJECTIVES: Final = Resource(
    noun="objectives",
    id_form="o{0:.11}",
    defaults={"status": "active"},
    derived={
        "objectives_name": lambda fields: fields.get("name"),
        **{
            name: _first(name)
            for name in (
                "objective_name",
                "objective_prompt",
                "confirmation_mode",
                "output_variables",
                "modality",
                "next_conditional_objectives",
                "next_required_objective",
                "callback_url",
            )
        },
    },
    filters={"name_or_uuid": _has("name", "objectives_id"), "type": _belongs_to},
    objects=_nameless("objective_name"),
)

GUARDRAILS: Final = Resource(
    noun="guardrails",
    id_form="g{0:.11}",
    defaults={"status": "active"},
    derived={
        "uuid": lambda fields: fields["guardrails_id"],
        "guardrails_name": lambda fields: fields.get("name"),
        **{
            name: _first(name)
            for name in ("guardrail_name", "guardrail_prompt", "modality", "callback_url", "tags", "app_message")
        },
    },
    filters={
        "legacy": lambda fields, wanted: wanted == "true" or not fields.get("data"),
        "name_or_uuid": _has("name", "guardrail_name", "guardrails_id"),
        "type": _belongs_to,
        "tags": _has_tag,
    },
    objects=_nameless("guardrail_name"),
)

DICTIONARY: Final = Resource(
    noun="pronunciation_dictionary",
    id_form="pd_{0:.15}",
    defaults={"rules": []},
    derived={"rules_count": lambda fields: len(fields["rules"] or ())},
    objects=_doubled,
)

TOOL: Final = Resource(
    noun="tool",
    id_form="t{0:.12}",
    defaults={
        "parameters": {},
        "origin": "llm",
        "trigger_type": "in_call",
        "tags": [],
        "delivery": {"app_message": True},
    },
    derived={"delivery": lambda fields: _masked(fields["delivery"])},
    filters={"type": _belongs_to, "name_or_uuid": _has("name", "tool_id")},
    assumed={"type": "user"},
    oldest_first=True,
    stock=(
        {
            "tool_id": "t51ab1e000001",
            "name": "end_call",
            "description": "Ends the call.",
            "parameters": {},
            "origin": "llm",
            "trigger_type": "in_call",
            "tags": [],
            "delivery": {"app_message": True},
        },
    ),
)

SKILL: Final = Resource(
    noun="skill",
    oldest_first=True,
    stock=tuple(
        {"skill_id": skill_id, "name": name, "description": description}
        for skill_id, name, description in (
            ("internet_search", "Internet search", "Looks things up on the web."),
            ("presentation", "Presentation", "Shows slides."),
            ("magic_canvas", "Magic Canvas", "Shows and asks things on a canvas."),
        )
    ),
)

DEPLOYMENT: Final = Resource(
    noun="deployment",
    id_form="d{0:.16}",
    defaults={
        "name": None,
        "status": "active",
        "password": None,
        "customization": {},
        "limits": {},
        "allowed_origins": [],
        "usage_total": 0,
        "usage_today": 0,
    },
    derived={"has_password": lambda fields: bool(fields["password"])},
    filters={"persona_id": _is("persona_id"), "channel": _is("channel"), "status": _is("status")},
    references={"persona_id": (PERSONA, "pal_id")},
)

_COMPLETES: Final = Lifecycle(phases=_STARTED, done={"status": "completed"}, failed=_FAILED)

TRANSCRIPTION: Final = Resource(
    noun="transcription",
    id_form="t{0:.12}",
    defaults={"text": None},
    lifecycle=Lifecycle(phases=_STARTED, done={"status": "completed", "text": "Hello."}, failed=_FAILED),
)

REPLACEMENT: Final = Resource(noun="replacement", id_form="w{0:.12}", lifecycle=_COMPLETES)

LIPSYNC: Final = Resource(
    noun="lipsync",
    id_form="l{0:.12}",
    defaults={"lipsync_name": None, "video_url": None},
    derived={"request_id": lambda fields: fields["lipsync_id"], "request_name": lambda fields: fields["lipsync_name"]},
    lifecycle=Lifecycle(
        phases=_STARTED, done={"status": "completed", "video_url": f"{_MEDIA}/{{id}}.mp4"}, failed=_FAILED
    ),
)

SPEECH: Final = Resource(
    noun="speech",
    id_form="s{0:.12}",
    defaults={"speech_name": None, "speech_file_url": None},
    references={"replica_id": (REPLICA, "replica_id")},
    lifecycle=Lifecycle(
        phases=_STARTED, done={"status": "completed", "speech_file_url": f"{_MEDIA}/{{id}}.wav"}, failed=_FAILED
    ),
)

RESOURCES: Final[Mapping[str, Resource]] = MappingProxyType(
    {
        resource.noun: resource
        for resource in (
            REPLICA,
            PERSONA,
            VIDEO,
            VOICE,
            CONVERSATION,
            DOCUMENT,
            OBJECTIVES,
            GUARDRAILS,
            DICTIONARY,
            TOOL,
            SKILL,
            DEPLOYMENT,
            TRANSCRIPTION,
            REPLACEMENT,
            LIPSYNC,
            SPEECH,
        )
    }
)
