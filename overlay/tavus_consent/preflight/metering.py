"""What a check may cost, and the counting that holds it to that."""

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
    """What a check of one medium may cost. When it is spent the verdict is *unknown*.

    Attributes:
        bytes: Bytes of content.
        requests: Requests, each hop of a redirect and each repetition included.
        seconds: Time from the first request on.
        connections: How many requests may run at once.
        hash_seconds: Time for reading the whole file where its hash was asked for; those bytes count, but are not
            bounded.

    Raises:
        InvalidRequestError: One of them is no number, or not positive.
    """

    bytes: int = field(default=16 * 1024 * 1024, validator=valid(check_count))
    requests: int = field(default=2000, validator=valid(check_count))
    seconds: float = field(default=60.0, validator=valid(check_seconds))
    connections: int = field(default=16, validator=valid(check_count))
    hash_seconds: float = field(default=900.0, validator=valid(check_seconds))


@frozen(kw_only=True)
class Spent:
    """What a check cost.

    Attributes:
        bytes: Bytes of content that were read.
        requests: Requests that were sent; 0 for local files.
        seconds: How long it took.
    """

    bytes: int = 0
    requests: int = 0
    seconds: float = 0.0


class Meter:
    """Counts what is spent and stops when the budget is. Used by many threads.

    Args:
        budget: The bounds.
        clock: Time, from now on.
        stop: Set by whoever does not want the answer any more.
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
        """Before some bytes are read.

        Raises:
            Unreadable: They would cost more than is left.
        """
        self.left()
        with self._lock:
            if request and self._requests >= self.budget.requests:
                raise _spent("requests", f"{self.budget.requests:,} requests")
            if self._bytes + length > self._max_bytes:
                raise _spent("bytes", f"{self.budget.bytes:,} bytes")
            self._requests += request

    def took(self, count: int) -> None:
        """After some bytes were read."""
        with self._lock:
            self._bytes += count

    def left(self) -> float:
        """Seconds that are left.

        Raises:
            Unreadable: None are, or nobody waits for the answer.
        """
        if self._stop.is_set():
            raise Unreadable("stopped", "The check was stopped.", "Run it again.")
        left = self._end - self._clock.monotonic()
        if left <= 0:
            raise _spent(self._time[0], f"{self._time[1]:g} s")
        return left

    def left_requests(self) -> int:
        """Requests that are left."""
        return self.budget.requests - self._requests

    def lift(self) -> None:
        """From now on the whole file is read, in the time that is meant for it."""
        self._max_bytes = float("inf")
        self._time = ("hash_seconds", self.budget.hash_seconds)
        self._end = self._clock.monotonic() + self.budget.hash_seconds

    @property
    def spent(self) -> Spent:
        """What was spent so far."""
        return Spent(
            bytes=self._bytes, requests=self._requests, seconds=round(self._clock.monotonic() - self._begin, 3)
        )


def _spent(what: str, amount: str) -> Unreadable:
    return Unreadable(
        "budget", f"The budget of {amount} was spent before the answer was known.", f"Raise Budget({what}=...)."
    )
