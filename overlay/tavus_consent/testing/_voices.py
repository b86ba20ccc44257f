"""Voices: changed and deleted, unless something speaks with them."""

from __future__ import annotations

from typing import Any

from ._kinds import PERSONA, REPLICA
from ._messages import FakeResponse, answer
from ._store import ObjectStore
from ._things import Thing
from ._verbs import FakeCall, find, finished, known, shown


def change(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Change the name, the description or the tags of a voice."""
    thing = find(store, call, own=True)
    changes = known(call)
    if "tags" in changes:  # lists show them as objects
        changes["tags"] = [{"tag_name": tag} for tag in changes["tags"]]
    thing.change(changes, call.now)
    return finished(call, shown(call, thing))


def delete(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Remove a voice that no PAL and no face uses."""
    thing = find(store, call, own=True)
    pals = sum(_voice_of(pal) == thing.id for pal in store.all(PERSONA).values())
    names = ("default_voice_id", "original_voice_id")
    faces = sum(any(face.fields.get(name) == thing.id for name in names) for face in store.all(REPLICA).values())
    if pals or faces:
        return answer(409, {"error": "The voice is in use", "used_by": {"pals": pals, "faces": faces}})
    store.delete(thing, call.now)
    return finished(call)


def _voice_of(pal: Thing) -> Any:
    """Return the id of the voice that a PAL speaks with, or ``None``."""
    tts = (pal.fields.get("layers") or {}).get("tts")
    return tts.get("voice_id") if isinstance(tts, dict) else None
