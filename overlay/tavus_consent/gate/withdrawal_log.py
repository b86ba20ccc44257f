"""The steps of a withdrawal. Each step is recorded, so that it can be interrupted at any point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final, Literal, NamedTuple

from attrs import frozen

from tavus_consent.consent.events import Event, EventType
from tavus_consent.consent.fold import output_of
from tavus_consent.consent.outputs import Output, deleted_in, gone_in, made_in
from tavus_consent.consent.record import MAX_TEXT, ConsentRecord
from tavus_consent.consent.states import TRANSITIONS, RecordState, State
from tavus_consent.errors import InvalidRequestError
from tavus_consent.ledger.protocols import RecordQuery

from .record_log import Entry, RecordLog, id_of

_CREATES: Final[Mapping[str, str]] = {
    "createReplica": "replica_id",
    "createFace": "replica_id",
    "createVoice": "voice_id",
}
"""The operations that make a likeness, each with the member that binds it."""
DELETABLE: Final = ("video", "conversation", "deployment", "lipsync", "replacement")
"""The outputs that a withdrawal deletes or stops, in this order. Others are for people."""
LIKENESSES: Final = ("replica", "face", "voice")
MEMORY: Final = "memory_store"
_READS: Final = frozenset({EventType.WITHDRAWING, EventType.DELETED})
"""The events that name replicas whose voices were read."""
_OVER: Final = frozenset({State.WITHDRAWING, State.WITHDRAWN})


class UnknownUse(NamedTuple):
    """A request that used a likeness, without a recorded outcome."""

    use: str
    operation: str


@frozen(kw_only=True)
class OutstandingDeletions:
    """The items that are still to be deleted.

    Attributes:
        record: The record.
        replicas: Replicas that are not confirmed to be gone.
        unread: Those of them whose voices were not read yet.
        voices: Voices that are not confirmed to be gone.
        outputs: Outputs that are not confirmed to be gone, and that the client can delete or stop.
        by_hand: Outputs that exist as far as the ledger knows, and that only people can delete or change.
        gone: Outputs that are confirmed to be gone, or stopped.
        unknown: Uses without a recorded outcome.
        memory: True if memory stores are to be deleted too.
    """

    record: ConsentRecord
    replicas: tuple[str, ...]
    unread: tuple[str, ...]
    voices: tuple[str, ...]
    outputs: tuple[Output, ...]
    by_hand: tuple[Output, ...]
    gone: tuple[Output, ...]
    unknown: tuple[UnknownUse, ...]
    memory: bool

    @property
    def known(self) -> frozenset[Output]:
        """All outputs that the ledger knows."""
        return frozenset((*self.outputs, *self.by_hand, *self.gone))

    def gone_of(self, kind: str) -> tuple[str, ...]:
        """Return the outputs of a kind that are confirmed to be gone."""
        return tuple(one.object_id for one in self.gone if one.kind == kind)


class Withdrawals:
    """Decides about withdrawals.

    Args:
        log: All records.
    """

    def __init__(self, log: RecordLog) -> None:
        self._log = log

    def begin(
        self,
        record: ConsentRecord | str,
        *,
        requested_by: Literal["subject", "controller"],
        reason: str | None,
        videos: Sequence[str],
        memory: bool = False,
    ) -> list[str]:
        """Withdraw a consent, and those that it renews: from now on they cannot be used.

        Returns:
            The withdrawn records, the given one first.

        Raises:
            InvalidRequestError: An argument is invalid.
            IllegalTransition: There is nothing to withdraw.
        """
        if requested_by not in ("subject", "controller"):
            raise InvalidRequestError("requested_by: pass 'subject' or 'controller'", field="requested_by")
        if reason is not None and not (isinstance(reason, str) and 1 <= len(reason.strip()) <= MAX_TEXT):
            raise InvalidRequestError(f"reason: pass a text of 1 to {MAX_TEXT} characters", field="reason")
        private = {} if reason is None else {"reason": ("withdrawal", reason.strip().encode())}

        def step(videos: Sequence[str], state: RecordState, _: datetime) -> Entry | None:
            adds = videos or (memory and not self.left(state.record_id).memory)
            if state.state in _OVER and not adds:
                return None
            codes = {"requested_by": requested_by, "videos": list(videos), **({"memory": True} if memory else {})}
            return Entry(EventType.WITHDRAWING, codes, private, actor=requested_by)

        state = self._log.write(self._log.known(record).record_id, partial(step, videos))
        line = [one for one in self._log.line(state) if EventType.WITHDRAWING in TRANSITIONS[one.state]]
        for earlier in line:
            self._log.write(earlier.record_id, partial(step, ()))
        return [state.record_id, *(earlier.record_id for earlier in line)]

    def under_way(self) -> list[str]:
        """Return the records with an unfinished withdrawal."""
        wanted = RecordQuery(now=self._log.clock.now(), status=State.WITHDRAWING)
        return [state.record_id for state in self._log.states(wanted)]

    def left(self, record: ConsentRecord | str) -> OutstandingDeletions:
        """Return the items that are still to be deleted."""
        events = self._log.events(id_of(record))
        state = self._log.state(id_of(record))
        steps = [event.payload for event in events if event.type == EventType.WITHDRAWING]
        gone = dict.fromkeys(one for event in events for one in gone_in(event))
        made = {one: None for event in events for one in made_in(event) if one not in gone}
        read = {replica for event in events if event.type in _READS for replica in event.payload.get("voices_of", ())}
        memory = any(step.get("memory") for step in steps)
        deleted = {one for event in events for one in deleted_in(event)}
        deletable = (*DELETABLE, MEMORY) if memory else DELETABLE
        return OutstandingDeletions(
            record=self._log.record(state),
            replicas=state.remaining,
            unread=tuple(one for one in state.remaining if one not in read),
            voices=state.remaining_voices,
            outputs=tuple(one for one in made if one.kind in deletable),
            by_hand=tuple(
                one
                for one in made
                if one.kind not in deletable
                and one not in deleted
                and not (one.kind in LIKENESSES and one.object_id in state.likenesses)
            ),
            gone=tuple(gone),
            unknown=_unknown(events),
            memory=memory,
        )

    def adopt(self, record_id: str) -> None:
        """Bind the likenesses that were created without the gate, so that they are deleted like others.

        A face that was only given another voice is no such likeness: it may be another person's.
        """
        events = self._log.events(record_id)
        if events[0].type != EventType.BYPASSED:
            return
        creates = {
            event.payload.get("use"): _CREATES.get(str(event.payload.get("operation")))
            for event in events
            if event.type == EventType.USE_INTENT
        }
        for event in events:
            made, name = output_of(event), creates.get(event.payload.get("use"))
            if made is not None and name is not None:
                self.bind(record_id, name, made[1])

    def bind(self, record_id: str, name: str, likeness_id: str) -> None:
        """Record that a likeness belongs to a record.

        Args:
            record_id: The record.
            name: ``replica_id`` or ``voice_id``.
            likeness_id: The likeness.
        """

        def step(state: RecordState, _: datetime) -> Entry | None:
            is_new = state.state is State.WITHDRAWING and likeness_id not in state.likenesses
            return Entry(EventType.BOUND, {name: likeness_id}) if is_new else None

        self._log.write(record_id, step)

    def is_bound(self, likeness_id: str) -> bool:
        """Return True if a likeness belongs to any record."""
        return bool(self._log.store.of_replica(likeness_id))

    def count_unknown(self, outputs: Iterable[Output]) -> int:
        """Return how many of these outputs no record has made."""
        return sum(not self._log.store.of_output(*one) for one in outputs)

    def note(
        self,
        record_id: str,
        *,
        likeness_id: str | None = None,
        failed: str | None = None,
        gone: Iterable[Output] = (),
        found: Iterable[Output] = (),
        read: Iterable[str] = (),
    ) -> None:
        """Record the result of a step.

        Args:
            record_id: The record.
            likeness_id: The replica or voice of the step, if any.
            failed: The reason that it is not gone: the name of an exception, such as ``ServerStatusError``.
            gone: Outputs that are gone, or stopped.
            found: Outputs that Tavus listed, and that are still to be deleted.
            read: Replicas whose voices are recorded from now on.
        """
        gone, found, read = list(gone), list(found), list(read)
        codes: dict[str, object] = {"gone_videos": [one.object_id for one in gone if one.kind == "video"]}
        if others := [":".join(one) for one in gone if one.kind != "video"]:
            codes["gone_outputs"] = others
        if found:
            codes["found"] = [":".join(one) for one in found]
        if read:
            codes["voices_of"] = read
        if failed is not None:
            codes |= {"left": likeness_id, "failed": failed}
        elif likeness_id is not None:
            codes["gone"] = likeness_id

        def step(state: RecordState, _: datetime) -> Entry | None:
            # unless another process has already finished it
            return Entry(EventType.WITHDRAWING, codes) if state.state is State.WITHDRAWING else None

        self._log.write(record_id, step)

    def finish(self, record_id: str) -> OutstandingDeletions:
        """End a withdrawal, if nothing is left."""

        def step(state: RecordState, _: datetime) -> Entry | None:
            open_ = state.state is not State.WITHDRAWING or state.remaining or state.remaining_voices or state.unsettled
            return None if open_ or self.left(record_id).outputs else Entry(EventType.WITHDRAWN)

        self._log.write(record_id, step)
        return self.left(record_id)


def _unknown(events: Sequence[Event]) -> tuple[UnknownUse, ...]:
    uses: dict[str, UnknownUse] = {}
    for event in events:
        use = str(event.payload.get("use"))
        if event.type == EventType.USE_INTENT:
            uses[use] = UnknownUse(use, str(event.payload.get("operation")))
        elif event.type == EventType.USED and event.payload.get("outcome") != "unknown":
            uses.pop(use, None)
    return tuple(uses.values())
