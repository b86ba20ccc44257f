"""The chain: the hashed data, and the detection of every kind of edit."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
import rfc8785
from hypothesis import given, strategies as st
from tests.rows import each_row

from tavus_consent import InvalidRequestError
from tavus_consent.consent.events import EventDraft
from tavus_consent.ledger import EMPTY, GENESIS, Head, verify
from tavus_consent.ledger.chain import EventRow, canonical, event_of, link, row_of

from .support import NOW, draft, rows

SOUND = rows(50)
HEAD = Head(50, SOUND[-1].hash)

codes = st.from_regex(r"[A-Za-z0-9._:+=-]{0,20}", fullmatch=True)
values = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2**53), 2**53) | codes
payloads = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), st.recursive(values, st.lists, max_leaves=4), max_size=5
)
actors = st.text(min_size=1, max_size=20).filter(lambda text: text.strip() and text.isprintable())


@given(payloads, actors, st.integers(0, 10**9))
def test_the_hash_is_sha256_of_a_zero_byte_and_the_canonical_json(
    payload: dict[str, Any], actor: str, seconds: int
) -> None:
    try:
        one = draft(payload=payload, actor=actor, at=NOW + timedelta(seconds=seconds))
    except InvalidRequestError:  # too deep, or a float that is too large
        return
    event = event_of(link(one, canonical(one.to_dict()["payload"]), HEAD))
    unhashed = {name: value for name, value in event.to_dict().items() if name != "hash"}
    assert event.hash == hashlib.sha256(b"\x00" + rfc8785.dumps(unhashed)).hexdigest()


plain = values | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.just(2**53) | st.lists(values)


@given(st.dictionaries(st.text(max_size=4), plain, max_size=5))
def test_the_quick_form_is_the_canonical_form(payload: dict[str, Any]) -> None:
    try:
        expected = rfc8785.dumps(payload).decode()
    except rfc8785.CanonicalizationError:
        with pytest.raises(rfc8785.CanonicalizationError):
            canonical(payload)
    else:
        assert canonical(payload) == expected


def test_an_event_says_what_its_draft_said() -> None:
    one = draft(7)
    event = event_of(link(one, canonical(one.to_dict()["payload"]), EMPTY))
    assert {name: event.to_dict()[name] for name in one.to_dict()} == one.to_dict()


def test_a_row_survives_being_an_event() -> None:
    assert row_of(event_of(SOUND[3])) == SOUND[3]


def test_the_first_event_follows_zeros() -> None:
    assert (SOUND[0].seq, SOUND[0].prev) == (1, GENESIS)


def test_a_sound_chain_verifies() -> None:
    found = verify(SOUND)
    assert (found.ok, found.head, found.first_bad_seq, found.reason) == (True, HEAD, None, None)


def test_an_empty_chain_verifies() -> None:
    assert verify([]).head == EMPTY


@pytest.mark.parametrize("column", EventRow._fields[1:])
def test_a_flip_of_any_byte_of_any_event_is_found_at_that_event(column: str) -> None:
    missed = []
    for index, row in enumerate(SOUND):
        raw = getattr(row, column).encode()
        for place in range(len(raw)):
            flipped = bytes([*raw[:place], raw[place] ^ 1 << place % 7, *raw[place + 1 :]]).decode()
            changed = [*SOUND[:index], row._replace(**{column: flipped}), *SOUND[index + 1 :]]
            if verify(changed).first_bad_seq != row.seq:
                missed.append((row.seq, place))
    assert missed == []


@each_row("seq", range(1, 51))
def test_a_changed_number_is_found(seq: int) -> None:
    changed = [row._replace(seq=row.seq + 100) if row.seq == seq else row for row in SOUND]
    assert verify(changed).first_bad_seq == seq


@each_row("seq", range(1, 50))
def test_a_removed_event_is_missed_at_its_number(seq: int) -> None:
    assert verify([row for row in SOUND if row.seq != seq]).first_bad_seq == seq


@each_row("seq", range(1, 50))
def test_two_events_that_changed_places_are_found_at_the_first(seq: int) -> None:
    first, second = SOUND[seq - 1], SOUND[seq]
    swapped = [*SOUND[: seq - 1], second._replace(seq=seq), first._replace(seq=seq + 1), *SOUND[seq + 1 :]]
    assert verify(swapped).first_bad_seq == seq


def forged(row: EventRow, head: Head, **changes: Any) -> EventRow:
    """An event replaced by somebody who can compute hashes."""
    event = event_of(row)
    values = {name: getattr(event, name) for name in ("type", "at", "record_id", "subject_ref", "actor", "event_id")}
    one = EventDraft(**{**values, "payload": event.payload, **changes})
    return link(one, canonical(one.to_dict()["payload"]), head)


def test_an_event_replaced_with_a_right_hash_is_found_at_the_next_one() -> None:
    replaced = forged(SOUND[9], Head(9, SOUND[8].hash), actor="somebody else")
    assert verify([*SOUND[:9], replaced, *SOUND[10:]]).first_bad_seq == 11


def test_a_chain_written_anew_is_found_against_a_head_that_was_kept() -> None:
    head, anew = EMPTY, []
    for row in SOUND:
        anew.append(forged(row, head, actor="somebody else"))
        head = Head(row.seq, anew[-1].hash)
    assert verify(anew).ok
    found = verify(anew, Head(20, SOUND[19].hash))
    assert (found.ok, found.first_bad_seq) == (False, 20)


def test_a_cut_off_tail_is_seen_only_against_a_head_that_was_kept() -> None:
    assert verify(SOUND[:40]).ok
    found = verify(SOUND[:40], HEAD)
    assert (found.ok, found.first_bad_seq, found.head.size) == (False, 41, 40)


@pytest.mark.parametrize("size", [0, 1, 49, 50])
def test_a_ledger_may_have_grown_since_a_head_was_kept(size: int) -> None:
    kept = Head(size, SOUND[size - 1].hash) if size else EMPTY
    assert verify(SOUND, kept).ok


def test_the_rest_of_a_chain_can_be_checked_from_a_head() -> None:
    assert verify(SOUND[30:], start=Head(30, SOUND[29].hash)).head == HEAD


@pytest.mark.parametrize("value", [None, b"bytes", 5, "\ud800"])
def test_a_value_of_another_kind_is_found(value: object) -> None:
    changed = [*SOUND[:4], SOUND[4]._replace(actor=value), *SOUND[5:]]  # type: ignore[arg-type]
    found = verify(changed)
    assert (found.first_bad_seq, found.reason) == (5, "event 5 has a value that cannot be read")


@pytest.mark.parametrize(
    "payload",
    ['{"number": 1}', '{"number":1.0}', '{"a":1},"prev":"x', "{}", None],
    ids=["space", "1.0", "cut", "{}", "no"],
)
def test_another_spelling_of_a_payload_does_not_pass(payload: str) -> None:
    one = draft(1, payload={"number": 1})
    row = link(one, canonical({"number": 1}), EMPTY)
    assert verify([row]).ok
    assert verify([row._replace(payload=payload)]).first_bad_seq == 1


@pytest.mark.parametrize("payload", ["{", None, "[]"])
def test_a_row_that_is_no_event_is_refused(payload: str) -> None:
    with pytest.raises(InvalidRequestError):
        event_of(SOUND[0]._replace(payload=payload))


def test_a_head_is_read_as_it_is_written() -> None:
    assert Head.parse(f" {HEAD}\n") == HEAD
    assert str(HEAD) == f"50:{SOUND[-1].hash}"


@pytest.mark.parametrize(
    "text",
    ["", "50", "50:", f"x:{'a' * 64}", f"-1:{'a' * 64}", f"5:{'A' * 64}", f"0:{'a' * 64}", f"{'9' * 30}:{'a' * 64}"],
)
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError, match="SIZE:HASH"):
        Head.parse(text)


def test_a_head_of_other_types_is_refused() -> None:
    with pytest.raises(InvalidRequestError):
        Head("1", None)  # type: ignore[arg-type]
