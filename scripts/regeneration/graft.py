"""Transfer of single upstream fields into an operation that ``openapi/operations`` describes."""

from __future__ import annotations

import copy
from typing import Any

from .schemas import is_json, media_type, resolve
from .shapes import Place

_CHOICES = ("allOf", "anyOf", "oneOf")
_KEYS = {"[]": "items", "{}": "additionalProperties"}


def graft(document: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], place: Place) -> bool:
    """Replace a field of our operation with that of theirs. Return false if ours has no place for it.

    If a component contains the field, this changes the component.
    """
    try:
        return _graft(document, ours, theirs, place)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return False


def _graft(document: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], place: Place) -> bool:
    part, _, kind = place.part.partition(" as ")
    *way, last = place.steps or [""]
    if place.direction == "request" and part != "body":
        key = (part, place.steps[0])
        merged, wanted = ({(p["in"], p["name"]): p for p in _parameters(document, one)} for one in (ours, theirs))
        _set(merged, key, wanted.get(key))
        ours["parameters"] = list(merged.values())
        return True
    holders = [one if part == "body" else one["responses"] for one in (ours, theirs)]
    outer = "requestBody" if part == "body" else part
    if not last or any(outer not in one for one in holders):
        _set(holders[0], outer, holders[1].get(outer))
        return True
    mine, other = (_schema(resolve(document, one[outer]), kind) for one in holders)
    for step in way:
        mine, other = (_member(_owner(document, one, step), step) for one in (mine, other))
    target, source = (_owner(document, one, last) for one in (mine, other))
    if target is None:
        target = (last not in _KEYS and _owner(document, mine, "")) or resolve(document, mine)
    holder = target if last in _KEYS else target.setdefault("properties", {})
    _set(holder, _KEYS.get(last, last), None if source is None else _member(source, last))
    needed = [name for name in target.get("required", ()) if name != last]
    target["required"] = needed + [name for name in (source or {}).get("required", ()) if name == last]
    return True


def _set(node: dict[Any, Any], key: Any, value: Any) -> None:
    if value is None:
        node.pop(key, None)
    else:
        node[key] = copy.deepcopy(value)


def _parameters(document: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    return [resolve(document, one) for one in operation.get("parameters", ())]


def _schema(node: dict[str, Any], kind: str) -> Any:
    """Return the schema of a media type, or that of JSON if ``kind`` is empty."""
    for name, media in node["content"].items():
        if media_type(name) == kind or (not kind and is_json(name)):
            return media["schema"]
    raise KeyError(kind)


def _owner(document: dict[str, Any], schema: Any, step: str) -> Any:
    """Return the schema that has a member (any member if ``step`` is empty), also inside a combined schema."""
    schema = resolve(document, schema)
    if _KEYS.get(step) in schema or step in schema.get("properties", {}) or (not step and "properties" in schema):
        return schema
    parts = (_owner(document, one, step) for key in _CHOICES for one in schema.get(key, ()))
    return next((one for one in parts if one is not None), None)


def _member(owner: dict[str, Any], step: str) -> Any:
    return owner[_KEYS[step]] if step in _KEYS else owner["properties"][step]
