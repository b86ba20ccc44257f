"""Concurrent processes, and killed processes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from tavus_consent.ledger import Ledger

from .conftest import Opener

Worker = Callable[..., subprocess.Popen[str]]
PROCESSES = 8
EVENTS = 20


def test_eight_processes_that_open_and_write_at_once_do_not_fork_the_chain(
    url: str, opened: Opener, worker: Worker
) -> None:
    """Nothing is there when they begin: they also make the tables at the same moment."""
    process = worker("write", url, str(PROCESSES), str(EVENTS))
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 0
    ledger = opened(url)
    assert (ledger.store.verify().ok, ledger.store.head().size) == (True, PROCESSES * EVENTS)
    acknowledged = sorted(tuple(line.split()) for line in said.splitlines())
    assert acknowledged == sorted((event.record_id, str(event.seq)) for event in ledger.store.events())
    for number in range(PROCESSES):
        written = [event.payload["number"] for event in ledger.store.events(f"p{number}")]
        assert written == list(range(EVENTS))


def test_processes_that_meet_a_person_at_once_make_one_key(url: str, ledger: Ledger, worker: Worker) -> None:
    process = worker("keep", url, "4")
    process.communicate(timeout=600)
    assert process.returncode == 0
    kept = {item.plaintext.decode() for item in ledger.vault.items("shared", "name")}
    assert kept == {f"name {number}" for number in range(4)}


def test_what_was_acknowledged_is_there_after_kill_9(url: str, opened: Opener, worker: Worker) -> None:
    acknowledged: list[int] = []
    for number in range(2):
        process = worker("write_on", url, f"p{number}")
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(2 + number)]
        process.kill()  # wherever it is with the next one
        acknowledged += [int(seq) for seq in "".join([*said, process.stdout.read()]).split()]
        assert opened(url).store.verify().ok
    there = [event.seq for event in opened(url).store.events()]
    assert set(there) >= set(acknowledged)
    assert len(acknowledged) >= 5
