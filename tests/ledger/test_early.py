"""What becomes of records that an early release wrote, which did not tell a supplied text from a hearing.

``early.jsonl`` is the export of such a ledger. Every create in it was sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tavus_consent import ConsentError, ConsentPolicy, ConsentRecord, IllegalTransition
from tavus_consent.consent import Attempt, State
from tavus_consent.consent.events import EventDraft
from tavus_consent.consent.fold import apply, fold
from tavus_consent.consent.states import RecordState
from tavus_consent.ledger import Event, Ledger
from tavus_consent.ledger.folded import state_of, text_of

LINES = (Path(__file__).parent / "early.jsonl").read_text("utf-8").splitlines()
NOW = datetime(2026, 3, 1, 13, tzinfo=UTC)
FILM = "ab" * 32


def lives() -> Iterator[list[Event]]:
    found: dict[str, list[Event]] = {}
    for line in LINES:
        event = Event.from_dict(json.loads(line))
        found.setdefault(event.record_id, []).append(event)
    yield from found.values()


# What each record is, in the order in which they began.
NAMES = (
    "typed",  # given because a typed text matched
    "heard",  # given because a transcriber heard its bytes
    "brought",  # given because of a Transcript that names an engine
    "taken back",  # a denial, then the statement, both typed
    "reviewed",  # a doubt that a named person lifted, then a typed text
    "withdrawn",
    "erased",
    "not given",  # typed, and never used
    "lost",  # typed, and the answer to the create was lost
    "denied",  # a typed denial
    "short",  # typed, ends after a day
    "raised",  # given as recorded, then typed for a stricter policy
    "relinked",  # a typed denial, then the same link once more
)
LIVES = dict(zip(NAMES, lives(), strict=True))


def state(name: str, *more: EventDraft, now: datetime = NOW) -> RecordState:
    return fold([*LIVES[name], *more], now=now)


def later(name: str, type_: str, **payload: Any) -> EventDraft:
    last = LIVES[name][-1]
    who = {"record_id": last.record_id, "subject_ref": last.subject_ref, "actor": "hr"}
    return EventDraft(type=type_, at=NOW, payload=payload, **who)


def heard(name: str, verdict: str = "PASS") -> tuple[EventDraft, EventDraft]:
    recorded = next(event for event in LIVES[name] if event.type == "recorded")
    link = {"where": "consent_video", "sha256": FILM, "link": recorded.payload["link"]}
    check = {"verdict": verdict, "source": "heard", "sha256": FILM}
    return later(name, "recorded", **link), later(name, "verification", **check)


REVIEWED = {"basis": "reviewed", "reviewer": "hmac:01", "reason": "hmac:02"}


@pytest.mark.parametrize(
    ("name", "status", "verdict"),
    [
        ("typed", "review", "REVIEW"),
        ("heard", "given", "PASS"),
        ("brought", "review", "REVIEW"),
        ("taken back", "review", "MISMATCH"),
        ("reviewed", "given", "REVIEW"),
        ("withdrawn", "withdrawn", "REVIEW"),
        ("erased", "erased", "REVIEW"),
        ("not given", "review", "REVIEW"),
        ("lost", "review", "REVIEW"),
        ("denied", "recorded", "MISMATCH"),
        ("short", "review", "REVIEW"),
        ("raised", "review", "REVIEW"),
        ("relinked", "review", "MISMATCH"),
    ],
)
def test_what_was_only_supplied_waits_for_a_named_person(name: str, status: str, verdict: str) -> None:
    record = state(name)
    assert (record.state, record.verdict) == (status, verdict)


@pytest.mark.parametrize("name", NAMES)
def test_no_record_becomes_unsound(name: str) -> None:
    assert state(name).problem is None


@pytest.mark.parametrize("name", NAMES)
def test_the_projection_keeps_all_of_it(name: str) -> None:
    assert state_of(text_of(state(name))) == state(name)


@pytest.mark.parametrize("name", ["typed", "brought", "taken back", "lost", "short", "raised", "relinked"])
def test_what_was_made_of_it_stays_known_and_nothing_more_is_made(name: str) -> None:
    record = state(name)
    assert [one for one in record.intents if one.replica_id in record.replicas or not one.is_settled]
    with pytest.raises(ConsentError):
        ConsentPolicy().admit(ConsentRecord(state=record), now=NOW)


@pytest.mark.parametrize("name", ["heard", "reviewed"])
def test_what_was_heard_or_reviewed_still_verifies(name: str) -> None:
    assert ConsentPolicy(requires="verified").admit(ConsentRecord(state=state(name)), now=NOW) is None


@pytest.mark.parametrize("name", ["typed", "brought", "not given", "lost", "raised"])
def test_a_recognizer_that_hears_it_settles_it(name: str) -> None:
    record = state(name, *heard(name))
    assert record.state is (State.RECORDED if name == "not given" else State.GIVEN)
    assert ConsentPolicy(requires="verified").admit(ConsentRecord(state=record), now=NOW) in (None, "verified")


@pytest.mark.parametrize("name", ["typed", "brought", "not given", "lost", "raised"])
def test_a_named_person_settles_it(name: str) -> None:
    record = state(name, later(name, "given", **REVIEWED))
    assert (record.state, record.basis, record.matches) == (State.GIVEN, "reviewed", True)


@pytest.mark.parametrize("name", ["typed", "reviewed"])
def test_what_is_heard_against_it_counts(name: str) -> None:
    assert state(name, *heard(name, "MISMATCH")).matches is False


@pytest.mark.parametrize("name", ["taken back", "denied", "relinked"])
def test_nothing_lifts_a_denial(name: str) -> None:
    record = state(name, *heard(name))
    assert record.verdict == "MISMATCH"
    with pytest.raises(IllegalTransition) as caught:
        apply(record, later(name, "given", **REVIEWED), now=NOW)
    assert caught.value.reason == "mismatch"


def test_what_counted_as_given_takes_no_other_recording() -> None:
    other = later("typed", "recorded", where="consent_video", link="hmac:other")
    with pytest.raises(IllegalTransition) as caught:
        apply(state("typed"), other, now=NOW)
    assert caught.value.reason == "other_evidence"


def test_what_counted_as_given_is_withdrawn_and_not_refused() -> None:
    with pytest.raises(IllegalTransition, match="withdraw it"):
        apply(state("typed"), later("typed", "refused"), now=NOW)
    assert apply(state("typed"), later("typed", "withdrawing"), now=NOW).state is State.WITHDRAWING


def test_a_lost_answer_can_still_be_looked_up() -> None:
    intent = state("lost").unsettled[0].intent_id
    found = state("lost", later("lost", "reconciled", intent=intent, replica_id="r9"))
    assert (found.state, found.replicas, found.unsettled) == (State.REVIEW, ("r9",), ())


def test_what_counted_as_given_ends_by_itself() -> None:
    assert state("short", now=NOW + timedelta(days=2)).state is State.EXPIRED


def test_a_new_check_ends_the_leniency() -> None:
    record = state("typed", later("typed", "verification", verdict="REVIEW", source="heard"))
    with pytest.raises(IllegalTransition):
        apply(record, later("typed", "given", basis="verified"), now=NOW)


def test_attempts_say_that_they_were_supplied() -> None:
    codes = [event for event in LIVES["taken back"] if event.type == "verification"]
    attempts = [Attempt.from_codes(event.at, event.payload) for event in codes]
    assert [(one.verdict, one.source) for one in attempts] == [("MISMATCH", "supplied"), ("REVIEW", "supplied")]


def test_the_ledger_stays_sound(sqlite_ledger: Ledger) -> None:
    sqlite_ledger.store.import_lines(LINES)
    found = sqlite_ledger.verify()
    assert (found.ok, found.problems) == (True, ())
    kept = sqlite_ledger.store.state(LIVES["taken back"][0].record_id)
    assert kept is not None
    assert kept.at(NOW) == state("taken back")
