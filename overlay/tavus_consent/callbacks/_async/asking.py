"""One request to Tavus about what a callback claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tavus_consent import errors
from tavus_consent.callbacks import events as e
from tavus_consent.callbacks.believing import subject_of

if TYPE_CHECKING:
    from tavus_consent.callbacks.work import Claim
    from tavus_consent.namespaces._async.members import AsyncMembers


async def ask(tavus: AsyncMembers, claim: Claim) -> tuple[str, Any]:
    """Return the object that a body is about, and its state; ``None`` if Tavus does not know it.

    Raises:
        CallError: Tavus refused the request for another reason, or could not be reached.
    """
    subject = subject_of(claim.event) or ""
    try:
        return subject, await _get(tavus, claim)
    except (errors.BadRequestError, errors.NotFoundError):  # Tavus answers an unknown id with either
        return subject, None


async def _get(tavus: AsyncMembers, claim: Claim) -> Any:
    match claim.event:
        case e.ReplicaCallback(replica_id=id) if claim.is_face:
            return await tavus.faces.get(id)
        case e.ReplicaCallback(replica_id=id):
            return await tavus.replicas.get(id)
        case e.VideoCallback(video_id=id):
            return await tavus.videos.get(id)
        case e.DocumentCallback(document_id=id):
            return await tavus.documents.get(id)
        case e.VoiceCallback(voice_id=id):
            return await tavus.voices.get(id)
        case e.ConversationCallback(conversation_id=id):
            return await tavus.conversations.get(id, verbose=True)
        case e.OutputCallback(kind="lipsync", object_id=id):
            return await tavus.lipsync.get(id)
        case e.OutputCallback(kind="replacement", object_id=id):
            return await tavus.replacements.get(id)
        case other:
            return await tavus.transcriptions.get(other.object_id)  # type: ignore[attr-defined]  # the last kind
