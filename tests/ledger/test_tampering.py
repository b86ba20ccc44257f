"""Edits of a ledger's file and tables by somebody who owns them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.effort import QUICK

from tavus_consent import LedgerError, LedgerUnavailable
from tavus_consent.ledger import Head, Ledger, verify
from tavus_consent.ledger.chain import EventRow

from .conftest import Opener
from .support import attack, lines, rows

TEXTS = EventRow._fields[1:]


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    ledger.store.import_lines(lines(50))
    return ledger


@pytest.mark.parametrize("column", TEXTS)
def test_a_changed_column_is_found_at_its_event(url: str, filled: Ledger, column: str) -> None:
    missed = []
    for row in rows(50)[::7]:
        value = getattr(row, column)
        place = row.seq % len(value)
        change = f"UPDATE tavus_consent_events SET {column} = :value WHERE seq = :seq"
        attack(url, change, value=f"{value[:place]}{chr(ord(value[place]) ^ 1)}{value[place + 1 :]}", seq=row.seq)
        if filled.store.verify().first_bad_seq != row.seq:
            missed.append(row.seq)
        attack(url, change, value=value, seq=row.seq)
    assert missed == []
    assert filled.store.verify().ok


@pytest.mark.parametrize(
    ("change", "seq"),
    [
        ("DELETE FROM tavus_consent_events WHERE seq = 20", 20),
        ("DELETE FROM tavus_consent_events WHERE seq < 20", 1),
        ("UPDATE tavus_consent_events SET seq = 500 WHERE seq = 20", 20),
        ("UPDATE tavus_consent_events SET seq = -20 WHERE seq = 20", 1),
        (
            "INSERT INTO tavus_consent_events SELECT 51, 'new', type, at, record_id, subject_ref, actor, payload, "
            "prev, hash FROM tavus_consent_events WHERE seq = 50",
            51,
        ),
    ],
    ids=["deleted", "beginning deleted", "moved to the end", "moved to the front", "added"],
)
def test_removed_moved_and_added_events_are_found(url: str, filled: Ledger, change: str, seq: int) -> None:
    attack(url, change)
    assert filled.store.verify().first_bad_seq == seq


def test_a_cut_off_tail_is_found_against_a_kept_head(url: str, filled: Ledger) -> None:
    kept = filled.store.head()
    attack(url, "DELETE FROM tavus_consent_events WHERE seq > 40")
    assert filled.store.verify().ok
    assert filled.store.verify(kept).first_bad_seq == 41


# the bytes of a file


class File:
    """A ledger's file with one byte flipped at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes = path.read_bytes()
        self.regions = {
            row.seq: range(start := self.bytes.index(cells := "".join(row[1:]).encode()), start + len(cells))
            for row in rows(50)
        }

    def flipped(self, place: int) -> bytes:
        data = bytearray(self.bytes)
        data[place] ^= 1 << place % 8
        return bytes(data)

    def with_flipped(self, place: int) -> None:
        self.path.write_bytes(self.flipped(place))


@pytest.fixture
def file(sqlite_url: str, opened: Opener) -> Iterator[File]:
    """A file with 50 events that nobody has open; its log was written back."""
    with opened(sqlite_url) as ledger:
        ledger.store.import_lines(lines(50))
        ledger.vault.erase("nobody")  # empties the log
    return File(Path(sqlite_url.removeprefix("sqlite:///")))


@pytest.mark.exhaustive
def test_every_flipped_byte_of_every_event_in_the_file_is_found_there(file: File) -> None:
    missed = []
    with closing(sqlite3.connect(":memory:")) as memory:
        # as the bytes are: what is no text is a value that cannot be read
        memory.text_factory = lambda raw: raw.decode(errors="surrogateescape")
        header = bytearray(file.bytes)
        header[18:20] = b"\x01\x01"  # a file in memory has no log beside it
        for seq, region in file.regions.items():
            for place in region:
                header[place] ^= 1 << place % 8
                memory.deserialize(bytes(header))
                found = verify(memory.execute("SELECT * FROM tavus_consent_events ORDER BY seq"))
                header[place] ^= 1 << place % 8
                if found.first_bad_seq != seq:
                    missed.append((seq, place))
    assert missed == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("seq", [1, 25, 50])
def test_the_store_names_the_event_with_a_flipped_byte(file: File, opened: Opener, sqlite_url: str, seq: int) -> None:
    missed = []
    for place in file.regions[seq][::5]:
        file.with_flipped(place)
        with opened(sqlite_url) as ledger:
            if ledger.store.verify().first_bad_seq != seq:
                missed.append(place)
    assert missed == []


@pytest.mark.exhaustive
@pytest.mark.scaled
def test_a_flipped_byte_elsewhere_is_found_or_changes_no_answer(file: File, opened: Opener, sqlite_url: str) -> None:
    """The bytes between events, the indexes, the schema: found, or what is read is what was written."""
    events = {place for region in file.regions.values() for place in region}
    missed = []
    for place in range(0, len(file.bytes), 1597 if QUICK else 397):
        if place in events:
            continue
        file.with_flipped(place)
        try:
            with opened(sqlite_url) as ledger:
                same = list(ledger.store.export_lines()) == lines(50)
                of_record = [event.seq for event in ledger.store.events("r3")] == list(range(3, 51, 5))
                if ledger.store.verify().ok and not (same and of_record):
                    missed.append(place)
        except LedgerError:
            pass
    assert missed == []


def test_an_index_that_hides_an_event_is_found(file: File, opened: Opener, sqlite_url: str) -> None:
    with closing(sqlite3.connect(file.path)) as connection:
        root = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'tavus_consent_events_record'"
        ).fetchone()[0]
    page = slice((root - 1) * 4096, root * 4096)
    place = page.start + file.bytes[page].index(b"r3")
    file.with_flipped(place)
    with opened(sqlite_url) as ledger:
        found = ledger.store.verify()
        assert "own check failed" in " ".join(ledger.verify().problems)
    assert (found.ok, found.head) == (False, Head(50, rows(50)[-1].hash))
    assert "own check failed" in str(found.reason)


def test_a_store_that_does_not_answer_is_no_broken_ledger(postgres_url: str, opened: Opener) -> None:
    ledger = opened(postgres_url)
    ledger.store.import_lines(lines(3))
    attack(postgres_url, "ALTER TABLE tavus_consent_events RENAME TO gone")
    assert ledger.store.verify().first_bad_seq == 1


def test_a_store_that_went_away_is_said_to_be_unavailable(
    sqlite_ledger: Ledger, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_ledger.store.import_lines(lines(3))
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
    path.mkdir()
    sqlite_ledger.close()
    monkeypatch.setattr(sqlite_ledger._database, "_closed", False)
    with pytest.raises(LedgerUnavailable):
        sqlite_ledger.store.verify()


def test_a_read_that_failed_once_does_not_look_like_an_edit(
    sqlite_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_ledger.store.import_lines(lines(3))

    def fail(*_: object, **__: object) -> Iterator[object]:
        raise LedgerUnavailable("once")

    monkeypatch.setattr(type(sqlite_ledger.store), "rows", fail)
    found = sqlite_ledger.store.verify()
    assert (found.ok, found.head.size) == (True, 3)
