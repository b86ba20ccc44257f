"""Calls with a key that make no likeness, such as the create of a video. Each has a record of its own.

No person belongs to such a record: the records of the likenesses that a video shows have the use itself.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from tavus_consent.consent.events import Event, EventType
from tavus_consent.errors import LedgerConflict, OpenCreate

from .candidates import CallTime
from .once import ARGUMENTS, Once, OnceKeys
from .openness import clock_of
from .reconciliation import CLOCK, SETTLES
from .record_log import Entry, RecordLog

MADE: Final = "made"
FAILED: Final = "failed"
UNKNOWN: Final = "unknown"


@frozen(kw_only=True)
class OpenCall:
    """A call whose outcome is unknown.

    Attributes:
        record_id: Its record.
        time: The time of the call.
        is_live: True if a process may still be sending it.
        settles_at: From then on, a lookup that finds nothing means that nothing was made.
    """

    record_id: str
    time: CallTime
    is_live: bool
    settles_at: datetime

    def refusal(self, retry_at: datetime | None = None, candidates: tuple[str, ...] = ()) -> OpenCreate:
        """Return the error for a call that has to wait for the outcome of this one."""
        advice = (
            "Look at the candidates, and use another key to make another one."
            if retry_at is None
            else f"Try again after {retry_at:%Y-%m-%d %H:%M:%S} UTC."
        )
        return OpenCreate(
            f"It is not known what the first call with this key made, record {self.record_id}. {advice}",
            record_id=self.record_id,
            started_at=self.time.began,
            retry_at=retry_at,
            candidates=candidates,
        )


@frozen
class EarlierCalls:
    """The calls with a key in the ledger.

    Attributes:
        number: The number of calls with it that made nothing.
        object_id: What one of them made.
        open: The one whose outcome is unknown.
    """

    number: int
    object_id: str | None = None
    open: OpenCall | None = None


class KeyedCalls:
    """Finds and records calls by their keys.

    Args:
        log: All records.
    """

    def __init__(self, log: RecordLog) -> None:
        self._log, self._keys = log, OnceKeys(log)

    def earlier(self, once: Once) -> EarlierCalls:
        """Return what is known of calls with this key.

        Raises:
            OnceConflict: It belongs to a call with other arguments.
        """
        number = 0
        while (first := self._log.store.event(self._keys.event_id(once.at(number)))) is not None:
            last = self._log.events(first.record_id)[-1].payload
            outcome = last.get("outcome")
            if outcome != FAILED:
                self._keys.check_same(once, first)
                if outcome == MADE:
                    return EarlierCalls(number, str(last["object_id"]))
                return EarlierCalls(number, None, self._open(first, last.get(CLOCK), is_over=outcome == UNKNOWN))
            number += 1
        return EarlierCalls(number)

    def begin(self, once: Once, operation: str, deadline: float, difference: timedelta | None) -> str:
        """Record the intent of a call, and return its record.

        Raises:
            OpenCreate: Another process was quicker.
        """
        record_id = uuid.uuid4().hex
        codes = {"operation": operation, "deadline": deadline, **clock_of(difference)}
        event_id = self._keys.event_id(once)
        entry = Entry(EventType.KEYED, codes, named={ARGUMENTS: once.arguments}, event_id=event_id)
        try:
            self._log.begin(record_id, uuid.uuid4().hex, entry)
        except LedgerConflict:
            first = self._log.store.event(event_id)
            assert first is not None  # noqa: S101 - it is what the new event is in conflict with
            quicker = self._open(first, None, is_over=False)
            raise quicker.refusal(quicker.settles_at) from None
        return record_id

    def settle(
        self, record_id: str, outcome: str, object_id: str | None = None, difference: timedelta | None = None
    ) -> None:
        """Record the outcome of a call: ``made``, ``failed`` or ``unknown``."""
        made = {} if object_id is None else {"object_id": object_id}
        entry = Entry(EventType.KEYED, {"outcome": outcome, **made, **clock_of(difference)})
        self._log.write(record_id, lambda *_: entry)

    def _open(self, first: Event, clock: object, *, is_over: bool) -> OpenCall:
        seconds = clock if isinstance(clock, (int, float)) else first.payload.get(CLOCK)
        given_up = first.at + timedelta(seconds=float(first.payload["deadline"]))
        return OpenCall(
            record_id=first.record_id,
            time=CallTime(first.at, given_up, None if seconds is None else timedelta(seconds=seconds)),
            is_live=not is_over and self._log.clock.now() < given_up,
            settles_at=given_up + SETTLES,
        )
