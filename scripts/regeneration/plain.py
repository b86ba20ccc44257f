"""Conversion of untrusted YAML and JSON to plain data.

Others write upstream, so this module accepts only plain data. It refuses tags, duplicate keys, aliases that multiply,
and data larger than a real API needs.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Hashable
from typing import Any

import yaml

from .problems import RegenerationError

MAX_BYTES = 10_000_000
MAX_NODES = 500_000
MAX_DEPTH = 100


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C loader is optional
    """A loader for the YAML 1.2 core schema: no dates, no sexagesimal numbers, no ``yes``, no merge keys, no tags."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # PyYAML's own way of configuring a loader
    yaml_constructors: dict[str | None, Any] = {}  # noqa: RUF012

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Do nothing, so that merge keys stay ordinary keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Build a mapping. Raise an error for a duplicate key, instead of using its last value."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key.value, str) or key.value in seen:
                problem = "a key stands twice or is not a word"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping


class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # the C dumper is optional
    """A dumper without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return true, so that values are written out, because anchors make diffs hard to read."""
        return True


def compose(text: str) -> Any:
    """Return the nodes of a YAML text, each with its place in the text."""
    return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


_CORE_SCHEMA: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "null": (r"~|null|Null|NULL|", lambda loader, node: None),
    "bool": (r"true|True|TRUE|false|False|FALSE", lambda loader, node: node.value.lower() == "true"),
    "int": (
        r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
        lambda loader, node: int(node.value, 0 if node.value[:2] in ("0x", "0o") else 10),
    ),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?",
        lambda loader, node: float(node.value),
    ),
}
for _kind, (_form, _construct) in _CORE_SCHEMA.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(f"^(?:{_form})$"), None)
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", _construct)
_Loader.add_constructor(None, yaml.SafeLoader.construct_undefined)  # any other tag is an error
_Loader.add_constructor("tag:yaml.org,2002:str", yaml.SafeLoader.construct_yaml_str)
_Loader.add_constructor("tag:yaml.org,2002:seq", yaml.SafeLoader.construct_yaml_seq)
_Loader.add_constructor("tag:yaml.org,2002:map", yaml.SafeLoader.construct_yaml_map)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return mapping


def load_mapping(data: bytes, name: str) -> dict[str, Any]:
    """Parse YAML or JSON whose top level is a mapping.

    Args:
        data: The bytes, in UTF-8.
        name: The source of the bytes, for the error.

    Returns:
        Plain data without shared objects, in which all keys are strings.

    Raises:
        RegenerationError: The data is too large, malformed, or more than plain data.
    """

    def refuse(cause: str) -> RegenerationError:
        return RegenerationError("read", name, cause, "give a docs page or an OpenAPI document in plain UTF-8")

    if len(data) > MAX_BYTES:
        raise refuse(f"it is larger than {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
        # S506: the loader is stricter than the safe one it derives from
        as_json = text.lstrip().startswith("{")
        value = json.loads(text, object_pairs_hook=_once) if as_json else yaml.load(text, _Loader)  # noqa: S506
        value = _Plain().copy(value, 0)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise refuse(f"it cannot be read: {error}") from None
    if not isinstance(value, dict):
        raise refuse("it is not a mapping")
    return value


class _Plain:
    """A copier of values, so that YAML aliases share no objects. It has a budget, so that aliases cannot multiply."""

    def __init__(self) -> None:
        self._left = MAX_NODES

    def copy(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if self._left < 0:
            raise ValueError(f"it has more than {MAX_NODES} values, counting what aliases repeat")
        if depth > MAX_DEPTH:
            raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, dict):
            return {self._key(key): self.copy(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.copy(item, depth + 1) for item in value]
        if isinstance(value, str) and not value.isascii():
            value.encode()  # raises a ValueError for a lone surrogate, which JSON can escape
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("a number is not finite")
        return value

    def _key(self, key: Any) -> str:
        # Status codes often have no quotes.
        if isinstance(key, str):
            key.encode()
            return key
        if isinstance(key, int) and not isinstance(key, bool):
            return str(key)
        raise ValueError(f"the key {key!r} is not a word")
