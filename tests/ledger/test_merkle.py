"""Merkle trees against RFC 9162: published roots, the definition, and every proof."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from attrs import evolve
from tests.rows import each_row

from tavus_consent import InvalidRequestError, LedgerBroken
from tavus_consent.ledger import Checkpoint, Disclosure, Head, Ledger
from tavus_consent.ledger.merkle import Tree, root_from_path

from .support import lines, rows

# The inputs and roots of the reference implementation of Certificate Transparency, sizes 1 to 8.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaf(data: bytes) -> str:
    return hashlib.sha256(b"\x00" + data).hexdigest()


LEAVES = [leaf(bytes.fromhex(data)) for data in INPUTS]
MANY = [leaf(bytes([number])) for number in range(40)]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_root_is_the_published_one(size: int) -> None:
    assert Tree.of(LEAVES[:size]).root == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert Tree.of([]).root == hashlib.sha256(b"").hexdigest()


def defined_root(leaves: list[str]) -> bytes:
    """MTH of RFC 9162, section 2.1.1, word by word."""
    if len(leaves) == 1:
        return bytes.fromhex(leaves[0])
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + defined_root(leaves[:half]) + defined_root(leaves[half:])).digest()


def defined_path(place: int, leaves: list[str]) -> list[str]:
    """PATH of RFC 9162, section 2.1.3.1, word by word."""
    if len(leaves) == 1:
        return []
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if place < half:
        return [*defined_path(place, leaves[:half]), defined_root(leaves[half:]).hex()]
    return [*defined_path(place - half, leaves[half:]), defined_root(leaves[:half]).hex()]


@each_row("size", range(1, 41))
def test_roots_and_proofs_are_the_defined_ones(size: int) -> None:
    leaves = MANY[:size]
    tree = Tree.of(leaves)
    assert tree.root == defined_root(leaves).hex()
    assert [list(tree.path(seq)) for seq in range(1, size + 1)] == [defined_path(n, leaves) for n in range(size)]


@each_row("size", range(1, 41))
def test_every_proof_leads_to_the_root_and_only_for_its_event(size: int) -> None:
    tree = Tree.of(MANY[:size])
    led = [
        (seq, claimed)
        for seq in range(1, size + 1)
        for claimed in range(size + 2)
        if root_from_path(MANY[seq - 1], claimed, size, tree.path(seq)) == tree.root
    ]
    assert led == [(seq, seq) for seq in range(1, size + 1)]


def test_a_proof_that_is_too_short_or_too_long_leads_nowhere() -> None:
    path = Tree.of(MANY).path(3)
    assert root_from_path(MANY[2], 3, 40, path[:-1]) is None
    assert root_from_path(MANY[2], 3, 40, [*path, path[0]]) is None


@pytest.mark.parametrize("seq", [0, 41])
def test_there_is_no_proof_for_an_event_outside_of_the_tree(seq: int) -> None:
    with pytest.raises(InvalidRequestError, match=f"event {seq}"):
        Tree.of(MANY).path(seq)


# disclosures


@pytest.fixture
def filled(sqlite_ledger: Ledger) -> Ledger:
    sqlite_ledger.store.import_lines(lines(23))
    return sqlite_ledger


def test_a_disclosure_shows_one_record_and_nothing_of_the_others(filled: Ledger) -> None:
    shown = filled.store.disclose("r3")
    assert [event.seq for event in shown.events] == [3, 8, 13, 18, 23]
    assert not any(f'"r{other}"' in shown.to_json() for other in (0, 1, 2, 4))


def test_a_disclosure_is_checked_without_the_ledger(filled: Ledger) -> None:
    text = filled.store.disclose("r3").to_json()
    Disclosure.from_dict(json.loads(text)).check(filled.store.checkpoint())


def test_a_disclosure_can_be_made_for_a_checkpoint_of_long_ago(filled: Ledger) -> None:
    old = filled.store.checkpoint()
    filled.store.import_lines(lines(40)[23:])
    shown = filled.store.disclose("r3", old)
    shown.check(old)
    assert shown.events[-1].seq == 23


def test_no_disclosure_is_made_for_a_checkpoint_of_another_ledger(filled: Ledger) -> None:
    other = evolve(filled.store.checkpoint(), root="ab" * 32)
    with pytest.raises(LedgerBroken, match="no longer matches this checkpoint"):
        filled.store.disclose("r3", other)


def test_a_changed_event_in_a_disclosure_is_named(filled: Ledger) -> None:
    shown = filled.store.disclose("r3")
    changed = evolve(shown, events=(shown.events[0], evolve(shown.events[1], actor="x"), *shown.events[2:]))
    with pytest.raises(LedgerBroken, match="event 8 was changed") as caught:
        changed.check()
    assert caught.value.seq == 8


def test_an_event_of_another_ledger_in_a_disclosure_is_named(filled: Ledger) -> None:
    shown = filled.store.disclose("r3")
    swapped = evolve(shown, paths=(*shown.paths[1:], shown.paths[0]))
    with pytest.raises(LedgerBroken, match="event 3 is not in the ledger"):
        swapped.check()


def test_a_disclosure_for_another_checkpoint_than_the_trusted_one_is_refused(filled: Ledger) -> None:
    shown = filled.store.disclose("r3")
    with pytest.raises(LedgerBroken, match="a different checkpoint"):
        shown.check(evolve(shown.checkpoint, size=22))


def change(path: str, value: Any) -> Any:
    def apply(data: Any) -> None:
        *way, last = path.split(".")
        for step in way:
            data = data[int(step) if step.isdigit() else step]
        data[last] = value

    return apply


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.pop("events"),
        lambda data: data["events"][0].pop("path"),
        change("checkpoint.more", 1),
        change("checkpoint.root", "zz"),
        change("checkpoint.size", "23"),
        change("events.0.path", ["zz"]),
        change("events.0.path", [5]),
        change("events.0.event.seq", "3"),
        change("events.0.event.at", "today"),
    ],
)
def test_what_is_no_disclosure_is_refused(filled: Ledger, spoil: Any) -> None:
    data = json.loads(filled.store.disclose("r3").to_json())
    spoil(data)
    with pytest.raises(InvalidRequestError):
        Disclosure.from_dict(data)


def test_a_checkpoint_holds_the_head_that_can_be_expected(filled: Ledger) -> None:
    assert filled.store.checkpoint().expected == filled.store.head() == Head(23, rows(23)[-1].hash)


def test_an_empty_ledger_has_a_checkpoint(sqlite_ledger: Ledger) -> None:
    empty = sqlite_ledger.store.checkpoint()
    assert empty == Checkpoint(size=0, head="0" * 64, root=hashlib.sha256(b"").hexdigest())
