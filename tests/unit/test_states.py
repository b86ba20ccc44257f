"""The life cycle of a consent record: every state with every event, and additional invariants."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import asdict
from tests.rows import each_row

from tavus_consent import IllegalTransition
from tavus_consent.consent import State, Verdict
from tavus_consent.consent.events import EventDraft, format_time
from tavus_consent.consent.fold import advance, apply, fold, spoil
from tavus_consent.consent.states import TRANSITIONS, RecordState
from tavus_consent.consent.verdict import worst
from tavus_consent.ledger import Event, EventType

BEGIN = datetime(2026, 5, 23, 12, tzinfo=UTC)
END = BEGIN + timedelta(days=365)
AFTER = END + timedelta(days=1)
HASH, OTHER_HASH = "a" * 64, "b" * 64

# A payload with which each event is fine, wherever the table allows it.
PAYLOADS: dict[str, dict[str, Any]] = {
    "requested": {"expires_at": format_time(END)},
    "recorded": {"where": "consent_video", "sha256": HASH},
    "verification": {"verdict": "PASS", "source": "heard", "sha256": HASH},
    "given": {"basis": "verified"},
    "submit_intent": {"intent": "i9"},
    "submitted": {"intent": "i1", "replica_id": "r1"},
    "failed": {"intent": "i1"},
    "outcome_unknown": {"intent": "i1"},
    "reconciled": {"intent": "i1"},
    "bound": {"replica_id": "r1"},
    "use_intent": {"use": "u1", "operation": "generateVideo", "likeness": "r1"},
    "used": {"use": "u1", "outcome": "made", "kind": "video", "object_id": "v1"},
    "deleted": {"kind": "replica", "object_id": "r1"},
}


def event(type_: str, at: datetime = BEGIN, **other: Any) -> EventDraft:
    payload = other.pop("payload", PAYLOADS.get(type_, {}))
    return EventDraft(
        **{"type": type_, "at": at, "record_id": "rec", "subject_ref": "sub", "actor": "hr", "payload": payload} | other
    )


def life(*types: str | EventDraft, now: datetime = BEGIN, start: RecordState | None = None) -> RecordState:
    return fold([event(one) if isinstance(one, str) else one for one in types], now=now, start=start)


CHECKED = ("requested", "recorded", "verification")
GIVEN = (*CHECKED, "given")
OPEN = event("submit_intent", payload={"intent": "i1"})
DONE = event("failed")

# A way into each state. Where outcomes of a create can still come in, one is open.
WAYS: dict[State, tuple[str | EventDraft, ...]] = {
    State.NONE: (),
    State.REQUESTED: ("requested",),
    State.RECORDED: CHECKED,
    State.REVIEW: (*CHECKED, "review"),
    State.GIVEN: (*GIVEN, OPEN),
    State.EXPIRED: (*GIVEN, OPEN),
    State.REFUSED: ("requested", "refused"),
    State.LAPSED: ("requested", "lapsed"),
    State.WITHDRAWING: (*GIVEN, OPEN, "withdrawing"),
    State.WITHDRAWN: (*GIVEN, "withdrawing", "withdrawn"),
    State.INVALIDATED: (*GIVEN, OPEN, "invalidated"),
    State.ERASED: ("requested", "erased"),
    State.ATTESTED: ("attestation", OPEN),
    State.BYPASSED: ("bypassed",),
    State.KEYED: ("keyed",),
}
UNSOUND = spoil(fold([event(one) if isinstance(one, str) else one for one in (*GIVEN, OPEN)], now=BEGIN), "", "", "odd")


# state: events, and where they lead. Everything else is refused.
TABLE = """
none:         requested>requested attestation>attested bypassed>bypassed keyed>keyed
requested:    recorded>recorded refused>refused lapsed>lapsed receipt_issued>requested invalidated>invalidated
              erased>erased
recorded:     recorded>recorded verification>recorded review>review given>given refused>refused lapsed>lapsed
              withdrawing>withdrawing receipt_issued>recorded invalidated>invalidated erased>erased
review:       recorded>review verification>review review>review given>given refused>refused lapsed>lapsed
              withdrawing>withdrawing receipt_issued>review invalidated>invalidated erased>erased
given:        training_completed>given training_failed>given
              use_intent>given used>given deleted>given
              recorded>given verification>given given>given submit_intent>given submitted>given failed>given
              outcome_unknown>given reconciled>given bound>given receipt_issued>given withdrawing>withdrawing
              invalidated>invalidated
expired:      training_completed>expired training_failed>expired
              use_intent>expired used>expired deleted>expired
              expired>expired submitted>expired failed>expired outcome_unknown>expired reconciled>expired bound>expired
              receipt_issued>expired withdrawing>withdrawing invalidated>invalidated erased>erased
refused:      receipt_issued>refused invalidated>invalidated erased>erased
lapsed:       lapsed>lapsed receipt_issued>lapsed invalidated>invalidated erased>erased
withdrawing:  training_completed>withdrawing training_failed>withdrawing
              use_intent>withdrawing used>withdrawing deleted>withdrawing
              withdrawing>withdrawing withdrawn>withdrawn submitted>withdrawing failed>withdrawing
              outcome_unknown>withdrawing reconciled>withdrawing bound>withdrawing receipt_issued>withdrawing
              invalidated>invalidated
withdrawn:    training_completed>withdrawn training_failed>withdrawn
              use_intent>withdrawn used>withdrawing deleted>withdrawn
              bound>withdrawing receipt_issued>withdrawn invalidated>invalidated erased>erased
invalidated:  training_completed>invalidated training_failed>invalidated
              use_intent>invalidated used>invalidated deleted>invalidated
              withdrawing>withdrawing submitted>invalidated failed>invalidated outcome_unknown>invalidated
              reconciled>invalidated bound>invalidated receipt_issued>invalidated erased>erased
attested:     training_completed>attested training_failed>attested
              use_intent>attested used>attested deleted>attested
              withdrawing>withdrawing submit_intent>attested submitted>attested failed>attested
              outcome_unknown>attested reconciled>attested bound>attested receipt_issued>attested
              invalidated>invalidated erased>erased
bypassed:     training_completed>bypassed training_failed>bypassed
              use_intent>bypassed used>bypassed deleted>bypassed bound>bypassed withdrawing>withdrawing
              invalidated>invalidated erased>erased
keyed:        keyed>keyed
unsound:      training_completed>unsound training_failed>unsound
              use_intent>unsound used>unsound deleted>unsound
              withdrawing>withdrawing submitted>unsound failed>unsound outcome_unknown>unsound reconciled>unsound
              bound>unsound invalidated>invalidated erased>erased
erased:
"""


def table() -> dict[State, dict[str, State]]:
    lines: dict[State, dict[str, State]] = {}
    for word in TABLE.split():
        if word.endswith(":"):
            row = lines.setdefault(State(word[:-1]), {})
        else:
            name, _, reached = word.partition(">")
            row[name] = State(reached)
    return lines


PAIRS = list(itertools.product(State, EventType))


def test_every_state_has_a_row() -> None:
    assert set(TRANSITIONS) == set(table()) == set(State) == {*WAYS, State.UNSOUND}


@each_row(("state", "type_"), PAIRS, ids=lambda one: str(one), by=lambda state, _: state)
def test_every_state_and_every_event(state: State, type_: EventType) -> None:
    at = AFTER if state is State.EXPIRED else BEGIN
    record = UNSOUND if state is State.UNSOUND else life(*WAYS[state], now=at)
    assert record.state is state
    if type_ in ("withdrawn", "erased") and record.unsettled:
        record = fold([event("failed", at)], now=at, start=record)
    expected = table()[state].get(type_)
    payload = LIFTED.payload if (state, type_) == (State.REVIEW, "given") else PAYLOADS.get(type_, {})
    if expected is None:
        with pytest.raises(IllegalTransition) as caught:
            apply(record, event(type_, at), now=at)
        assert (caught.value.state, caught.value.event, caught.value.reason) == (state, type_, "illegal_transition")
    else:
        assert apply(record, event(type_, at, payload=payload), now=at).state is expected


@pytest.mark.parametrize(
    ("way", "type_", "instead"),
    [
        (("requested",), "verification", "add the recording first"),
        (("requested",), "withdrawing", "nothing was given yet, write down a refusal"),
        (GIVEN, "refused", "withdraw it"),
        (GIVEN, "erased", "withdraw it first"),
        ((*GIVEN, "withdrawing"), "erased", "bring the withdrawal to its end first"),
        (("requested", "refused"), "recorded", "begin a new record"),
        (("requested", "erased"), "submit_intent", "begin a new record"),
    ],
)
def test_what_is_not_possible_says_what_is(way: tuple[str, ...], type_: str, instead: str) -> None:
    record = life(*way)
    with pytest.raises(IllegalTransition) as caught:
        apply(record, event(type_), now=BEGIN)
    assert str(caught.value) == f"the consent record is {record.state}: {type_} is not possible then; {instead}"


def test_what_nobody_would_want_is_plainly_not_possible() -> None:
    with pytest.raises(IllegalTransition) as caught:
        life("requested", "attestation")
    assert str(caught.value) == "the consent record is requested: attestation is not possible then"


def test_a_refusal_of_consent_that_expired_is_a_withdrawal() -> None:
    with pytest.raises(IllegalTransition, match=r"not possible then; withdraw it$"):
        apply(life(*GIVEN, now=AFTER), event("refused", AFTER), now=AFTER)


def test_nothing_happened_yet() -> None:
    nothing: dict[str, Any] = dict.fromkeys(("started_at", "changed_at", "expires_at", "evidence", "early", "basis"))
    nothing |= {"given_at": None, "withdrawn_at": None, "record_id": "", "subject_ref": "", "version": 0, "attempts": 0}
    nothing |= {"state": State.NONE, "checks": frozenset(), "earlier": ()}
    nothing |= {"intents": (), "replicas": (), "voices": (), "gone": frozenset(), "deleted": frozenset()}
    nothing |= {"problem": None, "retention": None, "renews": None}
    assert asdict(fold([], now=BEGIN)) == nothing


def test_a_create_that_is_open_has_its_time_and_no_replica() -> None:
    assert [(one.at, one.replica_id) for one in life(*GIVEN, OPEN).intents] == [(BEGIN, None)]


def test_a_create_that_succeeded_knows_its_replica() -> None:
    assert [one.replica_id for one in life(*GIVEN, OPEN, "submitted").intents] == ["r1"]


def test_a_create_that_failed_binds_nothing() -> None:
    told = event("failed", payload={"intent": "i1", "replica_id": "r9"})
    assert life(*GIVEN, OPEN, told).replicas == ()


def test_a_recording_has_its_time_and_nobody_has_reviewed_it() -> None:
    record = life("requested", "recorded")
    assert record.evidence is not None
    assert (record.evidence.at, record.lifted) == (BEGIN, False)


def test_folding_goes_on_where_it_stopped() -> None:
    half = life(*CHECKED)
    assert life("given", start=half) == life(*GIVEN)


def test_events_are_counted_and_dated() -> None:
    later = BEGIN + timedelta(hours=1)
    record = life("requested", event("recorded", later), now=later)
    assert (record.version, record.started_at, record.changed_at) == (2, BEGIN, later)


def refused(*types: str | EventDraft, now: datetime = BEGIN) -> tuple[str, str]:
    """The last event must be the one that is refused."""
    before = life(*types[:-1], now=now)
    with pytest.raises(IllegalTransition) as caught:
        life(types[-1], start=before, now=now)
    said = str(caught.value).removeprefix(f"the consent record is {caught.value.state}: {caught.value.event} ")
    assert re.fullmatch(r"[a-z][a-z,;: ]+", said), said
    return caught.value.event, caught.value.reason


# time


@pytest.mark.parametrize("offset", [timedelta(minutes=-20), timedelta(minutes=20), timedelta(days=30)])
def test_the_order_of_events_counts_and_not_their_times(offset: timedelta) -> None:
    """The clocks of machines differ."""
    record = life("requested", event("recorded", BEGIN + offset), event("verification", BEGIN), "given")
    assert (record.state, record.problem) == (State.GIVEN, None)


# what is in a ledger, whatever it is


def told(type_: str, seq: int = 7, **other: Any) -> Event:
    return event(type_, **other).placed(seq=seq, prev="0" * 64, hash="1" * 64)


def test_an_event_that_is_possible_advances_a_record_as_folding_does() -> None:
    assert advance(life(*CHECKED), told("given")) == life(*GIVEN)


def test_an_event_that_is_not_possible_makes_a_record_unsound_and_says_which() -> None:
    record = advance(advance(life(*GIVEN, OPEN, "submitted"), told("requested")), told("given", 8))
    assert (record.state, record.version, record.replicas) == (State.UNSOUND, 8, ("r1",))
    assert record.problem == "event 7: the consent record is given: requested is not possible then"


def test_a_record_that_begins_with_something_else_is_unsound_and_no_attestation() -> None:
    record = advance(RecordState(), told("given"))
    assert (record.state, record.record_id, record.subject_ref) == (State.UNSOUND, "rec", "sub")
    assert not record.is_attestation


def test_the_present_plays_no_part_in_what_is_kept() -> None:
    record = RecordState()
    for type_ in GIVEN:
        record = advance(record, told(type_))
    assert (record.state, record.at(AFTER).state) == (State.GIVEN, State.EXPIRED)


def test_a_record_that_is_unsound_can_be_withdrawn_to_its_end() -> None:
    record = fold([event("withdrawing"), event("failed"), event("withdrawn")], now=BEGIN, start=UNSOUND)
    assert (record.state, record.problem) == (State.WITHDRAWN, "odd")


@pytest.mark.parametrize("payload", [{"a": 1}, [1], 5, True])
@each_row(
    ("way", "type_", "member"),
    [
        ((), "requested", "expires_at"),
        (("requested",), "recorded", "where"),
        (("requested",), "recorded", "sha256"),
        (("requested", "recorded"), "verification", "verdict"),
        (("requested", "recorded"), "verification", "sha256"),
        (CHECKED, "given", "basis"),
        (GIVEN, "submit_intent", "intent"),
        ((*GIVEN, OPEN), "submitted", "intent"),
        ((*GIVEN, OPEN), "submitted", "replica_id"),
        (GIVEN, "bound", "replica_id"),
        (GIVEN, "withdrawing", "gone"),
    ],
)
def test_a_member_of_another_kind_stops_nobody(
    way: tuple[str | EventDraft, ...], type_: str, member: str, payload: Any
) -> None:
    odd = told(type_, payload={**PAYLOADS.get(type_, {}), member: payload})
    assert advance(life(*way), odd).state is State.UNSOUND


@pytest.mark.parametrize(
    "payload",
    [{}, {"expires_at": None}, {"expires_at": "2027-05-23"}, {"expires_at": format_time(BEGIN)}],
    ids=["none", "null", "malformed", "at_once"],
)
def test_consent_always_has_an_end_date(payload: dict[str, Any]) -> None:
    assert refused(event("requested", payload=payload)) == ("requested", "no_end")


def test_given_consent_expires_by_itself() -> None:
    assert life(*GIVEN, now=END).state is State.EXPIRED


def test_given_consent_holds_until_its_last_moment() -> None:
    assert life(*GIVEN, now=END - timedelta(microseconds=1)).state is State.GIVEN


def test_a_request_that_nobody_answers_lapses_by_itself() -> None:
    assert life("requested", now=END).state is State.LAPSED
    assert life("requested", now=END - timedelta(microseconds=1)).state is State.REQUESTED


def test_a_recording_that_comes_after_the_end_answers_nothing() -> None:
    assert refused("requested", event("recorded", END), now=AFTER) == ("recorded", "illegal_transition")


def test_only_given_consent_expires() -> None:
    assert life(*GIVEN, "withdrawing", now=AFTER).state is State.WITHDRAWING


def test_consent_cannot_be_given_after_its_end() -> None:
    assert refused(*CHECKED, event("given", END), now=AFTER) == ("given", "expired")


def test_expired_consent_trains_nothing() -> None:
    assert refused(*GIVEN, event("submit_intent", END), now=AFTER) == ("submit_intent", "illegal_transition")


def test_consent_that_has_not_expired_cannot_be_called_expired() -> None:
    assert refused(*GIVEN, "expired") == ("expired", "illegal_transition")


# whose


@pytest.mark.parametrize("other", [{"record_id": "rec2"}, {"subject_ref": "sub2"}])
def test_events_of_others_are_not_mixed_in(other: dict[str, str]) -> None:
    assert refused("requested", event("recorded", **other)) == ("recorded", "other_record")


# the recording, and what was heard in it


def test_evidence_says_where_the_statement_is() -> None:
    assert refused("requested", event("recorded", payload={"where": "attic"})) == ("recorded", "payload")


@pytest.mark.parametrize("sha256", [OTHER_HASH, None])
def test_given_consent_takes_no_other_recording(sha256: str | None) -> None:
    other = event("recorded", payload={"where": "consent_video", "sha256": sha256})
    assert refused(*GIVEN, other) == ("recorded", "other_evidence")


def test_given_consent_takes_another_link_to_the_same_bytes() -> None:
    moved = event("recorded", payload={"where": "training_video", "sha256": HASH})
    record = life(*GIVEN, moved)
    assert (record.state, record.evidence and record.evidence.where) == (State.GIVEN, "training_video")


def brought(sha256: str | None = None, *, at: str = "a", link: str = "1") -> EventDraft:
    """A recording at an address, with a link that was signed for it."""
    refs = {"recording": f"hmac:{at}", "link": f"hmac:{at}{link}"}
    return event("recorded", payload={"where": "consent_video", "sha256": sha256} | refs)


@pytest.mark.parametrize(
    ("first", "again", "kept"),
    [
        (brought(HASH), brought(HASH, at="b"), Verdict.MISMATCH),
        (brought(HASH), brought(OTHER_HASH), None),
        (brought(HASH), brought(OTHER_HASH, at="b"), None),
        (brought(HASH), brought(link="2"), Verdict.MISMATCH),
        (brought(HASH), brought(at="b"), None),
        (brought(), brought(link="2"), Verdict.MISMATCH),
        (brought(), brought(HASH), Verdict.MISMATCH),
        (brought(), brought(at="b"), None),
        ("recorded", event("recorded", payload={"where": "consent_video"}), None),
    ],
)
def test_a_verdict_belongs_to_the_recording(first: str | EventDraft, again: EventDraft, kept: Verdict | None) -> None:
    assert life("requested", first, heard("MISMATCH"), again).verdict is kept


def test_a_link_without_the_new_address_is_the_same_link_all_the_same() -> None:
    """Early releases kept a reference to the whole link alone."""
    before = event("recorded", payload={"where": "consent_video", "link": "hmac:a1"})
    assert life("requested", before, heard("MISMATCH"), brought()).verdict is Verdict.MISMATCH


def test_a_recording_that_comes_back_brings_its_verdict() -> None:
    record = life("requested", brought(), heard("MISMATCH"), brought(at="b"), heard("PASS"), brought(link="2"))
    assert record.verdict is Verdict.MISMATCH


def test_bytes_that_turn_out_to_be_an_earlier_recording_have_its_verdict() -> None:
    record = life("requested", brought(HASH), heard("MISMATCH"), brought(at="b"), brought(HASH, at="b"))
    assert record.verdict is Verdict.MISMATCH


def test_a_doubt_comes_back_with_its_recording() -> None:
    record = life("requested", brought(), heard("REVIEW"), brought(at="b"))
    assert (record.state, life(brought(), start=record).state) == (State.RECORDED, State.REVIEW)


def test_a_link_to_a_known_recording_keeps_its_hash() -> None:
    evidence = life("requested", brought(HASH), brought(link="2")).evidence
    assert evidence is not None
    assert evidence.sha256 == HASH


def heard(verdict: str, **other: Any) -> EventDraft:
    return event("verification", payload={"verdict": verdict, "source": "heard"} | other)


def supplied(verdict: str, engine: str = "text", **parts: str) -> EventDraft:
    payload = {"verdict": verdict, "source": "supplied", "engine": engine, "parts": parts}
    return event("verification", payload=payload)


def given(basis: str, **other: Any) -> EventDraft:
    return event("given", payload={"basis": basis} | other)


LIFTED = given("reviewed", reviewer="hmac:01", reason="hmac:02")


def test_a_check_has_a_verdict() -> None:
    assert refused("requested", "recorded", heard("GOOD")) == ("verification", "payload")


def test_a_check_of_other_bytes_does_not_count() -> None:
    assert refused("requested", "recorded", heard("PASS", sha256=OTHER_HASH)) == ("verification", "other_evidence")


TYPED = supplied("REVIEW", name="PASS", source="REVIEW")
CHECKS = {
    "mismatch": heard("MISMATCH"),
    "denied": supplied("MISMATCH"),
    "doubt": heard("REVIEW", parts={"name": "REVIEW"}),
    "doubted text": supplied("REVIEW", name="REVIEW", source="REVIEW"),
    "typed": TYPED,
    "transcribed": supplied("PASS", "whisper-large-v3"),
    "heard": heard("PASS", sha256=HASH),
    "heard, bytes unknown": heard("PASS"),
    "unusable": heard("UNUSABLE"),
}
WORST_FIRST: tuple[tuple[set[str], Verdict], ...] = (
    ({"mismatch", "denied"}, Verdict.MISMATCH),
    ({"doubt", "doubted text"}, Verdict.REVIEW),
    ({"transcribed", "heard", "heard, bytes unknown"}, Verdict.PASS),
    ({"typed"}, Verdict.REVIEW),
    ({"unusable"}, Verdict.UNUSABLE),
)


@pytest.mark.parametrize("names", list(itertools.permutations(CHECKS, 2)), ids=" then ".join)
def test_no_check_takes_back_another(names: tuple[str, str]) -> None:
    record = life("requested", "recorded", *(CHECKS[name] for name in names))
    expected = next(verdict for kinds, verdict in WORST_FIRST if kinds & set(names))
    state = State.REVIEW if expected is Verdict.REVIEW else State.RECORDED
    assert (record.attempts, record.verdict, record.state) == (2, expected, state)


@pytest.mark.parametrize(
    ("verdict", "basis", "problem"),
    [
        (None, given("recorded"), None),
        ("heard", given("recorded"), None),
        ("typed", given("recorded"), "review"),
        ("unusable", given("recorded"), None),
        ("doubt", given("recorded"), "review"),
        ("mismatch", given("recorded"), "mismatch"),
        (None, given("transcribed"), "not_passed"),
        ("heard", given("transcribed"), None),
        ("heard, bytes unknown", given("transcribed"), None),
        ("transcribed", given("transcribed"), None),
        ("typed", given("transcribed"), "review"),
        ("denied", given("transcribed"), "not_passed"),
        (None, given("verified"), "not_passed"),
        ("heard", given("verified"), None),
        ("heard, bytes unknown", given("verified"), "not_passed"),
        ("transcribed", given("verified"), "not_passed"),
        ("typed", given("verified"), "review"),
        ("unusable", given("verified"), "not_passed"),
        ("doubt", given("verified"), "review"),
        ("mismatch", given("verified"), "not_passed"),
        (None, LIFTED, "nothing_to_lift"),
        ("heard", LIFTED, "nothing_to_lift"),
        ("transcribed", LIFTED, None),
        ("typed", LIFTED, None),
        ("unusable", LIFTED, None),
        ("doubt", LIFTED, None),
        ("doubted text", LIFTED, None),
        ("mismatch", LIFTED, "mismatch"),
        ("denied", LIFTED, "mismatch"),
        ("doubt", given("reviewed", reason="hmac:02"), "payload"),
        ("doubt", given("reviewed", reviewer="hmac:01"), "payload"),
        ("heard", given("hoped"), "payload"),
        ("heard", given(""), "payload"),
    ],
)
def test_on_which_basis_consent_counts_as_given(verdict: str | None, basis: EventDraft, problem: str | None) -> None:
    before: list[str | EventDraft] = ["requested", "recorded", *([CHECKS[verdict]] if verdict else [])]
    if problem is None:
        record = life(*before, basis)
        assert (record.state, record.basis, record.given_at) == (State.GIVEN, basis.payload["basis"], BEGIN)
    else:
        assert refused(*before, basis) == ("given", problem)


def test_a_later_check_raises_the_basis_and_not_the_date() -> None:
    later = BEGIN + timedelta(days=1)
    record = life(
        "requested",
        "recorded",
        given("recorded"),
        "verification",
        event("given", later, payload={"basis": "verified"}),
        now=later,
    )
    assert (record.basis, record.given_at) == ("verified", BEGIN)


@pytest.mark.parametrize("basis", ["recorded", "transcribed"])
def test_given_is_not_given_twice_for_nothing(basis: str) -> None:
    assert refused(*GIVEN, given(basis)) == ("given", "given_already")


@pytest.mark.parametrize(
    ("verdict", "basis", "problem"),
    [
        ("PASS", "recorded", "review"),
        ("PASS", "verified", "review"),
        ("PASS", "reviewed", None),
        ("REVIEW", "reviewed", None),
        ("MISMATCH", "reviewed", "mismatch"),
    ],
)
def test_what_is_under_review_is_for_a_named_person(verdict: str, basis: str, problem: str | None) -> None:
    """A second engine that is surer does not lift the doubt of the first."""
    way = ("requested", "recorded", "review", heard(verdict))
    decision = event("given", payload=LIFTED.payload | {"basis": basis})
    if problem is None:
        assert life(*way, decision).state is State.GIVEN
    else:
        assert refused(*way, decision) == ("given", problem)


@pytest.mark.parametrize("verdict", ["REVIEW", "MISMATCH"])
def test_nothing_is_trained_when_a_later_check_speaks_against_it(verdict: str) -> None:
    assert refused(*GIVEN, heard(verdict), OPEN) == ("submit_intent", "mismatch")


def test_a_doubt_that_was_lifted_is_none() -> None:
    assert life("requested", "recorded", heard("REVIEW"), LIFTED, OPEN).unsettled


def test_a_doubt_that_comes_after_the_lifting_counts_again() -> None:
    record = life("requested", "recorded", heard("REVIEW"), LIFTED, heard("REVIEW"))
    assert not record.matches


@pytest.mark.parametrize("way", [("requested", "recorded"), CHECKED, (*CHECKED, "review"), GIVEN])
def test_a_withdrawal_needs_no_verification(way: tuple[str, ...]) -> None:
    assert life(*way, "withdrawing").withdrawn_at == BEGIN


# creates and what came of them


def intent(type_: str, **payload: Any) -> EventDraft:
    return event(type_, payload={"intent": "i1"} | payload)


@pytest.mark.parametrize(
    ("outcome", "status", "replicas", "settled"),
    [
        ([], "open", (), False),
        ([intent("submitted", replica_id="r1")], "submitted", ("r1",), True),
        ([intent("failed")], "failed", (), True),
        ([intent("outcome_unknown")], "unknown", (), False),
        ([intent("outcome_unknown"), intent("reconciled", replica_id="r1")], "found", ("r1",), True),
        ([intent("outcome_unknown"), intent("reconciled")], "absent", (), True),
        ([intent("reconciled", replica_id="r1")], "found", ("r1",), True),
        ([intent("outcome_unknown"), intent("submitted", replica_id="r1")], "submitted", ("r1",), True),
    ],
)
def test_what_became_of_a_create(
    outcome: list[EventDraft], status: str, replicas: tuple[str, ...], settled: bool
) -> None:
    record = life(*GIVEN, OPEN, *outcome)
    assert (record.intents[0].status, record.replicas, not record.unsettled) == (status, replicas, settled)


@pytest.mark.parametrize(
    ("before", "outcome"),
    [
        ([], intent("submitted", replica_id="r1", intent="i2")),
        ([], event("failed", payload={})),
        ([intent("failed")], intent("submitted", replica_id="r1")),
        ([intent("submitted", replica_id="r1")], intent("failed")),
        ([intent("outcome_unknown")], intent("outcome_unknown")),
        ([intent("outcome_unknown")], intent("failed")),
        ([intent("reconciled")], intent("reconciled", replica_id="r1")),
    ],
)
def test_no_outcome_without_an_open_create(before: list[EventDraft], outcome: EventDraft) -> None:
    assert refused(*GIVEN, OPEN, *before, outcome) == (outcome.type, "intent")


@pytest.mark.parametrize("type_", ["submitted", "bound"])
def test_a_replica_has_an_id(type_: str) -> None:
    assert refused(*GIVEN, OPEN, intent(type_)) == (type_, "payload")


@pytest.mark.parametrize("payload", [{}, {"intent": ""}, {"intent": "i1"}])
def test_every_create_has_an_id_of_its_own(payload: dict[str, Any]) -> None:
    assert refused(*GIVEN, OPEN, event("submit_intent", payload=payload)) == ("submit_intent", "intent")


def test_a_replica_is_bound_once() -> None:
    assert life(*GIVEN, OPEN, "submitted", "bound", "bound").replicas == ("r1",)


# the end


GONE = event("withdrawing", payload={"gone": "r1"})
BOUND = (*GIVEN, OPEN, "submitted")


def test_withdrawn_holds_from_the_first_second() -> None:
    record = life(*BOUND, "withdrawing")
    assert (record.state, record.withdrawn_at, record.remaining) == (State.WITHDRAWING, BEGIN, ("r1",))


def test_a_withdrawal_is_over_when_every_replica_is_gone() -> None:
    record = life(*BOUND, "withdrawing", GONE, "withdrawn")
    assert (record.state, record.remaining) == (State.WITHDRAWN, ())


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ((*BOUND, "withdrawing", "withdrawn"), "remaining"),
        ((*GIVEN, OPEN, "withdrawing", "withdrawn"), "unsettled"),
        ((*GIVEN, OPEN, "outcome_unknown", "withdrawing", "withdrawn"), "unsettled"),
        ((*BOUND, "invalidated", "erased"), "remaining"),
        ((*GIVEN, OPEN, "invalidated", "erased"), "unsettled"),
        (("attestation", OPEN, "submitted", "erased"), "remaining"),
    ],
)
def test_nothing_ends_while_something_is_left(way: tuple[str | EventDraft, ...], reason: str) -> None:
    assert refused(*way)[1] == reason


def test_only_replicas_of_the_record_can_be_gone() -> None:
    assert refused(*GIVEN, "withdrawing", GONE) == ("withdrawing", "payload")


def test_a_replica_that_turns_up_late_opens_the_withdrawal_again() -> None:
    record = life(*GIVEN, "withdrawing", "withdrawn", "bound")
    assert (record.state, record.remaining) == (State.WITHDRAWING, ("r1",))


def test_the_date_of_a_withdrawal_stays() -> None:
    later = BEGIN + timedelta(days=1)
    events = (*GIVEN, "withdrawing", event("withdrawing", later), event("invalidated", later))
    assert life(*events, now=later).withdrawn_at == BEGIN


@pytest.mark.parametrize("verdicts", list(itertools.combinations_with_replacement(Verdict, 2)))
def test_the_worst_verdict_decides(verdicts: tuple[Verdict, Verdict]) -> None:
    assert worst(verdicts) is worst(reversed(verdicts)) is verdicts[1]


def test_no_verdict_is_unusable() -> None:
    assert worst(()) is Verdict.UNUSABLE
