"""Checks of arguments: one check for each kind of argument, and one sentence that says what it takes.

A message names the argument and the type that was given. It only shows a value that is a number, because text may be a
secret in the wrong place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .errors import ConfigurationError, InvalidRequestError, TavusError

if TYPE_CHECKING:
    from attrs import Attribute

T = TypeVar("T")
ErrorType = type[ConfigurationError] | type[InvalidRequestError]
"""The errors to raise: the first for the setup of a client, the second for the arguments of a call."""

MAX_TEXT: Final = 200
# Documented ids, so that a message shows the right form.
_EXAMPLES: Final = {
    "document_id": "d8-5c71baca86fc",
    "face_id": "rf4e9d9790f0",
    "replica_id": "rf4e9d9790f0",
    "video_id": "1e30440cf9",
}


def refusal(field: str, takes: str, value: object, kind: ErrorType = InvalidRequestError) -> TavusError:
    """Return the error for an argument of the wrong type, or a number out of bounds."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    given = f"{value:g}" if is_number else "None" if value is None else f"a {type(value).__name__}"
    message = f"{field} takes {takes}, not {given}"
    return kind(message) if kind is ConfigurationError else InvalidRequestError(message, field=field, reason="type")


def check_seconds(value: Any, field: str, *, zero: bool = False, kind: ErrorType = InvalidRequestError) -> float:
    """Refuse a value that is not a finite number of seconds, or too small."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value < 0 or (value == 0 and not zero):
        takes = "a finite number of seconds, 0 or more" if zero else "a positive, finite number of seconds"
        raise refusal(field, takes, value, kind)
    return float(value)


def check_count(value: Any, field: str, *, least: int = 1, kind: ErrorType = InvalidRequestError) -> int:
    """Refuse a value that is not a whole number, or too small."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise refusal(field, f"a whole number of {least} or more", value, kind)
    return value


def check_flag(value: Any, field: str) -> bool | None:
    """Refuse a value other than True, False and None: ``"no"`` would count as true."""
    if value is not None and not isinstance(value, bool):
        raise refusal(field, "True or False", value)
    return value


def check_choice(value: Any, field: str, *, choices: tuple[str, ...]) -> None:
    """Refuse any other word."""
    if not isinstance(value, str) or value not in choices:
        raise InvalidRequestError(f"{field} takes {' or '.join(map(repr, choices))}", field=field, reason="choice")


def check_call(value: Any, field: str) -> None:
    """Refuse a value that is not callable, unless it is None."""
    if value is not None and not callable(value):
        raise refusal(field, "a function", value)


def check_type(
    value: Any, field: str, types: type | tuple[type, ...], takes: str, *, kind: ErrorType = InvalidRequestError
) -> None:
    """Refuse a value of another type."""
    if not isinstance(value, types):
        raise refusal(field, takes, value, kind)


def check_has(
    value: Any, field: str, *, names: tuple[str, ...], takes: str, kind: ErrorType = InvalidRequestError
) -> None:
    """Refuse an object without these methods; its class does not matter."""
    if not all(hasattr(value, name) for name in names):
        raise refusal(field, takes, value, kind)


def check_str(value: Any, field: str, *, kind: ErrorType = InvalidRequestError) -> str:
    """Refuse a value that is not text."""
    if not isinstance(value, str):
        raise refusal(field, "text (str)", value, kind)
    return value


def check_text(value: Any, field: str) -> str:
    """Refuse a text that cannot be a name or an id: empty, padded, too long, or with control characters."""
    if not check_str(value, field).strip():
        raise InvalidRequestError(f"{field} is empty", field=field, reason="empty")
    if not value.isprintable() or value != value.strip() or len(value) > MAX_TEXT:
        raise InvalidRequestError(
            f"{field} has control characters or surrounding spaces, or more than {MAX_TEXT} characters",
            field=field,
            reason="malformed",
        )
    return str(value)


def check_id(value: Any, field: str) -> str:
    """Refuse an id that would change the path: an empty one turns "delete this" into "delete /v2/replicas/"."""
    check_text(value, field)
    if value in (".", "..") or not value.isascii() or any(c in value for c in "/\\?#% "):
        example = f", as in {_EXAMPLES[field]}" if field in _EXAMPLES else ""
        raise InvalidRequestError(
            f"{field}: an id has no slashes, spaces or other special characters{example}", field=field
        )
    return str(value)


def check_list(value: Any, field: str) -> tuple[Any, ...]:
    """Return the items of a list; a single text is a list of one."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Iterable) or isinstance(value, (bytes, Mapping)):
        raise refusal(field, "a list of texts", value)
    return tuple(value)


def check_query(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse a value that cannot be part of a URL, such as a custom object, bytes or a lone surrogate."""
    for name, value in query.items():
        for one in value if isinstance(value, (list, tuple, set, frozenset)) else (value,):
            if one is not None and not isinstance(one, (str, int, float)):
                raise refusal(name, "text, a number, True or False", one)
            if isinstance(one, str) and any("\ud800" <= character <= "\udfff" for character in one):
                raise InvalidRequestError(f"{name} holds half a character", field=name, reason="malformed")
    return query


def valid(check: Callable[..., object], *, optional: bool = False, **options: Any) -> Any:
    """Return a check as a validator of attrs."""

    def validate(_instance: object, attribute: Attribute[Any], value: object) -> None:
        if not (optional and value is None):
            check(value, attribute.name, **options)

    return validate


def check_extra(extra: object, known: Container[str]) -> dict[str, Any]:
    """Refuse further members of a request that are no mapping of names, or that have arguments of their own."""
    if extra is None:
        return {}
    if not isinstance(extra, Mapping) or not all(isinstance(name, str) for name in extra):
        raise refusal("extra", "a mapping from the names of further members to their values", extra)
    for name in extra:
        if name in known:
            message = f"{name} has an argument of its own: pass it there, not in extra="
            raise InvalidRequestError(message, field=name, reason="known")
    return dict(extra)
