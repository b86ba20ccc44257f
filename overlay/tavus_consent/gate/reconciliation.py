"""Creates without a recorded outcome: how to list them and how to find their outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from tavus_consent.consent.events import EventType
from tavus_consent.consent.states import CLOCK_SKEW, Intent, RecordState
from tavus_consent.consent.withdrawal import Outcome, Reconciliation
from tavus_consent.errors import InvalidRequestError
from tavus_consent.ledger.protocols import RecordQuery

from .record_log import Entry, RecordLog

SETTLES: Final = timedelta(minutes=1)
"""The time after its deadline in which a create may still appear in Tavus's list."""


class CreatedLikeness(NamedTuple):
    """The members of a replica at Tavus that identify its create."""

    replica_id: str
    name: str | None
    created_at: datetime | None


class UnsettledCreates:
    """Finds the outcomes of creates.

    Args:
        log: All records.
    """

    def __init__(self, log: RecordLog) -> None:
        self._log = log

    def unsettled(self, record_id: str | None = None) -> list[Reconciliation]:
        """List the creates without a recorded outcome, without looking them up."""
        return [
            one.result("waiting" if one.is_live(self._log.clock.now()) else "unknown") for one in self._open(record_id)
        ]

    def reconcile(
        self,
        made: Sequence[CreatedLikeness],
        *,
        record_id: str | None = None,
        decided: Mapping[str, str | None] | None = None,
    ) -> list[Reconciliation]:
        """Find the outcomes of creates, and record them.

        Args:
            made: The replicas at Tavus.
            record_id: Only creates of this record.
            decided: Decisions of a person, by intent: the replica, or ``None`` if it made none.

        Raises:
            InvalidRequestError: A decision is impossible: no such create is open, or another create made the replica.
        """
        now, answers = self._log.clock.now(), decided or {}
        opened = self._open()
        self._check(answers, {one.intent_id for one in opened})
        candidates = {
            one.intent_id: [it for it in made if self._can_be(one, it) and not self._is_bound(it.replica_id)]
            for one in opened
        }
        claims = Counter(it.replica_id for found in candidates.values() for it in found)
        results = []
        for one in opened:
            if record_id in (None, one.record_id):
                found = candidates[one.intent_id]
                if one.intent_id in answers:
                    replica_id = answers[one.intent_id]
                    result = one.result("absent" if replica_id is None else "found", replica_id=replica_id)
                else:
                    result = one.judge(found, sole=all(claims[it.replica_id] == 1 for it in found), now=now)
                results.append(self._settled(one, result))
        return results

    def _settled(self, one: _OpenCreate, result: Reconciliation) -> Reconciliation:
        if result.outcome not in ("found", "absent"):
            return result
        found = {} if result.replica_id is None else {one.id_name: result.replica_id}

        def step(state: RecordState, _: datetime) -> Entry | None:
            settled = any(one.intent_id == result.intent_id and one.is_settled for one in state.intents)
            return None if settled else Entry(EventType.RECONCILED, {"intent": result.intent_id, **found})

        self._log.write(result.record_id, step)
        return result

    def _open(self, record_id: str | None = None) -> list[_OpenCreate]:
        wanted = RecordQuery(now=self._log.clock.now(), unsettled=True)
        states = self._log.states(wanted) if record_id is None else [self._log.state(record_id)]
        return [one for state in states if state.unsettled for one in self._of(state)]

    def _of(self, state: RecordState) -> Iterator[_OpenCreate]:
        events = [one for one in self._log.events(state.record_id) if one.type == EventType.SUBMIT_INTENT]
        sent = {str(one.payload.get("intent")): one.payload for one in events}
        for intent in state.unsettled:
            yield _OpenCreate(state, intent, sent.get(intent.intent_id, {}))

    def _check(self, decided: Mapping[str, str | None], opened: set[str]) -> None:
        if unknown := set(decided) - opened:
            raise InvalidRequestError(f"no create {min(unknown)} is open", field="decided", reason="unknown")
        chosen = [replica for replica in decided.values() if replica is not None]
        if len(set(chosen)) < len(chosen) or any(map(self._is_bound, chosen)):
            raise InvalidRequestError("each replica was made by only one create", field="decided", reason="bound")

    def _is_bound(self, replica_id: str) -> bool:
        return bool(self._log.store.of_replica(replica_id))

    def _can_be(self, one: _OpenCreate, made: CreatedLikeness) -> bool:
        if one.is_voice:
            return False
        if made.created_at is not None and not one.began <= made.created_at <= one.ended:
            return False
        if one.name is None:
            return True
        return self._log.vault.reference(one.subject_ref, (made.name or "").encode()) == one.name


class _OpenCreate:
    """A create without a recorded outcome."""

    def __init__(self, state: RecordState, intent: Intent, sent: Mapping[str, Any]) -> None:
        self.record_id, self.subject_ref, self.intent_id = state.record_id, state.subject_ref, intent.intent_id
        self.is_voice = sent.get("noun") == "voice"
        self.id_name = "voice_id" if self.is_voice else "replica_id"
        self.name: str | None = sent.get("name")
        deadline = sent.get("deadline")
        self._given_up = intent.at + timedelta(seconds=deadline if isinstance(deadline, (int, float)) else 0)
        self._is_over = intent.status == "unknown"
        self.began, self.ended = intent.at - CLOCK_SKEW, self._given_up + CLOCK_SKEW

    def is_live(self, now: datetime) -> bool:
        """Return whether a process may still be sending it."""
        return not self._is_over and now < self._given_up

    def judge(self, candidates: list[CreatedLikeness], *, sole: bool, now: datetime) -> Reconciliation:
        """Return the outcome as far as a list shows it.

        A bound replica will be deleted when the consent is withdrawn. So it has to be the only candidate, with the
        requested name, within the time of the call, and for no other create.
        """
        if self.is_live(now):
            return self.result("waiting")
        if not candidates:
            # Tavus's list of voices has no ids, so a person has to decide about a voice.
            missing: Outcome = "unknown" if self.is_voice else "absent"
            return self.result("waiting" if now < self._given_up + SETTLES else missing)
        if len(candidates) == 1 and sole and self.name is not None and candidates[0].created_at is not None:
            return self.result("found", replica_id=candidates[0].replica_id)
        return self.result("unknown", candidates=tuple(it.replica_id for it in candidates))

    def result(self, outcome: Outcome, **found: Any) -> Reconciliation:
        """Return the outcome as the caller sees it."""
        return Reconciliation(record_id=self.record_id, intent_id=self.intent_id, outcome=outcome, **found)
