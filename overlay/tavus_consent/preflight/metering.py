"""The budget of a check, and the meter that enforces it."""

from __future__ import annotations

import threading

from attrs import field, frozen

from tavus_consent._arguments import check_count, check_seconds, valid
from tavus_consent._clock import Clock
from tavus_consent._frames import hides_locals

from .failures import Unreadable


@hides_locals
@frozen(kw_only=True)
class Budget:
    """The limits of the check of one medium. When they are exhausted, the verdict is *unknown*.

    Attributes:
        bytes: The limit on bytes of content.
        requests: The limit on requests, including redirects and retries.
        seconds: The time limit, which starts with the first request.
        connections: The limit on concurrent requests.
        hash_seconds: The time limit for reading the whole file if its hash is requested. These bytes are counted, but
            not limited.

    Raises:
        InvalidRequestError: A value is not a number, or not positive.
    """

    bytes: int = field(default=16 * 1024 * 1024, validator=valid(check_count))
    requests: int = field(default=2000, validator=valid(check_count))
    seconds: float = field(default=60.0, validator=valid(check_seconds))
    connections: int = field(default=16, validator=valid(check_count))
    hash_seconds: float = field(default=900.0, validator=valid(check_seconds))


@frozen(kw_only=True)
class Spent:
    """The cost of a check.

    Attributes:
        bytes: The bytes of content that were read.
        requests: The number of requests; 0 for local files.
        seconds: The elapsed time.
    """

    bytes: int = 0
    requests: int = 0
    seconds: float = 0.0


class Meter:
    """A counter that stops a check when its budget is exhausted. Safe to share between threads.

    Args:
        budget: The limits.
        clock: The clock. The time starts now.
        stop: An event that the caller sets to stop the check.
    """

    def __init__(self, budget: Budget, clock: Clock, stop: threading.Event | None = None) -> None:
        self.budget = budget
        self._clock = clock
        self._stop = stop or threading.Event()
        self._begin = clock.monotonic()
        self._time = ("seconds", budget.seconds)
        self._end = self._begin + budget.seconds
        self._lock = threading.Lock()
        self._bytes = self._requests = 0
        self._max_bytes: float = budget.bytes

    def ask(self, length: int, *, request: bool = True) -> None:
        """Reserve a read. Call this before reading.

        Raises:
            Unreadable: The read would exceed the budget.
        """
        self.left()
        with self._lock:
            if request and self._requests >= self.budget.requests:
                raise _spent("requests", f"{self.budget.requests:,} requests")
            if self._bytes + length > self._max_bytes:
                raise _spent("bytes", f"{self.budget.bytes:,} bytes")
            self._requests += request

    def took(self, count: int) -> None:
        """Count bytes. Call this after reading."""
        with self._lock:
            self._bytes += count

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            Unreadable: The time is up, or the check was stopped.
        """
        if self._stop.is_set():
            raise Unreadable("stopped", "The check was stopped.", "Run it again.")
        left = self._end - self._clock.monotonic()
        if left <= 0:
            raise _spent(self._time[0], f"{self._time[1]:g} s")
        return left

    def left_requests(self) -> int:
        """Return the number of requests that are left."""
        return self.budget.requests - self._requests

    def lift(self) -> None:
        """Lift the limit on bytes, and start the time limit for reading the whole file."""
        self._max_bytes = float("inf")
        self._time = ("hash_seconds", self.budget.hash_seconds)
        self._end = self._clock.monotonic() + self.budget.hash_seconds

    @property
    def spent(self) -> Spent:
        """The cost so far."""
        return Spent(
            bytes=self._bytes, requests=self._requests, seconds=round(self._clock.monotonic() - self._begin, 3)
        )


def _spent(what: str, amount: str) -> Unreadable:
    return Unreadable(
        "budget", f"The budget of {amount} was exhausted before the check had a result.", f"Raise Budget({what}=...)."
    )
