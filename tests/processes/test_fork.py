"""A client or a ledger that is created in one process and used in its forks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tavus_consent.ledger import open_ledger
from tavus_consent.testing import FakeTavus

# Forked where no other thread runs, as an application server does it.
SCRIPT = """
import asyncio, multiprocessing, sys
import tavus_consent as tc
from tavus_consent.ledger import open_ledger

kind, before, url, ledger = sys.argv[1:]

def call(use):
    value = use(tavus)
    return value if kind == "sync" else runner.run(wait(value))

async def wait(value):
    return await value

def create(tavus):
    return tavus.replicas.create_non_human(
        train_video_url="https://media.example/fox.mp4", attestation="a fox", despite_open=True, attested_by="me"
    )

def work(queue):
    global runner
    try:
        with asyncio.Runner() as runner:
            try:
                replica = made or call(create)
                assert call(lambda t: t.replicas.get(replica.replica_id)).is_training
                queue.put("well")
            except tc.TavusError as error:
                queue.put(f"{type(error).__name__}: {error}")
            call(lambda t: t.close())
    except BaseException as error:
        queue.put(repr(error))
        raise

context = multiprocessing.get_context("fork")
tavus = (tc.Tavus if kind == "sync" else tc.AsyncTavus)(
    "fake-key", base_url=url, ledger=open_ledger(ledger) if before == "opened" else ledger
)
queue = context.SimpleQueue()
children = [context.Process(target=work, args=(queue,)) for number in range(3)]
with asyncio.Runner() as runner:
    made = call(create) if before == "called" else None
    if before == "listed":
        call(lambda t: t.consents.list())
    for child in children:
        child.start()
    for _ in children:
        print(queue.get())
    for child in children:
        child.join()
    if before != "opened":
        call(create)
        call(lambda t: t.close())
sys.exit(max(child.exitcode for child in children))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[FakeTavus, str]]:
    fake = FakeTavus()
    with fake.serve() as url:
        yield fake, url


@pytest.mark.parametrize(
    ("before", "expected", "creates"),
    [
        ("nothing", "well", 4),
        ("opened", "well", 3),
        ("called", "ClientClosedError: this client was made before fork() and used there: ", 2),
        ("listed", "ClientClosedError: The ledger was opened before a fork(). ", 1),
    ],
)
def test_what_was_not_used_before_fork_works_in_each_child(
    kind: str, before: str, expected: str, creates: int, server: tuple[FakeTavus, str], tmp_path: Path
) -> None:
    fake, base_url = server
    fake.reset()
    ledger = f"sqlite:///{tmp_path / 'consent.db'}"
    run = subprocess.run(
        # An event loop has worker threads, of which newer Pythons warn; no lock of theirs is needed in the child.
        [sys.executable, "-W", "error", "-W", "ignore:This process", "-c", SCRIPT, kind, before, base_url, ledger],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert [line[: len(expected)] for line in lines] == [expected] * 3
    assert len(fake.replicas) == creates
    with open_ledger(ledger) as opened:
        assert opened.store.verify().ok
