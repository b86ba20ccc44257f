"""Costs of the gate at use: a ``videos.create`` with a ledger, and without one. It asserts nothing.

``make bench`` runs this module. To run it alone: ``python -m tests.benchmarks.uses``.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx

from tavus_consent import SpokenConsent, Tavus

from .table import Row, show

ROUNDS, CALLS = 25, 20
ANSWERS = {
    "/v2/videos": {"video_id": "v1", "status": "queued"},
    "/v2/replicas": {"replica_id": "r1", "status": "started"},
}


def answer(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=ANSWERS[request.url.path])


def client(ledger: str | None) -> Tavus:
    return Tavus("k", transport=httpx.MockTransport(answer), ledger=ledger)


def trained(tavus: Tavus) -> None:
    spoken = SpokenConsent("Rio Alvarez", "https://bucket.example/consent.mp4")
    tavus.replicas.create_personal(train_video_url="https://bucket.example/train.mp4", consent=spoken)


def per_call(use: Callable[[], object]) -> float:
    begin = time.perf_counter()
    for _ in range(CALLS):
        use()
    return (time.perf_counter() - begin) / CALLS * 1000


def use_rows() -> Iterator[Row]:
    """Measure all clients in turns, so that a busy machine hits all of them."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        plain = stack.enter_context(client(None))
        empty = stack.enter_context(client(f"sqlite:///{Path(folder, 'empty.db')}"))
        full = stack.enter_context(client(f"sqlite:///{Path(folder, 'full.db')}"))
        trained(full)
        times: dict[Tavus, list[float]] = {plain: [], empty: [], full: []}
        for _ in range(ROUNDS):
            for tavus, found in times.items():
                found.append(per_call(lambda tavus=tavus: tavus.videos.create(replica_id="r1", script="Hello")))
    bare = statistics.median(times[plain])
    names = {empty: "a use, with a ledger that knows no likeness", full: "a use of a likeness that the ledger knows"}
    for tavus, name in names.items():
        ratio = statistics.median(ours / theirs for ours, theirs in zip(times[tavus], times[plain], strict=True))
        added = statistics.median(times[tavus]) - bare
        yield Row(name, f"{added:+.2f} ms", "a use without a ledger", f"{bare:.2f} ms", ratio, "+2.5 ms at most")


if __name__ == "__main__":
    show(list(use_rows()))
