"""Events of a consent, as immutable facts: the shared type of the fold and the ledger. Pure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from attrs import field, fields, frozen

from tavus_consent._frames import hides_locals
from tavus_consent.errors import InvalidRequestError

MAX_ACTOR: Final = 200
_MAX_DEPTH: Final = 6
_MAX_INTEGER: Final = 2**53 - 1  # RFC 8785 (JCS) writes numbers as ECMAScript does; larger integers are not exact
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CODE: Final = re.compile(r"[A-Za-z0-9._:+/=-]{0,200}")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_AT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


class EventType(StrEnum):
    """Every event of a consent record. :mod:`.states` defines when each is possible."""

    REQUESTED = "requested"
    RECORDED = "recorded"
    REVIEW = "review"
    GIVEN = "given"
    REFUSED = "refused"
    LAPSED = "lapsed"
    EXPIRED = "expired"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    INVALIDATED = "invalidated"
    VERIFICATION = "verification"
    ATTESTATION = "attestation"
    SUBMIT_INTENT = "submit_intent"
    SUBMITTED = "submitted"
    FAILED = "failed"
    OUTCOME_UNKNOWN = "outcome_unknown"
    RECONCILED = "reconciled"
    BOUND = "bound"
    USE_INTENT = "use_intent"
    USED = "used"
    DELETED = "deleted"
    BYPASSED = "bypassed"
    KEYED = "keyed"
    RECEIPT_ISSUED = "receipt_issued"
    TRAINING_COMPLETED = "training_completed"
    TRAINING_FAILED = "training_failed"


_TYPES: Final = frozenset(EventType)


def _utc(at: datetime) -> datetime:
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise _refusal("at", "naive", "has no time zone; pass an aware datetime, as the clock returns")
    return at.astimezone(UTC)


def _frozen_payload(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(payload, Mapping):
        raise _refusal("payload", "form", "is not a JSON object")
    frozen_payload: Mapping[str, Any] = _frozen(payload, _MAX_DEPTH)
    return frozen_payload


def _frozen(value: Any, depth: int) -> Any:
    """Return an immutable copy, so that the value cannot change after it is hashed."""
    if depth == 0:
        raise _refusal("payload", "deep", "is nested too deeply")
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) and _KEY.fullmatch(key) for key in value):
            raise _refusal("payload", "key", "has a key that is not a lower-case word")
        return MappingProxyType({key: _frozen(one, depth - 1) for key, one in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(one, depth - 1) for one in value)
    if isinstance(value, str):
        if not _CODE.fullmatch(value) or "://" in value:
            raise _refusal("payload", "text", "has a text that is not a code, hash or reference; store it in the vault")
        return str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= _MAX_INTEGER:
        return value
    if isinstance(value, float) and abs(value) <= _MAX_INTEGER:  # neither infinite nor NaN
        return value
    raise _refusal("payload", "value", "has a value that JSON cannot represent exactly")


def format_time(at: datetime) -> str:
    """Return an aware time in the format of the ledger: UTC, always six digits of microseconds, ``Z``.

    Raises:
        InvalidRequestError: It has no time zone and is therefore ambiguous.
    """
    at = at if isinstance(at, datetime) and at.tzinfo is UTC else _utc(at)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """Read the format of :func:`format_time` only, because a second spelling of a time would change the hash.

    Raises:
        InvalidRequestError: The text has another format.
    """
    if not isinstance(text, str) or not _AT.fullmatch(text):
        raise _refusal("at", "time", "is not a time such as 2026-05-23T12:00:00.000000Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _refusal("at", "time", "is not a date of the calendar") from None


@hides_locals
@frozen(kw_only=True)
class EventDraft:
    """An event to append to the ledger.

    The payload only takes codes, numbers, hashes and keyed references (``hmac:<hex>``). Its texts contain no space and
    no ``://``, so that names, transcripts and links do not get into the chain by mistake. They belong in the vault.

    Attributes:
        type: One of :class:`EventType`.
        at: When it happened, aware; stored in UTC.
        record_id: The record of the event.
        subject_ref: A random name for the person, under which the vault stores their key.
        actor: The account or role of the controller that acted, or ``"subject"``; never the person's name.
        payload: Further data, as immutable JSON.
        event_id: Hex of a random UUID; random by default.

    Raises:
        InvalidRequestError: A value is malformed; ``field`` names it.
    """

    type: str = field()
    at: datetime = field(converter=_utc)
    record_id: str = field()
    subject_ref: str = field()
    actor: str = field()
    payload: Mapping[str, Any] = field(
        factory=dict,
        converter=_frozen_payload,
        hash=False,
        repr=lambda payload: str(dict(payload)),
    )
    event_id: str = field(factory=lambda: uuid.uuid4().hex)

    def __attrs_post_init__(self) -> None:
        self._check_type()
        for name in ("record_id", "subject_ref", "event_id"):
            value = getattr(self, name)
            if not isinstance(value, str) or not _ID.fullmatch(value):
                raise _refusal(name, "form", "is not 1 to 100 letters, digits, hyphens or underscores")
        if not isinstance(self.actor, str) or not self.actor.strip() or len(self.actor) > MAX_ACTOR:
            raise _refusal("actor", "form", f"is not a text of 1 to {MAX_ACTOR} characters")
        if not self.actor.isprintable():
            raise _refusal("actor", "form", "has a character that cannot be printed")

    def _check_type(self) -> None:
        if self.type not in _TYPES:
            raise _refusal("type", "unknown", f"is not one of {', '.join(EventType)}")

    def placed(self, *, seq: int, prev: str, hash: str) -> Event:
        """Return the event at its place in the chain, without repeating the checks."""
        event = object.__new__(Event)
        for one in fields(EventDraft):
            object.__setattr__(event, one.name, getattr(self, one.name))
        for name, value in (("seq", seq), ("prev", prev), ("hash", hash)):
            object.__setattr__(event, name, value)
        return event

    def plain_payload(self) -> dict[str, Any]:
        """Return the payload as plain JSON."""
        plain: dict[str, Any] = _thawed(self.payload)
        return plain

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON, ready for the canonical form that is hashed."""
        return {
            "event_id": self.event_id,
            "type": str(self.type),
            "at": format_time(self.at),
            "record_id": self.record_id,
            "subject_ref": self.subject_ref,
            "actor": self.actor,
            "payload": self.plain_payload(),
        }


@hides_locals
@frozen(kw_only=True)
class Event(EventDraft):
    """An event at its place in the chain.

    An unknown type is stored as it is, because a newer version may have written it and the chain must still be
    verifiable. The fold refuses it.

    Attributes:
        seq: Its number in the ledger, from 1.
        prev: Hash of the event before it.
        hash: SHA-256 of ``0x00`` and the canonical JSON (RFC 8785) of the event without this field.
    """

    seq: int
    prev: str
    hash: str

    def _check_type(self) -> None:
        if not isinstance(self.type, str) or not _KEY.fullmatch(self.type):
            raise _refusal("type", "form", "is not a word")
        if type(self.seq) is not int or self.seq < 1:
            raise _refusal("seq", "form", "is not a number from 1")

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON with every field, including ``hash``."""
        return {"seq": self.seq, **super().to_dict(), "prev": self.prev, "hash": self.hash}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Event:
        """Read the output of :meth:`to_dict`.

        Raises:
            InvalidRequestError: A field is missing, unknown, or malformed.
        """
        if set(data) != {one.name for one in fields(cls)}:
            raise _refusal("event", "fields", "does not have the fields of an event")
        return cls(**{**data, "at": parse_time(data["at"])})


def _thawed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _thawed(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_thawed(one) for one in value]
    return value


def _refusal(name: str, reason: str, problem: str) -> InvalidRequestError:
    # Never include the value: it may be data that must stay out of the chain.
    return InvalidRequestError(f"the event's {name} {problem}", field=name, reason=reason)
