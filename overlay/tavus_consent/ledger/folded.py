"""The state of a record as a row of the projection. Pure.

Equal states have equal texts: members sorted by name, no spaces, and no default values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from attrs import fields

from tavus_consent.consent.checks import Check
from tavus_consent.consent.early import Early
from tavus_consent.consent.events import Event, format_time, parse_time
from tavus_consent.consent.fold import advance, output_of, spoil
from tavus_consent.consent.states import Earlier, Evidence, Intent, RecordState, State
from tavus_consent.errors import InvalidRequestError

from .chain import event_of

FOLD: Final = 2
"""Increase it when the same events fold to a different state than before: ledgers then rebuild their projection."""


class Folded(NamedTuple):
    """A row of the projection: the columns of the table, in their order.

    Attributes:
        record_id: The record.
        seq: Number of its first event.
        subject_ref: The person's random name.
        state: The state as of the last event.
        expires_at: The end of the consent.
        version: The number of its events.
        unsettled: 1 if the outcome of a create is unknown.
        attestation: 1 if someone attests that no real person is shown.
        folded: The whole state.
    """

    record_id: str
    seq: int
    subject_ref: str
    state: str
    expires_at: str | None
    version: int
    unsettled: int
    attestation: int
    folded: str

    def is_found_as(self, before: RecordState) -> bool:
        """Return True if the columns that find a record are the same as before its last event."""
        return (self.subject_ref, self.state, self.expires_at, self.unsettled, self.attestation) == _found_by(before)


def row_of(seq: int, state: RecordState) -> Folded:
    """Return the row of a record whose first event has this number."""
    found = _found_by(state)
    return Folded(
        state.record_id,
        seq,
        *found[:3],
        state.version,
        *found[3:],
        text_of(state),
    )


def _found_by(state: RecordState) -> tuple[str, str, str | None, int, int]:
    end = None if state.expires_at is None else format_time(state.expires_at)
    return state.subject_ref, str(state.state), end, int(bool(state.unsettled)), int(state.is_attestation)


def _evidence(data: Mapping[str, Any]) -> Evidence:
    return Evidence(**{**data, "at": parse_time(data["at"]), "refs": frozenset(data["refs"])})


def _checks(names: Iterable[str]) -> frozenset[Check]:
    return frozenset(map(Check, names))


def _earlier(data: Iterable[Mapping[str, Any]]) -> tuple[Earlier, ...]:
    return tuple(Earlier(evidence=_evidence(one["evidence"]), checks=_checks(one["checks"])) for one in data)


def _early(data: Mapping[str, Any]) -> Early:
    return Early(**data)


def _intents(data: Iterable[Mapping[str, Any]]) -> tuple[Intent, ...]:
    return tuple(Intent(**{**one, "at": parse_time(one["at"])}) for one in data)


_DEFAULTS: Final = {one.name: one.default for one in fields(RecordState)}
_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "state": State,
    "evidence": _evidence,
    "checks": _checks,
    "earlier": _earlier,
    "early": _early,
    "intents": _intents,
    **dict.fromkeys(("replicas", "voices"), tuple),
    **dict.fromkeys(("gone", "deleted"), frozenset),
    **dict.fromkeys(("started_at", "changed_at", "expires_at", "given_at", "withdrawn_at"), parse_time),
}
"""The converters of members; other members are stored as JSON has them."""


def text_of(state: RecordState) -> str:
    """Return a state as JSON."""
    found = {name: getattr(state, name) for name in _DEFAULTS}
    known = {name: value for name, value in found.items() if value != _DEFAULTS[name]}
    return _WRITER.encode(known)


def state_of(text: str) -> RecordState:
    """Read a text that :func:`text_of` returned.

    Raises:
        InvalidRequestError: It is another text.
    """
    try:
        data = json.loads(text)
        return RecordState(**{name: _READERS.get(name, _same)(value) for name, value in data.items()})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InvalidRequestError("the projection row is invalid", field="folded", reason="form") from None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, frozenset):
        return sorted(value)
    return {one.name: getattr(value, one.name) for one in fields(type(value))}


def _same(value: Any) -> Any:
    return value


_WRITER: Final = json.JSONEncoder(default=_plain, sort_keys=True, separators=(",", ":"))


class Folding:
    """Folds the events of all records side by side.

    Attributes:
        first: The number of each record's first event.
        states: The state of each record so far.
        outputs: What was made with likenesses of the records: id, kind and record.
    """

    def __init__(self) -> None:
        self.outputs: set[tuple[str, str, str]] = set()
        self.first: dict[str, int] = {}
        self.states: dict[str, RecordState] = {}

    def see(self, row: Sequence[Any]) -> Event | None:
        """Take the next stored event.

        Returns:
            The event, or ``None`` if it cannot be read. It then spoils the record that it names, if any.
        """
        seq, record_id, subject_ref = row[0], row[4], row[5]
        if not isinstance(seq, int) or not isinstance(record_id, str) or not isinstance(subject_ref, str):
            return None
        before = self.states.get(record_id, _NONE)
        self.first.setdefault(record_id, seq)
        event = None
        try:
            event = event_of(row)
        except InvalidRequestError as error:
            self.states[record_id] = spoil(before, record_id, subject_ref, f"event {seq} cannot be read: {error}")
        else:
            self.states[record_id] = advance(before, event)
            if output := output_of(event):
                self.outputs.add((output[1], output[0], record_id))
        return event

    def rows(self, record_ids: Iterable[str] | None = None) -> list[Folded]:
        """Return the rows of records, by default of all records."""
        wanted = self.states if record_ids is None else record_ids
        return [row_of(self.first[one], self.states[one]) for one in wanted]


_NONE: Final = RecordState()
