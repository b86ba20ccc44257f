"""Answers made from a schema, for operations that the fake does not model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ._messages import FakeResponse, answer
from ._operations import FakeOperation
from ._schemas import fields_of, resolve, types_of

_DEEPEST: Final = 8
_FORMATS: Final = {"date-time": "2024-01-24T07:14:03Z", "date": "2024-01-24", "uri": "https://media.tavus.example/file"}
_VALUES: Final[Mapping[str, Any]] = {"integer": 1, "number": 1, "boolean": True, "null": None, "string": "text"}


def sampled(operation: FakeOperation, ids: tuple[str, ...]) -> FakeResponse:
    """Return the successful answer of an operation: examples where there are some, and the ids of the path."""
    content = operation.responses.get(str(operation.success), {}).get("content", {})
    if not content:
        return FakeResponse(operation.success)
    media = next(iter(content.values()))
    value = media["example"] if "example" in media else sample(operation.document, media.get("schema", {}))
    named = dict(zip(operation.path_names, ids, strict=True))
    if isinstance(value, dict):
        value = {name: named.get(name, inner) for name, inner in value.items()}
    return answer(operation.success, value)


def sample(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int = 0) -> Any:
    """Return a value of a schema."""
    schema = resolve(document, schema)
    for value in (schema.get("example"), *schema.get("examples", ()), *schema.get("enum", ()), schema.get("const")):
        if value is not None:
            return value
    if depth > _DEEPEST:  # a schema can contain itself
        return None
    fields = dict(fields_of(document, schema))
    if fields:
        return {name: sample(document, each, depth + 1) for name, each in fields.items()}
    for word in ("oneOf", "anyOf"):
        for branch in schema.get(word, ()):
            return sample(document, branch, depth + 1)
    if "items" in schema:
        return [sample(document, schema["items"], depth + 1)]
    types = types_of(schema)
    if "string" in types and schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    return next((value for name, value in _VALUES.items() if name in types), [] if "array" in types else {})
