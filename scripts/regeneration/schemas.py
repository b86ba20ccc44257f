"""Traversal of the schemas of an OpenAPI document, and the move of named schemas to components."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from .problems import RegenerationError, fail

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
NAME_KEY = "x-schema-name"
RETRY_KEY = "x-retry"
CONSENT_KEY = "x-consent"
NOT_DONE_KEY = "x-not-done"
PREFIX = "#/components/schemas/"

_ONE = (
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties")
# Keywords that describe a value but do not affect its validity.
_ANNOTATIONS = frozenset({"default", "deprecated", "description", "example", "examples", "externalDocs", "title"})


class Slot(NamedTuple):
    """A place that contains a schema: ``holder[key]``, at the path ``where``."""

    holder: Any
    key: Any
    where: str

    @property
    def schema(self) -> Any:
        """The current schema in this place."""
        return self.holder[self.key]


def _entries(node: Any, where: str) -> Iterator[tuple[Any, str]]:
    """Yield the values of a mapping, each with its path."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield value, f"{where}/{key}"


def places(node: Any, where: str = "") -> Iterator[tuple[Any, str]]:
    """Yield every node of a document with its place, parents first."""
    yield node, where
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(value, f"{where}/{key}")


def media_type(name: str) -> str:
    """Return a media type without its parameters."""
    return name.partition(";")[0].strip().lower()


def is_json(name: str) -> bool:
    """Return whether bodies of a media type are JSON."""
    return media_type(name) == "application/json" or media_type(name).endswith("+json")


def components_of(document: dict[str, Any], roots: Iterable[Any]) -> set[str]:
    """Return the names of the component schemas that the roots refer to, directly or indirectly."""
    schemas = document.get("components", {}).get("schemas", {})
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        for node, _ in places(waiting.pop()):
            name = component_of(node)
            if name in schemas and name not in found:
                found.add(name)
                waiting.append(schemas[name])
    return found


def component_of(node: Any) -> str:
    """Return the name of the component schema that a node refers to, or an empty string."""
    reference = node.get("$ref") if isinstance(node, dict) else None
    return reference.removeprefix(PREFIX) if isinstance(reference, str) and reference.startswith(PREFIX) else ""


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and operation, in the order of the document."""
    for path, item in document.get("paths", {}).items():
        for method in item:
            if method in METHODS:
                yield path, method, item[method]


def resolve(document: dict[str, Any], node: Any) -> Any:
    """Return the target of a node's reference within the document, or the node itself."""
    seen = 0
    while isinstance(node, dict) and "$ref" in node and seen < 32:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node, seen = target, seen + 1
    return node


def members(document: dict[str, Any], schema: Any, depth: int = 0) -> dict[str, Any]:
    """Return the members of an object, including those from ``allOf``."""
    schema = resolve(document, schema)
    found = dict(schema.get("properties", {})) if isinstance(schema, dict) else {}
    for part in schema.get("allOf", ()) if isinstance(schema, dict) and depth < 8 else ():
        found = members(document, part, depth + 1) | found
    return found


def unlink(document: dict[str, Any]) -> Iterator[str]:
    """Remove links to operations that the document does not have, and yield a note about each."""
    every = list(operations(document))
    known = {operation["operationId"] for _, _, operation in every}
    known |= {f"#/paths/{path.replace('~', '~0').replace('/', '~1')}/{verb}" for path, verb, _ in every}
    for path, verb, operation in every:
        for status, node in operation["responses"].items():
            answer = resolve(document, node)
            links = answer.get("links", {})
            for name, link in list(links.items()):
                target = resolve(document, link)
                to = target.get("operationId") or target.get("operationRef")
                if to not in known:
                    del links[name]
                    yield f"links: {verb} {path}, {status}: {name} is left out, there is no {to}"
            if "links" in answer and not links:
                del answer["links"]


def schema_slots(document: dict[str, Any]) -> Iterator[Slot]:
    """Yield every place of a schema, inner places before outer ones.

    Skip examples, defaults and extensions, because they hold data. So a property or an example value named ``nullable``
    or ``$ref`` never counts as a keyword.
    """
    for item, where in _entries(document.get("paths"), "paths"):
        yield from _in_path_item(item, where)
    components = document.get("components", {})
    for kind, walk in _COMPONENTS.items():
        for value, where in _entries(components.get(kind), f"components/{kind}"):
            yield from walk(value, where)
    named = components.get("schemas", {})
    for name in named:
        yield from _in_slot(Slot(named, name, f"components/schemas/{name}"))


def _in_slot(slot: Slot) -> Iterator[Slot]:
    schema = slot.schema
    if isinstance(schema, dict):
        for key in _ONE:
            if key in schema:
                yield from _in_slot(Slot(schema, key, f"{slot.where}/{key}"))
        for key in _MANY:
            for index in range(len(_formed(schema, key, list))):
                yield from _in_slot(Slot(schema[key], index, f"{slot.where}/{key}/{index}"))
        for key in _NAMED:
            for name in _formed(schema, key, dict):
                yield from _in_slot(Slot(schema[key], name, f"{slot.where}/{key}/{name}"))
    yield slot


def _formed(schema: dict[str, Any], key: str, kind: type[list[Any]] | type[dict[str, Any]]) -> Any:
    value = schema.get(key, kind())
    if not isinstance(value, kind):
        raise TypeError(f"{key} is not a {kind.__name__}")
    return value


def _in_content(node: Any, where: str) -> Iterator[Slot]:
    """Yield the slots of a parameter, header, request body, response or media type."""
    if not isinstance(node, dict):
        return
    if "schema" in node:
        yield from _in_slot(Slot(node, "schema", f"{where}/schema"))
    for kind in ("headers", "content", "encoding"):
        for value, inner in _entries(node.get(kind), f"{where}/{kind}"):
            yield from _in_content(value, inner)


def _in_path_item(item: Any, where: str) -> Iterator[Slot]:
    if not isinstance(item, dict):
        return
    for index, parameter in enumerate(item.get("parameters", ())):
        yield from _in_content(parameter, f"{where}/parameters/{index}")
    for method in METHODS:
        operation = item.get(method)
        if not isinstance(operation, dict):
            continue
        here = f"{where}/{method}"
        for index, parameter in enumerate(operation.get("parameters", ())):
            yield from _in_content(parameter, f"{here}/parameters/{index}")
        yield from _in_content(operation.get("requestBody"), f"{here}/requestBody")
        for response, inner in _entries(operation.get("responses"), f"{here}/responses"):
            yield from _in_content(response, inner)
        for callback, inner in _entries(operation.get("callbacks"), f"{here}/callbacks"):
            yield from _in_callback(callback, inner)


def _in_callback(callback: Any, where: str) -> Iterator[Slot]:
    for item, inner in _entries(callback, where):
        yield from _in_path_item(item, inner)


_COMPONENTS = {
    "parameters": _in_content,
    "headers": _in_content,
    "requestBodies": _in_content,
    "responses": _in_content,
    "callbacks": _in_callback,
    "pathItems": _in_path_item,
}


def name_schemas(document: dict[str, Any], tolerate: Callable[[RegenerationError], None] = fail) -> dict[str, str]:
    """Move every schema with ``x-schema-name`` to components, and leave a reference in its place.

    Schemas with the same name become one component with the properties of all of them. The first description of each
    property wins.

    Args:
        document: The specification, changed in place.
        tolerate: A function that receives an error if schemas with the same name conflict. Then the first one wins.
            Properties that only one of them has are no conflict.

    Returns:
        The original place of each moved schema, by name.
    """
    named: dict[str, tuple[Any, str]] = {}
    for slot in list(schema_slots(document)):
        if not (isinstance(slot.schema, dict) and NAME_KEY in slot.schema):
            continue
        name = slot.schema.pop(NAME_KEY)
        if name in named:
            schema, first = named[name]
            for problem in _unite(schema, slot.schema, name, (first, slot.where)):
                tolerate(problem)
        else:
            named[name] = (slot.schema, slot.where)
        slot.holder[slot.key] = {"$ref": f"#/components/schemas/{name}"}
    components = document.setdefault("components", {}).setdefault("schemas", {}) if named else {}
    for name, (schema, where) in named.items():
        if name in components:
            cause = f"the document has a component called {name} already"
            tolerate(RegenerationError("names", where, cause, "choose another x-schema-name"))
        else:
            components[name] = schema
    return {name: where for name, (_, where) in named.items()}


def _unite(
    into: dict[str, Any], other: dict[str, Any], name: str, places: tuple[str, str]
) -> Iterator[RegenerationError]:
    mine, theirs = into.get("properties", {}), other.get("properties", {})
    differing = [key for key in mine.keys() & theirs.keys() if _bare(mine[key]) != _bare(theirs[key])]
    rest = [{k: v for k, v in _bare(schema).items() if k != "properties"} for schema in (into, other)]
    if differing or rest[0] != rest[1]:
        what = f"the property {min(differing)}" if differing else "more than their properties"
        remedy = "make them equal in an overlay document, or give one of them another x-schema-name"
        yield RegenerationError("names", " and ".join(places), f"both are named {name}, but differ in {what}", remedy)
        return
    for key, value in theirs.items():
        mine.setdefault(key, value)


def _bare(schema: Any) -> Any:
    """Return the schema without keywords that do not affect validity."""
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    bare: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _NAMED and isinstance(value, dict):
            bare[key] = {name: _bare(inner) for name, inner in value.items()}
        elif key not in _ANNOTATIONS and not key.startswith("x-"):
            bare[key] = _bare(value)
    return bare
