"""The states of a consent record, the transitions between them, and everything that is known of a record in one state.

``TRANSITIONS`` says which event is possible in which state; :mod:`.fold` says what else must hold. Time alone turns
given consent into expired consent, and a request into a lapsed one, whether or not somebody wrote an event about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import evolve, frozen

from .checks import Check, is_doubtful, verdict_of
from .early import Early
from .events import EventType
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
