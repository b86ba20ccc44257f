"""``tavus-consent consents sweep``: the job for every night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

from rich.text import Text

from tavus_consent import ConsentPolicy
from tavus_consent.consent import SweepReport
from tavus_consent.consent.record import SOON

from ._endings import told_withdrawal, withdrawal_card
from ._failures import Exit
from ._flags import ACCOUNT, KEPT, LENGTH, SURE, SWITCH, Account, Kept, Sure, now
from ._records import outline, table
from ._screen import Screen


def sweep(
    *,
    within: Annotated[timedelta, LENGTH] = SOON,
    on_expiry: Literal["keep", "delete"] = "keep",
    dry_run: Annotated[bool, SWITCH] = False,
    sure: Sure = SURE,
    kept: Kept = KEPT,
    flags: Account = ACCOUNT,
) -> Exit:
    """Do what is due: resume withdrawals, look up open creates, and erase records past their retention.

    Cannot be undone, so this asks first, except with --dry-run. For example, every night:

        tavus-consent consents sweep --yes

    Args:
        within: Also list the records that expire within this time: 30d, 12h.
        on_expiry: What to do about expired consents that still have a replica or a voice: keep or delete.
        dry_run: Only say what would be done. Nothing is written or sent.
    """
    policy = ConsentPolicy(on_expiry=on_expiry)
    with flags.open(ledger=kept.url(), consent_policy=policy) as (tavus, screen):
        if not dry_run:
            sure.check(screen, "This continues withdrawals, and deletes and erases what is due.")
        report = tavus.consents.sweep(within=within, dry_run=dry_run)
        screen.result(_told(report), *_parts(screen, report))
    return Exit.DONE if report.complete else Exit.UNFINISHED


def _told(report: SweepReport) -> dict[str, Any]:
    return {
        "dry_run": report.dry_run,
        "complete": report.complete,
        "reconciled": [
            {name: getattr(one, name) for name in ("record_id", "intent_id", "outcome", "replica_id")}
            for one in report.reconciled
        ],
        "resumed": [told_withdrawal(one) for one in report.resumed],
        "expired": [told_withdrawal(one) for one in report.expired],
        "erased": list(report.erased),
        "blocked": [{"record_id": one.id, "why": one.why, "who": one.who} for one in report.blocked],
        "expiring": [outline(one, now()) for one in report.expiring],
    }


def _parts(screen: Screen, report: SweepReport) -> Iterator[Any]:
    for create in report.reconciled:
        made = f" {create.replica_id}" if create.replica_id else ""
        yield screen.clean(f"Create {create.intent_id} of record {create.record_id}: {create.outcome}{made}.")
    for withdrawal in (*report.resumed, *report.expired):
        yield from withdrawal_card(screen, withdrawal)
    verb = "would be erased" if report.dry_run else "was erased"
    yield from (screen.clean(f"{record_id}: the person {verb}.") for record_id in report.erased)
    for one in report.blocked:
        whose = "you" if one.who == "controller" else "the next sweep"
        yield Text(screen.clean(f"Left: record {one.id}. {one.why} Next: {whose}."), style="yellow")
    if report.expiring:
        yield table(screen, report.expiring, now())
    elif report.complete and not (report.reconciled or report.resumed or report.expired or report.erased):
        yield "Nothing is due."
