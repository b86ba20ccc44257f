"""The specification in the package, and the requests that schemathesis builds from it.

This module uses no code of the project: an independent tool builds the requests to compare with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from email.parser import BytesParser
from email.policy import HTTP
from functools import cache
from importlib import resources
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import schemathesis
from schemathesis.config import SanitizationConfig
from schemathesis.core.transforms import jsonify_python_specific_types
from schemathesis.specs.openapi.serialization import serialize_openapi3_parameters
from schemathesis.transport.prepare import prepare_request
from schemathesis.transport.serialization import quote_all

from .server import Request

DOCUMENT: dict[str, Any] = json.loads(resources.files("tavus_api").joinpath("openapi.json").read_text("utf-8"))
_METHODS = ("get", "put", "post", "delete", "patch")
_AS_IT_IS = SanitizationConfig(enabled=False)


class Given(NamedTuple):
    """Values for an operation, by the names that the specification has for them; no body is an empty tuple."""

    path: Mapping[str, Any] = {}
    query: Mapping[str, Any] = {}
    header: Mapping[str, Any] = {}
    body: Any = ()


class Operation(NamedTuple):
    """An operation of the specification."""

    identifier: str
    verb: str
    path: str
    definition: Mapping[str, Any]

    @property
    def parameters(self) -> list[dict[str, Any]]:
        return [resolve(one) for one in self.definition.get("parameters", ())]

    @property
    def content(self) -> tuple[str, Mapping[str, Any]] | None:
        """Media type and schema of the body."""
        content = resolve(self.definition.get("requestBody", {})).get("content", {})
        return next(((name, value.get("schema", {})) for name, value in content.items()), None)

    @property
    def answers(self) -> dict[int, tuple[str, Mapping[str, Any]] | None]:
        """Media type and schema of each success; JSON if there is a choice."""
        found = {}
        for status, response in self.definition["responses"].items():
            if status.startswith("2"):
                content = resolve(response).get("content", {})
                names = sorted(content, key=lambda name: "json" not in name)
                found[int(status.replace("XX", "00"))] = (
                    (names[0], content[names[0]].get("schema", {})) if names else None
                )
        return found


def resolve(node: Any) -> Any:
    """Follow a reference."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def _operations() -> Iterator[Operation]:
    for path, item in DOCUMENT["paths"].items():
        for verb, definition in item.items():
            if verb in _METHODS:
                yield Operation(definition["operationId"], verb, path, definition)


OPERATIONS = {one.identifier: one for one in _operations()}


class Sent(NamedTuple):
    """The meaning of a request, independent of its spelling."""

    method: str
    segments: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: Any


def understood(request: Request, headers: set[str]) -> Sent:
    """Parse the meaning of a request.

    Args:
        request: The request.
        headers: The headers to look at, besides the content type.
    """
    url = urlsplit(request.target)
    kind = request.headers.get("content-type", "")
    return Sent(
        request.method.upper(),
        tuple(unquote(segment, errors="strict") for segment in url.path.split("/")),
        tuple(sorted(parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(url.query), errors="strict"))),
        {name: request.headers[name].strip() for name in headers if name in request.headers},
        _body(kind, request.body),
    )


def bare(media_type: str) -> str:
    """A media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    return bare(media_type).endswith(("/json", "+json"))


def _body(kind: str, content: bytes) -> Any:
    """Media type, and what was said in it."""
    media_type = bare(kind)
    if media_type == "multipart/form-data":
        message = BytesParser(policy=HTTP).parsebytes(f"content-type: {kind}\r\n\r\n".encode() + content)
        parts = sorted(_part(part) for part in message.iter_parts())
        return (media_type, parts) if parts else ("", b"")  # a form without fields says nothing
    if media_type == "application/x-www-form-urlencoded":
        return media_type, sorted(parse_qsl(content.decode(), keep_blank_values=True, errors="strict"))
    if is_json(media_type):
        return media_type, json.dumps(json.loads(content), sort_keys=True)
    return media_type, content


def _part(part: Any) -> tuple[str, str, str]:
    """Name of a field, what it is, and what it holds; JSON in one spelling."""
    content: bytes = part.get_payload(decode=True)
    name = part.get_param("name", header="content-disposition")
    if part.get_filename() is not None:
        return name, "file", content.decode("latin-1")
    if part.get_content_type() == "application/json":
        return name, "JSON", json.dumps(json.loads(content), sort_keys=True)
    return name, "text", content.decode()


@cache
def _schema() -> Any:
    return schemathesis.openapi.from_dict(DOCUMENT)


def _without_null(schema: Any) -> Any:
    """Return a schema without null, because schemathesis does not look behind it."""
    schema = resolve(schema)
    real = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}] if isinstance(schema, dict) else []
    return resolve(real[0]) if len(real) == 1 else schema


def expected(operation: Operation, given: Given) -> Request:
    """The request that schemathesis makes of the specification and some values."""

    def serialized(place: str, values: Mapping[str, Any]) -> Any:
        definitions = [
            {**one, "schema": _without_null(one.get("schema", {}))}
            for one in operation.parameters
            if one["in"] == place
        ]
        serialize = serialize_openapi3_parameters(definitions)
        made = serialize(dict(values)) if serialize else dict(values)
        return jsonify_python_specific_types(made)

    has_body = given.body != ()
    media_type = operation.content[0] if has_body and operation.content else None
    # What is neither JSON nor a form is sent as it is: schemathesis would make XML of a text.
    as_it_is = media_type is not None and not is_json(media_type) and "form" not in media_type
    case = _schema()[operation.path][operation.verb.upper()].Case(
        path_parameters=quote_all(serialized("path", given.path)),
        query=serialized("query", given.query),
        headers=serialized("header", given.header),
        media_type=None if as_it_is else media_type,
        **({"body": given.body} if has_body and not as_it_is else {}),
    )
    made = prepare_request(case, None, config=_AS_IT_IS, base_url="http://127.0.0.1")
    assert made.url is not None
    url = urlsplit(made.url)
    content = given.body if as_it_is else made.body or b""
    body = content.encode() if isinstance(content, str) else content
    headers = {str(name).lower(): str(value) for name, value in made.headers.items()}
    if as_it_is:
        headers["content-type"] = str(media_type)
    target = f"{url.path}?{url.query}" if url.query else url.path
    return Request(str(made.method), target, headers, body if has_body else b"")
