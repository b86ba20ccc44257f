"""Conversion of requested changes into a JSON Patch (RFC 6902). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tavus_api.types import PatchOperation


def patch_for(current: Any, changes: Mapping[str, Any]) -> list[PatchOperation]:
    """Return the operations that apply ``changes`` to ``current``.

    The changes have the meaning of a merge patch (RFC 7396): ``None`` removes a member, and a mapping changes the
    members it names. Any other value, including a list, replaces the old one. Members that already have the requested
    value are omitted.
    """
    return list(_changed(current if isinstance(current, Mapping) else {}, changes, ""))


def _changed(current: Mapping[str, Any], changes: Mapping[str, Any], where: str) -> Iterator[PatchOperation]:
    for name, value in changes.items():
        path = f"{where}/{name.replace('~', '~0').replace('/', '~1')}"
        there = current.get(name)
        if value is None:
            if name in current:
                yield {"op": "remove", "path": path}
        elif name not in current:
            yield {"op": "add", "path": path, "value": _merged(value)}
        elif isinstance(value, Mapping) and isinstance(there, Mapping):
            yield from _changed(there, value, path)
        elif not _same(there, value):
            yield {"op": "replace", "path": path, "value": _merged(value)}


def _merged(value: Any) -> Any:
    """Return the value that a merge patch creates for a new member. Omit ``None``: there is nothing to remove."""
    if isinstance(value, Mapping):
        return {name: _merged(item) for name, item in value.items() if item is not None}
    return value


def _same(there: Any, value: Any) -> bool:
    """Return whether two values are equal as JSON, where 1 and true differ (in Python they are equal)."""
    if isinstance(there, bool) != isinstance(value, bool):
        return False
    if isinstance(there, list) and isinstance(value, (list, tuple)):
        return len(there) == len(value) and all(map(_same, there, value))
    if isinstance(there, Mapping) and isinstance(value, Mapping):
        return there.keys() == value.keys() and all(_same(there[name], value[name]) for name in there)
    return bool(there == value)
