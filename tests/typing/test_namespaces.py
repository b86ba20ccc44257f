"""Types of the generated namespaces. mypy --strict and pyright check this file; it never runs."""

from __future__ import annotations

from datetime import datetime
from typing import assert_type

from tavus_api.client import AsyncPager, Page, Pager
from tavus_api.models import (
    Conversation,
    CreatedVideo,
    Deployment,
    Document,
    Persona,
    PersonaLayersParam,
    PinnedMemory,
    Video,
)
from tavus_consent import AsyncTavus, Face, ProcessingFailed, SpokenConsent, Tavus


def sync_client(tavus: Tavus, error: ProcessingFailed) -> None:
    video = tavus.videos.create(replica_id="r1", script="Hi", properties={"background_scroll": True})
    assert_type(video, CreatedVideo)
    assert_type(tavus.videos.wait("v1", on_progress=print), Video)
    assert_type(tavus.videos.get("v1").created_at, datetime | None)
    assert_type(tavus.videos.list(), Pager[Video])
    for one in tavus.conversations.list(page_size=5):
        assert_type(one, Conversation)
    for page in tavus.conversations.list().pages():
        assert_type(page, Page[Conversation])
        assert_type(page.total_count, int | None)
    assert_type(tavus.conversations.end("c1"), None)
    assert_type(tavus.personas.get("p1"), Persona)
    assert_type(tavus.personas.patch("p1", changes={"system_prompt": "Hi"}), bool)
    assert_type(tavus.deployments.patch("d1", operations=[{"op": "remove", "path": "/name"}]), Deployment | None)
    assert_type(tavus.documents.wait("d1"), Document)
    rio = SpokenConsent("Rio Alvarez", "https://bucket.example/consent.mp4")
    assert_type(tavus.faces.create_personal(train_image_url="https://b.example/a.png", consent=rio), Face)
    assert_type(tavus.faces.patch("r1", default_voice_id=None), Face)
    assert_type(error.error_message, str | None)
    assert_type(tavus.memory_stores.list_pinned("m1"), Pager[PinnedMemory])


def newer_than_this_package(tavus: Tavus, layers: PersonaLayersParam) -> None:
    tavus.pals.create(default_face_id="r1", layers=layers, extra={"mood": "calm"})
    tavus.pals.create(default_face_id="r1", layers={"tts": {"tts_engine": "cartesia"}})
    tavus.pals.create(default_face_id="r1", layers={"transport": {"transport_type": "livekit"}})
    tavus.pals.create(default_face_id="r1", layers={"tts": {"tts_engine": "cartesia", "pace": 2}, "transport": {}})
    tavus.guardrails.create(data=[{"guardrail_name": "no", "guardrail_prompt": "Never.", "mood": "calm"}])
    tavus.faces.patch("r1", extra={"mood": "calm"})


async def async_client(tavus: AsyncTavus) -> None:
    assert_type(await tavus.videos.get("v1"), Video)
    assert_type(tavus.videos.list(), AsyncPager[Video])
    async for one in tavus.faces.list(face_type="user"):
        assert_type(one, Face)
    async for page in tavus.conversations.list().pages():
        assert_type(page.items, tuple[Conversation, ...])
    assert_type(await tavus.documents.wait("d1"), Document)


def refused_by_checkers(tavus: Tavus) -> None:
    tavus.videos.create(script="Hi")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # ty: ignore[missing-argument]
    tavus.pals.create(default_face_id="r1", extra="mood")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    tavus.pals.create(default_face_id="r1", layers=["tts"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    tavus.videos.get(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    tavus.videos.get("v1").mood  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # noqa: B018  # ty: ignore[missing-attribute]
    tavus.faces.create_personal(train_image_url="https://b.example/a.png")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # ty: ignore[missing-argument]
