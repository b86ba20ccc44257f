"""A clock that stands still until a test advances it, or runs faster than real time."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from tavus_consent import ConfigurationError


class FakeClock:
    """A :class:`~tavus_consent._clock.Clock` under the control of a test.

    Its ``sleep`` advances the clock instead of waiting. So a loop that polls a fake service sees hours pass at once.

    Args:
        now: The start time; an aware date. The default is the present.
        speed: Seconds on this clock per real second. 0 stands still, 1 is real time.

    Raises:
        ConfigurationError: ``now`` is not aware.
    """

    def __init__(self, now: datetime | None = None, *, speed: float = 0.0) -> None:
        if now is not None and now.tzinfo is None:
            raise ConfigurationError("now must be an aware date, for example datetime(2026, 1, 1, tzinfo=UTC)")
        self._start = (now or datetime.now(UTC)).astimezone(UTC)
        self._moved = 0.0
        self._speed = 0.0
        self._since = 0.0
        self.run(speed)

    @property
    def speed(self) -> float:
        """Seconds on this clock per real second."""
        return self._speed

    def run(self, speed: float) -> None:
        """Change the speed from now on.

        Raises:
            ConfigurationError: The speed is negative or not a number.
        """
        if not 0 <= speed < float("inf"):
            raise ConfigurationError(f"speed must be 0 or more, not {speed}")
        self._moved = self.monotonic()
        self._since = time.monotonic()
        self._speed = speed

    def now(self) -> datetime:
        """Return the date and time, aware, in UTC."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return the seconds on this clock since it was created."""
        if not self._speed:
            return self._moved
        return self._moved + self._speed * (time.monotonic() - self._since)

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Advance the clock.

        Raises:
            ConfigurationError: The sum is negative, not a number, or leads beyond the year 9999.
        """
        try:
            moved = self._moved + hours * 3600 + minutes * 60 + seconds
            if not moved >= self._moved:
                raise ConfigurationError("time only goes forward")
            self._start + timedelta(seconds=moved + self.monotonic() - self._moved)
        except OverflowError:
            raise ConfigurationError("the date would be beyond the year 9999") from None
        self._moved = moved

    def sleep(self, seconds: float) -> None:
        """Advance the clock instead of waiting."""
        self.advance(seconds=max(seconds, 0))

    async def sleep_async(self, seconds: float) -> None:
        """Advance the clock instead of waiting, and let other tasks run."""
        self.sleep(seconds)
        await asyncio.sleep(0)
