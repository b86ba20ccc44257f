"""The fake's callbacks, sent to an application: every kind, late, twice, in another order, and forged."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tavus_consent import CallbackRefused, ConfigurationError
from tavus_consent.callbacks import (
    CallbackEvent,
    ConversationEnded,
    ReplicaFailed,
    ReplicaReady,
    UnconfirmedEvent,
    UnknownEvent,
    parse_callback,
)
from tavus_consent.testing import Callbacks, FakeTavus, FakeTransport


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=datetime(2026, 3, 1, 12, tzinfo=UTC))


@pytest.fixture
def client(fake: FakeTavus, make_client: Callable[..., Any]) -> Any:
    return make_client(api_key=fake.api_key, clock=fake.clock, transport=FakeTransport(fake))


def create(client: Any, app: Any) -> Any:
    url = client(lambda _: app.url(job="42"))
    replica = client(
        lambda t: t.replicas.create_non_human(
            train_video_url="https://b.example/fox.mp4", attestation="A fox", attested_by="studio", callback_url=url
        )
    )
    return url, replica.replica_id


@pytest.fixture
def app(client: Any) -> Any:
    return client(lambda t: t.callbacks.app("https://app.example/tavus"))


def received(fake: FakeTavus, client: Any, **options: Any) -> list[Any]:
    sent = fake.callbacks.send(lambda path, body: (path, body), **options)
    return [client(lambda t, one=one: t.callbacks.receive(path=one[0], body=one[1])) for one in sent]


def test_a_training_of_the_fake_ends_in_one_event(fake: FakeTavus, client: Any, app: Any) -> None:
    create(client, app)
    fake.advance(hours=4)
    first, second = received(fake, client, times=2)
    assert type(first) is ReplicaReady
    assert (first.job, second) == ("42", None)


def test_a_failure_of_the_fake_has_the_documented_type(fake: FakeTavus, client: Any, app: Any) -> None:
    fake.fail_training("video_fps")
    create(client, app)
    fake.advance(hours=100)  # and the callback is late
    (event,) = received(fake, client)
    assert isinstance(event, ReplicaFailed)
    assert event.error_type is not None
    assert event.error_type.name == "video_fps"


def test_the_events_of_a_conversation_arrive_in_any_order(fake: FakeTavus, client: Any, app: Any) -> None:
    replica_id = next(iter(client(lambda t: t.replicas.list()))).replica_id
    url = client(lambda _: app.url())
    client(lambda t: t.conversations.create(replica_id=replica_id, callback_url=url))
    fake.advance(hours=2)
    events = received(fake, client, reverse=True)
    assert [type(one).__name__ for one in events] == ["TranscriptReady", "ConversationEnded", "ReplicaJoined"]
    assert all(one.confirmed for one in events)
    assert [one.shutdown for one in events if isinstance(one, ConversationEnded)] == ["participant_absent_timeout"]


def test_a_forged_success_is_not_believed(fake: FakeTavus, client: Any, app: Any) -> None:
    url, replica_id = create(client, app)
    callbacks = fake.callbacks
    made = callbacks.forged("replica_ready", url, replica_id=replica_id)
    assert made in callbacks
    assert fake.callbacks == []
    event = client(lambda t: t.callbacks.receive(path=made.url, body=json.dumps(made.body).encode()))
    assert isinstance(event, UnconfirmedEvent)
    other = callbacks.forged("replica_error", f"{url}0")
    with pytest.raises(CallbackRefused):
        client(lambda t: t.callbacks.receive(path=other.url, body=json.dumps(other.body).encode()))


def test_every_kind_is_an_event_of_its_class() -> None:
    callbacks = Callbacks()
    with pytest.raises(ConfigurationError, match="kind must be one of") as caught:
        callbacks.forged("nothing", "https://app.example/x")
    kinds = str(caught.value).partition(" one of ")[2].partition(", not ")[0].split(", ")
    assert len(kinds) == 28
    events: dict[str, CallbackEvent] = {}
    for kind in kinds:
        made = callbacks.forged(kind, "https://app.example/x")
        events[kind] = parse_callback(json.dumps(made.body), kind="tool" if kind == "tool" else None)
    assert [kind for kind, event in events.items() if type(event) in (UnknownEvent, CallbackEvent)] == []
    assert len({type(event) for event in events.values()}) == 22


def test_callbacks_are_sent_at_least_once() -> None:
    with pytest.raises(ConfigurationError, match="times"):
        Callbacks().send(lambda path, body: None, times=0)


def test_what_a_sender_returns_may_be_awaited(fake: FakeTavus, client: Any, app: Any) -> None:
    create(client, app)
    fake.advance(hours=4)

    async def view(path: str, body: bytes) -> int:
        return 200

    (sent,) = fake.callbacks.send(view)
    assert inspect.isawaitable(sent)
    assert client(lambda _: sent) == 200
