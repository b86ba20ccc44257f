"""``operations.py``: what the transport must know of each operation without loading the specification."""

from __future__ import annotations

from typing import Any

from .operation import request_body
from .python_types import Schemas
from .schemas import operations, resolve

_HEAD = '''"""What the transport knows of every operation; taken from the specification."""

from typing import Any, Final, NamedTuple


class Operation(NamedTuple):
    """One operation of the API.

    Attributes:
        method: HTTP method in capitals.
        path: Path template, e.g. ``/v2/replicas/{replica_id}``.
        retry: ``"safe"`` (sending it again does no harm) or ``"if-not-sent"``.
        tag: First tag of the operation.
        answer: JSON Schema of the first 2xx JSON answer, cut to types and required members; None when
            there is no body.
        sends: Media type of the request body, or None.
        unchanged: Whether 304 is an answer, which says that nothing changed.
    """

    method: str
    path: str
    retry: str
    tag: str
    answer: Any
    sends: str | None = None
    unchanged: bool = False


OPERATIONS: Final[dict[str, Operation]] = {
'''


def operations_module(document: dict[str, Any]) -> str:
    """The source of ``operations.py``, sorted by operationId."""
    rows = sorted(operations(document), key=lambda row: row[2]["operationId"])
    lines = [
        f"    {operation['operationId']!r}: Operation({method.upper()!r}, {path!r}, {operation['x-retry']!r},"
        f" {(operation.get('tags') or ['default'])[0]!r}, {_answer(document, operation)!r}"
        f"{_rest(document, operation)}),\n"
        for path, method, operation in rows
    ]
    return _HEAD + "".join(lines) + "}\n"


def _answer(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    for status, response in sorted(operation["responses"].items()):
        if status.startswith("2"):
            content = resolve(document, response).get("content", {})
            for media_type, media in content.items():
                if media_type.split(";")[0].strip().endswith("json"):
                    return _pruned(document, media.get("schema", {}), ())
    return None


def _rest(document: dict[str, Any], operation: dict[str, Any]) -> str:
    body = request_body(Schemas(document), operation)
    unchanged = ", unchanged=True" if "304" in operation["responses"] else ""
    return (f", sends={body[0]!r}" if body else "") + unchanged


def _pruned(document: dict[str, Any], schema: Any, inside: tuple[str, ...]) -> Any:
    if isinstance(schema, dict) and "$ref" in schema:
        reference = schema["$ref"]
        if reference in inside:
            return {}
        return _pruned(document, resolve(document, schema), (*inside, reference))
    if not isinstance(schema, dict):
        return {}
    for key in ("anyOf", "oneOf"):
        real = [part for part in schema.get(key, ()) if not (isinstance(part, dict) and part.get("type") == "null")]
        if len(real) == 1 and "type" not in schema:
            inner = _pruned(document, real[0], inside)
            return inner if len(schema[key]) == 1 else _nullable(inner)
    pruned: dict[str, Any] = {}
    if "type" in schema:
        pruned["type"] = schema["type"]
    if "properties" in schema:
        pruned["properties"] = {k: _pruned(document, v, inside) for k, v in schema["properties"].items()}
    if "required" in schema:
        pruned["required"] = schema["required"]
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            pruned[key] = _pruned(document, schema[key], inside)
    return pruned


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    if kind is None:
        return schema
    kinds = [kind] if isinstance(kind, str) else list(kind)
    return {**schema, "type": [*kinds, *(["null"] if "null" not in kinds else [])]}
