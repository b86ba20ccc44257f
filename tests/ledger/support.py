"""What the tests of the ledger share."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tavus_consent.consent.events import EventDraft
from tavus_consent.ledger import EMPTY, Head
from tavus_consent.ledger.chain import EventRow, canonical, event_of, link
from tavus_consent.ledger.jsonl import line_of
from tavus_consent.ledger.schema import TABLES

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.urlsafe_b64encode(bytes(range(1, 33))).decode()
ENVIRON = {"TAVUS_CONSENT_KEY": KEY}


def draft(number: int = 1, **changes: Any) -> EventDraft:
    """A draft; the same number gives the same one."""
    values: dict[str, Any] = {
        "type": "requested",
        "at": NOW + timedelta(seconds=number),
        "record_id": f"r{number % 5}",
        "subject_ref": f"s{number % 5}",
        "actor": "hr@app.example",
        "payload": {"name": f"hmac:{number:064x}", "score": 0.75, "number": number},
        "event_id": f"{number:032x}",
        **changes,
    }
    return EventDraft(**values)


def rows(count: int, head: Head = EMPTY) -> list[EventRow]:
    """A sound chain."""
    made: list[EventRow] = []
    for number in range(head.size + 1, head.size + count + 1):
        one = draft(number)
        made.append(link(one, canonical(one.to_dict()["payload"]), head))
        head = Head(made[-1].seq, made[-1].hash)
    return made


def lines(count: int) -> list[str]:
    """A sound ledger as it is exported: the quick way to fill one."""
    return [line_of(event_of(row)) for row in rows(count)]


def attack(url: str, *statements: str, **given: Any) -> None:
    """Change a ledger as somebody who owns the database can: first the triggers go."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement, given)
            connection.commit()
        return
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE tavus_consent_events DISABLE TRIGGER ALL")
        for statement in statements:
            connection.execute(sa.text(statement), given)


def files_below(folder: Path, since: float = 0.0) -> dict[Path, bytes]:
    """Every file in a folder that was written since a moment, with its bytes."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.stat().st_mtime >= since}


def stored(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the ledger, by table, as the store gives it."""
    engine = sa.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1).replace("sqlite://", "sqlite+pysqlite://", 1),
        poolclass=sa.NullPool,
    )
    with engine.connect() as connection:
        return {table.name: [tuple(row) for row in connection.execute(sa.select(table))] for table in TABLES}
