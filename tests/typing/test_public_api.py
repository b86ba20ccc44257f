"""Types of the public API. mypy --strict, pyright and ty check this file; it never runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, assert_type

from tavus_api import Client
from tavus_api.api.replicas import create_replica
from tavus_api.models import CreatedReplica, CreateReplicaRequestParam
from tavus_api.types import Response
from tavus_consent import (
    AsyncTavus,
    CallInfo,
    Candidates,
    OutcomeUnknownError,
    Page,
    PreflightReport,
    Replica,
    SpokenConsent,
    Tavus,
    TavusError,
    Timeout,
    TrainingFailed,
)


def sync_client(error: OutcomeUnknownError) -> None:
    with Tavus(timeout=Timeout(connect=1.0)) as tavus:
        consent = SpokenConsent(full_name="Rio Alvarez", video_url="https://bucket.example/consent.mp4")
        assert_type(consent.statement, str)
        replica = tavus.replicas.create_personal(
            train_video_url="https://bucket.example/train.mp4",
            consent=consent,
            replica_name="Rio",
            model_name="phoenix-4",
            callback_url="https://app.example/webhook",
            background_green_screen=False,
            preflight="require",
        )
        assert_type(replica, Replica)
        assert_type(tavus.replicas.preflight(consent=consent), PreflightReport)
        assert_type(replica.status, str | None)
        assert_type(replica.created_at, datetime | None)
        assert_type(replica.progress, float | None)
        assert_type(tavus.replicas.wait(replica.replica_id, timeout=8 * 3600, on_progress=print), Replica)
        assert_type(tavus.faces.wait(replica.replica_id, until="preview").is_preview, bool)
        for one in tavus.replicas.list(replica_type="user"):
            assert_type(one, Replica)
        for page in tavus.replicas.list().pages():
            assert_type(page, Page[Replica])
        assert_type(tavus.replicas.find_created(error), Candidates[Replica])
        assert_type(tavus.with_options(timeout=5), Tavus)
        with tavus.record_calls() as calls:
            assert_type(calls, list[CallInfo])
        body: CreateReplicaRequestParam = {"train_video_url": "https://bucket.example/train.mp4"}
        assert_type(create_replica.sync_detailed(client=tavus.raw, body=body), Response[CreatedReplica])
        assert_type(create_replica.sync_detailed(client=Client(), body={"train_video_url": ""}).parsed, CreatedReplica)


async def async_client() -> None:
    async with AsyncTavus() as tavus:
        fox = await tavus.replicas.create_non_human(
            train_video_url="https://bucket.example/fox.mp4",
            attestation="A cartoon fox that our studio drew",
            attested_by="studio@app.example",
        )
        assert_type(fox, Replica)
        assert_type(await tavus.faces.preflight(train_video_url="https://bucket.example/fox.mp4"), PreflightReport)
        async for one in tavus.replicas.list(replica_type="user"):
            assert_type(one, Replica)
        assert_type(tavus.with_options(timeout=5), AsyncTavus)


def failures(error: TavusError) -> Any:
    if isinstance(error, TrainingFailed):
        assert_type(error.replica, Replica)
        assert_type(error.advice, str)
    return error


def refused_by_checkers(tavus: Tavus) -> None:
    tavus.replicas.create_personal(train_video_url="https://b.example/t.mp4")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # ty: ignore[missing-argument]
    tavus.replicas.list(replica_type="mine")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    create_replica.sync_detailed(client=tavus.raw, body={"train_video_url": 5})  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    tavus.replicas.get(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
