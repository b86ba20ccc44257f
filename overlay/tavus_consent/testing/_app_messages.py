"""App messages to conversations, and the rate limits of a conversation."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Final

from ._messages import FakeResponse
from ._store import ObjectStore
from ._things import Thing
from ._verbs import FakeCall, Refusal, find, finished

MESSAGE_BYTES: Final = 65_536
#: Requests of one kind that a conversation takes in a period.
REQUESTS: Final = 120
PERIOD: Final = timedelta(minutes=1)


def send(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Accept an app message. The fake keeps it in ``app_messages`` of the conversation; no PAL acts on it."""
    thing = find(store, call)
    if thing.fields["status"] != "active":
        raise Refusal(400)
    if len(json.dumps(call.body, ensure_ascii=False, separators=(",", ":")).encode()) > MESSAGE_BYTES:
        raise Refusal(413)
    throttle(thing, "app_message_requests", call)
    thing.fields.setdefault("app_messages", []).append(call.body)
    return finished(call)


def throttle(thing: Thing, counter: str, call: FakeCall) -> None:
    """Count a request to a conversation.

    Raises:
        Refusal: There were too many in the last minute.
    """
    recent = [at for at in thing.fields.get(counter, ()) if at > call.now - PERIOD]
    thing.fields[counter] = recent
    if len(recent) >= REQUESTS:
        left = recent[0] + PERIOD - call.now
        raise Refusal(429, "Too many requests", retry_after=-(-left // timedelta(seconds=1)))
    recent.append(call.now)
