"""What the ledger costs: appends beside bare INSERTs, growth, and a check of 100,000 events. Nothing is asserted.

Run by ``make bench``, or alone: ``python -m tests.benchmarks.ledger``.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tavus_consent._clock import SystemClock
from tavus_consent.consent import ConsentTerms
from tavus_consent.consent.events import EventDraft
from tavus_consent.gate.registry import Registry
from tavus_consent.ledger import EMPTY, Head, Ledger, open_ledger
from tavus_consent.ledger.chain import canonical, digest, event_of, link
from tavus_consent.ledger.jsonl import line_of

from .table import Row, show

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SMALL, LARGE = 1_000, 100_000
ROUNDS, APPENDS = 15, 20
RECORDS, MANY, PAGE, OPEN = 1_000, 10_000, 100, 10


def draft(number: int) -> EventDraft:
    """Lives of 1,000 records side by side: asked for, recorded, then checked again and again."""
    return EventDraft(
        type="requested" if number < RECORDS else "recorded" if number < 2 * RECORDS else "verification",
        at=NOW,
        record_id=f"r{number % RECORDS}",
        subject_ref=f"s{number % RECORDS}",
        actor="hr@app.example",
        payload={
            "verdict": "PASS",
            "where": "consent_video",
            "expires_at": "2027-03-01T12:00:00.000000Z",
            "transcript": f"hmac:{number:064x}",
            "name_score": 0.82,
            "engine": "whisper",
        },
    )


def lines(count: int) -> Iterator[str]:
    head = EMPTY
    for number in range(count):
        one = draft(number)
        row = link(one, canonical(one.to_dict()["payload"]), head)
        head = Head(row.seq, row.hash)
        yield line_of(event_of(row))


def per_call(call: Callable[[], object], count: int = APPENDS) -> float:
    begin = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - begin) / count


def bare(path: Path, size: int) -> Callable[[], object]:
    """One INSERT of the same columns with a commit that is on the disk: no chain, no lock, no checks."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    texts = ("event_id", "type", "at", "record_id", "subject_ref", "actor", "payload", "prev", "hash")
    connection.execute(f"CREATE TABLE events (seq INTEGER PRIMARY KEY, {', '.join(f'{name} TEXT' for name in texts)})")
    values = tuple(link(draft(1), canonical(draft(1).to_dict()["payload"]), EMPTY))[1:]
    statement = f"INSERT INTO events ({', '.join(texts)}) VALUES ({', '.join('?' * len(texts))})"
    connection.execute("BEGIN")
    connection.executemany(statement, [values] * size)
    connection.execute("COMMIT")
    return lambda: connection.execute(statement, values)


def floor(path: Path, size: int) -> Callable[[], object]:
    """The statements of an append on the ledger's own tables, with values that are there already: what is left of it
    without Python, on the same pages and behind the same triggers."""
    with open_ledger(f"sqlite:///{path}", key_folder=path.parent) as ledger:
        ledger.store.import_lines(lines(size))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    event = connection.execute("SELECT * FROM tavus_consent_events WHERE seq = ?", (size,)).fetchone()
    (folded,) = connection.execute("SELECT folded FROM tavus_consent_records LIMIT 1").fetchone()
    numbers = iter(range(size + 1, 10**9))

    def append() -> None:
        number = next(numbers)
        record_id = f"r{number % RECORDS}"
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("SELECT seq, hash FROM tavus_consent_events ORDER BY seq DESC LIMIT 1").fetchone()
        connection.execute("SELECT folded FROM tavus_consent_records WHERE record_id = ?", (record_id,)).fetchone()
        new = number, folded, record_id
        connection.execute("UPDATE tavus_consent_records SET version = ?, folded = ? WHERE record_id = ?", new)
        row = (number, uuid.uuid4().hex, *event[2:4], record_id, *event[5:])
        connection.execute(f"INSERT INTO tavus_consent_events VALUES ({', '.join('?' * len(row))})", row)
        connection.execute("COMMIT")

    return append


def append_rows(
    small: Ledger, large: Ledger, insert: Callable[[], object], least: Callable[[], object]
) -> Iterator[Row]:
    numbers = iter(range(LARGE, 10**9))

    def append(ledger: Ledger) -> Callable[[], object]:
        return lambda: ledger.store.append(draft(next(numbers)))

    calls = [append(small), append(large), insert, least]
    for call in calls:
        per_call(call)
    rounds = [[per_call(call) for call in calls] for _ in range(ROUNDS)]
    of_small, of_large, of_insert, of_least = (statistics.median(column) for column in zip(*rounds, strict=True))
    yield Row(
        "ledger, appends per second, SQLite",
        f"{1 / of_small:,.0f}",
        "sqlite3, INSERT and commit",
        f"{1 / of_insert:,.0f}",
        statistics.median(a / c for a, _, c, _ in rounds),
        "2 or less",
    )
    yield Row(
        "ledger, the statements of an append alone",
        f"{of_least * 1e6:,.0f} us",
        "sqlite3, INSERT and commit",
        f"{of_insert * 1e6:,.0f} us",
        statistics.median(d / c for _, _, c, d in rounds),
        "the floor",
    )
    yield Row(
        f"ledger, append at {LARGE:,} events",
        f"{of_large * 1e6:,.0f} us",
        f"at {SMALL:,} events",
        f"{of_small * 1e6:,.0f} us",
        statistics.median(b / a for a, b, *_ in rounds),
        "1.2 or less",
    )


def verify_rows(large: Ledger) -> Iterator[Row]:
    begin = time.perf_counter()
    found = large.store.verify()
    whole = time.perf_counter() - begin
    assert found.ok
    begin = time.perf_counter()
    everything = large.verify()
    all_of_it = time.perf_counter() - begin
    assert not [one for one in everything.problems if "vault" not in one]
    stored = list(large.store.rows())
    begin = time.perf_counter()
    for row in stored:
        digest(row)
    hashing = time.perf_counter() - begin
    yield Row(
        f"ledger, verify {found.head.size:,} events",
        f"{whole:.2f} s",
        "canonical form and hashing alone",
        f"{hashing:.2f} s ({hashing / whole:.0%})",
        whole / hashing,
        "10 s or less",
    )
    yield Row(
        f"ledger, verify {found.head.size:,} events and all else",
        f"{all_of_it:.2f} s",
        "the chain alone",
        f"{whole:.2f} s",
        all_of_it / whole,
        "printed",
    )


def record_rows(folder: Path) -> Iterator[Row]:
    """Reading records: what a page, one record and a look for open creates cost among few and among many."""
    took = {}
    for count in (PAGE, MANY):
        with open_ledger(f"sqlite:///{folder}/records{count}.db", key_folder=folder) as ledger:
            registry = Registry(ledger, clock=SystemClock())
            ledger.store.import_lines(lives(count))
            terms = ConsentTerms.until(now=NOW, valid_for=timedelta(days=3650), full_name="Rio Alvarez")
            for number in range(PAGE):
                ledger.vault.put(f"s{number}", "terms", terms.to_json())
            calls: dict[str, Callable[[], object]] = {
                "list a page of 100": lambda it=registry: it.records(limit=PAGE),
                "list the last page": lambda it=registry, n=count: (
                    it.records(limit=PAGE, after=f"r{n - PAGE - 1}") if n > PAGE else it.records(limit=PAGE)
                ),
                "list, status withdrawn": lambda it=registry: it.records(limit=PAGE, status="withdrawn"),
                "get": lambda it=registry: it.get("r7"),
                "reconcile 10 open creates": lambda it=registry: it.reconciliation.unsettled(),
            }
            for name, call in calls.items():
                call()
                took[name, count] = statistics.median(per_call(call, 1) for _ in range(ROUNDS))
    for name in calls:
        few, many = took[name, PAGE], took[name, MANY]
        yield Row(
            f"records, {name}, at {MANY:,}",
            f"{many * 1e3:.1f} ms",
            f"at {PAGE} records",
            f"{few * 1e3:.1f} ms",
            many / few,
            "20 ms or less",
        )


def lives(count: int) -> Iterator[str]:
    """Consents that are given; of the first ten a create is open."""
    head = EMPTY
    for number in range(count):
        steps: list[tuple[str, dict[str, object]]] = [
            ("requested", {"expires_at": "2036-02-27T12:00:00.000000Z"}),
            ("recorded", {"where": "consent_video"}),
            ("given", {"basis": "recorded"}),
        ]
        if number < OPEN:
            steps.append(("submit_intent", {"intent": f"i{number}", "noun": "replica", "name": None, "deadline": 60.0}))
        for type_, payload in steps:
            one = EventDraft(
                type=type_,
                at=NOW,
                record_id=f"r{number}",
                subject_ref=f"s{number}",
                actor="controller",
                payload=payload,
            )
            row = link(one, canonical(one.plain_payload()), head)
            head = Head(row.seq, row.hash)
            yield line_of(event_of(row))


def ledger_rows() -> Iterator[Row]:
    """All rows of the ledger."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            open_ledger(f"sqlite:///{folder}/small.db", key_folder=folder) as small,
            open_ledger(f"sqlite:///{folder}/large.db", key_folder=folder) as large,
        ):
            small.store.import_lines(lines(SMALL))
            large.store.import_lines(lines(LARGE))
            yield from append_rows(small, large, bare(folder / "bare.db", SMALL), floor(folder / "floor.db", SMALL))
            yield from verify_rows(large)
        yield from record_rows(folder)


if __name__ == "__main__":
    show(list(ledger_rows()))
