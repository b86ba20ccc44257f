"""What each operation does to the objects: a few verbs, and the table that says which operation is which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from ._messages import FakeResponse, answer
from ._resources import REPLICA, Resource
from ._store import Store


@frozen
class Call:
    """A valid request for an operation."""

    resource: Resource
    #: the values in the path, in their order
    ids: tuple[str, ...]
    query: Mapping[str, Any]
    body: Any
    now: datetime
    #: how long the work takes that a create starts
    takes: timedelta


def invalid(what: str) -> FakeResponse:
    """The answer to a request that is not acceptable."""
    return answer(400, {"error": f"Invalid {what}"})


def _create(store: Store, call: Call) -> FakeResponse:
    thing = store.create(call.resource, call.body, call.now, call.takes)
    return answer(200, thing.view(call.resource.created, call.now))


def _list(store: Store, call: Call) -> FakeResponse:
    names = _shown(call, call.resource.listed)
    things, count = store.page(call.resource, call.query)
    return answer(200, {"data": [thing.view(names, call.now) for thing in things], "total_count": count})


def _get(store: Store, call: Call) -> FakeResponse:
    thing = store.find(call.resource, call.ids[0])
    if thing is None:
        return invalid(call.resource.id_field)
    return answer(200, thing.view(_shown(call, call.resource.read), call.now))


def _rename(store: Store, call: Call) -> FakeResponse:
    thing = store.find(call.resource, call.ids[0], own=True)
    if thing is None:
        return invalid(call.resource.id_field)
    thing.change({call.resource.name_field: call.body[call.resource.name_field]}, call.now)
    return FakeResponse(200)


def _delete(store: Store, call: Call) -> FakeResponse:
    thing = store.find(call.resource, call.ids[0], own=True)
    if thing is None:
        return invalid(call.resource.id_field)
    store.delete(thing)
    return FakeResponse(200)


def _shown(call: Call, names: tuple[str, ...]) -> tuple[str, ...]:
    return names + call.resource.verbose if call.query.get("verbose") else names


#: by operationId
ACTIONS: Final[Mapping[str, tuple[Callable[[Store, Call], FakeResponse], Resource]]] = {
    "createReplica": (_create, REPLICA),
    "listReplicas": (_list, REPLICA),
    "getReplica": (_get, REPLICA),
    "renameReplica": (_rename, REPLICA),
    "deleteReplica": (_delete, REPLICA),
}
