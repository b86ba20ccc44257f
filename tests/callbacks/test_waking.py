"""A callback ends the pause of a wait for its object, in the same process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
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


def test_a_callback_about_a_voice_ends_the_pause_of_its_wait(memory: Post) -> None:
    begin = memory.clock.monotonic()
    url = memory.url(kind="any")
    memory.objects["/v2/voices/v1"] = {"voice_id": "v1", "voice_name": "V", "status": "started"}
    polls: list[str] = []

    def wait(tavus: Any) -> Any:
        def poll(voice: Any) -> Any:
            polls.append(voice.status)
            memory.objects["/v2/voices/v1"] = {"voice_id": "v1", "voice_name": "V", "status": "ready"}
            body = b'{"voice_id": "v1", "status": "ready"}'
            return tavus.callbacks.receive(path=url, body=body) if len(polls) == 1 else None

        return tavus.voices.wait("v1", timeout=FOREVER, poll_interval=FOREVER, on_progress=poll)

    memory(wait)
    assert (polls, memory.clock.monotonic()) == (["started", "ready"], begin)


def polled_at(here: Post, after: Callable[[Any, int], Any]) -> list[float]:
    """Wait for a replica with a poll a minute, and return the minutes at which Tavus was asked."""
    here.objects["/v2/replicas/r1"] = STARTED
    begin = here.clock.monotonic()
    minutes: list[float] = []

    def wait(tavus: Any) -> Any:
        def poll(replica: Any) -> Any:
            minutes.append(round((here.clock.monotonic() - begin) / 60, 1))
            return after(tavus, len(minutes))

        return tavus.replicas.wait("r1", timeout=FOREVER, poll_interval=60.0, on_progress=poll)

    here(wait)
    return minutes


def trained_at(here: Post, poll: int) -> Callable[[Any, int], None]:
    """Return a function that ends the training after a poll."""

    def train(_: Any, polls: int) -> None:
        if polls == poll:
            here.objects["/v2/replicas/r1"] = TRAINED

    return train


def pauses_of(here: Post, after: Callable[[Any, int], Any]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(polled_at(here, after))]


def test_while_a_callback_is_expected_tavus_is_asked_rarely(here: Post) -> None:
    here.replica()
    pauses = pauses_of(here, trained_at(here, 4))
    assert pauses == [pytest.approx(1, abs=0.3), *[pytest.approx(10, abs=1.2)] * 3]


def test_without_an_address_tavus_is_asked_as_often_as_the_caller_says(here: Post) -> None:
    here.url()
    pauses = pauses_of(here, trained_at(here, 4))
    assert pauses == [pytest.approx(1, abs=0.3)] * 4


class Elsewhere:
    """Another process with the same ledger: a callback comes to it while this one sleeps."""

    def __init__(self, here: Post, other: Post, address: str, receive: Callable[[Post, str], Any]) -> None:
        self._here, self._other, self._address, self._receive = here, other, address, receive
        self._sleep = here.clock.sleep
        here.clock.sleep = self.sleep
        here.clock.sleep_async = self.sleep_async
        self.slept = 0

    def sleep(self, seconds: float) -> None:
        self._sleep(seconds)
        self.slept += 1
        if self.slept == 100:
            for one in (self._here, self._other):
                one.objects["/v2/replicas/r1"] = TRAINED
            with ThreadPoolExecutor(1) as pool:  # this thread may run an event loop
                pool.submit(self._receive, self._other, self._address).result()

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)


@pytest.mark.parametrize(
    "receive",
    [
        pytest.param(lambda other, url: other.receive(url, READY), id="received"),
        pytest.param(lambda other, url: other.send(url, READY, wait=False), id="stored"),
    ],
)
def test_a_callback_that_another_process_receives_ends_the_pause(
    make_client: Callable[..., Any], url: str, receive: Callable[[Post, str], Any]
) -> None:
    here, other = Post(make_client, url), Post(make_client, url)
    elsewhere = Elsewhere(here, other, here.replica(), receive)
    minutes = polled_at(here, lambda _, polls: None)
    assert elsewhere.slept == 100
    assert minutes == [0.0, pytest.approx(1, abs=0.3), pytest.approx(1.7, abs=0.3)]  # a look a second, not 10 minutes


def test_a_wait_goes_on_if_the_ledger_cannot_be_read(
    make_client: Callable[..., Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "text.db").write_text("not a database, but long enough to be read as one" * 100)
    here = Post(make_client, f"sqlite:///{tmp_path / 'text.db'}")
    assert len(polled_at(here, trained_at(here, 1))) == 2
    assert "could not look for callbacks" in caplog.text


def test_a_wait_makes_no_ledger(
    make_client: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TAVUS_CONSENT_LEDGER", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    here = Post(make_client, "default")
    polled_at(here, trained_at(here, 1))
    assert list(tmp_path.iterdir()) == []


def test_a_wait_looks_into_the_ledger_that_the_environment_names(
    make_client: Callable[..., Any], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Post(make_client, url).replica()
    monkeypatch.setenv("TAVUS_CONSENT_LEDGER", url)
    here = Post(make_client, "default")
    assert polled_at(here, trained_at(here, 3))[2] > 5


def test_an_address_that_expired_is_expected_no_more(here: Post) -> None:
    here.replica(expires_in=timedelta(minutes=1))
    here.clock.sleep(120)
    assert polled_at(here, trained_at(here, 3))[2] < 3


def test_after_a_callback_that_tavus_does_not_show_yet_tavus_is_asked_soon(here: Post) -> None:
    url = here.replica()

    def come(tavus: Any, polls: int) -> Any:
        if polls == 3:  # Tavus's answer lags behind its callback
            return tavus.callbacks.receive(path=url, body=b'{"replica_id": "r1", "status": "ready"}')
        if polls == 5:
            here.objects["/v2/replicas/r1"] = TRAINED
        return None

    assert pauses_of(here, come) == [
        *(pytest.approx(1, abs=0.3), pytest.approx(10, abs=1.2)),
        *(0, pytest.approx(1, abs=0.3), pytest.approx(10, abs=1.2)),
    ]


def test_a_clock_that_stands_still_ends_each_pause(here: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    async def asleep(seconds: float) -> None:
        """Take no time."""

    monkeypatch.setattr(here.clock, "sleep", lambda seconds: None)
    monkeypatch.setattr(here.clock, "sleep_async", asleep)
    here.replica()
    assert polled_at(here, trained_at(here, 2)) == [0, 0, 0]
