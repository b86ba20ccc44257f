# Derived from ../_async/withdrawal.py by scripts/derive_sync.py, do not edit.
"""The steps of a withdrawal: it takes effect immediately; then the SDK deletes and checks each replica and video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from tavus_api.api.videos import Videos
from tavus_consent import errors
from tavus_consent._arguments import check_id, check_list
from tavus_consent.consent.withdrawal import Reconciliation, Remaining, WithdrawalReport
from tavus_consent.gate.context import Context
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

from .likenesses import PAGE_SIZE, LikenessCalls

if TYPE_CHECKING:
    from tavus_api.models import Video
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.results import Replica


def withdraw(
    context: Context,
    record: ConsentRecord | str,
    *,
    requested_by: Literal["subject", "controller"],
    reason: str | None,
    videos: Sequence[str],
) -> WithdrawalReport:
    """Withdraw a consent, then delete everything made with it."""
    context.need_tavus()
    named = [check_id(video, "videos") for video in check_list(videos, "videos")]
    withdrawals = context.registry().withdrawals
    state = context.run(withdrawals.begin, record, requested_by=requested_by, reason=reason, videos=named)
    return _delete_all(context, state.record_id)


def resume(context: Context) -> list[WithdrawalReport]:
    """Continue every unfinished withdrawal."""
    context.need_tavus()
    withdrawals = context.registry().withdrawals
    reports: dict[str, WithdrawalReport] = {}
    for record_id in context.run(withdrawals.under_way):
        reports[record_id] = _delete_all(context, record_id)
    return list(reports.values())


def reconcile(
    context: Context, record_id: str | None = None, decided: Mapping[str, str | None] | None = None
) -> list[Reconciliation]:
    """Look up the creates without a recorded outcome."""
    context.need_tavus()
    check_decided(decided)
    reconciliation = context.registry().reconciliation
    found = context.run(reconciliation.unsettled, record_id)
    if decided or any(one.outcome != "waiting" for one in found):
        replicas: LikenessCalls[Replica] = LikenessCalls(context, REPLICAS)
        own = context.items(replicas.list_own())
        made = [CreatedLikeness(one.replica_id, one.replica_name, one.created_at) for one in own]
        difference = context.server_clock.difference
        found = context.run(reconciliation.reconcile, made, record_id=record_id, decided=decided, difference=difference)
    return found


def _delete_all(context: Context, record_id: str) -> WithdrawalReport:
    withdrawals = context.registry().withdrawals
    remaining = _open_creates(context, record_id)
    left = context.run(withdrawals.left, record_id)
    if left.videos:
        remaining += _delete_videos(context, record_id, left.videos)
    listed: list[Video] | None = []
    if left.replicas:
        try:
            listed = context.items(Videos(context.caller).list(page_size=PAGE_SIZE))
        except errors.CallError as error:
            listed = None
            why = f"{UNLISTED} {sentence_of(error)}"
            remaining.append(Remaining(kind="videos", id="", why=why, who="sdk"))
    for replica_id in left.replicas:
        remaining += _delete_replica(context, record_id, replica_id, listed)
    remaining += unassigned(listed or ())
    done = context.run(withdrawals.finish, record_id)
    deleted = tuple(replica for replica in done.record.replicas if replica in done.record.state.gone)
    remaining += by_hand(done.record, deleted)
    return WithdrawalReport(record=done.record, deleted=deleted, videos=done.gone_videos, remaining=tuple(remaining))


def _open_creates(context: Context, record_id: str) -> list[Remaining]:
    try:
        found = reconcile(context, record_id)
    except errors.CallError:
        reconciliation = context.registry().reconciliation
        found = context.run(reconciliation.unsettled, record_id)
    return [
        Remaining(kind="create", id=one.intent_id, why=CREATE, who="sdk" if one.outcome == "waiting" else "controller")
        for one in found
        if one.outcome in ("waiting", "unknown")
    ]


def _delete_replica(context: Context, record_id: str, replica_id: str, listed: list[Video] | None) -> list[Remaining]:
    """Delete a replica and its videos. It counts as gone once all of them are."""
    withdrawals = context.registry().withdrawals
    mine = [video.video_id for video in listed or () if replica_of(video) == replica_id]
    remaining = _delete_videos(context, record_id, mine) if mine else []
    replicas: LikenessCalls[Replica] = LikenessCalls(context, REPLICAS)
    problem = _delete(replicas, replica_id)
    if problem is not None:
        remaining.append(Remaining(kind="replica", id=replica_id, why=sentence_of(problem), who="sdk"))
    if listed is None or remaining:
        failed = code_of(problem) if problem is not None else "videos"
        context.run(withdrawals.note, record_id, replica_id=replica_id, failed=failed)
    else:
        context.run(withdrawals.note, record_id, replica_id=replica_id)
    return remaining


def _delete_videos(context: Context, record_id: str, video_ids: Sequence[str]) -> list[Remaining]:
    withdrawals = context.registry().withdrawals
    videos = Videos(context.caller)
    gone, remaining, failed = [], [], None
    for video_id in video_ids:
        problem = _delete(videos, video_id)
        if problem is None:
            gone.append(video_id)
        else:
            failed = code_of(problem)
            remaining.append(Remaining(kind="video", id=video_id, why=sentence_of(problem), who="sdk"))
    context.run(withdrawals.note, record_id, failed=failed, videos=gone)
    return remaining


def _delete(things: Videos | LikenessCalls[Replica], thing_id: str) -> errors.CallError | str | None:
    """Delete an object and check that it is gone; return the problem, if any."""
    try:
        things.delete(thing_id, hard=True)
    except errors.CallError as error:
        if not is_unknown(error):
            return error
    try:
        found = things.get(thing_id)
    except errors.CallError as error:
        return None if is_unknown(error) else error
    return None if found.status == "deleted" else STILL_THERE
