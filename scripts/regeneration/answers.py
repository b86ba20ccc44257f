"""Open schemas for answers: an unknown enum value, constant or date format must not make an answer unreadable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from .schemas import PREFIX, Slot, component_of, components_of, operations, schema_slots

KNOWN_KEY: Final = "x-known-values"
DATE_KEY: Final = "x-date"

_KINDS: Final = {str: "string", int: "integer", float: "number", bool: "boolean"}


def open_answers(document: dict[str, Any]) -> None:
    """Remove ``enum``, ``const`` and ``format: date-time`` from the schemas of answers, in place.

    ``x-known-values`` keeps the values, and ``x-date`` marks dates. Requests stay strict: if a request and an answer
    share a component with an enum, the answer gets a copy of it, named ``...Answer``.
    """
    components: dict[str, Any] = document.get("components", {}).get("schemas", {})
    requests = [
        part
        for _, _, operation in operations(document)
        for part in (operation.get("requestBody"), operation.get("parameters"))
    ]
    answers: list[dict[str, Any]] = [operation["responses"] for _, _, operation in operations(document)]
    answers.append(document.get("components", {}).get("responses", {}))
    sent, read = components_of(document, requests), components_of(document, answers)
    closed = {
        name for name in read & sent if any(_closes(slot.schema) for slot in _in_component(name, components[name]))
    }
    # A component that refers to a copied one is copied, too, because requests must not refer to schemas of answers.
    copied = {name for name in read & sent if ({name} | components_of(document, [components[name]])) & closed}
    names = {name: _free(components, f"{name}Answer") for name in sorted(copied)}
    for name, copy in names.items():
        components[copy] = _renamed(components[name], names)
    for name in read - sent:
        components[name] = _renamed(components[name], names)
    for responses in answers:
        responses.update(_renamed(responses, names))
    for name in (read - sent) | set(names.values()):
        _open(_in_component(name, components[name]))
    for responses in answers:
        _open(schema_slots({"paths": {"/": {"get": {"responses": responses}}}}))


def _in_component(name: str, schema: Any) -> Iterator[Slot]:
    return schema_slots({"components": {"schemas": {name: schema}}})


def _closes(schema: Any) -> bool:
    return isinstance(schema, dict) and ("enum" in schema or "const" in schema or schema.get("format") == "date-time")


def _free(components: dict[str, Any], name: str) -> str:
    while name in components:
        name += "_"
    return name


def _renamed(node: Any, names: dict[str, str]) -> Any:
    """Return a copy whose references to the given components have the new names."""
    if isinstance(node, list):
        return [_renamed(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _renamed(value, names) for key, value in node.items()}
    if component_of(copy) in names:
        copy["$ref"] = PREFIX + names[component_of(copy)]
    if isinstance(copy.get("discriminator"), dict):  # its mapping refers to components without $ref
        words = copy["discriminator"].get("mapping", {})
        copy["discriminator"]["mapping"] = {word: _renamed({"$ref": ref}, names)["$ref"] for word, ref in words.items()}
    return copy


def _open(slots: Iterable[Slot]) -> None:
    for slot in slots:
        schema = slot.schema
        if not isinstance(schema, dict) or not _closes(schema):
            continue
        words = [*schema.pop("enum", ()), *([schema.pop("const")] if "const" in schema else ())]
        known = [word for word in words if word is not None]
        if known:
            schema[KNOWN_KEY] = known
            kinds = {_KINDS.get(type(word)) for word in known}
            if "type" not in schema and len(kinds) == 1 and None not in kinds:
                kind = kinds.pop()
                schema["type"] = [kind, "null"] if None in words else kind
        if schema.get("format") == "date-time":
            del schema["format"]
            schema[DATE_KEY] = True
