# Derived from ../_async/asking.py by scripts/derive_sync.py, do not edit.
"""One request to Tavus about what a callback claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tavus_consent import errors
from tavus_consent.callbacks import events as e
from tavus_consent.callbacks.believing import subject_of

if TYPE_CHECKING:
    from tavus_consent.callbacks.work import Claim
    from tavus_consent.namespaces._sync.members import Members


def ask(tavus: Members, claim: Claim) -> tuple[str, Any]:
    """Return the object that a body is about, and its state; ``None`` if Tavus does not know it.

    Raises:
        CallError: Tavus refused the request for another reason, or could not be reached.
    """
    subject = subject_of(claim.event) or ""
    try:
        return subject, _get(tavus, claim)
    except (errors.BadRequestError, errors.NotFoundError):  # Tavus answers an unknown id with either
        return subject, None


def _get(tavus: Members, claim: Claim) -> Any:
    match claim.event:
        case e.ReplicaCallback(replica_id=id) if claim.is_face:
            return tavus.faces.get(id)
        case e.ReplicaCallback(replica_id=id):
            return tavus.replicas.get(id)
        case e.VideoCallback(video_id=id):
            return tavus.videos.get(id)
        case e.DocumentCallback(document_id=id):
            return tavus.documents.get(id)
        case e.VoiceCallback(voice_id=id):
            return tavus.voices.get(id)
        case e.ConversationCallback(conversation_id=id):
            return tavus.conversations.get(id, verbose=True)
        case e.OutputCallback(kind="lipsync", object_id=id):
            return tavus.lipsync.get(id)
        case e.OutputCallback(kind="replacement", object_id=id):
            return tavus.replacements.get(id)
        case other:
            return tavus.transcriptions.get(other.object_id)  # type: ignore[attr-defined]  # the last kind
