"""The event that follows from the claim of a body and the answer of Tavus. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from tavus_consent.consent.events import EventType
from tavus_consent.results import FAILED_WORDS, READY_WORDS, Replica, parse_date

from . import events as e
from .addresses import GRACE
from .mailbox import Address
from .reading import CONVERSATION_EVENTS, document_class, replica_class, video_class, voice_class

if TYPE_CHECKING:
    from tavus_api.models import Conversation, Document, Video, Voice

ASK_AGAIN: Final = (1.0, 5.0, 30.0)
"""Seconds after which the application asks again if Tavus's answer does not show what a callback claims."""
_SAME: Final[Mapping[str, str]] = {"face": "replica"}
_ALSO: Final = frozenset({("replica", "voice")})  # the training of a replica also makes a voice


@frozen(kw_only=True)
class Asked:
    """The event that Tavus's answer shows.

    Attributes:
        event: The event to deliver.
        state: Its key: the same key on the same address is delivered once.
        lags: True if the answer does not show what the body claims, or not yet.
    """

    event: e.CallbackEvent
    state: str
    lags: bool = False


def subject_of(claim: e.CallbackEvent) -> str | None:
    """Return the object that a claim is about and that Tavus can be asked for, such as ``replica:r1``."""
    match claim:
        case e.ReplicaCallback(replica_id=id):
            return f"replica:{id}"
        case e.VideoCallback(video_id=id):
            return f"video:{id}"
        case e.DocumentCallback(document_id=id):
            return f"document:{id}"
        case e.VoiceCallback(voice_id=id):
            return f"voice:{id}"
        case e.OutputCallback(kind=kind, object_id=id):
            return f"{kind}:{id}"
        case e.ConversationCallback(conversation_id=id):
            return f"conversation:{id}"
    return None


def can_be_asked(claim: e.CallbackEvent) -> bool:
    """Return True if an operation of Tavus shows what a body claims."""
    if isinstance(claim, e.ConversationCallback):
        return claim.event_type.startswith(("system.", "application."))
    return subject_of(claim) is not None and not (isinstance(claim, e.OutputCallback) and claim.kind == "speech")


def admits(address: Address, claim: e.CallbackEvent) -> bool:
    """Return True if a claim can come to an address: it is about the object of the address, or about no object."""
    subject = subject_of(claim)
    if address.subject is None or subject is None or address.kind is not None:
        return True
    kind, _, name = address.subject.partition(":")
    said, _, other = subject.partition(":")
    return (_SAME.get(kind, kind), name) == (said, other) or (_SAME.get(kind, kind), said) in _ALSO


def is_early(address: Address, claim: e.CallbackEvent, now: datetime) -> bool:
    """Return True if a callback should wait for the answer to its create."""
    unbound = address.subject is None and address.kind is None and subject_of(claim) is not None
    return unbound and now < address.issued_at + GRACE


def unasked(claim: e.CallbackEvent, job: str | None, body: bytes) -> Asked:
    """Return a claim that no operation of Tavus shows. The same body is delivered once."""
    digest = hashlib.sha256(body).hexdigest()
    return Asked(event=evolve(claim, job=job), state=f"body:{digest}")


def unconfirmed(claim: e.CallbackEvent, job: str | None, body: bytes, found: Any) -> Asked:
    """Return the event for a claim that Tavus's answer does not show."""
    digest = hashlib.sha256(body).hexdigest()
    event = e.UnconfirmedEvent(job=job, claim=evolve(claim, job=job), found=found)
    return Asked(event=event, state=f"unconfirmed:{digest}", lags=True)


def judge(claim: e.CallbackEvent, found: Any, job: str | None, body: bytes) -> Asked:
    """Return the event that Tavus's answer shows.

    Args:
        claim: The event of the body.
        found: The object as Tavus returned it; ``None`` if Tavus does not know it.
        job: The job of the address.
        body: The body.
    """
    if found is None:
        return unconfirmed(claim, job, body, None)
    if isinstance(claim, e.ConversationCallback):
        shown = _of_conversation(claim, found, job)
        return shown or unconfirmed(claim, job, body, found)
    event = next(make(found, job) for kind, make in _MAKERS if isinstance(claim, kind))
    # A preview is reported with the same word as a finished training, unless the body has a finetune_status.
    claimed = 1 if type(claim) is e.ReplicaReady else _rank(claim)
    if _rank(event) < claimed:
        return unconfirmed(claim, job, body, found)
    return Asked(event=event, state=_state(event))


def training_of(event: e.CallbackEvent) -> tuple[EventType, dict[str, str]] | None:
    """Return the event of the ledger for a confirmed end of a training, with its codes."""
    if not event.confirmed:
        return None
    match event:
        case e.ReplicaTuned():
            return EventType.TRAINING_COMPLETED, {"stage": "tuning"}
        case e.ReplicaReady():
            return EventType.TRAINING_COMPLETED, {"stage": "training"}
        case e.ReplicaPreview():
            return EventType.TRAINING_COMPLETED, {"stage": "preview"}
        case e.ReplicaFailed(stage=stage, error_type=kind):
            return EventType.TRAINING_FAILED, {"stage": stage, "error": kind.name if kind else "undocumented"}
    return None


def _of_replica(one: Replica, job: str | None) -> e.ReplicaCallback:
    said = getattr(one, "finetune_status", None) or one.extra.get("finetune_status")
    finetune = said if isinstance(said, str) else None
    status = one.status or ""
    return replica_class(status, finetune, one.model_name)(
        job=job,
        confirmed=True,
        replica_id=one.replica_id,
        status=status,
        error_message=one.error_message,
        finetune_status=finetune,
        replica=one,
    )


def _of_video(one: Video, job: str | None) -> e.VideoCallback:
    status = one.status or ""
    return video_class(status)(
        job=job,
        confirmed=True,
        video_id=one.video_id,
        status=status,
        error_message=one.status_details,
        download_url=one.download_url,
        video=one,
    )


def _of_document(one: Document, job: str | None) -> e.DocumentCallback:
    status = one.status or ""
    return document_class(status)(
        job=job,
        confirmed=True,
        document_id=one.document_id,
        status=status,
        error_message=one.error_message,
        document=one,
    )


def _of_voice(one: Voice, job: str | None) -> e.VoiceCallback:
    status = one.status or ""
    return voice_class(status)(
        job=job, confirmed=True, voice_id=one.voice_id, status=status, error_message=one.error_message, voice=one
    )


def _of_output(one: Any, job: str | None) -> e.OutputCallback:
    kind = next(kind for kind in ("transcription", "replacement", "lipsync") if hasattr(one, f"{kind}_id"))
    message = getattr(one, "error_message", None)
    return e.OutputCallback(
        job=job,
        confirmed=True,
        kind=kind,
        object_id=getattr(one, f"{kind}_id"),
        status=one.status or "",
        error_message=message if isinstance(message, str) else None,
        output=one,
    )


_MAKERS: Final[tuple[tuple[type[e.CallbackEvent], Callable[[Any, str | None], e.CallbackEvent]], ...]] = (
    (e.ReplicaCallback, _of_replica),
    (e.VideoCallback, _of_video),
    (e.DocumentCallback, _of_document),
    (e.VoiceCallback, _of_voice),
    (e.OutputCallback, _of_output),
)


def _of_conversation(claim: e.ConversationCallback, found: Conversation, job: str | None) -> Asked | None:
    """Return the event of the conversation that a body claims: the one of its time, or else the last of its type."""
    same = [one for one in found.events or () if one.event_type == claim.event_type]
    if not same:
        return None
    exact = [one for one in same if claim.timestamp is not None and _moment(one.timestamp) == claim.timestamp]
    shown = (exact or same)[-1]
    at = _moment(shown.timestamp)
    event = CONVERSATION_EVENTS.get(claim.event_type, e.ConversationCallback)(
        job=job,
        confirmed=True,
        conversation_id=found.conversation_id,
        event_type=claim.event_type,
        timestamp=at,
        properties=shown.properties or {},
        conversation=found,
    )
    place = at.isoformat() if at else str(same.index(shown))
    return Asked(event=event, state=f"conversation:{found.conversation_id}:{claim.event_type}:{place}")


def _moment(said: str | None) -> datetime | None:
    return parse_date(said) if said else None


def _rank(event: e.CallbackEvent) -> int:
    """Return how far an object is: in progress, a preview, or done."""
    assert isinstance(event, e.StatusEvent)  # noqa: S101 - judge() has handled the others
    if isinstance(event, e.ReplicaPreview):
        return 1
    return 2 if event.is_ready or event.is_failed else 0


def _state(event: e.CallbackEvent) -> str:
    assert isinstance(event, e.StatusEvent)  # noqa: S101 - judge() has handled the others
    status = "ready" if event.status in READY_WORDS else "error" if event.status in FAILED_WORDS else event.status
    finetune = event.finetune_status if isinstance(event, e.ReplicaCallback) else None
    return f"{subject_of(event)}:{status}:{finetune or ''}"
