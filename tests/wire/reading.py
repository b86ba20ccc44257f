"""Comparison of a result with its response: nothing lost, nothing added, and known members in their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs

from .spec import resolve


def plain(name: str) -> str:
    """A name without what Python's names cannot hold or what they get to be free."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def paired(names: Iterable[str], found: Iterable[str], suffix: str = "") -> dict[str, str]:
    """Which of Python's names stands for each name of the specification.

    Args:
        names: Names of the specification, in its order.
        found: The names of Python that are left to choose from.
        suffix: What a name may have at its end because another one was first.
    """
    left = list(found)
    made = {}
    for name in names:
        bare = plain(name)
        wanted = [f"{bare}{suffix}"] if suffix else []
        wanted += [bare, f"field{bare}", *(f"{bare}{number}" for number in range(2, 5))]
        order = sorted(left, key=lambda one: one != name)
        match = next((one for candidate in wanted for one in order if plain(one) == candidate), None)
        if match is not None:
            made[name] = match
            left.remove(match)
    return made


def check(got: Any, said: Any, schema: Any = None, where: str = "answer") -> None:
    """Compare a result with JSON.

    Raises:
        AssertionError: They differ; says where.
    """
    schema = resolve(schema)
    if isinstance(schema, dict) and "discriminator" in schema and isinstance(said, dict):
        told = schema["discriminator"]
        schema = {"$ref": told["mapping"][said[told["propertyName"]]]}
        assert plain(schema["$ref"].rpartition("/")[2]) == plain(type(got).__name__), f"{where} is of another class"
    if isinstance(got, datetime):
        assert got == datetime.fromisoformat(said), where
    elif isinstance(said, dict) and not isinstance(got, Mapping):
        _check_members(got, said, resolve(schema), where)
    elif isinstance(said, dict):
        assert got.keys() == said.keys(), where
        others = _part(schema, "additionalProperties")
        for name, value in said.items():
            check(got[name], value, others, f"{where}.{name}")
    elif isinstance(said, list):
        assert isinstance(got, (tuple, list)), where
        assert len(got) == len(said), where
        items = _part(schema, "items")
        for number, value in enumerate(said):
            check(got[number], value, items, f"{where}[{number}]")
    else:
        assert (isinstance(got, bool), got) == (isinstance(said, bool), said), where


def _check_members(got: Any, said: Mapping[str, Any], schema: Any, where: str) -> None:
    assert attrs.has(type(got)), f"{where} is {type(got).__name__}"
    attributes = {one.name for one in attrs.fields(type(got))} - {"extra"}
    known = members_of(schema)
    names = paired([*known, *(name for name in said if name not in known and name not in got.extra)], attributes)
    # A face is a replica, too, and shows its id and name under both names.
    names |= {name: name for name in known if isinstance(getattr(type(got), name, None), property)}
    for name, value in said.items():
        if name in got.extra:
            assert name not in known or value is None or not schema, f"{where}.{name} is not read"
            check(got.extra[name], value, None, f"{where}.{name}")
        else:
            assert name in names, f"{where}.{name} is lost"
            check(getattr(got, names[name]), value, known.get(name), f"{where}.{name}")
    given = {names[name] for name in said if name in names}
    for attribute in attributes - given:
        value = getattr(got, attribute)
        assert value is None or value in said.values(), f"{where}: {attribute} was never said"


def _part(schema: Any, key: str) -> Any:
    schema = resolve(schema)
    return schema.get(key) if isinstance(schema, dict) else None


def members_of(schema: Any) -> dict[str, Any]:
    """The members that a schema names; none where there is a choice."""
    schema = resolve(schema)
    if not isinstance(schema, dict):
        return {}
    found = dict(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        found |= members_of(part)
    return found
