"""Rejection of parts of the specification that the generated code would not send or read correctly.

The tests of ``tests/pipeline/fragments`` send and read back everything that this module allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .problems import RegenerationError
from .schemas import Slot, is_json, media_type, members, operations, resolve, schema_slots

STEP: Final = "carry"
_OVERLAY: Final = "by an action in openapi/overlays"
_SCALARS: Final = frozenset({"string", "integer", "number", "boolean"})
_JSON_KINDS: Final = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
# OpenAPI ignores parameters with these names, because other parts of the document define them.
_NOT_PARAMETERS: Final = frozenset({"accept", "authorization", "content-type"})
# The default style of each location. Cookies are not sent, because servers disagree on the encoding of their values.
_STYLES: Final = {"path": "simple", "header": "simple", "query": "form"}
_DELIMITED: Final = frozenset({"form", "spaceDelimited", "pipeDelimited"})
_UNREAD: Final = frozenset(
    {"text/event-stream", "application/x-ndjson", "application/jsonl", "application/json-seq"}
    | {"application/x-www-form-urlencoded"}
)


def problems(document: dict[str, Any]) -> Iterator[RegenerationError]:
    """Yield the places of a built specification that the generated code would not send or read correctly."""
    carrier = _Carrier(document)
    yield from carrier.outside_operations()
    for path, verb, operation in operations(document):
        where = f"paths/{path}/{verb}"
        yield from carrier.addressed(operation, where)
        for index in range(len(operation.get("parameters", ()))):
            yield from carrier.parameter(operation["parameters"][index], f"{where}/parameters/{index}")
        if "requestBody" in operation:
            yield from carrier.body(operation["requestBody"], f"{where}/requestBody")
        yield from carrier.answers(operation["responses"], f"{where}/responses")
    yield from carrier.choices()


def _problem(where: str, cause: str, remedy: str) -> RegenerationError:
    return RegenerationError(STEP, f"openapi/tavus.yaml, {where}", cause, f"{remedy}, {_OVERLAY}")


class _Carrier:
    """The checks of one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._slots = list(schema_slots(document))
        self._answered: list[str] = []
        self._files: set[int] = set()
        self._told: dict[frozenset[str], Any] = {}

    def _resolved(self, node: Any, where: str) -> tuple[dict[str, Any], str]:
        """Return the target of a node's reference and its place, or the node itself."""
        found = resolve(self._document, node)
        if isinstance(node, dict) and "$ref" in node:
            where = node["$ref"].removeprefix("#/").replace("~1", "/").replace("~0", "~")
        return found if isinstance(found, dict) else {}, where

    # where requests go

    def outside_operations(self) -> Iterator[RegenerationError]:
        servers = self._document.get("servers", [])
        if len(servers) > 1 or any("variables" in one for one in servers):
            cause = "a client has one base URL, and the specification has several"
            yield _problem("servers", cause, "leave the server of the API, without variables")
        for path, item in self._document.get("paths", {}).items():
            if "$ref" in item:
                cause = "operations behind a reference are not generated"
                yield _problem(f"paths/{path}/$ref", cause, "write the operations where the reference is")
            if "servers" in item:
                yield self._other_server(f"paths/{path}/servers")

    def _other_server(self, where: str) -> RegenerationError:
        return _problem(where, "every request goes to the base URL of the client", "remove these servers")

    def addressed(self, operation: Mapping[str, Any], where: str) -> Iterator[RegenerationError]:
        """Check the servers and the security of an operation."""
        if "servers" in operation:
            yield self._other_server(f"{where}/servers")
        security = operation.get("security", self._document.get("security", []))
        schemes = self._document.get("components", {}).get("securitySchemes", {})
        keys = {
            name
            for name, scheme in schemes.items()
            if (scheme.get("in"), str(scheme.get("name")).lower()) == ("header", "x-api-key")
        }
        if security and not any(requirement.keys() <= keys for requirement in security):
            at = f"{where}/security" if "security" in operation else "security"
            cause = "the client proves who it is by the header x-api-key only"
            yield _problem(at, cause, "say which requirement that header meets")

    # parameters

    def parameter(self, node: Any, where: str) -> Iterator[RegenerationError]:
        one, where = self._resolved(node, where)
        place, name = one.get("in", ""), str(one.get("name"))
        usual = _STYLES.get(place)
        if usual is None:
            yield _problem(f"{where}/in", f"the {place} {name!r} is not sent", "say it in the query or in a header")
            return
        style = one.get("style", usual)
        explode = one.get("explode", style == "form")
        schema, kinds = one.get("schema", {}), self._kinds(one.get("schema", {}))
        if "content" in one:
            cause = f"the parameter {name!r} has a media type of its own, which is not applied"
            yield _problem(f"{where}/content", cause, "describe the text that is sent with schema")
        elif one.get("allowReserved"):
            cause = f"reserved characters in {name!r} are always percent-encoded"
            yield _problem(f"{where}/allowReserved", cause, "remove allowReserved")
        elif place == "header" and name.lower() in _NOT_PARAMETERS:
            yield _problem(where, f"OpenAPI ignores a header parameter called {name}", "remove it")
        elif "object" in kinds or "any" in kinds:
            if place != "query" or style != "deepObject" or kinds - {"object", "null"} or not self._is_shallow(schema):
                known = "an object" if "object" in kinds else "of no known type"
                remedy = "give it a type" if "any" in kinds else "describe each member as a parameter of its own"
                cause = f"the {place} parameter {name!r} is {known}, sent in style {style}"
                yield _problem(
                    f"{where}/schema", cause, f"{remedy} (style deepObject carries members that are scalars)"
                )
        elif "array" in kinds:
            is_list = kinds <= {"array", "null"} and self._item_kinds(schema) <= _SCALARS
            if place != "query" or not is_list or style not in _DELIMITED or (explode and style != "form"):
                cause = f"the {place} parameter {name!r} is an array that style {style} does not carry"
                yield _problem(f"{where}/schema", cause, "describe the text that is sent as a string")
        elif style != usual:
            yield _problem(f"{where}/style", f"{name!r} is no array: style {style} is not applied", "remove style")
        elif place == "path" and kinds & {"null", "boolean", "number"}:
            cause = f"{name!r} in the path is {' or '.join(sorted(kinds))}, and what stands there is an id"
            yield _problem(f"{where}/schema", cause, "describe a string or a whole number")

    def _kinds(self, schema: Any, depth: int = 0) -> frozenset[str]:
        """Return the kinds of JSON that a schema allows, or ``any`` if it does not restrict them."""
        schema, _ = self._resolved(schema, "")
        words = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if words is not None:
            return frozenset(_JSON_KINDS.get(type(word), "null") for word in words)
        declared = schema.get("type")
        if declared is not None:
            return frozenset([declared] if isinstance(declared, str) else declared)
        for key in ("anyOf", "oneOf"):
            if schema.get(key) and depth < 8:
                return frozenset[str]().union(*(self._kinds(one, depth + 1) for one in schema[key]))
        for one in schema.get("allOf", ()) if depth < 8 else ():
            found = self._kinds(one, depth + 1)
            if found != {"any"}:
                return found
        return frozenset({"object" if "properties" in schema else "array" if "items" in schema else "any"})

    def _item_kinds(self, schema: Any) -> frozenset[str]:
        schema, _ = self._resolved(schema, "")
        for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            if "array" in self._kinds(one):
                return self._item_kinds(one)
        return self._kinds(schema.get("items", {}))

    def _is_shallow(self, schema: Any) -> bool:
        others = self._resolved(schema, "")[0].get("additionalProperties")
        inner = [*members(self._document, schema).values(), *([others] if isinstance(others, dict) else [])]
        return bool(inner) and all(self._kinds(one) <= _SCALARS for one in inner)

    # bodies

    def body(self, node: Any, where: str) -> Iterator[RegenerationError]:
        body, where = self._resolved(node, where)
        content = body.get("content", {})
        if len(content) != 1:
            several = " and ".join(content) or "none"
            yield _problem(f"{where}/content", f"a body has one media type, and here is {several}", "leave one of them")
        for full, media in content.items() if len(content) == 1 else ():
            found = list(self._content(media_type(full), media, f"{where}/content/{full}"))
            yield from found or self._misplaced_files(f"{where}/content/{full}/schema")

    def _content(self, name: str, media: Mapping[str, Any], where: str) -> Iterator[RegenerationError]:
        if "schema" not in media or "*" in name:
            yield _problem(where, "what is sent is not known without a media type and a schema", "say both")
        elif is_json(name):
            yield from self._json_body(media["schema"], f"{where}/schema")
        elif name in ("multipart/form-data", "application/x-www-form-urlencoded"):
            yield from self._form(name, media, where)
        elif name.startswith(("text/", "multipart/")) or self._kinds(media["schema"]) != {"string"}:
            yield _problem(
                where, f"a body that is {name} is not built", "describe it as JSON, a form or a binary string"
            )
        else:
            self._files.add(id(self._resolved(media["schema"], "")[0]))

    def _json_body(self, schema: Any, where: str) -> Iterator[RegenerationError]:
        if self._kinds(schema) & {"null", "any"}:
            yield _problem(where, "None stands for no body, so that null cannot be sent", "give it a type without null")
        flat, _ = self._resolved(schema, "")
        for key in ("additionalProperties", "patternProperties"):
            if members(self._document, schema) and flat.get(key) and flat[key] is not True:
                cause = "extra= takes members without a known name, and does not check what they are"
                yield _problem(f"{where}/{key}", cause, "name the members, or allow any (true)")

    def _form(self, name: str, media: Mapping[str, Any], where: str) -> Iterator[RegenerationError]:
        fields = members(self._document, media["schema"])
        if self._kinds(media["schema"]) != {"object"} or not fields:
            yield _problem(f"{where}/schema", "a form has named fields", "describe an object with its members")
        if "encoding" in media:
            yield _problem(
                f"{where}/encoding", "how a field is encoded is not applied", "remove it if it says the usual"
            )
        is_multipart = name.startswith("multipart/")
        for field, schema in fields.items():
            kinds, flat = self._kinds(schema), self._resolved(schema, "")[0]
            single = self._resolved(flat.get("items", {}), "")[0] if kinds == {"array"} else flat
            if is_multipart and single.get("format") == "binary":
                self._files.add(id(single))
            inner = self._item_kinds(schema) if kinds == {"array"} else kinds
            is_file = (
                "contentMediaType" in single and "contentEncoding" not in single and single.get("format") != "binary"
            )
            if not (inner <= _SCALARS or (is_multipart and kinds == {"object"})):
                cause = f"the field {field!r} is {' or '.join(sorted(kinds))}, which {name} does not carry"
                yield _problem(f"{where}/schema/properties/{field}", cause, "describe its text as a string")
            elif is_file:
                cause = f"the field {field!r} would be sent as text"
                yield _problem(f"{where}/schema/properties/{field}", cause, "say format: binary if it is a file")

    def _misplaced_files(self, where: str) -> Iterator[RegenerationError]:
        for slot in self._reached([where]):
            schema = slot.schema
            if isinstance(schema, dict) and schema.get("format") == "binary" and id(schema) not in self._files:
                yield _problem(
                    slot.where, "a file can be a field of a multipart form or a whole body", "say format: byte"
                )

    # answers

    def answers(self, responses: Mapping[str, Any], where: str) -> Iterator[RegenerationError]:
        forms: dict[str, str] = {}
        good = [status for status in responses if status.startswith("2")]
        if not good:
            yield _problem(where, "no good answer is described", "describe what comes back")
        for status in good:
            answer, at = self._resolved(responses[status], f"{where}/{status}")
            content = answer.get("content", {})
            names = sorted(content, key=lambda one: not is_json(one))
            if not names:
                continue
            at, name, media = f"{at}/content/{names[0]}", media_type(names[0]), content[names[0]]
            forms[status] = "JSON" if is_json(name) else "text" if name.startswith("text/") else "bytes"
            self._answered.append(f"{at}/schema")
            if len(names) > 1 and forms[status] != "JSON":
                cause = f"either of {' and '.join(names)} may come back"
                yield _problem(at.rpartition("/content/")[0] + "/content", cause, "leave the one to ask for")
            elif "*" in name or name in _UNREAD or name.startswith("multipart/"):
                yield _problem(at, f"an answer that is {name} is not read", "say what it is: JSON, text or bytes")
            elif "schema" not in media:
                yield _problem(at, "an answer without a schema is discarded", "add a schema, {} if nothing is known")
            elif forms[status] != "JSON" and not self._kinds(media["schema"]) <= {"string", "any"}:
                yield _problem(f"{at}/schema", f"{name} is read as {forms[status]}, no more", "describe a string")
            elif re.search(r'charset=(?!"?utf-8)', names[0], re.IGNORECASE):
                yield _problem(at, "text is read as UTF-8", "remove the charset if that is right")
        if len(set(forms.values())) > 1:
            cause = f"good answers are {' or '.join(f'{form} ({status})' for status, form in forms.items())}"
            yield _problem(where, cause, "leave those of one form")

    # schemas

    def choices(self) -> Iterator[RegenerationError]:
        """Yield the choices that the generator drops or whose answers it cannot read."""
        for slot in self._slots:
            schema = slot.schema
            if not isinstance(schema, dict):
                continue
            if "properties" in schema and schema.keys() & {"anyOf", "oneOf"}:
                cause = "the generator drops properties that stand beside anyOf or oneOf"
                yield _problem(slot.where, cause, "say it without the choice")
            if schema.get("type") == "array" and not schema.keys() & {"items", "prefixItems"}:
                yield _problem(
                    slot.where, "the generator drops an array without items", "add items, {} if nothing is known"
                )
            kinds = {type(word) for word in schema.get("enum", ()) if word is not None}
            if kinds and kinds not in ({str}, {int}):
                cause = "the words of an enumeration are all texts or all whole numbers"
                yield _problem(f"{slot.where}/enum", cause, "say the type only")
        for slot in self._reached(self._answered):
            schema = slot.schema if isinstance(slot.schema, dict) else {}
            branches = [one for key in ("anyOf", "oneOf") for one in schema.get(key, ())]
            lists = [one for one in branches if self._kinds(one) == {"array"}]
            if sum("object" in self._item_kinds(one) for one in lists) > 1:
                cause = "nothing tells apart lists of different objects"
                yield _problem(slot.where, cause, "describe one list, whose items are the choice")
            if branches and "discriminator" in schema:
                yield from self._discriminated(slot, branches)

    def _discriminated(self, slot: Slot, branches: list[Any]) -> Iterator[RegenerationError]:
        branches = [one for one in branches if self._kinds(one) != {"null"}]
        known = frozenset(one["$ref"] for one in branches if isinstance(one, dict) and "$ref" in one)
        told = slot.schema["discriminator"]
        mapping = told.get("mapping", {})
        if self._told.setdefault(known, told) != told:
            cause = "another discriminator tells the same schemas apart"
            yield _problem(f"{slot.where}/discriminator", cause, "make them equal")
        elif len(known) < len(branches) or set(mapping.values()) != known:
            cause = "the discriminator does not say the word of each schema of the choice"
            yield _problem(f"{slot.where}/discriminator", cause, "add a mapping from every word to a reference")

    def _reached(self, roots: list[str]) -> Iterator[Slot]:
        """Yield the schemas below the given places, including those that they refer to."""
        seen = set(roots)
        waiting = list(roots)
        while waiting:
            root = waiting.pop()
            for slot in self._slots:
                if slot.where == root or slot.where.startswith(f"{root}/"):
                    yield slot
                    _, target = self._resolved(slot.schema, "")
                    if target and target not in seen:
                        seen.add(target)
                        waiting.append(target)
