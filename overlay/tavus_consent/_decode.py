"""From the bytes of an answer to checked JSON, or a sentence that says what is wrong with them. Pure.

The generated parsers trust what they get: ``"data": "x"`` would be read letter by letter. So a body is held against
the shape that the spec promises before they see it. Reading stays tolerant: unknown fields are let through, a ``null``
counts as an absent field, and words are never compared with a list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from ._reasons import readable, reason_of
from ._redaction import redact_json, redact_text

MAX_DEPTH: Final = 100
# A page of a list holds a few hundred. Empty arrays take fifty times as much memory as their two bytes.
MAX_CONTAINERS: Final = 100_000
KEPT_TEXT: Final = 2000
KEPT_JSON: Final = 64 * 1024

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_WORDS: Final[dict[type, str]] = {
    dict: "an object",
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}


class UnusableBody(ValueError):
    """Says what is wrong with a body, in words that fit after "Tavus answered, but"."""


def decode_answer(content: bytes, shape: Mapping[str, Any]) -> Any:
    """Parse a 2xx body strictly (RFC 8259) and hold it against the promised shape.

    Args:
        content: The body, decompressed.
        shape: A JSON Schema; ``type``, ``properties``, ``required``, ``items`` and ``additionalProperties`` count.

    Returns:
        The JSON value, in which ``null`` members that may not be null are left out.

    Raises:
        UnusableBody: The body is not JSON, or not of that shape.
    """
    data = parse_json(content)
    check_shape(data, shape)
    return data


def check_shape(data: Any, shape: Mapping[str, Any]) -> None:
    """Hold a value against a shape; ``null`` members that may not be null are taken out of it.

    Raises:
        UnusableBody: It is not of that shape.
    """
    _check(data, shape, "")


def parse_json(content: bytes) -> Any:
    """Parse JSON and nothing else: UTF-8, no duplicate keys, no NaN or infinity; neither too deep nor too much of it.

    Raises:
        UnusableBody: It is something else.
    """
    if not content:
        raise UnusableBody("the body is empty")
    brackets = content.count(b"{") + content.count(b"[")
    if brackets > MAX_CONTAINERS:
        raise UnusableBody(f"the JSON holds more than {MAX_CONTAINERS:,} arrays and objects")
    try:
        text = content.decode("utf-8-sig")
        data = json.loads(text, object_pairs_hook=_members, parse_constant=_constant, parse_float=_number)
    except UnicodeDecodeError:
        raise UnusableBody("the body is not UTF-8") from None
    except RecursionError:
        raise UnusableBody(f"the JSON is nested deeper than {MAX_DEPTH} levels") from None
    except json.JSONDecodeError as problem:
        raise UnusableBody(f"the body is not JSON (at character {problem.pos})") from None
    except UnusableBody:
        raise
    except ValueError:  # an integer of more digits than Python converts
        raise UnusableBody("the JSON holds a number that is too large") from None
    # Only a body with that many brackets can be that deep.
    if brackets > MAX_DEPTH and _depth(data) > MAX_DEPTH:
        raise UnusableBody(f"the JSON is nested deeper than {MAX_DEPTH} levels")
    return data


def read_body(content: bytes, secrets: tuple[str, ...] = ()) -> tuple[Any, str | None]:
    """What can be kept of the body of an error.

    Returns:
        The parsed JSON, or the first 2,000 characters of the text when it is not JSON or has more than 64 KiB, or
        ``None`` when it is empty; and the server's reason, on one line. All without secrets.
    """
    if not content:
        return None, None
    if len(content) <= KEPT_JSON:
        with suppress(UnusableBody):
            body = redact_json(parse_json(content), secrets)
            return body, reason_of(body)
    text = _text(content, secrets)
    # Once more: what was written as an HTML entity is a secret only now.
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


def _depth(data: Any) -> int:
    """How many arrays and objects lie within each other."""
    depth, level = 0, [data]
    while level := [value for value in level if isinstance(value, (dict, list))]:
        depth += 1
        level = [child for value in level for child in (value.values() if isinstance(value, dict) else value)]
    return depth


def _check(value: Any, shape: Mapping[str, Any], where: str) -> None:
    declared = shape.get("type")
    if declared is None:
        return
    names = (declared,) if isinstance(declared, str) else declared
    # bool is an int to Python, not to JSON
    if not any(
        isinstance(value, _TYPES[name]) and (not isinstance(value, bool) or name == "boolean") for name in names
    ):
        expected = " or ".join("an " + name if name[0] in "aio" else "a " + name for name in names)
        raise UnusableBody(f"{where or 'the body'} is {_WORDS[type(value)]}, not {expected}")
    if isinstance(value, dict):
        _check_members(value, shape, where)
    elif isinstance(value, list) and "items" in shape:
        for index, item in enumerate(value):
            _check(item, shape["items"], f"{where}[{index}]")


def _check_members(value: dict[str, Any], shape: Mapping[str, Any], where: str) -> None:
    properties = shape.get("properties", {})
    others = shape.get("additionalProperties")
    prefix = f"{where}." if where else ""
    for name in shape.get("required", ()):
        if value.get(name) is None:
            raise UnusableBody(f"{prefix}{name} is missing")
        if isinstance(value[name], str) and not value[name].strip():  # an id that names nothing
            raise UnusableBody(f"{prefix}{name} is empty")
    for name in list(value):
        member = properties.get(name, others if isinstance(others, Mapping) else None)
        if member is None:
            continue
        if value[name] is None:
            if not _nullable(member):
                del value[name]
            continue
        # An unknown name is the server's text: it does not go into a message.
        _check(value[name], member, f"{prefix}{name if name in properties else '*'}")


def _nullable(shape: Mapping[str, Any]) -> bool:
    declared = shape.get("type")
    return declared is None or declared == "null" or (not isinstance(declared, str) and "null" in declared)
