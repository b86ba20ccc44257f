"""The verbs of all kinds of objects: create, list, get, rename, patch, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from attrs import evolve, frozen

from ._messages import FakeResponse, answer, is_too_deep
from ._operations import FakeOperation, InvalidRequest, Shape
from ._patching import InvalidPatch, apply, same
from ._resources import NOTHING, Resource, stored
from ._store import ObjectStore
from ._things import Thing


@frozen
class FakeCall:
    """A valid request for an operation."""

    operation: FakeOperation
    #: all operations, by operationId
    operations: Mapping[str, FakeOperation]
    resource: Resource
    #: the values in the path, in their order
    ids: tuple[str, ...]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any
    now: datetime
    #: the duration of a training
    training: timedelta
    #: seconds on the fake's clock per second of a conversation
    stretch: float


Verb = Callable[[ObjectStore, FakeCall], FakeResponse]


class Refusal(Exception):
    """The request is valid but not acceptable.

    Attributes:
        status: The status of the answer.
        text: The text of the answer; ``None`` for the example of the specification.
        retry_after: Seconds until the same request may be acceptable, or ``None``.
        more: Further members of the answer.
    """

    def __init__(
        self,
        status: int,
        text: str | None = None,
        *,
        retry_after: int | None = None,
        more: Mapping[str, Any] = NOTHING,
    ) -> None:
        super().__init__(status, text)
        self.status = status
        self.text = text
        self.retry_after = retry_after
        self.more = more


def refuse(operation: FakeOperation, refusal: Refusal) -> FakeResponse:
    """Return the answer to a refused request, in the documented form of the operation."""
    name, example = operation.error(refusal.status)
    text = refusal.text or example or HTTPStatus(refusal.status).phrase
    response = answer(refusal.status, {name: text, **refusal.more})
    if refusal.retry_after is None:
        return response
    return evolve(response, headers={**response.headers, "retry-after": str(refusal.retry_after)})


def unknown(call: FakeCall, position: int = 0) -> Refusal:
    """Return the refusal of an id in the path."""
    if "404" in call.operation.responses:
        return Refusal(404)
    return Refusal(400, f"Invalid {call.operation.path_names[position]}")


def find(store: ObjectStore, call: FakeCall, resource: Resource | None = None, *, own: bool = False) -> Thing:
    """Return the object that the path names.

    Raises:
        Refusal: There is no such object; with ``own``, stock does not count.
    """
    thing = store.find(resource or call.resource, call.ids[0], own=own)
    if thing is None:
        raise unknown(call)
    return thing


def finished(call: FakeCall, value: Any = None) -> FakeResponse:
    """Return a successful answer; without a body if none is documented."""
    if not call.operation.has_answer:
        return FakeResponse(call.operation.success)
    return answer(call.operation.success, value)


def shown(call: FakeCall, thing: Thing, shape: Shape | None = None) -> dict[str, Any]:
    """Return an object as the answer of an operation shows it."""
    shape = shape or call.operation.shape
    resource = thing.resource
    hidden = () if call.query.get("verbose") else resource.verbose
    hidden += resource.hidden.get(call.operation.operation_id, ())
    view = thing.view(tuple(name for name in shape.names if stored(name) not in hidden), call.now)
    return {name: value for name, value in view.items() if value is not None or name not in shape.solid}


def check_references(store: ObjectStore, resource: Resource, fields: Mapping[str, Any]) -> None:
    """Check that the objects exist that a request names.

    Raises:
        Refusal: One of them does not.
    """
    for name, value in fields.items():
        known = resource.references.get(stored(name))
        if known and value is not None and store.find(known[0], value) is None:
            raise Refusal(400, f"Invalid {known[1]}")


def check(store: ObjectStore, resource: Resource, fields: Mapping[str, Any]) -> None:
    """Check that an object can have these fields.

    Raises:
        Refusal: It cannot, or they name an object that does not exist.
    """
    check_references(store, resource, fields)
    objection = resource.objects({**resource.defaults, **{stored(name): value for name, value in fields.items()}})
    if objection:
        raise Refusal(400, objection)


def make(store: ObjectStore, call: FakeCall) -> Thing:
    """Create an object from the request fields in the specification."""
    request = known(call)
    check(store, call.resource, request)
    return store.create(call.resource, request, call.now)


def known(call: FakeCall) -> dict[str, Any]:
    """Return the request fields in the specification; unknown fields are ignored."""
    return {name: value for name, value in (call.body or {}).items() if name in call.operation.body_fields}


def create(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Create an object, and start the work on it."""
    thing = make(store, call)
    store.start(thing, call.now)
    return finished(call, shown(call, thing))


def get(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return an object, or the object in ``data`` if the specification says so."""
    return finished(call, wrapped(call, find(store, call)))


def wrapped(call: FakeCall, thing: Thing) -> dict[str, Any]:
    """Return an object in the envelope of the answer, if there is one.

    Personas are wrapped in a list, sets of objectives and guardrails in an object; PALs and single guardrails, which
    are newer, have no envelope.
    """
    shape, inner = call.operation.shape, call.operation.inner_shapes.get("data")
    if inner is None or "data" in thing.resource.derived:
        return shown(call, thing)
    if len(shape.names) > 1 and not thing.fields.get("data"):
        return {name: value for name, value in shown(call, thing).items() if name != "data"}
    view = shown(call, thing, inner)
    return {"data": [view] if inner.is_list else view}


def list_(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return a page of the objects."""
    paging = call.operation.paging or {}
    items, total = paging.get("items", "data"), paging.get("total", "total_count")
    first, size = paging.get("first", 1), paging.get("size", call.resource.page_size)
    things, count = store.page(call.resource, call.query, first_page=first, page_size=size)
    inner = call.operation.inner_shapes[items]
    page = {items: [shown(call, thing, inner) for thing in things], total: count}
    said = {"page": call.query.get("page", first), "limit": call.query.get("limit", size)}
    page.update((name, value) for name, value in said.items() if name in call.operation.shape.names)
    return finished(call, page)


def merge(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Change the fields in the request, for example a name."""
    thing = find(store, call, own=True)
    changes = known(call)
    check_references(store, call.resource, changes)
    thing.change(changes, call.now)
    return finished(call, wrapped(call, thing))


def patch(creates: str) -> Verb:
    """Change an object with a JSON Patch. Its document is a request of the named create."""

    def change(store: ObjectStore, call: FakeCall) -> FakeResponse:
        thing = find(store, call, own=True)
        create_operation = call.operations[creates]
        before = {name: thing.fields.get(stored(name)) for name in sorted(create_operation.body_fields)}
        after = _patched(call, before)
        given = {name: value for name, value in after.items() if value is not None}
        try:
            create_operation.check_body(given)
        except InvalidRequest as error:
            raise Refusal(400, f"Invalid {error.what}") from None
        if same(given, {name: value for name, value in before.items() if value is not None}):
            return FakeResponse(304)
        check(store, call.resource, given)
        thing.change({name: given.get(name, call.resource.defaults.get(stored(name))) for name in before}, call.now)
        return finished(call, wrapped(call, thing))

    return change


def _patched(call: FakeCall, document: dict[str, Any]) -> dict[str, Any]:
    """Return the document after the patch.

    Raises:
        Refusal: The patch is malformed or cannot be applied, or adds members that the document cannot have.
    """
    broken = Refusal(422 if "422" in call.operation.responses else 400)
    steps = [
        {name: _located(value, document, call) if name in ("path", "from") else value for name, value in step.items()}
        for step in call.body
    ]
    try:
        after = apply(document, steps)
    except (InvalidPatch, RecursionError):
        raise broken from None
    if not isinstance(after, dict) or not after.keys() <= document.keys() or is_too_deep(after):
        raise broken
    return after


def _located(pointer: Any, document: Mapping[str, Any], call: FakeCall) -> Any:
    """Return a pointer into the document, from one with older or newer names, or names of a set's first object."""
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        return pointer
    first, slash, rest = pointer[1:].partition("/")
    if document.get("data") and first in call.resource.derived:
        return f"/data/0{pointer}"
    same_field = (name for name in document if stored(name) == stored(first))
    return f"/{next(same_field, first)}{slash}{rest}"


def delete(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Remove an object."""
    store.delete(find(store, call, own=True), call.now)
    return finished(call)
