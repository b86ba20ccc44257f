"""A corpus of small specification fragments: the generator supports each one faithfully, or rejects it.

``test_carry.py`` checks both kinds with ``regeneration.carry``. ``test_fragments.py`` generates a package of all
supported fragments and sends them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

TAG = "Fragments"


class Fragment(NamedTuple):
    """One operation.

    Attributes:
        name: Small letters and underscores; the method is called so.
        why: What goes wrong with it, or could.
        operation: What is special about the operation; with a body it is a POST, else a GET.
        schemas: Components that it refers to.
        refused: Where it is refused: the end of the place.
        item: What stands beside the operation in its path.
        root: What stands beside the paths.
    """

    name: str
    why: str
    operation: Mapping[str, Any]
    schemas: Mapping[str, Any] = {}
    refused: str | None = None
    item: Mapping[str, Any] = {}
    root: Mapping[str, Any] = {}

    @property
    def verb(self) -> str:
        return "post" if "requestBody" in self.operation else "get"

    @property
    def path(self) -> str:
        parameters = [*self.operation.get("parameters", ()), *self.item.get("parameters", ())]
        names = dict.fromkeys(one["name"] for one in parameters if one["in"] == "path")
        return "/".join(["/v2/fragments", self.name, *(f"{{{name}}}" for name in names)])

    @property
    def identifier(self) -> str:
        return f"fragment_{self.name}"

    @property
    def where(self) -> str:
        """The place of the operation, as the messages have it."""
        return f"paths/{self.path}/{self.verb}"


def document(fragments: Iterable[Fragment]) -> dict[str, Any]:
    """An OpenAPI document of some fragments."""
    made: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Fragments", "version": "1"},
        "tags": [{"name": TAG}],
        "paths": {},
        "components": {"schemas": {}},
    }
    for one in fragments:
        operation = {
            "operationId": one.identifier,
            "tags": [TAG],
            "summary": one.why,
            "x-retry": "safe",
            "x-consent": "none",
            "x-method": one.name,
            "responses": {"200": {"description": "Nothing."}},
            **copy.deepcopy(dict(one.operation)),
        }
        made["paths"][one.path] = {one.verb: operation, **copy.deepcopy(dict(one.item))}
        root = copy.deepcopy(dict(one.root))
        for kind, entries in {**root.pop("components", {}), "schemas": one.schemas}.items():
            made["components"].setdefault(kind, {}).update(copy.deepcopy(dict(entries)))
        made |= root
    return made


def answer(schema: Any, media_type: str = "application/json") -> dict[str, Any]:
    """A response with a body."""
    return {"description": "An answer.", "content": {media_type: {"schema": schema}}}


def body(schema: Any, media_type: str = "application/json", **more: Any) -> dict[str, Any]:
    """A body that must be sent."""
    return {"required": True, "content": {media_type: {"schema": schema, **more}}}


def an_object(*required: str, **members: Any) -> dict[str, Any]:
    """An object with members; those named first are required."""
    return {"type": "object", "properties": members, "required": list(required)}


def ref(name: str) -> dict[str, str]:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
FLAG: dict[str, Any] = {"type": "boolean"}
FILE: dict[str, Any] = {"type": "string", "format": "binary"}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}
NULL: dict[str, Any] = {"type": "null"}
