"""Time as a dependency: code that waits or dates events uses a :class:`Clock`, so that tests need not wait."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The time functions that the SDK uses. Seconds are floats; dates are aware and in UTC."""

    def now(self) -> datetime:
        """Return the date and time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return the seconds since some fixed moment. The value never decreases."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait, blocking the thread."""
        ...

    async def sleep_async(self, seconds: float) -> None:
        """Wait, without blocking the event loop."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the date and time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the seconds since some fixed moment. The value never decreases."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, blocking the thread."""
        time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Wait, without blocking the event loop."""
        import asyncio

        await asyncio.sleep(seconds)
