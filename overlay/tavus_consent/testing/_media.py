"""Replicas, videos and documents."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from tavus_consent.video_errors import VIDEO_ERRORS

from . import _sentences
from ._kinds import DOCUMENT, PREVIEW, REPLICA, TWO_STAGES
from ._messages import FakeResponse
from ._store import ObjectStore
from ._things import Thing
from ._verbs import FakeCall, Refusal, find, finished, make, shown
from ._voices import give_voice

#: the time until the preview of a model that trains in two stages; Tavus says minutes
PREVIEW_TIME: Final = timedelta(minutes=5)
CRAWL_COOLDOWN: Final = timedelta(hours=1)
CRAWLED_DOCUMENTS: Final = 100

_VOICED: Final = (give_voice,)


# Replicas


def train(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Start the training of a replica."""
    thing = make(store, call)
    voiced = _VOICED if thing.fields.get("train_video_url") is not None else ()
    if thing.fields.get("model_name") in TWO_STAGES:
        store.start(thing, call.now, min(PREVIEW_TIME, call.training), PREVIEW)
        thing.waiting = (*voiced, partial(_tune, call.training))
    else:
        store.start(thing, call.now, call.training)
        thing.waiting = voiced
    return finished(call, shown(call, thing))


def _tune(takes: timedelta, store: ObjectStore, thing: Thing, at: datetime) -> None:
    """Start the second stage of a training, once the first has ended."""
    if thing.deleted or thing.failure is not None:
        return

    def end(at: datetime) -> None:
        thing.tunes = False
        stage = "completed" if thing.failure is None else "errored"
        thing.enter({"finetune_status": stage, "error_message": thing.failure}, at)
        store.tell(thing, at)

    thing.tunes = True
    store.plan(at + takes, thing, end)


# Videos


def generate(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Start a video; it waits for the training of its replica."""
    thing = make(store, call)
    replica_id = thing.fields["replica_id"]
    name = f"replica_id: {replica_id} - {call.now:%B} {call.now.day}, {call.now.year} - video: {thing.id}"
    thing.fields.setdefault("video_name", name)
    thing.fields["hosted_url"] = f"https://videos.tavus.example/video/{thing.id}"
    replica = store.all(REPLICA)[replica_id]
    if replica.ends is None:
        _generate_with(store, thing, replica, call.now)
    else:
        waiting = _sentences.REPLICA_IN_TRAINING.format(replica_id)
        thing.fields.update(status="queued", status_details=waiting, generation_progress="0/100")
        thing.waits = True
        replica.waiting = (*replica.waiting, lambda store, replica, at: _generate_with(store, thing, replica, at))
    return finished(call, shown(call, thing))


def _generate_with(store: ObjectStore, thing: Thing, replica: Thing, at: datetime) -> None:
    """Start a video once its replica is no longer in training."""
    if thing.deleted:
        return
    if replica.deleted:
        thing.failure = thing.failure or VIDEO_ERRORS["video_error"].messages[0]
    elif replica.fields["status"] == "error":
        thing.failure = VIDEO_ERRORS["replica_in_error_state"].messages[0].format(replica.id)
    store.start(thing, at)


# Documents


def add_document(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Start to read a document, or to crawl a website."""
    crawl = call.body.get("crawl")
    crawled = sum(thing.fields.get("crawl_config") is not None for thing in store.all(DOCUMENT).values())
    if crawl is not None and crawled >= CRAWLED_DOCUMENTS:
        limit = f"Crawl document limit reached ({CRAWLED_DOCUMENTS}). Contact support@tavus.io to increase your limit."
        raise Refusal(429, limit)
    thing = make(store, call)
    thing.fields.setdefault("document_name", f"document {thing.id}")
    _read(store, thing, crawl, call.now)
    return finished(call, shown(call, thing))


def recrawl(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Crawl a website again."""
    thing = find(store, call, own=True)
    fields = thing.fields
    if fields.get("crawl_config") is None:
        raise Refusal(400, "Document was not created with crawl configuration")
    if thing.ends is not None:
        state = f"current status: {fields['status']}"
        raise Refusal(409, f"Document must be in 'ready' or 'error' state to recrawl, {state}")
    left = thing.began + CRAWL_COOLDOWN - call.now
    if left > timedelta():
        minutes = -(-left // timedelta(minutes=1))
        sentence = f"Recrawl cooldown: please wait {minutes} minutes before recrawling this document."
        raise Refusal(429, sentence, retry_after=minutes * 60)
    thing.failure = None
    _read(store, thing, (call.body or {}).get("crawl") or fields.get("crawl_config"), call.now)
    thing.fields["status"] = "recrawling"
    return finished(call, shown(call, thing))


def _read(store: ObjectStore, thing: Thing, crawl: dict[str, Any] | None, now: datetime) -> None:
    """Start to read the link of a document."""
    if crawl is not None:
        thing.fields.update(
            crawl_config=crawl,
            crawled_urls=[thing.fields["document_url"]],
            last_crawled_at=DOCUMENT.date(now),
            crawl_count=(thing.fields.get("crawl_count") or 0) + 1,
        )
    thing.fields["error_message"] = None
    store.start(thing, now)
