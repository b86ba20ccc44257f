"""The expected rows of the index, by the events and the vault: for ledgers without an index, and for checks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from tavus_consent.consent._blinds import CODE, FOUND_BY, bars_on
from tavus_consent.consent.events import Event, EventType
from tavus_consent.consent.persons import (
    NOBODY,
    RECORDINGS,
    UNKNOWN,
    Bar,
    Mark,
    Person,
    Recording,
    bars_between,
    bars_of_new,
    is_dated,
)
from tavus_consent.consent.states import RecordState, State
from tavus_consent.errors import LedgerError

from .folded import Folding
from .vault import Vault

_PAGE: Final = 500


class _Life:
    """The parts of a record that matter for the index."""

    def __init__(self, subject_ref: str, began: int) -> None:
        self.subject_ref, self.began = subject_ref, began
        self.is_attestation = self.is_erased = False
        self.steps: list[tuple[int, Bar, _Brought | None]] = []

    @property
    def has_no_terms(self) -> bool:
        return self.is_attestation or self.is_erased


class _Brought:
    """A recording that an event added."""

    def __init__(self, kind: str, payload: Mapping[str, Any], sha256: object, after: RecordState) -> None:
        self.kind, self.after = kind, after
        self.code, self.link = payload.get(FOUND_BY), payload.get("link")
        self.sha256 = sha256 if isinstance(sha256, str) and sha256 else None


class Replay:
    """Follows the events of a ledger."""

    def __init__(self) -> None:
        self._lives: dict[str, _Life] = {}

    def see(self, event: Event, before: RecordState, after: RecordState) -> None:
        """Take the next event, with the state of its record before and after it."""
        life = self._lives.get(event.record_id)
        if life is None:
            life = self._lives[event.record_id] = _Life(event.subject_ref, event.seq)
        life.is_attestation |= event.type == EventType.ATTESTATION
        life.is_erased |= after.state is State.ERASED
        brought, bars = None, bars_between(before, after)
        if event.type == EventType.RECORDED:
            brought = _Brought(RECORDINGS[0], event.payload, event.payload.get("sha256"), after)
        elif event.type == EventType.SUBMIT_INTENT and FOUND_BY in event.payload:
            brought = _Brought(RECORDINGS[1], event.payload, _trained(event.payload), after)
        if (brought is not None and after.problem is None) or bars:
            life.steps.append((event.seq, bars, brought))

    def marks(self, vault: Vault, link: Callable[[str], str], imported: int) -> tuple[list[Mark], set[str]]:
        """Return the expected marks of the index.

        Args:
            vault: The vault with names, references, and the links of older events.
            link: A function that makes keyed references.
            imported: The last imported event. Keyed references in events up to it belong to another ledger.

        Returns:
            The marks, and the records whose vault cannot be read, so that their marks are unknown.
        """
        terms = _opened(vault, (life.subject_ref for life in self._lives.values()), "terms")
        older = (
            life.subject_ref
            for life in self._lives.values()
            if any(brought is not None and not brought.code for _, _, brought in life.steps)
        )
        links = _opened(vault, older, "link")
        found: list[Mark] = []
        unknown: set[str] = set()
        for record_id, life in self._lives.items():
            kept = links.get(life.subject_ref, {})
            is_imported = life.began <= imported
            said = _said(terms[life.subject_ref])
            if said is None or kept is None or not (said or life.has_no_terms or is_imported):
                unknown.add(record_id)
            else:
                urls = {ref: link(url.decode()) for ref, url in kept.items()}
                found += _marks(record_id, life, said, urls, is_imported=is_imported)
        return found, unknown


def follow(rows: Iterable[Any]) -> Replay:
    """Follow all events as they are stored."""
    replay, folding = Replay(), Folding()
    for row in rows:
        seen(replay, folding, row)
    return replay


def seen(replay: Replay, folding: Folding, row: Any) -> Event | None:
    """Fold a row and follow it."""
    before = folding.states.get(row[4], RecordState()) if isinstance(row[4], str) else RecordState()
    event = folding.see(row)
    if event is not None:
        replay.see(event, before, folding.states[event.record_id])
    return event


def _marks(
    record_id: str, life: _Life, said: Mapping[str, Any], urls: Mapping[str, str], *, is_imported: bool
) -> list[Mark]:
    person: Person | str = NOBODY if life.is_attestation else UNKNOWN
    rows: dict[tuple[str, str], Mark] = {}
    if said and not life.is_erased:
        person = Person.of(said["full_name"], said.get("reference"))
        for mark in person.marks(is_minor=said["adult"] is False):
            rows[mark[:2]] = mark._replace(since=life.began, barred=life.began if mark.bars else 0)
    for seq, bars, brought in life.steps:
        for place, row in rows.items():
            some = bars_on(row.kind, bars)
            if some and not row.bars & Bar.REPLACED:
                rows[place] = row._replace(bars=row.bars | some, barred=seq if is_dated(some) else row.barred)
        if brought is not None:
            marks = _brought(brought, urls, person, is_imported=is_imported)
            if brought.kind == RECORDINGS[0]:
                _replace(rows, {mark[:2] for mark in marks})
            for mark in marks:
                new = bars_of_new(mark.kind, mark.bars, brought.after)
                row = rows.get(mark[:2], mark._replace(since=seq))
                learnt = (row.bars & ~Bar.REPLACED) | new
                rows[mark[:2]] = row._replace(bars=learnt, barred=seq if is_dated(new) else row.barred)
    return [row._replace(record_id=record_id) for row in rows.values()]


def _replace(rows: dict[tuple[str, str], Mark], places: set[tuple[str, str]]) -> None:
    """Release the recordings of a record if these belong to another one."""
    current = {place for place, row in rows.items() if place[0] == RECORDINGS[0] and not row.bars & Bar.REPLACED}
    if current.isdisjoint(places):
        for place in current:
            rows[place] = rows[place]._replace(bars=rows[place].bars | Bar.REPLACED)


def _brought(brought: _Brought, urls: Mapping[str, str], person: Person | str, *, is_imported: bool) -> list[Mark]:
    code = None if is_imported else brought.code or urls.get(str(brought.link))
    marks = Recording(code or CODE, brought.sha256).marks(brought.kind, person)
    return [mark for mark in marks if mark.value != CODE]


def _trained(payload: Mapping[str, Any]) -> object:
    found: Any = payload
    for name in ("preflight", "media", "train", "sha256"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _said(kept: Mapping[str, bytes] | None) -> Mapping[str, Any] | None:
    """Return the terms of a person without the name checks: empty without any, ``None`` if the text is not JSON."""
    if not kept:
        return None if kept is None else {}
    try:
        said = json.loads(next(iter(kept.values())))
        return said if isinstance(said["full_name"], str) and "adult" in said else None
    except (ValueError, TypeError, KeyError):
        return None


def _opened(vault: Vault, subject_refs: Iterable[str], kind: str) -> dict[str, dict[str, bytes] | None]:
    """Return the vault's items of each person, by reference; ``None`` if they cannot be opened."""
    wanted = list(dict.fromkeys(subject_refs))
    found: dict[str, dict[str, bytes] | None] = {}
    for start in range(0, len(wanted), _PAGE):
        some = wanted[start : start + _PAGE]
        try:
            opened = vault.items_of(some, kind)
        except LedgerError:  # every key is missing
            found |= dict.fromkeys(some)
            continue
        for subject_ref, items in opened.items():
            found[subject_ref] = (
                None if isinstance(items, LedgerError) else {item.ref: item.plaintext for item in items}
            )
    return found
