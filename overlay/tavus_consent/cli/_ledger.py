"""``tavus-consent ledger``: the ledger as a whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Annotated, Final

from attrs import asdict
from cyclopts import App, Parameter
from rich.text import Text

from tavus_consent import ConfigurationError
from tavus_consent.consent import LIMITS, Reconciliation
from tavus_consent.ledger.report import ReportedRecord, report_html

from ._failures import Exit
from ._flags import (
    ACCOUNT,
    ACTING,
    FILE,
    FLAGS,
    KEPT,
    OUTPUT,
    SURE,
    SWITCH,
    Account,
    Acting,
    Flags,
    Kept,
    Output,
    Record,
    Sure,
    clock,
    now,
)
from ._streams import write_private

_NOTHING: Final = "nothing"

ledger = App(
    name="ledger",
    help="Verify, export, report and prove ledger entries. Only reconcile needs an account.",
    help_epilogue="",
)


@ledger.command
def verify(
    *,
    expect_head: Annotated[str | None, Parameter(metavar="SIZE:HASH")] = None,
    rebuild: Annotated[bool, SWITCH] = False,
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> Exit:
    """Check events, triggers, vault, projection and index. Exit code 6 if anything was changed or is missing.

    For example:

        tavus-consent ledger verify

    Args:
        expect_head: A head that someone else holds, for example from a receipt. It is needed to detect truncation.
        rebuild: If the projection differs from sound events, rebuild it.
    """
    from tavus_consent.ledger import Head

    expected = None if expect_head is None else Head.parse(expect_head)
    with kept.open() as (_, it):
        began = perf_counter()
        found = it.verify(expected, rebuild=rebuild)
        seconds = perf_counter() - began
    screen = flags.screen
    screen.result(
        {
            "ok": found.ok,
            "size": found.head.size,
            "head": found.head.hash,
            "first_bad_seq": found.first_bad_seq,
            "reason": found.reason,
            "problems": list(found.problems),
            "notes": list(found.notes),
            "seconds": round(seconds, 3),
        },
        screen.card(
            ("Verified", Text("ok", style="green") if found.ok else Text("FAILED", style="bold red")),
            ("First bad event", None if found.first_bad_seq is None else str(found.first_bad_seq)),
            *(("Why" if number == 0 else "", problem) for number, problem in enumerate(found.problems)),
            ("Head" if found.ok else "Sound up to", str(found.head)),
            ("Took", f"{seconds:.2f} s for {found.head.size:,} events"),
        ),
    )
    for note in found.notes:
        screen.note(note)
    return Exit.DONE if found.ok else Exit.NOT_SOUND


@ledger.command
def export(*, kept: Kept = KEPT, flags: Flags = FLAGS) -> None:
    """Print all events as JSON Lines, without names, transcripts and links.

    For example:

        tavus-consent ledger export > consent.jsonl
    """
    with kept.open() as (_, it):
        for line in it.store.export_lines():
            flags.screen.data(line)


@ledger.command(name="import")
def import_(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)], /, *, kept: Kept = KEPT, flags: Output = OUTPUT
) -> None:
    """Append exported events, either all of them or none. They must follow this ledger's head.

    For example:

        tavus-consent ledger import consent.jsonl --ledger sqlite:///copy.db

    Args:
        file: The output of "ledger export"; - reads it from stdin.
    """
    with kept.open() as (_, it):
        head = it.store.import_lines(_lines(file))
    screen = flags.screen
    screen.result({"size": head.size, "head": head.hash}, screen.card(("Head", str(head))))


@ledger.command
def checkpoint(*, kept: Kept = KEPT, flags: Output = OUTPUT) -> None:
    """Print size, head and Merkle root. Give them to someone else, to make later changes of old events detectable.

    For example:

        tavus-consent ledger checkpoint --json > checkpoint.json
    """
    with kept.open() as (_, it):
        made = it.store.checkpoint()
    screen = flags.screen
    screen.result(asdict(made), screen.card(("Head", str(made.expected)), ("Root", made.root)))


@ledger.command
def disclose(
    record: Record,
    /,
    *,
    checkpoint: Annotated[Path | None, FILE] = None,
    kept: Kept = KEPT,
    flags: Flags = FLAGS,
) -> None:
    """Print the events of one record as JSON, with proofs that they are in the ledger, without other records.

    For example:

        tavus-consent ledger disclose 6f1c0a52d9b14e0c8a7d3b2e5f607182 --checkpoint checkpoint.json

    Args:
        checkpoint: The output of "ledger checkpoint --json", to prove against. By default the current state.
    """
    from tavus_consent.ledger import Checkpoint

    against = None
    if checkpoint is not None:
        try:
            against = Checkpoint(**json.loads(checkpoint.read_bytes()))
        except (OSError, ValueError, TypeError):
            raise ConfigurationError("the file of --checkpoint does not contain a checkpoint") from None
    with kept.open() as (records, it):
        records.get(record)
        flags.screen.data(it.store.disclose(record, against).to_json())


@ledger.command
def reconcile(
    *,
    decide: Annotated[tuple[str, ...], Parameter(metavar="CREATE=REPLICA", negative=(), show_default=False)] = (),
    kept: Acting = ACTING,
    flags: Account = ACCOUNT,
) -> Exit:
    """Look up every create without a recorded outcome. Creates nothing.

    For example:

        tavus-consent ledger reconcile

    Args:
        decide: Your decision about an unknown create, or CREATE=nothing if it made none. Repeatable.
    """
    decided = dict(_decision(one) for one in decide)
    with flags.open(ledger=kept.url(), actor=kept.actor) as (tavus, screen):
        found = tavus.consents.reconcile(decided=decided)
        screen.result([asdict(one) for one in found], *(Text(screen.clean(_found(one))) for one in found))
        if not found:
            screen.note("Every create has a recorded outcome.")
    return Exit.DONE if all(one.outcome in ("found", "absent") for one in found) else Exit.UNFINISHED


@ledger.command
def rotate_key(*, sure: Sure = SURE, kept: Kept = KEPT, flags: Output = OUTPUT) -> None:
    """Change the key of the vault: wrap every person's key with the new one, then forget the old one.

    Cannot be undone, and older backups cannot be read with the new key, so this asks first.

    With TAVUS_CONSENT_KEY, set it to "new,old" before and to "new" afterwards.
    """
    sure.check(flags.screen, "This replaces the key of the vault; older backups cannot be read with the new one.")
    with kept.open() as (_, it):
        wrapped = it.vault.rotate()
    screen = flags.screen
    screen.result({"wrapped": wrapped}, f"The key was changed. The keys of {wrapped} persons were rewrapped.")


@ledger.command
def report(
    *,
    html: Annotated[Path, FILE],
    with_names: Annotated[bool, SWITCH] = False,
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> Exit:
    """Write one printable page about the ledger, for a data-protection officer. Exit code 6 if it does not verify.

    For example:

        tavus-consent ledger report --html report.html

    Args:
        html: The file to write.
        with_names: Also show the names of the persons.
    """
    from tavus_consent.gate.registry import Registry

    with kept.open() as (_, it):
        found = it.verify()
        records = [ReportedRecord(record, events) for record, events in Registry(it, clock=clock()).whole()]
    page = report_html(records, verification=found, now=now(), with_names=with_names)
    write_private(html, page, "--html")
    screen = flags.screen
    done = {"ok": found.ok, "records": len(records), "with_names": with_names, "file": str(html)}
    screen.result(done, screen.clean(f"The report was written to {html}."))
    screen.note(LIMITS)
    if found.ok:
        return Exit.DONE
    screen.complain("error", [f"the ledger is not sound: {found.reason}"])
    return Exit.NOT_SOUND


def _lines(path: str) -> Iterator[bytes]:
    if path == "-":
        yield from sys.stdin.buffer
        return
    try:
        with Path(path).open("rb") as file:
            yield from file
    except OSError as error:
        raise ConfigurationError(f"cannot read the file: {error.strerror}") from None


def _decision(text: str) -> tuple[str, str | None]:
    intent, separator, replica = text.partition("=")
    if not (intent and separator and replica):
        raise ConfigurationError(f"--decide is CREATE=REPLICA or CREATE={_NOTHING}")
    return intent, None if replica == _NOTHING else replica


def _found(one: Reconciliation) -> str:
    create = f"Create {one.intent_id} of record {one.record_id}"
    match one.outcome:
        case "found":
            return f"{create} made {one.replica_id}."
        case "absent":
            return f"{create} made nothing."
        case "waiting":
            return f"{create} may still be in progress: look again in a few minutes."
        case _:
            candidates = ", ".join(one.candidates) or "none"
            return (
                f"{create} is unknown. Candidates: {candidates}. Check them, then run: tavus-consent ledger reconcile "
                f"--decide {one.intent_id}=REPLICA (or ={_NOTHING})"
            )
