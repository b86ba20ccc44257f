"""The baseline of the report: a skeleton of the last whole upstream, with names, types and codes but no prose."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from .changes import Change, compare
from .merge import RENAMES, renew
from .normalise import normalise
from .plain import Dumper, load_mapping
from .problems import RegenerationError
from .reading import Source, file_name, yaml_text
from .schemas import component_of, components_of, operations, resolve
from .shapes import LIMITS, Place

BASELINE = "openapi/baseline/upstream.yaml"
# Marks an operation that openapi/operations describes, with a reason for every difference from upstream. The value is
# true, or a list of the fields that upstream has changed since. Those fields come from upstream.
DESCRIBED_KEY = "x-described"
_HEAD = "# Names and types of the last whole upstream, no prose; written by scripts/, do not edit.\n"
_WORD = re.compile(r"[^\s<>]{1,100}|[\w.+:/ -]{1,40}")


class Baseline(NamedTuple):
    """The stored facts about the last whole upstream.

    Attributes:
        document: The skeleton, a small document of OpenAPI 3.1.
        source: The name of the file, or its URL.
        sha256: SHA-256 of the file in hex.
        etag: The entity tag from the server, or an empty string.
    """

    document: dict[str, Any]
    source: str
    sha256: str
    etag: str = ""

    def to_bytes(self) -> bytes:
        """Return the content of the baseline file."""
        about = {"x-source": self.source, "x-sha256": self.sha256, **({"x-etag": self.etag} if self.etag else {})}
        text = yaml.dump({**about, **self.document}, Dumper=Dumper, sort_keys=False, width=120, default_flow_style=None)
        return (_HEAD + text).encode()


def read(inputs: Mapping[str, bytes]) -> Baseline | None:
    """Return the baseline among the input files, if there is one."""
    if BASELINE not in inputs:
        return None
    document = load_mapping(inputs[BASELINE], BASELINE)
    source, sha256, etag = (str(document.pop(key, "")) for key in ("x-source", "x-sha256", "x-etag"))
    return Baseline(document, source, sha256, etag)


def of_source(
    source: Source,
    before: Baseline | None,
    described: Collection[str] = (),
    etag: str = "",
    others: Sequence[Source] = (),
) -> Baseline:
    """Make the baseline of a whole document.

    Args:
        source: The document.
        before: The previous baseline. Unchanged operations keep their mark as described.
        described: Operations that are now described, such as ``post /v2/replicas``.
        etag: The entity tag from the server.
        others: Further upstream documents, with other operations.
    """
    document = _united(skeleton(normalised(one)) for one in (source, *others))
    marked = {**(still_described(before, document) if before is not None else {}), **dict.fromkeys(described, ())}
    for path, method, operation in operations(document):
        if f"{method} {path}" in marked:
            fields = [[direction, part, *steps] for direction, part, steps in marked[f"{method} {path}"]]
            operation[DESCRIBED_KEY] = fields or True
    # Store no path of the local machine.
    name = source.name if "://" in source.name else file_name(source)
    return Baseline(document, name, hashlib.sha256(source.data).hexdigest(), etag)


def normalised(source: Source) -> dict[str, Any]:
    """Return the document of a source as OpenAPI 3.1, without changing the source."""
    document = load_mapping(yaml_text(source.data)[0].encode(), source.name)
    return normalise(document, source.name, lambda problem: None)


def still_described(baseline: Baseline, document: dict[str, Any]) -> dict[str, Sequence[Place]]:
    """Return the described operations of a baseline that a skeleton still has, with the fields from upstream.

    Omit operations that were renamed or otherwise changed as a whole.
    """
    changed: dict[str, list[Place | None]] = {}
    for change in compare(baseline.document, document):
        for name, place in change.where:
            changed.setdefault(name, []).append(place)
            if place is not None and change.was:
                changed[name].append(place._replace(steps=(*place.steps[:-1], change.was)))
    known = {f"{method} {path}": operation.get("operationId") for path, method, operation in operations(document)}
    found: dict[str, Sequence[Place]] = {}
    for path, method, operation in operations(baseline.document):
        mark, key = operation.get(DESCRIBED_KEY), f"{method} {path}"
        identifier = operation.get("operationId")
        new = changed.get(str(identifier), [])
        if mark and known.get(key) == identifier and None not in new:
            old = [Place(direction, part, tuple(steps)) for direction, part, *steps in mark] if mark is not True else []
            found[key] = list(dict.fromkeys([*old, *filter(None, new)]))
    return found


def changes(baseline: Baseline | None, old: Sequence[Source], new: Sequence[Source]) -> list[Change] | None:
    """Compare new upstream with old upstream.

    Compare a whole document with the baseline, or with the stored documents if there is no baseline. Compare a page
    with the page that it replaces, or else with its operation in the baseline. Return ``None`` if there is nothing to
    compare with.
    """
    held = [source for source in old if source.operation is None]
    known = baseline.document if baseline is not None else None
    if known is None and held:
        known = _united(skeleton(normalised(source)) for source in held)
    found: list[Change] = []
    if any(source.operation is None for source in new):
        if known is None:
            return None
        after, _ = renew({source.name: source for source in old}, new)
        wholes = [source for source in after.values() if source.operation is None]
        found += compare(known, _united(skeleton(normalised(source)) for source in wholes))
    for page in new:
        if page.operation is not None:
            pages = [skeleton(normalised(source)) for source in old if source.operation == page.operation]
            before = pages[0] if pages else _only(known, page.operation) if known is not None else None
            if before is None:
                return None
            found += compare(before, {**before, **skeleton(normalised(page))})
    return found


def _united(documents: Iterable[dict[str, Any]]) -> dict[str, Any]:
    first, *others = documents
    for other in others:
        for path, item in other.get("paths", {}).items():
            first["paths"].setdefault(path, {}).update(item)
        for kind, entries in other.get("components", {}).items():
            first.setdefault("components", {}).setdefault(kind, {}).update(entries)
    return first


def _only(document: dict[str, Any], operation: tuple[str, str]) -> dict[str, Any]:
    method, path = operation
    item = document.get("paths", {}).get(path, {})
    return {**document, "paths": {path: {method: item[method]}} if method in item else {}}


# -- skeletons


def skeleton(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a document with names, types, required members, enums, codes and limits, but no prose.

    Args:
        document: A document of OpenAPI 3.1, which is not changed. Malformed parts are omitted.
    """
    paths: dict[str, Any] = {}
    for path, method, operation in operations(document):
        paths.setdefault(path, {})[method] = _operation(document, operation, f"{method} {path}")
    components = _mapping(document.get("components"))
    schemas = {name: _schema(schema, document) for name, schema in _mapping(components.get("schemas")).items()}
    schemes = {
        name: {key: scheme[key] for key in ("type", "in", "name", "scheme") if key in scheme}
        for name, scheme in _mapping(components.get("securitySchemes")).items()
        if isinstance(scheme, dict)
    }
    used = components_of({"components": {"schemas": schemas}}, [paths])
    made = {
        "openapi": "3.1.0",
        "servers": [
            {"url": server.get("url")} for server in _list(document.get("servers")) if isinstance(server, dict)
        ],
        "security": document.get("security"),
        "paths": paths,
        "components": {
            "securitySchemes": schemes,
            "schemas": {name: schemas[name] for name in schemas if name in used},
        },
    }
    return {key: value for key, value in made.items() if value is not None}


def _operation(document: dict[str, Any], operation: dict[str, Any], place: str) -> dict[str, Any]:
    given = operation.get("operationId")
    made: dict[str, Any] = {"operationId": given if given and isinstance(given, str) else place}
    made["tags"] = [tag for tag in _list(operation.get("tags")) if isinstance(tag, str)]
    made |= {key: operation[key] for key in ("security", "deprecated") if isinstance(operation.get(key), list | bool)}
    parameters: list[dict[str, Any]] = []
    for node in _list(operation.get("parameters")):
        one = _resolved(document, node)
        if isinstance(one.get("name"), str) and isinstance(one.get("in"), str):
            media = next(iter(_mapping(one.get("content")).values()), one)
            kept: dict[str, Any] = {
                key: one[key] for key in ("name", "in", "required", "deprecated", "style", "explode") if key in one
            }
            parameters.append({**kept, "schema": _schema(_mapping(media).get("schema", {}), document)})
    if parameters:
        made["parameters"] = parameters
    if "requestBody" in operation:
        body = _resolved(document, operation["requestBody"])
        made["requestBody"] = {"required": body.get("required") is True, "content": _content(body, document)}
    made["responses"] = {
        str(status): {"content": _content(_resolved(document, answer), document)}
        for status, answer in _mapping(operation.get("responses")).items()
    }
    return made


def _content(node: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    contents = _mapping(node.get("content")).items()
    return {kind: {"schema": _schema(_mapping(media).get("schema", {}), document)} for kind, media in contents}


def _schema(schema: Any, document: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(schema, dict):
        return {}
    made: dict[str, Any] = {}
    reference = schema.get("$ref")
    known = _mapping(_mapping(document.get("components")).get("schemas"))
    if component_of(schema) in known:
        made["$ref"] = reference
    types = schema.get("type")
    if isinstance(types, str) or (isinstance(types, list) and all(isinstance(one, str) for one in types)):
        made["type"] = types
    for key in ("format", *LIMITS):
        if isinstance(schema.get(key), str | int | float):
            made[key] = schema[key]
    if schema.get("deprecated") is True:
        made["deprecated"] = True
    if isinstance(schema.get("enum"), list):
        made["enum"] = [word for word in schema["enum"] if _word(word)]
    if isinstance(schema.get("required"), list):
        made["required"] = [name for name in schema["required"] if isinstance(name, str)]
    for key in ("const", "default"):
        if key in schema and _word(schema[key]):
            made[key] = schema[key]
    if isinstance(schema.get("properties"), dict):
        made["properties"] = {name: _schema(inner, document) for name, inner in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            made[key] = _schema(schema[key], document)
    for key in ("allOf", "anyOf", "oneOf"):
        if isinstance(schema.get(key), list):
            made[key] = [_schema(inner, document) for inner in schema[key]]
    return made


def _word(value: Any) -> bool:
    """Return whether a value is a word, a number, a boolean or null, and not prose."""
    if isinstance(value, str):
        return not value or _WORD.fullmatch(value) is not None
    return value is None or isinstance(value, bool | int | float)


def _resolved(document: dict[str, Any], node: Any) -> dict[str, Any]:
    try:
        return _mapping(resolve(document, node))
    except (KeyError, TypeError, IndexError, AttributeError):
        return {}


def _mapping(node: Any) -> dict[str, Any]:
    return node if isinstance(node, dict) else {}


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []


def renames(inputs: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    """Return the new names of renamed upstream components, by file."""
    given = load_mapping(inputs[RENAMES], RENAMES) if RENAMES in inputs else {}
    if not all(isinstance(one, dict) and all(isinstance(new, str) for new in one.values()) for one in given.values()):
        raise RegenerationError("read", RENAMES, "it is not names by file", "restore it")
    return given
