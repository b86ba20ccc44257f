"""The pure fold of a record's events: the conditions of each event, and its effect on the record.

What the fold reads in payloads (everything else is the writer's own):

=================  ==================================================================================================
requested          ``expires_at``; ``retention``, in seconds, and ``renews``, a record, if there is one
recorded           ``where`` (see ``PLACES``), ``sha256`` of the recording when it is known, and keyed
                   references: ``recording`` (host and path of the link) and ``link`` (all of it)
verification       ``verdict``, ``source``, ``engine``, ``parts``, and ``sha256`` of the recording that was heard
given              ``basis`` (recorded | transcribed | verified | reviewed); for the last also ``reviewer``, ``reason``
submit_intent      ``intent``, a new id
submitted          ``intent``, and ``replica_id`` or ``voice_id``
failed             ``intent``
outcome_unknown    ``intent``
reconciled         ``intent``, and ``replica_id`` or ``voice_id`` when one was found
bound              ``replica_id`` or ``voice_id``
training_*         ``replica_id`` and ``stage``; the fold reads neither
use_intent         ``use``, a new id, and ``operation``
used               ``use``, ``outcome`` (made | failed | unknown), and for what was made ``kind`` and ``object_id``
deleted            ``kind``, ``object_id``
keyed              nothing: the calls with a key read it
withdrawing        ``gone``, the replica or voice whose absence was confirmed; nothing at the beginning
=================  ==================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import evolve

from tavus_consent.errors import IllegalTransition, InvalidRequestError

from .checks import BASES, Check, basis_of, check_of, fulfils, is_doubtful, lifted
from .early import Early
from .events import Event, EventDraft, EventType, parse_time
from .states import ALIVE, MAX_RETENTION, PLACES, TRANSITIONS, Earlier, Evidence, Intent, RecordState, State
from .verdict import Verdict

OUTCOMES: Final = ("made", "failed", "unknown")
"""The outcomes of a request that uses a likeness."""
_OVER: Final = frozenset(State) - ALIVE - {State.NONE, State.ATTESTED, State.BYPASSED, State.KEYED}
_USE: Final[frozenset[str]] = frozenset(
    {EventType.RECORDED, EventType.VERIFICATION, EventType.REVIEW, EventType.GIVEN, EventType.SUBMIT_INTENT}
)
_INSTEAD: Final[Mapping[tuple[State, str], str]] = {
    (State.REQUESTED, EventType.VERIFICATION): "; add the recording first",
    (State.REQUESTED, EventType.GIVEN): "; add the recording first",
    (State.REQUESTED, EventType.WITHDRAWING): "; nothing was given yet, write down a refusal",
    (State.GIVEN, EventType.REFUSED): "; withdraw it",
    (State.GIVEN, EventType.ERASED): "; withdraw it first",
    (State.EXPIRED, EventType.REFUSED): "; withdraw it",
    (State.WITHDRAWING, EventType.ERASED): "; bring the withdrawal to its end first",
    **{(state, type_): "; begin a new record" for state in _OVER for type_ in _USE},
}
"""The advice for an impossible transition that people may want."""


def fold(events: Iterable[EventDraft], *, now: datetime, start: RecordState | None = None) -> RecordState:
    """Fold the events of one record.

    The order of the events counts, not their times, because the clocks of machines differ.

    Args:
        events: All events of one record, in their order.
        now: The present, from the clock.
        start: The state after earlier events, if any.

    Returns:
        The state at ``now``; its ``state`` is ``none`` without events.

    Raises:
        IllegalTransition: An event is not possible in its state.
    """
    record = RecordState() if start is None else start
    for event in events:
        record = _step(record, event)
    return record.at(now)


def apply(record: RecordState, event: EventDraft, *, now: datetime) -> RecordState:
    """Return the record after an event that is about to be written.

    Raises:
        IllegalTransition: The event is not possible; the message gives the reason.
    """
    return _step(record, event).at(now)


def advance(record: RecordState, event: Event) -> RecordState:
    """Return the record after any event that is in the ledger, independent of the present.

    An event that is not possible makes the record ``unsound``, so that it stops no other record.
    """
    try:
        return _step(record, event)
    except IllegalTransition as error:
        return spoil(record, event.record_id, event.subject_ref, f"event {event.seq}: {error}")


def spoil(record: RecordState, record_id: str, subject_ref: str, problem: str) -> RecordState:
    """Return the record after an event that is not possible or cannot be read. Its replicas stay known."""
    return evolve(
        record,
        state=State.UNSOUND,
        record_id=record.record_id or record_id,
        subject_ref=record.subject_ref or subject_ref,
        version=record.version + 1,
        problem=record.problem or problem,
    )


def _step(record: RecordState, event: EventDraft) -> RecordState:
    record = record.at(event.at)
    reached = TRANSITIONS[record._row].get(event.type)
    if reached is None:
        instead = _INSTEAD.get((record._row, event.type), "")
        raise _illegal(record, event, "illegal_transition", f"is not possible then{instead}")
    started_at = record.started_at or event.at
    for name in ("record_id", "subject_ref"):
        known = getattr(record, name) or getattr(event, name)
        _need(known == getattr(event, name), record, event, "other_record", "belongs to another record or person")
    effect = _EFFECTS.get(event.type)
    changes = {
        "state": record.state if reached is record._row else reached,
        "record_id": event.record_id,
        "subject_ref": event.subject_ref,
        "version": record.version + 1,
        "started_at": started_at,
        "changed_at": event.at,
        **(effect(record, event) if effect else {}),
    }
    return evolve(record, **changes)


def _requested(record: RecordState, event: EventDraft) -> dict[str, Any]:
    try:
        expires_at = parse_time(event.payload["expires_at"])
    except (KeyError, InvalidRequestError):
        raise _illegal(record, event, "no_end", "has no end date; consent always has one") from None
    _need(expires_at > event.at, record, event, "no_end", "ends before it begins")
    retention = event.payload.get("retention")
    known = isinstance(retention, int) and 0 <= retention <= MAX_RETENTION.total_seconds()
    return {
        "expires_at": expires_at,
        "retention": retention if known else None,
        "renews": _text(event, "renews"),
    }


def _recorded(record: RecordState, event: EventDraft) -> dict[str, Any]:
    where, sha256 = event.payload.get("where", ""), event.payload.get("sha256") or None
    _need(sha256 is None or isinstance(sha256, str), record, event, "payload", "has a SHA-256 that is no text")
    _need(where in PLACES, record, event, "payload", "does not say in which recording the statement is")
    refs = frozenset(ref for name in ("recording", "link") if (ref := _text(event, name)))
    brought = Evidence(where=where, sha256=sha256, at=event.at, refs=refs)
    known = _known(record)
    linked = next((one for one in known if brought.may_be(one.evidence)), None)
    if linked is not None:
        brought = evolve(brought, sha256=sha256 or linked.evidence.sha256)
    same = [one for one in known if one is linked or (sha256 is not None and sha256 == one.evidence.sha256)]
    if record.given_at is not None:  # another link to the same recording is fine, another recording is another consent
        stays = any(one.evidence is record.evidence for one in same)
        _need(stays, record, event, "other_evidence", "brings another recording; make a new record for it")
    checks = frozenset[Check]().union(*(one.checks for one in same))
    had = record.evidence and record.evidence.sha256
    return {
        "evidence": evolve(brought, refs=brought.refs.union(*(one.evidence.refs for one in same))),
        "earlier": tuple(one for one in known if one not in same),
        "checks": checks,
        "early": record.early and record.early.recorded(same=sha256 is not None and sha256 == had),
        **_stands(record, checks),
    }


def _known(record: RecordState) -> tuple[Earlier, ...]:
    """Return the recordings of a record, the present one first."""
    if record.evidence is None:
        return ()
    return (Earlier(evidence=record.evidence, checks=record.checks), *record.earlier)


def _stands(record: RecordState, checks: frozenset[Check]) -> dict[str, Any]:
    """Return the state of a record by the checks of its recording. A doubt about given consent suspends it."""
    if record.state is State.GIVEN:
        return {}
    if record.given_at is None:
        is_open = is_doubtful(checks) and Check.MISMATCH not in checks
        return {"state": State.REVIEW if is_open else State.RECORDED}
    if is_doubtful(checks) or Check.MISMATCH in checks:
        return {"state": State.REVIEW}
    found = basis_of(checks)
    return {"state": State.GIVEN, "basis": record.basis if fulfils(record.basis, found) else found}


def _verified(record: RecordState, event: EventDraft) -> dict[str, Any]:
    verdict, heard = event.payload.get("verdict", ""), event.payload.get("sha256")
    _need(verdict in tuple(Verdict), record, event, "payload", "has no verdict")
    held = record.evidence.sha256 if record.evidence else None
    _need(heard is None or heard == held, record, event, "other_evidence", "is about another recording")
    early = None
    if "source" not in event.payload and (record.early or not record.attempts):
        early = (record.early or Early()).checked(verdict)
    checks = record.checks | {check_of(event.payload)}
    return {
        "checks": checks,
        "attempts": record.attempts + 1,
        "early": early,
        **_stands(record, checks),
    }


def _doubted(record: RecordState, event: EventDraft) -> dict[str, Any]:
    early = None if record.attempts and record.early is None else (record.early or Early()).doubted()
    return {"checks": record.checks | {Check.DOUBT}, "early": early}


def _given(record: RecordState, event: EventDraft) -> dict[str, Any]:
    basis = _text(event, "basis") or ""
    _need(basis in BASES, record, event, "payload", "does not say on which basis")
    _need(
        record.expires_at is not None and event.at < record.expires_at, record, event, "expired", "comes after its end"
    )
    given_at = record.given_at or event.at
    if basis == "reviewed":
        return _reviewed(record, event, given_at)
    passed = record.matches and fulfils(basis_of(record.checks), basis)
    if not passed and record.early is not None and record.early.allows(basis):
        before = evolve(record, state=State.REVIEW, given_at=given_at)
        return {"given_at": given_at, **_stands(before, record.checks)}
    _need(record.state is not State.REVIEW, record, event, "review", "is for a named person to decide, with a reason")
    adds = record.state is State.RECORDED or not fulfils(record.basis, basis) or basis == "verified"
    _need(adds, record, event, "given_already", "adds nothing: it is given already")
    if basis == "recorded":
        _need(record.matches, record, event, "mismatch", "is not possible after a check that did not pass")
    else:
        _need(passed, record, event, "not_passed", "needs a check that passed")
    return {"basis": basis, "given_at": given_at}


def _reviewed(record: RecordState, event: EventDraft, given_at: datetime) -> dict[str, Any]:
    hopeless = record.verdict is Verdict.MISMATCH
    _need(not hopeless, record, event, "mismatch", "cannot lift a mismatch; it needs a new recording")
    # A matching supplied text is not a heard one, so a named person can still listen.
    open_ = is_doubtful(record.checks) or (bool(record.checks) and Check.VERIFIED not in record.checks)
    _need(open_, record, event, "nothing_to_lift", "needs a check that left a doubt")
    named = event.payload.get("reviewer") and event.payload.get("reason")
    _need(bool(named), record, event, "payload", "needs the person who looked at it, and their reason")
    return {
        "state": State.GIVEN,
        "basis": "reviewed",
        "given_at": given_at,
        "checks": lifted(record.checks),
        "early": record.early and record.early.decided(),
    }


def _intended(record: RecordState, event: EventDraft) -> dict[str, Any]:
    matches = record.matches or (record.early is not None and record.early.matches)
    _need(matches, record, event, "mismatch", "is not possible: the recording does not match")
    intent_id = _text(event, "intent") or ""
    known = {intent.intent_id for intent in record.intents}
    _need(bool(intent_id) and intent_id not in known, record, event, "intent", "needs an id of its own")
    return {"intents": (*record.intents, Intent(intent_id=intent_id, at=event.at))}


# What an event says of an intent, and after what it can come.
_STATUS: Final = {
    EventType.SUBMITTED: ("submitted", ("open", "unknown")),
    EventType.FAILED: ("failed", ("open",)),
    EventType.OUTCOME_UNKNOWN: ("unknown", ("open",)),
    EventType.RECONCILED: ("found", ("open", "unknown")),
}


def _settled(record: RecordState, event: EventDraft) -> dict[str, Any]:
    status, after = _STATUS[EventType(event.type)]
    intents = {intent.intent_id: intent for intent in record.intents}
    intent = intents.get(_text(event, "intent") or "")
    if intent is None or intent.status not in after:
        raise _illegal(record, event, "intent", "belongs to no create that is open")
    made = _likeness(event) if status in ("submitted", "found") else None
    _need(status != "submitted" or made is not None, record, event, "payload", "does not name the replica")
    if status == "found" and made is None:
        status = "absent"
    intents[intent.intent_id] = evolve(intent, status=status, replica_id=made and made[1])
    return {"intents": tuple(intents.values()), **(_with(record, *made) if made else {})}


def _bound(record: RecordState, event: EventDraft) -> dict[str, Any]:
    made = _likeness(event)
    if made is None:
        raise _illegal(record, event, "payload", "does not name the replica")
    return _with(record, *made)


def _likeness(event: EventDraft) -> tuple[str, str] | None:
    """Return the likeness that an event names: the field of the record that lists it, and its id."""
    for name, listed in (("replica_id", "replicas"), ("voice_id", "voices")):
        if likeness_id := _text(event, name):
            return listed, likeness_id
    return None


def _with(record: RecordState, listed: str, likeness_id: str) -> dict[str, Any]:
    known = getattr(record, listed)
    return {} if likeness_id in known else {listed: (*known, likeness_id)}


def _used(record: RecordState, event: EventDraft) -> dict[str, Any]:
    _need(event.payload.get("outcome") in OUTCOMES, record, event, "payload", "does not say what the outcome is")
    return {} if output_of(event) is not None else {"state": record.state}  # nothing was made, so nothing reopens


def output_of(event: EventDraft) -> tuple[str, str] | None:
    """Return what a use made, as its kind and its id, or ``None``."""
    if event.type != EventType.USED or event.payload.get("outcome") != "made":
        return None
    kind, object_id = _text(event, "kind"), _text(event, "object_id")
    return (kind, object_id) if kind and object_id else None


def _deleted(record: RecordState, event: EventDraft) -> dict[str, Any]:
    object_id = _text(event, "object_id")
    return {"deleted": record.deleted | {object_id}} if object_id in record.likenesses else {}


def _withdrawing(record: RecordState, event: EventDraft) -> dict[str, Any]:
    gone = event.payload.get("gone")  # a replica or voice of its own, so a text
    _need(gone is None or gone in record.likenesses, record, event, "payload", "names a replica that is not its own")
    return {
        "withdrawn_at": record.withdrawn_at or event.at,
        "gone": record.gone if gone is None else record.gone | {gone},
    }


def _nothing_left(record: RecordState, event: EventDraft) -> dict[str, Any]:
    _need(not record.unsettled, record, event, "unsettled", "has to wait: a create is open; reconcile first")
    _need(not record.remaining, record, event, "remaining", "has to wait: replicas are left; delete them first")
    _need(not record.remaining_voices, record, event, "remaining", "has to wait: voices are left; delete them first")
    return {}


_EFFECTS: Final[Mapping[str, Callable[[RecordState, EventDraft], dict[str, Any]]]] = {
    EventType.REQUESTED: _requested,
    EventType.RECORDED: _recorded,
    EventType.VERIFICATION: _verified,
    EventType.REVIEW: _doubted,
    EventType.GIVEN: _given,
    EventType.SUBMIT_INTENT: _intended,
    **dict.fromkeys(_STATUS, _settled),
    EventType.BOUND: _bound,
    EventType.USED: _used,
    EventType.DELETED: _deleted,
    EventType.WITHDRAWING: _withdrawing,
    EventType.WITHDRAWN: _nothing_left,
    EventType.ERASED: _nothing_left,
}


def _text(event: EventDraft, name: str) -> str | None:
    value = event.payload.get(name)
    return value if isinstance(value, str) else None


def _need(holds: bool, record: RecordState, event: EventDraft, reason: str, problem: str) -> None:
    if not holds:
        raise _illegal(record, event, reason, problem)


def _illegal(record: RecordState, event: EventDraft, reason: str, problem: str) -> IllegalTransition:
    message = f"the consent record is {record.state!s}: {event.type} {problem}"
    return IllegalTransition(message, state=str(record.state), event=str(event.type), reason=reason)
