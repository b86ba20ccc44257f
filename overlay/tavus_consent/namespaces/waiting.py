"""Waiting for objects that take minutes or hours: replicas, faces, videos, documents. The decisions are shared."""

from __future__ import annotations

import inspect
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, Generic, Protocol, TypeVar

from tavus_consent import errors
from tavus_consent._arguments import check_seconds
from tavus_consent._clock import Clock, SystemClock
from tavus_consent._loop import in_thread
from tavus_consent.gate.signals import Signals

T = TypeVar("T")

TRAINING_WAIT: Final = 8 * 3600.0
"""Seconds. Tavus's guides give 3 to 6 hours for a training."""
POLL_INTERVAL: Final = 30.0
RARELY: Final = 10
"""How many times longer a wait pauses while a callback about its object is expected. The callback ends the pause."""
LOOK_INTERVAL: Final = 1.0
"""Seconds between two looks into the ledger's database for a callback that another process received."""


class TimeSource(Protocol):
    """The part of a context that waiting needs."""

    @property
    def clock(self) -> Clock:
        """The source of time."""

    @property
    def rng(self) -> random.Random:
        """The source of jitter."""

    @property
    def signals(self) -> Signals:
        """The signals that wake waits."""


class Waiter(Generic[T]):
    """Decides after each poll whether waiting is over.

    Args:
        source: The source of time and jitter.
        timeout: Seconds after which to stop waiting.
        poll_interval: Seconds between two polls; ten times as long while a callback about the object is expected.
        is_ready: Returns True if the object is ready; raises an error if it failed.
        late: Returns the error for an object that is not ready in time.
        subject: The object, such as ``replica:rf4e9d9790f0``: a callback about it ends the pause before the next poll.

    Raises:
        InvalidRequestError: A number of seconds is not positive and finite.
    """

    def __init__(
        self,
        source: TimeSource,
        timeout: float,
        poll_interval: float,
        *,
        is_ready: Callable[[T], bool],
        late: Callable[[T, float], errors.TavusError],
        subject: str = "",
    ) -> None:
        self._timeout = check_seconds(timeout, "timeout", zero=True)
        self._interval = check_seconds(poll_interval, "poll_interval")
        self.clock = source.clock
        self._rng = source.rng
        self._end = self.clock.monotonic() + self._timeout
        self._is_ready = is_ready
        self._late = late
        self._last: T | None = None
        self._subject = subject
        self._signals = source.signals
        self._arrived: int | None = None
        self._is_quiet = False
        self._woken = threading.Event()
        self._bell: Callable[[], object] = self._woken.set
        source.signals.join(subject, self)

    def after(self, thing: T) -> float | None:
        """Return the seconds to wait before the next poll, or ``None`` if the object is ready."""
        self._last = thing
        return None if self._is_ready(thing) else self._pause()

    def after_error(self, error: errors.CallError) -> float:
        """Return the seconds to wait after a failed poll. One bad minute must not end a wait of hours.

        Raises:
            CallError: The error, if it is permanent.
        """
        if not isinstance(error, (errors.NoAnswerError, errors.ServerStatusError, errors.RateLimitError)):
            raise error
        if self._last is None and self.clock.monotonic() >= self._end:
            raise error
        return max(self._pause(), error.retry_after or 0.0)

    def wake(self) -> None:
        """End the present pause, or the next one. Any thread may call this."""
        self._woken.set()
        self._bell()

    def sleep(self, seconds: float) -> None:
        """Wait before the next poll. A callback about the object ends the pause, in this process or another one."""
        while not self._has_news(self._signals.arrivals(self._subject)) and seconds > 0:
            step = self._step(seconds)
            self._nap(step)
            seconds -= step
        self._end_pause()

    async def sleep_async(self, seconds: float) -> None:
        """Wait like :meth:`sleep`, without blocking the event loop."""
        while not self._has_news(await in_thread(lambda: self._signals.arrivals(self._subject))) and seconds > 0:
            step = self._step(seconds)
            await self._nap_async(step)
            seconds -= step
        self._end_pause()

    def _has_news(self, arrived: int | None) -> bool:
        """Return True if a callback arrived since the last look. The first look only notes which one was the last."""
        before, self._arrived = self._arrived, arrived
        if before is not None and arrived != before:
            self._woken.set()
        return self._woken.is_set()

    def _end_pause(self) -> None:
        # Tavus's answer may lag behind a callback, so the pause after one is not a long one.
        self._is_quiet = self._arrived is not None and not self._woken.is_set()
        self._woken.clear()

    def _step(self, left: float) -> float:
        return left if self._arrived is None else min(left, LOOK_INTERVAL)

    def _nap(self, seconds: float) -> None:
        if isinstance(self.clock, SystemClock):  # a callback cannot interrupt another clock
            self._woken.wait(seconds)
        else:
            self.clock.sleep(seconds)

    async def _nap_async(self, seconds: float) -> None:
        if not isinstance(self.clock, SystemClock):
            await self.clock.sleep_async(seconds)
            return
        import asyncio

        rung = asyncio.Event()
        self._bell = partial(asyncio.get_running_loop().call_soon_threadsafe, rung.set)
        with suppress(TimeoutError):
            async with asyncio.timeout(0 if self._woken.is_set() else seconds):  # woken before the bell was there
                await rung.wait()
        self._bell = self._woken.set  # the loop may be closed when the next callback comes

    def _pause(self) -> float:
        remaining = self._end - self.clock.monotonic()
        if remaining <= 0 and self._last is not None:
            raise self._late(self._last, self._timeout)
        # 10 % either way, so that many waits that started together spread out
        interval = self._interval * (RARELY if self._is_quiet else 1)
        return min(interval * (0.9 + 0.2 * self._rng.random()), max(remaining, 0.0))


def tell(on_progress: Callable[[T], object] | None, thing: T) -> None:
    """Report the state to the caller."""
    if on_progress is not None:
        on_progress(thing)


async def tell_async(on_progress: Callable[[T], object] | None, thing: T) -> None:
    """Report the state to the caller, whose function may be a coroutine function."""
    told = None if on_progress is None else on_progress(thing)
    if inspect.isawaitable(told):
        await told
