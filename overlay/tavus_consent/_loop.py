"""The event loop that async calls need, and the thread that they leave blocking work to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from . import errors

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")


def running_loop() -> asyncio.AbstractEventLoop:
    """The asyncio loop that runs this code.

    Raises:
        ConfigurationError: There is none, as under trio.
    """
    import asyncio

    loop: asyncio.AbstractEventLoop | None
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    if loop is None:  # not raised above: its cause would only repeat it
        raise errors.ConfigurationError(
            "AsyncTavus runs on asyncio only, and no asyncio event loop runs this code. Under trio, call Tavus in a "
            "worker thread: await trio.to_thread.run_sync(...)"
        )
    return loop


async def in_thread(call: Callable[[], T]) -> T:
    """Do a blocking call in a worker thread."""
    import asyncio

    running_loop()
    return await asyncio.to_thread(call)
