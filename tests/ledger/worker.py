"""A process that uses a ledger, started by the tests: ``python worker.py COMMAND URL [ARGUMENT ...]``."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import count
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from tavus_consent import OpenCreate, SpokenConsent, Tavus
from tavus_consent.consent.events import EventDraft
from tavus_consent.ledger import database, open_ledger, store


def draft(name: str, number: int) -> EventDraft:
    return EventDraft(
        type="requested",
        at=datetime.now(UTC),
        record_id=name,
        subject_ref=f"subject-{name}",
        actor="worker",
        payload={"number": number},
    )


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def load(url: str) -> None:
    """Import what a create and a ledger need, before the forks: each of them would do it again. Nothing stays open."""
    if url.startswith("postgresql"):
        import psycopg  # noqa: F401
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"replica_id": "r1", "status": "started"}))
    with TemporaryDirectory() as folder:
        there = f"sqlite:///{folder}/consent.db"
        with Tavus("fake-key", base_url="http://127.0.0.1", ledger=there, transport=transport) as tavus:
            create(tavus, "not sent")


def create(tavus: Tavus, name: str, once: str | None = None) -> str:
    made = tavus.replicas.create_personal(
        train_video_url="https://bucket.example/train.mp4",
        consent=SpokenConsent("Rio Alvarez", "https://bucket.example/consent.mp4"),
        replica_name=name,
        once=once,
    )
    return made.replica_id


def at_once(calls: list[Callable[[], None]]) -> None:
    """Run each call in a process of its own; all begin at one moment."""
    waiting, starting = os.pipe()
    children = []
    for call in calls:
        child = os.fork()
        if child == 0:
            failed = 1
            try:
                os.close(starting)
                os.read(waiting, 1)
                call()
                failed = 0
            finally:
                os._exit(failed)
        children.append(child)
    os.close(starting)
    sys.exit(max(os.waitpid(child, 0)[1] for child in children) != 0)


def write(url: str, processes: str, events: str) -> None:
    """Append as many events in each process; say the number of each when it is on the disk."""
    load(url)  # so that all processes make the tables at one moment

    def append(name: str) -> None:
        with open_ledger(url) as ledger:
            for number in range(int(events)):
                say(f"{name} {ledger.store.append(draft(name, number)).seq}")

    at_once([partial(append, f"p{number}") for number in range(int(processes))])


def write_on(url: str, name: str) -> None:
    """Append until killed."""
    with open_ledger(url) as ledger:
        for number in count():
            say(ledger.store.append(draft(name, number)).seq)


def keep(url: str, processes: str) -> None:
    """Keep one item of one person in each process."""
    load(url)

    def put(number: int) -> None:
        with open_ledger(url) as ledger:
            ledger.vault.put("shared", "name", f"name {number}".encode())

    at_once([partial(put, number) for number in range(int(processes))])


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def race(url: str, base_url: str, processes: str) -> None:
    """Create with one key in each process, all at one moment; say what came of it."""
    load(url)

    def job() -> None:
        with Tavus("fake-key", base_url=base_url, ledger=url) as tavus:
            try:
                say(create(tavus, "Rio", "job-42"))
            except OpenCreate:
                say("open")

    at_once([job] * int(processes))


def train_once(url: str, base_url: str, *steps: str) -> None:
    """Train like :func:`train`, with the step as the key."""
    train(url, base_url, *steps, keyed=True)


def train(url: str, base_url: str, *steps: str, keyed: bool = False) -> None:
    """One create with the client for each step, in a process that is killed there; say how it ended."""
    load(url)

    for step in steps:
        child = os.fork()
        if child == 0:
            try:
                _train(url, base_url, step, step if keyed else None)
                die()
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        say(f"{step} {os.WTERMSIG(status) if os.WIFSIGNALED(status) else 'ended'}")


class _Deadly(httpx.HTTPTransport):
    """Dies right before a request, or right after its answer."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self._step = step

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._step == "before_post":
            die()
        response = super().handle_request(request)
        content = response.read()
        if self._step == "after_post":
            die()
        return httpx.Response(response.status_code, headers=response.headers, content=content)


def _train(url: str, base_url: str, step: str, once: str | None) -> None:
    def dying(connection: Any, statement: Any, values: Mapping[str, Any]) -> Any:
        cursor = database.run(connection, statement, values)
        if "prev" in values and step == f"in_{values['type']}":  # an event
            die()
        return cursor

    store.run = dying
    with Tavus("fake-key", base_url=base_url, ledger=url, transport=_Deadly(step)) as tavus:
        create(tavus, step, once)


if __name__ == "__main__":
    commands = (keep, race, train, train_once, write, write_on)
    {command.__name__: command for command in commands}[sys.argv[1]](*sys.argv[2:])
