"""Blind indexes: found again, read by nobody, and checked."""

from __future__ import annotations

from typing import Any

import pytest

from tavus_consent.consent.keeping import KINDS
from tavus_consent.consent.ledger import Ledger
from tavus_consent.consent.memory import Memory
from tavus_consent.errors import InvalidRequestError, VaultKeyError

from .conftest import Opener
from .support import KEY, OTHER_KEY, attack, lines, stored

RECORDS = ("r1", "r2", "r3")


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
        keeping.index.add("name", "rio alvarez", record_id)
    keeping.index.add("reference", "rio alvarez", "r3")
    assert keeping.index.find("name", "rio alvarez") == ["r1", "r2"]
    assert keeping.index.find("reference", "rio alvarez") == ["r3"]
    assert keeping.index.find("name", "somebody else") == []


def test_nothing_is_found_before_anything_was_added(keeping: Any) -> None:
    assert keeping.index.find("name", "rio alvarez") == []


def test_adding_twice_is_fine(keeping: Any) -> None:
    for _ in range(2):
        keeping.index.add("recording", "ab" * 32, "r1")
    assert keeping.index.find("recording", "ab" * 32) == ["r1"]


def test_a_record_is_removed_by_kind(keeping: Any) -> None:
    for kind in KINDS:
        keeping.index.add(kind, "x", "r1")
        keeping.index.add(kind, "x", "r2")
    keeping.index.remove("r1", kinds=("name", "reference"))
    assert {kind: keeping.index.find(kind, "x") for kind in KINDS} == {
        "reference": ["r2"],
        "name": ["r2"],
        "recording": ["r1", "r2"],
        "replica": ["r1", "r2"],
    }
    keeping.index.remove("r1")
    assert keeping.index.find("recording", "x") == ["r2"]


@pytest.mark.parametrize("use", ["add", "find", "remove"])
def test_an_unknown_kind_is_refused(keeping: Any, use: str) -> None:
    call = {
        "add": lambda: keeping.index.add("face", "x", "r1"),
        "find": lambda: keeping.index.find("face", "x"),
        "remove": lambda: keeping.index.remove("r1", kinds=["face"]),
    }[use]
    with pytest.raises(InvalidRequestError, match="kind"):
        call()


def test_the_values_are_not_in_the_store(url: str, ledger: Ledger) -> None:
    ledger.index.add("name", "rio alvarez", "r1")
    assert "rio" not in repr(stored(url))


def test_two_ledgers_have_nothing_in_common(tmp_path: Any, opened: Opener) -> None:
    first, second = (opened(f"sqlite:///{tmp_path}/{name}.db") for name in ("one", "two"))
    for one in (first, second):
        one.index.add("name", "rio alvarez", "r1")
    blinds = [stored(f"sqlite:///{tmp_path}/{name}.db")["tavus_consent_index"][0][1] for name in ("one", "two")]
    assert blinds[0] != blinds[1]


def test_the_index_outlives_a_change_of_the_key(url: str, ledger: Ledger, opened: Opener) -> None:
    ledger.store.import_lines(lines(5))
    ledger.index.add("name", "rio alvarez", "r1")
    ledger.vault.put("s1", "name", b"Rio Alvarez")
    ledger.close()
    both = f"{OTHER_KEY},{KEY}"
    rotating = opened(url, environ={"TAVUS_CONSENT_KEY": both})
    assert rotating.vault.rotate() == 1  # of persons; the ledger's own is none
    assert opened(url, environ={"TAVUS_CONSENT_KEY": OTHER_KEY}).index.find("name", "rio alvarez") == ["r1"]


def test_without_the_key_nothing_is_found_silently(url: str, ledger: Ledger, opened: Opener) -> None:
    ledger.store.import_lines(lines(5))
    ledger.index.add("name", "rio alvarez", "r1")
    other = opened(url, environ={"TAVUS_CONSENT_KEY": OTHER_KEY})
    with pytest.raises(VaultKeyError):
        other.index.find("name", "rio alvarez")


# what an older ledger has


def test_an_older_ledger_is_filled_once(ledger: Ledger) -> None:
    ledger.store.import_lines(lines(5))
    ledger.index.add("name", "left over", "r1")
    assert ledger.index.version == 0
    ledger.index.fill(1, [("name", "rio alvarez", "r1"), ("name", "rio alvarez", "r1"), ("reference", "e-1", "r2")])
    assert ledger.index.version == 1
    assert ledger.index.find("name", "rio alvarez") == ["r1"]
    assert ledger.index.find("name", "left over") == []


# checks

ENTRIES = [("name", "rio alvarez", "r1"), ("reference", "e-1", "r2")]


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    ledger.store.import_lines(lines(5))
    ledger.index.fill(1, ENTRIES)
    return ledger


def test_a_sound_index_has_no_faults(filled: Ledger) -> None:
    assert list(filled.index.faults(ENTRIES)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE tavus_consent_index SET blind = 'ff' WHERE kind = 'name'", "was changed"),
        ("UPDATE tavus_consent_index SET record_id = 'r3' WHERE kind = 'name'", "was changed"),
        ("UPDATE tavus_consent_index SET kind = 'reference' WHERE kind = 'name'", "was changed"),
        ("UPDATE tavus_consent_index SET mac = 'ü' WHERE kind = 'name'", "was changed"),
        ("DELETE FROM tavus_consent_index WHERE kind = 'name'", "r1 cannot be found by its name"),
        ("DELETE FROM tavus_consent_keys", "its key is missing"),
    ],
)
def test_what_is_wrong_is_named(url: str, filled: Ledger, opened: Opener, change: str, fault: str) -> None:
    attack(url, change)
    assert fault in " ".join(opened(url).index.faults(ENTRIES))


def test_a_value_of_another_kind_is_named(sqlite_url: str, sqlite_ledger: Ledger) -> None:
    sqlite_ledger.store.import_lines(lines(5))
    sqlite_ledger.index.fill(1, ENTRIES)
    attack(sqlite_url, "UPDATE tavus_consent_index SET mac = x'00' WHERE kind = 'name'")
    assert "was changed" in next(sqlite_ledger.index.faults())


def test_what_should_not_be_there_is_named(filled: Ledger) -> None:
    filled.index.add("name", "mallory", "r4")
    filled.index.add("name", "mallory", "gone")
    assert list(filled.index.faults(ENTRIES)) == [
        "the index: a row (name) leads to record gone, which is not there",
        "the index: record gone is found by a name that is not its own",
        "the index: record r4 is found by a name that is not its own",
    ]
