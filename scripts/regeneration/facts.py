"""What a specification asks and promises, field by field: types, and what is required. No descriptions, no limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .schemas import operations

# A schema that holds itself ends here.
_DEEPEST = 24


class Operation(NamedTuple):
    """An operation by what is sent: method in capitals, and path."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Fact(NamedTuple):
    """What is known of the value in a place.

    Attributes:
        types: JSON types; empty when any is allowed.
        required: It has to be there. Of an answer, always: nothing is promised there that could be missed.
    """

    types: frozenset[str]
    required: bool


def facts(document: dict[str, Any]) -> dict[Operation, dict[tuple[str, ...], Fact]]:
    """Every operation of a document of OpenAPI 3.1, with its parameters, fields and status codes.

    A place is a tuple: ``("query", name)``, ``("body",)`` or ``("response", status)``, then names from the outside in,
    ``[]`` for the items of a list. That null may come is no fact of an answer: answers are read with tolerance.
    """
    return {
        Operation(method.upper(), path): dict(_operation(document, operation))
        for path, method, operation in operations(document)
    }


def _operation(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Fact]]:
    for node in operation.get("parameters", ()):
        parameter = _resolve(document, node)
        types = _types(_resolve(document, parameter.get("schema", {})))
        yield (parameter["in"], parameter["name"]), Fact(types, parameter.get("required") is True)
    if "requestBody" in operation:
        body = _resolve(document, operation["requestBody"])
        for place, fact in _contents(document, body, ("body",)):
            yield place, fact._replace(required=body.get("required") is True) if place == ("body",) else fact
    for status, node in operation["responses"].items():
        for place, fact in _contents(document, _resolve(document, node), ("response", str(status))):
            yield place, Fact(fact.types - {"null"}, required=True)


def _contents(
    document: dict[str, Any], node: dict[str, Any], place: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Fact]]:
    contents = node.get("content", {})
    if not contents:
        yield place, Fact(frozenset({"no body"}), required=True)
    for media in contents.values():
        yield from _walk(document, media.get("schema", {}), place, required=True)


def _walk(
    document: dict[str, Any], schema: Any, place: tuple[str, ...], *, required: bool
) -> Iterator[tuple[tuple[str, ...], Fact]]:
    schema = _merged(document, schema)
    yield place, Fact(_types(schema), required)
    if len(place) > _DEEPEST:
        return
    needed = schema.get("required", ())
    for name, value in schema.get("properties", {}).items():
        yield from _walk(document, value, (*place, name), required=name in needed)
    if isinstance(schema.get("items"), dict):
        yield from _walk(document, schema["items"], (*place, "[]"), required=True)


def _merged(document: dict[str, Any], schema: Any) -> dict[str, Any]:
    """A schema with references followed, and what stands in choices and beside them laid over each other."""
    if not isinstance(schema, dict):
        return {}
    own = {key: value for key, value in schema.items() if key not in ("$ref", "allOf", "anyOf", "oneOf")}
    parts = [_resolve(document, {"$ref": schema["$ref"]})] if "$ref" in schema else []
    for key in ("allOf", "anyOf", "oneOf"):
        parts += schema.get(key, ())
    for part in parts:
        other = _merged(document, part)
        properties = {**other.get("properties", {}), **own.get("properties", {})}
        types = sorted(_types(other) | _types(own))
        own = {**other, **own} | ({"properties": properties} if properties else {}) | ({"type": types} if types else {})
    return own


def _types(schema: Any) -> frozenset[str]:
    if not isinstance(schema, dict):
        return frozenset()
    kinds = schema.get("type", ["object"] if "properties" in schema else [])
    return frozenset([kinds] if isinstance(kinds, str) else kinds)


def _resolve(document: dict[str, Any], node: Any) -> Any:
    for _ in range(_DEEPEST):
        if not (isinstance(node, dict) and "$ref" in node):
            break
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node
