"""Voices: those that training makes, and the refusal to delete one in use."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from ._kinds import PERSONA, REPLICA, VOICE
from ._messages import FakeResponse
from ._store import ObjectStore
from ._things import Thing
from ._verbs import FakeCall, Refusal, find, finished, known, shown, strange

_NO_REQUEST: Final[dict[str, Any]] = {}


def give_voice(store: ObjectStore, face: Thing, at: datetime) -> None:
    """Create the voice of a face that was trained from a video.

    Guesses: it appears when the training has ended, its name is that of the face, and the face speaks with it.
    """
    if face.deleted or face.fields["status"] != "completed":
        return
    given = {
        "voice_name": face.fields.get("replica_name") or f"voice of {face.id}",
        "replica_id": face.id,
        "status": "completed",
    }
    voice = store.create(VOICE, given, at)
    voice.request = _NO_REQUEST
    default = face.fields.get("default_voice_id") or voice.id
    face.change({"original_voice_id": voice.id, "default_voice_id": default}, at)


def update(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Change the name, the description or the tags of a voice."""
    thing = find(store, call, own=True)
    changes = known(call)
    if "tags" in changes:
        changes["tags"] = [{"tag_name": tag} for tag in changes["tags"]]
    thing.change(changes, call.now)
    store.unsort(VOICE)
    thing.keep(strange(call))
    return finished(call, shown(call, thing))


def delete(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Remove a voice that no PAL and no face refers to."""
    thing = find(store, call, own=True)
    faces = sum(thing.id in _voices_of(face) for face in store.all(REPLICA).values())
    pals = sum(thing.id == _tts_voice(pal) for pal in store.all(PERSONA).values())
    if faces or pals:
        reason = f"path: {pals} PALs and {faces} faces refer to this voice"
        raise Refusal(409, reason=reason, more={"used_by": {"pals": pals, "faces": faces}})
    store.delete(thing, call.now)
    return finished(call)


def _voices_of(face: Thing) -> set[Any]:
    # The original voice cannot be deleted while the face lives, even if the face speaks with another one.
    return {face.fields.get("original_voice_id"), face.fields.get("default_voice_id")}


def _tts_voice(pal: Thing) -> Any:
    layers = pal.fields.get("layers")
    tts = layers.get("tts") if isinstance(layers, dict) else None
    return tts.get("voice_id") if isinstance(tts, dict) else None
