"""A flat view of a specification: its operations, and all fields of their requests and answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from .problems import RegenerationError
from .schemas import is_json, media_type, operations, resolve

# References multiply, so a small document can describe more fields than fit in memory.
MAX_FIELDS = 100_000

LIMITS = (
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
)


class Place(NamedTuple):
    """The place of a field in an operation.

    Attributes:
        direction: ``"request"`` or ``"response"``.
        part: ``"query"``, ``"path"``, ``"header"``, ``"cookie"``, ``"body"``, or the status of an answer.
        steps: Names from the outside in, with ``[]`` for the items of a list and ``{}`` for the values of a mapping.
            Empty for the whole part.
    """

    direction: str
    part: str
    steps: tuple[str, ...] = ()

    def label(self) -> str:
        """Return the steps in readable form, such as ``data[].status``."""
        return re.sub(r"\.(?=\[\]|\{\})", "", ".".join(self.steps))


class Field(NamedTuple):
    """The facts about the value in a place.

    Attributes:
        required: True if the value is always present.
        types: The allowed JSON types. Empty if any type is allowed.
        enum: The allowed values as JSON, or ``None`` if any value is allowed.
        format: The format, such as ``uri``. May be empty.
        limits: The other keywords that affect validity.
        deprecated: True if the field is deprecated.
        component: The component that the field belongs to, and the steps from there. Empty for an inline schema.
        default: The default value as JSON. May be empty.
    """

    required: bool
    types: frozenset[str]
    enum: tuple[str, ...] | None
    format: str
    limits: tuple[tuple[str, Any], ...]
    deprecated: bool
    component: tuple[str, ...]
    default: str = ""


class Shape(NamedTuple):
    """One operation. ``fields`` includes the whole body and each whole answer."""

    operation_id: str
    method: str
    path: str
    tag: str
    retry: str
    security: str
    deprecated: bool
    fields: dict[Place, Field]


def shapes(document: dict[str, Any]) -> dict[str, Shape]:
    """Return the operations of a specification by operationId.

    Raises:
        RegenerationError: The specification describes more fields than any real API has.
    """
    walker = _Walker(document)
    return {
        identifier: Shape(
            identifier,
            method.upper(),
            path,
            (operation.get("tags") or ["default"])[0],
            operation.get("x-retry", ""),
            json.dumps(operation.get("security", document.get("security", []))),
            operation.get("deprecated") is True,
            dict(walker.fields(operation)),
        )
        for path, method, operation in operations(document)
        for identifier in [operation.get("operationId") or f"{method} {path}"]
    }


class _View(NamedTuple):
    """A schema with references resolved and choices combined."""

    types: frozenset[str]
    enum: tuple[str, ...] | None
    format: str
    limits: dict[str, Any]
    deprecated: bool
    properties: dict[str, list[Any]]
    required: frozenset[str]
    items: Any
    values: Any
    name: str
    default: str
    inside: tuple[str, ...]


class _Walker:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._left = MAX_FIELDS

    def fields(self, operation: dict[str, Any]) -> Iterator[tuple[Place, Field]]:
        """Yield all fields of an operation, including the whole body and answers."""
        for node in operation.get("parameters", ()):
            parameter = resolve(self._document, node)
            media = next(iter(parameter.get("content", {}).values()), parameter)
            schema = media.get("schema", {})
            required, deprecated = parameter.get("required") is True, parameter.get("deprecated") is True
            place = Place("request", parameter["in"], (parameter["name"],))
            for found, field in self._walk(schema, place, required, ()):
                own = found == place
                yield found, field._replace(deprecated=field.deprecated or deprecated) if own else field
        if "requestBody" in operation:
            body = resolve(self._document, operation["requestBody"])
            required = body.get("required") is True
            yield from self._contents(body, Place("request", "body"), required)
        for status, node in operation["responses"].items():
            place = Place("response", status)
            yield from self._contents(resolve(self._document, node), place, True)

    def _contents(self, node: dict[str, Any], place: Place, required: bool) -> Iterator[tuple[Place, Field]]:
        contents = node.get("content", {})
        if not contents:
            yield place, Field(required, frozenset({"no body"}), None, "", (), False, ())
        for name, media in contents.items():
            kind = media_type(name)
            part = place.part if is_json(name) else f"{place.part} as {kind}"
            schema = media.get("schema", {})
            yield from self._walk(schema, place._replace(part=part), required, ())

    def _walk(
        self,
        schema: Any,
        place: Place,
        required: bool,
        component: tuple[str, ...],
        inside: tuple[str, ...] = (),
    ) -> Iterator[tuple[Place, Field]]:
        view = self._view(schema, inside)
        limits = tuple(sorted(view.limits.items()))
        facts = (view.types, view.enum, view.format, limits, view.deprecated, component, view.default)
        yield place, Field(required, *facts)

        around = (view.name,) if view.name else component

        def step(schema: Any, mark: str, required: bool) -> Iterator[tuple[Place, Field]]:
            inner = place._replace(steps=(*place.steps, mark))
            return self._walk(schema, inner, required, (*around, mark) if around else (), view.inside)

        for key, alternatives in view.properties.items():
            inner = alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}
            yield from step(inner, key, key in view.required)
        # A list may be empty, so its items are never required.
        if view.items is not None:
            yield from step(view.items, "[]", False)
        if view.values is not None:
            yield from step(view.values, "{}", False)

    def _view(self, schema: Any, inside: tuple[str, ...]) -> _View:
        self._left -= 1
        if self._left < 0:
            cause = f"its references describe more than {MAX_FIELDS} fields"
            raise RegenerationError("validate", "openapi/tavus.yaml", cause, "mend it in an overlay")
        if not isinstance(schema, dict):
            schema = {}
        name = ""
        if "$ref" in schema:
            reference = schema["$ref"]
            if reference in inside:  # the schema contains itself, and its members were already visited
                return _own_view({"type": "object"}, reference.rpartition("/")[2], inside)
            inside = (*inside, reference)
            if reference.startswith("#/components/schemas/"):
                name = reference.rpartition("/")[2]
            target = self._view(resolve(self._document, {"$ref": reference}), inside)
            view = _both(_own_view({k: v for k, v in schema.items() if k != "$ref"}, "", inside), target)
            return view._replace(name=name or view.name)
        view = _own_view(schema, name, inside)
        for part in schema.get("allOf", ()):
            view = _both(view, self._view(part, inside))
        for key in ("anyOf", "oneOf"):
            if schema.get(key):
                choice = [self._view(part, inside) for part in schema[key]]
                view = _both(view, _either(choice))
        return view


def _own_view(schema: dict[str, Any], name: str, inside: tuple[str, ...]) -> _View:
    types = schema.get("type", [])
    enum = [schema["const"]] if "const" in schema else schema.get("enum")
    properties = {key: [value] for key, value in schema.get("properties", {}).items()}
    items, values = schema.get("items"), schema.get("additionalProperties")
    implied = ["object"] if properties else ["array"] if items is not None else []
    return _View(
        frozenset([types] if isinstance(types, str) else types or implied),
        None if enum is None else tuple(sorted({json.dumps(value, ensure_ascii=False) for value in enum})),
        schema.get("format", ""),
        {key: schema[key] for key in LIMITS if key in schema},
        schema.get("deprecated") is True,
        properties,
        frozenset(schema.get("required", ())),
        items if isinstance(items, dict) else None,
        values if isinstance(values, dict) else None,
        *(name, json.dumps(schema["default"], ensure_ascii=False) if "default" in schema else "", inside),
    )


def _both(one: _View, other: _View) -> _View:
    """Return the view of values that match both schemas."""
    properties = dict(one.properties)
    for key, alternatives in other.properties.items():
        properties.setdefault(key, alternatives)
    enum = (
        one.enum
        if other.enum is None
        else other.enum
        if one.enum is None
        else tuple(word for word in one.enum if word in other.enum)
    )
    return _View(
        one.types & other.types if one.types and other.types else one.types | other.types,
        *(enum, one.format or other.format, {**other.limits, **one.limits}, one.deprecated or other.deprecated),
        *(properties, one.required | other.required, one.items or other.items, one.values or other.values),
        *(one.name or other.name, one.default or other.default, other.inside),
    )


def _either(views: list[_View]) -> _View:
    """Return the view of values that match any of the schemas. Null as a choice affects only the types."""
    types = frozenset[str]() if any(not view.types for view in views) else frozenset().union(*(v.types for v in views))
    views = [view for view in views if view.types != {"null"}] or views
    first, *others = views
    if not others:
        return first._replace(types=types)
    properties: dict[str, list[Any]] = {}
    for view in views:
        for key, alternatives in view.properties.items():
            known = properties.setdefault(key, [])
            known += [schema for schema in alternatives if schema not in known]
    enums = [view.enum for view in views if view.enum is not None]
    enum = tuple(sorted({value for values in enums for value in values})) if len(enums) == len(views) else None
    return first._replace(
        types=types,
        enum=enum,
        format=first.format if all(view.format == first.format for view in views) else "",
        limits=first.limits if all(view.limits == first.limits for view in views) else {},
        deprecated=all(view.deprecated for view in views),
        properties=properties,
        required=frozenset.intersection(*(view.required for view in views)),
        items=next((view.items for view in views if view.items is not None), None),
        values=next((view.values for view in views if view.values is not None), None),
        name="",
        default=first.default if all(view.default == first.default for view in views) else "",
    )
