"""Validation of names and texts in a specification, because others wrote it and it becomes code and prose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from .markdown import visible
from .problems import RegenerationError, fail
from .schemas import operations, places, schema_slots

STEP = "names"
# These become modules and functions, so each must be a word.
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9 _.-]{0,99}")
# These become classes, attributes and arguments. The generator makes identifiers of them.
_LABEL = re.compile(r"(?=[^A-Za-z]*[A-Za-z])[ -~]{1,100}")
_PATH = re.compile(
    r"/|(?:/(?!\.{1,2}(?:/|$))(?:[A-Za-z0-9._~:@-]|%[0-9A-Fa-f]{2}|\{[A-Za-z][A-Za-z0-9_.-]{0,99}\})+)+/?"
)
_MAX_PATH = 500
# Characters of Trojan Source attacks, which show a reviewer something other than the actual text.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def check(document: dict[str, Any], tolerate: Callable[[RegenerationError], None] = fail) -> None:
    """Refuse names that no honest API has, and characters that change the text a reader sees."""
    for name, form, where in _names(document):
        if not isinstance(name, str) or not form.fullmatch(name) or (form is _PATH and len(name) > _MAX_PATH):
            tolerate(_refusal(where, f"the name {str(name)[:100]!r} cannot be used: {_ALLOWED[form]}"))
    for text, where in _texts(document):
        hidden = (character for character in text if character not in "\n\r\t" and _misleads(character))
        character = next(hidden, "")
        if character:
            tolerate(_refusal(where, f"a text holds U+{ord(character):04X}, which nobody can see"))


_ALLOWED = {
    _WORD: "a letter, then up to 99 letters, digits, blanks, dots, hyphens and underscores",
    _LABEL: "up to 100 printable ASCII characters, a letter among them",
    _PATH: f"up to {_MAX_PATH} characters of a path, parameters in braces",
}


def _refusal(where: str, cause: str) -> RegenerationError:
    remedy = "mend it with an action in openapi/overlays, if it is meant honestly"
    return RegenerationError(STEP, f"openapi/tavus.yaml, {visible(where)[:300] or '/'}", cause, remedy)


def _misleads(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _DIRECTIONS


def _names(document: dict[str, Any]) -> Iterator[tuple[Any, re.Pattern[str], str]]:
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        yield path, _PATH, where
        yield operation.get("operationId"), _WORD, where
        for tag in operation.get("tags") or ():
            yield tag, _WORD, f"{where}, tags"
        for parameter in operation.get("parameters") or ():
            if isinstance(parameter, dict) and "$ref" not in parameter:
                yield parameter.get("name"), _LABEL, f"{where}, parameters"
    components = document.get("components", {})
    for name, parameter in components.get("parameters", {}).items():
        if isinstance(parameter, dict):
            yield parameter.get("name", "none"), _LABEL, f"components/parameters/{name}"
    for kind, entries in components.items():
        for name in entries:
            yield name, _WORD, f"components/{kind}"
    for slot in schema_slots(document):
        if isinstance(slot.schema, dict):
            if "title" in slot.schema:
                yield slot.schema["title"], _LABEL, f"{slot.where}/title"
            for name in slot.schema.get("properties", ()):
                yield name, _LABEL, f"{slot.where}/properties"


def _texts(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for node, where in places(document):
        yield from ((key, where) for key in node) if isinstance(node, dict) else ()
        yield from ((node, where),) if isinstance(node, str) else ()
