"""The reason that a server gives for an error, in whichever of the usual shapes it comes. Pure.

Tavus answers ``{"error": "..."}`` or ``{"message": "..."}``. Its validators and the gateways before it have shapes of
their own: FastAPI's ``detail`` list, ``errors`` by field, problem details (RFC 9457), a page of HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from itertools import islice
from typing import Any, Final

MAX_REASON: Final = 500
_MAX_PARTS: Final = 10
# In the order in which they are shown: the general before the particular.
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
# Where the error is, if the server says so beside its sentence.
_PLACES: Final = ("loc", "field", "param", "parameter", "pointer", "path", "name", "source")
_UNSEEN: Final = re.compile(r"<(script|style)\b.*?(?:</\1[^<>]*>|$)", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<[^<>]*(?:>|$)")


def reason_of(body: Any) -> str | None:
    """Find the sentences of an error's body.

    Returns:
        One line of at most 500 characters, or ``None`` when there is no sentence.
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
    """What a person would read of a text that is no JSON; empty when that is nothing."""
    text = text.strip()
    if text[:1] in ("{", "[") or "\N{REPLACEMENT CHARACTER}" in text:  # a piece of JSON, or no text at all
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
    """Only lists of sentences by the name of a field: any other member may be data."""
    for name, item in value.items():
        if isinstance(item, list) and all(isinstance(one, str) for one in item):
            yield from _said(item, name)


def _has_sentence(value: Mapping[str, Any]) -> bool:
    return any(_plain(name) in _SENTENCES and item for name, item in value.items())


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def _place(item: Mapping[str, Any]) -> str:
    """Where an error of a list is, such as ``body.replica_name``."""
    found = next((item[name] for name in _PLACES if item.get(name)), None)
    if isinstance(found, Mapping):
        found = next(iter(found.values()), None)
    parts = found if isinstance(found, list) else [found]
    return ".".join(str(part) for part in parts if isinstance(part, (str, int)))
