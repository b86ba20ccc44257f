"""How a client checks media, and the child process that it does so in."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal

from tavus_consent._loop import in_thread
from tavus_consent.preflight.options import PreflightOptions

if TYPE_CHECKING:
    from tavus_consent.preflight.isolation import Isolation


class MediaChecks:
    """State for preflights that a client shares with everything made from it.

    Args:
        options: How media are checked.
    """

    def __init__(self, options: PreflightOptions | None) -> None:
        self.options = options or PreflightOptions()
        self._isolation: Isolation | None = None
        self._lock = threading.Lock()

    def isolation(self) -> Isolation | Literal["none"]:
        """Return where files are read; the child process starts with the first file."""
        from tavus_consent.preflight.isolation import Isolation

        if self.options.isolation == "none":
            return "none"
        with self._lock:
            self._isolation = self._isolation or Isolation()
            return self._isolation

    def close(self) -> None:
        """End the child process, if there is one. Closing twice is fine."""
        if self._isolation is not None:
            self._isolation.close()

    async def close_async(self) -> None:
        """As :meth:`close`; the child process is waited for in a worker thread."""
        if self._isolation is not None:
            await in_thread(self._isolation.close)
