"""The due work in the ledger: consents that expire or have expired, and evidence past its retention."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from attrs import frozen

from tavus_consent.consent.events import EventType
from tavus_consent.consent.policy import ConsentPolicy
from tavus_consent.consent.record import ConsentRecord
from tavus_consent.consent.states import ALIVE, RecordState, State
from tavus_consent.consent.withdrawal import Remaining
from tavus_consent.errors import ErasureIncomplete, IllegalTransition
from tavus_consent.ledger.protocols import RecordQuery

from .protection import Protection
from .record_log import Entry, RecordLog


@frozen(kw_only=True)
class Due:
    """The records that a sweep has to do with.

    Attributes:
        expiring: Records whose consent expires soon.
        expired: Records whose consent has expired and whose likenesses the policy deletes.
        past: Records whose retention has ended.
    """

    expiring: tuple[ConsentRecord, ...]
    expired: tuple[str, ...]
    past: tuple[str, ...]


class Sweeps:
    """Decides what is due.

    Args:
        log: All records.
        policy: Its ``on_expiry`` decides about expired consents.
    """

    def __init__(self, log: RecordLog, policy: ConsentPolicy) -> None:
        self._log, self._policy = log, policy
        self._protection = Protection(log)

    def due(self, within: timedelta) -> Due:
        """Return what is due now, and what expires within a time."""
        now = self._log.clock.now()
        expiring: list[RecordState] = []
        expired: list[str] = []
        past: list[str] = []
        for state in self._log.states(RecordQuery(now=now)):
            keep_until = ConsentRecord(state=state).keep_until
            is_past = keep_until is not None and keep_until <= now and state.state is not State.ERASED
            is_deleted = self._policy.on_expiry == "delete" and state.state is State.EXPIRED and _lives(state)
            if state.state in ALIVE and state.expires_at is not None and now < state.expires_at <= now + within:
                expiring.append(state)
            if (is_past or is_deleted) and not self._is_renewed(state):
                expired += [state.record_id] if is_deleted else []
                past += [state.record_id] if is_past else []
        return Due(expiring=tuple(self._log.all(expiring)), expired=tuple(expired), past=tuple(past))

    def _is_renewed(self, state: RecordState) -> bool:
        """Return True if the likenesses of a record go on with a renewal, for which the person has spoken."""
        return _lives(state) and any(one.state in _SPOKEN for one in self._protection.renewals([state]))

    def blocked(self, record_id: str) -> Remaining | None:
        """Return why a record cannot be erased now; ``None`` if it can."""
        try:
            self._log.check(self._log.state(record_id), Entry(EventType.ERASED))
        except IllegalTransition as error:
            return blocked(record_id, error)
        return None


_SPOKEN: Final = frozenset({State.RECORDED, State.REVIEW, State.GIVEN})


def _lives(state: RecordState) -> bool:
    return bool(state.remaining or state.remaining_voices)


def blocked(record_id: str, error: IllegalTransition | ErasureIncomplete) -> Remaining:
    """Return a record whose retention has ended, and that could not be erased."""
    why = f"Its retention has ended, but it is not erased: {str(error).rstrip('.')}."
    is_refused = isinstance(error, IllegalTransition)
    return Remaining(kind="record", id=record_id, why=why, who="controller" if is_refused else "sdk")
