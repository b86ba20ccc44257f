"""The effects of a change of the specification on code that calls the methods of the namespaces."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

from .changes import Change
from .markdown import code
from .python_names import HAND_WRITTEN, identifier, method_name, namespace_name
from .schemas import CONSENT_KEY, operations

_ARGUMENT: Final = {
    "removed": "is gone",
    "added": "is new",
    "newly required": "became required",
    "no longer required": "became optional",
    "type changed": "has another type",
}
_SHOWN: Final = 4
_MEMBER: Final = {"removed": "is gone", "added": "is new", "type changed": "has another type"}


class Method(NamedTuple):
    """A method of a namespace.

    Attributes:
        namespace: The namespace, such as ``documents``.
        name: The name, such as ``recrawl``.
        raw: The function of the raw client.
        is_gated: True if hand-written methods check consent before they send it.
    """

    namespace: str
    name: str
    raw: str
    is_gated: bool

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}"


def methods(document: dict[str, Any]) -> dict[str, Method]:
    """Return the method of every operation by operationId. ``x-namespace``, tag, ``x-method`` and path decide it."""
    found = {}
    for path, verb, operation in operations(document):
        name = operation.get("operationId") or f"{verb} {path}"
        namespace = namespace_name(operation)
        tag = identifier((operation.get("tags") or ["default"])[0])
        raw = f"api.{tag}.{identifier(name)}"
        is_gated = operation.get(CONSENT_KEY) == "create"
        found[name] = Method(namespace, method_name(verb, path, operation, namespace), raw, is_gated)
    return found


def renamed(old: Mapping[str, Method], new: Mapping[str, Method], told: Collection[str]) -> list[Change]:
    """Return a change for each method that an overlay renamed, unless ``told`` already has its operation."""
    why = "an overlay gives it another name"
    return [
        Change("method renamed", "", True, why, where=((name, None),))
        for name, method in old.items()
        if name in new and str(new[name]) != str(method) and name not in told
    ]


def effects(change: Change, old: Mapping[str, Method], new: Mapping[str, Method]) -> list[str]:
    """Describe the effects of a change on Python code, as Markdown.

    Args:
        change: The change.
        old: The methods before.
        new: The methods after.
    """
    names = change.names
    if change.is_operation:
        (name,) = names
        return list(_of_operation(change, old.get(change.was or name), new.get(name), old, new))
    if len(names) > _SHOWN:
        component = code(".".join(change.component))
        return (
            [f"{component}, which {len(names)} methods take or give, has changed"] if change.kind in _ARGUMENT else []
        )
    found = []
    for name, place in change.where:
        method = new.get(name) or old.get(name)
        if method is None or place is None or not place.steps:
            continue
        if place.direction == "request":
            argument = code(identifier(place.steps[0]))
            if len(place.steps) > 1:
                if change.kind in _ARGUMENT:
                    found.append(f"what the argument {argument} of {_called(method)} takes has changed")
            elif change.was:
                found.append(f"argument {code(identifier(change.was))} of {_called(method)} is {argument} now")
            elif change.kind in _ARGUMENT:
                found.append(f"argument {argument} of {_called(method)} {_ARGUMENT[change.kind]}")
        elif place.part.startswith("2") and change.kind in _MEMBER:
            member = code(place.label())
            found.append(f"{member} of what {_called(method)} gives {_MEMBER[change.kind]}")
    return list(dict.fromkeys(found))


def _called(method: Method) -> str:
    if method.is_gated:
        return f"the creates of {code(method.namespace)} (written by hand)"
    return code(str(method))


def _of_operation(
    change: Change, before: Method | None, after: Method | None, old: Mapping[str, Method], new: Mapping[str, Method]
) -> Iterator[str]:
    if change.kind == "removed" and before is not None:
        yield f"{_called(before)} is gone, and {code(before.raw)}"
        if before.namespace not in {method.namespace for method in new.values() if method != before}:
            yield f"the namespace {code(before.namespace)} is gone"
    elif change.kind == "added" and after is not None:
        if after.is_gated:
            yield f"{code(after.raw)} is new, without a method: a create is written by hand"
        elif after.namespace in HAND_WRITTEN:
            yield f"{code(after.raw)} is new, without a method: {code(after.namespace)} is written by hand"
        else:
            yield f"{_called(after)} is new"
        if after.namespace not in {method.namespace for method in old.values()}:
            yield f"the namespace {code(after.namespace)} is new"
    elif before is not None and after is not None:
        if str(before) != str(after):
            yield f"{_called(before)} is {_called(after)} now"
        if before.raw != after.raw:
            yield f"{code(before.raw)} is {code(after.raw)} now"
