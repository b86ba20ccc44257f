"""The key of ``once=``: a call with the same key returns what the first one made.

The event that records the intent of a create has an id that is made from the key: a keyed hash. Ids of events are
unique in a ledger, so of two processes with one key only one can write its intent, and only that one sends its create.
A create that made nothing frees its key; the next one has the number after it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from attrs import evolve, field, frozen

from tavus_consent._arguments import check_text
from tavus_consent.consent.address import address
from tavus_consent.consent.attestation import Attestation
from tavus_consent.consent.events import Event, EventType
from tavus_consent.consent.persons import Mark
from tavus_consent.consent.record import ConsentRecord
from tavus_consent.consent.spoken import SpokenConsent
from tavus_consent.consent.states import Intent
from tavus_consent.errors import OnceConflict, OpenCreate, SubjectErased

from .record_log import RecordLog

ARGUMENTS: Final = "once"
"""The member of an event with the keyed hash of the arguments."""
_LENGTH: Final = 32


@frozen
class Once:
    """The key of a create, and the arguments that it stands for.

    Attributes:
        key: The key.
        arguments: The arguments in a canonical form.
        scope: What the key is for: keys of likenesses and of other things are apart.
        number: The number of earlier creates with this key that made nothing.
    """

    key: str = field(repr=False)
    arguments: bytes = field(repr=False)
    scope: str = "likeness"
    number: int = 0

    def at(self, number: int) -> Once:
        """Return the key of the create with another number."""
        return evolve(self, number=number)


@frozen
class Earlier:
    """The earlier creates with a key in the ledger.

    Attributes:
        number: The number of creates with it so far.
        likeness_id: What one of them made.
        record_id: The record of the one that is open.
        intent: The one that is open.
    """

    number: int
    likeness_id: str | None = None
    record_id: str = ""
    intent: Intent | None = None


def once_of(
    key: str,
    noun: str,
    arguments: Mapping[str, Any],
    given: SpokenConsent | ConsentRecord | Attestation | str,
) -> Once:
    """Return the key of a create, with its arguments."""
    if isinstance(given, SpokenConsent):
        who = {"name": given.full_name, "reference": given.reference, "video_url": given.video_url}
    elif isinstance(given, Attestation):
        who = {"statement": given.statement, "attested_by": given.attested_by}
    else:
        who = {"record": given.record_id if isinstance(given, ConsentRecord) else given}
    return Once(check_text(key, "once"), canonical({"noun": noun, "who": who, **arguments}))


def canonical(arguments: Mapping[str, Any]) -> bytes:
    """Return arguments in one form. A link is the same argument when it is signed again."""
    return json.dumps(_stable(arguments), sort_keys=True, separators=(",", ":"), default=repr).encode()


def _stable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _stable(one) for name, one in value.items() if one is not None}
    if isinstance(value, str) and "://" in value and len(value.split()) == 1:
        return address(value)
    return value


class OnceKeys:
    """Finds creates by their keys.

    Args:
        log: All records.
    """

    def __init__(self, log: RecordLog) -> None:
        self._log = log

    def event_id(self, once: Once) -> str:
        """Return the id of the event that records the intent of the next create with this key."""
        return self._blind(once, "intent")

    def new_record_id(self, once: Once | None) -> str:
        """Return the id of a new record; with a key, the one that an ended process may have begun for the same create.

        So a process that ended before its intent leaves no second record.
        """
        if once is not None:
            record_id = self._blind(once, "record")
            if self.is_begun(record_id, once) is not False:
                return record_id
        return uuid.uuid4().hex

    def earlier(self, once: Once) -> Earlier:
        """Return what is known of creates with this key.

        Raises:
            OnceConflict: It belongs to a create with other arguments, or what it made was deleted.
        """
        number, waiting = 0, Earlier(0)
        while (event := self._log.store.event(self.event_id(once.at(number)))) is not None:
            state = self._log.state(event.record_id)
            intent = next(one for one in state.intents if one.intent_id == event.payload["intent"])
            made = intent.replica_id or self._bound_late(event)
            if made is not None or not intent.is_settled:
                self.check_same(once, event)
                if made in state.removed:
                    raise _conflict(event, "deleted", "and what that made was deleted: use another key")
                if made is not None:
                    return Earlier(number, made)
                waiting = Earlier(number, None, event.record_id, intent)
            number += 1
        return evolve(waiting, number=number)

    def check_free(self, once: Once) -> None:
        """Refuse a create if another process was quicker.

        Raises:
            OpenCreate: It was.
        """
        event = self._log.store.event(self.event_id(once))
        if event is not None:
            raise open_create(event.record_id, str(event.payload["intent"]), event.at)

    def is_begun(self, record_id: str, once: Once) -> bool | None:
        """Return True if a record was begun for the same create, and False if for another one.

        ``None`` means that there is no such record.
        """
        first = next(iter(self._log.events(record_id)), None)
        try:
            return None if first is None else self._is_same(once, first)
        except SubjectErased:
            return False

    def check_same(self, once: Once, event: Event) -> None:
        """Refuse a call with a key that belongs to other arguments.

        Raises:
            OnceConflict: It does, or nobody can tell any more.
        """
        try:
            is_same = self._is_same(once, event)
        except SubjectErased:
            raise _conflict(event, "erased", "whose person was erased: use another key") from None
        if not is_same:
            raise _conflict(event, "other_arguments", "which has other arguments: use one key for each create")

    def _blind(self, once: Once, use: str) -> str:
        (row,) = self._log.index.rows([Mark(ARGUMENTS, f"{once.scope} {use} {once.number} {once.key}")])
        return str(row.blind)[:_LENGTH]

    def _is_same(self, once: Once, event: Event) -> bool:
        return event.payload.get(ARGUMENTS) == self._log.vault.reference(event.subject_ref, once.arguments)

    def _bound_late(self, event: Event) -> str | None:
        """Return what a create made that a reconciliation had given up too early."""
        for one in self._log.events(event.record_id):
            if one.type == EventType.BOUND and one.payload.get("intent") == event.payload["intent"]:
                return str(one.payload.get("replica_id") or one.payload.get("voice_id"))
        return None


def _conflict(event: Event, reason: str, why: str) -> OnceConflict:
    intent_id = event.payload.get("intent")
    which = f"record {event.record_id}" if intent_id is None else f"create {intent_id} of record {event.record_id}"
    message = f"This key belongs to {which}, {why}."
    return OnceConflict(message, reason=reason, record_id=event.record_id, intent_id=intent_id)


def open_create(
    record_id: str,
    intent_id: str | None = None,
    started_at: datetime | None = None,
    retry_at: datetime | None = None,
    candidates: tuple[str, ...] = (),
) -> OpenCreate:
    """Return the refusal of a create, because the outcome of an earlier one is unknown."""
    which = "Another create" if intent_id is None else f"Create {intent_id}"
    when = "" if retry_at is None else f" after {retry_at:%Y-%m-%d %H:%M:%S} UTC"
    return OpenCreate(
        f"{which} of record {record_id} is open: it is not known what it made, so this one could make a second, paid "
        f"likeness. Call consents.reconcile(){when}, then try again. despite_open=True sends this one anyway.",
        record_id=record_id,
        intent_id=intent_id,
        started_at=started_at,
        retry_at=retry_at,
        candidates=candidates,
    )
