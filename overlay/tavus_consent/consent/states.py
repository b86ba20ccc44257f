"""The states of a consent record, the transitions between them, and the contents of a record in a state.

``TRANSITIONS`` defines the possible events of each state; :mod:`.fold` defines the other conditions. Given consent
expires with time, and so does a request, even without an event about it.
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
"""The clock difference of two machines from which a check of the ledger mentions it."""
PLACES: Final = ("consent_video", "training_video", "training_audio")
"""The recordings that may contain the statement."""
TRAINING: Final = ("training_video", "training_audio")
"""Those of them that also train the likeness, and that the statement opens."""
MAX_RETENTION: Final = timedelta(days=10_958)
"""The maximum time for which evidence is kept after the end of a consent, thirty years."""


class State(StrEnum):
    """The state of a consent record."""

    NONE = "none"
    """Before its first event."""
    REQUESTED = "requested"
    RECORDED = "recorded"
    """There is a recording; it does not count as consent yet."""
    REVIEW = "review"
    """A named person has to review it."""
    GIVEN = "given"
    EXPIRED = "expired"
    REFUSED = "refused"
    LAPSED = "lapsed"
    """The request expired without an answer."""
    WITHDRAWING = "withdrawing"
    """Withdrawn, but not everything made with it is deleted yet."""
    WITHDRAWN = "withdrawn"
    INVALIDATED = "invalidated"
    ERASED = "erased"
    ATTESTED = "attested"
    """An attestation says that no real person is shown. There is no consent, but its replicas can be withdrawn."""
    BYPASSED = "bypassed"
    """Somebody opened the gate, with a reason. There is no consent; the record lists what was made meanwhile."""
    KEYED = "keyed"
    """A call with a key that made no likeness, such as the create of a video. There is no person."""
    UNSOUND = "unsound"
    """Its events contradict each other or cannot be read.

    It cannot train a replica; withdraw, invalidate or erase it.
    """


_S, _E = State, EventType
# Types of events are plain words to the type checkers: a ledger may contain types that this release does not know.
_NOTED: Final[frozenset[str]] = frozenset({_E.RECEIPT_ISSUED})
_TRAINED: Final[frozenset[str]] = frozenset({_E.TRAINING_COMPLETED, _E.TRAINING_FAILED})
# What was made or deleted is a fact, regardless of the consent's state, so it must always be recordable.
_OUTCOMES: Final[frozenset[str]] = _TRAINED | {
    *(_E.SUBMITTED, _E.FAILED, _E.OUTCOME_UNKNOWN, _E.RECONCILED, _E.BOUND),
    *(_E.USE_INTENT, _E.USED, _E.DELETED),
}
_END: Final[Mapping[str, State]] = {_E.INVALIDATED: _S.INVALIDATED, _E.ERASED: _S.ERASED}
_NO: Final[Mapping[str, State]] = {_E.REFUSED: _S.REFUSED, _E.LAPSED: _S.LAPSED}
_WITHDRAW: Final[Mapping[str, State]] = {_E.WITHDRAWING: _S.WITHDRAWING}


TRANSITIONS: Final[Mapping[State, Mapping[str, State]]] = {
    _S.NONE: {
        _E.REQUESTED: _S.REQUESTED,
        _E.ATTESTATION: _S.ATTESTED,
        _E.BYPASSED: _S.BYPASSED,
        _E.KEYED: _S.KEYED,
    },
    _S.KEYED: {_E.KEYED: _S.KEYED},
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
    # What is discovered late also has to be deleted.
    _S.WITHDRAWN: {
        **dict.fromkeys(_NOTED | _TRAINED | {_E.USE_INTENT, _E.DELETED}, _S.WITHDRAWN),
        **dict.fromkeys((_E.BOUND, _E.USED), _S.WITHDRAWING),
        **_END,
    },
    _S.INVALIDATED: {**dict.fromkeys(_NOTED | _OUTCOMES, _S.INVALIDATED), **_WITHDRAW, _E.ERASED: _S.ERASED},
    _S.ATTESTED: {**dict.fromkeys(_NOTED | _OUTCOMES | {_E.SUBMIT_INTENT}, _S.ATTESTED), **_WITHDRAW, **_END},
    _S.BYPASSED: {
        **dict.fromkeys(_TRAINED | {_E.USE_INTENT, _E.USED, _E.DELETED, _E.BOUND}, _S.BYPASSED),
        **_WITHDRAW,
        **_END,
    },
    _S.UNSOUND: {**dict.fromkeys(_OUTCOMES, _S.UNSOUND), **_WITHDRAW, **_END},
    _S.ERASED: {},
}
"""Every possible transition. Between ``recorded`` and ``review`` the checks decide."""
ENDED: Final[Mapping[State, State]] = {_S.REQUESTED: _S.LAPSED, _S.GIVEN: _S.EXPIRED}
"""The states that a record reaches at its end date without an event."""
ALIVE: Final = frozenset({_S.REQUESTED, _S.RECORDED, _S.REVIEW, _S.GIVEN})
"""The states in which the end date still matters."""


@frozen(kw_only=True)
class Evidence:
    """The recording of the statement.

    Attributes:
        where: One of ``PLACES``.
        sha256: Hex SHA-256 of its bytes, or ``None`` if they were not read.
        at: When it was added to the ledger.
        refs: Keyed references of its links.
    """

    where: str
    sha256: str | None
    at: datetime
    refs: frozenset[str] = frozenset()

    def may_be(self, other: Evidence) -> bool:
        """Return True if both have a link in common and no hash shows a difference."""
        return not self.refs.isdisjoint(other.refs) and (self.sha256 is None or other.sha256 is None)


@frozen(kw_only=True)
class Earlier:
    """An earlier recording of the record and its checks, which count again if the recording is added again."""

    evidence: Evidence
    checks: frozenset[Check]


@frozen(kw_only=True)
class Intent:
    """One create that was about to be sent.

    Attributes:
        intent_id: Its id, from before the request.
        at: When it was written.
        status: ``open`` (nothing is known), ``unknown`` (Tavus's answer was lost), ``submitted``, ``failed``, ``found``
            or ``absent`` (looked up later).
        replica_id: The replica, face or voice that it created.
    """

    intent_id: str
    at: datetime
    status: str = "open"
    replica_id: str | None = None

    @property
    def is_settled(self) -> bool:
        """True if the outcome is known."""
        return self.status not in ("open", "unknown")


@frozen(kw_only=True)
class RecordState:
    """The state of one record at one moment, folded from its events.

    Attributes:
        state: The state.
        record_id: Its id; empty before the first event.
        subject_ref: The random name of the person.
        version: The number of its events.
        started_at: Time of its first event.
        changed_at: Time of its last event.
        expires_at: When the consent ends; ``None`` only for attestations.
        retention: Seconds after the end for which the evidence is kept; ``None`` if not stated.
        renews: The record that this one renews.
        evidence: The recording that counts, the last one.
        attempts: The number of checks of the statement.
        checks: The results of the checks of this recording.
        earlier: Its earlier recordings.
        early: Its state by the rules of early releases; ``None`` unless one of them wrote its checks.
        basis: Why the consent counts as given: ``recorded``, ``transcribed``, ``verified`` or ``reviewed``.
        given_at: When it was first given.
        withdrawn_at: When it was withdrawn; later events do not change it.
        intents: Every create that was about to be sent.
        replicas: Ids of the replicas and faces created with it.
        voices: Ids of the voices created with it, or with its replicas.
        gone: Those of both that are confirmed to be deleted.
        deleted: Those of both that a delete of the client removed; its assets may remain until they are ``gone``.
        problem: The first event that was not possible or cannot be read, in a sentence; ``None`` for a sound record.
    """

    state: State = State.NONE
    record_id: str = ""
    subject_ref: str = ""
    version: int = 0
    started_at: datetime | None = None
    changed_at: datetime | None = None
    expires_at: datetime | None = None
    retention: int | None = None
    renews: str | None = None
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
    voices: tuple[str, ...] = ()
    gone: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    problem: str | None = None

    @property
    def is_attestation(self) -> bool:
        """True if the record is about no consent: no person is shown, somebody bypassed the gate, or it is a key."""
        return self.expires_at is None and self.state not in (State.NONE, State.UNSOUND)

    @property
    def remaining(self) -> tuple[str, ...]:
        """The replicas that are not confirmed to be deleted."""
        return tuple(replica for replica in self.replicas if replica not in self.gone)

    @property
    def remaining_voices(self) -> tuple[str, ...]:
        """The voices that are not confirmed to be deleted."""
        return tuple(voice for voice in self.voices if voice not in self.gone)

    @property
    def likenesses(self) -> tuple[str, ...]:
        """The replicas, faces and voices created with it."""
        return self.replicas + self.voices

    @property
    def removed(self) -> frozenset[str]:
        """The replicas, faces and voices that were deleted, by a withdrawal or by a delete of the client."""
        return self.gone | self.deleted

    @property
    def unsettled(self) -> tuple[Intent, ...]:
        """The creates without a recorded outcome."""
        return tuple(intent for intent in self.intents if not intent.is_settled)

    @property
    def is_suspended(self) -> bool:
        """True if consent was given on a basis that no longer counts, so that a named person has to listen."""
        return self.state is State.REVIEW and self.given_at is not None

    @property
    def _row(self) -> State:
        """The row of the table. Suspended consent has the transitions and the expiry of given consent."""
        return State.GIVEN if self.is_suspended else self.state

    @property
    def verdict(self) -> Verdict | None:
        """The combined verdict of all checks of this recording, or ``None`` without checks."""
        return verdict_of(self.checks)

    @property
    def lifted(self) -> bool:
        """True if a named person listened, and no doubt arose since."""
        return Check.LIFTED in self.checks and self.matches

    @property
    def matches(self) -> bool:
        """True if no check counts against the recording: no mismatch, and no open doubt."""
        return Check.MISMATCH not in self.checks and not is_doubtful(self.checks)

    def at(self, now: datetime) -> RecordState:
        """Return the record at another moment: given consent expires, and so does an unanswered request."""
        ended = ENDED.get(self._row)
        if ended is not None and self.expires_at is not None and now >= self.expires_at:
            return evolve(self, state=ended)
        return self
