"""A ledger as JSON Lines: one event per line in canonical JSON (RFC 8785), so equal ledgers are equal files. Pure."""

from __future__ import annotations

import json

from tavus_consent.consent.events import Event
from tavus_consent.errors import InvalidRequestError, LedgerBroken

from .chain import EventRow, canonical, row_of


def line_of(event: Event) -> str:
    """Return an event as a line, without its line break."""
    return canonical(event.to_dict())


def row_from(line: str | bytes, *, seq: int) -> EventRow:
    """Return the event in a line.

    Raises:
        LedgerBroken: The line is not an event, or not in canonical form.
    """
    try:
        text = line.decode() if isinstance(line, bytes) else line
        text = text.removesuffix("\n")
        event = Event.from_dict(json.loads(text))
        if line_of(event) == text:
            return row_of(event)
    except (InvalidRequestError, ValueError, TypeError, RecursionError):
        pass
    raise LedgerBroken(f"the line of event {seq} is not an event in canonical JSON", seq=seq)
