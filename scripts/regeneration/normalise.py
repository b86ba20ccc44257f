"""Conversion of OpenAPI 3.0 or 3.1 to one form of 3.1, so that later steps handle only one form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .problems import RegenerationError, fail
from .schemas import METHODS, Slot, places, schema_slots

STEP = "normalise"
VERSION = "3.1.0"
_REBASING = frozenset(
    {"$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveAnchor", "$recursiveRef", "$schema", "$vocabulary"}
)


def normalise(
    document: dict[str, Any], name: str, tolerate: Callable[[RegenerationError], None] = fail
) -> dict[str, Any]:
    """Convert a document to OpenAPI 3.1, in place.

    Schemas become JSON Schema 2020-12: ``nullable`` becomes a type, ``example`` a list, and exclusive limits become
    numbers. Parameters of a path move into its operations.

    Args:
        document: The plain data of a document, not used elsewhere.
        name: The source of the document, for the error.
        tolerate: A function that receives references to other documents, and keywords that change their targets.

    Raises:
        RegenerationError: The document is not OpenAPI 3.0 or 3.1.
    """
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith(("3.0.", "3.1.")):
        raise RegenerationError(STEP, name, f"it says openapi: {version!r}", "give a document of OpenAPI 3.0 or 3.1")
    for reference, where in references(document):
        if not reference.startswith("#/"):
            cause = f"it refers to {reference}"
            tolerate(RegenerationError(STEP, f"{name}, {where}", cause, "inline what it refers to"))
    try:
        _check_outline(document)
        _move_path_parameters(document)
        for slot in schema_slots(document):
            _check_base(slot, name, tolerate)
            if version.startswith("3.0."):
                _upgrade(slot)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # The validator checks the built document later. Here it is enough to name the malformed input.
        raise RegenerationError(
            STEP, name, f"it is not formed as OpenAPI asks: {error}", "validate the document first"
        ) from None
    document["openapi"] = VERSION
    return document


def _check_base(slot: Slot, name: str, tolerate: Callable[[RegenerationError], None]) -> None:
    """Refuse keywords that change the target of a reference or the dialect of a schema."""
    found = slot.schema.keys() & _REBASING if isinstance(slot.schema, dict) else set()
    if found:
        tolerate(RegenerationError(STEP, f"{name}, {slot.where}", f"it uses {min(found)}", "say it without"))


def _check_outline(document: dict[str, Any]) -> None:
    """Refuse structures that the following steps could not traverse. The validator checks everything else."""
    for key, kind in (("paths", dict), ("components", dict), ("tags", list)):
        if not isinstance(document.get(key, kind()), kind):
            raise TypeError(f"{key} is not a {kind.__name__}")
    for path, item in document.get("paths", {}).items():
        if not isinstance(item, dict):
            raise TypeError(f"the path {path} is not a mapping")
        for method in item.keys() & set(METHODS):
            operation = item[method]
            if not isinstance(operation, dict) or not isinstance(operation.get("responses"), dict):
                raise TypeError(f"{method} {path} has no responses")
    for kind, entries in document.get("components", {}).items():
        if not isinstance(entries, dict) and not kind.startswith("x-"):
            raise TypeError(f"components/{kind} is not a mapping")


def references(document: Any) -> Iterator[tuple[str, str]]:
    """Yield every reference in a document, and its place."""
    for node, where in places(document):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            yield node["$ref"], where or "/"


def _move_path_parameters(document: dict[str, Any]) -> None:
    for item in document.get("paths", {}).values():
        shared = item.pop("parameters", [])
        for method in METHODS:
            if method in item and shared:
                own = item[method].setdefault("parameters", [])
                known = {(p.get("in"), p.get("name")) for p in own}
                own.extend(dict(p) for p in shared if "$ref" in p or (p["in"], p["name"]) not in known)


def _upgrade(slot: Slot) -> None:
    schema = slot.schema
    if not isinstance(schema, dict):
        return
    nullable = schema.pop("nullable", False) is True
    if "example" in schema:
        schema["examples"] = [schema.pop("example")]
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            del schema[exclusive]
            if flag and limit in schema:
                schema[exclusive] = schema.pop(limit)
    if "$ref" in schema:
        # OpenAPI 3.0 ignores all other keys next to a reference, but 3.1 does not.
        schema = {"$ref": schema["$ref"]}
        slot.holder[slot.key] = {"anyOf": [schema, {"type": "null"}]} if nullable else schema
    elif nullable:
        slot.holder[slot.key] = _with_null(schema)


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    if "type" in schema:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"].append(None)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            schema[key].append({"type": "null"})
    if "allOf" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema
