"""Interprets Tavus's answers during a withdrawal, and describes the remaining items. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from tavus_consent import errors
from tavus_consent._arguments import check_id, check_str, check_type
from tavus_consent.consent.withdrawal import Remaining

if TYPE_CHECKING:
    from tavus_api.models import Pal, Video
    from tavus_consent.consent.outputs import Output

    from .withdrawal_log import OutstandingDeletions

STILL_THERE: Final = "still_there"
CREATE: Final = "It is unknown whether this create made a replica or voice: call consents.reconcile()."
_UNLISTED: Final = "Your {kind} could not be listed, so it is unknown which of them {came}."
_CAME: Final = {"pals": "name it", "deployments": "show it"}
_TRAIN: Final = "The training video and the recording of the statement are in your own storage: delete them there."
_USE: Final = (
    "The answer to this request ({operation}) was lost, so it is unknown what it made: look at your Tavus account, and "
    "delete what you find."
)
DEFAULT_VOICE: Final = "default_voice"
"""A voice of the account that a replica spoke with, and that may belong to another person."""
LOST_VOICE: Final = "lost_voice"
"""The voice of a replica that is no longer at Tavus, by the id of the replica."""
UNREAD_MEMORY: Final = "unread_memory"
"""The memory stores of a PAL that could not be listed, by the id of the PAL."""
_SHOWN_AS: Final = {DEFAULT_VOICE: "voice", LOST_VOICE: "voices", UNREAD_MEMORY: "memory_stores"}
_BY_HAND: Final = {
    "speech": "Tavus documents no request that deletes speech: ask Tavus to delete it.",
    DEFAULT_VOICE: "The replica spoke with this voice of your account. If it is this person's voice, delete it.",
    LOST_VOICE: "This replica was deleted before its voice was read. If a voice was trained with it, that voice is "
    "still in your account: look for it and delete it.",
    UNREAD_MEMORY: "The memory stores of this PAL could not be listed. They may hold memories of conversations with "
    "this likeness: look for them, and delete them if they must go too.",
    "memory_store": "It may hold memories of conversations with this likeness. If they must go too, delete it with "
    "memory_stores.delete(). A withdrawal that is not complete also deletes it with consents.withdraw(memory=True).",
    **dict.fromkeys(("pal", "persona"), "It names this likeness: give it another face and voice, or delete it."),
}
_BY_HAND_OTHER: Final = "It was made with this likeness, and the SDK cannot delete it: change or delete it yourself."
_MOVED: Final = "It was made with this likeness, which it no longer names. A published version may still name it."
_UNKNOWN_ID: Final = re.compile(
    r"invalid (?:replica|face|voice|video|conversation|deployment|lipsync|replacement|pal|persona)_(?:id|uuid)",
    re.IGNORECASE,
)


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
    """Return True if Tavus says that the object does not exist; for many kinds with a 400."""
    if isinstance(error, errors.NotFoundError):
        return True
    return isinstance(error, errors.BadRequestError) and bool(_UNKNOWN_ID.search(error.detail or ""))


def is_refusal(error: errors.CallError) -> bool:
    """Return True if the account may not use an operation, so that repeating it cannot help."""
    kinds = (errors.BadRequestError, errors.PaymentRequiredError, errors.PermissionDeniedError, errors.NotFoundError)
    return isinstance(error, kinds)


def replica_of(video: Video) -> str | None:
    """Return the replica that a video was made from, if a member or the default name shows it."""
    said = video.extra.get("replica_id") or video.extra.get("face_id")
    if isinstance(said, str):
        return said
    named = re.match(r"(?:replica|face)_id: (\w+) - ", str(video.video_name or ""))
    return named[1] if named else None


def names(pal: Pal, likenesses: Collection[str]) -> bool:
    """Return True if a PAL names one of the likenesses, as its face or as its voice."""
    return pal.default_face_id in likenesses or voice_of(pal) in likenesses


def voice_of(pal: Pal) -> str | None:
    """Return the voice of the account that a PAL speaks with."""
    tts = None if pal.layers is None else pal.layers.tts
    said = None if tts is None else tts.to_dict().get("voice_id")
    return said if isinstance(said, str) else None


def in_use(error: errors.CallError | str, voice_id: str, pals: Iterable[Pal]) -> Remaining | None:
    """Return the remaining voice that Tavus keeps because PALs or faces use it; ``None`` for another problem."""
    if not isinstance(error, errors.ConflictError):
        return None
    found = [pal.pal_id for pal in pals if voice_of(pal) == voice_id]
    users = f"the PALs {', '.join(found)} speak with it" if found else "PALs or faces of your account use it"
    why = f"Tavus keeps it, because {users}. Give them another voice, then call consents.resume_withdrawals()."
    return Remaining(kind="voice", id=voice_id, why=why, who="controller")


def unlisted(kind: str, error: errors.CallError) -> Remaining:
    """Return the list that could not be read, such as ``videos``."""
    why = f"{_UNLISTED.format(kind=kind, came=_CAME.get(kind, 'were made from it'))} {error}"
    return Remaining(kind=kind, id="", why=why, who="controller" if kind in _CAME and is_refusal(error) else "sdk")


def unread(replica_id: str, error: errors.CallError) -> Remaining:
    """Return the replica that stays until its voices can be read."""
    why = f"Its voice could not be read, and would be lost with it. {error}"
    return Remaining(kind="replica", id=replica_id, why=why, who="sdk")


def unassigned(count: int) -> list[Remaining]:
    """Return the number of videos that may belong to the person, because Tavus does not name their replicas."""
    why = (
        f"Tavus does not say which replica {count} of your videos were made from. Check them and pass the "
        "ids of this person's videos to consents.withdraw(videos=...)."
    )
    return [Remaining(kind="videos", id="", why=why, who="controller")] if count else []


def to_delete(left: OutstandingDeletions) -> list[Remaining]:
    """Return the items that a withdrawal still has to delete."""
    listed = [("replica", one) for one in left.replicas] + [("voice", one) for one in left.voices]
    return [
        Remaining(kind=kind, id=object_id, why="It is to be deleted.", who="sdk")
        for kind, object_id in (*listed, *left.outputs)
    ]


def by_hand(left: OutstandingDeletions, moved: Collection[Output] = ()) -> list[Remaining]:
    """Return the items that people have to delete or change themselves.

    Args:
        left: What the ledger knows.
        moved: PALs and personas that were made with a likeness of the record and no longer name it.
    """
    remaining = [
        Remaining(
            kind=_SHOWN_AS.get(one.kind, one.kind),
            id=one.object_id,
            why=_MOVED if one in moved else _BY_HAND.get(one.kind, _BY_HAND_OTHER),
            who="controller",
        )
        for one in left.by_hand
    ]
    for one in left.unknown:
        why = _USE.format(operation=one.operation)
        remaining.append(Remaining(kind="use", id=one.use, why=why, who="controller"))
    if left.record.state.evidence is not None:
        remaining.append(Remaining(kind="recording", id="", why=_TRAIN, who="controller"))
    return remaining


def code_of(problem: errors.CallError | str) -> str:
    """Return the code of a failure for the ledger."""
    return problem if isinstance(problem, str) else type(problem).__name__


def sentence_of(problem: errors.CallError | str) -> str:
    """Return the description of a failure for people."""
    return "Tavus still shows it after the deletion." if isinstance(problem, str) else str(problem)
