"""Participants of conversations: they join, speak and leave because a test says so."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any, Final

from tavus_consent import ConfigurationError

from ._conversations import close, later
from ._store import ObjectStore
from ._things import Thing

ROLES: Final = ("user", "assistant", "system", "tool")


def join(thing: Thing, name: str | None) -> str:
    """Let a participant join, and return the id.

    Raises:
        ConfigurationError: The room is closed or full.
    """
    participants = _open_room(thing)["participants"]
    most = thing.fields.get("max_participants")
    if most is not None and len(participants) + 2 > most:  # the replica counts as one
        raise ConfigurationError(f"the conversation {thing.id} has room for {most} participants with the replica")
    number = thing.fields["joined"] = thing.fields.get("joined", 0) + 1
    participant_id = sha256(f"{thing.id} {number}".encode()).hexdigest()[:12]
    participants[participant_id] = name
    return participant_id


def say(thing: Thing, text: str, role: str) -> None:
    """Add a line to the transcript.

    Raises:
        ConfigurationError: The role is unknown, the room is closed, or a user speaks in a room without participants.
    """
    fields = _open_room(thing)
    if role not in ROLES:
        raise ConfigurationError(f"role must be one of {', '.join(ROLES)}, not {role!r}")
    if role == "user" and not fields["participants"]:
        raise ConfigurationError(f"no participant has joined the conversation {thing.id}: let one join first")
    fields["transcript"].append({"role": role, "content": text})


def leave(store: ObjectStore, thing: Thing, participant_id: str | None, now: datetime, stretch: float) -> None:
    """Let one participant leave, or all. The room closes some time after the last one.

    Raises:
        ConfigurationError: The room is closed, or there is no such participant.
    """
    participants = _open_room(thing)["participants"]
    if participant_id is not None and participant_id not in participants:
        raise ConfigurationError(f"the conversation {thing.id} has no participant {participant_id!r}")
    for left in [participant_id] if participant_id is not None else list(participants):
        del participants[left]
    if participants:
        return
    departure = thing.fields["departures"] = thing.fields.get("departures", 0) + 1
    # The default is not documented; the fake closes the room immediately.
    patience = thing.fields.get("properties", {}).get("participant_left_timeout", 0)
    store.plan(later(now, patience, stretch), thing, partial(_desert, store, thing, departure))


def _desert(store: ObjectStore, thing: Thing, departure: int, at: datetime) -> None:
    """Close a room that all participants have left, unless one of them came back."""
    if not thing.fields["participants"] and thing.fields["departures"] == departure:
        close(store, thing, "participant_left_timeout reached", at)


def _open_room(thing: Thing) -> dict[str, Any]:
    if thing.fields["status"] != "active":
        raise ConfigurationError(f"the conversation {thing.id} has ended")
    return thing.fields
