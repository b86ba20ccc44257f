"""Checks that the specification has everything that handwritten code uses, and that this code reaches all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .plain import load_mapping
from .problems import RegenerationError
from .python_names import HAND_WRITTEN, namespace_name
from .schemas import CONSENT_KEY, members, operations, resolve

STEP: Final = "needs"
TABLE: Final = "openapi/needs.yaml"
_GONE: Final = f"give it its old name by an action in openapi/overlays, or change the overlay and {TABLE}"


def problems(document: dict[str, Any], inputs: Mapping[str, bytes]) -> Iterator[RegenerationError]:
    """Yield the missing parts, the new parts that are unreachable, and gated operations without a method.

    Args:
        document: The built specification.
        inputs: The files below ``openapi``, by path from the root.
    """
    if TABLE not in inputs:
        yield RegenerationError(STEP, TABLE, "it is missing", "restore it")
        return
    table = load_mapping(inputs[TABLE], TABLE)
    every = operations(document)
    found = {str(operation.get("operationId")): (verb, path, operation) for path, verb, operation in every}
    gated: dict[str, dict[str, Any]] = table.get("gated", {})
    listed = {f"gated/{name}/{key}": entry for name, entries in gated.items() for key, entry in entries.items()}
    listed |= {f"used/{key}": entry for key, entry in table.get("used", {}).items()}
    for where, entry in listed.items():
        identifier = where.rpartition("/")[2]
        if identifier not in found:
            cause = f"the operation {identifier} is gone, and the overlay calls it"
            yield RegenerationError(STEP, f"{TABLE}, {where}", cause, _GONE)
            continue
        verb, path, operation = found[identifier]
        sent, read = set(_sent(document, operation)), set(_read(document, operation))
        for kind, there in (("sends", sent), ("reads", read)):
            for name in entry.get(kind, ()):
                if name not in there:
                    cause = f"{identifier} has no {name}, which the overlay {kind}"
                    yield RegenerationError(STEP, f"{TABLE}, {where}/{kind}", cause, _GONE)
        if where.startswith("gated/"):
            for name in sorted(sent - {*entry.get("sends", ()), *entry.get("left_out", ())}):
                cause = f"{name} is new in {identifier}: no argument of {', '.join(entry['methods'])} sends it"
                remedy = f"add the argument and list it in {TABLE}, or list it there under left_out with the reason"
                yield RegenerationError(STEP, f"openapi/tavus.yaml, {verb} {path}", cause, remedy)
    for identifier, (verb, path, operation) in found.items():
        cause, remedy = _of_method(identifier, operation, gated.get(namespace_name(operation), {}))
        if cause:
            yield RegenerationError(STEP, f"openapi/tavus.yaml, {verb} {path}", cause, remedy)


def _of_method(identifier: str, operation: dict[str, Any], listed: Mapping[str, Any]) -> tuple[str, str]:
    """Return the problem with the method of an operation, and the remedy; two empty strings without a problem.

    Args:
        identifier: The operationId.
        operation: The operation.
        listed: The gated operations of its namespace.
    """
    namespace, is_create = namespace_name(operation), operation.get(CONSENT_KEY) == "create"
    if identifier not in listed and is_create:
        return (
            f"{identifier} makes a likeness: it has no generated method, and no method behind the consent gate",
            f"write create_personal and create_non_human of tavus.{namespace} in overlay/tavus_consent, and list them "
            f"in {TABLE}, gated/{namespace}",
        )
    if identifier not in listed and namespace in HAND_WRITTEN:
        return (
            f"no method of tavus.{namespace} sends {identifier}",
            f"write one in overlay/tavus_consent and list it in {TABLE}",
        )
    creates = namespace not in HAND_WRITTEN or "create_personal" in listed.get(identifier, {}).get("methods", ())
    if identifier in listed and creates and not is_create:
        return (
            f"the consent gate precedes {identifier}, but its {CONSENT_KEY} is {operation.get(CONSENT_KEY)}",
            f"say create in openapi/overlays, or take {identifier} out of {TABLE}, gated/{namespace}",
        )
    return "", ""


def _sent(document: dict[str, Any], operation: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parameters and the members of the body. For an object in the body, yield its members."""
    for one in operation.get("parameters", ()):
        yield resolve(document, one)["name"]
    for media in resolve(document, operation.get("requestBody", {})).get("content", {}).values():
        for name, schema in members(document, media.get("schema", {})).items():
            inner = members(document, schema)
            yield from (f"{name}.{key}" for key in inner) if inner else (name,)


def _read(document: dict[str, Any], operation: Mapping[str, Any]) -> Iterator[str]:
    """Yield the members of the successful answers."""
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            for media in resolve(document, answer).get("content", {}).values():
                yield from members(document, media.get("schema", {}))
