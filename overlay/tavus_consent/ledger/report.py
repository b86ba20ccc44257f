"""One page about a ledger for a data-protection officer: self-contained HTML, without scripts, printable. Pure.

By default the page shows no names, only the data that identify the records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, Final

from attrs import field, frozen

from tavus_consent._frames import hides_locals
from tavus_consent.consent.checks import judged, source_of
from tavus_consent.consent.events import EventDraft, EventType
from tavus_consent.consent.matching import SOUND_ALIKE
from tavus_consent.consent.record import SOON, ConsentRecord
from tavus_consent.consent.statement import LIMITS
from tavus_consent.consent.states import ALIVE
from tavus_consent.consent.verdict import Verdict

from .chain import Verification

_KEPT: Final = (
    (
        "In the chain",
        "The events and their times, as codes: ids of records and replicas, verdicts and scores of checks, dates, "
        "SHA-256 of recordings, and references that mean nothing without a person's key.",
    ),
    (
        "In the vault, encrypted under a key for each person",
        "The person's name and its pronunciation, the intended uses, the notice, who asked for consent, the links of "
        "recordings, transcripts, and the reasons given.",
    ),
    (
        "Not here",
        "Recordings, training videos, replicas and generated videos. They are stored by the controller and by Tavus.",
    ),
    (
        "After an erasure",
        "The person's key is destroyed, and with it access to their data. The events stay; only a holder of the "
        "recording itself can link them to the person, by its SHA-256.",
    ),
)


def ends_soon(record: ConsentRecord, now: datetime) -> bool:
    """Return True if a pending or given consent expires within :data:`SOON`."""
    end = record.expires_at
    return record.status in ALIVE and end is not None and now < end <= now + SOON


def _in_order(events: Iterable[EventDraft]) -> tuple[EventDraft, ...]:
    return tuple(events)


@frozen
class ReportedRecord:
    """A record with its complete history.

    Attributes:
        record: The record as it stands.
        events: Its events, in order.
    """

    record: ConsentRecord
    events: tuple[EventDraft, ...] = field(converter=_in_order, repr=False)


@hides_locals
def report_html(
    records: Iterable[ReportedRecord], *, verification: Verification, now: datetime, with_names: bool = False
) -> str:
    """Return the page.

    Args:
        records: All records.
        verification: The result of the ledger check.
        now: The present, from the clock.
        with_names: Show the names of persons, and who asked for the consent.

    Returns:
        A whole HTML document.
    """
    return "\n".join(_document(tuple(records), verification, now, with_names)) + "\n"


def _document(
    records: tuple[ReportedRecord, ...], verification: Verification, now: datetime, with_names: bool
) -> Iterator[str]:
    yield from (_HEAD, "<h1>Consent records</h1>")
    yield f"<p>Written on {_minute(now)} by tavus-consent. {'With' if with_names else 'Without'} names.</p>"
    yield f'<p class="limits">{_text(LIMITS)} {_text(SOUND_ALIKE)}</p>'
    yield "<h2>The ledger</h2>"
    yield from _facts(_ledger(verification))
    yield from ("<h2>What is stored</h2>", *_facts(_KEPT))
    yield f"<h2>Consents that expire within {SOON.days} days</h2>"
    soon = sorted((one.record for one in records if ends_soon(one.record, now)), key=_end)
    yield from _table(("Record", "Status", "Expires", "Days left", "Replicas"), [_soon(one, now) for one in soon])
    yield "<h2>All records</h2>"
    if records:
        yield f"<p>{_text(_counts(records))}</p>"
    who = ("Person",) if with_names else ()
    titles = ("Record", *who, "Status", "Dates", "Uses", "Checks", "Replicas and voices", "Withdrawal and erasure")
    yield from _table(titles, [_row(one, with_names) for one in records], kind="all")
    yield "</main>\n</body>\n</html>"


def _ledger(found: Verification) -> Iterator[tuple[str, str]]:
    if found.ok:
        yield "Verified", "Yes: the ledger detects no changed, inserted, removed or moved event"
        yield "Events", str(found.head.size)
        yield "Head", str(found.head)
    else:
        at = "" if found.first_bad_seq is None else f" at event {found.first_bad_seq}"
        yield "Verified", f"NO, the check found a fault{at}: {found.reason}"
        yield from (("Also", problem) for problem in found.problems[1:])
        yield "Sound up to", str(found.head)
    yield "Limits", "Truncation can only be detected by comparing with a head that someone else holds: see receipts."


def _counts(records: Sequence[ReportedRecord]) -> str:
    counted = Counter(one.record.status for one in records)
    return f"{len(records)} in all: {', '.join(f'{count} {status}' for status, count in counted.most_common())}."


_Cell = str | Sequence[str]


def _soon(record: ConsentRecord, now: datetime) -> tuple[_Cell, ...]:
    return record.record_id, str(record.status), _minute(_end(record)), str((_end(record) - now).days), record.replicas


def _row(told: ReportedRecord, with_names: bool) -> Iterator[_Cell]:
    record, state, terms = told.record, told.record.state, told.record.terms
    yield record.record_id
    if with_names:
        yield [] if terms is None else [terms.full_name, *(f"asked by {one}" for one in (terms.attested_by,) if one)]
    yield [str(record.status), *((record.problem,) if record.problem else ())]
    dates = {
        "began": state.started_at,
        "given": state.given_at,
        "withdrawn": state.withdrawn_at,
        "ends": state.expires_at,
    }
    yield [f"{name} {at:%Y-%m-%d}" for name, at in dates.items() if at is not None]
    yield () if terms is None else terms.intended_uses
    yield [_check(one) for one in told.events if one.type == EventType.VERIFICATION]
    yield [f"{one} (deleted)" if one in state.removed else one for one in state.likenesses]
    yield [f"{_minute(one.at)} {step}" for one in told.events for step in _steps(one.type, one.payload)]


def _check(event: EventDraft) -> str:
    score = event.payload.get("name_score")
    alike = f", name similarity {score:.2f}" if isinstance(score, (int, float)) else ""
    verdict = judged(event.payload) if event.payload.get("verdict") in tuple(Verdict) else "?"
    source = "heard" if source_of(event.payload) == "heard" else "supplied text"
    if event.payload.get("engine") == "none":
        source = "not transcribed"
    return f"{_minute(event.at)} {verdict} ({source}{alike})"


def _steps(type_: str, payload: Mapping[str, Any]) -> Iterator[str]:
    """Yield the steps of a withdrawal that an event reports, in words."""
    if type_ == EventType.WITHDRAWING:
        if "requested_by" in payload:
            yield f"requested by the {payload['requested_by']}"
        if "gone" in payload:
            yield f"likeness {payload['gone']} deleted, deletion confirmed"
        if videos := payload.get("gone_videos"):
            yield f"videos deleted: {', '.join(map(str, videos))}"
        if outputs := payload.get("gone_outputs"):
            yield f"deleted or stopped: {', '.join(map(_named, outputs))}"
        if found := payload.get("found"):
            yield f"found at Tavus: {', '.join(map(_named, found))}"
        if "failed" in payload:
            yield f"could not delete {payload.get('left') or 'an output'} ({payload['failed']}); the SDK will retry"
    elif type_ == EventType.DELETED:
        yield f"{payload.get('kind')} {payload.get('object_id')} deleted by the client"
    elif type_ in _ENDS:
        yield _ENDS[EventType(type_)]


def _named(output: object) -> str:
    """Return an output such as ``conversation:c1`` in words."""
    return str(output).replace("_", " ", 1).replace(":", " ", 1)


_ENDS: Final = {
    EventType.WITHDRAWN: "complete",
    EventType.INVALIDATED: "declared invalid",
    EventType.ERASED: "the person was erased",
}


def _end(record: ConsentRecord) -> datetime:
    return record.expires_at or datetime.max


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


# Everything that is shown passes through the functions below, which escape it.


def _text(text: str) -> str:
    return escape("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text))


def _facts(facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield "<dl>"
    for name, value in facts:
        yield f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>"
    yield "</dl>"


def _table(titles: Iterable[str], rows: Sequence[Iterable[_Cell]], *, kind: str = "some") -> Iterator[str]:
    if not rows:
        yield "<p>None.</p>"
        return
    yield f'<table class="{kind}">\n<thead><tr>'
    yield from (f'<th scope="col">{_text(title)}</th>' for title in titles)
    yield "</tr></thead>\n<tbody>"
    for row in rows:
        first, *rest = map(_lines, row)
        yield f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
    yield "</tbody>\n</table>"


def _lines(cell: _Cell) -> str:
    lines = (cell,) if isinstance(cell, str) else cell
    return "".join(f"<div>{_text(line)}</div>" for line in lines) or "-"


_HEAD: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Consent records</title>
<style>
body { margin: 0; background: #f3f4f6; color: #1a1d21; font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
main { max-width: 78rem; margin: 0 auto; padding: 2rem 2.5rem 3rem; background: #fff; }
h1 { margin: 0; font-size: 1.7rem; }
h2 { margin: 2rem 0 .5rem; font-size: 1.15rem; }
dl { display: grid; grid-template-columns: minmax(9rem, 16rem) 1fr; gap: .3rem 1.5rem; margin: 0; }
dt { color: #555c66; }
dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: .85rem; }
th, td { padding: .4rem .6rem .4rem 0; border-bottom: 1px solid #d5d9de; text-align: left; vertical-align: top; }
td { overflow-wrap: break-word; unicode-bidi: plaintext; }
thead th { border-bottom: 2px solid #1a1d21; }
td div { padding-left: .8em; text-indent: -.8em; }
.all td:nth-last-child(5) { white-space: nowrap; } /* dates */
tbody th { min-width: 10rem; overflow-wrap: anywhere; font-weight: 600; }
.limits { padding: .7rem 1rem; border-left: 4px solid #b45309; background: #fff7ed; }
.bad { color: #b00020; font-weight: 600; }
@page { size: A4 landscape; margin: 14mm; }
@media print {
  body { background: none; font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; }
  tr, dl, .limits { break-inside: avoid; }
}
</style>
</head>
<body>
<main>"""
