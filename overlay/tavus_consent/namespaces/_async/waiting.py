"""Polls until an object is ready."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tavus_consent import errors
from tavus_consent._arguments import check_call
from tavus_consent.namespaces.waiting import Waiter, tell_async

T = TypeVar("T")


async def wait(look: Callable[[], Awaitable[T]], waiter: Waiter[T], on_progress: Callable[[T], object] | None) -> T:
    """Poll until the object is ready."""
    check_call(on_progress, "on_progress")
    while True:
        try:
            thing = await look()
        except errors.CallError as error:
            await waiter.clock.sleep_async(
                waiter.after_error(error)
            )  # a callback does not end it: Tavus may have asked
            continue
        await tell_async(on_progress, thing)
        pause = waiter.after(thing)
        if pause is None:
            return thing
        await waiter.sleep_async(pause)
