"""Which operation a request asks for, and whether the request is what the specification allows.

Everything comes from the OpenAPI document that ships with the generated package. It is read once per process; a
validator is compiled when its operation is first used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache, cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, unquote

from attrs import define, field, frozen

from tavus_consent.errors import MissingExtraError

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, Registry

METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})

_ROOT: Final = "urn:tavus"
_JSON_TYPE: Final = "application/json"
_INTEGER: Final = re.compile(r"-?[0-9]{1,4000}", re.ASCII)
_BOOLEANS: Final = {"true": True, "false": False}


class InvalidRequest(Exception):
    """The request is not what the specification allows.

    Attributes:
        what: The name of the wrong part.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@define(eq=False, slots=False)
class Operation:
    """One operation of the specification."""

    operation_id: str
    method: str
    keyed: bool
    #: JSON types by name of the query parameter
    query_types: Mapping[str, frozenset[str]]
    query_schema: Mapping[str, Any]
    #: of a JSON body; None when the operation takes no body
    body_schema: Mapping[str, Any] | None
    body_required: bool
    registry: Registry

    @cached_property
    def _query_validator(self) -> Draft202012Validator:
        return _validator(self.query_schema, self.registry)

    @cached_property
    def _body_validator(self) -> Draft202012Validator:
        return _validator(self.body_schema or {}, self.registry)

    def read_query(self, query: str) -> dict[str, Any]:
        """The declared query parameters, typed.

        Raises:
            InvalidRequest: A value is not allowed, or is given twice.
        """
        values: dict[str, Any] = {}
        for name, text in parse_qsl(query, keep_blank_values=True) if query else ():
            types = self.query_types.get(name)
            if types is None:
                continue
            if name in values:
                raise InvalidRequest(name)
            values[name] = _typed(text, types)
        _check(self._query_validator, values, "query")
        return values

    def read_body(self, content_type: str, body: bytes) -> Any:
        """The JSON body.

        Raises:
            InvalidRequest: It is missing, is not JSON, or is not what the schema allows.
        """
        if self.body_schema is None or not (body or self.body_required):
            return None
        if content_type.partition(";")[0].strip().lower() != _JSON_TYPE:
            raise InvalidRequest("content type")
        try:
            value = json.loads(body, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise InvalidRequest("JSON") from None
        _check(self._body_validator, value, "request body")
        return value


@frozen
class Match:
    """What a path leads to."""

    #: operations by method, upper case
    operations: Mapping[str, Operation]
    #: values of the path's parameters, in their order
    ids: tuple[str, ...]


@define
class _Node:
    fixed: dict[str, _Node] = field(factory=dict)
    variable: _Node | None = None
    operations: dict[str, Operation] = field(factory=dict)


class Router:
    """The operations of an OpenAPI 3.1 document.

    Raises:
        MissingExtraError: jsonschema-rs is not installed.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        try:
            from jsonschema_rs import Registry
        except ImportError:
            raise MissingExtraError("testing", "the fake of Tavus") from None
        registry = Registry([(_ROOT, document)])
        self.operations: dict[str, Operation] = {}
        self._root = _Node()
        for path, item in document["paths"].items():
            node = self._root
            for segment in path[1:].split("/"):
                if segment.startswith("{"):
                    node.variable = node = node.variable or _Node()
                else:
                    node = node.fixed.setdefault(segment, _Node())
            for method in (key for key in item if key in METHODS):
                operation = _operation(document, registry, path, method)
                self.operations[operation.operation_id] = node.operations[operation.method] = operation

    def find(self, path: str) -> Match | None:
        """Look a path up, as it is on the wire; ``None`` when the API has no such path."""
        node = self._root
        ids: tuple[str, ...] = ()
        for segment in path[1:].split("/"):
            following = node.fixed.get(segment)
            if following is None:
                following = node.variable
                if following is None or not segment:
                    return None
                ids = (*ids, unquote(segment))
            node = following
        return Match(node.operations, ids) if node.operations else None


@cache
def shipped_router() -> Router:
    """The router of the document that ships with the generated package."""
    return Router(json.loads(resources.files("tavus_api").joinpath("openapi.json").read_bytes()))


def _operation(document: Mapping[str, Any], registry: Registry, path: str, method: str) -> Operation:
    item = document["paths"][path]
    definition = item[method]
    of_path = ("paths", path)
    of_operation = (*of_path, method)
    query = {
        parameter["name"]: (parameter, (*owner, "parameters", str(index), "schema"))
        for owner, holder in ((of_path, item), (of_operation, definition))
        for index, parameter in enumerate(holder.get("parameters", ()))
        if parameter["in"] == "query"
    }
    request_body = definition.get("requestBody", {})
    takes_json = _JSON_TYPE in request_body.get("content", {})
    return Operation(
        operation_id=definition["operationId"],
        method=method.upper(),
        keyed=bool(definition.get("security", document.get("security"))),
        query_types={name: _types(parameter["schema"]) for name, (parameter, _) in query.items()},
        query_schema={
            "properties": {name: _reference(*place) for name, (_, place) in query.items()},
            "required": [name for name, (parameter, _) in query.items() if parameter.get("required")],
        },
        body_schema=_reference(*of_operation, "requestBody", "content", _JSON_TYPE, "schema") if takes_json else None,
        body_required=request_body.get("required", False),
        registry=registry,
    )


def _reference(*place: str) -> dict[str, str]:
    """A schema that stands at some place in the document: so its own references keep their meaning."""
    return {"$ref": f"{_ROOT}#/" + "/".join(quote(step.replace("~", "~0").replace("/", "~1")) for step in place)}


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    types = schema.get("type", ())
    return frozenset([types] if isinstance(types, str) else types)


def _typed(text: str, types: frozenset[str]) -> Any:
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "boolean" in types:
        return _BOOLEANS.get(text, text)
    return text


def _validator(schema: Mapping[str, Any], registry: Registry) -> Draft202012Validator:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(dict(schema), registry=registry, validate_formats=True)


def _check(validator: Draft202012Validator, value: Any, whole: str) -> None:
    try:
        if validator.is_valid(value):
            return
        error = next(iter(validator.iter_errors(value)))
    except UnicodeEncodeError:  # JSON can escape half of a surrogate pair, which is no text
        raise InvalidRequest(whole) from None
    missing = getattr(error.kind, "property", None)
    where = [*error.instance_path, *([missing] if missing else [])]
    raise InvalidRequest(str(where[0]) if where else whole)


def _refuse(name: str) -> Any:
    raise ValueError(name)
