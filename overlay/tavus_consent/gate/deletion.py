"""Interprets Tavus's answers during a withdrawal, and describes the remaining items. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from tavus_consent import errors
from tavus_consent._arguments import check_id, check_str, check_type
from tavus_consent.consent.withdrawal import Remaining

if TYPE_CHECKING:
    from tavus_api.models import Video
    from tavus_consent.consent.record import ConsentRecord

STILL_THERE: Final = "still_there"
CREATE: Final = "It is unknown whether this create made a replica or voice: call consents.reconcile()."
UNLISTED: Final = "Your videos could not be listed, so it is unknown which of them were made from it."
_TRAIN: Final = "The training video and the recording of the statement are in your own storage: delete them there."
_TALKS: Final = "Tavus keeps the conversations of a deleted replica: delete them one by one."
_UNKNOWN_ID: Final = re.compile(r"invalid (?:replica|face|video)_(?:id|uuid)", re.IGNORECASE)


def check_decided(decided: Mapping[str, str | None] | None) -> None:
    """Refuse invalid decisions about open creates.

    Raises:
        InvalidRequestError: It is not a mapping of ids to ids.
    """
    if decided is not None:
        check_type(decided, "decided", Mapping, "a mapping of creates to replicas")
        for intent, replica in decided.items():
            check_str(intent, "decided")
            if replica is not None:
                check_id(replica, "decided")


def is_unknown(error: errors.CallError) -> bool:
    """Return True if Tavus says that the object does not exist; for replicas and videos with a 400."""
    if isinstance(error, errors.NotFoundError):
        return True
    return isinstance(error, errors.BadRequestError) and bool(_UNKNOWN_ID.search(error.detail or ""))


def replica_of(video: Video) -> str | None:
    """Return the replica that a video was made from, if a member or the default name shows it."""
    said = video.extra.get("replica_id") or video.extra.get("face_id")
    if isinstance(said, str):
        return said
    named = re.match(r"(?:replica|face)_id: (\w+) - ", str(video.video_name or ""))
    return named[1] if named else None


def unassigned(videos: Iterable[Video]) -> list[Remaining]:
    """Return the number of videos that may belong to the person, because Tavus does not name their replicas."""
    unknown = sum(video.status != "deleted" and replica_of(video) is None for video in videos)
    why = (
        f"Tavus does not say which replica {unknown} of your videos were made from. Check them and pass the "
        "ids of this person's videos to consents.withdraw(videos=...)."
    )
    return [Remaining(kind="videos", id="", why=why, who="controller")] if unknown else []


def by_hand(record: ConsentRecord, deleted: Sequence[str]) -> list[Remaining]:
    """Return the items that the application has to delete itself."""
    remaining = [Remaining(kind="conversations", id=replica, why=_TALKS, who="controller") for replica in deleted]
    if record.state.evidence is not None:
        remaining.append(Remaining(kind="recording", id="", why=_TRAIN, who="controller"))
    return remaining


def code_of(problem: errors.CallError | str) -> str:
    """Return the code of a failure for the ledger."""
    return problem if isinstance(problem, str) else type(problem).__name__


def sentence_of(problem: errors.CallError | str) -> str:
    """Return the description of a failure for people."""
    return "Tavus still shows it after the deletion." if isinstance(problem, str) else str(problem)
