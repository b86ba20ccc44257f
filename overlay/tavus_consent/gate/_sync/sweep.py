# Derived from ../_async/sweep.py by scripts/derive_sync.py, do not edit.
"""The steps of a sweep: it finishes what was begun, and deletes what is due. It can be interrupted and repeated."""

from __future__ import annotations

from datetime import timedelta

from tavus_consent import errors
from tavus_consent._arguments import check_type
from tavus_consent.consent.sweep import SweepReport
from tavus_consent.consent.withdrawal import Reconciliation, Remaining
from tavus_consent.gate.context import Context
from tavus_consent.gate.sweeping import blocked

from .withdrawal import foresee, reconcile, resume, withdraw


def sweep(context: Context, *, within: timedelta, dry_run: bool) -> SweepReport:
    """Do what is due, or say what would be done."""
    check_type(within, "within", timedelta, "a timedelta")
    check_type(dry_run, "dry_run", bool, "True or False")
    if dry_run:
        return _foresee(context, within)
    context.need_tavus()
    sweeps = context.registry().sweeps
    reconciled = _reconcile(context)
    resumed = resume(context)
    due = context.run(sweeps.due, within)
    expired = [
        withdraw(context, record_id, requested_by="controller", reason=None, videos=()) for record_id in due.expired
    ]
    erased, left = _erase(context, (context.run(sweeps.due, within)).past)
    return SweepReport(
        reconciled=tuple(reconciled),
        resumed=tuple(resumed),
        expired=tuple(expired),
        erased=tuple(erased),
        blocked=tuple(left),
        expiring=due.expiring,
    )


def _foresee(context: Context, within: timedelta) -> SweepReport:
    registry = context.registry()
    due = context.run(registry.sweeps.due, within)
    under_way = context.run(registry.withdrawals.under_way)
    found = [(record_id, context.run(registry.sweeps.blocked, record_id)) for record_id in due.past]
    return SweepReport(
        dry_run=True,
        reconciled=tuple(context.run(registry.reconciliation.unsettled)),
        resumed=tuple([foresee(context, record_id) for record_id in under_way]),
        expired=tuple([foresee(context, record_id) for record_id in due.expired]),
        erased=tuple(record_id for record_id, problem in found if problem is None),
        blocked=tuple(problem for _, problem in found if problem is not None),
        expiring=due.expiring,
    )


def _reconcile(context: Context) -> list[Reconciliation]:
    try:
        return reconcile(context)
    except errors.CallError:
        reconciliation = context.registry().reconciliation
        return context.run(reconciliation.unsettled)


def _erase(context: Context, record_ids: tuple[str, ...]) -> tuple[list[str], list[Remaining]]:
    """Erase records one by one. One that cannot be erased does not stop the others."""
    registry = context.registry()
    erased, left = [], []
    for record_id in record_ids:
        try:
            context.run(registry.erase, record_id)
        except (errors.IllegalTransition, errors.ErasureIncomplete) as error:
            left.append(blocked(record_id, error))
        else:
            erased.append(record_id)
    return erased, left
