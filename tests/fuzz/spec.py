"""Hypothesis strategies for the responses of the shipped specification, and the generated functions that read them."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from importlib import resources
from types import ModuleType
from typing import Any, NamedTuple

from hypothesis import strategies as st

import tavus_api.api

DOCUMENT = json.loads(resources.files("tavus_api").joinpath("openapi.json").read_text("utf-8"))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=6,
)


class Date(str):
    """A date as text that knows which moment it means."""

    moment: datetime

    @classmethod
    def of(cls, text: str, moment: datetime) -> Date:
        date = cls(text)
        date.moment = moment
        return date


def _in_every_format(moment: datetime, minutes: int) -> Iterator[Date]:
    moment = moment.replace(tzinfo=UTC)
    short = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    yield Date.of(short.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z", short)
    yield Date.of(moment.replace(tzinfo=None).isoformat(" "), moment)
    yield Date.of(moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat(), moment)
    whole = moment.replace(microsecond=0)
    yield Date.of(format_datetime(whole, usegmt=True), whole)


DATES = st.builds(
    _in_every_format,
    st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2199, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
).flatmap(lambda dates: st.sampled_from(list(dates)))

# Texts that look like dates are where a date parser stumbles.
_ALMOST_DATES = st.from_regex(r"[0-9]{1,5}(-[0-9]{1,3}){2}([T ][0-9:.,]{0,16}([+-][0-9:]{0,7}|Z)?)?", fullmatch=True)
_MAIL_WORDS = ["Mon,", "14", "Jul", "2025", "99999", "09:14:24", "25:61", ":", "GMT", "-0000", "+9999", "(", ")", ","]
_ALMOST_MAIL_DATES = st.lists(st.sampled_from(_MAIL_WORDS)).map(" ".join)
_WORDS = st.sampled_from(["started", "completed", "ready", "error", "40/100", "https://b.example/t.mp4?sig=1"])

_KEYWORDS = {"type", "properties", "required", "items", "additionalProperties", "anyOf"}
_REMARKS = {"description", "examples", "x-known-values", "x-source", "x-as-of", "x-confidence"}


def resolve(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference within the document; refuse what the strategies do not understand."""
    schema = _followed(schema)
    unknown = set(schema) - _KEYWORDS - _REMARKS
    assert not unknown, f"teach values() these keywords: {unknown}"
    return schema


def _followed(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        found: Any = DOCUMENT
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that a schema names; none where it leaves them open."""
    declared = resolve(schema).get("type", ())
    return (declared,) if isinstance(declared, str) else tuple(declared)


def members_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schemas of the members that a schema names."""
    found: Mapping[str, Any] = resolve(schema).get("properties", {})
    return found


def others_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of the members that a schema does not name."""
    said = resolve(schema).get("additionalProperties")
    return said if isinstance(said, Mapping) else {}


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """JSON values that a schema allows, with members that it does not know."""
    schema = resolve(schema)
    if "anyOf" in schema:
        return st.one_of(*map(values, schema["anyOf"]))
    if "type" not in schema:
        return JSON
    made: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "object": lambda: _objects(schema),
        "array": lambda: st.lists(values(schema["items"]), max_size=4),
        "string": lambda: st.text() | _WORDS,
        "integer": st.integers,
        "number": lambda: st.integers() | st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans,
        "null": st.none,
    }
    return st.one_of(*(made[name]() for name in types_of(schema)))


def _objects(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    known = {
        name: values(member) | (DATES | _ALMOST_DATES | _ALMOST_MAIL_DATES if name.endswith("_at") else st.nothing())
        for name, member in members_of(schema).items()
    }
    required = {name: known.pop(name).filter(_is_said) for name in schema.get("required", ())}
    names = frozenset(members_of(schema))
    others = values(others_of(schema))
    unknown = st.dictionaries(st.text().filter(lambda name: name not in names), others, max_size=3)
    return st.builds(lambda first, then: {**first, **then}, unknown, st.fixed_dictionaries(required, optional=known))


def _is_said(value: Any) -> bool:
    """An id that is blank names nothing, so that such an answer is refused."""
    return not isinstance(value, str) or value.strip() != ""


def places(schema: Mapping[str, Any], data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place in a value of which a schema gives the type, with its schema."""
    schema = resolve(schema)
    if "type" not in schema:  # the SDK takes whatever is there
        return
    yield path, schema
    if isinstance(data, dict):
        for name, value in data.items():
            yield from places(members_of(schema).get(name, others_of(schema)), value, (*path, name))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from places(schema["items"], item, (*path, index))


class Operation(NamedTuple):
    """An operation of the specification."""

    name: str
    #: the path template, which says what it is about
    path: str
    #: whether it may only be repeated when it surely was not carried out
    is_once: bool
    #: status of the documented success
    status: int
    #: the schema of its answer, if that has a body
    answer: Mapping[str, Any] | None
    #: the module of generated functions
    module: ModuleType
    #: what its functions need
    arguments: dict[str, Any]


def _operations() -> Iterator[Operation]:
    modules = {
        name.rpartition(".")[2]: importlib.import_module(name)
        for _, name, is_package in pkgutil.walk_packages(tavus_api.api.__path__, "tavus_api.api.")
        if not is_package
    }
    for path, item in DOCUMENT["paths"].items():
        for definition in item.values():
            name = definition["operationId"]
            module = modules.pop("".join("_" + c.lower() if c.isupper() else c for c in name))
            status = min(one for one in definition["responses"] if one.startswith("2"))
            yield Operation(
                name,
                path,
                definition["x-retry"] == "if-not-sent",
                int(status),
                _schema(definition["responses"][status]),
                module,
                dict(_arguments(module, _schema(definition.get("requestBody", {})))),
            )
    assert not modules, f"not in the specification: {modules}"


def _schema(holder: Mapping[str, Any]) -> Any:
    return holder.get("content", {}).get("application/json", {}).get("schema")


def _arguments(module: ModuleType, schema: Any) -> Iterator[tuple[str, Any]]:
    for name, parameter in inspect.signature(module._get_kwargs).parameters.items():
        if name == "body":
            yield name, sample(schema)
        elif parameter.default is parameter.empty:
            word = re.match(r"Literal\['(\w+)'", parameter.annotation)
            assert word or parameter.annotation == "str", f"teach _arguments() this type: {parameter.annotation}"
            yield name, word[1] if word else "x1"


def sample(schema: Mapping[str, Any]) -> Any:
    """The least that a schema allows."""
    schema = _followed(schema)
    for given in ("examples", "enum"):
        if given in schema:
            return schema[given][0]
    if "type" not in schema:
        return "x1"
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    if kind == "object":
        return {name: sample(schema["properties"][name]) for name in schema.get("required", ())}
    if kind == "array":
        return [sample(schema["items"])]
    return {"string": "x1", "integer": 1, "number": 1.5, "boolean": True}[kind]


OPERATIONS = {operation.name: operation for operation in _operations()}
# What these make of an answer is tried often; the others share one way of reading.
REPLICAS = tuple(name for name, one in OPERATIONS.items() if one.path.startswith("/v2/replicas"))
OTHERS = tuple(name for name in OPERATIONS if name not in REPLICAS)
