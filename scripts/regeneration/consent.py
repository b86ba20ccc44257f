"""The consent class of each operation, and the consequences of a change for consent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .changes import Change
from .markdown import code, codes
from .problems import RegenerationError
from .schemas import CONSENT_KEY, operations
from .shapes import Place, Shape

# create: creates a likeness or a voice; use: shows or speaks as one; none: neither.
CLASSES: Final = ("create", "use", "none")
OVERLAY: Final = "openapi/overlays/38-consent.yaml"

_MEDIA = re.compile(
    r"(?:^|_)(?:audio|clip|face|footage|image|media|photo|picture|portrait|recording|sample|selfie|speech|video|voice)s?"
    r"(?:_[a-z]+)?_(?:base64|bytes|data|file|key|path|uri|url)s?$"
)
_LIKENESS = re.compile(r"(?:^|_)(?:avatar|clone|face|pal|persona|replica|twin|voice)_(?:id|uuid)s?$")
_UPLOAD = re.compile(r" as (?:audio|image|video)/")


def is_of_a_person(place: Place) -> bool:
    """Return whether the name of a request's place suggests media of a person or the id of a likeness."""
    if place.direction != "request":
        return False
    named = next((step for step in reversed(place.steps) if step not in ("[]", "{}")), "")
    name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", named).lower())
    return bool(_MEDIA.search(name) or _LIKENESS.search(name) or _UPLOAD.search(place.part))


def members(shape: Shape) -> list[str]:
    """Return the members of a request that are media of a person or the id of a likeness."""
    found = (place.label() or place.part for place in shape.fields if is_of_a_person(place))
    return list(dict.fromkeys(found))


def problems(document: dict[str, Any], described: Mapping[str, Shape]) -> Iterator[RegenerationError]:
    """Yield the problems with ``x-consent`` in the operations of a built specification."""
    for path, method, operation in operations(document):
        value = operation.get(CONSENT_KEY)
        place = f"openapi/tavus.yaml, {method} {path}"
        remedy = f"add an action to {OVERLAY} that says {', '.join(CLASSES[:-1])} or {CLASSES[-1]}"
        if value is not None and value not in CLASSES:
            yield RegenerationError("consent", place, f"{CONSENT_KEY} is {value!r}", remedy)
        elif value is None and operation.get("operationId") in described:
            found = members(described[operation["operationId"]])
            if found:
                cause = f"it has no {CONSENT_KEY}, and its request has {', '.join(found[:8])}"
                yield RegenerationError("consent", place, cause, remedy)


def classes(document: dict[str, Any]) -> dict[str, str]:
    """Return the class of each operation that has one, by its operationId."""
    return {
        str(operation.get("operationId")): operation[CONSENT_KEY]
        for _, _, operation in operations(document)
        if operation.get(CONSENT_KEY) in CLASSES
    }


def meaning(change: Change, known: Mapping[str, str], described: Mapping[str, Shape]) -> str:
    """Describe the consequences of a change for consent, as Markdown. Return an empty string if there are none.

    Args:
        change: The change.
        known: The class of each operation.
        described: The operations, by operationId.
    """
    names = change.names
    undecided = [name for name in names if name not in known]
    concerned = [name for name in names if known.get(name) in ("create", "use")]
    if change.is_operation:
        name = names[0]
        if change.kind == "removed":
            return f"the gate before {code(name)} has nothing to guard" if concerned else ""
        if undecided:
            found = members(described[name]) if name in described else []
            has = f"its request has {codes(found)}: the build fails until it has one" if found else "decide it"
            return f"no `{CONSENT_KEY}`; {has}"
        if concerned:
            verb = "makes a likeness or a voice" if known[name] == "create" else "shows or speaks as a likeness"
            return f"`{known[name]}`, it {verb}; check that the gate still sees what it needs"
        return ""
    place = next((place for _, place in change.where if place is not None and is_of_a_person(place)), None)
    if place is None:
        return ""
    if change.kind in ("added", "renamed"):
        what = "media of a person" if not _LIKENESS.search(place.label()) else "the id of a likeness"
        return f"{what} that the gate has not seen before; check {codes(names)}"
    return f"the gate reads {code(place.label())}; check {codes(names)}"
