"""What the shipped specification says of answers, as hypothesis strategies, and the generated functions that ask."""

from __future__ import annotations

import importlib
import json
import pkgutil
import typing
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

_KEYWORDS = {"type", "properties", "required", "items", "description", "examples"}


def resolve(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference within the document; refuse what the strategies do not understand."""
    while "$ref" in schema:
        found: Any = DOCUMENT
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    assert set(schema) <= _KEYWORDS, f"teach values() these keywords: {set(schema) - _KEYWORDS}"
    return schema


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    declared = resolve(schema)["type"]
    return (declared,) if isinstance(declared, str) else tuple(declared)


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """JSON values that a schema allows, with members that it does not know."""
    schema = resolve(schema)
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
        for name, member in schema["properties"].items()
    }
    required = {name: known.pop(name) for name in schema.get("required", ())}
    names = frozenset(schema["properties"])
    unknown = st.dictionaries(st.text().filter(lambda name: name not in names), JSON, max_size=3)
    return st.builds(lambda first, then: {**first, **then}, unknown, st.fixed_dictionaries(required, optional=known))


def places(schema: Mapping[str, Any], data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place in a value that a schema speaks of, with its schema."""
    schema = resolve(schema)
    yield path, schema
    if isinstance(data, dict):
        for name, member in schema["properties"].items():
            if name in data:
                yield from places(member, data[name], (*path, name))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from places(schema["items"], item, (*path, index))


class Operation(NamedTuple):
    """An operation of the specification; ``answer`` is the schema of its 200, if that has a body."""

    name: str
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
    for item in DOCUMENT["paths"].values():
        for definition in item.values():
            name = definition["operationId"]
            module = modules.pop("".join("_" + c.lower() if c.isupper() else c for c in name))
            body = definition.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            content = definition["responses"]["200"].get("content", {})
            answer = content.get("application/json", {}).get("schema")
            yield Operation(name, answer, module, dict(_arguments(module, body)))
    assert not modules, f"not in the specification: {modules}"


def _arguments(module: ModuleType, body: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
    for name, hint in typing.get_type_hints(module._get_kwargs).items():
        if name == "body":
            yield name, hint.from_dict(_example(body or {}))
        elif hint is str:
            yield name, "r1"


def _example(schema: Mapping[str, Any]) -> dict[str, Any]:
    found = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return {name: found["properties"][name]["examples"][0] for name in found.get("required", ())}


OPERATIONS = {operation.name: operation for operation in _operations()}
