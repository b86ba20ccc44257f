"""Verification of a whole ledger: it reads everything that is stored, and names every fault."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tests.asked import ASKED

from tavus_consent import ConsentVideo
from tavus_consent.consent.events import EventDraft
from tavus_consent.gate.registry import Registry
from tavus_consent.ledger import Ledger
from tavus_consent.ledger.schema import TABLES
from tavus_consent.ledger.vault import derive

from .conftest import Fill, Opener
from .support import NOW, OTHER_KEY, attack, stored


class Clock:
    """Dates everything alike, unless it is set."""

    now_is = NOW

    def now(self) -> Any:
        return self.now_is

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        return None


WHAT_BECAME = ("requested", "recorded", "checked", "given", "withdrawn", "erased")


def fill(ledger: Ledger) -> None:
    """Records of several persons in several states, in the order of their names."""
    registry = Registry(ledger, clock=Clock())
    for number, name in enumerate(WHAT_BECAME, 1):
        record = registry.request(full_name=f"Rio {name}", reference=f"e-{name}", spoken_as=["ree oh"], **ASKED)
        if name == "requested":
            continue
        recording = ConsentVideo(f"https://bucket.example/{name}.mp4", sha256=f"{number:02x}" * 32)
        registry.add_evidence(record, recording)
        if name == "recorded":
            continue
        registry.attempts.verify(record, transcript=record.statement, engine="whisper-large-v3")
        if name in ("given", "withdrawn"):
            subject_ref = registry.get(record).state.subject_ref
            steps: list[tuple[str, dict[str, Any]]] = [
                ("given", {"basis": "transcribed"}),
                ("submit_intent", {"intent": f"i-{name}", "noun": "replica", "name": None, "deadline": 60.0}),
            ]
            if name == "withdrawn":
                replica = {"intent": f"i-{name}", "replica_id": "r-1"}
                video = {"use": "u-1", "outcome": "made", "kind": "video", "object_id": "v-1"}
                steps += [("submitted", replica), ("used", video)]
                steps += [("withdrawing", {"gone": "r-1"}), ("withdrawn", {})]
            for type_, payload in steps:
                ledger.store.append(
                    EventDraft(
                        type=type_,
                        at=NOW,
                        record_id=record.record_id,
                        subject_ref=subject_ref,
                        actor="controller",
                        payload=payload,
                    )
                )
        if name == "erased":
            registry.erase(record)


@pytest.fixture
def content(request: pytest.FixtureRequest, content: Fill | None) -> Fill | None:
    return fill if "filled" in request.fixturenames else content


@pytest.fixture
def filled(ledger: Ledger) -> dict[str, str]:
    """The ids of the records that the ledger holds, by what became of them."""
    begun = [event.record_id for event in ledger.store.events() if event.type == "requested"]
    return dict(zip(WHAT_BECAME, begun, strict=True))


def test_a_sound_ledger_is_sound(ledger: Ledger, filled: dict[str, str]) -> None:
    found = ledger.verify(ledger.store.head())
    assert (found.ok, found.problems, found.notes) == (True, (), ())


def test_an_empty_ledger_is_sound(ledger: Ledger) -> None:
    assert ledger.verify().ok


# every bit of every stored value

FLIPS = 150


def changed(value: Any, rng: random.Random) -> Any:
    """A value with one bit flipped, of its own kind."""
    if isinstance(value, int):
        return value ^ 1 << rng.randrange(16)
    raw = bytearray(value.encode() if isinstance(value, str) else value)
    place = rng.randrange(len(raw))
    raw[place] ^= 1 << rng.randrange(8)
    return bytes(raw)


def cells(url: str) -> list[tuple[str, str, int, Any]]:
    """Every stored value that is not NULL and not empty, with its table, its column and the number of its row."""
    path = url.removeprefix("sqlite:///")
    names = [*(table.name for table in TABLES), "tavus_consent_version"]
    found = []
    with closing(sqlite3.connect(path)) as connection:
        for name in names:
            cursor = connection.execute(f"SELECT rowid, * FROM {name}")
            columns = [one[0] for one in cursor.description][1:]
            for rowid, *values in cursor:
                found += [
                    (name, column, rowid, value)
                    for column, value in zip(columns, values, strict=True)
                    if value not in (None, "", b"")
                ]
    return found


def flipped(connection: sqlite3.Connection, place: tuple[str, str, int, Any], other: Any) -> bool:
    """Store another value whatever its bytes are, without touching the triggers; False when no store can hold it."""
    table, column, rowid, value = place
    triggers = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    for name in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    what = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
    with suppress(sqlite3.IntegrityError):  # the number is another event's
        connection.execute(f"UPDATE {table} SET {column} = {what} WHERE rowid = ?", (other, rowid))
    done = connection.total_changes
    for sql in triggers.values():
        connection.execute(sql)
    connection.commit()
    return bool(done)


def test_every_flipped_bit_is_found(sqlite_url: str, opened: Opener) -> None:
    seed = random.SystemRandom().randrange(2**32)
    rng = random.Random(seed)
    ledger = opened(sqlite_url)
    fill(ledger)
    places = cells(sqlite_url)
    tables = [[one for one in places if one[0] == name] for name in sorted({one[0] for one in places})]
    assert len(tables) == len(TABLES) + 1
    flips, missed = 0, []
    path = sqlite_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as connection, closing(sqlite3.connect(":memory:")) as sound:
        connection.backup(sound)
        while flips < FLIPS:
            # half of them wherever, the other half in each table alike: some have few values
            place = rng.choice(places if flips % 2 else tables[flips // 2 % len(tables)])
            other = changed(place[3], rng)
            with closing(sqlite3.connect(path)) as attacker:
                attacker.execute("PRAGMA synchronous = OFF")
                if not flipped(attacker, place, other):
                    continue
            flips += 1
            if ledger.verify().ok:
                missed.append((place, other))
            sound.backup(connection)
    assert missed == [], f"seed {seed}"
    assert ledger.verify().ok


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_a_change_in_any_table_is_found_in_both_stores(
    url: str, ledger: Ledger, filled: dict[str, str], table: str
) -> None:
    column = {"tavus_consent_events": "actor", "tavus_consent_ledger": "checksum", "tavus_consent_records": "state"}
    name = column.get(
        table,
        "record_id"
        if table in ("tavus_consent_replicas", "tavus_consent_outputs", "tavus_consent_index")
        else "subject_ref",
    )
    attack(url, f"UPDATE {table} SET {name} = {name} || 'x'")
    assert not ledger.verify().ok


# what is gone


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DELETE FROM tavus_consent_items", "as terms"),
        ("DELETE FROM tavus_consent_items WHERE kind = 'link'", "as link"),
        ("DELETE FROM tavus_consent_keys", "has no key"),
        ("DELETE FROM tavus_consent_keys WHERE wrapped IS NULL", "was erased according to the events"),
        ("UPDATE tavus_consent_keys SET wrapped = NULL, kek_id = NULL", "no event says so"),
        ("UPDATE tavus_consent_keys SET kek_id = '0123' WHERE wrapped IS NULL", "who was erased, was changed"),
        ("UPDATE tavus_consent_keys SET kek_id = '0123'", "The key 0123 of the vault was not found"),
        ("DELETE FROM tavus_consent_records", "the projection"),
        ("DELETE FROM tavus_consent_replicas", "the projection"),
        ("INSERT INTO tavus_consent_replicas VALUES ('r-9', 'nobody')", "record 'nobody'"),
        ("DELETE FROM tavus_consent_index", "cannot be found by its name"),
        ("DELETE FROM tavus_consent_ledger", "0 identity rows"),
        ("UPDATE tavus_consent_ledger SET ledger_id = 'other'", "a different name"),
        ("UPDATE tavus_consent_version SET version_num = '0001'", "version of the tables"),
    ],
)
def test_what_is_missing_or_changed_is_named(
    url: str, ledger: Ledger, filled: dict[str, str], statement: str, named: str
) -> None:
    attack(url, statement)
    found = ledger.verify()
    assert not found.ok
    assert named in " | ".join(found.problems)


def test_a_person_who_was_erased_and_got_a_key_again_is_named(url: str, ledger: Ledger, filled: dict[str, str]) -> None:
    state = ledger.store.state(filled["erased"])
    assert state is not None
    attack(url, "DELETE FROM tavus_consent_keys WHERE subject_ref = :who", who=state.subject_ref)
    ledger.vault.put(state.subject_ref, "terms", b"{}")
    assert "was erased, but still has a key" in " ".join(ledger.verify().problems)


def test_another_ledgers_own_key_is_named(url: str, ledger: Ledger, filled: dict[str, str]) -> None:
    ledger.vault.put(".other", "x", b"y")
    assert "the key '.other' does not belong to this ledger" in " ".join(ledger.verify().problems)


def test_a_store_without_the_key_is_said(url: str, ledger: Ledger, filled: dict[str, str], opened: Opener) -> None:
    found = opened(url, environ={"TAVUS_CONSENT_KEY": OTHER_KEY}).verify()
    assert not found.ok
    assert "was not found" in found.problems[0]
    assert "more." in found.problems[0]


def test_another_content_under_a_reference_is_named_although_it_can_be_opened(
    url: str, ledger: Ledger, filled: dict[str, str]
) -> None:
    """Somebody who has the key seals another name in the place of the one that the chain refers to."""
    state = ledger.store.state(filled["requested"])
    assert state is not None
    (item,) = ledger.vault.items(state.subject_ref, "terms")
    place = "\x00".join((state.subject_ref, item.kind, item.ref)).encode()
    key = derive(ledger.vault.secret(state.subject_ref), b"seal")
    sealed = bytes(12) + AESGCM(key).encrypt(bytes(12), b"another name", place)
    change = "UPDATE tavus_consent_items SET sealed = :sealed WHERE subject_ref = :who AND kind = 'terms'"
    attack(url, change, sealed=sealed, who=state.subject_ref)
    assert "does not match its reference" in " ".join(ledger.verify().problems)


def test_what_others_wrote_during_the_check_is_no_fault(
    ledger: Ledger, filled: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(ledger.store.projection), "stored", lambda _: iter(()))
    assert ledger.verify().ok


def test_one_bad_row_hides_no_other(url: str, ledger: Ledger, filled: dict[str, str]) -> None:
    attack(
        url,
        "UPDATE tavus_consent_events SET actor = 'x' WHERE seq IN (2, 5)",
        "DELETE FROM tavus_consent_events WHERE seq = 9",
        "DELETE FROM tavus_consent_items WHERE kind = 'link'",
        "UPDATE tavus_consent_records SET version = 77",
    )
    found = ledger.verify()
    said = " | ".join(found.problems)
    for part in (
        "event 2 was changed",
        "event 5 was changed",
        "event 9 is missing",
        "as link",
        "the projection",
        "trigger",
    ):
        assert part in said
    assert (found.first_bad_seq, found.head.size) == (2, 1)


# triggers


def test_dropped_triggers_are_named(sqlite_url: str, sqlite_ledger: Ledger) -> None:
    attack(sqlite_url)
    assert [one for one in sqlite_ledger.verify().problems if "missing" in one] == [
        f"the trigger tavus_consent_events_no_{name} is missing" for name in ("delete", "replace", "update")
    ]


def test_changed_and_foreign_triggers_are_named(sqlite_url: str, sqlite_ledger: Ledger) -> None:
    attack(
        sqlite_url,
        "CREATE TRIGGER tavus_consent_events_no_update BEFORE UPDATE ON tavus_consent_events BEGIN SELECT 1; END",
        "CREATE TRIGGER theirs AFTER INSERT ON tavus_consent_events BEGIN SELECT 1; END",
    )
    problems = sqlite_ledger.verify().problems
    assert "the trigger tavus_consent_events_no_update was changed" in problems
    assert "there is a trigger theirs that is not the ledger's" in problems


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("ALTER TABLE tavus_consent_events DISABLE TRIGGER ALL", "no_change was changed"),
        ("DROP TRIGGER tavus_consent_events_no_truncate ON tavus_consent_events", "no_truncate is missing"),
        (
            "CREATE OR REPLACE FUNCTION tavus_consent_events_refuse() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN NEW; END $$",
            "no_change was changed",
        ),
    ],
)
def test_triggers_of_postgresql_are_checked(postgres_url: str, opened: Opener, statement: str, named: str) -> None:
    ledger = opened(postgres_url)
    assert ledger.verify().ok
    engine = sa.create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert named in " ".join(ledger.verify().problems)


# what is no fault


def test_clocks_that_differ_are_noted(ledger: Ledger) -> None:
    clock = Clock()
    registry = Registry(ledger, clock=clock)
    clock.now_is = NOW + timedelta(minutes=20)
    registry.request(full_name="Rio Alvarez", **ASKED)
    clock.now_is = NOW
    record = registry.request(full_name="Wei Li", **ASKED)
    clock.now_is = NOW + timedelta(minutes=10)
    registry.request(full_name="Marcus Bell", **ASKED)
    clock.now_is = NOW
    registry.request(full_name="Aoife Byrne", **ASKED)
    found = ledger.verify()
    assert found.ok
    assert found.notes == (
        "the clocks of the machines differ: 2 events are dated more than 5 minutes before the previous event; "
        f"the largest difference is at event 2 of record {record.record_id}: 0:20:00",
    )


def test_a_small_difference_of_clocks_is_not_worth_a_word(ledger: Ledger) -> None:
    clock = Clock()
    registry = Registry(ledger, clock=clock)
    for minutes in (5, 0, 4):
        clock.now_is = NOW + timedelta(minutes=minutes)
        registry.request(full_name="Rio Alvarez", **ASKED)
    assert ledger.verify().notes == ()


def test_a_copy_without_its_vault_is_noted(
    ledger: Ledger, filled: dict[str, str], tmp_path: Any, opened: Opener
) -> None:
    copy = opened(f"sqlite:///{tmp_path}/copy.db")
    copy.store.import_lines(ledger.store.export_lines())
    found = copy.verify()
    assert found.ok
    assert "events were imported" in found.notes[0]


def test_what_was_broken_off_is_noted(ledger: Ledger, filled: dict[str, str]) -> None:
    state = ledger.store.state(filled["given"])
    assert state is not None
    ledger.vault.put(state.subject_ref, "attempt", b"nobody wrote the event")
    ledger.vault.erase("nobody")
    found = ledger.verify()
    assert found.ok
    assert found.notes == (
        "the vault: person 'nobody' is erased there, but no event mentions this person",
        "the vault has 1 items that no event refers to: a write was interrupted",
    )


# rebuilding


def test_a_projection_that_differs_is_made_anew_on_request(url: str, ledger: Ledger, filled: dict[str, str]) -> None:
    before = stored(url)["tavus_consent_records"]
    with sa.create_engine(url_of(url), poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("UPDATE tavus_consent_records SET state = 'given', folded = '{'")
        connection.exec_driver_sql("DELETE FROM tavus_consent_replicas")
    assert len(ledger.verify().problems) == len(filled)
    found = ledger.verify(rebuild=True)
    assert (found.ok, found.notes) == (True, ("the projection was rebuilt: 6 of its rows differed from the events",))
    assert sorted(stored(url)["tavus_consent_records"]) == sorted(before)
    assert ledger.verify().notes == ()


def test_nothing_is_made_anew_from_a_broken_chain(url: str, ledger: Ledger, filled: dict[str, str]) -> None:
    attack(
        url,
        "UPDATE tavus_consent_events SET actor = 'x' WHERE seq = 2",
        "DELETE FROM tavus_consent_records",
    )
    assert not ledger.verify(rebuild=True).ok
    assert stored(url)["tavus_consent_records"] == []


def test_a_changed_row_of_the_ledger_is_not_made_sound_by_rebuilding(
    url: str, ledger: Ledger, filled: dict[str, str]
) -> None:
    with sa.create_engine(url_of(url), poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("UPDATE tavus_consent_ledger SET indexed = 5")
        connection.exec_driver_sql("DELETE FROM tavus_consent_records")
    assert ledger.verify(rebuild=True).problems == ("the ledger's identity row was changed",)
    assert ledger.verify().problems == ("the ledger's identity row was changed",)


def url_of(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1).replace("sqlite://", "sqlite+pysqlite://", 1)


def test_an_unsound_record_is_named(ledger: Ledger, filled: dict[str, str]) -> None:
    state = ledger.store.state(filled["given"])
    assert state is not None
    ledger.store.append(
        EventDraft(type="refused", at=NOW, record_id=state.record_id, subject_ref=state.subject_ref, actor="controller")
    )
    (problem,) = ledger.verify().problems
    assert problem.startswith(f"record {state.record_id}: event ")
