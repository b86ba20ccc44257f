"""The hash chain: its input, and how a check finds an edit. Pure.

``hash = SHA-256(0x00 || JCS(event without its hash))`` with JCS as in RFC 8785. This is also the leaf hash of RFC 9162,
so one value serves the chain and the Merkle tree. Every event holds the hash of the one before it.

The ledger stores the payload as the canonical text that was hashed. A check hashes the stored text without parsing it,
so a different spelling of the same JSON does not pass.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from json.encoder import encode_basestring as _quoted  # escapes exactly what RFC 8785 requires
from typing import Any, Final, NamedTuple

from attrs import field, frozen

from tavus_consent._frames import hides_locals
from tavus_consent.consent.events import Event, EventDraft, format_time
from tavus_consent.errors import InvalidRequestError, MissingExtraError

GENESIS: Final = "0" * 64
"""``prev`` of the first event."""
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_MAX_INTEGER: Final = 2**53 - 1
_WRITER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class EventRow(NamedTuple):
    """An event as it is stored: the columns of the table, in their order."""

    seq: int
    event_id: str
    type: str
    at: str
    record_id: str
    subject_ref: str
    actor: str
    payload: str
    prev: str
    hash: str


@hides_locals
@frozen
class Head:
    """The size of a ledger and the hash of its last event. A kept head reveals that later events were cut off.

    Attributes:
        size: Number of events.
        hash: Hash of the last event; :data:`GENESIS` if there is none.

    Raises:
        InvalidRequestError: The values cannot be the head of a ledger.
    """

    size: int = field()
    hash: str = field()

    def __attrs_post_init__(self) -> None:
        sound = isinstance(self.size, int) and self.size >= 0 and isinstance(self.hash, str)
        if not sound or not _HASH.fullmatch(self.hash) or (self.size == 0 and self.hash != GENESIS):
            raise _no_head()

    def __str__(self) -> str:
        return f"{self.size}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read ``SIZE:HASH``, as a receipt shows it.

        Raises:
            InvalidRequestError: The text is not of that form.
        """
        size, _, digest = text.strip().partition(":")
        if not size.isascii() or not size.isdigit() or len(size) > 18:
            raise _no_head()
        return cls(int(size), digest)


EMPTY: Final = Head(0, GENESIS)
"""The head of a ledger without events."""


@frozen(kw_only=True)
class Verification:
    """The result of a chain check.

    Attributes:
        ok: True if the check found no change.
        head: The end of the sound part.
        first_bad_seq: The number of the first bad or missing event, or ``None``.
        reason: The first fault in a sentence, or ``None``.
        problems: Every fault in the whole ledger, each in a sentence.
        notes: Observations that are not faults.
    """

    ok: bool
    head: Head
    first_bad_seq: int | None = None
    reason: str | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def canonical(payload: Any) -> str:
    """Return JSON in the canonical form of RFC 8785.

    Raises:
        MissingExtraError: rfc8785 is not installed.
    """
    try:
        import rfc8785
    except ImportError:
        raise MissingExtraError("ledger", "the consent ledger") from None
    if (
        type(payload) is dict
        and all(type(key) is str and key.isascii() for key in payload)
        and all(map(_is_plain, payload.values()))
    ):
        return _WRITER.encode(payload)
    return rfc8785.dumps(payload).decode()


def _is_plain(value: Any) -> bool:
    """Tell whether Python and RFC 8785 write a value alike. The C encoder takes a tenth of the time."""
    kind = type(value)
    if kind is str:
        return bool(value.isascii())
    if kind is float:  # Python writes 1.0, 1e-05 and 1e+16, RFC 8785 1, 0.00001 and 10000000000000000
        return bool(1e-4 <= abs(value) < 1e16 and value % 1)
    return value is None or kind is bool or (kind is int and abs(value) <= _MAX_INTEGER)


def digest(row: Sequence[Any]) -> str:
    """Compute the hash of a stored event from all its columns but the last.

    The members are placed around the canonical text of the payload, in the order that RFC 8785 requires.
    """
    seq, event_id, type_, at, record_id, subject_ref, actor, payload, prev = row[:9]
    text = (
        f'{{"actor":{_quoted(actor)},"at":{_quoted(at)},"event_id":{_quoted(event_id)},"payload":{payload},'
        f'"prev":{_quoted(prev)},"record_id":{_quoted(record_id)},"seq":{seq},"subject_ref":{_quoted(subject_ref)},'
        f'"type":{_quoted(type_)}}}'
    )
    return hashlib.sha256(b"\x00" + text.encode()).hexdigest()


def link(draft: EventDraft, payload: str, head: Head) -> EventRow:
    """Return the row that a draft becomes after this head; ``payload`` is its canonical text."""
    unhashed = EventRow(
        head.size + 1,
        draft.event_id,
        str(draft.type),
        format_time(draft.at),
        draft.record_id,
        draft.subject_ref,
        draft.actor,
        payload,
        head.hash,
        "",
    )
    return unhashed._replace(hash=digest(unhashed))


def row_of(event: Event) -> EventRow:
    """Return an event as it is stored."""
    data = event.to_dict()
    return EventRow(**{**data, "payload": canonical(data["payload"])})


def event_of(row: Sequence[Any]) -> Event:
    """Return the event in a row.

    Raises:
        InvalidRequestError: The row does not hold an event.
    """
    if not isinstance(row[0], int) or not all(isinstance(value, str) for value in row[1:]):
        raise InvalidRequestError("the stored event has a value that is not text", field="event", reason="form")
    data = dict(zip(EventRow._fields, row, strict=True))
    try:
        data["payload"] = json.loads(data["payload"])
    except ValueError:
        raise InvalidRequestError("the stored payload is not JSON", field="payload", reason="form") from None
    return Event.from_dict(data)


def fault(row: Sequence[Any], size: int, last: str) -> str | None:
    """Return the reason that this row cannot follow the head ``size:last``, or ``None``."""
    if row[0] != size + 1:
        return f"event {size + 1} is missing: event {row[0]!r} is in its place"
    try:
        computed = digest(row)
    except (TypeError, UnicodeError):
        return f"event {row[0]} has a value that cannot be read"
    if row[9] != computed:
        return f"event {row[0]} was changed: its content does not match its hash"
    if row[8] != last:
        return f"event {row[0]} does not follow event {size}: one of the two was replaced"
    return None


def verify(rows: Iterable[Sequence[Any]], expected: Head | None = None, *, start: Head = EMPTY) -> Verification:
    """Check a chain, event by event.

    Args:
        rows: Stored events in the order of their numbers.
        expected: A head that someone else has kept. Without it, truncation cannot be detected.
        start: The head that the first row follows.

    Returns:
        The result; a fault is a result, not an exception.
    """
    size, last = start.size, start.hash
    for row in rows:
        reason = fault(row, size, last)
        if reason is None and expected is not None and expected.size == row[0] and expected.hash != row[9]:
            reason = f"event {row[0]} does not match the expected head: the ledger was rewritten up to there"
        if reason is not None:
            return Verification(ok=False, head=Head(size, last), first_bad_seq=size + 1, reason=reason)
        size, last = row[0], row[9]
    head = Head(size, last)
    if expected is not None and expected.size > size:
        reason = f"the ledger ends after {size} events, but its head was once at {expected.size}: it was truncated"
        return Verification(ok=False, head=head, first_bad_seq=size + 1, reason=reason)
    return Verification(ok=True, head=head)


def _no_head() -> InvalidRequestError:
    return InvalidRequestError(
        "A head has the form SIZE:HASH: the number of events and 64 hexadecimal digits, as on a receipt.",
        field="head",
        reason="form",
    )
