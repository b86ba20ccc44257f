"""Appending, reading, exporting and importing, on both stores."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from tavus_consent import LedgerBroken, LedgerConflict
from tavus_consent.ledger import EMPTY, Head, Ledger
from tavus_consent.ledger.chain import canonical, event_of, link
from tavus_consent.ledger.jsonl import line_of

from .conftest import Opener, driver
from .support import attack, draft, lines, rows


def test_an_empty_ledger_has_the_empty_head(ledger: Ledger) -> None:
    assert (ledger.store.head(), list(ledger.store.events())) == (EMPTY, [])


def test_an_appended_event_is_read_as_it_was_given_back(ledger: Ledger) -> None:
    appended = [ledger.store.append(draft(number)) for number in (1, 2, 3)]
    assert list(ledger.store.events()) == appended
    assert ledger.store.head() == Head(3, appended[-1].hash)


def test_both_stores_give_the_same_hashes(ledger: Ledger) -> None:
    appended = [ledger.store.append(draft(number)).hash for number in (1, 2, 3)]
    assert appended == [row.hash for row in rows(3)]


def test_a_ledger_is_there_after_it_was_closed(url: str, opened: Opener) -> None:
    with opened(url) as first:
        event = first.store.append(draft(1, actor="Siobhán 李"))
    assert list(opened(url).store.events()) == [event]


def test_the_events_of_one_record_can_be_read_alone(ledger: Ledger) -> None:
    ledger.store.import_lines(lines(12))
    assert [event.seq for event in ledger.store.events("r2")] == [2, 7, 12]
    assert [event.seq for event in ledger.store.events("r2", after=2)] == [7, 12]
    assert list(ledger.store.events("nobody")) == []


def test_events_are_read_across_pages(sqlite_ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tavus_consent.ledger.store._PAGE", 4)
    sqlite_ledger.store.import_lines(lines(12))
    assert [event.seq for event in sqlite_ledger.store.events(after=1)] == list(range(2, 13))
    assert sqlite_ledger.store.verify().head.size == 12


def test_reading_holds_no_transaction_open(ledger: Ledger) -> None:
    ledger.store.import_lines(lines(3))
    reading = ledger.store.events()
    next(reading)
    ledger.store.append(draft(4))
    ledger.vault.erase("s1")


# decisions that went stale


def test_an_append_with_the_version_it_was_decided_on_is_made(ledger: Ledger) -> None:
    ledger.store.append(draft(1, record_id="other"), expect_state_version=0)
    ledger.store.append(draft(2, record_id="mine"), expect_state_version=0)
    assert ledger.store.append(draft(3, record_id="mine"), expect_state_version=1).seq == 3


@pytest.mark.parametrize("version", [0, 2])
def test_an_append_on_another_version_is_refused(ledger: Ledger, version: int) -> None:
    ledger.store.append(draft(1))
    with pytest.raises(LedgerConflict, match="changed meanwhile"):
        ledger.store.append(draft(6), expect_state_version=version)
    assert ledger.store.head().size == 1


def test_the_same_event_twice_is_refused(ledger: Ledger) -> None:
    ledger.store.append(draft(1))
    with pytest.raises(LedgerConflict, match="already"):
        ledger.store.append(draft(1))
    assert ledger.store.append(draft(2)).seq == 2


def test_threads_do_not_fork_the_chain(ledger: Ledger) -> None:
    def append(first: int) -> None:
        for number in range(first, first + 10):
            ledger.store.append(draft(number))

    threads = [threading.Thread(target=append, args=(first,)) for first in (100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (ledger.store.verify().ok, ledger.store.head().size) == (True, 30)


# refusals of the database itself

CHANGES = [
    "UPDATE tavus_consent_events SET actor = 'x' WHERE seq = 1",
    "DELETE FROM tavus_consent_events WHERE seq = 2",
    "DELETE FROM tavus_consent_events",
]


def run(url: str, statement: str) -> None:
    engine = sa.create_engine(driver(url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_changes(url: str, ledger: Ledger, change: str) -> None:
    ledger.store.import_lines(lines(2))
    with pytest.raises(sa.exc.DBAPIError, match="never changed or removed"):
        run(url, change)


def test_postgresql_refuses_to_truncate(postgres_url: str, opened: Opener) -> None:
    opened(postgres_url)
    with pytest.raises(sa.exc.DBAPIError, match="never changed or removed"):
        run(postgres_url, "TRUNCATE tavus_consent_events")


@pytest.mark.parametrize("column", ["seq", "event_id"])
def test_sqlite_refuses_to_replace(sqlite_url: str, sqlite_ledger: Ledger, column: str) -> None:
    sqlite_ledger.store.import_lines(lines(2))
    taken = {"seq": "1", "event_id": "'new'"} if column == "seq" else {"seq": "9", "event_id": f"'{1:032x}'"}
    values = f"{taken['seq']}, {taken['event_id']}, 't', 'a', 'r', 's', 'a', '{{}}', 'p', 'h'"
    with pytest.raises(sa.exc.DBAPIError, match="never changed or removed"):
        run(sqlite_url, f"INSERT OR REPLACE INTO tavus_consent_events VALUES ({values})")


# export and import


def test_an_export_has_one_canonical_line_for_each_event(ledger: Ledger) -> None:
    for number in (1, 2, 3):
        ledger.store.append(draft(number))
    assert list(ledger.store.export_lines()) == lines(3)
    assert list(ledger.store.export_lines(after=2)) == lines(3)[2:]


def test_an_import_gives_the_ledger_that_was_exported(ledger: Ledger) -> None:
    assert ledger.store.import_lines(f"{line}\n".encode() for line in lines(20)) == ledger.store.head()
    assert list(ledger.store.export_lines()) == lines(20)
    assert ledger.store.verify().ok


def test_an_import_may_go_on_where_another_ended(ledger: Ledger) -> None:
    ledger.store.import_lines(lines(20)[:12])
    assert ledger.store.import_lines(lines(20)[12:]).size == 20


def test_importing_nothing_changes_nothing(ledger: Ledger) -> None:
    ledger.store.import_lines(lines(2))
    assert ledger.store.import_lines([]) == ledger.store.head() == Head(2, rows(2)[1].hash)


def test_an_import_that_does_not_follow_is_refused(ledger: Ledger) -> None:
    ledger.store.import_lines(lines(2))
    with pytest.raises(LedgerBroken) as caught:
        ledger.store.import_lines(lines(9)[5:])
    assert caught.value.seq == 3


def test_a_bad_line_is_named_and_nothing_is_imported(ledger: Ledger) -> None:
    bad = lines(9)
    bad[6] = bad[6].replace("hr@app.example", "me@app.example")
    with pytest.raises(LedgerBroken, match="event 7 was changed") as caught:
        ledger.store.import_lines(bad)
    assert (caught.value.seq, ledger.store.head()) == (7, EMPTY)


def test_an_import_with_one_event_id_twice_is_refused(ledger: Ledger) -> None:
    ledger.store.append(draft(1))
    head = ledger.store.head()
    again = draft(1, actor="somebody")
    with pytest.raises(LedgerBroken, match="twice"):
        ledger.store.import_lines([line_of(event_of(link(again, canonical(again.to_dict()["payload"]), head)))])


def test_every_flipped_byte_of_an_export_is_named_by_its_event(sqlite_ledger: Ledger) -> None:
    sound = lines(4)
    missed = []
    for index, line in enumerate(sound):
        raw = line.encode()
        for place in range(len(raw)):
            flipped = bytes([*raw[:place], raw[place] ^ 1 << place % 8, *raw[place + 1 :]])
            try:
                sqlite_ledger.store.import_lines([*sound[:index], flipped, *sound[index + 1 :]])
            except LedgerBroken as error:
                if error.seq == index + 1:
                    continue
            missed.append((index + 1, place))
    assert missed == []


@pytest.mark.parametrize(
    "line", ["", "{}", "[]", "null", "{", b"\xff", lines(1)[0].replace(",", ", ", 1), "[" * 100_000, '{"at":5}']
)
def test_another_spelling_of_an_event_is_refused(sqlite_ledger: Ledger, line: str | bytes) -> None:
    with pytest.raises(LedgerBroken, match="the line of event 1"):
        sqlite_ledger.store.import_lines([line])


# a head that was tampered with


@pytest.mark.parametrize("use", ["head", "checkpoint"])
def test_a_hash_that_is_none_is_said(url: str, ledger: Ledger, use: str) -> None:
    ledger.store.import_lines(lines(3))
    attack(url, "UPDATE tavus_consent_events SET hash = 'none' WHERE seq = 3")
    with pytest.raises(LedgerBroken, match="Verify"):
        getattr(ledger.store, use)()


def test_an_event_that_cannot_be_read_is_named(url: str, ledger: Ledger) -> None:
    ledger.store.import_lines(lines(3))
    attack(url, "UPDATE tavus_consent_events SET payload = '{' WHERE seq = 2")
    with pytest.raises(LedgerBroken, match="Event 2 cannot be read") as caught:
        list(ledger.store.events())
    assert caught.value.seq == 2


def test_nothing_is_appended_to_a_broken_head(url: str, ledger: Ledger) -> None:
    ledger.store.import_lines(lines(3))
    attack(url, "UPDATE tavus_consent_events SET hash = 'none' WHERE seq = 3")
    with pytest.raises(LedgerBroken):
        ledger.store.append(draft(4))
    assert len(list(ledger.store.rows())) == 3
