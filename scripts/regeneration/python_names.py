"""Safe, unique and consistent Python names for the names of the specification."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from typing import Any, Final

from openapi_python_client.strings import ClassName, PythonIdentifier

# Attributes of a client other than namespaces. They would hide a namespace of the same name.
CLIENT_NAMES: Final = frozenset(
    {
        "base_url",
        "callbacks",
        "clock",
        "close",
        "closed",
        "consents",
        "raw",
        "record_calls",
        "rng",
        "with_options",
        "without_gate",
    }
)
# The overlay writes these namespaces by hand, because the consent gate precedes their creates.
HAND_WRITTEN: Final = frozenset({"faces", "replicas"})
# Method names that may equal a built-in function, because no namespace uses that function.
_METHODS: Final = frozenset({"list"})
_VERBS: Final = {"post": "create", "get": "list", "put": "replace", "patch": "patch", "delete": "delete"}
_ITEM_VERBS: Final = {"post": "create", "get": "get", "put": "replace", "patch": "patch", "delete": "delete"}


def identifier(name: str) -> str:
    """Return the variable name that the generator would use."""
    return unicodedata.normalize("NFKC", PythonIdentifier(name, "field_"))


def class_name(name: str) -> str:
    """Return the class name that the generator would use."""
    made = unicodedata.normalize("NFKC", ClassName(name, "Model"))
    return f"{made}_" if made in dir(builtins) or keyword.iskeyword(made) else made


def free(name: str, taken: set[str]) -> str:
    """Return the name, or the name with the first free number, and add it to ``taken``."""
    made, number = name, 2
    while made in taken:
        made, number = f"{name}{number}", number + 1
    taken.add(made)
    return made


def namespace_name(operation: dict[str, Any]) -> str:
    """Return the namespace of an operation: ``x-namespace``, or its first tag in snake case."""
    given = operation.get("x-namespace") or (operation.get("tags") or ["default"])[0]
    made = identifier(re.sub(r"[^0-9a-z]+", "_", str(given).lower()).strip("_") or "default")
    return f"{made}_" if made in CLIENT_NAMES else made


def namespace_class(namespace: str) -> str:
    """Return the class name of a namespace: ``PalTools`` for ``pal_tools``."""
    return class_name("".join(word.capitalize() for word in namespace.split("_")))


def method_name(method: str, path: str, operation: dict[str, Any], namespace: str) -> str:
    """Return the method name of an operation: ``x-method``, or a name derived from verb and path.

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
