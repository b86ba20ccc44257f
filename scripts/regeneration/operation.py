"""What the templates must know of one operation, taken from the specification once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from .python_names import method_name, namespace_name
from .python_types import Schemas, is_object
from .schemas import operations

PATCH_KEYS: Final = frozenset({"op", "path"})
_PAGING: Final = {
    "first": 1,
    "page": "page",
    "limit": "limit",
    "size": 10,
    "items": "data",
    "total": "total_count",
}


class Answer(NamedTuple):
    """What a method gives.

    Attributes:
        schema: Schema of it, or None when there is nothing.
        inside: Member of the answer that holds it, or None when it is the answer.
    """

    schema: Any
    inside: str | None = None


class Endpoint(NamedTuple):
    """One operation.

    Attributes:
        identifier: Its operationId.
        namespace: Its namespace.
        method: Its method in the namespace.
        verb: HTTP method in small letters.
        path: Path template.
        operation: The operation itself.
        parameters: Its parameters, references resolved.
        body: Schema of the request body, flat, or None.
        media_type: Media type of the request body, or None.
        body_required: Whether there must be a body.
        answer: What it gives.
        paging: ``x-paging``, or what the parameters say, or None when it does not page.
        unchanged: Whether it may answer 304.
    """

    identifier: str
    namespace: str
    method: str
    verb: str
    path: str
    operation: dict[str, Any]
    parameters: list[dict[str, Any]]
    body: dict[str, Any] | None
    media_type: str | None
    body_required: bool
    answer: Answer
    paging: dict[str, Any] | None
    unchanged: bool

    @property
    def is_json_patch(self) -> bool:
        """Whether it takes a JSON Patch: an array of operations."""
        if self.body is None or self.verb != "patch" or self.body.get("type") != "array":
            return False
        items = self.body.get("items")
        return isinstance(items, dict) and items.get("properties", {}).keys() >= PATCH_KEYS


def endpoints(document: dict[str, Any]) -> list[Endpoint]:
    """Every operation, sorted by namespace and path."""
    schemas = Schemas(document)
    made = [_endpoint(schemas, path, verb, operation) for path, verb, operation in operations(document)]
    return sorted(made, key=lambda one: (one.namespace, one.path, one.verb))


def media(content: Mapping[str, Any], *kinds: str) -> tuple[str, Any] | None:
    """The first media type of the kinds, and its schema."""
    for kind in kinds:
        for media_type, value in content.items():
            if media_type.split(";")[0].strip().lower().endswith(kind):
                return media_type, value.get("schema", {})
    return None


def request_body(schemas: Schemas, operation: Mapping[str, Any]) -> tuple[str, Any, bool] | None:
    """Media type and schema of the request body, and whether it must be sent; None when there is none."""
    request, _ = schemas.resolve(operation.get("requestBody", {}))
    found = media(request.get("content", {}), "multipart/form-data", "json", "form-urlencoded", "")
    return None if found is None else (*found, bool(request.get("required")))


def _endpoint(schemas: Schemas, path: str, verb: str, operation: dict[str, Any]) -> Endpoint:
    namespace = namespace_name(operation)
    parameters = [schemas.resolve(one)[0] for one in operation.get("parameters", ())]
    body = request_body(schemas, operation)
    flat = None
    if body is not None:
        flat = schemas.flat(body[1])[0]
        if flat.get("type") == "array":
            flat = {**flat, "items": schemas.flat(flat.get("items", {}))[0]}
    answer = _answer(schemas, operation)
    return Endpoint(
        identifier=operation["operationId"],
        namespace=namespace,
        method=method_name(verb, path, operation, namespace),
        verb=verb,
        path=path,
        operation=operation,
        parameters=parameters,
        body=flat,
        media_type=body[0] if body else None,
        body_required=bool(body and body[2]),
        answer=_unwrapped(schemas, verb, path, answer),
        paging=_paging(schemas, verb, operation, parameters, answer),
        unchanged="304" in operation["responses"],
    )


def _answer(schemas: Schemas, operation: Mapping[str, Any]) -> Any:
    for status, response in sorted(operation["responses"].items()):
        if status.startswith("2"):
            found = media(schemas.resolve(response)[0].get("content", {}), "json")
            if found is not None:
                return found[1]
    return None


def _unwrapped(schemas: Schemas, verb: str, path: str, answer: Any) -> Answer:
    """An item in an envelope that holds nothing else (``{"data": {...}}``, ``{"data": [{...}]}``), taken out of it."""
    flat = schemas.flat(answer)[0] if answer is not None else {}
    if verb == "get" and path.endswith("}") and flat.get("properties", {}).keys() == {"data"}:
        inner = schemas.flat(flat["properties"]["data"])[0]
        if inner.get("type") == "array":
            inner_schema = inner.get("items", {})
            if is_object(schemas.flat(inner_schema)[0]):
                return Answer(inner_schema, "data")
        elif is_object(inner):
            return Answer(flat["properties"]["data"], "data")
    return Answer(answer)


def _paging(
    schemas: Schemas, verb: str, operation: Mapping[str, Any], parameters: list[dict[str, Any]], answer: Any
) -> dict[str, Any] | None:
    query = {one["name"]: schemas.flat(one.get("schema", {}))[0] for one in parameters if one["in"] == "query"}
    given = operation.get("x-paging")
    if isinstance(given, dict):
        paging = {
            "first": 1,
            "page": "page",
            "limit": "limit",
            "size": 10,
            "items": "data",
            "total": "total_count",
            **given,
        }
        paging["page"] = paging["page"] if paging["page"] in query else None
        paging["limit"] = paging["limit"] if paging["limit"] in query else None
        return paging
    flat = schemas.flat(answer)[0] if answer is not None else {}
    inner = schemas.flat(flat.get("properties", {}).get("data", {}))[0]
    if verb != "get" or not {"page", "limit"} <= query.keys() or inner.get("type") != "array":
        return None
    first, size = query["page"].get("default", 1), query["limit"].get("default", 10)
    return {
        "first": first if first in (0, 1) else 1,
        "page": "page",
        "limit": "limit",
        "size": size if isinstance(size, int) else 10,
        "items": "data",
        "total": "total_count" if "total_count" in flat["properties"] else None,
    }


def items_schema(schemas: Schemas, endpoint: Endpoint) -> Any:
    """Schema of the items of a list that pages."""
    schema = _answer(schemas, endpoint.operation)
    where = (endpoint.paging or {}).get("items")
    for part in where.split(".") if where else ():
        schema = schemas.flat(schema)[0].get("properties", {}).get(part, {})
    flat = schemas.flat(schema)[0]
    return flat.get("items", {})
