"""Find imports of private modules: only the names that the six packages below list in ``__all__`` are public."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache

PACKAGES = (
    "tavus_consent",
    "tavus_consent.callbacks",
    "tavus_consent.consent",
    "tavus_consent.ledger",
    "tavus_consent.preflight",
    "tavus_consent.testing",
)
_MENTION = re.compile(r"\btavus_consent(?:\.\w+)+")
# An import within a string is code that a test gives to another process.
_IMPORT = re.compile(r"\b(?:from|import) (tavus_consent\b[\w.]*)(?: import (\w+))?")


@cache
def _names(package: str) -> frozenset[str]:
    return frozenset(importlib.import_module(package).__all__)


def is_public(dotted: str) -> bool:
    """Return True for a public package, a public name, and an attribute of one."""
    parts = dotted.split(".")
    if dotted in PACKAGES or parts[0] != "tavus_consent":
        return True
    return any(
        package.split(".") == parts[: package.count(".") + 1] and parts[package.count(".") + 1] in _names(package)
        for package in PACKAGES
        if package.count(".") + 1 < len(parts)
    )


def private_imports(code: str) -> Iterator[str]:
    """Yield the dotted name of every import that is not public, also of those within strings."""
    for node in ast.walk(ast.parse(code)):
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # monkeypatch takes such a name for what it replaces.
            whole = [node.value] if _MENTION.fullmatch(node.value) else []
            found = whole + [".".join(filter(None, pair)) for pair in _IMPORT.findall(node.value)]
        yield from (name for name in found if not is_public(name))


def private_mentions(text: str) -> Iterator[str]:
    """Yield every dotted name in a text that is not public."""
    yield from (name for name in _MENTION.findall(text) if not is_public(name))
