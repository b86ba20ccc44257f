"""Tavus's published examples of requests, as facts: what is sent, and what Tavus then shows.

Members, values, ids and the form of links are those of the page; prose in the values is shortened. The pages are on
docs.tavus.io, read 2026-11-30; "spec" is the document of 2026-05-23.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple


class Published(NamedTuple):
    """One published request.

    Attributes:
        page: Where it is published.
        method: HTTP method.
        path: Path below ``/v2``; ``{...}`` stands for the id that the create before it returned.
        body: What is sent.
        shows: Members that a GET of the object shows afterwards, besides what was sent.
        before: The body of the create whose object the request changes.
        hides: Members of the body that no answer shows.
    """

    page: str
    method: str
    path: str
    body: Any
    shows: Mapping[str, Any] = MappingProxyType({})
    before: dict[str, Any] | None = None
    hides: tuple[str, ...] = ()


BUCKET: Final = "https://my-example-bucket.s3.us-east-1.amazonaws.com"
HOOK: Final = "https://yourwebsite.com/webhook"
TRAINING: Final = ("callback_url", "train_video_url", "train_image_url", "consent_video_url", "voice_name")
TRAINING_HIDES: Final = (*TRAINING, "auto_fix_training_image")
COACH: Final = "As a Life Coach, you are a dedicated professional who specializes in..."
SALES: Final = {"replica_id": "r90bbd427f71", "persona_id": "pcb7a34da5fe"}
OBJECTIVE: Final = {
    "objective_name": "ask_if_new_patient",
    "objective_prompt": "Ask the patient if they are new",
    "confirmation_mode": "auto",
    "output_variables": ["patient_status"],
    "modality": "verbal",
    "next_conditional_objectives": {"new_patient": "If they have never been here", "existing_patient": "If they have"},
    "callback_url": "https://your-server.com/webhook",
}
GUARDRAIL: Final = {
    "guardrail_name": "Compliance",
    "guardrail_prompt": "Never discuss prices",
    "modality": "verbal",
    "callback_url": "https://your-server.com/webhook",
}
TERMS: Final = {"name": "Terms", "rules": [{"text": "API", "pronunciation": "A P I", "type": "alias"}]}
SPEC: Final = "spec, examples of the operation"
CVI: Final = "sections/conversational-video-interface"

TOOL: Final = {
    "type": "function",
    "function": {
        "name": "life_coach_insight",
        "description": "Offer advice.",
        "parameters": {
            "type": "object",
            "properties": {"urgency_level": {"type": "string", "enum": ["low", "medium", "high"]}},
            "required": ["urgency_level"],
        },
    },
}

CREATES: Final = (
    Published(
        "api-reference/phoenix-replica-model/create-replica",
        "POST",
        "/replicas",
        {
            "callback_url": HOOK,
            "replica_name": "Rio",
            "train_video_url": f"{BUCKET}/your-train-video.mp4",
            "consent_video_url": f"{BUCKET}/your-consent-video.mp4",
        },
        shows={"status": "started", "model_name": "phoenix-4"},
        hides=TRAINING_HIDES,
    ),
    Published(
        SPEC,
        "POST",
        "/replicas",
        {"model_name": "phoenix-3", "replica_name": "My phoenix-3 Replica", "train_video_url": f"{BUCKET}/video.mp4"},
        hides=TRAINING_HIDES,
    ),
    Published(
        "sections/faces/video-to-face-quickstart",
        "POST",
        "/faces",
        {"callback_url": "", "face_name": "my_replica", "train_video_url": "https://example.com/training-video.mp4"},
        shows={"status": "started"},
        hides=TRAINING_HIDES,
    ),
    Published(
        f"{CVI}/quickstart",
        "POST",
        "/personas",
        {
            "persona_name": "Interviewer",
            "system_prompt": "As an Interviewer, you ask questions.",
            "pipeline_mode": "full",
            "context": "You put candidates at ease.",
            "default_replica_id": "rf4e9d9790f0",
            "layers": {
                "perception": {"perception_model": "raven-1"},
                "conversational_flow": {
                    "turn_detection_model": "sparrow-1",
                    "turn_taking_patience": "medium",
                    "replica_interruptibility": "medium",
                },
            },
        },
    ),
    Published(
        f"{CVI}/quickstart/use-the-full-pipeline",
        "POST",
        "/personas",
        {
            "persona_name": "Interviewer",
            "system_prompt": "As an Interviewer, you ask questions.",
            "default_replica_id": "rfe12d8b9597",
            "layers": {
                "perception": {"perception_model": "raven-0"},
                "stt": {"stt_engine": "tavus-advanced", "smart_turn_detection": True},
            },
        },
    ),
    Published(
        "api-reference/personas/create-persona", "POST", "/personas", {"pipeline_mode": "full", "system_prompt": COACH}
    ),
    Published(
        SPEC,
        "POST",
        "/personas",
        {
            "persona_name": "Life Coach",
            "system_prompt": COACH,
            "default_replica_id": "r90bbd427f71",
            "layers": {
                "llm": {"model": "tavus-gpt-oss", "speculative_inference": True, "tools": [TOOL]},
                "tts": {
                    "tts_engine": "cartesia",
                    "voice_settings": {"speed": "normal", "emotion": ["positivity:high", "curiosity"]},
                    "tts_emotion_control": True,
                    "tts_model_name": "sonic-3",
                },
                "perception": {
                    "perception_model": "raven-1",
                    "visual_awareness_queries": ["Is the user showing an ID card?"],
                },
            },
        },
    ),
    Published(f"{CVI}/persona/objectives", "POST", "/personas/", {"system_prompt": "You qualify leads."}),
    Published("api-reference/conversations/create-conversation", "POST", "/conversations", SALES, {"status": "active"}),
    Published(
        "api-reference/conversations/create-conversation, an older copy",
        "POST",
        "/conversations",
        {"replica_id": "rfe12d8b9597", "persona_id": "pdced222244b"},
    ),
    Published("sections/faces/video-to-face-quickstart", "POST", "/conversations", {"face_id": "rf4e9d9790f0"}),
    Published(
        SPEC,
        "POST",
        "/conversations",
        {
            **SALES,
            "callback_url": HOOK,
            "conversation_name": "Improve Sales Technique",
            "conversational_context": "Help me practice.",
            "properties": {
                "max_call_duration": 1800,
                "participant_left_timeout": 60,
                "participant_absent_timeout": 120,
                "language": "multilingual",
                "enable_closed_captions": True,
                "apply_greenscreen": True,
            },
        },
        hides=("conversational_context", "properties"),
    ),
    Published(SPEC, "POST", "/conversations", {**SALES, "audio_only": True}, hides=("audio_only",)),
    Published(SPEC, "POST", "/conversations", {**SALES, "require_auth": True}, hides=("require_auth",)),
    *(
        Published(
            SPEC,
            "POST",
            "/conversations",
            {**SALES, "properties": {"enable_recording": True, "recording_storage": storage}},
            hides=("properties",),
        )
        for storage in (
            {
                "provider": "s3",
                "bucket_name": "conversation-recordings",
                "bucket_region": "us-east-1",
                "assume_role_arn": "arn:aws:iam::123456789012:role/TavusRecordingWriter",
                "external_id": "tavus-acct-abc123",
            },
            {
                "provider": "gcs",
                "bucket_name": "conversation-recordings",
                "project_id": "my-gcp-project",
                "workload_identity_provider": "projects/123456/locations/global/workloadIdentityPools/pool/providers/p",
                "service_account_email": "tavus-recording-writer@my-gcp-project.iam.gserviceaccount.com",
            },
            {
                "provider": "azure_blob",
                "storage_account": "myrecordingsaccount",
                "container": "conversation-recordings",
                "tenant_id": "11111111-2222-3333-4444-555555555555",
                "client_id": "66666666-7777-8888-9999-000000000000",
            },
        )
    ),
    Published(
        SPEC,
        "POST",
        "/videos",
        {
            "background_url": "https://yourwebsite.com/",
            "replica_id": "r90bbd427f71",
            "script": "Hi, this is my first video.",
            "video_name": "My First Video",
        },
        shows={"status": "queued"},
        hides=("background_url", "replica_id", "script"),
    ),
    Published(
        "api-reference/documents/create-document",
        "POST",
        "/documents",
        {
            "document_url": "https://docs.example.com/",
            "document_name": "Example Docs",
            "callback_url": "https://your-server.com/webhook",
            "tags": ["docs", "website"],
            "crawl": {"depth": 2, "max_pages": 10},
        },
        shows={"status": "started", "crawl_config": {"depth": 2, "max_pages": 10}, "crawl_count": 1},
        hides=("callback_url", "crawl"),
    ),
    Published(SPEC, "POST", "/documents", {"document_url": "https://docs.example.com/"}, {"status": "started"}),
    Published("api-reference/objectives/create-objectives", "POST", "/objectives", {"data": [OBJECTIVE]}),
)

CHANGES: Final = (
    Published(SPEC, "PATCH", "/replicas/{}/name", {"replica_name": "Rio"}, before=CREATES[0].body),
    Published(
        SPEC,
        "PATCH",
        "/videos/{}/name",
        {"video_name": "Sales"},
        before={"replica_id": "r90bbd427f71", "script": "Hi."},
    ),
    Published(
        "api-reference/personas/patch-persona",
        "PATCH",
        "/personas/{}",
        [
            {"op": "replace", "path": "/persona_name", "value": "Wellness Advisor"},
            {"op": "replace", "path": "/default_replica_id", "value": "rf4e9d9790f0"},
            {"op": "replace", "path": "/layers/llm/model", "value": "tavus-gpt-oss"},
            {"op": "replace", "path": "/layers/tts/tts_engine", "value": "cartesia"},
            {"op": "add", "path": "/layers/tts/tts_emotion_control", "value": "true"},
            {"op": "remove", "path": "/layers/stt/hotwords"},
            {"op": "replace", "path": "/layers/perception/visual_tool_prompt", "value": "Use tools."},
        ],
        shows={
            "persona_name": "Wellness Advisor",
            "default_replica_id": "rf4e9d9790f0",
            "layers": {
                "llm": {"model": "tavus-gpt-oss"},
                "tts": {"tts_engine": "cartesia", "tts_emotion_control": True},
                "stt": {},
                "perception": {"visual_tool_prompt": "Use tools."},
            },
        },
        before={
            "persona_name": "Life Coach",
            "system_prompt": COACH,
            "default_replica_id": "r90bbd427f71",
            "layers": {
                "llm": {"model": "tavus-gpt-4o"},
                "tts": {"tts_engine": "elevenlabs"},
                "stt": {"hotwords": "This"},
                "perception": {"visual_tool_prompt": "None."},
            },
        },
    ),
    Published(
        "api-reference/personas/patch-persona, the request beside it",
        "PATCH",
        "/personas/{}",
        [{"op": "add", "path": "/context", "value": "A breakthrough."}],
        shows={"context": "A breakthrough."},
        before={"system_prompt": COACH},
    ),
    Published(
        f"{CVI}/persona/objectives",
        "PATCH",
        "/personas/{}",
        [{"op": "add", "path": "/objectives_id", "value": "o12345"}],
        shows={"objectives_id": "o12345"},
        before={"system_prompt": COACH},
    ),
    *(
        Published(SPEC, "PATCH", "/objectives/{}", [change], shows, {"data": [OBJECTIVE]})
        for change, shows in (
            ({"op": "replace", "path": "/objective_name", "value": "updated_name"}, {"objective_name": "updated_name"}),
            ({"op": "replace", "path": "/objective_prompt", "value": "Updated"}, {"objective_prompt": "Updated"}),
            (
                {"op": "add", "path": "/output_variables", "value": ["new", "another"]},
                {"output_variables": ["new", "another"]},
            ),
            ({"op": "remove", "path": "/callback_url"}, {}),
        )
    ),
    *(
        Published(SPEC, "PATCH", "/guardrails/{}", [change], shows, {"data": [GUARDRAIL]})
        for change, shows in (
            ({"op": "replace", "path": "/data/0/guardrail_name", "value": "updated"}, {"guardrail_name": "updated"}),
            (
                {"op": "replace", "path": "/data/0/guardrail_prompt", "value": "Updated"},
                {"guardrail_prompt": "Updated"},
            ),
            ({"op": "remove", "path": "/data/0/callback_url"}, {}),
        )
    ),
    Published(
        SPEC,
        "PATCH",
        "/pronunciation-dictionaries/{}",
        [{"op": "replace", "path": "/name", "value": "Updated Brand Terms"}],
        shows={"name": "Updated Brand Terms", "rules": TERMS["rules"]},
        before=TERMS,
    ),
    Published(
        SPEC,
        "PATCH",
        "/pronunciation-dictionaries/{}",
        [
            {"op": "replace", "path": "/name", "value": "Updated Brand Terms"},
            {
                "op": "replace",
                "path": "/rules",
                "value": [{"text": "Tavus", "pronunciation": "TAH-vus", "type": "alias"}],
            },
        ],
        shows={
            "name": "Updated Brand Terms",
            "rules": [{"text": "Tavus", "pronunciation": "TAH-vus", "type": "alias"}],
        },
        before=TERMS,
    ),
)

#: The given page of Create Replica requires a training video. Tavus's document of May allows an image instead; this
#: package offers that for faces.
RULED_OUT: Final = (
    Published(
        SPEC,
        "POST",
        "/replicas",
        {
            "replica_name": "Image Replica",
            "train_image_url": f"{BUCKET}/your-train-image.png",
            "voice_name": "anna",
            "auto_fix_training_image": True,
        },
    ),
)
