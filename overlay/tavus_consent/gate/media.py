"""The media checks of a client, and their child process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal

from tavus_consent._loop import in_thread
from tavus_consent.preflight.options import PreflightOptions

if TYPE_CHECKING:
    from tavus_consent.preflight.isolation import Isolation


class MediaChecks:
    """The state of preflights that a client shares with the clients made from it.

    Args:
        options: The options of the checks.
    """

    def __init__(self, options: PreflightOptions | None) -> None:
        self.options = options or PreflightOptions()
        self._isolation: Isolation | None = None
        self._lock = threading.Lock()

    def isolation(self) -> Isolation | Literal["none"]:
        """Return the isolation for reading files. The child process starts with the first file."""
        from tavus_consent.preflight.isolation import Isolation

        if self.options.isolation == "none":
            return "none"
        with self._lock:
            self._isolation = self._isolation or Isolation()
            return self._isolation

    def close(self) -> None:
        """End the child process, if there is one. You can call it twice."""
        if self._isolation is not None:
            self._isolation.close()

    async def close_async(self) -> None:
        """Close like :meth:`close`, waiting for the child process in a worker thread."""
        if self._isolation is not None:
            await in_thread(self._isolation.close)
