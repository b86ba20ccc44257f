"""Blind indexes: they find values, hide them, and are verified."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from tests.asked import ASKED

from tavus_consent import ConsentVideo, ConsentWithdrawn, EvidenceChanged, InvalidRequestError, VaultKeyError
from tavus_consent.consent import Attestation
from tavus_consent.consent.persons import Mark
from tavus_consent.gate.permits import Create
from tavus_consent.gate.registry import Registry
from tavus_consent.ledger import EventType, Ledger
from tavus_consent.ledger.memory import Memory
from tavus_consent.ledger.protocols import KINDS

from .conftest import Opener
from .support import KEY, NOW, OTHER_KEY, attack, lines, stored

RECORDS = ("r1", "r2", "r3")


def add(keeping: Any, kind: str, value: str, record_id: str) -> None:
    keeping.index.add(keeping.index.rows([Mark(kind, value, record_id)]))


@pytest.fixture(params=["ledger", "memory"])
def keeping(request: pytest.FixtureRequest) -> Any:
    """A ledger with the records r1, r2 and r3, or memory."""
    if request.param == "memory":
        return Memory()
    ledger: Ledger = request.getfixturevalue("sqlite_ledger")
    ledger.store.import_lines(lines(5))
    return ledger


def test_records_are_found_by_what_was_added(keeping: Any) -> None:
    for record_id in RECORDS[:2]:
        add(keeping, "name", "rio alvarez", record_id)
    add(keeping, "reference", "rio alvarez", "r3")
    assert keeping.index.find("name", "rio alvarez") == ["r1", "r2"]
    assert keeping.index.find("reference", "rio alvarez") == ["r3"]
    assert keeping.index.find("name", "somebody else") == []


def test_nothing_is_found_before_anything_was_added(keeping: Any) -> None:
    assert keeping.index.find("name", "rio alvarez") == []


def test_adding_twice_is_fine(keeping: Any) -> None:
    for _ in range(2):
        add(keeping, "recording", "ab" * 32, "r1")
    assert keeping.index.find("recording", "ab" * 32) == ["r1"]


def test_who_is_forgotten_is_found_by_recordings_only(keeping: Any) -> None:
    for kind in KINDS:
        add(keeping, kind, "x", "r1")
        add(keeping, kind, "x", "r2")
    keeping.index.forget("r1")
    assert {kind: keeping.index.find(kind, "x") for kind in KINDS} == {
        "reference": ["r2"],
        "name": ["r2"],
        "recording": ["r1", "r2"],
        "training": ["r1", "r2"],
    }


def test_an_unknown_kind_is_refused(keeping: Any) -> None:
    with pytest.raises(InvalidRequestError, match="kind"):
        keeping.index.find("face", "x")


def test_the_values_are_not_in_the_store(url: str, ledger: Ledger) -> None:
    add(ledger, "name", "rio alvarez", "r1")
    assert "rio" not in repr(stored(url))


def test_two_ledgers_have_nothing_in_common(tmp_path: Any, opened: Opener) -> None:
    first, second = (opened(f"sqlite:///{tmp_path}/{name}.db") for name in ("one", "two"))
    for one in (first, second):
        add(one, "name", "rio alvarez", "r1")
    blinds = [stored(f"sqlite:///{tmp_path}/{name}.db")["tavus_consent_index"][0][1] for name in ("one", "two")]
    assert blinds[0] != blinds[1]


def test_the_index_outlives_a_change_of_the_key(url: str, ledger: Ledger, opened: Opener) -> None:
    ledger.store.import_lines(lines(5))
    add(ledger, "name", "rio alvarez", "r1")
    ledger.vault.put("s1", "name", b"Rio Alvarez")
    ledger.close()
    both = f"{OTHER_KEY},{KEY}"
    rotating = opened(url, environ={"TAVUS_CONSENT_KEY": both})
    assert rotating.vault.rotate() == 1  # of persons; the ledger's own is none
    assert opened(url, environ={"TAVUS_CONSENT_KEY": OTHER_KEY}).index.find("name", "rio alvarez") == ["r1"]


def test_without_the_key_nothing_is_found_silently(url: str, ledger: Ledger, opened: Opener) -> None:
    ledger.store.import_lines(lines(5))
    add(ledger, "name", "rio alvarez", "r1")
    other = opened(url, environ={"TAVUS_CONSENT_KEY": OTHER_KEY})
    with pytest.raises(VaultKeyError):
        other.index.find("name", "rio alvarez")


# checks


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    ledger.store.import_lines(lines(5))
    ledger.index.ensure()
    add(ledger, "name", "rio alvarez", "r1")
    add(ledger, "reference", "e-1", "r2")
    return ledger


def test_a_sound_index_has_no_faults(filled: Ledger) -> None:
    assert filled.index.faults() == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE tavus_consent_index SET blind = 'ff' WHERE kind = 'name'", "was changed"),
        ("UPDATE tavus_consent_index SET record_id = 'r3' WHERE kind = 'name'", "was changed"),
        ("UPDATE tavus_consent_index SET kind = 'reference' WHERE kind = 'name'", "was changed"),
        ("UPDATE tavus_consent_index SET mac = 'ü' WHERE kind = 'name'", "was changed"),
        ("DELETE FROM tavus_consent_keys", "its key is missing"),
    ],
)
def test_what_is_wrong_is_named(url: str, filled: Ledger, opened: Opener, change: str, fault: str) -> None:
    attack(url, change)
    assert fault in " ".join(opened(url).index.faults())


def test_a_value_of_another_kind_is_named(sqlite_url: str, sqlite_ledger: Ledger) -> None:
    sqlite_ledger.store.import_lines(lines(5))
    add(sqlite_ledger, "name", "rio alvarez", "r1")
    attack(sqlite_url, "UPDATE tavus_consent_index SET mac = x'00' WHERE kind = 'name'")
    assert "was changed" in next(iter(sqlite_ledger.index.faults()))


def test_a_row_that_leads_nowhere_is_named(filled: Ledger) -> None:
    add(filled, "name", "mallory", "gone")
    assert filled.index.faults() == ["the index: a row (name) points to record gone, which does not exist"]


# what the events say, and what an older ledger has


class Clock:
    """Dates everything alike."""

    def now(self) -> Any:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        return None


def lived(ledger: Ledger) -> dict[str, str]:
    """Records to which everything happens that matters for the index; gives their ids."""
    desk = Registry(ledger, clock=Clock())
    ids = {}
    for name in ("asked", "refused", "minor", "checked", "mismatched", "replaced", "void", "withdrawn", "erased"):
        record = desk.request(full_name=f"Rio {name}", reference=name, **{**ASKED, "adult": name != "minor"})
        ids[name] = record.record_id
        if name == "asked":
            continue
        desk.add_evidence(record, ConsentVideo(f"https://b.example/{name}.mp4"))
        if name == "replaced":
            desk.attempts.verify(record, transcript=record.statement.replace("and consent", "and do not consent"))
            desk.add_evidence(record, ConsentVideo("https://b.example/other.mp4", sha256="cd" * 32))
            desk.add_evidence(record, ConsentVideo("https://b.example/link.mp4", sha256="cd" * 32))
        if name == "checked":
            desk.attempts.verify(record, transcript=record.statement, recording=b"film")
        if name == "mismatched":
            desk.attempts.verify(record, transcript=record.statement.replace("and consent", "and do not consent"))
        if name == "refused":
            desk.refuse(record)
        if name in ("void", "withdrawn"):
            create = Create(
                noun="replica",
                name=None,
                deadline=1,
                recording_url=None,
                training_url=f"https://b.example/t-{name}.mp4",
            )
            permit = desk.creates.gate(desk.get(record), create)
            desk.creates.settle(permit, EventType.FAILED)
        if name == "void":
            desk.invalidate(record, reason="a mistake")
        if name in ("void", "withdrawn", "erased"):
            desk.withdrawals.begin(record, requested_by="subject", reason=None, videos=())
            desk.withdrawals.finish(record.record_id)
        if name == "erased":
            desk.erase(record)
    create = Create(noun="replica", name=None, deadline=1, recording_url=None, training_url="https://b.example/fox.mp4")
    desk.creates.gate(Attestation(statement="A fox", attested_by="me"), create)
    return ids


def rows_of(url: str) -> list[Any]:
    return sorted(stored(url)["tavus_consent_index"])


def test_what_the_events_say_is_what_was_written_with_them(url: str, ledger: Ledger) -> None:
    lived(ledger)
    found = ledger.verify()
    assert (found.ok, found.problems) == (True, ())
    before = rows_of(url)
    ledger.index.rebuild()
    assert rows_of(url) == before


def test_an_older_ledger_is_indexed_at_its_first_use(sqlite_url: str, sqlite_ledger: Ledger, opened: Opener) -> None:
    lived(sqlite_ledger)
    before = rows_of(sqlite_url)
    attack(sqlite_url, "DELETE FROM tavus_consent_index")
    attack(sqlite_url, "UPDATE tavus_consent_ledger SET indexed = 0, checksum = ''")
    older = opened(sqlite_url)
    assert "the index is missing or older than an import" in " ".join(older.verify().notes)
    with pytest.raises(ConsentWithdrawn):
        Registry(older, clock=Clock()).request(full_name="Rio withdrawn", **ASKED)
    assert rows_of(sqlite_url) == before


DIFFERENT = [
    ("DELETE FROM tavus_consent_index WHERE kind = 'name'", "cannot be found by its name"),
    ("UPDATE tavus_consent_index SET bars = 0 WHERE bars > 1", "differ from the events"),
    ("UPDATE tavus_consent_index SET person = 'x.y' WHERE kind = 'training'", "differ from the events"),
    ("UPDATE tavus_consent_index SET since = since + 1", "differ from the events"),
    ("UPDATE tavus_consent_index SET barred = barred + 1", "differ from the events"),
]


def test_what_differs_from_the_events_is_named_and_made_anew(sqlite_url: str, sqlite_ledger: Ledger) -> None:
    lived(sqlite_ledger)
    before = rows_of(sqlite_url)
    for change, fault in DIFFERENT:
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute(change)
        assert fault in " ".join(sqlite_ledger.verify().problems)
        found = sqlite_ledger.verify(rebuild=True)
        assert (found.problems, rows_of(sqlite_url)) == ((), before)


def test_what_should_not_be_there_is_named(sqlite_ledger: Ledger) -> None:
    ids = lived(sqlite_ledger)
    add(sqlite_ledger, "name", "mallory", ids["asked"])
    assert [one for one in sqlite_ledger.verify().problems if "that does not belong to it" in one]


def test_what_cannot_be_opened_keeps_its_rows(sqlite_url: str, sqlite_ledger: Ledger, opened: Opener) -> None:
    ids = lived(sqlite_ledger)
    before = rows_of(sqlite_url)
    subject_ref = Registry(sqlite_ledger, clock=Clock()).get(ids["refused"]).state.subject_ref
    attack(sqlite_url, f"UPDATE tavus_consent_items SET sealed = x'00' WHERE subject_ref = '{subject_ref}'")
    damaged = opened(sqlite_url)
    damaged.index.rebuild()
    assert rows_of(sqlite_url) == before
    assert not [one for one in damaged.verify().problems if one.startswith("the index")]


def test_without_any_key_a_check_says_so(sqlite_url: str, sqlite_ledger: Ledger, opened: Opener) -> None:
    lived(sqlite_ledger)
    other = opened(sqlite_url, environ={"TAVUS_CONSENT_KEY": OTHER_KEY})
    assert [one for one in other.verify().problems if "the index" in one]


def test_an_index_that_is_made_anew_without_the_keys_of_persons_says_what_it_lacks(
    sqlite_url: str, sqlite_ledger: Ledger, opened: Opener
) -> None:
    lived(sqlite_ledger)
    sqlite_ledger.close()
    attack(sqlite_url, "DELETE FROM tavus_consent_keys WHERE subject_ref LIKE :own", own=".%")
    other = opened(sqlite_url, environ={"TAVUS_CONSENT_KEY": OTHER_KEY})
    other.index.rebuild()
    assert other.index.find("name", "rio alvarez") == []
    assert not other.verify().ok


def test_imported_events_are_indexed_by_what_they_hold(tmp_path: Any, sqlite_ledger: Ledger, opened: Opener) -> None:
    lived(sqlite_ledger)
    copy = opened(f"sqlite:///{tmp_path}/copy.db")
    copy.store.import_lines(sqlite_ledger.store.export_lines())
    desk = Registry(copy, clock=Clock())
    record = desk.request(full_name="Ada Okafor", **ASKED)
    desk.add_evidence(record, ConsentVideo("https://b.example/new.mp4", sha256="cd" * 32))
    create = Create(noun="replica", name=None, deadline=1, recording_url=None, training_url="https://b.example/1.mp4")
    with pytest.raises(EvidenceChanged):
        desk.creates.gate(desk.get(record), create)
    assert copy.verify().ok
