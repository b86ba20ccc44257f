"""The ends of trainings in the ledger: once each, from confirmed events only."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from tavus_consent.callbacks import CallbackEvent, ReplicaReady
from tavus_consent.ledger import open_ledger

from .support import Post

READY = {"replica_id": "r1", "status": "ready"}
TRAINED = {"replica_id": "r1", "status": "completed", "model_name": "phoenix-4"}
FPS = (
    "There was an issue processing your training video. The video provided does not meet the minimum frame rate "
    "requirement for a training video. Please ensure your training video has a frame rate of at least 25fps"
)


@pytest.fixture
def here(make_client: Callable[..., Any], url: str) -> Post:
    return Post(make_client, url)


def ends(url: str) -> list[tuple[str, dict[str, Any], str]]:
    with open_ledger(url) as ledger:
        found = [event for event in ledger.store.events() if event.type.startswith("training_")]
        assert ledger.verify().ok
    return [(event.type, event.plain_payload(), event.actor) for event in found]


@pytest.mark.parametrize(
    ("state", "end"),
    [
        ({"status": "completed"}, ("training_completed", {"stage": "training"})),
        ({"status": "completed", "finetune_status": "training"}, ("training_completed", {"stage": "preview"})),
        ({"status": "completed", "finetune_status": "completed"}, ("training_completed", {"stage": "tuning"})),
        (
            {"status": "completed", "finetune_status": "errored"},
            ("training_failed", {"stage": "tuning", "error": "undocumented"}),
        ),
        ({"status": "error", "error_message": FPS}, ("training_failed", {"stage": "training", "error": "video_fps"})),
    ],
    ids=str,
)
@pytest.mark.parametrize("way", ["receive", "send"])
def test_a_confirmed_end_is_noted_once(here: Post, url: str, state: Any, end: Any, way: str) -> None:
    address = here.replica()
    here.objects["/v2/replicas/r1"] = {"replica_id": "r1", **state}
    here.objects["/v2/faces/r1"] = {"face_id": "r1", **state}
    for _ in range(2):
        getattr(here, way)(address, {"replica_id": "r1", **state})
    type_, codes = end
    assert ends(url) == [(type_, {"replica_id": "r1", **codes}, "tavus")]


def test_an_unconfirmed_end_and_progress_are_not_noted(here: Post, url: str) -> None:
    address = here.replica()
    here.objects["/v2/replicas/r1"] = {**TRAINED, "status": "started"}
    here.receive(address, READY)
    here.receive(address, {**READY, "status": "started"})
    here.receive(here.url(), {"x": 1})
    assert ends(url) == []


def test_an_end_is_noted_once_although_a_handler_failed(here: Post, url: str) -> None:
    @here.app.on(ReplicaReady)
    def fail(event: CallbackEvent) -> None:
        here.events.append(event)
        if len(here.events) == 1:
            raise RuntimeError

    address = here.replica()
    here.objects["/v2/replicas/r1"] = TRAINED
    here.send(address, READY)
    assert (len(here.events), len(ends(url))) == (2, 1)


def test_an_erased_record_stays_as_it_is(here: Post, url: str) -> None:
    address = here.replica()
    with open_ledger(url) as ledger:
        record_id = next(ledger.store.events()).record_id
    here.objects["/v2/replicas/r1"] = 404  # deleted
    for name in ("replicas", "videos", "conversations", "deployments", "pals", "personas", "memory-stores"):
        here.objects[f"/v2/{name}"] = {"data": [], "total_count": 0}
    here(lambda t: t.consents.withdraw(record_id, requested_by="subject"))
    here(lambda t: t.consents.erase(record_id))
    here.objects["/v2/replicas/r1"] = TRAINED
    assert type(here.receive(address, READY)) is ReplicaReady
    assert ends(url) == []


def test_an_end_that_cannot_be_noted_is_an_event_nevertheless(
    here: Post, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    address = here.replica()
    here.objects["/v2/replicas/r1"] = TRAINED
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("DROP TABLE tavus_consent_replicas")
        connection.commit()
    assert type(here.receive(address, READY)) is ReplicaReady
    assert "could not be written to the ledger (LedgerUnavailable)" in caplog.text
