"""The control interface of the served fake: tests control and inspect it with JSON under ``/__fake__/``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote

from tavus_consent import ConfigurationError

from ._messages import FakeRequest, FakeResponse, answer
from ._stock import resource_of
from .faults import Fault

if TYPE_CHECKING:
    from ._service import FakeService

PREFIX: Final = "/__fake__/"

_IN_ROOM: Final = re.compile("conversations/(?P<id>[^/]+)/(?P<command>[a-z]+)")


def handle(fake: FakeService, request: FakeRequest) -> FakeResponse:
    """Handle a request to the control interface. It needs no key; the caller has already checked access."""
    name = request.path.removeprefix(PREFIX)
    found = _IN_ROOM.fullmatch(name)
    known = _COMMANDS.get(f"conversations/{{id}}/{found['command']}" if found else name)
    if known is None:
        return answer(404, {"error": f"the commands are {', '.join(_COMMANDS)}"})
    method, command = known
    if found:
        command = partial(command, conversation_id=unquote(found["id"]))
    if request.method != method:
        return FakeResponse(405, {"allow": method})
    try:
        arguments = request.json() if request.body else dict(parse_qsl(request.query))
        if not isinstance(arguments, dict):
            return answer(400, {"error": "the body must be a JSON object"})
        return answer(200, command(fake, **arguments))
    except (ConfigurationError, TypeError, ValueError) as error:
        return answer(400, {"error": str(error)})


def _advance(fake: FakeService, **amounts: float) -> dict[str, Any]:
    fake.advance(**amounts)
    return {"now": fake.now.isoformat()}


def _faults(fake: FakeService, *, times: int = 1, operation: str | None = None, **fault: Any) -> dict[str, Any]:
    fake.inject(Fault(**fault), times=times, operation=operation)
    return {}


def _fail_training(fake: FakeService, *, error: str, replica_id: str | None = None) -> dict[str, Any]:
    fake.fail_training(error, replica_id=replica_id)
    return {}


def _fail(fake: FakeService, *, kind: str, error: str, id: str | None = None) -> dict[str, Any]:
    fake.fail(kind, error, id=id)
    return {}


def _objects(fake: FakeService, *, kind: str, **fields: Any) -> dict[str, Any]:
    return fake.add(kind, **fields)


def _join(fake: FakeService, *, conversation_id: str, name: str | None = None) -> dict[str, Any]:
    return {"participant_id": fake.join(conversation_id, name=name)}


def _say(fake: FakeService, *, conversation_id: str, text: str, role: str = "user") -> dict[str, Any]:
    fake.say(conversation_id, text, role=role)
    return {}


def _leave(fake: FakeService, *, conversation_id: str, participant_id: str | None = None) -> dict[str, Any]:
    fake.leave(conversation_id, participant_id=participant_id)
    return {}


def _callbacks(fake: FakeService) -> dict[str, Any]:
    return {
        "data": [
            {"url": callback.url, "body": callback.body, "at": callback.at.isoformat(), "delivery": callback.delivery}
            for callback in fake.callbacks
        ]
    }


def _requests(fake: FakeService) -> dict[str, Any]:
    names = ("method", "path", "operation", "status", "reason", "warnings")
    return {"data": [{name: getattr(request, name) for name in names} for request in fake.requests]}


def _state(fake: FakeService, *, kind: str = "replica", page: str = "0", limit: str = "100") -> dict[str, Any]:
    if not (page.isdecimal() and limit.isdecimal()):
        raise ConfigurationError("page and limit must be numbers")
    objects, total = fake.page_of(kind, int(page), int(limit))
    return {
        "now": fake.now.isoformat(),
        "speed": fake.clock.speed,
        f"{resource_of(kind).noun}s": objects,
        "total_count": total,
    }


def _reset(fake: FakeService) -> dict[str, Any]:
    fake.reset()
    return {}


_COMMANDS: Final[Mapping[str, tuple[str, Callable[..., dict[str, Any]]]]] = {
    "advance": ("POST", _advance),
    "faults": ("POST", _faults),
    "fail-training": ("POST", _fail_training),
    "fail": ("POST", _fail),
    "objects": ("POST", _objects),
    "conversations/{id}/join": ("POST", _join),
    "conversations/{id}/say": ("POST", _say),
    "conversations/{id}/leave": ("POST", _leave),
    "callbacks": ("GET", _callbacks),
    "requests": ("GET", _requests),
    "state": ("GET", _state),
    "reset": ("POST", _reset),
}
