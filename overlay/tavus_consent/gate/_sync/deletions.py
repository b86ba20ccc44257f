# Derived from ../_async/deletions.py by scripts/derive_sync.py, do not edit.
"""Requests that delete or stop an object at Tavus, each confirmed by reading the object again."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Any, Final

from tavus_consent import errors
from tavus_consent.gate.context import Context
from tavus_consent.gate.deletion import STILL_THERE, is_unknown

_HARD: Final = frozenset({"conversation", "replica", "video"})
"""The kinds whose deletion has to be asked to be permanent."""
_STOP: Final = ({"op": "replace", "path": "/status", "value": "inactive"},)


def delete(context: Context, kind: str, object_id: str, *, is_ended: bool = False) -> errors.CallError | str | None:
    """Delete an object, or stop a deployment, and check that it is gone.

    Args:
        context: The context.
        kind: The kind of the object.
        object_id: Its id.
        is_ended: The conversation has already ended.

    Returns:
        The problem, if any.
    """
    if kind == "conversation" and not is_ended:
        with suppress(errors.CallError):  # the deletion tells whether the conversation is still there
            _call(context, "end", kind, object_id)
    try:
        if kind == "deployment":
            _stop(context, object_id)
        else:
            _call(context, "delete", kind, object_id, **({"hard": True} if kind in _HARD else {}))
    except errors.CallError as error:
        if not is_unknown(error):
            return error
    try:
        found = _call(context, "get", kind, object_id)
    except errors.CallError as error:
        return None if is_unknown(error) else error
    is_over = getattr(found, "status", None) == ("inactive" if kind == "deployment" else "deleted")
    return None if is_over else STILL_THERE


def _stop(context: Context, deployment_id: str) -> None:
    try:
        _call(context, "patch", "deployment", deployment_id, body=_STOP)
    except errors.BadRequestError:  # its PAL may be gone, so it cannot be changed
        _call(context, "delete", "deployment", deployment_id)


def _call(context: Context, verb: str, kind: str, object_id: str, **arguments: Any) -> Any:
    # The gate has nothing to decide about a withdrawal, which records what it deletes itself.
    folder = kind if kind == "lipsync" else f"{kind}s"
    endpoint = import_module(f"tavus_api.api.{folder}.{verb}_{kind}")
    return (endpoint.sync_detailed(object_id, client=context.admitted, **arguments)).parsed
