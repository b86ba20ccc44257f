"""Time as a dependency: code that waits or dates events uses a :class:`Clock`, so that tests need not wait."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

_MAX_DIFFERENCE: Final = timedelta(days=36525)
"""A larger difference would lead to dates that Python does not have."""


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


class ServerClock:
    """The difference between the server's clock and the one of this machine, as the last dated answer shows it."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: tuple[str, datetime] | None = None

    def note(self, headers: Mapping[str, str], now: datetime) -> None:
        """Note an answer. One with ``Age`` comes from a cache, so its date is old."""
        date = headers.get("date")
        if date is not None and "age" not in headers:
            self._seen = date, now

    @property
    def difference(self) -> timedelta | None:
        """The server's time minus the time of this machine; ``None`` if no answer had a valid date."""
        if self._seen is None:
            return None
        from email.utils import parsedate_to_datetime

        text, now = self._seen
        try:
            date = parsedate_to_datetime(text)
        except (ValueError, TypeError, OverflowError):
            return None
        difference = date.replace(tzinfo=date.tzinfo or UTC) - now
        return difference if abs(difference) < _MAX_DIFFERENCE else None
