"""The mounted application: answers, handlers, retries, what lags, and the WSGI side."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tavus_consent import ConfigurationError, InvalidRequestError
from tavus_consent.callbacks import (
    CallbackEvent,
    CallbackQueue,
    ReplicaCallback,
    ReplicaFailed,
    ReplicaPreview,
    ReplicaReady,
    ReplicaTuned,
    ToolCalled,
    UnconfirmedEvent,
    UnknownEvent,
)
from tavus_consent.ledger import open_ledger

from .support import Post, post

READY = {"replica_id": "r1", "status": "ready"}
TRAINED = {"replica_id": "r1", "status": "completed", "model_name": "phoenix-4"}
PREVIEW = {"replica_id": "r1", "status": "completed", "model_name": "phoenix-4.5", "finetune_status": "training"}


def kinds(here: Post) -> list[str]:
    return [type(event).__name__ for event in here.events]


# Answering


def test_a_callback_is_answered_and_its_event_is_handled(here: Post) -> None:
    here.note(ReplicaReady)
    url = here.replica(job="42")
    here.objects["/v2/replicas/r1"] = TRAINED
    assert here.send(url, READY) == 200
    (event,) = here.events
    assert isinstance(event, ReplicaReady)
    assert (event.job, event.confirmed, event.replica is not None) == ("42", True, True)


def test_a_body_in_pieces_is_read(here: Post) -> None:
    here.note()
    url = here.replica()
    here.objects["/v2/replicas/r1"] = TRAINED
    assert here.send(url, READY, pieces=7) == 200
    assert kinds(here) == ["ReplicaReady"]


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
def test_another_method_is_answered_404(here: Post, method: str) -> None:
    assert here.send(here.replica(), READY, method=method) == 404


def test_an_unknown_address_is_answered_404_before_the_body_is_read(here: Post) -> None:
    url = here.replica(expires_in=timedelta(hours=1))

    async def receive() -> Any:
        raise AssertionError("the body was read")

    async def ask(path: str) -> list[Any]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        await here.app({"type": "http", "method": "POST", "path": path, "headers": []}, receive, send)
        return sent

    here.clock.advance(hours=1)
    expired = url.removeprefix("https://app.example")
    for path in (expired, f"/tavus/tcb_{'x' * 43}", "/tavus", "/"):
        start, end = here(lambda _, path=path: ask(path))
        assert (start["status"], end["body"]) == (404, b"")
        assert (b"connection", b"close") in start["headers"]


def test_a_callback_about_another_object_is_answered_404(here: Post) -> None:
    assert here.send(here.replica(), {"replica_id": "r2", "status": "ready"}) == 404


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"\xff"])
def test_a_body_that_is_no_json_object_is_answered_400(here: Post, body: bytes) -> None:
    assert here.send(here.replica(), body) == 400


def test_a_client_that_disconnects_stores_nothing(here: Post) -> None:
    here.note()
    url = here.replica()

    async def leave() -> Any:
        answers: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            answers.append(message)

        path = url.removeprefix("https://app.example")
        await here.app({"type": "http", "method": "POST", "path": path, "headers": []}, receive, send)
        return answers[0]["status"]

    assert here(lambda _: leave()) == 400
    assert here(lambda _: here.app.deliver()) == 0


def test_64_kib_are_read_and_more_is_answered_413(here: Post) -> None:
    here.note()
    url = here.replica()
    body = b'{"x": "' + b"y" * (65536 - 9) + b'"}'
    assert len(body) == 65536
    assert here.send(url, body) == 200
    assert here.send(url, body + b" ", pieces=3) == 413
    assert here.send(url, b"{}", headers={"Content-Length": "65537"}) == 413
    assert here.send(url, b"{}", headers={"Content-Length": "x"}) == 200
    assert kinds(here) == ["UnknownEvent", "UnknownEvent"]


def test_unknown_bodies_are_answered_200(here: Post) -> None:
    here.note(UnknownEvent)
    assert here.send(here.url(), {"event_type": "something.new", "x": 1}) == 200
    assert [event.body for event in here.events if isinstance(event, UnknownEvent)] == [
        {"event_type": "something.new", "x": 1}
    ]


def test_a_secret_makes_signatures_necessary(make_client: Callable[..., Any]) -> None:
    here = Post(make_client, secret="s3cr3t")
    here.note(ToolCalled)
    url = here.url(kind="tool")
    body = b'{"city": "Rome"}'
    signature = hmac.new(b"s3cr3t", body, hashlib.sha256).hexdigest()
    assert here.send(url, body) == 404
    assert here.send(url, body, headers={"X-Tavus-Signature": signature}) == 200
    assert here.send(url, body, headers={"X-Tavus-Signature": signature}) == 200  # a replay
    assert kinds(here) == ["ToolCalled"]


def test_a_secret_is_a_text(memory: Post) -> None:
    with pytest.raises(InvalidRequestError, match="secret takes text"):
        memory(lambda t: t.callbacks.app("https://app.example", secret=b"x"))


# Believing


def test_duplicates_are_answered_and_handled_once(here: Post) -> None:
    here.note()
    url = here.replica()
    here.objects["/v2/replicas/r1"] = TRAINED
    assert [here.send(url, READY) for _ in range(3)] == [200, 200, 200]
    assert kinds(here) == ["ReplicaReady"]


def test_tavus_is_asked_again_when_its_answer_lags(here: Post) -> None:
    here.note()
    url = here.replica()
    begin = here.clock.monotonic()
    here.objects["/v2/replicas/r1"] = {**TRAINED, "status": "started"}
    assert here.send(url, READY) == 200
    assert kinds(here) == ["UnconfirmedEvent"]
    assert here.asked == ["/v2/replicas/r1"] * 4  # at once, and after 1, 5 and 30 seconds
    assert here.clock.monotonic() - begin == pytest.approx(36)
    event = here.events[0]
    assert isinstance(event, UnconfirmedEvent)
    assert (event.found.status, event.confirmed) == ("started", False)


def test_an_answer_that_catches_up_is_delivered_confirmed(here: Post) -> None:
    here.note()
    url = here.replica()
    here.objects["/v2/replicas/r1"] = {**TRAINED, "status": "started"}
    assert here.send(url, READY, wait=False) == 200
    here.objects["/v2/replicas/r1"] = TRAINED
    here.clock.advance(seconds=1)
    here(lambda _: here.app.deliver())
    here(lambda _: here.app.deliver())
    assert kinds(here) == ["ReplicaReady"]


def test_an_early_callback_waits_for_its_create(here: Post) -> None:
    here.note()
    url = here.url()
    assert here.send(url, READY, wait=False) == 200
    assert (kinds(here), here.asked) == ([], [])
    here.objects["/v2/replicas/r1"] = TRAINED
    here.objects["/v2/replicas"] = {"replica_id": "r1", "status": "started"}
    here(
        lambda t: t.replicas.create_non_human(
            train_video_url="https://b.example/fox.mp4", attestation="A fox", attested_by="studio", callback_url=url
        )
    )
    here(lambda _: here.app.deliver())
    assert kinds(here) == ["ReplicaReady"]


def test_an_early_callback_is_delivered_without_the_answer_to_its_create(here: Post) -> None:
    here.note()
    here.objects["/v2/replicas/r1"] = TRAINED
    assert here.send(here.url(), READY) == 200  # and waits two minutes
    assert kinds(here) == ["ReplicaReady"]


def test_an_early_callback_that_comes_due_before_the_grace_is_over_waits_on(here: Post) -> None:
    here.note()
    first, second = here.url(), None
    assert here.send(first, READY, wait=False) == 200
    here.clock.advance(minutes=1)
    second = here.url()
    here.objects["/v2/replicas/r1"] = TRAINED
    assert here.send(second, {"x": 1}, wait=False) == 200
    here(lambda _: here.app.deliver())
    assert kinds(here) == ["UnknownEvent"]


def test_a_repeated_word_may_be_the_end_of_the_tuning(here: Post) -> None:
    here.note()
    url = here.replica()
    here.objects["/v2/replicas/r1"] = PREVIEW
    assert here.send(url, READY) == 200
    assert here.send(url, READY, wait=False) == 200
    here(lambda _: here.app.deliver())
    assert kinds(here) == ["ReplicaPreview"]
    here.objects["/v2/replicas/r1"] = {**PREVIEW, "finetune_status": "completed"}
    here.clock.advance(seconds=1)
    here(lambda _: here.app.deliver())
    assert kinds(here) == ["ReplicaPreview", "ReplicaTuned"]
    assert {type(event) for event in here.events} == {ReplicaPreview, ReplicaTuned}


# Handlers


def test_handlers_take_the_classes_that_they_name(here: Post) -> None:
    seen: list[str] = []

    @here.app.on(ReplicaReady, ReplicaFailed)
    def of_ends(event: CallbackEvent) -> None:
        seen.append(f"end {type(event).__name__}")

    @here.app.on(ReplicaCallback)
    async def of_all(event: CallbackEvent) -> None:
        await asyncio.sleep(0)
        seen.append(f"all {type(event).__name__}")

    @here.app.on(ToolCalled)
    def of_tools(event: CallbackEvent) -> None:
        raise AssertionError(event)

    url = here.replica()
    for status in ("training", "completed"):
        here.objects["/v2/replicas/r1"] = {**TRAINED, "status": status}
        here.send(url, {**READY, "status": status})
    assert seen == ["all ReplicaCallback", "end ReplicaReady", "all ReplicaReady"]


def test_a_function_that_returns_a_coroutine_is_awaited(here: Post) -> None:
    async def keep(event: CallbackEvent) -> None:
        here.events.append(event)

    here.app.on(UnknownEvent)(lambda event: keep(event))
    url = here.url()
    here.send(url, {"x": 1})
    assert kinds(here) == ["UnknownEvent"]


def test_a_coroutine_function_runs_without_a_server_too(here: Post) -> None:
    async def keep(event: CallbackEvent) -> None:
        here.events.append(event)

    here.app.on(ReplicaReady)(keep)
    url = here.url()
    assert here.receive(url, READY) is None
    here.objects["/v2/replicas/r1"] = TRAINED
    here.clock.advance(minutes=2)
    assert here(lambda _: here.app.deliver()) == 1
    assert kinds(here) == ["ReplicaReady"]


@pytest.mark.parametrize("wrong", [7, "ReplicaReady", int])
def test_a_handler_of_something_else_is_refused(memory: Post, wrong: Any) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        memory.app.on(wrong)
    assert caught.value.field == "kinds"


def test_a_handler_that_fails_runs_again_later(here: Post, caplog: pytest.LogCaptureFixture) -> None:
    times: list[float] = []

    @here.app.on(UnknownEvent)
    def fail_twice(event: CallbackEvent) -> None:
        times.append(here.clock.monotonic())
        if len(times) < 3:
            raise RuntimeError("not today")
        here.events.append(event)

    begin = here.clock.monotonic()
    assert here.send(here.url(), {"x": 1}) == 200
    assert [at - begin for at in times] == pytest.approx([0, 5, 35])
    assert kinds(here) == ["UnknownEvent"]
    assert [record.exc_info is not None for record in caplog.records] == [True, True]


def test_a_handler_that_never_works_leaves_a_dead_letter(here: Post, caplog: pytest.LogCaptureFixture) -> None:
    calls: list[CallbackEvent] = []

    @here.app.on(UnknownEvent)
    def fail(event: CallbackEvent) -> None:
        calls.append(event)
        raise RuntimeError("never")

    assert here.send(here.url(), {"x": 1}) == 200
    assert len(calls) == 8
    assert "given up after 8 attempts (RuntimeError)" in caplog.text
    assert here(lambda _: here.app.deliver()) == 0


def test_a_callback_that_waits_for_an_earlier_one_keeps_no_processor_busy(
    here: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []
    sleep = here.clock.sleep_async

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        assert len(naps) < 100
        await sleep(seconds)

    monkeypatch.setattr(here.clock, "sleep_async", nap)

    @here.app.on(ReplicaReady)
    def fail(_: CallbackEvent) -> None:
        raise RuntimeError("never")

    url = here.replica()
    here.objects["/v2/replicas/r1"] = TRAINED
    here.send(url, READY, wait=False)
    assert here.send(url, READY) == 200
    assert naps
    assert 0 not in naps


def test_events_of_one_object_stay_in_their_order(here: Post) -> None:
    failed: list[bool] = []

    @here.app.on(CallbackEvent)
    def keep(event: CallbackEvent) -> None:
        if isinstance(event, ReplicaPreview) and not failed:
            failed.append(True)
            raise RuntimeError("later")
        here.events.append(event)

    url = here.replica()
    face = {"face_id": "r1", "status": "completed", "finetune_status": "training"}
    here.objects["/v2/faces/r1"] = face
    here.send(url, face, wait=False)
    here(lambda _: here.app.deliver())
    tuned = {**face, "finetune_status": "completed"}
    here.send(url, tuned, wait=False)
    other = here.url(kind="tool")
    here.send(other, {"x": 1}, wait=False)
    here(lambda _: here.app.deliver())
    assert kinds(here) == ["ToolCalled"]  # another object does not wait
    here.clock.advance(seconds=5)
    here(lambda _: here.app.deliver())
    here.objects["/v2/faces/r1"] = tuned
    here.clock.advance(seconds=30)
    here(lambda _: here.app.deliver())
    assert kinds(here) == ["ToolCalled", "ReplicaPreview", "ReplicaTuned"]


def test_a_callback_whose_address_was_purged_is_dropped(make_client: Callable[..., Any], url: str) -> None:
    here = Post(make_client, url)
    here.note()
    address = here.url(expires_in=timedelta(seconds=1))
    here.objects["/v2/replicas/r1"] = TRAINED
    assert here.receive(address, READY) is None
    here.clock.advance(hours=1)
    with open_ledger(url) as ledger:
        assert CallbackQueue(ledger, clock=here.clock).purge(older_than=timedelta(minutes=1)) == 0
    assert here(lambda _: here.app.deliver()) == 1
    assert kinds(here) == []


def test_a_callback_whose_address_is_forgotten_is_dropped(memory: Post) -> None:
    memory.note()
    address = memory.url(expires_in=timedelta(seconds=1))
    memory.objects["/v2/replicas/r1"] = TRAINED
    assert memory.receive(address, READY) is None
    old = memory.url(expires_in=timedelta(seconds=1), kind="tool")
    assert memory.receive(old, {"x": 1})
    memory.clock.advance(hours=1)
    memory.url()
    assert memory(lambda _: memory.app.deliver()) == 1
    assert kinds(memory) == []


def test_an_early_callback_that_is_retried_by_hand_waits_on(make_client: Callable[..., Any], url: str) -> None:
    here = Post(make_client, url)
    here.note()
    assert here.receive(here.url(), READY) is None
    here.objects["/v2/replicas/r1"] = TRAINED
    with open_ledger(url) as ledger:
        queue = CallbackQueue(ledger, clock=here.clock)
        queue.retry(1)
        assert here(lambda _: here.app.deliver()) == 1
        assert (kinds(here), queue.get(1).outcome) == ([], "early")
    here.clock.advance(minutes=2)
    here(lambda _: here.app.deliver())
    assert kinds(here) == ["ReplicaReady"]


def test_what_comes_while_a_handler_runs_is_delivered_too(here: Post) -> None:
    url = here.url(kind="tool")

    @here.app.on(ToolCalled)
    async def keep(event: ToolCalled) -> None:
        here.events.append(event)
        if len(here.events) == 1:
            assert await post(here.app, url.removeprefix("https://app.example"), b'{"x": 2}', alone=False) == 200

    assert here.send(url, {"x": 1}) == 200
    assert [event.arguments for event in here.events if isinstance(event, ToolCalled)] == [{"x": 1}, {"x": 2}]


def test_an_alarm_that_is_no_longer_the_next_wakes_too(here: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    here.note()
    sleep = here.clock.sleep_async
    early, late = here.url(), here.replica()
    here.objects["/v2/replicas/r1"] = {**TRAINED, "status": "started"}
    here.objects["/v2/documents/d1"] = {"document_id": "d1", "status": "ready"}

    async def both() -> None:
        sleeps, goes_on = asyncio.Event(), asyncio.Event()

        async def nap(seconds: float) -> None:
            if not sleeps.is_set():
                sleeps.set()
                await goes_on.wait()
            await sleep(seconds)

        monkeypatch.setattr(here.clock, "sleep_async", nap)
        await post(
            here.app,
            early.removeprefix("https://app.example"),
            b'{"document_id": "d1", "status": "ready"}',
            alone=False,
        )
        await sleeps.wait()
        await post(here.app, late.removeprefix("https://app.example"), json.dumps(READY).encode(), alone=False)
        goes_on.set()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.gather(*others)

    here(lambda _: both())
    assert sorted(kinds(here)) == ["DocumentReady", "UnconfirmedEvent"]


def test_callbacks_that_come_at_the_same_time_are_all_stored(here: Post) -> None:
    here.note(ToolCalled)
    url = here.url(kind="tool")
    path = url.removeprefix("https://app.example")

    async def all_at_once() -> list[int]:
        statuses = await asyncio.gather(*(post(here.app, path, b'{"x": %d}' % n, alone=False) for n in range(20)))
        assert await post(here.app, path, b'{"x": 0}') == 200
        return statuses

    assert here(lambda _: all_at_once()) == [200] * 20
    assert sorted(event.arguments["x"] for event in here.events if isinstance(event, ToolCalled)) == list(range(20))


def test_a_request_that_is_canceled_does_not_stop_the_others(here: Post) -> None:
    here.note(ToolCalled)
    url = here.url(kind="tool")
    path = url.removeprefix("https://app.example")

    async def one_leaves() -> int:
        await post(here.app, path, b'{"x": 1}')
        leaving = asyncio.ensure_future(post(here.app, path, b'{"x": 2}', alone=False))
        staying = asyncio.ensure_future(post(here.app, path, b'{"x": 3}', alone=False))
        await asyncio.sleep(0)
        leaving.cancel()
        status = await staying
        await post(here.app, path, b'{"x": 1}')
        return status

    assert here(lambda _: one_leaves()) == 200
    assert {event.arguments["x"] for event in here.events if isinstance(event, ToolCalled)} >= {1, 3}


# Running


def test_the_loop_delivers_until_it_is_stopped(here: Post) -> None:
    stop = threading.Event()

    @here.app.on(ReplicaReady)
    def end(event: CallbackEvent) -> None:
        here.events.append(event)
        stop.set()

    url = here.url()
    here.objects["/v2/replicas/r1"] = TRAINED
    assert here.receive(url, READY) is None
    begin = here.clock.monotonic()
    here(lambda _: here.app.run(stop=stop, interval=10))
    assert kinds(here) == ["ReplicaReady"]
    assert here.clock.monotonic() - begin == pytest.approx(130)


def test_the_loop_survives_a_ledger_that_is_not_there(
    make_client: Callable[..., Any], url: str, caplog: pytest.LogCaptureFixture
) -> None:
    here = Post(make_client, url)
    stop = threading.Event()
    here.url()
    Path(url.removeprefix("sqlite:///")).write_bytes(b"no database" * 1000)
    here.clock.sleep = lambda _: stop.set()

    async def end(_: float) -> None:
        stop.set()

    here.clock.sleep_async = end
    here(lambda _: here.app.run(stop=stop))
    assert "callbacks cannot be stored or delivered now" in caplog.text


@pytest.mark.parametrize("interval", [0, -1, "1"])
def test_an_interval_that_is_none_is_refused(memory: Post, interval: Any) -> None:
    with pytest.raises(InvalidRequestError, match="interval takes"):
        memory(lambda _: memory.app.run(interval=interval))


def broken(url: str) -> None:
    """Damage the ledger of a client that has it open."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        for name in ("tavus_consent_callbacks",):
            connection.execute(f"DROP TABLE {name}")
        connection.commit()


def test_a_ledger_that_cannot_store_is_answered_503(make_client: Callable[..., Any], url: str) -> None:
    here = Post(make_client, url)
    address = here.url()
    broken(url)
    assert here.send(address, {"x": 1}) == 503
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("DROP TABLE tavus_consent_addresses")
        connection.commit()
    assert here.send(address, {"x": 1}) == 503


def test_a_ledger_that_fails_while_delivering_stops_nothing(
    make_client: Callable[..., Any], url: str, caplog: pytest.LogCaptureFixture
) -> None:
    here = Post(make_client, url)

    @here.app.on(UnknownEvent)
    def end(event: CallbackEvent) -> None:
        broken(url)

    assert here.send(here.url(), {"x": 1}) == 200
    assert "callbacks cannot be stored or delivered now (LedgerUnavailable)" in caplog.text


def test_another_protocol_is_refused(memory: Post) -> None:
    with pytest.raises(ConfigurationError, match="websocket"):
        memory(lambda _: memory.app({"type": "websocket"}, None, None))


def test_a_server_may_run_it_alone(memory: Post) -> None:
    async def live() -> list[str]:
        asked = ["lifespan.startup", "lifespan.shutdown"]
        sent: list[str] = []

        async def receive() -> Any:
            return {"type": asked.pop(0)}

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await memory.app({"type": "lifespan"}, receive, send)
        return sent

    assert memory(lambda _: live()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_the_application_shows_no_address(memory: Post) -> None:
    memory.note()
    name = "CallbackApp" if memory.kind == "sync" else "AsyncCallbackApp"
    assert repr(memory.app) == f"<{name} with 1 handlers>"


# WSGI


def wsgi(app: Any, path: str, body: bytes, **environ: str) -> str:
    """Send one request to a WSGI application, close its answer as a server does, and return the status."""
    statuses: list[str] = []
    given = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "CONTENT_LENGTH": str(len(body)), **environ}
    answer = app.wsgi({**given, "wsgi.input": io.BytesIO(body)}, lambda status, headers: statuses.append(status))
    assert list(answer) == []
    answer.close()
    return statuses[0]


@pytest.mark.parametrize("kind", ["sync"])
class TestWsgi:
    def test_a_callback_is_answered_and_then_handled(self, here: Post) -> None:
        here.note(ReplicaReady)
        url = here.replica().removeprefix("https://app.example")
        here.objects["/v2/replicas/r1"] = TRAINED
        assert wsgi(here.app, url, json.dumps(READY).encode()) == "200 OK"
        assert kinds(here) == ["ReplicaReady"]

    def test_what_is_refused_is_answered_as_by_the_other_side(self, here: Post) -> None:
        url = here.replica().removeprefix("https://app.example")
        assert wsgi(here.app, url, b"x") == "400 Bad Request"
        assert wsgi(here.app, "/tavus/x", b"{}") == "404 Not Found"
        assert wsgi(here.app, url, b"{}", REQUEST_METHOD="GET") == "404 Not Found"
        assert wsgi(here.app, url, b"{}", CONTENT_LENGTH="70000") == "413 Content Too Large"
        assert wsgi(here.app, url, b"", CONTENT_LENGTH="") == "400 Bad Request"

    def test_a_coroutine_function_is_a_handler_too(self, here: Post) -> None:
        async def keep(event: CallbackEvent) -> None:
            here.events.append(event)

        here.app.on(UnknownEvent)(keep)
        assert wsgi(here.app, here.url(), b'{"x": 1}') == "200 OK"
        assert kinds(here) == ["UnknownEvent"]

    def test_a_ledger_that_fails_while_delivering_is_logged(
        self, make_client: Callable[..., Any], url: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        here = Post(make_client, url)
        here.app.on(UnknownEvent)(lambda _: broken(url))
        assert wsgi(here.app, here.url(), b'{"x": 1}') == "200 OK"
        assert "callbacks cannot be stored or delivered now" in caplog.text


@pytest.mark.parametrize("kind", ["async"])
def test_an_async_client_has_no_wsgi_side(memory: Post) -> None:
    with pytest.raises(ConfigurationError, match="sync client"):
        wsgi(memory.app, "/x", b"")


# Logs


@pytest.mark.parametrize("name", ["uvicorn.access", "gunicorn.access", "django.server", "django.request"])
def test_access_logs_do_not_show_the_secret(memory: Post, name: str, caplog: pytest.LogCaptureFixture) -> None:
    path = memory.url().removeprefix("https://app.example")
    token = path.rpartition("/")[2]
    logger = logging.getLogger(name)
    with caplog.at_level(logging.INFO, logger=name):
        logger.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "POST", path, "1.1", 200)
        logger.info(f"POST {path}")
        logger.info("%(U)s %(s)s", {"U": path, "s": 200})
        logger.info("nothing")
        logger.info(ValueError("x"))
    assert token not in caplog.text
    assert caplog.text.count("/tavus/[redacted]") == 3
    assert "[redacted] HTTP/1.1" in caplog.text
