"""The likenesses of personas, PALs and deployments, remembered for a few minutes."""

from __future__ import annotations

from threading import Lock
from typing import Final

_SECONDS: Final = 300.0


class Lookups:
    """Remembered lookups, for five minutes each. Safe to share between threads."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[float, tuple[tuple[str, str], ...]]] = {}
        self._lock = Lock()

    def get(self, key: tuple[str, str], now: float) -> tuple[tuple[str, str], ...] | None:
        """Return what a lookup found, or ``None`` if it is not known or too old."""
        with self._lock:
            found = self._found.get(key)
        return found[1] if found is not None and now < found[0] else None

    def put(self, key: tuple[str, str], value: tuple[tuple[str, str], ...], now: float) -> None:
        """Remember what a lookup found."""
        with self._lock:
            self._found = {name: found for name, found in self._found.items() if now < found[0]}
            self._found[key] = (now + _SECONDS, value)

    def clear(self) -> None:
        """Forget everything, because an object was changed."""
        with self._lock:
            self._found.clear()
