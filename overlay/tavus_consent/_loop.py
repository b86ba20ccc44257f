"""The event loop that async calls need, and the worker thread for blocking work."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from . import errors

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the asyncio loop that runs this code.

    Raises:
        ConfigurationError: There is none, as under trio.
    """
    import asyncio

    loop: asyncio.AbstractEventLoop | None
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    if loop is None:  # not raised inside the except block, whose error would appear as a redundant cause
        raise errors.ConfigurationError(
            "AsyncTavus only runs on asyncio, and no asyncio event loop is running. Under trio, call Tavus in a "
            "worker thread: await trio.to_thread.run_sync(...)"
        )
    return loop


async def in_thread(call: Callable[[], T]) -> T:
    """Run a blocking call in a worker thread.

    Raises:
        ConfigurationError: No asyncio loop runs this code.
    """
    import asyncio

    running_loop()
    return await asyncio.to_thread(call)
