"""Steps that withdraw a consent and that look creates up: what both clients do, in their order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

from tavus_consent import errors
from tavus_consent._arguments import check_id, check_list, check_str, check_type
from tavus_consent.consent.withdrawal import Reconciliation, Remaining, WithdrawalReport

from .permits import Made
from .steps import Steps, local, remote

if TYPE_CHECKING:
    from tavus_api.models import Video
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.results import Replica

PAGE_SIZE: Final = 100
_UNKNOWN_ID: Final = re.compile(r"invalid (?:replica|face|video)_(?:id|uuid)", re.IGNORECASE)
_TRAIN: Final = "The training video and the recording of the statement are in your own storage: delete them there."
_TALKS: Final = "Tavus keeps conversations that were held with a replica when it is deleted: delete them one by one."
_CREATE: Final = "It is not known whether this create made a replica: call consents.reconcile()."
_UNLISTED: Final = "Your videos could not be listed, so it is not known which of them were made from it."


def withdrawing(
    record: ConsentRecord | str,
    *,
    requested_by: Literal["subject", "controller"],
    reason: str | None,
    videos: Sequence[str],
) -> Steps[WithdrawalReport]:
    """Withdraw a consent, then delete what came of it."""
    named = [check_id(video, "videos") for video in check_list(videos, "videos")]
    state = yield from local(
        lambda it: it.withdrawals.begin(record, requested_by=requested_by, reason=reason, videos=named)
    )
    report: WithdrawalReport = yield from _deleting(state.record_id)
    return report


def resuming() -> Steps[list[WithdrawalReport]]:
    """Go on with every withdrawal that is not at its end."""
    reports: dict[str, WithdrawalReport] = {}
    for record_id in (yield from local(lambda it: it.withdrawals.under_way())):
        reports[record_id] = yield from _deleting(record_id)
    return list(reports.values())


def reconciling(
    record_id: str | None = None, decided: Mapping[str, str | None] | None = None
) -> Steps[list[Reconciliation]]:
    """Look up the creates of which nobody wrote how they ended."""
    if decided is not None:
        check_type(decided, "decided", Mapping, "a mapping of creates to replicas")
        for intent, replica in decided.items():
            check_str(intent, "decided")
            if replica is not None:
                check_id(replica, "decided")
    found: list[Reconciliation] = yield from local(lambda it: it.creates.unsettled(record_id))
    if decided or any(one.outcome != "waiting" for one in found):
        replicas: list[Replica] = yield from remote(
            lambda it: it.replicas.list(replica_type="user", page_size=PAGE_SIZE)
        )
        made = [Made(one.replica_id, one.replica_name, one.created_at) for one in replicas]
        found = yield from local(lambda it: it.creates.reconcile(made, record_id=record_id, decided=decided))
    return found


def _deleting(record_id: str) -> Steps[WithdrawalReport]:
    remaining = yield from _looking_up(record_id)
    left = yield from local(lambda it: it.withdrawals.left(record_id))
    if left.videos:
        remaining += yield from _videos(record_id, left.videos)
    listed: list[Video] | None = []
    if left.replicas:
        try:
            listed = yield from remote(lambda it: it.videos.list(page_size=PAGE_SIZE))
        except errors.CallError as error:
            listed = None
            remaining.append(Remaining(kind="videos", id="", why=f"{_UNLISTED} {_said(error)}", who="sdk"))
    for replica_id in left.replicas:
        remaining += yield from _replica(record_id, replica_id, listed)
    unknown = sum(video.status != "deleted" and _replica_of(video) is None for video in listed or ())
    if unknown:
        why = (
            f"Tavus does not say from which replica {unknown} of your videos were made. Look through them and pass the "
            "ids of this person's to consents.withdraw(videos=...)."
        )
        remaining.append(Remaining(kind="videos", id="", why=why, who="controller"))
    done = yield from local(lambda it: it.withdrawals.finish(record_id))
    deleted = tuple(replica for replica in done.record.replicas if replica in done.record.state.gone)
    remaining += [Remaining(kind="conversations", id=replica, why=_TALKS, who="controller") for replica in deleted]
    if done.record.state.evidence is not None:
        remaining.append(Remaining(kind="recording", id="", why=_TRAIN, who="controller"))
    return WithdrawalReport(record=done.record, deleted=deleted, videos=done.gone_videos, remaining=tuple(remaining))


def _looking_up(record_id: str) -> Steps[list[Remaining]]:
    try:
        found = yield from reconciling(record_id)
    except errors.CallError:
        found = yield from local(lambda it: it.creates.unsettled(record_id))
    return [
        Remaining(kind="create", id=one.intent_id, why=_CREATE, who="sdk" if one.outcome == "waiting" else "controller")
        for one in found
        if one.outcome in ("waiting", "unknown")
    ]


def _replica(record_id: str, replica_id: str, listed: list[Video] | None) -> Steps[list[Remaining]]:
    """Delete a replica and its videos. It counts as gone when all of them are."""
    mine = [video.video_id for video in listed or () if _replica_of(video) == replica_id]
    remaining = (yield from _videos(record_id, mine)) if mine else []
    problem = yield from _gone("replicas", replica_id)
    if problem is not None:
        remaining.append(Remaining(kind="replica", id=replica_id, why=_said(problem), who="sdk"))
    if listed is None or remaining:
        failed = _code(problem) if problem is not None else "videos"
        yield from local(lambda it: it.withdrawals.note(record_id, replica_id=replica_id, failed=failed))
    else:
        yield from local(lambda it: it.withdrawals.note(record_id, replica_id=replica_id))
    return remaining


def _videos(record_id: str, video_ids: Sequence[str]) -> Steps[list[Remaining]]:
    gone, remaining, failed = [], [], None
    for video_id in video_ids:
        problem = yield from _gone("videos", video_id)
        if problem is None:
            gone.append(video_id)
        else:
            failed = _code(problem)
            remaining.append(Remaining(kind="video", id=video_id, why=_said(problem), who="sdk"))
    yield from local(lambda it: it.withdrawals.note(record_id, failed=failed, videos=gone))
    return remaining


_STILL_THERE: Final = "still_there"


def _gone(namespace: str, thing_id: str) -> Steps[errors.CallError | str | None]:
    """Delete something and look whether it is gone; gives what went wrong, or ``None``."""
    try:
        yield from remote(lambda it: getattr(it, namespace).delete(thing_id, hard=True))
    except errors.CallError as error:
        if not _is_unknown(error):
            return error
    try:
        found = yield from remote(lambda it: getattr(it, namespace).get(thing_id))
    except errors.CallError as error:
        return None if _is_unknown(error) else error
    return None if found.status == "deleted" else _STILL_THERE


def _is_unknown(error: errors.CallError) -> bool:
    """Whether Tavus says that there is no such object: for replicas and videos that is a 400 with its own sentence."""
    if isinstance(error, errors.NotFoundError):
        return True
    return isinstance(error, errors.BadRequestError) and bool(_UNKNOWN_ID.search(error.detail or ""))


def _replica_of(video: Video) -> str | None:
    """From which replica a video was made, as far as Tavus says: a member, or the name that it gives by default."""
    said = video.extra.get("replica_id") or video.extra.get("face_id")
    if isinstance(said, str):
        return said
    named = re.match(r"(?:replica|face)_id: (\w+) - ", str(video.video_name or ""))
    return named[1] if named else None


def _code(problem: errors.CallError | str) -> str:
    return problem if isinstance(problem, str) else type(problem).__name__


def _said(problem: errors.CallError | str) -> str:
    return "Tavus still shows it after the delete." if isinstance(problem, str) else str(problem)
