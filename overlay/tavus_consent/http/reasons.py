"""Extraction of the reason that a server gives for an error, in any of the common formats. Pure.

Tavus answers ``{"error": "..."}`` or ``{"message": "..."}``. Its validators and the gateways in front of it use other
formats: FastAPI's ``detail`` list, ``errors`` by field, problem details (RFC 9457), or an HTML page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from itertools import islice
from typing import Any, Final

MAX_REASON: Final = 500
_MAX_PARTS: Final = 10
# In display order: the general before the specific.
_SENTENCES: Final = (
    "title",
    "error",
    "message",
    "msg",
    "detail",
    "details",
    "description",
    "error_description",
    "error_message",
    "reason",
    "errors",
    "invalid_params",
)
# Members in which a server gives the location of the error, next to the sentence.
_PLACES: Final = ("loc", "field", "param", "parameter", "pointer", "path", "name", "source")
_UNSEEN: Final = re.compile(r"<(script|style)\b.*?(?:</\1[^<>]*>|$)", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<[^<>]*(?:>|$)")


def reason_of(body: Any) -> str | None:
    """Return the sentences in the body of an error.

    Returns:
        One line of at most 500 characters, or ``None`` if there is no sentence.
    """
    is_plain = isinstance(body, Mapping) and not _has_sentence(body)
    found = _lists(body) if is_plain else _said(body)
    parts: list[str] = []
    for part in islice(found, _MAX_PARTS):
        line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(part.split()))
        if line and line not in parts:
            parts.append(line)
    reason = "; ".join(parts)
    return (reason if len(reason) <= MAX_REASON else f"{reason[: MAX_REASON - 3]}...") or None


def readable(text: str) -> str:
    """Return the readable part of a text that is not JSON, or an empty string."""
    text = text.strip()
    if text[:1] in ("{", "[") or "\N{REPLACEMENT CHARACTER}" in text:  # a piece of JSON, or binary data
        return ""
    if text.startswith("<"):
        return unescape(_TAG.sub(" ", _UNSEEN.sub(" ", text)))
    return text


def _said(value: Any, where: str = "") -> Iterator[str]:
    if isinstance(value, str):
        yield f"{where}: {value}" if where and value else value
    elif isinstance(value, list):
        for item in value:
            yield from _said(item, (_place(item) if isinstance(item, Mapping) else "") or where)
    elif isinstance(value, Mapping):
        if _has_sentence(value):
            yield from _object(value, where)
        else:
            for name, item in value.items():
                yield from _said(item, f"{where}.{name}" if where else name)


def _object(value: Mapping[str, Any], where: str = "") -> Iterator[str]:
    members = {_plain(name): item for name, item in value.items()}
    for name in _SENTENCES:
        yield from _said(members.get(name), where)


def _lists(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lists of sentences under field names. Skip other members, because they may be data."""
    for name, item in value.items():
        if isinstance(item, list) and all(isinstance(one, str) for one in item):
            yield from _said(item, name)


def _has_sentence(value: Mapping[str, Any]) -> bool:
    return any(_plain(name) in _SENTENCES and item for name, item in value.items())


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def _place(item: Mapping[str, Any]) -> str:
    """Return the location of one error in a list, such as ``body.replica_name``."""
    found = next((item[name] for name in _PLACES if item.get(name)), None)
    if isinstance(found, Mapping):
        found = next(iter(found.values()), None)
    parts = found if isinstance(found, list) else [found]
    return ".".join(str(part) for part in parts if isinstance(part, (str, int)))
