"""What the ledger costs: appends beside bare INSERTs, growth, and a check of 100,000 events. Nothing is asserted.

Run by ``make bench``, or alone: ``python -m tests.benchmarks.ledger``.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from tavus_consent.consent.events import EventDraft
from tavus_consent.consent.ledger import EMPTY, Head, Ledger, open_ledger
from tavus_consent.consent.ledger.chain import canonical, digest, event_of, link
from tavus_consent.consent.ledger.jsonl import line_of

from .table import Row, show

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SMALL, LARGE = 1_000, 100_000
ROUNDS, APPENDS = 15, 20


def draft(number: int) -> EventDraft:
    return EventDraft(
        type="verification",
        at=NOW,
        record_id=f"r{number % 1000}",
        subject_ref=f"s{number % 1000}",
        actor="hr@app.example",
        payload={"verdict": "pass", "transcript": f"hmac:{number:064x}", "name_score": 0.82, "engine": "whisper"},
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


def append_rows(small: Ledger, large: Ledger, insert: Callable[[], object]) -> Iterator[Row]:
    numbers = iter(range(10**9))

    def append(ledger: Ledger) -> Callable[[], object]:
        return lambda: ledger.store.append(draft(next(numbers)))

    calls = [append(small), append(large), insert]
    for call in calls:
        per_call(call)
    rounds = [[per_call(call) for call in calls] for _ in range(ROUNDS)]
    of_small, of_large, of_insert = (statistics.median(column) for column in zip(*rounds, strict=True))
    yield Row(
        "ledger, appends per second, SQLite",
        f"{1 / of_small:,.0f}",
        "sqlite3, INSERT and commit",
        f"{1 / of_insert:,.0f}",
        statistics.median(a / c for a, _, c in rounds),
        "2 or less",
    )
    yield Row(
        f"ledger, append at {LARGE:,} events",
        f"{of_large * 1e6:,.0f} us",
        f"at {SMALL:,} events",
        f"{of_small * 1e6:,.0f} us",
        statistics.median(b / a for a, b, _ in rounds),
        "1.2 or less",
    )


def verify_rows(large: Ledger) -> Iterator[Row]:
    begin = time.perf_counter()
    found = large.store.verify()
    whole = time.perf_counter() - begin
    assert found.ok
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
            yield from append_rows(small, large, bare(folder / "bare.db", SMALL))
            yield from verify_rows(large)


if __name__ == "__main__":
    show(list(ledger_rows()))
