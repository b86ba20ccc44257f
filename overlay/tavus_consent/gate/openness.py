"""The open creates of a record, and its living likenesses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tavus_consent import errors
from tavus_consent._warnings import DuplicateWarning, warn_caller
from tavus_consent.consent.persons import Recording
from tavus_consent.consent.states import Intent, RecordState

from .once import open_create
from .reconciliation import CLOCK, SETTLES, OpenIntent, UnsettledCreates
from .record_log import RecordLog

if TYPE_CHECKING:
    from tavus_consent.consent.policy import ConsentPolicy


class Openness:
    """Refuses creates while an earlier one of the same likeness is open.

    Args:
        log: All records.
    """

    def __init__(self, log: RecordLog) -> None:
        self._log = log
        self._creates = UnsettledCreates(log)

    def check(self, state: RecordState, noun: str, name: str | None) -> None:
        """Refuse a create if a record has an open one of the same kind and name.

        Args:
            state: The record.
            noun: The kind of likeness to create.
            name: The requested name.

        Raises:
            OpenCreate: It has one.
        """
        for one in self._creates.opened(state) if state.unsettled else ():
            if one.is_voice == (noun == "voice") and one.name == self._log.name_ref(state.subject_ref, name):
                raise open_create(one.record_id, one.intent_id, one.time.began, self._retry_at(one))

    def check_recording(self, training: Recording, noun: str, name: str | None) -> None:
        """Refuse a create if any record has an open one of the same kind and name that trains the same recording.

        Raises:
            OpenCreate: One has.
        """
        self._log.index.ensure()
        for record_id in self._log.index.open_creates((training,)):
            self.check(self._log.state(record_id), noun, name)

    def refusal(self, record_id: str, intent: Intent, candidates: tuple[str, ...]) -> errors.OpenCreate:
        """Return the refusal of a create whose key belongs to an open one that a lookup did not settle."""
        opened = self._creates.opened(self._log.state(record_id))
        retry_at = {one.intent_id: self._retry_at(one) for one in opened}
        return open_create(record_id, intent.intent_id, intent.at, retry_at.get(intent.intent_id), candidates)

    def check_living(self, state: RecordState, noun: str, policy: ConsentPolicy, *, warn: bool = False) -> None:
        """Check the likenesses that a record already has.

        Args:
            state: The record.
            noun: The kind of likeness to create.
            policy: The policy, which may allow a limited number.
            warn: Warn if there are any.

        Raises:
            ConsentRequired: The policy allows no more.
        """
        made, limit = living(state, noun), policy.likenesses
        if limit is not None and len(made) >= limit:
            raise errors.ConsentRequired(
                f"This consent already has {len(made)} likenesses, and the policy allows {limit}. Delete one first, or "
                "ask for another consent.",
                field="consent",
                reason="likenesses",
            )
        if made and warn:
            warn_caller(
                f"this consent already has a likeness ({', '.join(made)}), and this call makes another, paid one. Pass "
                "once= to make it only once; ConsentPolicy(likenesses=1) refuses others",
                DuplicateWarning,
            )

    def _retry_at(self, one: OpenIntent) -> datetime | None:
        """Return when a lookup will show the outcome, if it does not yet."""
        settles = one.given_up + SETTLES
        return settles if self._log.clock.now() < settles else None


def living(state: RecordState, noun: str) -> tuple[str, ...]:
    """Return the likenesses of a record that were not deleted: its voices, or its replicas and faces."""
    made = state.voices if noun == "voice" else state.replicas
    return tuple(one for one in made if one not in state.removed)


def clock_of(difference: timedelta | None) -> dict[str, int]:
    """Return the member of an event that says how far the server's clock is ahead, if an answer showed it."""
    return {} if difference is None else {CLOCK: round(difference.total_seconds())}
