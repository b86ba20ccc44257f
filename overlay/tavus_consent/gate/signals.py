"""Waits of this process, and what wakes them: a callback about their object."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol
from weakref import WeakSet


class Sleeper(Protocol):
    """A wait that can be woken, from any thread."""

    def wake(self) -> None:
        """End the present pause, or the next one."""


class Signals:
    """The waits of a client, by their object. A wait that is over is forgotten by itself.

    Args:
        arrivals: Returns a number that changes with each callback about an object, also with those that another process
            receives, or ``None`` if the object has no callback address. It may read a database.

    Attributes:
        arrivals: The same.
    """

    def __init__(self, arrivals: Callable[[str], int | None] = lambda _: None) -> None:
        self.arrivals = arrivals
        self._lock = threading.Lock()
        self._sleepers: dict[str, WeakSet[Sleeper]] = {}

    def join(self, subject: str, sleeper: Sleeper) -> None:
        """Wake a wait when something happens to its object.

        Args:
            subject: The object, such as ``replica:rf4e9d9790f0``.
            sleeper: The wait.
        """
        with self._lock:
            self._sleepers = {name: those for name, those in self._sleepers.items() if those}
            self._sleepers.setdefault(subject, WeakSet()).add(sleeper)

    def wake(self, subject: str | None) -> None:
        """Wake the waits for an object."""
        with self._lock:
            those = list(self._sleepers.get(subject or "", ()))
        for one in those:
            one.wake()
