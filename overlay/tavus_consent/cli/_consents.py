"""``tavus-consent consents``: start, find and show records. Other modules have the other commands."""

from __future__ import annotations

import json
import tomllib
import warnings
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from tavus_consent import BiometricNotice, ConfigurationError, ConsentNotice, ConsentRecord, ReceiptWarning
from tavus_consent.consent import LIMITS, State
from tavus_consent.consent.record import SOON, VALID_FOR
from tavus_consent.ledger import Controller, Party
from tavus_consent.ledger.report import ends_soon

from ._endings import erase, invalidate, refuse, withdraw
from ._evidence import add_evidence, review, verify
from ._flags import ACTING, FILE, KEPT, LENGTH, OUTPUT, SWITCH, TEXT, WHO, Acting, Kept, Output, Record, now
from ._records import card, check_card, named, outline, table, whole
from ._screen import Screen
from ._streams import read_text, write_private
from ._sweep import sweep

RECONCILE: Final = "tavus-consent ledger reconcile"
_MANY: Final = Parameter(metavar="TEXT", negative=(), show_default=False)

consents = App(
    name="consents",
    help="Manage consent records: request, check, show, withdraw, erase. Only withdraw and sweep need an account.",
    help_epilogue="",
)
for _command in (add_evidence, verify, review, refuse, invalidate, withdraw, erase, sweep):
    consents.command(_command)


@consents.command
def request(
    *,
    full_name: Annotated[str, Parameter(metavar="NAME")],
    as_borne: Annotated[bool, SWITCH] = False,
    spoken_as: Annotated[tuple[str, ...], _MANY] = (),
    intended_use: Annotated[tuple[str, ...], _MANY],
    valid_for: Annotated[timedelta, LENGTH] = VALID_FOR,
    notice: Annotated[Path | None, FILE] = None,
    notice_version: Annotated[str | None, TEXT] = None,
    notice_language: Annotated[str, Parameter(metavar="LANGUAGE")] = "en",
    notice_url: Annotated[str | None, Parameter(metavar="URL")] = None,
    biometric_derived: Annotated[str | None, TEXT] = None,
    biometric_kept: Annotated[str | None, TEXT] = None,
    retention: Annotated[timedelta | None, LENGTH, Parameter(show_default=False)] = None,
    adult: Annotated[bool, Parameter(negative="--minor")],
    attested_by: Annotated[str | None, WHO] = None,
    reference: Annotated[str | None, Parameter(metavar="ID")] = None,
    after_withdrawal: Annotated[bool, SWITCH] = False,
    kept: Acting = ACTING,
    flags: Output = OUTPUT,
) -> None:
    r"""Start a record of a person's consent, and print the statement that they read aloud.

    For example:

        tavus-consent consents request --full-name "Rio Alvarez" \
            --intended-use "onboarding videos for new customers" --adult --attested-by hr@app.example

    Args:
        full_name: The person's name, as they say it.
        as_borne: The person bears this name: it may be longer than 8 words, or end in ", Jr.".
        spoken_as: A pronunciation of the name, for recognizers. Up to three times.
        intended_use: A use of the replica, as the person was told. Repeatable, and needed at least once.
        valid_for: How long the consent is valid: 90d, 365d.
        notice: File with the text of the privacy notice that the person was shown.
        notice_version: Your version of this text, without spaces: 2026-11.
        notice_language: The language of this text.
        notice_url: The address of the notice.
        biometric_derived: What is derived from the recordings, as the person was told.
        biometric_kept: How long that is stored, as the person was told.
        retention: How long the evidence is kept after the end of the consent: 90d.
        adult: You attest that the person is of age; --minor: they are not, and no replica is trained.
        attested_by: Who attests this and asks for the consent.
        reference: Your own id of the person; it distinguishes people with the same name.
        after_withdrawal: The person withdrew or refused before, and has changed their mind.
    """
    shown = _notice(notice, notice_version, notice_language)
    told = _biometric(biometric_derived, biometric_kept)
    with kept.open() as (records, _):
        record = records.request(
            full_name=full_name,
            as_borne=as_borne,
            spoken_as=spoken_as,
            intended_uses=intended_use,
            valid_for=valid_for,
            notice=shown,
            notice_url=notice_url,
            biometric_notice=told,
            retention=retention,
            adult=adult,
            attested_by=attested_by,
            reference=reference,
            after_withdrawal=after_withdrawal,
        )
    screen = flags.screen
    screen.result(whole(record, now()), card(screen, record))
    screen.note(LIMITS)


@consents.command
def renew(
    record: Record,
    /,
    *,
    valid_for: Annotated[timedelta, LENGTH] = VALID_FOR,
    kept: Acting = ACTING,
    flags: Output = OUTPUT,
) -> None:
    """Start a record that renews a given consent: the same terms, and a new statement to record.

    For example:

        tavus-consent consents renew 6f1c0a52d9b14e0c8a7d3b2e5f607182 --valid-for 365d

    Args:
        valid_for: How long the new consent is valid: 90d, 365d.
    """
    with kept.open() as (records, _):
        made = records.renew(record, valid_for=valid_for)
    screen = flags.screen
    screen.result(whole(made, now()), card(screen, made))
    screen.note(LIMITS)


@consents.command(name="list")
def list_(
    *,
    status: Annotated[State | None, Parameter(metavar="STATUS")] = None,
    expiring_within: Annotated[timedelta | None, LENGTH, Parameter(show_default=False)] = None,
    limit: Annotated[int, Parameter(validator=Number(gte=1))] = 100,
    after: Annotated[str | None, Parameter(metavar="RECORD")] = None,
    names: Annotated[bool, SWITCH] = False,
    search: Annotated[str | None, TEXT] = None,
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
    """
    with kept.open() as (records, _):
        found = records.list(
            expiring_within=expiring_within, status=status, limit=limit + 1, after=after, search=search
        )
    more, found = len(found) > limit, found[:limit]
    at, screen = now(), flags.screen
    _listed(screen, found, at, names=names)
    soon = sum(ends_soon(one, at) for one in found)
    if not found:
        screen.note("No records found.")
    elif soon:
        verb = "expire" if soon > 1 else "expires"
        screen.note(f"{soon} of {len(found)} {verb} within {SOON.days} days.", style="yellow")
    unsound = sum(one.problem is not None for one in found)
    if unsound:
        screen.note(f"{unsound} of {len(found)} cannot be read: run tavus-consent ledger verify.", style="red")
    opened = sum(bool(one.state.unsettled) for one in found)
    if opened:
        verb = "have a create" if opened > 1 else "has a create"
        screen.note(f"{opened} of {len(found)} {verb} of unknown outcome: run {RECONCILE}.", style="yellow")
    if more:
        screen.note(f"More records: --after {found[-1].record_id}")


@consents.command
def find(
    *,
    reference: Annotated[str | None, Parameter(metavar="ID")] = None,
    full_name: Annotated[str | None, Parameter(metavar="NAME")] = None,
    replica: Annotated[str | None, Parameter(metavar="ID")] = None,
    voice: Annotated[str | None, Parameter(metavar="ID")] = None,
    video: Annotated[str | None, Parameter(metavar="ID")] = None,
    conversation: Annotated[str | None, Parameter(metavar="ID")] = None,
    names: Annotated[bool, SWITCH] = False,
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> None:
    """Find all records of a person, or the records that a replica, a voice, a video or a conversation came of.

    For example:

        tavus-consent consents find --reference employee-4711

    Args:
        reference: Your own id of the person.
        full_name: The person's name.
        replica: Id of a replica or face.
        voice: Id of a voice.
        video: Id of a video that was made through this SDK.
        conversation: Id of a conversation that was begun through this SDK.
        names: Also show names and references.
    """
    with kept.open() as (records, _):
        found = records.find(
            reference=reference,
            full_name=full_name,
            replica_id=replica,
            voice_id=voice,
            video_id=video,
            conversation_id=conversation,
        )
    _listed(flags.screen, found, now(), names=names)
    if not found:
        flags.screen.note("No records found.")


@consents.command
def show(record: Record, /, *, kept: Kept = KEPT, flags: Output = OUTPUT) -> None:
    """Show one record completely: the person, the terms, every check of the statement, and what was made.

    For example:

        tavus-consent consents show 6f1c0a52d9b14e0c8a7d3b2e5f607182
    """
    with kept.open() as (records, _):
        found, attempts, outputs = records.get(record), records.attempts(record), records.outputs(record)
    screen = flags.screen
    checks = [part for one in attempts for part in ("", check_card(screen, one))]
    screen.result(whole(found, now(), attempts, outputs), card(screen, found, outputs), *checks)
    if found.state.unsettled:
        screen.note(f"The outcome of a create is unknown: run {RECONCILE}.", style="yellow")
    screen.note(LIMITS)


@consents.command
def receipt(
    record: Record,
    /,
    *,
    language: Literal["en", "de", "es", "fr"] = "en",
    controller: Annotated[str | None, FILE] = None,
    output: Annotated[Path | None, FILE] = None,
    kept: Acting = ACTING,
    flags: Output = OUTPUT,
) -> None:
    """Print a receipt for the person as text, or as JSON-LD with --json. The ledger records that it was issued.

    For example:

        tavus-consent consents receipt 6f1c0a52d9b14e0c8a7d3b2e5f607182 --language de

    Args:
        language: The language of the text.
        controller: TOML file with your name and address; docs/ledger.md shows one.
        output: A file to write it to, which only you may read; by default stdout.
    """
    you = None if controller is None else _controller(controller)
    with kept.open() as (records, _), warnings.catch_warnings():
        warnings.simplefilter("ignore", ReceiptWarning)  # the note below says the same
        made = records.receipt(record, controller=you, language=language)
    screen = flags.screen
    # Not shortened: it goes to the person, and its links are for them.
    text = json.dumps(made.jsonld(), indent=2) if flags.json else made.text().rstrip("\n")
    if output is None:
        screen.plain(text)
    else:
        write_private(output, f"{text}\n", "--output")
        screen.note(f"The receipt was written to {output}.")
    if made.missing:
        screen.note(
            f"Not stated: {', '.join(made.missing)}. ISO/IEC TS 27560 requires them. State them with "
            "--controller FILE, and the uses with the request.",
            style="yellow",
        )


def _listed(screen: Screen, found: list[ConsentRecord], at: datetime, *, names: bool) -> None:
    told = [named(one, at) if names else outline(one, at) for one in found]
    screen.result(told, *([table(screen, found, at, names=names)] if found else []))


def _notice(path: Path | None, version: str | None, language: str) -> ConsentNotice | None:
    if path is not None:
        return ConsentNotice(read_text(str(path), "--notice"), version=version, language=language)
    if version is not None:
        raise ConfigurationError("--notice-version needs --notice with the text of the notice")
    return None


def _biometric(derived: str | None, kept: str | None) -> BiometricNotice | None:
    if derived is None and kept is None:
        return None
    if derived is None or kept is None:
        raise ConfigurationError("give --biometric-derived and --biometric-kept together")
    return BiometricNotice(derived=derived, kept=kept)


def _controller(path: str) -> Controller:
    try:
        said = tomllib.loads(read_text(path, "--controller"))
        processor = said.pop("processor", {"name": "Tavus"})
        where = said.pop("storage_locations", [])
        if all(isinstance(text, str) for text in (*said.values(), *processor.values(), *where)):
            return Controller(**said, storage_locations=where, processor=Party(**processor))
    except (tomllib.TOMLDecodeError, AttributeError, TypeError):
        pass
    raise ConfigurationError(
        "the file of --controller is not TOML with name, address, contact, jurisdiction, withdraw_at, notice_url, "
        "retention, a list storage_locations, and [processor]"
    )
