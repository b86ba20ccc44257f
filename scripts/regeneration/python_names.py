"""Python names for what the specification names: safe, unique, and by one rule."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from typing import Any, Final

from openapi_python_client.strings import ClassName, PythonIdentifier

# What a client has besides its namespaces; a tag of that name would be hidden by it.
CLIENT_NAMES: Final = frozenset(
    {"base_url", "clock", "close", "closed", "consents", "raw", "record_calls", "rng", "with_options"}
)
# Names of methods that are fine although Python has a function of that name: nothing in a namespace uses it.
_METHODS: Final = frozenset({"list"})
_VERBS: Final = {"post": "create", "get": "list", "put": "replace", "patch": "patch", "delete": "delete"}
_ITEM_VERBS: Final = {"post": "create", "get": "get", "put": "replace", "patch": "patch", "delete": "delete"}


def identifier(name: str) -> str:
    """A name for a variable, as the generator would make it."""
    return unicodedata.normalize("NFKC", PythonIdentifier(name, "field_"))


def class_name(name: str) -> str:
    """A name for a class, as the generator would make it."""
    made = unicodedata.normalize("NFKC", ClassName(name, "Model"))
    return f"{made}_" if made in dir(builtins) or keyword.iskeyword(made) else made


def free(name: str, taken: set[str]) -> str:
    """The name, or the name with the first number that nobody has; it is taken then."""
    made, number = name, 2
    while made in taken:
        made, number = f"{name}{number}", number + 1
    taken.add(made)
    return made


def namespace_name(operation: dict[str, Any]) -> str:
    """The namespace of an operation: ``x-namespace``, or its first tag in small letters with underscores."""
    given = operation.get("x-namespace") or (operation.get("tags") or ["default"])[0]
    made = identifier(re.sub(r"[^0-9a-z]+", "_", str(given).lower()).strip("_") or "default")
    return f"{made}_" if made in CLIENT_NAMES else made


def namespace_class(namespace: str) -> str:
    """The class of a namespace: ``pal_tools`` is ``PalTools``."""
    return class_name("".join(word.capitalize() for word in namespace.split("_")))


def method_name(method: str, path: str, operation: dict[str, Any], namespace: str) -> str:
    """The method of an operation: ``x-method``, or what verb and path say.

    ``GET /things`` is ``list``, ``GET /things/{id}`` is ``get``, ``PATCH /things/{id}/name`` is ``rename``, and
    ``POST /things/{id}/end`` is ``end``.
    """
    made = identifier(str(operation.get("x-method") or _by_rule(method, path, namespace)))
    bare = made.removesuffix("_")
    return bare if bare in _METHODS else made


def _by_rule(method: str, path: str, namespace: str) -> str:
    parts = [part for part in path.split("/") if part]
    if parts and re.fullmatch(r"v[0-9]+", parts[0]):
        del parts[0]
    last = parts[-1] if parts else ""
    if last.startswith("{"):
        return _ITEM_VERBS.get(method, method)
    word = re.sub(r"[^0-9a-z]+", "_", last.lower())
    if len(parts) <= 1 or (namespace == word or namespace.endswith(f"_{word}")):
        return _VERBS.get(method, method)
    if method == "patch" and word == "name":
        return "rename"
    return word if method == "post" else f"{_ITEM_VERBS.get(method, method)}_{word}"
