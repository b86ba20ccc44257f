"""Conversations, the canvas in them, and deployments, which open them for visitors."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final

from attrs import evolve

from ._app_messages import throttle
from ._callbacks import event
from ._kinds import CONVERSATION, DEPLOYMENT, PERSONA
from ._memories import learn, remember
from ._messages import FakeResponse
from ._store import ObjectStore
from ._things import Thing
from ._verbs import FakeCall, Refusal, Verb, check_references, find, finished, known, make, shown, strange, unknown

_JOINS_AFTER: Final = 2
_ABSENT: Final = 300
_NO_REPLICA: Final = "There was an error creating the conversation, please reach out to support at support@tavus.io!"
_LONGEST: Final = 3600


def converse(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Open a room."""
    return finished(call, shown(call, _open(store, call, make(store, call))))


def _open(store: ObjectStore, call: FakeCall, thing: Thing) -> Thing:
    """Start a conversation. It ends after some time without participants, who join in a test's name.

    Raises:
        Refusal: Neither the request nor the persona names a replica.
    """
    fields = thing.fields
    persona = store.find(PERSONA, fields.get("persona_id", ""))
    fields.setdefault("replica_id", persona.fields.get("default_replica_id") if persona else None)
    if fields["replica_id"] is None:
        store.delete(thing, call.now)
        raise Refusal(400, _NO_REPLICA)
    wishes = fields.get("properties", {})
    fields["conversation_url"] = wishes.get("daily_room", f"https://rooms.tavus.example/{thing.id}")
    if "meeting_url" not in fields and not _uses_livekit(persona):
        fields["room_url"] = f"https://tavus.example/rooms/{thing.id}"
    fields.update(status="active", events=[], participants={}, transcript=[])
    remember(store, call, thing)
    if fields.get("require_auth") or wishes.get("require_auth"):
        fields["meeting_token"] = sha256(thing.id.encode()).hexdigest()
    if fields.get("test_mode"):
        fields["status"] = "ended"
        return thing
    absent, longest = wishes.get("participant_absent_timeout", _ABSENT), wishes.get("max_call_duration", _LONGEST)
    store.plan(later(call.now, _JOINS_AFTER, call.stretch), thing, partial(_join, store, thing))
    store.plan(later(call.now, absent, call.stretch), thing, partial(_miss, store, thing))
    store.plan(later(call.now, longest, call.stretch), thing, partial(close, store, thing, "max_call_duration reached"))
    return thing


def later(now: datetime, seconds: float, stretch: float) -> datetime:
    """Return the time on the fake's clock when some seconds of a conversation have passed."""
    try:
        return now + timedelta(seconds=min(max(seconds, 0), _LONGEST * 24) * stretch)
    except OverflowError:  # beyond the year 9999
        return datetime.max.replace(tzinfo=UTC)


def _uses_livekit(persona: Thing | None) -> bool:
    """Return True if conversations with the persona are in rooms of LiveKit."""
    transport = ((persona.fields.get("layers") if persona else None) or {}).get("transport")
    return isinstance(transport, dict) and transport.get("transport_type") == "livekit"


def end(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Close a room; a closed one stays closed."""
    close(store, find(store, call), "end_conversation_endpoint_hit", call.now)
    return finished(call)


def _join(store: ObjectStore, thing: Thing, at: datetime) -> None:
    if thing.fields["status"] == "active":
        _tell(store, thing, "system.replica_joined", {}, at)


def _miss(store: ObjectStore, thing: Thing, at: datetime) -> None:
    """Close a room that no participant has joined."""
    if "joined" not in thing.fields:
        close(store, thing, "participant_absent_timeout reached", at)


def close(store: ObjectStore, thing: Thing, reason: str, at: datetime) -> None:
    """Close a room; a closed one stays closed."""
    if thing.fields["status"] == "ended":
        return
    thing.change({"status": "ended"}, at)
    # Answers and callbacks have different names for it.
    _tell(store, thing, "system.shutdown", {"reason": reason}, at, {"shutdown_reason": reason})
    greeting = thing.fields.get("custom_greeting")
    spoken = [{"role": "assistant", "content": greeting}] if greeting else []
    transcript = [*spoken, *thing.fields["transcript"]]
    learn(store, thing, at)
    _tell(store, thing, "application.transcription_ready", {"transcript": transcript}, at)


def _tell(
    store: ObjectStore,
    thing: Thing,
    event_type: str,
    properties: dict[str, Any],
    at: datetime,
    told: dict[str, Any] | None = None,
) -> None:
    """Record an event, and send a callback."""
    replica = {"replica_id": thing.fields["replica_id"]}
    body = event(thing, event_type, {**replica, **(told or properties)}, at)
    noted = {"event_type": event_type, "timestamp": body["timestamp"], "properties": {**replica, **properties}}
    thing.fields["events"].append(noted)
    store.call(thing, {**body, "conversation_id": thing.id}, at)


# The canvas


def record(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Record a participant's action; once for each ``interaction_id``."""
    thing = find(store, call)
    if thing.fields["status"] != "active":
        raise Refusal(400, "Conversation is not active")
    throttle(thing, "canvas_requests", call)
    thing.fields.setdefault("interactions", {}).setdefault(call.body["interaction_id"], call.body)
    return finished(call, {"success": True})


def interactions(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return the actions of participants."""
    noted = list(find(store, call).fields.get("interactions", {}).values())
    return finished(call, {"data": noted, "total_count": len(noted)})


# Deployments


def versioned(verb: Verb) -> Verb:
    """Return the version of the deployment, and only change the version that ``If-Match`` names."""

    def act(store: ObjectStore, call: FakeCall) -> FakeResponse:
        wanted = call.headers.get("if-match")
        named = {name.strip() for name in wanted.split(",")} if wanted is not None else {"*"}
        thing = find(store, call)
        if call.operation.method == "PATCH" and named.isdisjoint({"*", _version(thing)}):
            raise Refusal(412, "The deployment has changed", reason="if-match: names another version")
        response = verb(store, call)
        return evolve(response, headers={**response.headers, "etag": _version(thing)})

    return act


def _version(thing: Thing) -> str:
    return f'"{sha256(json.dumps(thing.fields, sort_keys=True).encode()).hexdigest()[:16]}"'


def visit(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return the data that a page needs before a conversation."""
    thing = _public(store, call)
    names = ("deployment_id", "pal_id", "name", "channel", "status", "has_password", "customization")
    return finished(call, thing.view(names, call.now))


def start(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Open a room for a visitor."""
    deployment = _public(store, call)
    request = known(call)
    password = deployment.fields.get("password")
    if password and request.pop("password", None) != password:
        raise Refusal(400, "Invalid password")
    check_references(store, DEPLOYMENT, request)
    given = {"persona_id": deployment.fields["persona_id"], **request, "deployment_id": deployment.id}
    thing = _open(store, call, store.create(CONVERSATION, given, call.now, strange(call)))
    used = deployment.fields
    used.update(usage_total=used["usage_total"] + 1, usage_today=used["usage_today"] + 1)
    midnight = call.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    store.plan(midnight, deployment, lambda at: used.update(usage_today=0))
    return finished(call, shown(call, thing))


def end_visit(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Close a visitor's room."""
    deployment = _public(store, call)
    thing = store.find(CONVERSATION, call.ids[1])
    if thing is None or thing.fields.get("deployment_id") != deployment.id:
        raise unknown(call, 1)
    close(store, thing, "end_conversation_endpoint_hit", call.now)
    return finished(call)


def _public(store: ObjectStore, call: FakeCall) -> Thing:
    """Return the deployment, if the page's visitors may see it.

    Raises:
        Refusal: They may not.
    """
    thing = find(store, call)
    allowed, origin = thing.fields["allowed_origins"], call.headers.get("origin")
    if thing.fields["status"] in ("draft", "inactive") or (allowed and origin is not None and origin not in allowed):
        raise unknown(call)
    return thing
