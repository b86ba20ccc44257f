"""The decision before a use of a likeness, and the events that record the use, what it made, and deletions."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol

from attrs import evolve, field, frozen

from tavus_consent.consent.events import EventType
from tavus_consent.consent.policy import ConsentPolicy
from tavus_consent.consent.record import ConsentRecord
from tavus_consent.consent.states import RecordState, State
from tavus_consent.errors import ConsentError, ConsentRequired, ConsentWithdrawn

from .naming import LIKENESSES, FaceVoices, Named
from .protection import Protection
from .record_log import Entry, RecordLog

_CODE: Final = re.compile(r"[^A-Za-z0-9._:+/=-]")


class Asked(Protocol):
    """A request, as the gate sees it."""

    @property
    def method(self) -> str:
        """HTTP method in capitals."""

    @property
    def path(self) -> str:
        """Path without the query."""

    @property
    def operation(self) -> Any:
        """The operation, or ``None`` if the specification does not have it."""

    @property
    def place(self) -> Mapping[str, Any]:
        """The path parameters."""

    @property
    def body(self) -> Any:
        """The JSON body."""


@frozen
class Bypass:
    """An open gate.

    Attributes:
        owner: The clients that it is open for: the state that they share.
        record_id: The record of the bypass.
    """

    owner: object = field(repr=False)
    record_id: str


@frozen
class Use:
    """A request that was admitted.

    Attributes:
        use_id: Its id.
        records: The records that it is written to, as they were then.
        warnings: What the caller has to know.
    """

    use_id: str
    records: tuple[RecordState, ...]
    warnings: tuple[str, ...] = ()


class Uses:
    """The gate that decides about uses.

    Args:
        log: The log of all records.
        policy: The requirements for a use.
    """

    def __init__(self, log: RecordLog, policy: ConsentPolicy) -> None:
        self._log, self._policy = log, policy
        self._protection = Protection(log)
        self._knows = False

    @property
    def is_needed(self) -> bool:
        """True if a decision depends on what a request names, as far as that is known without a look at the ledger."""
        return self._knows or self.refuses_unknown

    @property
    def refuses_unknown(self) -> bool:
        """True if the policy refuses likenesses that the ledger does not know, unless they are stock."""
        return self._policy.unknown == "refuse"

    def look(self) -> bool:
        """Return True if the ledger knows any likeness. What is known once stays known."""
        self._knows = self._log.store.has_likenesses()
        return self._knows

    def unknown(self, named: Named) -> list[tuple[str, str]]:
        """Return the likenesses that the ledger does not know."""
        return [one for one in named.likenesses if not self._log.store.of_replica(one[1])]

    def admit(
        self, operation: str, named: Named, *, use: str | None, bypass: Bypass | None, foreign: Iterable[str]
    ) -> Use | None:
        """Decide whether a request may be sent, and record the intent to send it.

        Args:
            operation: The operation, or method and path.
            named: What the request names.
            use: The purpose of the use, if it was named.
            bypass: The open gate, if there is one. Then nothing is refused.
            foreign: Likenesses that are neither known to the ledger nor stock, if the policy refuses them.

        Returns:
            The admitted use, or ``None`` if it concerns no record.

        Raises:
            ConsentError: It must not be sent.
        """
        warnings: dict[str, None] = {}
        targets: dict[str, tuple[str, RecordState | None]] = {}
        found = [(one, self._log.store.of_replica(one[1])) for one in named.likenesses]
        found += [(one, self._log.store.of_output(*one)) for one in named.sources]
        for (kind, object_id), record_ids in found:
            if record_ids:
                record_id, state = self._chosen(record_ids, kind, object_id, use, bypass, warnings)
                targets.setdefault(record_id, (object_id, state))
        if bypass is None:
            self._check_unknown(named, foreign, is_known=bool(targets))
            for url in named.media:
                self._protection.check_use(url)
        elif not targets:
            targets[bypass.record_id] = "", None
        if not targets:
            return None
        return evolve(self._intend(operation, targets, use, bypass), warnings=tuple(warnings))

    def _chosen(
        self,
        record_ids: Iterable[str],
        kind: str,
        object_id: str,
        use: str | None,
        bypass: Bypass | None,
        warnings: dict[str, None],
    ) -> tuple[str, RecordState | None]:
        """Return the record that a likeness is used with: the newest that admits the use.

        A record that was withdrawn ends the use, even if another one admits it.

        Returns:
            The id of the record, and its state, if nothing was written since.
        """
        now = self._log.clock.now()
        states = [state.at(now) for state in self._log.store.states(list(record_ids))]
        if bypass is not None:
            kept = [state for state in states if state.state is not State.ERASED]  # an erased record takes no event
            return (kept[-1].record_id, kept[-1]) if kept else (bypass.record_id, None)
        chosen: tuple[RecordState, str | None] | None = None
        refusal: ConsentError | None = None
        for state in reversed(states):
            try:
                warning = self._decide(state, now, use)
            except ConsentWithdrawn:
                raise
            except ConsentError as error:
                refusal = refusal or error
            else:
                chosen = chosen or (state, warning)
        has_expired = any(state.state is State.EXPIRED for state in states)
        if has_expired and kind in LIKENESSES and (chosen is None or chosen[1] is not None):
            renewed = self._renewed(states, kind, object_id, use, now)
            if renewed is not None:
                return renewed, None
        if chosen is None:
            assert refusal is not None  # noqa: S101 - every record either admits the use or refuses it
            raise refusal
        if chosen[1] is not None:
            warnings[chosen[1]] = None
        return chosen[0].record_id, chosen[0]

    def _renewed(
        self, states: list[RecordState], kind: str, object_id: str, use: str | None, now: datetime
    ) -> str | None:
        """Return the record that renews an expired consent and admits the use. It gets the likeness from then on."""
        for state in self._protection.renewals(states):
            try:
                basis = self._policy.admit(self._log.record(state), now=now)
                self._protection.check_create(state, None)
                self._policy.admit_use(self._log.record(state), now=now, use=use)
            except ConsentError:
                continue
            gets = Entry(EventType.BOUND, {"voice_id" if kind == "voice" else "replica_id": object_id})
            entries = [gets] if basis is None else [Entry(EventType.GIVEN, {"basis": basis}), gets]
            for entry in entries:
                self._log.write(state.record_id, lambda *_, entry=entry: entry)
            return state.record_id
        return None

    def _decide(self, state: RecordState, now: datetime, use: str | None) -> str | None:
        needs_terms = self._policy.purposes == "declared" and not state.is_attestation
        record = self._log.record(state) if needs_terms else ConsentRecord(state=state)
        return self._policy.admit_use(record, now=now, use=use)

    def _check_unknown(self, named: Named, foreign: Iterable[str], *, is_known: bool) -> None:
        unknown = next(iter(foreign), None)
        if unknown is not None:
            raise ConsentRequired(
                f"The ledger does not know the likeness {unknown}, and the policy refuses unknown ones. Create it "
                "through this SDK with the person's consent, or use a stock likeness.",
                field="consent",
                reason="unknown_likeness",
            )
        if self.refuses_unknown and named.media and not named.likenesses and not is_known:
            raise ConsentRequired(
                "The request takes media of a person and names no likeness that the ledger knows, and the policy "
                "refuses unknown ones.",
                field="consent",
                reason="unknown_likeness",
            )

    def _intend(
        self,
        operation: str,
        targets: Mapping[str, tuple[str, RecordState | None]],
        use: str | None,
        bypass: Bypass | None,
    ) -> Use:
        use_id = uuid.uuid4().hex
        codes: dict[str, Any] = {"use": use_id, "operation": _CODE.sub("_", operation)[:200]}
        if bypass is not None:
            codes["bypass"] = bypass.record_id
        private = {} if use is None else {"purpose": ("purpose", use.encode())}
        written: list[RecordState] = []
        try:
            for record_id, (object_id, known) in targets.items():

                def step(state: RecordState, at: datetime, object_id: str = object_id) -> Entry:
                    if bypass is None:
                        self._decide(state, at, use)
                    return Entry(EventType.USE_INTENT, {**codes, "likeness": object_id}, private)

                written.append(self._log.write(record_id, step, quick=True, known=known))
        except ConsentError:  # a withdrawal came in between
            self.settle(Use(use_id, tuple(written)), "failed", None)
            raise
        return Use(use_id, tuple(written))

    def settle(self, use: Use, outcome: str, made: tuple[str, str] | None) -> None:
        """Record what came of a use.

        Args:
            use: The use.
            outcome: ``made``, ``failed`` or ``unknown``.
            made: Kind and id of what it made, if known.
        """
        codes: dict[str, Any] = {"use": use.use_id, "outcome": outcome}
        if made is not None:
            codes |= {"kind": made[0], "object_id": made[1]}
        for state in use.records:
            self._log.write(state.record_id, lambda *_: Entry(EventType.USED, codes), quick=True, known=state)

    def loses_voice(self, likeness_id: str) -> bool:
        """Return True if a record would lose the voice of a replica with its deletion."""
        states = self._log.store.states(self._log.store.of_replica(likeness_id))
        return any(_takes_deletion(state, likeness_id) for state in states)

    def deleted(self, kind: str, object_id: str, lost: FaceVoices | None = None) -> None:
        """Record that an object was deleted, if a record knows it.

        Args:
            kind: The kind of object.
            object_id: Its id.
            lost: The voices of a replica or face, read before.
        """
        store = self._log.store
        found = store.of_replica(object_id) if kind in LIKENESSES else store.of_output(kind, object_id)
        codes: dict[str, Any] = {"kind": kind, "object_id": object_id}
        if lost is not None and lost.is_complete:
            codes["voices_of"] = [object_id]
        for record_id in found:
            if lost is not None and lost.made is not None:
                self._log.write(record_id, partial(_lost_voice, object_id, lost.made), quick=True)
            self._log.write(record_id, partial(_deletion, codes), quick=True)

    def bypass(self, owner: object, *, reason: str, by: str) -> Bypass:
        """Record that somebody opens the gate."""
        private = {"reason": ("bypass", reason.encode()), "by": ("bypass", by.encode())}
        record_id = uuid.uuid4().hex
        self._log.begin(record_id, uuid.uuid4().hex, Entry(EventType.BYPASSED, private=private))
        return Bypass(owner, record_id)


def _takes_deletion(state: RecordState, object_id: str) -> bool:
    # A withdrawal records its own steps.
    return object_id not in state.removed and state.state is not State.WITHDRAWING


def _deletion(codes: Mapping[str, Any], state: RecordState, _: datetime) -> Entry | None:
    return Entry(EventType.DELETED, codes) if _takes_deletion(state, codes["object_id"]) else None


def _lost_voice(replica_id: str, voice_id: str, state: RecordState, _: datetime) -> Entry | None:
    is_new = voice_id not in state.likenesses and _takes_deletion(state, replica_id)
    return Entry(EventType.BOUND, {"voice_id": voice_id}) if is_new else None


_AROUND: Final = "To send it anyway, use tavus.without_gate(reason=..., by=...): the ledger records it."


def check_operation(asked: Asked) -> None:
    """Refuse a request that makes a likeness, or of which nobody knows what it does.

    Raises:
        ConsentRequired: It makes a likeness, or the specification does not have the operation.
    """
    operation = asked.operation
    if operation is None:
        raise ConsentRequired(
            f"{asked.method} {asked.path} is no operation of the specification, so it is unknown whether it makes or "
            f"uses the likeness of a person. Use a function of tavus_api.api. {_AROUND}",
            field="consent",
            reason="unknown_operation",
        )
    if operation.consent == "create":
        methods = f"tavus.{operation.path.split('/')[2]}.create_personal() or create_non_human()"
        raise ConsentRequired(
            f"{operation.identifier} makes a likeness, so it needs consent: call {methods}. {_AROUND}",
            field="consent",
            reason="gated",
        )
