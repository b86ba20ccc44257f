"""Costs and losses of callbacks, compared to a bare endpoint that parses JSON and inserts a row. It asserts nothing.

``make bench`` runs this module. To run it alone: ``python -m tests.benchmarks.callbacks``.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tavus_consent import AsyncTavus
from tavus_consent.callbacks import CallbackEvent, DocumentReady
from tavus_consent.testing import FakeClock

from .table import Row, show

MIXED = 5_000
AT_ONCE = 50
ROUNDS, EVENTS = 5, 1_000
ASKED = 10_000
KILLS = 20
BASE = "https://app.example"


async def send(app: Any, path: str, body: bytes) -> int:
    """Send one request to an ASGI application, without a socket."""
    parts, sent = [body], []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(), "more_body": False}

    async def answer(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": [], "query_string": b""}
    await app(scope, receive, answer)
    return int(sent[0]["status"])


async def at_once(calls: list[Callable[[], Awaitable[Any]]], limit: int = AT_ONCE) -> list[float]:
    """Make calls, some at a time, and return how long each took."""
    gate = asyncio.Semaphore(limit)

    async def one(call: Callable[[], Awaitable[Any]]) -> float:
        async with gate:
            begin = time.perf_counter()
            await call()
            return time.perf_counter() - begin

    return await asyncio.gather(*(one(call) for call in calls))


def document(number: int) -> bytes:
    return json.dumps({"document_id": f"d{number}", "status": "ready"}).encode()


def answering(seconds: float = 0.0, status: str = "ready") -> httpx.MockTransport:
    async def answer(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(seconds)
        return httpx.Response(200, json={"document_id": request.url.path.rpartition("/")[2], "status": status})

    return httpx.MockTransport(answer)


async def finished() -> None:
    """Wait until nothing is left to do."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


# Events per second


async def ours_per_second(folder: Path, count: int) -> float:
    seen: list[CallbackEvent] = []
    async with AsyncTavus("key", ledger=f"sqlite:///{folder}/ours.db", transport=answering()) as tavus:
        app = tavus.callbacks.app(BASE)
        app.on(DocumentReady)(_keep(seen))
        path = (await app.url(kind="any")).removeprefix(BASE)
        begin = time.perf_counter()
        await at_once([lambda n=n: send(app, path, document(n)) for n in range(count)])  # type: ignore[misc]  # a default
        await finished()
        return count / (time.perf_counter() - begin)


def _keep(seen: list[CallbackEvent]) -> Callable[[CallbackEvent], Any]:
    async def keep(event: CallbackEvent) -> None:
        seen.append(event)

    return keep


async def bare_per_second(folder: Path, count: int) -> float:
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None, check_same_thread=False)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE bodies (id INTEGER PRIMARY KEY, body TEXT)")

        async def endpoint(request: Request) -> Response:
            body = json.dumps(await request.json())
            await asyncio.to_thread(database.execute, "INSERT INTO bodies (body) VALUES (?)", (body,))
            return Response()

        app = Starlette(routes=[Route("/x", endpoint, methods=["POST"])])
        begin = time.perf_counter()
        await at_once([lambda n=n: send(app, "/x", document(n)) for n in range(count)])  # type: ignore[misc]  # a default
        return count / (time.perf_counter() - begin)


def speed_row() -> Row:
    pairs = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            ours = asyncio.run(ours_per_second(Path(folder), EVENTS))
            pairs.append((ours, asyncio.run(bare_per_second(Path(folder), EVENTS))))
    ours, theirs, ratio = (statistics.median(values) for values in zip(*((a, b, a / b) for a, b in pairs), strict=True))
    what = "callbacks per second, stored, confirmed and handled"
    return Row(what, f"{ours:,.0f}", "a bare endpoint with an INSERT", f"{theirs:,.0f}", ratio, "0.5 or more")


# What arrives in any form


async def mixed(folder: Path, count: int) -> tuple[Counter[str], int, float]:
    """Send true, repeated, forged, late and early callbacks, and return the delivered states and the memory in MB."""
    draw = random.Random(0)
    clock = FakeClock()
    seen: Counter[str] = Counter()
    ledger = f"sqlite:///{folder}/mixed.db"
    async with AsyncTavus("key", ledger=ledger, transport=answering(), clock=clock) as tavus:
        app = tavus.callbacks.app(BASE)

        @app.on(DocumentReady)
        async def keep(event: DocumentReady) -> None:
            seen[event.document_id] += 1

        path = (await app.url(kind="any")).removeprefix(BASE)
        early = [(await app.url()).removeprefix(BASE) for _ in range(count // 100)]
        calls: list[Callable[[], Awaitable[Any]]] = []
        late: list[Callable[[], Awaitable[Any]]] = []
        numbers = iter(range(count))
        true = 0
        while len(calls) + len(late) < count:
            number = next(numbers)
            kind = draw.random()
            if kind < 0.2:
                forged = draw.choice((f"/tcb_{'x' * 43}", "/x", f"{path}x"))
                calls.append(lambda forged=forged, n=number: send(app, forged, document(10**6 + n)))  # type: ignore[misc]
                continue
            true += 1
            here = early.pop() if early and kind > 0.98 else path
            call = lambda here=here, n=number: send(app, here, document(n))  # noqa: E731
            (late if 0.96 < kind <= 0.98 else calls).append(call)  # type: ignore[arg-type]
            if kind > 0.75:
                calls.append(call)  # type: ignore[arg-type]
        draw.shuffle(calls)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        await at_once(calls)
        await finished()
        clock.advance(hours=20)
        await at_once(late)
        await finished()
        await app.deliver()
        grown = (tracemalloc.get_traced_memory()[0] - before) / 1e6
        tracemalloc.stop()
    return seen, true, grown


def mixed_rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        seen, true, grown = asyncio.run(mixed(Path(folder), MIXED))
    forged = sum(int(name[1:]) >= 10**6 for name in seen)
    doubled = sum(count > 1 for count in seen.values())
    shown = f"{len(seen):,} of {true:,}; {doubled} doubled, {forged} forged"
    yield Row(f"true states of {MIXED:,} callbacks", shown, "each once", f"{true:,}", len(seen) / true, "1")
    yield Row(f"memory for {MIXED:,} callbacks", f"{grown:+.1f} MB", "-", "-", None, "+20 MB or less")


# Answers


async def slow_answers(folder: Path, count: int) -> float:
    async with AsyncTavus("key", ledger=f"sqlite:///{folder}/slow.db", transport=answering(2.0)) as tavus:
        app = tavus.callbacks.app(BASE)
        path = (await app.url(kind="any")).removeprefix(BASE)
        seconds = await at_once([lambda n=n: send(app, path, document(n)) for n in range(count)], 5)  # type: ignore[misc]
        await finished()
        return statistics.quantiles(seconds, n=100)[98]


async def refusals(folder: Path, count: int) -> dict[str, float]:
    clock = FakeClock()
    async with AsyncTavus("key", ledger=f"sqlite:///{folder}/refused.db", transport=answering(), clock=clock) as tavus:
        app = tavus.callbacks.app(BASE)
        expired = (await app.url(expires_in=timedelta(seconds=1))).removeprefix(BASE)
        clock.advance(hours=1)
        paths = {"malformed": "/x", "never issued": f"/tcb_{'x' * 43}", "expired": expired}
        took: dict[str, list[float]] = {name: [] for name in paths}
        for _ in range(count):
            for name, path in paths.items():
                begin = time.perf_counter()
                await send(app, path, b"{}")
                took[name].append(time.perf_counter() - begin)
    return {name: statistics.median(seconds) for name, seconds in took.items()}


def answer_rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        p99 = asyncio.run(slow_answers(Path(folder), 500))
        yield Row(
            "answer to a callback, p99, while Tavus takes 2 s", f"{p99 * 1e3:.0f} ms", "-", "-", None, "50 ms or less"
        )
        medians = asyncio.run(refusals(Path(folder), ASKED))
    least, most = min(medians.values()), max(medians.values())
    shown = ", ".join(f"{name} {seconds * 1e6:.0f} us" for name, seconds in medians.items())
    yield Row(
        "answer to an address that is refused",
        shown,
        "the quickest",
        f"{least * 1e6:.0f} us",
        most / least,
        "1.2 or less",
    )


# Crashes

STORING = """
import asyncio, sys
from tests.benchmarks.callbacks import BASE, answering, document, send
from tavus_consent import AsyncTavus

async def main():
    tavus = AsyncTavus("key", ledger=sys.argv[1], transport=answering())
    app = tavus.callbacks.app(BASE, deliver=False)
    path = (await app.url(kind="any")).removeprefix(BASE)
    number = int(sys.argv[2])
    while True:
        await send(app, path, document(number))
        print(number, flush=True)
        number += 1

asyncio.run(main())
"""


def killed_row() -> Row:
    root = Path(__file__).resolve().parents[2]
    stored: set[str] = set()
    seen: list[CallbackEvent] = []
    with tempfile.TemporaryDirectory() as folder:
        ledger = f"sqlite:///{folder}/killed.db"
        for kill in range(KILLS):
            command = [sys.executable, "-c", STORING, ledger, str(kill * 1000)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    stored.add(f"d{line.strip()}")
                    if len(stored) >= 5 * (kill + 1):
                        process.send_signal(signal.SIGKILL)
                        break
                stored |= {f"d{line.strip()}" for line in process.stdout if line.endswith("\n")}

        async def deliver() -> None:
            async with AsyncTavus("key", ledger=ledger, transport=answering()) as tavus:
                app = tavus.callbacks.app(BASE)
                app.on(DocumentReady)(_keep(seen))
                await app.deliver()

        asyncio.run(deliver())
    counts = Counter(event.document_id for event in seen if isinstance(event, DocumentReady))
    lost, doubled = stored - counts.keys(), sum(count > 1 for count in counts.values())
    shown = f"{len(lost)} lost, {doubled} doubled of {len(stored)}"
    return Row(f"{KILLS} times kill -9 after storing", shown, "-", "-", None, "0 lost, 0 doubled")


def callback_rows() -> Iterator[Row]:
    yield speed_row()
    yield from mixed_rows()
    yield from answer_rows()
    yield killed_row()


if __name__ == "__main__":
    show([*callback_rows()])
