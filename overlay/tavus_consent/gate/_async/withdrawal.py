"""The steps of a withdrawal: it takes effect immediately; then the SDK deletes and checks everything made with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from tavus_consent import errors
from tavus_consent._arguments import check_id, check_list, check_type
from tavus_consent.consent.states import State
from tavus_consent.consent.withdrawal import Reconciliation, Remaining, WithdrawalReport
from tavus_consent.gate.context import AsyncContext
from tavus_consent.gate.deletion import CREATE, by_hand, check_decided, code_of, in_use, sentence_of, to_delete
from tavus_consent.gate.likeness import REPLICAS
from tavus_consent.gate.reconciliation import CreatedLikeness
from tavus_consent.gate.withdrawal_log import DELETABLE, MEMORY, OutstandingDeletions

from .deletions import delete
from .likenesses import AsyncLikenessCalls
from .survey import AsyncSurvey, Seen

if TYPE_CHECKING:
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.results import Replica


async def withdraw(
    context: AsyncContext,
    record: ConsentRecord | str,
    *,
    requested_by: Literal["subject", "controller"],
    reason: str | None,
    videos: Sequence[str],
    memory: bool = False,
) -> WithdrawalReport:
    """Withdraw a consent and those that it renews, then delete everything made with them."""
    context.need_tavus()
    check_type(memory, "memory", bool, "True or False")
    named = [check_id(video, "videos") for video in check_list(videos, "videos")]
    withdrawals = (await context.registry()).withdrawals
    ended = await context.run(
        withdrawals.begin, record, requested_by=requested_by, reason=reason, videos=named, memory=memory
    )
    return WithdrawalReport._of([await _delete_all(context, record_id) for record_id in ended])


async def resume(context: AsyncContext) -> list[WithdrawalReport]:
    """Continue every unfinished withdrawal."""
    context.need_tavus()
    withdrawals = (await context.registry()).withdrawals
    reports: dict[str, WithdrawalReport] = {}
    for record_id in await context.run(withdrawals.under_way):
        reports[record_id] = await _delete_all(context, record_id)
    return list(reports.values())


async def foresee(context: AsyncContext, record_id: str) -> WithdrawalReport:
    """Return what a withdrawal would delete, as far as the ledger knows. It sends nothing."""
    withdrawals = (await context.registry()).withdrawals
    left = await context.run(withdrawals.left, record_id)
    return _report(left, [*to_delete(left), *by_hand(left)])


async def reconcile(
    context: AsyncContext, record_id: str | None = None, decided: Mapping[str, str | None] | None = None
) -> list[Reconciliation]:
    """Look up the creates without a recorded outcome."""
    context.need_tavus()
    check_decided(decided)
    reconciliation = (await context.registry()).reconciliation
    found = await context.run(reconciliation.unsettled, record_id)
    if decided or any(one.outcome != "waiting" for one in found):
        replicas: AsyncLikenessCalls[Replica] = AsyncLikenessCalls(context, REPLICAS)
        own = await context.items(replicas.list_own())
        made = [CreatedLikeness(one.replica_id, one.replica_name, one.created_at) for one in own]
        difference = context.server_clock.difference
        found = await context.run(
            reconciliation.reconcile, made, record_id=record_id, decided=decided, difference=difference
        )
    return found


async def _delete_all(context: AsyncContext, record_id: str) -> WithdrawalReport:
    withdrawals = (await context.registry()).withdrawals
    remaining = await _open_creates(context, record_id)
    await context.run(withdrawals.adopt, record_id)
    left = await context.run(withdrawals.left, record_id)
    seen = Seen()
    if left.record.status is State.WITHDRAWING and (left.replicas or left.voices or left.by_hand):
        seen = await AsyncSurvey(context, withdrawals, left).run()
        remaining += seen.remaining
        left = await context.run(withdrawals.left, record_id)
    for kind in (*DELETABLE, MEMORY):
        remaining += await _delete_outputs(context, left, kind, seen.ended)
    kept = {one.id for one in seen.remaining}
    for kind, likenesses in (("replica", left.replicas), ("voice", left.voices)):
        for likeness_id in likenesses:
            if likeness_id not in kept:  # otherwise its voice would be lost with it
                remaining += await _delete_likeness(context, record_id, kind, likeness_id, seen)
    done = await context.run(withdrawals.finish, record_id)
    return _report(done, [*remaining, *by_hand(done, seen.moved)])


def _report(done: OutstandingDeletions, remaining: list[Remaining]) -> WithdrawalReport:
    state = done.record.state
    return WithdrawalReport(
        record=done.record,
        deleted=tuple(one for one in state.replicas if one in state.gone),
        voices=tuple(one for one in state.voices if one in state.gone),
        videos=done.gone_of("video"),
        conversations=done.gone_of("conversation"),
        deployments=done.gone_of("deployment"),
        lipsyncs=done.gone_of("lipsync"),
        replacements=done.gone_of("replacement"),
        memory_stores=done.gone_of(MEMORY),
        remaining=tuple(remaining),
    )


async def _open_creates(context: AsyncContext, record_id: str) -> list[Remaining]:
    try:
        found = await reconcile(context, record_id)
    except errors.CallError:
        reconciliation = (await context.registry()).reconciliation
        found = await context.run(reconciliation.unsettled, record_id)
    return [
        Remaining(kind="create", id=one.intent_id, why=CREATE, who="sdk" if one.outcome == "waiting" else "controller")
        for one in found
        if one.outcome in ("waiting", "unknown")
    ]


async def _delete_outputs(
    context: AsyncContext, left: OutstandingDeletions, kind: str, ended: Collection[str]
) -> list[Remaining]:
    """Delete the outputs of a kind, and record which of them are gone."""
    withdrawals = (await context.registry()).withdrawals
    gone, remaining, failed = [], [], None
    for output in left.outputs:
        if output.kind == kind:
            problem = await delete(context, *output, is_ended=output.object_id in ended)
            if problem is None:
                gone.append(output)
            else:
                failed = code_of(problem)
                remaining.append(Remaining(kind=kind, id=output.object_id, why=sentence_of(problem), who="sdk"))
    if gone or remaining:
        await context.run(withdrawals.note, left.record.record_id, failed=failed, gone=gone)
    return remaining


async def _delete_likeness(
    context: AsyncContext, record_id: str, kind: str, likeness_id: str, seen: Seen
) -> list[Remaining]:
    """Delete a replica or a voice. It counts as gone once everything that shows it is known, too."""
    withdrawals = (await context.registry()).withdrawals
    problem = await delete(context, kind, likeness_id)
    failed = seen.unlisted if problem is None else code_of(problem)
    await context.run(withdrawals.note, record_id, likeness_id=likeness_id, failed=failed)
    if problem is None:
        return []
    used = in_use(problem, likeness_id, seen.pals)
    return [used or Remaining(kind=kind, id=likeness_id, why=sentence_of(problem), who="sdk")]
