"""What a withdrawal makes of Tavus's answers, and what it says of what remains. Pure."""

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
CREATE: Final = "It is not known whether this create made a replica: call consents.reconcile()."
UNLISTED: Final = "Your videos could not be listed, so it is not known which of them were made from it."
_TRAIN: Final = "The training video and the recording of the statement are in your own storage: delete them there."
_TALKS: Final = "Tavus keeps conversations that were held with a replica when it is deleted: delete them one by one."
_UNKNOWN_ID: Final = re.compile(r"invalid (?:replica|face|video)_(?:id|uuid)", re.IGNORECASE)


def check_decided(decided: Mapping[str, str | None] | None) -> None:
    """Refuse decisions about open creates that are not a mapping of ids to ids."""
    if decided is not None:
        check_type(decided, "decided", Mapping, "a mapping of creates to replicas")
        for intent, replica in decided.items():
            check_str(intent, "decided")
            if replica is not None:
                check_id(replica, "decided")


def is_unknown(error: errors.CallError) -> bool:
    """Whether Tavus says that there is no such object: for replicas and videos that is a 400 with its own sentence."""
    if isinstance(error, errors.NotFoundError):
        return True
    return isinstance(error, errors.BadRequestError) and bool(_UNKNOWN_ID.search(error.detail or ""))


def replica_of(video: Video) -> str | None:
    """Return from which replica a video was made, if Tavus says so: in a member, or in the default name."""
    said = video.extra.get("replica_id") or video.extra.get("face_id")
    if isinstance(said, str):
        return said
    named = re.match(r"(?:replica|face)_id: (\w+) - ", str(video.video_name or ""))
    return named[1] if named else None


def unassigned(videos: Iterable[Video]) -> list[Remaining]:
    """Say how many videos may be a person's, because Tavus does not say whose they are."""
    unknown = sum(video.status != "deleted" and replica_of(video) is None for video in videos)
    why = (
        f"Tavus does not say from which replica {unknown} of your videos were made. Look through them and pass the "
        "ids of this person's to consents.withdraw(videos=...)."
    )
    return [Remaining(kind="videos", id="", why=why, who="controller")] if unknown else []


def by_hand(record: ConsentRecord, deleted: Sequence[str]) -> list[Remaining]:
    """Say what the application has to delete itself."""
    remaining = [Remaining(kind="conversations", id=replica, why=_TALKS, who="controller") for replica in deleted]
    if record.state.evidence is not None:
        remaining.append(Remaining(kind="recording", id="", why=_TRAIN, who="controller"))
    return remaining


def code_of(problem: errors.CallError | str) -> str:
    """Return what the ledger keeps of a failure."""
    return problem if isinstance(problem, str) else type(problem).__name__


def sentence_of(problem: errors.CallError | str) -> str:
    """Return what people read of a failure."""
    return "Tavus still shows it after the delete." if isinstance(problem, str) else str(problem)
