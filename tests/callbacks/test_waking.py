"""A callback ends the pause of a wait for its object, in the same process."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from .support import Post

READY = {"replica_id": "r1", "status": "ready"}
STARTED = {"replica_id": "r1", "status": "started"}
TRAINED = {"replica_id": "r1", "status": "completed", "model_name": "phoenix-4"}
FOREVER = 8 * 3600.0


@pytest.fixture
def now(make_client: Callable[..., Any]) -> Post:
    """Callbacks with the clock of the machine."""
    return Post(make_client, clock=None)


def when_polled(here: Post, do: Callable[[Any], Any]) -> Any:
    """Wait for a replica, and do something once, after the first poll."""
    here.objects["/v2/replicas/r1"] = STARTED
    polls: list[str] = []

    def wait(tavus: Any) -> Any:
        def poll(replica: Any) -> Any:
            polls.append(replica.status)
            return do(tavus) if len(polls) == 1 else None

        return tavus.replicas.wait("r1", timeout=FOREVER, poll_interval=FOREVER, on_progress=poll)

    replica = here(wait)
    assert polls == ["started", "completed"]
    return replica


def test_a_callback_that_is_received_ends_the_pause(now: Post) -> None:
    url = now.replica()

    def receive(tavus: Any) -> Any:
        now.objects["/v2/replicas/r1"] = TRAINED
        return tavus.callbacks.receive(path=url, body=b'{"replica_id": "r1", "status": "ready"}')

    assert when_polled(now, receive).is_ready


def test_a_callback_in_another_thread_ends_the_pause(now: Post, make_client: Callable[..., Any]) -> None:
    url = now.replica()
    path = url.removeprefix("https://app.example")
    threads: list[Thread] = []

    def send(_: Any) -> None:
        import asyncio

        from .support import post

        now.objects["/v2/replicas/r1"] = TRAINED
        body = b'{"replica_id": "r1", "status": "ready"}'
        threads.append(Thread(target=lambda: asyncio.run(post(now.app, path, body, wait=False))))
        threads[0].start()

    assert when_polled(now, send).is_ready
    threads[0].join()


def test_a_fake_clock_polls_at_once_too(memory: Post) -> None:
    url = memory.replica()
    begin = memory.clock.monotonic()

    def receive(tavus: Any) -> Any:
        memory.objects["/v2/replicas/r1"] = TRAINED
        return tavus.callbacks.receive(path=url, body=b'{"replica_id": "r1", "status": "ready"}')

    assert when_polled(memory, receive).is_ready
    assert memory.clock.monotonic() == begin


def test_a_callback_about_another_object_ends_no_pause(memory: Post) -> None:
    url = memory.url(kind="tool")
    begin = memory.clock.monotonic()

    def receive(tavus: Any) -> Any:
        memory.objects["/v2/replicas/r1"] = TRAINED
        return tavus.callbacks.receive(path=url, body=b'{"x": 1}')

    assert when_polled(memory, receive).is_ready
    assert memory.clock.monotonic() - begin > FOREVER / 2


@pytest.mark.parametrize("kind_of_wait", ["replicas", "videos", "documents"])
def test_without_a_callback_it_polls(now: Post, kind_of_wait: str) -> None:
    noun = kind_of_wait[:-1]
    path = f"/v2/{kind_of_wait}/x1"
    now.objects[path] = {f"{noun}_id": "x1", "status": "started"}
    polls: list[Any] = []

    def poll(thing: Any) -> None:
        polls.append(thing)
        if len(polls) == 2:
            now.objects[path] = {f"{noun}_id": "x1", "status": "ready"}

    now(lambda t: getattr(t, kind_of_wait).wait("x1", poll_interval=0.001, on_progress=poll))
    assert len(polls) == 3


def test_waits_that_are_over_are_forgotten(memory: Post) -> None:
    memory.objects["/v2/replicas/r1"] = TRAINED
    url = memory.replica()
    for _ in range(2):
        memory(lambda t: t.replicas.wait("r1"))
    assert memory.receive(url, READY).is_ready
