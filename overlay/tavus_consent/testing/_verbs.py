"""The verbs of all kinds of objects: create, list, get, rename, patch, delete."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from attrs import evolve, frozen

from ._dialect import Dialect
from ._messages import FakeResponse, answer, is_too_deep
from ._operations import FakeOperation, Shape
from ._patching import InvalidPatch, apply, same
from ._resources import NOTHING, Resource, stored
from ._schemas import Stranger, pointer_to, stranger
from ._store import ObjectStore
from ._things import Thing
from ._validation import InvalidRequest


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
    dialect: Dialect
    #: True if members that the specification does not have are refused
    strict: bool
    #: what was accepted although the specification does not have it
    warnings: list[str]

    def admit(self, found: Iterable[Stranger]) -> None:
        """Note members that the specification does not have, or refuse them."""
        admit(found, self.warnings, strict=self.strict)


#: the longest patch of which the fake looks for the operation that fails
_SHORT_PATCH: Final = 50

Verb = Callable[[ObjectStore, FakeCall], FakeResponse]


class Refusal(Exception):
    """The request is valid but not acceptable.

    Attributes:
        status: The status of the answer.
        text: The text of the answer; ``None`` for the example of the specification.
        reason: The place in the request, and what is wrong with it; ``None`` for the text of the answer.
        retry_after: Seconds until the same request may be acceptable, or ``None``.
        more: Further members of the answer.
    """

    def __init__(
        self,
        status: int,
        text: str | None = None,
        *,
        reason: str | None = None,
        retry_after: int | None = None,
        more: Mapping[str, Any] = NOTHING,
    ) -> None:
        super().__init__(status, text)
        self.status = status
        self.text = text
        self.reason = reason
        self.retry_after = retry_after
        self.more = more


def admit(found: Iterable[Stranger], warnings: list[str], *, strict: bool) -> None:
    """Note members that the specification does not have.

    Raises:
        Refusal: They are refused.
    """
    for each in found:
        if strict:
            name = each.pointer.lstrip("?/").partition("/")[0]
            raise Refusal(400, f"Invalid {name}", reason=str(each))
        warnings.append(str(each))


def refuse(operation: FakeOperation, refusal: Refusal) -> FakeResponse:
    """Return the answer to a refused request, in the documented form of the operation."""
    name, example = operation.error(refusal.status)
    text = refusal.text or example or HTTPStatus(refusal.status).phrase
    response = evolve(answer(refusal.status, {name: text, **refusal.more}), reason=refusal.reason or str(text))
    if refusal.retry_after is None:
        return response
    return evolve(response, headers={**response.headers, "retry-after": str(refusal.retry_after)})


def unknown(call: FakeCall, position: int = 0) -> Refusal:
    """Return the refusal of an id in the path."""
    name = call.operation.path_names[position]
    reason = f"path: no object has this {name}, or it is not yours"
    if "404" in call.operation.responses:
        return Refusal(404, reason=reason)
    return Refusal(400, f"Invalid {name}", reason=reason)


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
        changes = call.operation.method in ("DELETE", "PATCH")
        return FakeResponse((changes and call.dialect.delete_status) or call.operation.success)
    return answer(call.operation.success, value)


def shown(call: FakeCall, thing: Thing, shape: Shape | None = None) -> dict[str, Any]:
    """Return an object as the answer of an operation shows it."""
    shape = shape or call.operation.shape
    resource = thing.resource
    hidden = () if call.query.get("verbose") else resource.verbose
    hidden += resource.hidden.get(call.operation.operation_id, ())
    view = thing.view(tuple(name for name in shape.names if stored(name) not in hidden), call.now)
    view = {name: value for name, value in view.items() if value is not None or name not in shape.solid}
    if isinstance(view.get("data"), list) and view["data"]:
        view = _parted(view, thing)
    return {**thing.extra, **view}


def check_references(store: ObjectStore, resource: Resource, fields: Mapping[str, Any]) -> None:
    """Check that the objects exist that a request names.

    Raises:
        Refusal: One of them does not.
    """
    for name, value in fields.items():
        known = resource.references.get(stored(name))
        if known and value is not None and store.find(known[0], value) is None:
            reason = f"{pointer_to([name])}: there is no such {known[0].noun}"
            raise Refusal(400, f"Invalid {known[1]}", reason=reason)


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
    """Create an object from a request."""
    request = known(call)
    check(store, call.resource, request)
    return store.create(call.resource, request, call.now, strange(call))


def known(call: FakeCall) -> dict[str, Any]:
    """Return the request fields in the specification."""
    return {name: value for name, value in (call.body or {}).items() if name in call.operation.body_fields}


def strange(call: FakeCall) -> dict[str, Any]:
    """Return the other request fields: they are kept and shown, but mean nothing."""
    return {name: value for name, value in (call.body or {}).items() if name not in call.operation.body_fields}


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

    Personas are wrapped in a list, sets of objectives and guardrails in an object, or in a list if they have several
    parts; PALs and single guardrails, which are newer, have no envelope.
    """
    shape, inner = call.operation.shape, call.operation.inner_shapes.get("data")
    if inner is None or "data" in thing.resource.derived:
        return shown(call, thing)
    if len(shape.names) > 1 and not thing.fields.get("data"):
        return {name: value for name, value in shown(call, thing).items() if name != "data"}
    view = shown(call, thing, inner)
    parts = view.get("data")
    if call.dialect.envelope == "flat":
        return view
    return {"data": parts or ([view] if inner.is_list else view)}


def _parted(view: dict[str, Any], thing: Thing) -> dict[str, Any]:
    """Return the view of a set with all its parts; with one part, only the members of that part are shown."""
    parts = thing.fields["data"]
    if len(parts) < 2:
        return {name: value for name, value in view.items() if name != "data"}
    common = {name: value for name, value in view.items() if name not in {*parts[0], "data"}}
    return {**view, "data": [{**common, **part} for part in parts]}


def list_(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return a page of the objects."""
    paging = call.operation.paging or {}
    items, total = paging.get("items", "data"), paging.get("total", "total_count")
    first, size = paging.get("first", 1), paging.get("size", call.resource.page_size)
    if call.dialect.first_page is not None:
        first = call.dialect.first_page
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
    thing.keep(strange(call))
    return finished(call, wrapped(call, thing))


def patch(creates: str) -> Verb:
    """Change an object with a JSON Patch. Its document is a request of the named create."""

    def change(store: ObjectStore, call: FakeCall) -> FakeResponse:
        thing = find(store, call, own=True)
        create_operation = call.operations[creates]
        before = {name: thing.fields.get(stored(name)) for name in sorted(create_operation.body_fields)}
        after = _patched(call, {**before, **thing.extra})
        given = {name: after[name] for name in before if after.get(name) is not None}
        extra = {name: after[name] for name in thing.extra if name in after}
        try:
            create_operation.check_body(given)
        except InvalidRequest as error:
            raise Refusal(400, f"Invalid {error.what}", reason=f"after the patch, {error.reason}") from None
        known_before = set(create_operation.strangers("", before))
        call.admit(one for one in create_operation.strangers("", given) if one not in known_before)
        if same(
            [given, extra], [{name: value for name, value in before.items() if value is not None}, dict(thing.extra)]
        ):
            return FakeResponse(304, reason="the patch changes nothing")
        check(store, call.resource, given)
        thing.change({name: given.get(name, call.resource.defaults.get(stored(name))) for name in before}, call.now)
        thing.extra = extra
        if call.operation.shape.names == ("message",):
            return finished(call, {"message": f"{call.resource.noun} updated"})
        return finished(call, wrapped(call, thing))

    return change


def _patched(call: FakeCall, document: dict[str, Any]) -> dict[str, Any]:
    """Return the document after the patch.

    Raises:
        Refusal: The patch is malformed or cannot be applied, or adds members that the document cannot have.
    """
    status = 422 if "422" in call.operation.responses else 400
    steps = [_step(step, document, call) for step in call.body]
    try:
        after = apply(document, steps)
    except (InvalidPatch, RecursionError):
        raise Refusal(status, reason=f"{_failing(document, steps)}: cannot be applied to the object") from None
    if not isinstance(after, dict) or is_too_deep(after):
        raise Refusal(status, reason="after the patch, the object is not an object, or nested too deeply")
    for name in sorted(after.keys() - document.keys()):
        raise Refusal(status, reason=str(stranger(name, document, pointer_to([name]))))
    return after


def _failing(document: dict[str, Any], steps: list[dict[str, Any]]) -> str:
    """Return the pointer of the first operation that cannot be applied; of a long patch, the pointer of the whole."""
    for index in range(min(len(steps), _SHORT_PATCH)):
        try:
            apply(document, steps[: index + 1])
        except (InvalidPatch, RecursionError):
            return pointer_to([index])
    return "the patch"


def _step(step: dict[str, Any], document: dict[str, Any], call: FakeCall) -> dict[str, Any]:
    """Return an operation of a patch as the document has its names, and as Tavus's own examples mean its value."""
    found = {
        name: _located(value, document, call) if name in ("path", "from") else value for name, value in step.items()
    }
    # The example in the documentation sets a boolean to a text.
    if str(found.get("path")).endswith("/tts_emotion_control") and found.get("value") in ("true", "false"):
        found["value"] = found["value"] == "true"
    return found


def _located(pointer: Any, document: Mapping[str, Any], call: FakeCall) -> Any:
    """Return a pointer into the document, from one with older or newer names, or names of a set's first object."""
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        return pointer
    # The example in the documentation has a name that no guardrail has.
    if call.resource.noun == "guardrails":
        pointer = pointer.replace("/guardrails_prompt", "/guardrail_prompt")
    first, slash, rest = pointer[1:].partition("/")
    if document.get("data") and first in call.resource.derived:
        return f"/data/0{pointer}"
    same_field = (name for name in document if stored(name) == stored(first))
    return f"/{next(same_field, first)}{slash}{rest}"


def delete(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Remove an object."""
    store.delete(find(store, call, own=True), call.now)
    return finished(call)
