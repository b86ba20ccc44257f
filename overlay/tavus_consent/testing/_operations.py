"""Operations of the specification: their valid requests and the form of their answers."""

from __future__ import annotations

from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qsl

from attrs import define

from ._own_client import OWN_CLIENT, RELAYED
from ._schemas import (
    Stranger,
    at_place,
    fields_of,
    follow,
    in_query,
    pointer_to,
    reference,
    resolve,
    stranger,
    strangers,
    takes_null,
    typed,
    types_of,
)
from ._validation import InvalidRequest, check, parse, validator

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, Registry

_MULTIPART: Final = "multipart/form-data"
#: the registered type of a JSON Patch, which clients may send although Tavus documents application/json
_PATCH_JSON: Final = "application/json-patch+json"


class Parameter(NamedTuple):
    """The format of a query parameter."""

    types: frozenset[str]
    #: types of an array's items
    item_types: frozenset[str]
    #: an array repeats its name for each item, instead of commas
    exploded: bool

    @property
    def repeats(self) -> bool:
        """True if its name may occur more than once."""
        return "array" in self.types and self.exploded

    def read(self, texts: list[str]) -> Any:
        """Return the typed value; a malformed value stays text, so that the schema refuses it."""
        if "array" not in self.types:
            return typed(texts[0], self.types)
        items = texts if self.exploded else texts[0].split(",")
        return [typed(item, self.item_types) for item in items]


class Shape(NamedTuple):
    """The fields of an object in an answer."""

    names: tuple[str, ...]
    #: fields that cannot be null: they are omitted instead
    solid: frozenset[str]
    #: True for a list of such objects
    is_list: bool


@define(eq=False, slots=False)
class FakeOperation:
    """One operation of the specification.

    Attributes:
        operation_id: Its operationId.
        method: HTTP method, upper case.
        path_names: The names of the path's parameters, in their order.
        keyed: True if it needs the key.
        definition: Its definition in the document, with the path's parameters.
    """

    operation_id: str
    method: str
    path: str
    path_names: tuple[str, ...]
    keyed: bool
    definition: Mapping[str, Any]
    document: Mapping[str, Any]
    registry: Registry

    # Requests

    def read_query(self, query: str, *, page_zero: bool = False) -> dict[str, Any]:
        """Return the declared query parameters, typed, and as text those that Tavus's own client relies on.

        Args:
            query: The query.
            page_zero: Allow page 0 even if the specification begins with page 1.

        Raises:
            InvalidRequest: A value is not allowed, or is given twice.
        """
        texts: dict[str, list[str]] = {}
        others: dict[str, Any] = {}
        for name, text in parse_qsl(query, keep_blank_values=True) if query else ():
            known = self._parameters.get(name)
            if known is None:
                if in_query(name) in self._tolerated:
                    others[name] = text
                continue
            if name in texts and not known.repeats:
                raise InvalidRequest(name, f"{in_query(name)}: given more than once")
            texts.setdefault(name, []).append(text)
        values = {name: self._parameters[name].read(text) for name, text in texts.items()}
        zero = page_zero and values.get("page") == 0
        check(self._query_validator, {**values, "page": 1} if zero else values, "query")
        return {**others, **values}

    def read_body(self, content_type: str, body: bytes) -> Any:
        """Return the parsed body.

        Raises:
            InvalidRequest: It is missing, cannot be parsed, or violates the schema.
        """
        if not self._body_schemas or not (body or self._body_required):
            return None
        kind = content_type.partition(";")[0].strip().lower()
        if kind == _PATCH_JSON and self.method == "PATCH":
            kind = "application/json"
        if kind not in self._body_schemas:
            raise InvalidRequest("content type", f"content-type: must be {' or '.join(self._body_schemas)}")
        value = self._read_parts(content_type, body) if kind == _MULTIPART else parse(body)
        check(self._body_validators[kind], value, "request body")
        return value

    def check_body(self, value: Any) -> None:
        """Check a JSON body that is built from parts against the schema. Missing members are allowed.

        Raises:
            InvalidRequest: It violates the schema.
        """
        check(next(iter(self._body_validators.values())), value, "request body", partial=True)

    def strangers(self, query: str, body: Any) -> list[Stranger]:
        """Return what a request has and the specification does not have: in its query, and in its body at any depth.

        It leaves out what Tavus's own client relies on.
        """
        names = [name for name, _ in parse_qsl(query, keep_blank_values=True) if name not in self._parameters]
        asked = [stranger(name, self._parameters, in_query(name)) for name in dict.fromkeys(names)]
        schemas = () if self.operation_id in RELAYED else self._body_schemas.values()
        found = [*asked, *strangers(self.document, schemas, body)]
        return [each for each in found if each.pointer not in self._tolerated]

    @property
    def _tolerated(self) -> frozenset[str]:
        return OWN_CLIENT.get(self.operation_id, frozenset())

    @cached_property
    def body_fields(self) -> frozenset[str]:
        """The names of all possible fields of a request body."""
        schemas = self._body_schemas.values()
        return frozenset(name for schema in schemas for name, _ in fields_of(self.document, schema))

    @cached_property
    def _parameters(self) -> dict[str, Parameter]:
        found = {}
        for parameter, _ in self._query:
            schema = resolve(self.document, parameter["schema"])
            found[parameter["name"]] = Parameter(
                types_of(schema),
                types_of(resolve(self.document, schema.get("items", {}))),
                parameter.get("explode", parameter.get("style", "form") == "form"),
            )
        return found

    @cached_property
    def _query(self) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """The query parameters, each with a reference to its schema."""
        owners = (("paths", self.path), ("paths", self.path, self.method.lower()))
        found = {}
        for owner in owners:
            for index in range(len(at_place(self.document, owner).get("parameters", ()))):
                parameter, place = follow(self.document, (*owner, "parameters", str(index)))
                if parameter["in"] == "query":
                    found[parameter["name"]] = (parameter, reference(*place, "schema"))
        return list(found.values())

    @cached_property
    def _query_validator(self) -> Draft202012Validator:
        schema = {
            "properties": {parameter["name"]: reference for parameter, reference in self._query},
            "required": [parameter["name"] for parameter, _ in self._query if parameter.get("required")],
        }
        return validator(schema, self.registry)

    @cached_property
    def _request_body(self) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        if "requestBody" not in self.definition:
            return {}, ()
        return follow(self.document, ("paths", self.path, self.method.lower(), "requestBody"))

    @cached_property
    def _body_required(self) -> bool:
        return bool(self._request_body[0].get("required"))

    @cached_property
    def _body_schemas(self) -> dict[str, Mapping[str, Any]]:
        content = self._request_body[0].get("content", {})
        return {kind: media.get("schema", {}) for kind, media in content.items()}

    @cached_property
    def _body_validators(self) -> dict[str, Draft202012Validator]:
        place = self._request_body[1]
        return {
            kind: validator(reference(*place, "content", kind, "schema"), self.registry) for kind in self._body_schemas
        }

    def _read_parts(self, content_type: str, body: bytes) -> dict[str, Any]:
        """Return the fields of a form: files as text with one character per byte, the others typed."""
        head = b"content-type: " + content_type.encode("latin-1") + b"\r\n\r\n"
        try:
            form = BytesParser(policy=HTTP).parsebytes(head + body)
        except RecursionError:  # forms within forms within forms
            raise InvalidRequest("multipart body", "body: forms are nested too deeply") from None
        if not form.is_multipart():
            raise InvalidRequest("multipart body", "body: it is not a form with the boundary in content-type")
        schemas = dict(fields_of(self.document, self._body_schemas[_MULTIPART]))
        values: dict[str, Any] = {}
        for part in form.iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = bytes(part.get_payload(decode=True))
            if not isinstance(name, str):
                raise InvalidRequest("multipart body", "body: a part of the form has no name")
            if part.get_filename() is not None:
                values[name] = content.decode("latin-1")
                continue
            try:
                text = content.decode()
            except UnicodeDecodeError:
                raise InvalidRequest(name, f"{pointer_to([name])}: the text is not UTF-8") from None
            values[name] = typed(text, types_of(resolve(self.document, schemas.get(name, {}))))
        return values

    # Answers

    @cached_property
    def responses(self) -> dict[str, Mapping[str, Any]]:
        """The answers by status."""
        return {code: resolve(self.document, answer) for code, answer in self.definition.get("responses", {}).items()}

    @cached_property
    def success(self) -> int:
        """The status of a successful answer: the smallest documented one."""
        return min((int(code) for code in self.responses if code.startswith("2")), default=200)

    @cached_property
    def has_answer(self) -> bool:
        """True if a successful answer has a body."""
        return "content" in self.responses[str(self.success)]

    @cached_property
    def shape(self) -> Shape:
        """The form of a successful answer."""
        return self._shape(self._media(str(self.success)).get("schema", {}))

    @cached_property
    def inner_shapes(self) -> dict[str, Shape]:
        """The forms of the objects in fields of the answer, by field name."""
        answer = dict(fields_of(self.document, self._media(str(self.success)).get("schema", {})))
        return {name: self._shape(schema) for name, schema in answer.items()}

    def _shape(self, schema: Mapping[str, Any]) -> Shape:
        schema = resolve(self.document, schema)
        fields = dict(fields_of(self.document, schema.get("items", schema)))
        solid = frozenset(name for name, each in fields.items() if not takes_null(self.document, each))
        return Shape(tuple(fields), solid, "items" in schema)

    def error(self, status: int) -> tuple[str, Any]:
        """Return the error field of answers with a status, and its example in the specification."""
        media = self._media(str(status))
        fields = dict(fields_of(self.document, media.get("schema", {})))
        name = next(iter(fields), "error")
        examples = fields.get(name, {}).get("examples", [None])
        return name, media.get("example", {}).get(name, examples[0])

    def _media(self, code: str) -> Mapping[str, Any]:
        content = self.responses.get(code, {}).get("content", {})
        found: Mapping[str, Any] = next(iter(content.values()), {})
        return found

    @cached_property
    def paging(self) -> Mapping[str, Any] | None:
        """The paging of a list operation, or ``None``."""
        found: Mapping[str, Any] | None = self.definition.get("x-paging")
        return found
