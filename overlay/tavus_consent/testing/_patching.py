"""JSON Patch (RFC 6902) for the fake. The caller has already checked that each ``op`` is known."""

from __future__ import annotations

import json
from typing import Any


class InvalidPatch(Exception):
    """The patch is malformed, or cannot be applied to the document."""


def apply(document: Any, operations: list[dict[str, Any]]) -> Any:
    """Return a patched copy of a document.

    Raises:
        InvalidPatch: An operation is malformed, points at nothing, or is a test that fails.
    """
    # Part of the extra that the router requires.
    from jsonpatch import JsonPatchException, JsonPointerException, apply_patch

    try:
        return apply_patch(document, operations)
    except (JsonPatchException, JsonPointerException, TypeError, RecursionError) as error:
        raise InvalidPatch from error


def same(one: Any, other: Any) -> bool:
    """Return True if two JSON values are equal; ``True`` and ``1`` are not."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
