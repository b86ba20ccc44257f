# Derived from ../_async/waiting.py by scripts/derive_sync.py, do not edit.
"""Polls until an object is ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tavus_consent import errors
from tavus_consent._arguments import check_call
from tavus_consent.namespaces.waiting import Waiter, tell

T = TypeVar("T")


def wait(look: Callable[[], T], waiter: Waiter[T], on_progress: Callable[[T], object] | None) -> T:
    """Poll until the object is ready."""
    check_call(on_progress, "on_progress")
    while True:
        try:
            thing = look()
        except errors.CallError as error:
            waiter.clock.sleep(waiter.after_error(error))  # a callback does not end it: Tavus may have asked
            continue
        tell(on_progress, thing)
        pause = waiter.after(thing)
        if pause is None:
            return thing
        waiter.sleep(pause)
