"""Without a ledger, events are computed on demand, with the same result as if they had been written at once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

import tavus_consent as tc
from tavus_consent.consent.events import EventDraft
from tavus_consent.ledger.memory import MemoryStore
from tavus_consent.testing import Fault

from .support import Desk

SPOKEN = tc.SpokenConsent("Rio Alvarez", "https://b.example/c.mp4")


def draft(at: Any, **other: Any) -> EventDraft:
    return EventDraft(**{"type": "refused", "at": at, "record_id": "r", "subject_ref": "s", "actor": "me"} | other)


@pytest.fixture
def at(memory_desk: Desk) -> Any:
    return memory_desk.fake.now


# the store


def test_what_is_deferred_is_written_before_the_next_look(at: Any) -> None:
    store, written = MemoryStore(), []
    store.defer(lambda: written.append(store.append(draft(at))))
    assert written == []
    assert list(store.events()) == written != []


def test_what_is_deferred_is_written_before_anything_else(at: Any) -> None:
    store = MemoryStore()
    store.defer(lambda: store.append(draft(at, record_id="first")))
    store.append(draft(at, record_id="second"))
    assert [event.record_id for event in store.events()] == ["first", "second"]


def test_a_batch_keeps_its_order_and_batches_theirs(at: Any) -> None:
    store = MemoryStore()
    one = store.defer(lambda: store.append(draft(at, record_id="one")))
    store.defer(lambda: store.append(draft(at, record_id="two")))
    assert store.defer(lambda: store.append(draft(at, record_id="one-more")), one) is one
    assert [event.record_id for event in store.events()] == ["one", "one-more", "two"]


def test_a_batch_that_was_written_takes_nothing_more(at: Any) -> None:
    store = MemoryStore()
    batch = store.defer(lambda: store.append(draft(at)))
    list(store.events())
    assert store.defer(lambda: store.append(draft(at)), batch) is None
    assert len(list(store.events())) == 1


def test_a_write_may_look(at: Any) -> None:
    store, seen = MemoryStore(), []
    store.defer(lambda: seen.append(len(list(store.events()))))
    store.defer(lambda: store.append(draft(at)))
    assert (len(list(store.events())), seen) == (1, [0])


def test_who_looks_at_one_moment_sees_the_same(at: Any) -> None:
    store = MemoryStore()
    for number in range(50):
        store.defer(lambda number=number: store.append(draft(at, record_id=f"r{number}")))
    start, seen = threading.Barrier(4), []

    def look() -> None:
        start.wait(10)
        seen.append(len(list(store.events())))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert seen == [50] * 4


# creates


def test_a_create_is_dated_when_it_was_made_not_when_somebody_looked(memory_desk: Desk, at: Any) -> None:
    memory_desk.create(SPOKEN)
    memory_desk.fake.advance(hours=3)
    (record,) = memory_desk(lambda t: t.consents.list())
    assert memory_desk.types(record) == ["requested", "recorded", "given", "submit_intent", "submitted"]
    assert {event.at for event in memory_desk.events(record)} == {at}
    assert record.expires_at == at + timedelta(days=365)


def test_a_look_while_a_create_is_under_way_loses_nothing(memory_desk: Desk) -> None:
    handle, seen = memory_desk.fake.handle, []

    def look(request: Any) -> Any:
        seen.extend(memory_desk.client.tavus._registry().records())
        return handle(request)

    memory_desk.fake.handle = look  # type: ignore[method-assign] - a look from within the call
    replica = memory_desk.create(SPOKEN)
    (record,) = memory_desk(lambda t: t.consents.list())
    assert [one.record_id for one in seen] == [record.record_id]
    assert record.replicas == (replica.replica_id,)


def test_a_statement_that_opens_the_training_video_is_written_the_same(memory_desk: Desk) -> None:
    with pytest.warns(tc.ConsentWarning):
        memory_desk.create(tc.SpokenConsent("Rio Alvarez"))
    (record,) = memory_desk(lambda t: t.consents.list())
    assert memory_desk.events(record)[1].payload["where"] == "training_video"


def test_what_fails_is_written_too(memory_desk: Desk) -> None:
    memory_desk.fake.inject(Fault(status=400))
    with pytest.raises(tc.BadRequestError):
        memory_desk.create(SPOKEN)
    (record,) = memory_desk(lambda t: t.consents.list())
    assert memory_desk.types(record)[-1] == "failed"


def test_an_event_is_found_by_its_id(memory_desk: Desk) -> None:
    memory_desk.create(SPOKEN)
    (record,) = memory_desk(lambda t: t.consents.list())
    store = memory_desk.client.tavus._registry()._log.store
    first = memory_desk.events(record)[0]
    assert (store.event(first.event_id), store.event("another")) == (first, None)
