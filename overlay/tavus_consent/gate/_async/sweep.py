"""The steps of a sweep: it finishes what was begun, and deletes what is due. It can be interrupted and repeated."""

from __future__ import annotations

from datetime import timedelta

from tavus_consent import errors
from tavus_consent._arguments import check_type
from tavus_consent.consent.sweep import SweepReport
from tavus_consent.consent.withdrawal import Reconciliation, Remaining
from tavus_consent.gate.context import AsyncContext
from tavus_consent.gate.sweeping import blocked

from .withdrawal import foresee, reconcile, resume, withdraw


async def sweep(context: AsyncContext, *, within: timedelta, dry_run: bool) -> SweepReport:
    """Do what is due, or say what would be done."""
    check_type(within, "within", timedelta, "a timedelta")
    check_type(dry_run, "dry_run", bool, "True or False")
    if dry_run:
        return await _foresee(context, within)
    context.need_tavus()
    sweeps = (await context.registry()).sweeps
    reconciled = await _reconcile(context)
    resumed = await resume(context)
    due = await context.run(sweeps.due, within)
    expired = [
        await withdraw(context, record_id, requested_by="controller", reason=None, videos=())
        for record_id in due.expired
    ]
    erased, left = await _erase(context, (await context.run(sweeps.due, within)).past)
    return SweepReport(
        reconciled=tuple(reconciled),
        resumed=tuple(resumed),
        expired=tuple(expired),
        erased=tuple(erased),
        blocked=tuple(left),
        expiring=due.expiring,
    )


async def _foresee(context: AsyncContext, within: timedelta) -> SweepReport:
    registry = await context.registry()
    due = await context.run(registry.sweeps.due, within)
    under_way = await context.run(registry.withdrawals.under_way)
    found = [(record_id, await context.run(registry.sweeps.blocked, record_id)) for record_id in due.past]
    return SweepReport(
        dry_run=True,
        reconciled=tuple(await context.run(registry.reconciliation.unsettled)),
        resumed=tuple([await foresee(context, record_id) for record_id in under_way]),
        expired=tuple([await foresee(context, record_id) for record_id in due.expired]),
        erased=tuple(record_id for record_id, problem in found if problem is None),
        blocked=tuple(problem for _, problem in found if problem is not None),
        expiring=due.expiring,
    )


async def _reconcile(context: AsyncContext) -> list[Reconciliation]:
    try:
        return await reconcile(context)
    except errors.CallError:
        reconciliation = (await context.registry()).reconciliation
        return await context.run(reconciliation.unsettled)


async def _erase(context: AsyncContext, record_ids: tuple[str, ...]) -> tuple[list[str], list[Remaining]]:
    """Erase records one by one. One that cannot be erased does not stop the others."""
    registry = await context.registry()
    erased, left = [], []
    for record_id in record_ids:
        try:
            await context.run(registry.erase, record_id)
        except (errors.IllegalTransition, errors.ErasureIncomplete) as error:
            left.append(blocked(record_id, error))
        else:
            erased.append(record_id)
    return erased, left
