"""JSON Patch (RFC 6902), as far as a server needs it: that an operation has a known ``op`` is checked before."""

from __future__ import annotations

import json
from typing import Any


class InvalidPatch(Exception):
    """The patch is malformed, or cannot be applied to the document."""


def apply(document: Any, operations: list[dict[str, Any]]) -> Any:
    """A patched copy of a document.

    Raises:
        InvalidPatch: An operation is malformed, points at nothing, or is a test that fails.
    """
    # Of the extra that the router asks for.
    from jsonpatch import JsonPatchException, JsonPointerException, apply_patch

    try:
        return apply_patch(document, operations)
    except (JsonPatchException, JsonPointerException, TypeError, RecursionError) as error:
        raise InvalidPatch from error


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; ``True`` and ``1`` are not."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
