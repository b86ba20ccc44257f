"""Comparison of two specifications, and classification of changes that break users of the older one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from .markdown import code, codes
from .shapes import Field, Place, Shape, shapes

# If two names are less similar, one counts as removed and the other as added.
SIMILAR = 0.6
# Formats for which the generated client has a separate type.
_TYPED_FORMATS = frozenset({"binary", "date", "date-time", "uuid"})
_PARAMETER = re.compile(r"\{([^{}]*)\}")
_VERSION = re.compile(r"^/v\d+(?=/)")
_LOWER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems"})
_UPPER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems"})


class Change(NamedTuple):
    """One difference.

    Attributes:
        kind: The kind in a few words, such as ``"newly required"``.
        text: The details in Markdown, with names quoted. May be empty.
        breaking: True if users of the older specification have to change something.
        why: The reason for the verdict, if it is not obvious.
        was: The old name of a renamed operation or field, or an empty string.
        where: The affected operations, each with the place in it, or ``None`` for the operation itself.
        component: The component that describes the field, and the steps to the field. May be empty.
    """

    kind: str
    text: str
    breaking: bool
    why: str = ""
    was: str = ""
    where: tuple[tuple[str, Place | None], ...] = ()
    component: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The affected operations without duplicates."""
        return list(dict.fromkeys(name for name, _ in self.where))

    @property
    def is_operation(self) -> bool:
        """True if the change affects the operation itself."""
        return bool(self.where) and self.where[0][1] is None


def compare(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Return the differences between two specifications, with operations in the order of the new one.

    A difference in a component that several operations share appears once.
    """
    found = list(_document(old, new))
    for one, other in _pairs(shapes(old), shapes(new)):
        found += _operation(one, other)
    merged: dict[tuple[Any, ...], Change] = {}
    for change in found:
        key = (change.kind, change.text, change.breaking, change.component) if change.component else (len(merged),)
        if key in merged:
            known = merged[key]
            change = known._replace(where=known.where + change.where)
        merged[key] = change
    return list(merged.values())


def _document(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    def facts(document: dict[str, Any]) -> dict[str, Any]:
        schemes = document.get("components", {}).get("securitySchemes", {})
        return {
            "servers": [server.get("url") for server in document.get("servers", [])],
            "ways to sign in": {
                name: [scheme.get(key) for key in ("type", "in", "name", "scheme")] for name, scheme in schemes.items()
            },
        }

    before, after = facts(old), facts(new)
    for what in before:
        if before[what] != after[what]:
            text = f"{_json(before[what])} → {_json(after[what])}"
            yield Change(f"{what} changed", text, True, "every call is concerned")


def _json(value: Any) -> str:
    return code(json.dumps(value, ensure_ascii=False))


# -- operations


def _pairs(old: dict[str, Shape], new: dict[str, Shape]) -> Iterator[tuple[Shape | None, Shape | None]]:
    """Yield the pairs of old and new operations that are the same one, then added and removed operations.

    Compare by operationId first, then by method and path, and then by the path with other parameter names or another
    version. Finally, compare the fields of the request and the answer.
    """
    partner = {name: name for name in new if name in old}
    for key in (_place, _nameless, _unversioned):
        places = {key(shape): name for name, shape in old.items() if name not in partner.values()}
        for name, shape in new.items():
            if name not in partner and key(shape) in places:
                partner[name] = places.pop(key(shape))
    gone = {name for name in old if name not in partner.values()}
    for name in new:
        if name not in partner:
            alike = [other for other in gone if _alike(old[other], new[name])]
            if alike:
                partner[name] = max(alike, key=lambda other: (_similarity(other, name), other))
                gone.remove(partner[name])
    for name, shape in new.items():
        yield (old[partner[name]] if name in partner else None), shape
    for name in old:
        if name in gone:
            yield old[name], None


def _place(shape: Shape) -> tuple[str, str]:
    return shape.method, shape.path


def _nameless(shape: Shape) -> tuple[str, str]:
    return shape.method, _PARAMETER.sub("{}", shape.path)


def _unversioned(shape: Shape) -> tuple[str, str]:
    return shape.method, _VERSION.sub("", _nameless(shape)[1])


def _alike(one: Shape, other: Shape) -> bool:
    mine, theirs = ({(place, field.types) for place, field in shape.fields.items()} for shape in (one, other))
    same_shape = len(mine & theirs) >= 0.8 * len(mine | theirs)
    return one.method == other.method and same_shape and _similarity(one.operation_id, other.operation_id) >= SIMILAR


def _similarity(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower(), autojunk=False).ratio()


def _operation(old: Shape | None, new: Shape | None) -> Iterator[Change]:
    shape = new or old
    assert shape is not None  # noqa: S101  # a pair has at least one of the two

    whole: tuple[tuple[str, Place | None], ...] = ((shape.operation_id, None),)
    if new is None:
        yield Change("removed", code(f"{shape.method} {shape.path}"), True, where=whole)
    elif old is None:
        yield Change("added", code(f"{shape.method} {shape.path}"), False, where=whole)
    else:
        for change in _operation_changes(old, new):
            yield change._replace(where=whole)
        for place, field, change in _fields(old, new):
            yield change._replace(where=((shape.operation_id, place),), component=field.component)


def _operation_changes(old: Shape, new: Shape) -> Iterator[Change]:
    if old.operation_id != new.operation_id:
        why = "its function has another name"
        yield Change("renamed", f"was {code(old.operation_id)}", True, why, old.operation_id)
    if _nameless(old) != _nameless(new):
        text = f"{code(f'{old.method} {old.path}')} → {code(f'{new.method} {new.path}')}"
        yield Change("moved", text, True, "installed versions call the old place")
    if old.tag != new.tag:
        yield Change("tag changed", f"{code(old.tag)} → {code(new.tag)}", True, "its function is in another module")
    if old.retry != new.retry:
        text = f"{code(old.retry)} → {code(new.retry)}"
        why = (
            "a call that was sent again by itself now ends in an error"
            if old.retry == "safe"
            else "check that sending it twice does what sending it once does"
        )
        yield Change("retry class changed", text, old.retry == "safe", why)
    if old.security != new.security:
        yield Change("security changed", f"{code(old.security)} → {code(new.security)}", True)
    yield from _deprecation(old.deprecated, new.deprecated)


def _deprecation(old: bool, new: bool) -> Iterator[Change]:
    if old != new:
        yield Change("deprecated" if new else "no longer deprecated", "", False)


# -- fields


def _fields(old: Shape, new: Shape) -> Iterator[tuple[Place, Field, Change]]:
    gone = _outermost(old.fields, new.fields)
    come = _outermost(new.fields, old.fields)
    found = [(pair, "") for pair in _renamed_in_path(old, new)]
    found += [(pair, " (same shape, similar name)") for pair in _renames(old, new, gone, come)]
    for (before, after), how in found:
        if before in gone and after in come:
            gone.remove(before)
            come.remove(after)
            # The URL stays the same, and only the name of the argument changes.
            why = "code that passes it by name" if before.part == "path" else ""
            change = Change("renamed", f"was {code(before.steps[-1])}{how}", True, why, before.steps[-1])
            yield after, old.fields[before], change
    for place in come:
        yield place, new.fields[place], _added(place, new.fields[place])
    for place in gone:
        yield place, old.fields[place], _removed(place)
    for place, field in new.fields.items():
        if place in old.fields:
            for change in _field_changes(place, old.fields[place], field):
                yield place, field, change


def _outermost(mine: Mapping[Place, Field], theirs: Mapping[Place, Field]) -> list[Place]:
    """Return the places that only one side has, without the places inside them."""
    only = [place for place in mine if place not in theirs]
    known = set(only)
    return [place for place in only if not place.steps or place._replace(steps=place.steps[:-1]) not in known]


def _renamed_in_path(old: Shape, new: Shape) -> Iterator[tuple[Place, Place]]:
    """Yield the old and new places of path parameters that were renamed."""
    before, after = (_PARAMETER.findall(shape.path) for shape in (old, new))
    if len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            if one != other:
                yield Place("request", "path", (one,)), Place("request", "path", (other,))


def _renames(old: Shape, new: Shape, gone: list[Place], come: list[Place]) -> Iterable[tuple[Place, Place]]:
    candidates = sorted(
        (
            (_similarity(before.steps[-1], after.steps[-1]), before, after)
            for before in gone
            for after in come
            if before.steps and after.steps
            if (*before[:2], before.steps[:-1]) == (*after[:2], after.steps[:-1])
            if _content(old.fields, before) == _content(new.fields, after)
        ),
        key=lambda candidate: (-candidate[0], candidate[1:]),
    )
    taken: set[Place] = set()
    for similarity, before, after in candidates:
        if similarity >= SIMILAR and not {before, after} & taken:
            taken |= {before, after}
            yield before, after


def _content(fields: Mapping[Place, Field], place: Place) -> dict[tuple[str, ...], tuple[Any, ...]]:
    depth = len(place.steps)
    return {
        other.steps[depth:]: (field.types, field.enum, field.format)
        for other, field in fields.items()
        if other[:2] == place[:2] and other.steps[:depth] == place.steps
    }


def _added(place: Place, field: Field) -> Change:
    text = types(field.types) + (f", one of {codes(field.enum)}" if field.enum else "")
    if place.direction == "response" or place.steps[-1:] in (("[]",), ("{}",)):
        return Change("added", text, False)
    need = "required" if field.required else "optional"
    return Change("added", f"{need}, {text}", field.required, "calls without it are refused" if field.required else "")


def _removed(place: Place) -> Change:
    if place.direction == "response" and not place.steps and not place.part.startswith("2"):
        return Change("removed", "", False, "an answer that is no success raises by its status, documented or not")
    return Change("removed", "", True)


def _field_changes(place: Place, old: Field, new: Field) -> Iterator[Change]:
    sent = place.direction == "request"
    if old.required != new.required:
        if sent:
            why = "calls without it are refused" if new.required else ""
            yield Change("newly required" if new.required else "no longer required", "", new.required, why)
        else:
            why = "" if new.required else "code that reads it must expect that it is not there"
            kind = "now always there" if new.required else "no longer always there"
            yield Change(kind, "", not new.required, why)
    if old.types != new.types:
        fine = _allows(new.types, old.types) if sent else _allows(old.types, new.types) or old.types == {"no body"}
        why = "what was allowed still is" if sent else "what comes is what came, or less"
        yield Change("type changed", f"{types(old.types)} → {types(new.types)}", not fine, why if fine else "")
    if old.enum != new.enum:
        yield _enum(sent, old.enum, new.enum)
    if old.format != new.format:
        typed = bool({old.format, new.format} & _TYPED_FORMATS)
        text = f"{code(old.format or 'none')} → {code(new.format or 'none')}"
        yield Change("format changed", text, typed or (sent and new.format != ""))
    if old.limits != new.limits:
        yield _limits(sent, dict(old.limits), dict(new.limits))
    if old.default != new.default:
        text = f"{code(old.default or 'none')} → {code(new.default or 'none')}"
        why = "a call that leaves it out may do something else" if sent else ""
        yield Change("default changed", text, False, why)
    yield from _deprecation(old.deprecated, new.deprecated)


def types(names: Iterable[str]) -> str:
    """Return JSON types in readable form."""
    return code(" or ".join(sorted(names, key=lambda name: (name == "null", name))) or "any value")


def _allows(wide: frozenset[str], narrow: frozenset[str]) -> bool:
    return not wide or (bool(narrow) and narrow <= (wide | {"integer"} if "number" in wide else wide))


def _enum(sent: bool, old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> Change:
    if old is None or new is None:
        text = f"one of {codes(new)}" if new else "any value"
        why = "other values are refused" if new else "" if sent else "words that are not known are kept"
        return Change("enum changed", text, sent and new is not None, why if sent else "")
    come, gone = [value for value in new if value not in old], [value for value in old if value not in new]
    text = "; ".join(f"{what} {codes(values)}" for what, values in (("added", come), ("removed", gone)) if values)
    why = "values that were allowed are refused" if gone else ""
    return Change("enum changed", text, sent and bool(gone), why if sent else "words that are not known are kept")


def _limits(sent: bool, old: dict[str, Any], new: dict[str, Any]) -> Change:
    changed = [key for key in (*old, *(key for key in new if key not in old)) if old.get(key) != new.get(key)]
    text = ", ".join(f"{key} {_limit(old, key)} → {_limit(new, key)}" for key in changed)
    tighter = any(key in new and not _looser(key, old.get(key), new[key]) for key in changed)
    return Change(
        "limits changed", text, sent and tighter, "values that were allowed may be refused" if tighter else ""
    )


def _limit(limits: dict[str, Any], key: str) -> str:
    return _json(limits[key]) if key in limits else "none"


def _looser(key: str, old: Any, new: Any) -> bool:
    if not all(isinstance(value, int | float) for value in (old, new)):
        return False
    return (key in _LOWER and new < old) or (key in _UPPER and new > old) or (key == "uniqueItems" and not new)
