"""Strict decoding of the bytes of an answer into checked JSON, or into a description of the problem. Pure.

This module parses JSON strictly and within bounds. The generated readers interpret it, and they are tolerant. They
keep unknown members, treat ``null`` as an absent member, and accept unknown enum values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from tavus_consent._redaction import redact_json, redact_text

from .reasons import readable, reason_of

if TYPE_CHECKING:
    from tavus_api.types import Operation

MAX_DEPTH: Final = 100
# A page of a list holds a few hundred. An empty array is two bytes of JSON but takes fifty times as much memory.
MAX_CONTAINERS: Final = 100_000
KEPT_TEXT: Final = 2000
KEPT_JSON: Final = 64 * 1024


class UnusableBody(ValueError):
    """A problem with a body, worded to follow "Tavus answered, but"."""


def decode_answer(operation: Operation, status: int, content: bytes, path: Mapping[str, Any]) -> Any:
    """Return the result of a successful answer. Parse its JSON strictly (RFC 8259).

    Raises:
        UnusableBody: The body is not JSON, or the operation's reader rejects it.
    """
    from tavus_api.types import Unreadable

    try:
        return operation.parse(status, content, parse_json, path)
    except Unreadable as problem:
        said = str(problem)
    raise UnusableBody(said)


def parse_json(content: bytes) -> Any:
    """Parse strict JSON: UTF-8, no duplicate keys, no NaN or infinity, limited depth and size."""
    if not content:
        raise UnusableBody("the body is empty")
    brackets = content.count(b"{") + content.count(b"[")
    if brackets > MAX_CONTAINERS:
        raise UnusableBody(f"the JSON holds more than {MAX_CONTAINERS:,} arrays and objects")
    try:
        text = content.decode("utf-8-sig")
        data = _decoder.decode(text)
    except UnicodeDecodeError:
        raise UnusableBody("the body is not UTF-8") from None
    except RecursionError:
        raise UnusableBody(f"the JSON is nested deeper than {MAX_DEPTH} levels") from None
    except json.JSONDecodeError as problem:
        raise UnusableBody(f"the body is not JSON (at character {problem.pos})") from None
    except UnusableBody:
        raise
    except ValueError:  # an integer with more digits than Python converts
        raise UnusableBody("the JSON holds a number that is too large") from None
    # A body with fewer brackets cannot be that deep.
    if brackets > MAX_DEPTH and _depth(data) > MAX_DEPTH:
        raise UnusableBody(f"the JSON is nested deeper than {MAX_DEPTH} levels")
    return data


def read_body(content: bytes, secrets: tuple[str, ...] = ()) -> tuple[Any, str | None]:
    """Read the body of an error, and redact secrets.

    Returns:
        The body and the server's reason on one line. The body is the parsed JSON, or ``None`` if it is empty. If it is
        not JSON or is larger than 64 KiB, it is the first 2,000 characters of the text.
    """
    if not content:
        return None, None
    if len(content) <= KEPT_JSON:
        with suppress(UnusableBody):
            body = redact_json(parse_json(content), secrets)
            return body, reason_of(body)
    text = _text(content, secrets)
    # Redact again, because decoding HTML entities may have revealed a secret.
    return text, reason_of(redact_text(readable(text), secrets))


def _text(content: bytes, secrets: tuple[str, ...]) -> str:
    return redact_text(content[: 8 * KEPT_TEXT].decode("utf-8", "replace"), secrets)[:KEPT_TEXT]


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise UnusableBody("the JSON has a member twice")
    return members


def _constant(name: str) -> Any:
    raise UnusableBody(f"the body is not JSON ({name} is no JSON value)")


def _number(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise UnusableBody("the JSON holds a number that is too large")
    return number


_decoder: Final = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_constant, parse_float=_number)


def _depth(data: Any) -> int:
    """Return the nesting depth of arrays and objects."""
    depth, level = 0, [data]
    while level := [value for value in level if isinstance(value, (dict, list))]:
        depth += 1
        level = [child for value in level for child in (value.values() if isinstance(value, dict) else value)]
    return depth
