"""``tavus-consent consents``: one command for each event of a consent record."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.text import Text

from tavus_consent import errors
from tavus_consent.consent import LIMITS
from tavus_consent.consent.record import ConsentRecord, ConsentVideo
from tavus_consent.consent.states import State
from tavus_consent.consent.verdict import Verdict
from tavus_consent.consent.withdrawal import Remaining, WithdrawalReport
from tavus_consent.gate.permits import VALID_FOR
from tavus_consent.ledger.receipt import Controller, Party
from tavus_consent.ledger.report import SOON, ends_soon
from tavus_consent.preflight.speech import default_transcriber

from ._failures import Exit, as_options
from ._flags import ACCOUNT, KEPT, LENGTH, OUTPUT, SURE, SWITCH, Account, Kept, Output, Sure, now
from ._records import card, check, check_card, named, outline, table, whole
from ._screen import Screen
from ._streams import write_private

_TEXT: Final = Parameter(metavar="TEXT")
_WHO: Final = Parameter(metavar="WHO")
_FILE: Final = Parameter(metavar="FILE")
_INPUT: Final = Parameter(metavar="FILE", allow_leading_hyphen=True)
_MANY: Final = Parameter(metavar="TEXT", negative=(), show_default=False)

consents = App(
    name="consents",
    help="Manage consent records: request, check, show, withdraw, erase. Only withdraw needs an account.",
    help_epilogue="",
)


@consents.command
def request(
    *,
    full_name: Annotated[str, Parameter(metavar="NAME")],
    as_borne: Annotated[bool, SWITCH] = False,
    spoken_as: Annotated[tuple[str, ...], _MANY] = (),
    intended_use: Annotated[tuple[str, ...], _MANY] = (),
    valid_for: Annotated[timedelta, LENGTH] = VALID_FOR,
    notice_url: Annotated[str | None, Parameter(metavar="URL")] = None,
    adult: Annotated[bool | None, Parameter(negative="--minor")] = None,
    attested_by: Annotated[str | None, _WHO] = None,
    reference: Annotated[str | None, Parameter(metavar="ID")] = None,
    after_withdrawal: Annotated[bool, SWITCH] = False,
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> None:
    r"""Start a record of a person's consent, and print the statement that they read aloud.

    For example:

        tavus-consent consents request --full-name "Rio Alvarez" \
            --intended-use "onboarding videos for new customers" --attested-by hr@app.example

    Args:
        full_name: The person's name, as they say it.
        as_borne: The person bears this name: it may be longer than 8 words, or end in ", Jr.".
        spoken_as: A pronunciation of the name, for recognizers. Up to three times.
        intended_use: A use of the replica, as the person was told. Repeatable.
        valid_for: How long the consent is valid: 90d, 365d.
        notice_url: The privacy notice that the person was shown.
        adult: You attest that the person is of age; --minor: they are not, and no replica is trained.
        attested_by: Who attests this and asks for the consent.
        reference: Your own id of the person; it distinguishes people with the same name.
        after_withdrawal: The person withdrew or refused before, and has changed their mind.
        kept: The location of the ledger.
        flags: Common options.
    """
    with kept.open() as (registry, _):
        record = registry.request(
            full_name=full_name,
            as_borne=as_borne,
            spoken_as=spoken_as,
            intended_uses=intended_use,
            valid_for=valid_for,
            notice_url=notice_url,
            adult=adult,
            attested_by=attested_by,
            reference=reference,
            after_withdrawal=after_withdrawal,
        )
    screen = flags.screen
    screen.result(whole(record, now()), card(screen, record))
    screen.note(LIMITS)


@consents.command(name="list")
def list_(
    *,
    status: Annotated[State | None, Parameter(metavar="STATUS")] = None,
    expiring_within: Annotated[timedelta | None, LENGTH, Parameter(show_default=False)] = None,
    limit: Annotated[int, Parameter(validator=Number(gte=1))] = 100,
    after: Annotated[str | None, Parameter(metavar="RECORD")] = None,
    names: Annotated[bool, SWITCH] = False,
    search: Annotated[str | None, _TEXT] = None,
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> None:
    """List records page by page, without names unless --names is given. Shows which expire within 30 days.

    For example:

        tavus-consent consents list --status given

    Args:
        status: Only records with this status, for example given, review or withdrawing.
        expiring_within: Only records that expire within this time: 30d, 12h.
        limit: The maximum number of records.
        after: Only records after this one: the last one of the previous page.
        names: Also show names and references. Needs the key of the ledger.
        search: Only records with this text in the name, the reference, the id, or the id of a replica.
        kept: The location of the ledger.
        flags: Common options.
    """
    with kept.open() as (registry, _):
        found = registry.records(
            expiring_within=expiring_within, status=status, limit=limit + 1, after=after, search=search
        )
    more, found = len(found) > limit, found[:limit]
    at, screen = now(), flags.screen
    _listed(screen, found, at, names=names)
    soon = sum(ends_soon(one, at) for one in found)
    if not found:
        screen.note("No records found.")
    elif soon:
        screen.note(
            f"{soon} of {len(found)} {'expire' if soon > 1 else 'expires'} within {SOON.days} days.", style="yellow"
        )
    unsound = sum(one.problem is not None for one in found)
    if unsound:
        screen.note(f"{unsound} of {len(found)} cannot be read: run tavus-consent ledger verify.", style="red")
    if more:
        screen.note(f"More records: --after {found[-1].record_id}")


@consents.command
def find(
    *,
    reference: Annotated[str | None, Parameter(metavar="ID")] = None,
    full_name: Annotated[str | None, Parameter(metavar="NAME")] = None,
    replica: Annotated[str | None, Parameter(metavar="ID")] = None,
    names: Annotated[bool, SWITCH] = False,
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> None:
    """Find all records of a person, or the records that a replica was created from.

    For example:

        tavus-consent consents find --reference employee-4711

    Args:
        reference: Your own id of the person.
        full_name: The person's name.
        replica: Id of a replica or face.
        names: Also show names and references.
        kept: The location of the ledger.
        flags: Common options.
    """
    with kept.open() as (registry, _):
        found = registry.find(reference=reference, full_name=full_name, replica_id=replica)
    _listed(flags.screen, found, now(), names=names)
    if not found:
        flags.screen.note("No records found.")


@consents.command
def show(record: str, /, *, kept: Kept = KEPT, flags: Output = OUTPUT) -> None:
    """Show one record completely: the person, the terms, every check of the statement.

    For example:

        tavus-consent consents show 6f1c0a52d9b14e0c8a7d3b2e5f607182

    Args:
        record: Id of the record.
        kept: The location of the ledger.
        flags: Common options.
    """
    with kept.open() as (registry, _):
        found, attempts = registry.get(record), registry.attempts(record)
    screen = flags.screen
    checks = [part for one in attempts for part in ("", check_card(screen, one))]
    screen.result(whole(found, now(), attempts), card(screen, found), *checks)
    screen.note(LIMITS)


@consents.command
def add_evidence(
    record: str,
    /,
    *,
    video_url: Annotated[str, Parameter(metavar="URL")],
    sha256: Annotated[str | None, Parameter(metavar="HEX")] = None,
    where: Literal["consent_video", "training_video"] = "consent_video",
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> None:
    r"""Add the recording of the statement to a record, or a new link to the same recording.

    For example:

        tavus-consent consents add-evidence 6f1c0a52d9b14e0c8a7d3b2e5f607182 \
            --video-url https://bucket.example/consent.mp4

    Args:
        record: Id of the record.
        video_url: Direct link to the recording.
        sha256: SHA-256 of its bytes, which detects later changes.
        where: The video that contains the statement.
        kept: The location of the ledger.
        flags: Common options.
    """
    with kept.open() as (registry, _):
        found = registry.add_evidence(record, ConsentVideo(video_url, sha256=sha256, where=where))
    _stands(flags.screen, outline(found, now()), f"{found.record_id} has a recording. Its status is {found.status}.")


@consents.command
def verify(
    record: str,
    /,
    *,
    transcript: Annotated[str | None, _INPUT] = None,
    engine: Annotated[str | None, Parameter(metavar="NAME")] = None,
    recording: Annotated[Path | None, _FILE] = None,
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> Exit:
    r"""Compare the words in the recording with the statement, and store the attempt. Exit code 6 unless it passed.

    With the extra speech, Whisper listens to --recording. A transcript that you supply instead is doubtful at best,
    unless you name the engine that wrote it. For example:

        tavus-consent consents verify 6f1c0a52d9b14e0c8a7d3b2e5f607182 --recording consent.mp4

        tavus-consent consents verify 6f1c0a52d9b14e0c8a7d3b2e5f607182 \
            --transcript heard.txt --engine whisper-large-v3

    Args:
        record: Id of the record.
        transcript: File with the words that were said; - reads them from stdin.
        engine: The speech recognizer that wrote the transcript.
        recording: The recording itself. Its SHA-256 is compared with that of the record.
        kept: The location of the ledger.
        flags: Common options.
    """
    heard = None if transcript is None else _read(transcript, "--transcript")
    with kept.open() as (registry, _):
        attempt = registry.verify(
            record,
            transcript=heard,
            engine=engine,
            transcriber=default_transcriber() if heard is None and recording is not None else None,
            recording=recording,
        )
    screen = flags.screen
    screen.result(check(attempt), check_card(screen, attempt))
    if attempt.verdict is Verdict.REVIEW:
        screen.note(f"A named person can lift this doubt: tavus-consent consents review {record} --help")
    screen.note(LIMITS)
    return Exit.DONE if attempt.verdict is Verdict.PASS else Exit.NOT_SOUND


@consents.command
def review(
    record: str,
    /,
    *,
    reviewer: Annotated[str, _WHO],
    reason: Annotated[str, _TEXT],
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> None:
    r"""Lift a doubt: a named person has checked the recording and gives the reason.

    For example:

        tavus-consent consents review 6f1c0a52d9b14e0c8a7d3b2e5f607182 \
            --reviewer dpo@app.example --reason "The name is clear on the recording"

    Args:
        record: Id of the record.
        reviewer: Who checked the recording.
        reason: Why it is the statement.
        kept: The location of the ledger.
        flags: Common options.
    """
    with kept.open() as (registry, _):
        found = registry.review(record, reviewer=reviewer, reason=reason)
    _stands(flags.screen, outline(found, now()), f"The doubt is lifted. {found.record_id} is {found.status}.")


@consents.command
def refuse(record: str, /, *, sure: Sure = SURE, kept: Kept = KEPT, flags: Output = OUTPUT) -> None:
    """Record that the person refused. If consent was already given, use withdraw instead.

    Cannot be undone, so this asks first. For example:

        tavus-consent consents refuse 6f1c0a52d9b14e0c8a7d3b2e5f607182

    Args:
        record: Id of the record.
        sure: Confirmation.
        kept: The location of the ledger.
        flags: Common options.
    """
    sure.check(flags.screen, "This ends the record: the person refused.")
    with kept.open() as (registry, _):
        found = registry.refuse(record)
    _stands(flags.screen, outline(found, now()), f"{found.record_id} is {found.status}. It cannot train a replica.")


@consents.command
def invalidate(
    record: str,
    /,
    *,
    reason: Annotated[str, _TEXT],
    sure: Sure = SURE,
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> None:
    r"""Declare a record void, such as one for the wrong person. It can no longer train a replica.

    Cannot be undone, so this asks first. For example:

        tavus-consent consents invalidate 6f1c0a52d9b14e0c8a7d3b2e5f607182 \
            --reason "It was made for another person of the same name"

    Args:
        record: Id of the record.
        reason: Why it is void.
        sure: Confirmation.
        kept: The location of the ledger.
        flags: Common options.
    """
    sure.check(flags.screen, "This declares the record void.")
    with kept.open() as (registry, _):
        found = registry.invalidate(record, reason=reason)
    screen = flags.screen
    _stands(screen, outline(found, now()), f"{found.record_id} is {found.status}. It cannot train a replica.")
    if found.replicas:
        screen.note(f"Its replicas remain. To delete them: tavus-consent consents withdraw {found.record_id} --help")


@consents.command
def receipt(
    record: str,
    /,
    *,
    language: Literal["en", "de", "es", "fr"] = "en",
    controller: Annotated[str | None, _FILE] = None,
    output: Annotated[Path | None, _FILE] = None,
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> None:
    """Print a receipt for the person as text, or as JSON-LD with --json. The ledger records that it was issued.

    For example:

        tavus-consent consents receipt 6f1c0a52d9b14e0c8a7d3b2e5f607182 --language de

    Args:
        record: Id of the record.
        language: The language of the text.
        controller: TOML file with your name and address; docs/ledger.md shows one.
        output: A file to write it to, which only you may read; by default stdout.
        kept: The location of the ledger.
        flags: Common options.
    """
    you = None if controller is None else _controller(controller)
    with kept.open() as (registry, _):
        made = registry.receipt(record, controller=you, language=language)
    screen = flags.screen
    # Not shortened: it goes to the person, and its links are for them.
    text = json.dumps(made.jsonld(), indent=2) if flags.json else made.text().rstrip("\n")
    if output is None:
        screen.plain(text)
    else:
        write_private(output, f"{text}\n", "--output")
        screen.note(f"The receipt was written to {output}.")
    if made.missing:
        screen.note(f"Not stated: {', '.join(made.missing)}. State them with --controller FILE.", style="yellow")


@consents.command
def withdraw(
    record: str | None = None,
    /,
    *,
    requested_by: Literal["subject", "controller"] | None = None,
    reason: Annotated[str | None, _TEXT] = None,
    video: Annotated[tuple[str, ...], Parameter(metavar="ID", negative=(), show_default=False)] = (),
    resume: Annotated[bool, SWITCH] = False,
    sure: Sure = SURE,
    kept: Kept = KEPT,
    flags: Account = ACCOUNT,
) -> Exit:
    """Withdraw a consent: it can no longer train a replica, and everything made with it is deleted at Tavus.

    Cannot be undone, so this asks first. For example:

        tavus-consent consents withdraw 6f1c0a52d9b14e0c8a7d3b2e5f607182 --requested-by subject

    Later, to retry failed deletions:

        tavus-consent consents withdraw --resume

    Args:
        record: Id of the record.
        requested_by: Who requests it: the person (subject) or you (controller).
        reason: The reason, if one was given.
        video: Id of a video that is known to be made from it. Repeatable.
        resume: Continue every unfinished withdrawal. This does not ask again.
        sure: Confirmation.
        kept: The location of the ledger.
        flags: Common options.
    """
    if resume is (record is not None) or (record is not None and requested_by is None):
        raise errors.ConfigurationError(
            "give a record with --requested-by subject or controller, or --resume for all unfinished withdrawals"
        )
    with flags.open(ledger=kept.url()) as (tavus, screen):
        if record is not None:
            sure.check(screen, "This withdraws the consent and deletes its replicas at Tavus.")
        if record is None or requested_by is None:
            reports = tavus.consents.resume_withdrawals()
        else:
            reports = [tavus.consents.withdraw(record, requested_by=requested_by, reason=reason, videos=video)]
        told = [_withdrawal(one) for one in reports]
        screen.result(told if resume else told[0], *(part for one in reports for part in _report(screen, one)))
        if not reports:
            screen.note("No withdrawal is in progress.")
    return Exit.DONE if all(one.complete for one in reports) else Exit.UNFINISHED


@consents.command
def erase(
    record: str | None = None,
    /,
    *,
    person: Annotated[str | None, Parameter(metavar="ID|NAME")] = None,
    sure: Sure = SURE,
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> None:
    """Erase a record, or all records of a person: names, transcripts and links become unreadable.

    Withdraw first if consent was given. Cannot be undone, so this asks first. For example:

        tavus-consent consents erase 6f1c0a52d9b14e0c8a7d3b2e5f607182

    Args:
        record: Id of the record.
        person: Erase all records of this person: your own id of them, or their name.
        sure: Confirmation.
        kept: The location of the ledger.
        flags: Common options.
    """
    if (record is None) is (person is None):
        raise errors.ConfigurationError("give a record, or --person with your own id of the person or their name")
    screen = flags.screen
    if record is not None:
        sure.check(screen, "This erases the person of the record.")
        with kept.open() as (registry, _):
            erasure = registry.erase(record)
        screen.result(
            {"record_id": record, "erased": True, "items": erasure.items, "residues": list(erasure.residues)},
            screen.clean(f"{record}: the person was erased, with {erasure.items} items. The ledger still verifies."),
        )
        residues = erasure.residues
    else:
        sure.check(screen, "This erases all records of the person.")
        with kept.open() as (registry, _):
            known = registry.find(reference=person)
            done = registry.erase_person(**({"reference": person} if known else {"full_name": person}))
        items, residues = sum(one.items for one in done), done[0].residues
        screen.result(
            {"records": len(done), "erased": True, "items": items, "residues": list(residues)},
            f"The person was erased: {len(done)} records with {items} items. The ledger still verifies.",
        )
    for residue in residues:
        screen.note(residue)


def _listed(screen: Screen, found: list[ConsentRecord], at: datetime, *, names: bool) -> None:
    told = [named(one, at) if names else outline(one, at) for one in found]
    screen.result(told, *([table(screen, found, at, names=names)] if found else []))


def _stands(screen: Screen, data: dict[str, Any], text: str) -> None:
    screen.result(data, screen.clean(text))


def _read(path: str, option: str) -> str:
    """Return the text of a file or of stdin. The path is never shown: it may be the text, in the wrong place."""
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise errors.ConfigurationError(f"cannot read the file of {option}: {reason}") from None


def _controller(path: str) -> Controller:
    try:
        said = tomllib.loads(_read(path, "--controller"))
        processor = said.pop("processor", {"name": "Tavus"})
        where = said.pop("storage_locations", [])
        if all(isinstance(text, str) for text in (*said.values(), *processor.values(), *where)):
            return Controller(**said, storage_locations=where, processor=Party(**processor))
    except (tomllib.TOMLDecodeError, AttributeError, TypeError):
        pass
    raise errors.ConfigurationError(
        "the file of --controller is not TOML with name, address, contact, jurisdiction, withdraw_at, notice_url, "
        "retention, a list storage_locations, and [processor]"
    )


def _withdrawal(report: WithdrawalReport) -> dict[str, Any]:
    return {
        "record_id": report.record.record_id,
        "status": str(report.record.status),
        "complete": report.complete,
        "deleted": list(report.deleted),
        "videos": list(report.videos),
        "remaining": [{"kind": one.kind, "id": one.id, "why": one.why, "who": one.who} for one in report.remaining],
    }


def _report(screen: Screen, report: WithdrawalReport) -> Iterable[Any]:
    yield screen.card(
        ("Record", report.record.record_id),
        ("Status", str(report.record.status)),
        ("Deleted", ", ".join((*report.deleted, *report.videos))),
    )
    for one in report.remaining:
        yield Text(screen.clean(_remains(one)), style="yellow")


def _remains(one: Remaining) -> str:
    whose = "you" if one.who == "controller" else "tavus-consent consents withdraw --resume"
    return f"Left: {one.kind} {one.id}".rstrip() + f". {as_options(one.why)} Next: {whose}."
