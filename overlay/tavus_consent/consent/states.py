"""What a consent record is, as a pure fold over what happened to it.

``TRANSITIONS`` says which event is possible in which state; the guards below say what else must hold. Time alone turns
given consent into expired consent, and a request into a lapsed one, whether or not somebody wrote an event about it.

What the fold reads in payloads (everything else is the writer's own):

=================  ==================================================================================================
requested          ``expires_at``
recorded           ``where`` (consent_video | training_video), ``sha256`` of the recording when it is known
verification       ``verdict``, and ``sha256`` of the recording that was heard
given              ``basis`` (recorded | verified | reviewed); for reviewed also ``reviewer`` and ``reason``
submit_intent      ``intent``, a new id
submitted          ``intent``, ``replica_id``
failed             ``intent``
outcome_unknown    ``intent``
reconciled         ``intent``, and ``replica_id`` when one was found
bound              ``replica_id``
withdrawing        ``gone``, the replica whose absence was confirmed; nothing at the beginning
=================  ==================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from attrs import evolve, frozen

from tavus_consent.errors import IllegalTransition, InvalidRequestError

from .events import Event, EventDraft, EventType, parse_time
from .verdict import Verdict

CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far the clocks of two machines may differ before a check of the ledger mentions it."""
PLACES: Final = ("consent_video", "training_video")
BASES: Final = ("recorded", "verified", "reviewed")


class State(StrEnum):
    """Where a record of consent stands."""

    NONE = "none"
    """Before its first event."""
    REQUESTED = "requested"
    RECORDED = "recorded"
    """There is a recording; nobody said yet that it is consent."""
    REVIEW = "review"
    """A named person has to look at it."""
    GIVEN = "given"
    EXPIRED = "expired"
    REFUSED = "refused"
    LAPSED = "lapsed"
    """Nobody answered before its end."""
    WITHDRAWING = "withdrawing"
    """Withdrawn, and not everything that was made is gone yet."""
    WITHDRAWN = "withdrawn"
    INVALIDATED = "invalidated"
    ERASED = "erased"
    ATTESTED = "attested"
    """No real person is shown, somebody vouches: there is no consent, but what came of it can be withdrawn."""
    UNSOUND = "unsound"
    """Its events contradict each other or cannot be read. It trains nothing; withdraw, invalidate or erase it."""


_S, _E = State, EventType
# Types of events are plain words to the checkers: a ledger may hold one that this release does not know.
_NOTED: Final[frozenset[str]] = frozenset({_E.RECEIPT_ISSUED})
# What Tavus did stays true whatever became of the consent meanwhile, and must stay recordable.
_OUTCOMES: Final[frozenset[str]] = frozenset({_E.SUBMITTED, _E.FAILED, _E.OUTCOME_UNKNOWN, _E.RECONCILED, _E.BOUND})
_END: Final[Mapping[str, State]] = {_E.INVALIDATED: _S.INVALIDATED, _E.ERASED: _S.ERASED}
_NO: Final[Mapping[str, State]] = {_E.REFUSED: _S.REFUSED, _E.LAPSED: _S.LAPSED}
_WITHDRAW: Final[Mapping[str, State]] = {_E.WITHDRAWING: _S.WITHDRAWING}


TRANSITIONS: Final[Mapping[State, Mapping[str, State]]] = {
    _S.NONE: {_E.REQUESTED: _S.REQUESTED, _E.ATTESTATION: _S.ATTESTED},
    _S.REQUESTED: {**dict.fromkeys(_NOTED, _S.REQUESTED), _E.RECORDED: _S.RECORDED, **_NO, **_END},
    _S.RECORDED: {
        **dict.fromkeys(_NOTED | {_E.RECORDED, _E.VERIFICATION}, _S.RECORDED),
        _E.REVIEW: _S.REVIEW,
        _E.GIVEN: _S.GIVEN,
        **_NO,
        **_WITHDRAW,
        **_END,
    },
    _S.REVIEW: {
        **dict.fromkeys(_NOTED | {_E.REVIEW, _E.VERIFICATION}, _S.REVIEW),
        _E.RECORDED: _S.RECORDED,
        _E.GIVEN: _S.GIVEN,
        **_NO,
        **_WITHDRAW,
        **_END,
    },
    _S.GIVEN: {
        **dict.fromkeys(_NOTED | _OUTCOMES | {_E.RECORDED, _E.VERIFICATION, _E.GIVEN, _E.SUBMIT_INTENT}, _S.GIVEN),
        **_WITHDRAW,
        _E.INVALIDATED: _S.INVALIDATED,
    },
    _S.EXPIRED: {**dict.fromkeys(_NOTED | _OUTCOMES | {_E.EXPIRED}, _S.EXPIRED), **_WITHDRAW, **_END},
    _S.REFUSED: {**dict.fromkeys(_NOTED, _S.REFUSED), **_END},
    _S.LAPSED: {**dict.fromkeys(_NOTED | {_E.LAPSED}, _S.LAPSED), **_END},
    _S.WITHDRAWING: {
        **dict.fromkeys(_NOTED | _OUTCOMES | {_E.WITHDRAWING}, _S.WITHDRAWING),
        _E.WITHDRAWN: _S.WITHDRAWN,
        _E.INVALIDATED: _S.INVALIDATED,
    },
    # A replica that comes to light late has to go, too.
    _S.WITHDRAWN: {**dict.fromkeys(_NOTED, _S.WITHDRAWN), _E.BOUND: _S.WITHDRAWING, **_END},
    _S.INVALIDATED: {**dict.fromkeys(_NOTED | _OUTCOMES, _S.INVALIDATED), **_WITHDRAW, _E.ERASED: _S.ERASED},
    _S.ATTESTED: {**dict.fromkeys(_NOTED | _OUTCOMES | {_E.SUBMIT_INTENT}, _S.ATTESTED), **_WITHDRAW, **_END},
    _S.UNSOUND: {**dict.fromkeys(_OUTCOMES, _S.UNSOUND), **_WITHDRAW, **_END},
    _S.ERASED: {},
}
"""Every possible step; what is not here is not possible."""
ENDED: Final[Mapping[State, State]] = {_S.REQUESTED: _S.LAPSED, _S.GIVEN: _S.EXPIRED}
"""What time alone makes of a record, at its end date."""
ALIVE: Final = frozenset({_S.REQUESTED, _S.RECORDED, _S.REVIEW, _S.GIVEN})
"""Where the end date of a record is still of interest."""

_OVER: Final = frozenset(
    {_S.EXPIRED, _S.REFUSED, _S.LAPSED, _S.WITHDRAWING, _S.WITHDRAWN, _S.INVALIDATED, _S.ERASED, _S.UNSOUND}
)
_USE: Final[frozenset[str]] = frozenset({_E.RECORDED, _E.VERIFICATION, _E.REVIEW, _E.GIVEN, _E.SUBMIT_INTENT})
_INSTEAD: Final[Mapping[tuple[State, str], str]] = {
    (_S.REQUESTED, _E.VERIFICATION): "; add the recording first",
    (_S.REQUESTED, _E.GIVEN): "; add the recording first",
    (_S.REQUESTED, _E.WITHDRAWING): "; nothing was given yet, write down a refusal",
    (_S.GIVEN, _E.REFUSED): "; withdraw it",
    (_S.GIVEN, _E.ERASED): "; withdraw it first",
    (_S.EXPIRED, _E.REFUSED): "; withdraw it",
    (_S.WITHDRAWING, _E.ERASED): "; bring the withdrawal to its end first",
    **{(state, type_): "; begin a new record" for state in _OVER for type_ in _USE},
}
"""What to do, where a step is not possible and people may want it."""


@frozen(kw_only=True)
class Evidence:
    """The recording of the statement.

    Attributes:
        where: ``"consent_video"`` or ``"training_video"``.
        sha256: Hex SHA-256 of its bytes, or ``None`` when nobody has read them.
        at: When it was recorded in the ledger.
    """

    where: str
    sha256: str | None
    at: datetime


@frozen(kw_only=True)
class Intent:
    """One create that was about to be sent.

    Attributes:
        intent_id: Drawn before the request.
        at: When it was written.
        status: ``open`` (nothing is known), ``unknown`` (Tavus's answer was lost), ``submitted``, ``failed``, ``found``
            or ``absent`` (looked up later).
        replica_id: The replica that came of it.
    """

    intent_id: str
    at: datetime
    status: str = "open"
    replica_id: str | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it is known what became of it."""
        return self.status not in ("open", "unknown")


@frozen(kw_only=True)
class RecordState:
    """What the events of one record amount to at one moment.

    Attributes:
        state: Where it stands.
        record_id: Its id; empty before the first event.
        subject_ref: The random name of the person.
        version: How many events it has.
        started_at: Time of its first event.
        changed_at: Time of its last event.
        expires_at: When the consent ends; ``None`` only where somebody vouches that no real person is shown.
        evidence: The recording that counts, the last one.
        attempts: How many times the statement was checked.
        verdict: What the last check of this recording came to, or ``None``.
        lifted: Whether a named person lifted that verdict.
        basis: Why the consent counts as given: ``recorded``, ``verified`` or ``reviewed``.
        given_at: When it was first given.
        withdrawn_at: When it was withdrawn; stays, whatever comes later.
        intents: Every create that was about to be sent.
        replicas: Ids of the replicas that came of it.
        gone: Those of them that are confirmed to be deleted.
        problem: The first event that was not possible or cannot be read, in a sentence; ``None`` for a sound record.
    """

    state: State = State.NONE
    record_id: str = ""
    subject_ref: str = ""
    version: int = 0
    started_at: datetime | None = None
    changed_at: datetime | None = None
    expires_at: datetime | None = None
    evidence: Evidence | None = None
    attempts: int = 0
    verdict: Verdict | None = None
    lifted: bool = False
    basis: str | None = None
    given_at: datetime | None = None
    withdrawn_at: datetime | None = None
    intents: tuple[Intent, ...] = ()
    replicas: tuple[str, ...] = ()
    gone: frozenset[str] = frozenset()
    problem: str | None = None

    @property
    def is_attestation(self) -> bool:
        """Whether it is about a replica that shows no real person: there never was a consent."""
        return self.expires_at is None and self.state not in (State.NONE, State.UNSOUND)

    @property
    def remaining(self) -> tuple[str, ...]:
        """Replicas that are not confirmed to be gone."""
        return tuple(replica for replica in self.replicas if replica not in self.gone)

    @property
    def unsettled(self) -> tuple[Intent, ...]:
        """Creates of which nobody knows yet what became."""
        return tuple(intent for intent in self.intents if not intent.is_settled)

    @property
    def matches(self) -> bool:
        """Whether nothing that was heard speaks against the recording: no mismatch, and no doubt that nobody lifted."""
        return self.verdict is not Verdict.MISMATCH and (self.verdict is not Verdict.REVIEW or self.lifted)

    def at(self, now: datetime) -> RecordState:
        """The same record at another moment: given consent expires by itself, an unanswered request lapses."""
        ended = ENDED.get(self.state)
        if ended is not None and self.expires_at is not None and now >= self.expires_at:
            return evolve(self, state=ended)
        return self


def fold(events: Iterable[EventDraft], *, now: datetime, start: RecordState | None = None) -> RecordState:
    """What the events of one record amount to.

    The order of the events counts, not their times: the clocks of machines differ.

    Args:
        events: All events of one record, in their order.
        now: The present, from the clock.
        start: What earlier events amounted to; nothing, unless given.

    Returns:
        The state at ``now``; its ``state`` is ``none`` when there are no events.

    Raises:
        IllegalTransition: An event is not possible where it stands.
    """
    record = RecordState() if start is None else start
    for event in events:
        record = _step(record, event)
    return record.at(now)


def apply(record: RecordState, event: EventDraft, *, now: datetime) -> RecordState:
    """What a record becomes by an event that is about to be written.

    Raises:
        IllegalTransition: The event is not possible; says why.
    """
    return _step(record, event).at(now)


def advance(record: RecordState, event: Event) -> RecordState:
    """What a record becomes by an event that is in the ledger, whatever it is; the present plays no part in it.

    An event that is not possible makes the record ``unsound``, so that it stops no other record.
    """
    try:
        return _step(record, event)
    except IllegalTransition as error:
        return spoil(record, event.record_id, event.subject_ref, f"event {event.seq}: {error}")


def spoil(record: RecordState, record_id: str, subject_ref: str, problem: str) -> RecordState:
    """What a record becomes by an event that is not possible or cannot be read. What Tavus made stays known."""
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
    reached = TRANSITIONS[record.state].get(event.type)
    if reached is None:
        instead = _INSTEAD.get((record.state, event.type), "")
        raise _illegal(record, event, "illegal_transition", f"is not possible then{instead}")
    started_at = record.started_at or event.at
    for name in ("record_id", "subject_ref"):
        known = getattr(record, name) or getattr(event, name)
        _need(known == getattr(event, name), record, event, "other_record", "belongs to another record or person")
    effect = _EFFECTS.get(event.type, _nothing)
    return evolve(
        record,
        state=reached,
        record_id=event.record_id,
        subject_ref=event.subject_ref,
        version=record.version + 1,
        started_at=started_at,
        changed_at=event.at,
        **effect(record, event),
    )


def _nothing(record: RecordState, event: EventDraft) -> dict[str, Any]:
    return {}


def _requested(record: RecordState, event: EventDraft) -> dict[str, Any]:
    try:
        expires_at = parse_time(event.payload["expires_at"])
    except (KeyError, InvalidRequestError):
        raise _illegal(record, event, "no_end", "has no end date; consent always has one") from None
    _need(expires_at > event.at, record, event, "no_end", "ends before it begins")
    return {"expires_at": expires_at}


def _recorded(record: RecordState, event: EventDraft) -> dict[str, Any]:
    where, sha256 = event.payload.get("where", ""), event.payload.get("sha256") or None
    _need(sha256 is None or isinstance(sha256, str), record, event, "payload", "has a SHA-256 that is no text")
    _need(where in PLACES, record, event, "payload", "does not say in which video the statement is")
    same = sha256 is not None and record.evidence is not None and sha256 == record.evidence.sha256
    if record.state is State.GIVEN:  # another link to the same bytes is fine, another recording is another consent
        _need(same, record, event, "other_evidence", "brings another recording; make a new record for it")
    evidence = Evidence(where=where, sha256=sha256, at=event.at)
    return {"evidence": evidence} if same else {"evidence": evidence, "verdict": None, "lifted": False}


def _verified(record: RecordState, event: EventDraft) -> dict[str, Any]:
    verdict, heard = event.payload.get("verdict", ""), event.payload.get("sha256")
    _need(verdict in tuple(Verdict), record, event, "payload", "has no verdict")
    held = record.evidence.sha256 if record.evidence else None
    _need(heard is None or heard == held, record, event, "other_evidence", "is about another recording")
    return {"verdict": Verdict(verdict), "lifted": False, "attempts": record.attempts + 1}


def _given(record: RecordState, event: EventDraft) -> dict[str, Any]:
    basis = event.payload.get("basis")
    _need(basis in BASES, record, event, "payload", "does not say on which basis")
    _need(
        record.expires_at is not None and event.at < record.expires_at, record, event, "expired", "comes after its end"
    )
    if basis == "reviewed":
        doubtful = record.state is State.REVIEW or record.verdict in (Verdict.REVIEW, Verdict.UNUSABLE)
        _need(doubtful, record, event, "nothing_to_lift", "needs a check that left a doubt")
        hopeless = record.verdict is Verdict.MISMATCH
        _need(not hopeless, record, event, "mismatch", "cannot lift a mismatch; it needs a new recording")
        named = event.payload.get("reviewer") and event.payload.get("reason")
        _need(bool(named), record, event, "payload", "needs the person who looked at it, and their reason")
        return {"basis": basis, "given_at": record.given_at or event.at, "lifted": True}
    _need(record.state is not State.REVIEW, record, event, "review", "is for a named person to decide, with a reason")
    if basis == "verified":
        _need(record.verdict is Verdict.PASS, record, event, "not_passed", "needs a check that passed")
    else:
        _need(record.state is State.RECORDED, record, event, "given_already", "adds nothing: it is given already")
        _need(record.matches, record, event, "mismatch", "is not possible after a check that did not pass")
    return {"basis": basis, "given_at": record.given_at or event.at}


def _intended(record: RecordState, event: EventDraft) -> dict[str, Any]:
    _need(record.matches, record, event, "mismatch", "is not possible: the recording does not match")
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
    replica_id = _text(event, "replica_id") if status in ("submitted", "found") else None
    _need(status != "submitted" or bool(replica_id), record, event, "payload", "does not name the replica")
    if status == "found" and replica_id is None:
        status = "absent"
    intents[intent.intent_id] = evolve(intent, status=status, replica_id=replica_id)
    return {"intents": tuple(intents.values()), "replicas": _with(record, replica_id)}


def _bound(record: RecordState, event: EventDraft) -> dict[str, Any]:
    replica_id = _text(event, "replica_id")
    _need(bool(replica_id), record, event, "payload", "does not name the replica")
    return {"replicas": _with(record, replica_id)}


def _with(record: RecordState, replica_id: str | None) -> tuple[str, ...]:
    if replica_id is None or replica_id in record.replicas:
        return record.replicas
    return (*record.replicas, replica_id)


def _withdrawing(record: RecordState, event: EventDraft) -> dict[str, Any]:
    gone = event.payload.get("gone")  # a replica of its own, so a text
    _need(gone is None or gone in record.replicas, record, event, "payload", "names a replica that is not its own")
    return {
        "withdrawn_at": record.withdrawn_at or event.at,
        "gone": record.gone if gone is None else record.gone | {gone},
    }


def _nothing_left(record: RecordState, event: EventDraft) -> dict[str, Any]:
    _need(not record.unsettled, record, event, "unsettled", "has to wait: a create is open; reconcile first")
    _need(not record.remaining, record, event, "remaining", "has to wait: replicas are left; delete them first")
    return {}


_EFFECTS: Final[Mapping[str, Callable[[RecordState, EventDraft], dict[str, Any]]]] = {
    EventType.REQUESTED: _requested,
    EventType.RECORDED: _recorded,
    EventType.VERIFICATION: _verified,
    EventType.GIVEN: _given,
    EventType.SUBMIT_INTENT: _intended,
    **dict.fromkeys(_STATUS, _settled),
    EventType.BOUND: _bound,
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
