"""The views of consent records on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from tavus_consent import ConsentRecord
from tavus_consent.consent import Attempt, ConsentTerms, MadeOutput, State, Verdict
from tavus_consent.consent.events import format_time
from tavus_consent.ledger.report import ends_soon

from ._flags import now
from ._screen import Listing, Screen

_UNKNOWN = "not stated"
_STYLES = {
    State.GIVEN: "green",
    State.WITHDRAWING: "red",
    State.WITHDRAWN: "red",
    State.INVALIDATED: "red",
    State.EXPIRED: "red",
    State.UNSOUND: "red",
    State.REVIEW: "yellow",
    Verdict.PASS: "green",
    Verdict.REVIEW: "yellow",
    Verdict.MISMATCH: "red",
    Verdict.UNUSABLE: "red",
}


def outline(record: ConsentRecord, now: datetime) -> dict[str, Any]:
    """Return a record for programs, without data about the person."""
    state = record.state
    return {
        "record_id": record.record_id,
        "status": str(record.status),
        "problem": record.problem,
        "started_at": _time(state.started_at),
        "given_at": _time(state.given_at),
        "withdrawn_at": _time(state.withdrawn_at),
        "expires_at": _time(record.expires_at),
        "keep_until": _time(record.keep_until),
        "renews": record.renews,
        "ends_soon": ends_soon(record, now),
        "verdict": state.verdict and str(state.verdict),
        "basis": state.basis,
        "replicas": [{"replica_id": one, "deleted": one in state.removed} for one in record.replicas],
        "voices": [{"voice_id": one, "deleted": one in state.removed} for one in state.voices],
        "unsettled": [intent.intent_id for intent in state.unsettled],
    }


def named(record: ConsentRecord, now: datetime) -> dict[str, Any]:
    """Return a record for programs, with the identity of the person."""
    terms = record.terms
    person = None if terms is None else {"full_name": terms.full_name, "reference": terms.reference}
    return {**outline(record, now), "person": person}


def whole(
    record: ConsentRecord,
    now: datetime,
    attempts: Iterable[Attempt] = (),
    outputs: Iterable[MadeOutput] = (),
) -> dict[str, Any]:
    """Return a record for programs, with the terms of the person and the checks of their statement."""
    evidence, terms = record.state.evidence, record.terms
    return {
        **outline(record, now),
        "person": None
        if terms is None
        else {
            "full_name": terms.full_name,
            "reference": terms.reference,
            "spoken_as": list(terms.spoken_as),
            "statement": terms.statement,
            "intended_uses": list(terms.intended_uses),
            "notice": terms.notice
            and {"version": terms.notice.version, "language": terms.notice.language, "sha256": terms.notice.sha256},
            "notice_url": terms.notice_url,
            "biometric_notice": terms.biometric_notice
            and {"derived": terms.biometric_notice.derived, "kept": terms.biometric_notice.kept},
            "adult": terms.adult,
            "attested_by": terms.attested_by,
        },
        "recording": evidence and {"where": evidence.where, "sha256": evidence.sha256, "at": _time(evidence.at)},
        "attempts": [check(one) for one in attempts],
        "outputs": [{"kind": one.kind, "id": one.id, "deleted": one.deleted} for one in outputs],
    }


def check(attempt: Attempt) -> dict[str, Any]:
    """Return a check of the statement for programs."""
    match = attempt.match
    return {
        "attempt_id": attempt.attempt_id,
        "at": _time(attempt.at),
        "verdict": str(attempt.verdict),
        "name_score": attempt.name_score,
        "words_error": match.words_error,
        "source": attempt.source,
        "engine": match.engine,
        "engine_version": match.engine_version,
        "model_sha256": match.model_sha256,
        "reasons": list(match.reasons),
        "diff": attempt.diff,
    }


def table(screen: Screen, records: Iterable[ConsentRecord], now: datetime, *, names: bool = False) -> Listing:
    """Return a table with one record per line; with names and references on request."""
    rows = []
    for one in records:
        ends = Text(_day(one.expires_at))
        if ends_soon(one, now) and one.expires_at is not None:
            ends.append(f" in {(one.expires_at - now).days} days", style="yellow")
        began, checked = Text(_day(one.state.started_at)), _word(one.state.verdict)
        who = [screen.cell(text or "") for text in _person(one)] if names else []
        cells = _word(one.status), checked, began, ends, _made(screen, one)
        rows.append((screen.cell(one.record_id), *who, *cells))
    persons = ("Name", "Reference") if names else ()
    return Listing(("Record", *persons, "Status", "Check", "Started", "Expires (UTC)", "Replicas"), rows, folds=())


def card(screen: Screen, record: ConsentRecord, outputs: Iterable[MadeOutput] = ()) -> Table:
    """Return one record, one property per line, with the terms of the person."""
    state, terms = record.state, record.terms
    evidence = state.evidence
    rows: list[tuple[str, str | Text | None]] = [
        ("Record", record.record_id),
        ("Status", _word(record.status)),
        ("Problem", record.problem),
    ]
    if terms is not None:
        rows += [
            ("Name", terms.full_name),
            ("Reference", terms.reference),
            ("Sounds like", ", ".join(terms.spoken_as)),
            ("Statement", terms.statement),
            ("Uses", "; ".join(terms.intended_uses) or _UNKNOWN),
            ("Notice", _notice(terms)),
            ("Biometrics", _biometrics(terms)),
            ("Of age", _UNKNOWN if terms.adult is None else "yes" if terms.adult else "no"),
            ("Attested by", terms.attested_by),
        ]
    return screen.card(
        *rows,
        ("Started", _minute(state.started_at)),
        ("Recording", None if evidence is None else f"{evidence.where}, SHA-256 {evidence.sha256 or 'unknown'}"),
        ("Given", _minute(state.given_at) and f"{_minute(state.given_at)} ({state.basis})"),
        ("Withdrawn", _minute(state.withdrawn_at)),
        ("Ends", _minute(state.expires_at)),
        ("Kept until", _minute(record.keep_until)),
        ("Renews", record.renews),
        ("Replicas", _replicas(record)),
        ("Voices", ", ".join(f"{one} (deleted)" if one in state.removed else one for one in state.voices)),
        ("Made", ", ".join(f"{one.kind} {one.id}{' (deleted)' if one.deleted else ''}" for one in outputs)),
        ("Open creates", _open(record)),
    )


def _notice(terms: ConsentTerms) -> str:
    notice = terms.notice
    said = [] if notice is None else [f"version {notice.version or _UNKNOWN}", f"SHA-256 {notice.sha256}"]
    return ", ".join([*([terms.notice_url] if terms.notice_url else []), *said]) or _UNKNOWN


def _biometrics(terms: ConsentTerms) -> str:
    told = terms.biometric_notice
    return _UNKNOWN if told is None else f"{told.derived}; stored {told.kept}"


def check_card(screen: Screen, attempt: Attempt) -> Table:
    """Return one check of the statement."""
    score = attempt.name_score
    return screen.card(
        ("Check", Text.assemble(_word(attempt.verdict), f" {_minute(attempt.at)}")),
        ("Source", f"{'heard by' if attempt.source == 'heard' else 'supplied, engine:'} {attempt.match.engine}"),
        ("Name", None if score is None else f"{score:.2f} alike"),
        ("Why", " ".join(attempt.match.reasons)),
        ("Words", attempt.diff),
    )


def _person(record: ConsentRecord) -> tuple[str | None, str | None]:
    return (None, None) if record.terms is None else (record.terms.full_name, record.terms.reference)


def _replicas(record: ConsentRecord) -> str:
    return ", ".join(f"{one} (deleted)" if one in record.state.removed else one for one in record.replicas)


def _open(record: ConsentRecord) -> str:
    """Return the creates of unknown outcome, with their times."""
    return "; ".join(f"{one.intent_id} of {_minute(one.at)}" for one in record.state.unsettled)


def _made(screen: Screen, record: ConsentRecord) -> Text:
    """Return the replicas of a record, and a mark if a create is open."""
    replicas, number = _replicas(record), len(record.state.unsettled)
    made = screen.cell(replicas)
    if number:
        made.append(f"{', ' if replicas else ''}{number} open", style="yellow")
    return made


def _word(word: State | Verdict | None) -> Text:
    return Text() if word is None else Text(str(word), style=_STYLES.get(word, ""))


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""


def _time(at: datetime | None) -> str | None:
    return None if at is None else format_time(at)


def stands(screen: Screen, record: ConsentRecord, text: str) -> None:
    """Say where a record stands after a step."""
    screen.result(outline(record, now()), screen.clean(text))
