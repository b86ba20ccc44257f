"""Holds values to schemas, and says in which member and why they fail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._messages import read_json
from ._schemas import in_query, pointer_to

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, Registry


class InvalidRequest(Exception):
    """The request violates the specification.

    Attributes:
        what: The name of the wrong part.
        reason: The place, and what is wrong with it. It never contains a value of the request.
    """

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what, reason)
        self.what = what
        self.reason = reason


def parse(body: bytes) -> Any:
    """Return the value of a JSON body.

    Raises:
        InvalidRequest: It is not JSON.
    """
    try:
        return read_json(body, parse_constant=_refuse)
    except ValueError as error:
        raise InvalidRequest("JSON", f"body: {_complaint(error)}") from None


def _complaint(error: ValueError) -> str:
    # Only a decoder's own words: other messages may quote the text.
    where = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
    return f"it is not JSON{where}, or nested too deeply"


def validator(schema: Mapping[str, Any], registry: Registry) -> Draft202012Validator:
    """Return a validator whose messages do not contain the value."""
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(dict(schema), registry=registry, validate_formats=True, mask="the value")


def check(validator: Draft202012Validator, value: Any, whole: str, *, partial: bool = False) -> None:
    """Check a value against a schema.

    Args:
        validator: The schema.
        value: The value.
        whole: The name of the value.
        partial: Allow missing members.

    Raises:
        InvalidRequest: It violates the schema.
    """
    try:
        if validator.is_valid(value):
            return
        for error in validator.iter_errors(value):
            missing = getattr(error.kind, "property", None)
            if not (partial and missing and not error.instance_path):
                break
        else:
            return
    except UnicodeEncodeError:  # JSON can escape half of a surrogate pair, which is not valid text
        raise InvalidRequest(whole, f"{whole}: half of a surrogate pair is not text") from None
    where = [*error.instance_path, *([missing] if missing else [])]
    what = str(where[0]) if where else whole
    place = in_query(what) if whole == "query" else pointer_to(where) or whole
    raise InvalidRequest(what, f"{place}: {error.message}")


def _refuse(name: str) -> Any:
    raise ValueError(name)
