"""The objects of the service, as data: a new kind of object is a new description here, not a new class."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from attrs import evolve

from . import _sentences
from ._resources import Fields, Lifecycle, Phase, Resource, http_date
from ._rules import (
    belongs_to,
    contains,
    doubled,
    equals,
    first,
    has_participant_tag,
    has_tag,
    is_in,
    masked,
    nameless,
    owned,
    speechless,
    untrainable,
)

_STOCK_DATE: Final = "2024-01-24T07:14:03.327Z"
_MEDIA: Final = "https://media.tavus.example"
_DATES: Final[Fields] = MappingProxyType({"created_at": _STOCK_DATE, "updated_at": _STOCK_DATE})

_STARTED: Final = (Phase(0, {"status": "started"}),)
_FAILED: Final[Fields] = MappingProxyType({"status": "error"})
_COMPLETES: Final = Lifecycle(phases=_STARTED, done={"status": "completed"}, failed=_FAILED)

_TRAINING: Final = Lifecycle(
    phases=_STARTED,
    done={"status": "completed", "thumbnail_video_url": f"{_MEDIA}/{{id}}.mp4"},
    failed=_FAILED,
    progress="training_progress",
)
#: models that train in two stages, and the first of these
TWO_STAGES: Final = frozenset({"phoenix-4.5"})
PREVIEW: Final = evolve(_TRAINING, done={**_TRAINING.done, "finetune_status": "training"})

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
    derived={"replica_type": lambda fields: fields.get("owner", "user")},
    verbose=("replica_type",),
    hidden={"listReplicas": ("updated_at", "error_message")},
    filters={
        "replica_type": owned,
        "model_name": equals("model_name"),
        "replica_ids": is_in("replica_id"),
    },
    lifecycle=_TRAINING,
    objects=untrainable,
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
    derived={"persona_type": lambda fields: fields.get("owner", "user")},
    filters={"persona_type": owned},
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
    objects=speechless,
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
        "search": contains("voice_name"),
        "tag": lambda fields, wanted: wanted.lower() in {tag["tag_name"].lower() for tag in fields["tags"]},
    },
    oldest_first=True,
    sort_field="voice_name",
    derived={"voice_type": lambda fields: fields.get("owner", "user")},
    lifecycle=_COMPLETES,
    stock=tuple(
        {
            **_DATES,
            "voice_id": voice_id,
            "voice_name": name,
            "replica_id": "r90bbd427f71",
            "audio_url": f"{_MEDIA}/{voice_id}.mp3",
            "tags": [{"tag_name": tag}],
            "description": None,
            "status": "completed",
            "error_message": None,
        }
        for voice_id, name, tag in (("v51ab1e000001", "anna", "warm"), ("v51ab1e000002", "ben", "calm"))
    ),
)

CONVERSATION: Final = Resource(
    noun="conversation",
    id_form="c{0:.16}",
    verbose=("events",),
    filters={"status": equals("status")},
    references={"replica_id": (REPLICA, "replica_id"), "persona_id": (PERSONA, "persona_id")},
    added={"status": "active", "replica_id": None, "events": [], "participants": {}, "transcript": []},
)

MEMORY_STORE: Final = Resource(
    noun="memory_store",
    id_form="ms{0:.12}",
    # pins counts the memories that were ever pinned, because their ids are never used again
    defaults={"pinned_memories": [], "pins": 0, "learned_memory": None},
    hidden={"listMemoryStores": ("pinned_memories", "learned_memory")},
    filters={"persona_id": equals("persona_id"), "participant_tag": equals("participant_tag")},
    references={"persona_id": (PERSONA, "pal_id")},
    page_size=sys.maxsize,
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
    filters={
        "status": equals("status"),
        "name_or_uuid": contains("document_name", "document_id"),
        "tags": has_tag,
        "participant_tags": has_participant_tag,
    },
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
            name: first(name)
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
    filters={"name_or_uuid": contains("name", "objectives_id"), "type": belongs_to},
    objects=nameless("objective_name"),
)

GUARDRAILS: Final = Resource(
    noun="guardrails",
    id_form="g{0:.11}",
    defaults={"status": "active"},
    derived={
        "uuid": lambda fields: fields["guardrails_id"],
        "guardrails_name": lambda fields: fields.get("name"),
        **{
            name: first(name)
            for name in ("guardrail_name", "guardrail_prompt", "modality", "callback_url", "tags", "app_message")
        },
    },
    filters={
        "legacy": lambda fields, wanted: wanted == "true" or not fields.get("data"),
        "name_or_uuid": contains("name", "guardrail_name", "guardrails_id"),
        "type": belongs_to,
        "tags": has_tag,
    },
    objects=nameless("guardrail_name"),
)

DICTIONARY: Final = Resource(
    noun="pronunciation_dictionary",
    id_form="pd_{0:.15}",
    defaults={"rules": []},
    derived={"rules_count": lambda fields: len(fields["rules"] or ())},
    objects=doubled,
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
    derived={"delivery": lambda fields: masked(fields["delivery"])},
    filters={"type": belongs_to, "name_or_uuid": contains("name", "tool_id")},
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
            ("memory", "Memory", "Remembers people across conversations."),
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
    derived={"has_password": lambda fields: bool(fields.get("password"))},
    filters={"persona_id": equals("persona_id"), "channel": equals("channel"), "status": equals("status")},
    references={"persona_id": (PERSONA, "pal_id")},
)

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
    derived={
        "request_id": lambda fields: fields["lipsync_id"],
        "request_name": lambda fields: fields.get("lipsync_name"),
    },
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
            MEMORY_STORE,
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
