"""The steps of a withdrawal: it takes effect immediately; then the SDK deletes and checks each replica and video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from tavus_api.api.videos import AsyncVideos
from tavus_consent import errors
from tavus_consent._arguments import check_id, check_list
from tavus_consent.consent.withdrawal import Reconciliation, Remaining, WithdrawalReport
from tavus_consent.gate.context import AsyncContext
from tavus_consent.gate.deletion import (
    CREATE,
    STILL_THERE,
    UNLISTED,
    by_hand,
    check_decided,
    code_of,
    is_unknown,
    replica_of,
    sentence_of,
    unassigned,
)
from tavus_consent.gate.likeness import REPLICAS
from tavus_consent.gate.reconciliation import CreatedLikeness

from .likenesses import PAGE_SIZE, AsyncLikenessCalls

if TYPE_CHECKING:
    from tavus_api.models import Video
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.results import Replica


async def withdraw(
    context: AsyncContext,
    record: ConsentRecord | str,
    *,
    requested_by: Literal["subject", "controller"],
    reason: str | None,
    videos: Sequence[str],
) -> WithdrawalReport:
    """Withdraw a consent, then delete everything made with it."""
    context.need_tavus()
    named = [check_id(video, "videos") for video in check_list(videos, "videos")]
    withdrawals = (await context.registry()).withdrawals
    state = await context.run(withdrawals.begin, record, requested_by=requested_by, reason=reason, videos=named)
    return await _delete_all(context, state.record_id)


async def resume(context: AsyncContext) -> list[WithdrawalReport]:
    """Continue every unfinished withdrawal."""
    context.need_tavus()
    withdrawals = (await context.registry()).withdrawals
    reports: dict[str, WithdrawalReport] = {}
    for record_id in await context.run(withdrawals.under_way):
        reports[record_id] = await _delete_all(context, record_id)
    return list(reports.values())


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
    left = await context.run(withdrawals.left, record_id)
    if left.videos:
        remaining += await _delete_videos(context, record_id, left.videos)
    listed: list[Video] | None = []
    if left.replicas:
        try:
            listed = await context.items(AsyncVideos(context.caller).list(page_size=PAGE_SIZE))
        except errors.CallError as error:
            listed = None
            why = f"{UNLISTED} {sentence_of(error)}"
            remaining.append(Remaining(kind="videos", id="", why=why, who="sdk"))
    for replica_id in left.replicas:
        remaining += await _delete_replica(context, record_id, replica_id, listed)
    remaining += unassigned(listed or ())
    done = await context.run(withdrawals.finish, record_id)
    deleted = tuple(replica for replica in done.record.replicas if replica in done.record.state.gone)
    remaining += by_hand(done.record, deleted)
    return WithdrawalReport(record=done.record, deleted=deleted, videos=done.gone_videos, remaining=tuple(remaining))


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


async def _delete_replica(
    context: AsyncContext, record_id: str, replica_id: str, listed: list[Video] | None
) -> list[Remaining]:
    """Delete a replica and its videos. It counts as gone once all of them are."""
    withdrawals = (await context.registry()).withdrawals
    mine = [video.video_id for video in listed or () if replica_of(video) == replica_id]
    remaining = await _delete_videos(context, record_id, mine) if mine else []
    replicas: AsyncLikenessCalls[Replica] = AsyncLikenessCalls(context, REPLICAS)
    problem = await _delete(replicas, replica_id)
    if problem is not None:
        remaining.append(Remaining(kind="replica", id=replica_id, why=sentence_of(problem), who="sdk"))
    if listed is None or remaining:
        failed = code_of(problem) if problem is not None else "videos"
        await context.run(withdrawals.note, record_id, replica_id=replica_id, failed=failed)
    else:
        await context.run(withdrawals.note, record_id, replica_id=replica_id)
    return remaining


async def _delete_videos(context: AsyncContext, record_id: str, video_ids: Sequence[str]) -> list[Remaining]:
    withdrawals = (await context.registry()).withdrawals
    videos = AsyncVideos(context.caller)
    gone, remaining, failed = [], [], None
    for video_id in video_ids:
        problem = await _delete(videos, video_id)
        if problem is None:
            gone.append(video_id)
        else:
            failed = code_of(problem)
            remaining.append(Remaining(kind="video", id=video_id, why=sentence_of(problem), who="sdk"))
    await context.run(withdrawals.note, record_id, failed=failed, videos=gone)
    return remaining


async def _delete(things: AsyncVideos | AsyncLikenessCalls[Replica], thing_id: str) -> errors.CallError | str | None:
    """Delete an object and check that it is gone; return the problem, if any."""
    try:
        await things.delete(thing_id, hard=True)
    except errors.CallError as error:
        if not is_unknown(error):
            return error
    try:
        found = await things.get(thing_id)
    except errors.CallError as error:
        return None if is_unknown(error) else error
    return None if found.status == "deleted" else STILL_THERE
