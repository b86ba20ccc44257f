"""Memory stores: what a PAL remembers of a participant."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from ._kinds import MEMORY_STORE
from ._messages import FakeResponse
from ._store import ObjectStore
from ._things import Thing
from ._verbs import FakeCall, Refusal, check, finished, known, shown, strange

#: A memory store of another account. A request for it is refused with 403.
OF_OTHERS: Final = "ms51ab1e000001"


def create(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Create a memory store, unless the PAL has one for the participant."""
    request = known(call)
    check(store, call.resource, request)
    if _of(store, request["pal_id"], request["participant_tag"]) is not None:
        raise Refusal(409)
    thing = store.create(call.resource, request, call.now, strange(call))
    memories = thing.fields["pinned_memories"]
    thing.fields["pinned_memories"] = []
    for memory in memories:
        _pin(call, thing, memory)
    return finished(call, shown(call, thing))


def remember(store: ObjectStore, call: FakeCall, conversation: Thing) -> None:
    """Create the memory stores of a conversation's participants, unless they exist."""
    pal_id = conversation.fields.get("persona_id")
    for tag in conversation.fields.get("participant_tags") or ():
        if pal_id is not None and _of(store, pal_id, tag) is None:
            store.create(MEMORY_STORE, {"pal_id": pal_id, "participant_tag": tag}, call.now)


def learn(store: ObjectStore, conversation: Thing, at: datetime) -> None:
    """Add the words of a conversation's participants to their memory stores. The real PAL learns what matters."""
    words = "\n".join(line["content"] for line in conversation.fields["transcript"] if line["role"] == "user")
    pal_id = conversation.fields.get("persona_id")
    for tag in conversation.fields.get("participant_tags") or () if words else ():
        thing = _of(store, pal_id, tag)
        if thing is not None:
            before = thing.fields.get("learned_memory")
            thing.change({"learned_memory": f"{before}\n{words}" if before else words}, at)


def get(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return a memory store."""
    return finished(call, shown(call, _find(store, call)))


def delete(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Remove a memory store with its memories."""
    store.delete(_find(store, call), call.now)
    return finished(call)


def list_pinned(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return the pinned memories of a store."""
    return finished(call, {"pinned_memories": _find(store, call).fields["pinned_memories"]})


def pin(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Pin a memory."""
    return finished(call, _pin(call, _find(store, call), call.body["memory"]))


def change_pinned(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Change the text of a pinned memory."""
    found = _pinned(_find(store, call), call)
    found.update(memory=call.body["memory"], updated_at=MEMORY_STORE.date(call.now))
    return finished(call, found)


def delete_pinned(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Remove a pinned memory."""
    thing = _find(store, call)
    thing.fields["pinned_memories"].remove(_pinned(thing, call))
    return finished(call)


def _of(store: ObjectStore, pal_id: str | None, tag: str) -> Thing | None:
    """Return the memory store of a PAL for a participant, or ``None``."""
    found = (thing for thing in store.all(MEMORY_STORE).values() if thing.fields.get("persona_id") == pal_id)
    return next((thing for thing in found if thing.fields.get("participant_tag") == tag), None)


def _find(store: ObjectStore, call: FakeCall) -> Thing:
    if call.ids[0] == OF_OTHERS:
        raise Refusal(403)
    thing = store.find(MEMORY_STORE, call.ids[0])
    if thing is None:
        raise Refusal(404)
    return thing


def _pinned(thing: Thing, call: FakeCall) -> dict[str, Any]:
    for memory in thing.fields["pinned_memories"]:
        if memory["memory_id"] == call.ids[1]:
            found: dict[str, Any] = memory
            return found
    raise Refusal(404)


def _pin(call: FakeCall, thing: Thing, text: str) -> dict[str, Any]:
    thing.fields["pins"] += 1
    digits = sha256(f"{thing.id} {thing.fields['pins']}".encode()).hexdigest()
    at = MEMORY_STORE.date(call.now)
    memory = {"memory_id": f"pm{digits:.12}", "memory": text, "created_at": at, "updated_at": at}
    thing.fields["pinned_memories"].append(memory)
    return memory
