"""The ends of trainings, as Tavus confirmed them after a callback."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from tavus_consent.consent.events import EventType
from tavus_consent.consent.states import RecordState
from tavus_consent.errors import IllegalTransition

from .record_log import Entry, RecordLog

TAVUS: Final = "tavus"
"""The actor of these events."""


class Trainings:
    """Notes the ends of trainings in the records that the likenesses were created from."""

    def __init__(self, log: RecordLog) -> None:
        self._log = log

    def note(self, replica_id: str, type_: EventType, **codes: str) -> None:
        """Note one end, once. A record that cannot take it, because it was erased, stays as it is.

        Args:
            replica_id: The replica or face.
            type_: ``training_completed`` or ``training_failed``.
            **codes: Further codes, such as the stage.
        """
        payload: dict[str, Any] = {"replica_id": replica_id, **codes}
        for record_id in self._log.store.of_replica(replica_id):
            noted = (one.plain_payload() for one in self._log.events(record_id) if one.type == type_)
            if payload not in noted:
                entry = Entry(type_, payload, actor=TAVUS)
                with suppress(IllegalTransition):
                    self._log.write(record_id, _always(entry))


def _always(entry: Entry) -> Any:
    def decide(_: RecordState, __: datetime) -> Entry:
        return entry

    return decide
