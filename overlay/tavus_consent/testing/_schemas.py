"""Reads schemas of an OpenAPI document: references, fields, types, and members that no schema has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final, NamedTuple
from urllib.parse import quote

ROOT: Final = "urn:tavus"

_INTEGER: Final = re.compile(r"-?[0-9]{1,4000}", re.ASCII)
_NUMBER: Final = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?", re.ASCII)
_BOOLEANS: Final = {"true": True, "false": False}
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~ -]{1,64}")


class Stranger(NamedTuple):
    """A member of a request that the specification does not have."""

    #: its JSON pointer, or its name in the query after a question mark
    pointer: str
    #: the similar name that the specification has, or ``None``
    similar: str | None

    def __str__(self) -> str:
        hint = f"; did you mean {self.similar}?" if self.similar else ""
        return f"{self.pointer}: not in the specification{hint}"


def pointer_to(steps: Iterable[object]) -> str:
    """Return a JSON pointer. Odd names are not shown, because a client may have put a secret there."""
    return "".join(f"/{_shown(step)}" for step in steps)


def in_query(name: str) -> str:
    """Return the place of a query parameter."""
    return f"?{_shown(name)}"


def _shown(step: object) -> str:
    name = str(step).replace("~", "~0").replace("/", "~1")
    return name if _PLAIN.fullmatch(name) else "(odd name)"


def strangers(
    document: Mapping[str, Any], schemas: Iterable[Mapping[str, Any]], value: Any, place: tuple[object, ...] = ()
) -> Iterator[Stranger]:
    """Yield the members of a value, at any depth, that none of the schemas for it has."""
    branches = list(_branches(document, schemas))
    if isinstance(value, list):
        items = [branch["items"] for branch in branches if "items" in branch]
        for index, item in enumerate(value if items else ()):
            yield from strangers(document, items, item, (*place, index))
    if not isinstance(value, dict):
        return
    known: dict[str, list[Mapping[str, Any]]] = {}
    for branch in branches:
        for name, schema in branch.get("properties", {}).items():
            known.setdefault(name, []).append(schema)
    others = [branch["additionalProperties"] for branch in branches if branch.get("additionalProperties")]
    for name, inner in value.items() if known or others else ():
        if name in known or others:
            found = known.get(name) or [schema for schema in others if schema is not True]
            yield from strangers(document, found, inner, (*place, name))
        else:
            yield stranger(name, known, pointer_to((*place, name)))


def stranger(name: str, known: Iterable[str], pointer: str) -> Stranger:
    """Return the report of an unknown name."""
    return Stranger(pointer, next(iter(get_close_matches(name[:100], known, n=1)), None))


def _branches(document: Mapping[str, Any], schemas: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for schema in schemas:
        resolved = resolve(document, schema)
        yield resolved
        for word in ("allOf", "anyOf", "oneOf"):
            yield from _branches(document, resolved.get(word, ()))


def resolve(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the target of a node of the document, if it is a reference."""
    while "$ref" in node:
        node = at_place(document, steps_of(node["$ref"]))
    return node


def fields_of(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the named fields of an object schema, including those in its branches."""
    schema = resolve(document, schema)
    yield from schema.get("properties", {}).items()
    for word in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(word, ()):
            yield from fields_of(document, branch)


def takes_null(document: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    """Return True if a schema accepts null."""
    schema = resolve(document, schema)
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if branches:
        return any(takes_null(document, branch) for branch in branches)
    return "type" not in schema or "null" in schema["type"]


def follow(document: Mapping[str, Any], place: tuple[str, ...]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Return the node at a place, and its actual place."""
    node = at_place(document, place)
    while "$ref" in node:
        place = steps_of(node["$ref"])
        node = at_place(document, place)
    return node, place


def steps_of(reference: str) -> tuple[str, ...]:
    """Return the steps of a reference into the document."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in reference.removeprefix("#/").split("/"))


def at_place(document: Mapping[str, Any], place: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the node at a place of the document."""
    node: Any = document
    for step in place:
        node = node[int(step)] if isinstance(node, list) else node[step]
    found: Mapping[str, Any] = node
    return found


def reference(*place: str) -> dict[str, str]:
    """Return a reference to a schema in the document, so that its own references keep their meaning."""
    return {"$ref": f"{ROOT}#/" + "/".join(quote(step.replace("~", "~0").replace("/", "~1")) for step in place)}


def types_of(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the types that a schema names."""
    types = schema.get("type", ())
    return frozenset([types] if isinstance(types, str) else types)


def typed(text: str, types: frozenset[str]) -> Any:
    """Return the value of a text; a malformed one stays text."""
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return json.loads(text)
    if "boolean" in types:
        return _BOOLEANS.get(text, text)
    return text
