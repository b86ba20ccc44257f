"""Values that the specification allows, for requests and responses."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from hypothesis import strategies as st

from .spec import Given, Operation, is_json, resolve

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
)
DATES = st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
)
# What the SDK takes for an id, with every character that a path can hold but that means something elsewhere.
IDS = st.from_regex(r"[A-Za-z0-9._~:@!$&'()*+,;=-]{1,20}", fullmatch=True).filter(lambda text: text not in (".", ".."))
# Blanks around the value of a header are not part of it.
HEADERS = st.from_regex(r"[!-~]([ -~]{0,10}[!-~])?", fullmatch=True)


_DEEP = 4


class Side(NamedTuple):
    """Which way values go: what is sent has no readOnly members, what is answered has no writeOnly ones."""

    left_out: str
    is_answer: bool
    is_json: bool = False
    texts: st.SearchStrategy[str] = TEXTS


SENT = Side("readOnly", False)
#: what every check of a method that is written by hand lets through
SENT_STRICTLY = SENT._replace(texts=IDS)
ANSWERED = Side("writeOnly", True)


def values(schema: Any, side: Side, name: str = "", depth: int = 0) -> st.SearchStrategy[Any]:
    """Values that a schema allows."""
    schema = resolve(schema)
    if not isinstance(schema, dict):
        return JSON
    if "discriminator" in schema:
        return st.one_of(
            *(_told(schema["discriminator"], word, side, depth) for word in schema["discriminator"]["mapping"])
        )
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return st.one_of(*(values(one, side, name, depth) for one in schema[key]))
    if "allOf" in schema:
        return values(_merged(schema), side, name, depth)
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    declared = schema.get("type", "object" if "properties" in schema else "array" if "items" in schema else None)
    if declared is None:
        return JSON
    kinds = [declared] if isinstance(declared, str) else declared
    return st.one_of(*(_kind(kind, schema, side, name, depth) for kind in kinds))


def _told(discriminator: Mapping[str, Any], word: str, side: Side, depth: int) -> st.SearchStrategy[Any]:
    """One of a choice, which says which it is."""
    made = values({"$ref": discriminator["mapping"][word]}, side, "", depth)
    return made.map(lambda value: {**value, discriminator["propertyName"]: word})


def _merged(schema: Mapping[str, Any]) -> dict[str, Any]:
    """One schema for all that must hold."""
    made: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    for part in map(resolve, schema["allOf"]):
        part = _merged(part) if "allOf" in part else part
        properties = {**part.get("properties", {}), **made.get("properties", {})}
        required = sorted({*part.get("required", ()), *made.get("required", ())})
        made = {**part, **made, **({"properties": properties, "required": required} if properties else {})}
    return made


def _kind(kind: str, schema: Mapping[str, Any], side: Side, name: str, depth: int) -> st.SearchStrategy[Any]:
    match kind:
        case "string":
            return _texts(schema, side, name)
        case "integer":
            return st.integers(math.ceil(schema.get("minimum", -(2**60))), math.floor(schema.get("maximum", 2**60)))
        case "number":
            return st.integers(-1000, 1000) | FLOATS
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "array":
            if depth > _DEEP:
                return st.just([])
            return st.lists(values(schema.get("items", {}), side, "", depth + 1), max_size=3)
    return _objects(schema, side, depth)


def _texts(schema: Mapping[str, Any], side: Side, name: str) -> st.SearchStrategy[Any]:
    if (schema.get("format") == "binary" or "contentMediaType" in schema) and not side.is_json:
        return st.binary(max_size=40)
    if schema.get("format") == "date-time" or "x-date" in schema or (side.is_answer and name.endswith("_at")):
        return DATES
    known = schema.get("x-known-values")
    return st.sampled_from(known) | side.texts if known and all(isinstance(one, str) for one in known) else side.texts


def _objects(schema: Mapping[str, Any], side: Side, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    names = schema.get("required", ()) if depth > _DEEP else schema.get("properties", {})
    members = {
        name: values(member, side, name, depth + 1)
        for name, member in schema.get("properties", {}).items()
        if name in names and not (isinstance(resolve(member), dict) and resolve(member).get(side.left_out))
    }
    # An id that is blank names nothing: such an answer is refused.
    required = {name: members.pop(name).filter(_is_said) for name in schema.get("required", ()) if name in members}
    known = st.fixed_dictionaries(required, optional=members)
    others = schema.get("additionalProperties", {} if side.is_answer or not schema.get("properties") else False)
    if others is False or depth > _DEEP:
        return known
    free = TEXTS.filter(lambda name: name not in schema.get("properties", {}))
    more = st.dictionaries(free, values(others, side, "", depth + 1), max_size=2)
    return st.builds(lambda unknown, found: {**unknown, **found}, more, known)


def _is_said(value: Any) -> bool:
    return not isinstance(value, str) or value.strip() != ""


def _parameter(definition: Mapping[str, Any], side: Side) -> st.SearchStrategy[Any]:
    schema = resolve(definition.get("schema", {}))
    made = values(schema, side, definition["name"]).filter(lambda value: value is not None)
    if definition.get("explode", definition.get("style", "form") == "form") is False:
        made = made.map(_without_separators)
    is_text = isinstance(schema, dict) and schema.get("type") in ("string", ["string", "null"])
    if is_text and not schema.keys() & {"enum", "const"}:
        return {"path": IDS, "header": HEADERS}.get(definition["in"], made)
    return made


def _without_separators(value: Any) -> Any:
    """A list whose items hold nothing that stands between items: such an item is refused."""
    if not isinstance(value, list):
        return value
    return [re.sub("[,| ]", "", one) if isinstance(one, str) else one for one in value]


@st.composite
def given_values(draw: st.DrawFn, operation: Operation, side: Side = SENT) -> Given:
    """Values for every parameter and the body of an operation; those that may be missing sometimes are."""
    found: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for one in operation.parameters:
        if one.get("required") or draw(st.booleans()):
            found[one["in"]][one["name"]] = draw(_parameter(one, side))
    body: Any = ()
    if operation.content is not None:
        is_required = resolve(operation.definition["requestBody"]).get("required", False)
        if is_required or draw(st.booleans()):
            body = draw(values(operation.content[1], side))
            if not is_required and body == {}:
                body = ()  # no argument was given, and nobody can say that there was an empty body
    return Given(found["path"], found["query"], found["header"], body)


@st.composite
def answer_values(draw: st.DrawFn, operation: Operation, given: Given) -> tuple[int, str | None, Any]:
    """Status, media type and value of a success. It is about what was asked for."""
    status = draw(st.sampled_from(sorted(operation.answers)))
    described = operation.answers[status]
    if described is None:
        return status, None, None
    media_type, schema = described
    if not is_json(media_type):
        return status, media_type, draw(TEXTS if media_type.startswith("text/") else st.binary(max_size=40))
    value = draw(values(schema, ANSWERED._replace(is_json=True)))
    return status, media_type, _about(value, schema, given.path)


def _about(value: Any, schema: Any, asked: Mapping[str, Any]) -> Any:
    """The answer, with the ids that the path has: one about another thing is refused."""
    if isinstance(value, list):
        return [_about(one, resolve(schema).get("items", {}), asked) for one in value]
    members = resolve(schema).get("properties", {}) if isinstance(value, dict) else {}
    made = dict(value) if members else value
    for name, member in members.items():
        for key, wanted in asked.items():
            if name in made and (name == key or name.endswith(f"_{key}")) and isinstance(made[name], str):
                made[name] = wanted
        if name == "data" and name in made:
            made[name] = _about(made[name], member, asked)
    return made
