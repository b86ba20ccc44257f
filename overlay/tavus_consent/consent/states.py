"""What a consent record is, as a pure fold over what happened to it.

``TRANSITIONS`` says which event is possible in which state; the guards below say what else must hold. Time alone turns
given consent into expired consent, and a request into a lapsed one, whether or not somebody wrote an event about it.

What the fold reads in payloads (everything else is the writer's own):

=================  ==================================================================================================
requested          ``expires_at``
recorded           ``where`` (consent_video | training_video), ``sha256`` of the recording when it is known, and keyed
                   references: ``recording`` (host and path of the link) and ``link`` (all of it)
verification       ``verdict``, ``source``, ``engine``, ``parts``, and ``sha256`` of the recording that was heard
given              ``basis`` (recorded | transcribed | verified | reviewed); for the last also ``reviewer``, ``reason``
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

from .checks import BASES, Check, basis_of, check_of, fulfils, is_doubtful, lifted, verdict_of
from .early import Early
from .events import Event, EventDraft, EventType, parse_time
from .verdict import Verdict

CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far the clocks of two machines may differ before a check of the ledger mentions it."""
PLACES: Final = ("consent_video", "training_video")


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
"""Every possible step; what is not here is not possible. Between ``recorded`` and ``review`` the checks decide."""
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
        refs: Keyed references of the links that led to it.
    """

    where: str
    sha256: str | None
    at: datetime
    refs: frozenset[str] = frozenset()

    def may_be(self, other: Evidence) -> bool:
        """Whether a link leads to both, and no hash says that they differ."""
        return not self.refs.isdisjoint(other.refs) and (self.sha256 is None or other.sha256 is None)


@frozen(kw_only=True)
class Earlier:
    """An earlier recording of the record and its checks, which count again if it comes back."""

    evidence: Evidence
    checks: frozenset[Check]


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
        checks: What the checks of this recording say.
        earlier: Recordings that it had before.
        early: Where it stood by the rules of early releases; ``None`` unless one of them wrote its checks.
        basis: Why the consent counts as given: ``recorded``, ``transcribed``, ``verified`` or ``reviewed``.
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
    checks: frozenset[Check] = frozenset()
    earlier: tuple[Earlier, ...] = ()
    early: Early | None = None
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
    def is_suspended(self) -> bool:
        """Whether consent was given on grounds that count no more, so that a named person has to listen."""
        return self.state is State.REVIEW and self.given_at is not None

    @property
    def _row(self) -> State:
        """The row of the table: what became of suspended consent stays possible, and it ends by itself."""
        return State.GIVEN if self.is_suspended else self.state

    @property
    def verdict(self) -> Verdict | None:
        """What all checks of this recording come to, or ``None`` where there was none."""
        return verdict_of(self.checks)

    @property
    def lifted(self) -> bool:
        """Whether a named person listened, and no doubt came up since."""
        return Check.LIFTED in self.checks and self.matches

    @property
    def matches(self) -> bool:
        """Whether nothing speaks against the recording: no mismatch, and no doubt that nobody lifted."""
        return Check.MISMATCH not in self.checks and not is_doubtful(self.checks)

    def at(self, now: datetime) -> RecordState:
        """The same record at another moment: given consent expires by itself, an unanswered request lapses."""
        ended = ENDED.get(self._row)
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
    reached = TRANSITIONS[record._row].get(event.type)
    if reached is None:
        instead = _INSTEAD.get((record._row, event.type), "")
        raise _illegal(record, event, "illegal_transition", f"is not possible then{instead}")
    started_at = record.started_at or event.at
    for name in ("record_id", "subject_ref"):
        known = getattr(record, name) or getattr(event, name)
        _need(known == getattr(event, name), record, event, "other_record", "belongs to another record or person")
    effect = _EFFECTS.get(event.type, _nothing)
    changes = {
        "state": record.state if reached is record._row else reached,
        "record_id": event.record_id,
        "subject_ref": event.subject_ref,
        "version": record.version + 1,
        "started_at": started_at,
        "changed_at": event.at,
        **effect(record, event),
    }
    return evolve(record, **changes)


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
    """The recordings of a record, the present one first."""
    if record.evidence is None:
        return ()
    return (Earlier(evidence=record.evidence, checks=record.checks), *record.earlier)


def _stands(record: RecordState, checks: frozenset[Check]) -> dict[str, Any]:
    """Where a record stands by the checks of its recording. A doubt about given consent leaves it given, and unused."""
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
    # A supplied text that matches is nothing that was heard: a named person can listen, too.
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
    EventType.REVIEW: _doubted,
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
