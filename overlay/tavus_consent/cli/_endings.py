"""``tavus-consent consents``: the commands that end a consent. Refuse, invalidate, withdraw, erase."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter
from rich.text import Text

from tavus_consent import ConfigurationError
from tavus_consent.consent import WithdrawalReport
from tavus_consent.consent.withdrawal import Remaining

from ._failures import Exit, as_options
from ._flags import ACCOUNT, ACTING, OUTPUT, SURE, SWITCH, TEXT, Account, Acting, Output, Record, Sure
from ._records import stands
from ._screen import Screen

_TITLES: Final = {
    "voices": "Voices deleted",
    "videos": "Videos deleted",
    "conversations": "Conversations deleted",
    "deployments": "Deployments stopped",
    "lipsyncs": "Lipsyncs deleted",
    "replacements": "Replacements deleted",
    "memory_stores": "Memory stores deleted",
}


def refuse(record: Record, /, *, sure: Sure = SURE, kept: Acting = ACTING, flags: Output = OUTPUT) -> None:
    """Record that the person refused. If consent was already given, use withdraw instead.

    Cannot be undone, so this asks first. For example:

        tavus-consent consents refuse 6f1c0a52d9b14e0c8a7d3b2e5f607182
    """
    sure.check(flags.screen, "This ends the record: the person refused.")
    with kept.open() as (records, _):
        found = records.refuse(record)
    stands(flags.screen, found, f"{found.record_id} is {found.status}. It cannot train a replica.")


def invalidate(
    record: Record,
    /,
    *,
    reason: Annotated[str, TEXT],
    sure: Sure = SURE,
    kept: Acting = ACTING,
    flags: Output = OUTPUT,
) -> None:
    r"""Declare a record void, such as one for the wrong person. It can no longer train a replica.

    Cannot be undone, so this asks first. For example:

        tavus-consent consents invalidate 6f1c0a52d9b14e0c8a7d3b2e5f607182 \
            --reason "It was made for another person of the same name"

    Args:
        reason: Why it is void.
    """
    sure.check(flags.screen, "This declares the record void.")
    with kept.open() as (records, _):
        found = records.invalidate(record, reason=reason)
    screen = flags.screen
    stands(screen, found, f"{found.record_id} is {found.status}. It cannot train a replica.")
    if found.replicas:
        screen.note(f"Its replicas remain. To delete them: tavus-consent consents withdraw {found.record_id} --help")


def withdraw(
    record: Record | None = None,
    /,
    *,
    requested_by: Literal["subject", "controller"] | None = None,
    reason: Annotated[str | None, TEXT] = None,
    video: Annotated[tuple[str, ...], Parameter(metavar="ID", negative=(), show_default=False)] = (),
    memory: Annotated[bool, SWITCH] = False,
    resume: Annotated[bool, SWITCH] = False,
    sure: Sure = SURE,
    kept: Acting = ACTING,
    flags: Account = ACCOUNT,
) -> Exit:
    """Withdraw a consent: it can no longer train a replica, and everything made with it is deleted at Tavus.

    Cannot be undone, so this asks first. For example:

        tavus-consent consents withdraw 6f1c0a52d9b14e0c8a7d3b2e5f607182 --requested-by subject

    Later, to retry failed deletions:

        tavus-consent consents withdraw --resume

    Args:
        requested_by: Who requests it: the person (subject) or you (controller).
        reason: The reason, if one was given.
        video: Id of a video that is known to be made from it. Repeatable.
        memory: Also delete the memory stores of its conversations.
        resume: Continue every unfinished withdrawal. This does not ask again.
    """
    if resume is (record is not None) or (record is not None and requested_by is None):
        raise ConfigurationError(
            "give a record with --requested-by subject or controller, or --resume for all unfinished withdrawals"
        )
    with flags.open(ledger=kept.url(), actor=kept.actor) as (tavus, screen):
        if record is not None:
            sure.check(screen, "This withdraws the consent and deletes everything made with it at Tavus.")
        if record is None or requested_by is None:
            reports = tavus.consents.resume_withdrawals()
        else:
            reports = [
                tavus.consents.withdraw(record, requested_by=requested_by, reason=reason, videos=video, memory=memory)
            ]
        told = [told_withdrawal(one) for one in reports]
        screen.result(told if resume else told[0], *(part for one in reports for part in withdrawal_card(screen, one)))
        if not reports:
            screen.note("No withdrawal is in progress.")
    return Exit.DONE if all(one.complete for one in reports) else Exit.UNFINISHED


def erase(
    record: Record | None = None,
    /,
    *,
    person: Annotated[str | None, Parameter(metavar="ID|NAME")] = None,
    sure: Sure = SURE,
    kept: Acting = ACTING,
    flags: Output = OUTPUT,
) -> None:
    """Erase a record, or all records of a person: names, transcripts and links become unreadable.

    Withdraw first if consent was given. Cannot be undone, so this asks first. For example:

        tavus-consent consents erase 6f1c0a52d9b14e0c8a7d3b2e5f607182

    Args:
        person: Erase all records of this person: your own id of them, or their name.
    """
    if (record is None) is (person is None):
        raise ConfigurationError("give a record, or --person with your own id of the person or their name")
    screen = flags.screen
    if record is not None:
        sure.check(screen, "This erases the person of the record.")
        with kept.open() as (records, _):
            erasure = records.erase(record)
        screen.result(
            {"record_id": record, "erased": True, "items": erasure.items, "residues": list(erasure.residues)},
            screen.clean(f"{record}: the person was erased, with {erasure.items} items. The ledger still verifies."),
        )
        residues = erasure.residues
    else:
        sure.check(screen, "This erases all records of the person.")
        with kept.open() as (records, _):
            known = records.find(reference=person)
            done = records.erase_person(**({"reference": person} if known else {"full_name": person}))
        items, residues = sum(one.items for one in done), done[0].residues
        screen.result(
            {"records": len(done), "erased": True, "items": items, "residues": list(residues)},
            f"The person was erased: {len(done)} records with {items} items. The ledger still verifies.",
        )
    for residue in residues:
        screen.note(residue)


def told_withdrawal(report: WithdrawalReport) -> dict[str, Any]:
    """Return a report of a withdrawal for programs."""
    return {
        "record_id": report.record.record_id,
        "status": str(report.record.status),
        "complete": report.complete,
        "renewed": [one.record_id for one in report.renewed],
        "deleted": list(report.deleted),
        **{name: list(gone) for name, gone in _gone(report).items()},
        "remaining": [{"kind": one.kind, "id": one.id, "why": one.why, "who": one.who} for one in report.remaining],
    }


def _gone(report: WithdrawalReport) -> dict[str, tuple[str, ...]]:
    return {name: getattr(report, name) for name in _TITLES}


def withdrawal_card(screen: Screen, report: WithdrawalReport) -> Iterable[Any]:
    """Return a report of a withdrawal: what is deleted, and what is left."""
    yield screen.card(
        ("Record", report.record.record_id),
        ("Status", str(report.record.status)),
        ("Renewed", ", ".join(f"{one.record_id} ({one.status})" for one in report.renewed)),
        ("Deleted", ", ".join(report.deleted)),
        *((_TITLES[name], ", ".join(gone)) for name, gone in _gone(report).items()),
    )
    for one in report.remaining:
        yield Text(screen.clean(_remains(one)), style="yellow")


def _remains(one: Remaining) -> str:
    whose = "you" if one.who == "controller" else "tavus-consent consents withdraw --resume"
    return f"Left: {one.kind} {one.id}".rstrip() + f". {as_options(one.why)} Next: {whose}."
