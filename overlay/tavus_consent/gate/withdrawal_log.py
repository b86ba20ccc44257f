"""The steps of a withdrawal. Each step is recorded, so that it can be interrupted at any point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Literal

from attrs import frozen

from tavus_consent.consent.events import EventType
from tavus_consent.consent.record import MAX_TEXT, ConsentRecord
from tavus_consent.consent.states import RecordState, State
from tavus_consent.errors import InvalidRequestError
from tavus_consent.ledger.protocols import RecordQuery

from .record_log import Entry, RecordLog, id_of

_OVER: Final = frozenset({State.WITHDRAWING, State.WITHDRAWN})


@frozen(kw_only=True)
class OutstandingDeletions:
    """The items that are still to be deleted.

    Attributes:
        record: The record.
        replicas: Replicas that are not confirmed to be gone.
        videos: Videos from the caller that are not confirmed to be gone.
        gone_videos: Videos that are confirmed to be gone.
    """

    record: ConsentRecord
    replicas: tuple[str, ...]
    videos: tuple[str, ...]
    gone_videos: tuple[str, ...]


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
    ) -> RecordState:
        """Withdraw a consent: from now on it cannot be used.

        Raises:
            InvalidRequestError: An argument is invalid.
            IllegalTransition: There is nothing to withdraw.
        """
        if requested_by not in ("subject", "controller"):
            raise InvalidRequestError("requested_by: pass 'subject' or 'controller'", field="requested_by")
        if reason is not None and not (isinstance(reason, str) and 1 <= len(reason.strip()) <= MAX_TEXT):
            raise InvalidRequestError(f"reason: pass a text of 1 to {MAX_TEXT} characters", field="reason")
        private = {} if reason is None else {"reason": ("withdrawal", reason.strip().encode())}

        def step(state: RecordState, _: datetime) -> Entry | None:
            if state.state in _OVER and not videos:
                return None
            codes = {"requested_by": requested_by, "videos": list(videos)}
            return Entry(EventType.WITHDRAWING, codes, private, actor=requested_by)

        return self._log.write(self._log.known(record).record_id, step)

    def under_way(self) -> list[str]:
        """Return the records with an unfinished withdrawal."""
        wanted = RecordQuery(now=self._log.clock.now(), status=State.WITHDRAWING)
        return [state.record_id for state in self._log.states(wanted)]

    def left(self, record: ConsentRecord | str) -> OutstandingDeletions:
        """Return the items that are still to be deleted."""
        events = self._log.events(id_of(record))
        state = self._log.state(id_of(record))
        steps = [event.payload for event in events if event.type == EventType.WITHDRAWING]
        gone = [video for step in steps for video in step.get("gone_videos", ())]
        named = dict.fromkeys(video for step in steps for video in step.get("videos", ()))
        return OutstandingDeletions(
            record=self._log.record(state),
            replicas=state.remaining,
            videos=tuple(video for video in named if video not in gone),
            gone_videos=tuple(dict.fromkeys(gone)),
        )

    def note(
        self, record_id: str, *, replica_id: str | None = None, failed: str | None = None, videos: Iterable[str] = ()
    ) -> None:
        """Record the result of a step.

        Args:
            record_id: The record.
            replica_id: The replica of the step, if any.
            failed: The reason that it is not gone: the name of an exception, such as ``ServerStatusError``.
            videos: Videos that are gone.
        """
        codes: dict[str, object] = {"gone_videos": list(videos)}
        if failed is not None:
            codes |= {"left": replica_id, "failed": failed}
        elif replica_id is not None:
            codes["gone"] = replica_id

        def step(state: RecordState, _: datetime) -> Entry | None:
            # unless another process has already finished it
            return Entry(EventType.WITHDRAWING, codes) if state.state is State.WITHDRAWING else None

        self._log.write(record_id, step)

    def finish(self, record_id: str) -> OutstandingDeletions:
        """End a withdrawal, if nothing is left."""

        def step(state: RecordState, _: datetime) -> Entry | None:
            open_ = state.state is not State.WITHDRAWING or state.remaining or state.unsettled
            return None if open_ or self.left(record_id).videos else Entry(EventType.WITHDRAWN)

        self._log.write(record_id, step)
        return self.left(record_id)
