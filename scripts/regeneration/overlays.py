"""Application of OpenAPI Overlay 1.0 documents, with an error for each action that became stale."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from typing import Any

from oas_patch.overlay import apply_overlay, parse  # type: ignore[import-untyped]  # it ships no types

from .problems import RegenerationError, fail

STEP = "overlay"
# JSONPath of the part that an action fixes, such as an operation. The action is skipped if the specification lacks that
# part. The overlays apply to specifications of any size, from five operations to the whole API.
CONDITION_KEY = "x-when"
_UNION = re.compile(r"\['[^']*'(?:\s*,\s*'[^']*')+\]")


def apply(
    document: dict[str, Any],
    overlay: dict[str, Any],
    name: str,
    tolerate: Callable[[RegenerationError], None] = fail,
) -> tuple[dict[str, Any], list[str]]:
    """Apply the actions of one overlay document, in order.

    If a target lists alternatives (``['a','b']``), apply the action once for each. Otherwise one that matches nothing
    would go unnoticed.

    Args:
        document: The specification. Do not use it afterwards.
        overlay: The overlay document.
        name: The file of the overlay, for the error.
        tolerate: A function that receives the error of an action that matches or changes nothing. Such an action is
            skipped.

    Returns:
        The changed specification, and a line about skipped actions, if any.
    """
    left_out: list[str] = []
    text = json.dumps(document)
    for index, action in enumerate(_actions(overlay, name)):
        place = f"{name}, action {index}"
        part = action.get(CONDITION_KEY)
        if part is not None and not _found(document, part, place):
            left_out.append(part)
            continue
        for target in _alternatives(action["target"]):
            text = _apply_once(text, document, {**action, "target": target}, f"{place}, {target}", tolerate)
            # Parse it again, because the library puts the same object into every place that matched.
            document = json.loads(text)
    if not left_out:
        return document, []
    absent, *others = dict.fromkeys(left_out)
    more = f", nor {len(others)} more" if others else ""
    return document, [f"{name}: {len(left_out)} actions left out, there is no {absent}{more}"]


def _actions(overlay: dict[str, Any], name: str) -> list[dict[str, Any]]:
    def refuse(place: str, cause: str) -> RegenerationError:
        return RegenerationError(STEP, place, cause, "write it as the OpenAPI Overlay specification 1.0.0 says")

    if overlay.get("overlay") != "1.0.0":
        raise refuse(name, "it does not say overlay: 1.0.0")
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        raise refuse(name, "it has no actions")
    for index, action in enumerate(actions):
        place = f"{name}, action {index}"
        if not isinstance(action, dict) or not isinstance(action.get("target"), str):
            raise refuse(place, "it has no target")
        if not (isinstance(action.get("description"), str) and action["description"].strip()):
            raise refuse(place, "it has no description: an action says why it is needed")
        if ("update" in action) == ("remove" in action) or action.get("remove", True) is not True:
            raise refuse(place, "it needs either an update or remove: true")
        if not isinstance(action.get(CONDITION_KEY, ""), str):
            raise refuse(place, f"its {CONDITION_KEY} is not a JSONPath")
        unknown = action.keys() - {"target", "description", "update", "remove", CONDITION_KEY}
        if unknown:
            raise refuse(place, f"it has a key that is not known: {min(unknown)}")
    return actions


def _alternatives(target: str) -> list[str]:
    """Return the targets that result from picking one name of every union of names."""
    unions = [[f"['{name}']" for name in re.findall(r"'([^']*)'", union)] for union in _UNION.findall(target)]
    between = _UNION.split(target)
    return [
        "".join(itertools.chain.from_iterable(itertools.zip_longest(between, choice, fillvalue="")))
        for choice in itertools.product(*unions)
    ]


def _found(document: dict[str, Any], path: str, place: str) -> bool:
    try:
        return bool(parse(path).find(document))
    except Exception as error:  # the JSONPath library raises bare Exception
        raise RegenerationError(STEP, place, f"{path} is not a JSONPath: {error}", "correct the action") from None


def _apply_once(
    before: str,
    document: dict[str, Any],
    action: dict[str, Any],
    place: str,
    tolerate: Callable[[RegenerationError], None],
) -> str:
    """Return the specification as JSON after one action. ``before`` is the JSON before it."""
    stale = "remove the action if upstream was mended, else correct its target"
    if not _found(document, action["target"], place):
        tolerate(RegenerationError(STEP, place, "the action matches nothing", stale))
        return before
    try:
        changed = json.dumps(apply_overlay(document, {"actions": [action]}))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RegenerationError(STEP, place, f"the action cannot be applied: {error}", "correct the action") from None
    if changed == before:
        tolerate(RegenerationError(STEP, place, "the action changes nothing", stale))
    return changed
