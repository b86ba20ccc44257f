"""Which replicas a create of unknown outcome may have made, by the time of its call. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

Fit = Literal["likely", "doubtful"]

SKEW: Final = timedelta(minutes=5)
"""The error that remains when the difference of two clocks is known."""
_UNMEASURED: Final = timedelta(days=1)
"""The difference that the clocks may have if no answer ever showed it: also that of a wrong time zone."""


class CallTime(NamedTuple):
    """The time of a call, by the clock of the machine that made it.

    Attributes:
        began: When the call began.
        ended: When the client gave up.
        difference: The server's clock minus that of the machine, if an answer showed it there.
    """

    began: datetime
    ended: datetime
    difference: timedelta | None = None

    def fit(self, created: datetime | None, guess: timedelta | None = None) -> Fit | None:
        """Return how well a replica fits the call; ``None`` if another call made it.

        Args:
            created: When the server created it.
            guess: The difference that this process sees. The call may have come from another machine.
        """
        if created is None:
            return "likely"
        shift = self.difference if self.difference is not None else guess or timedelta(0)
        if self.began + shift - SKEW <= created <= self.ended + shift + SKEW:
            return "likely"
        # Dates of answers can be wrong, too. So the time without the difference is never ruled out.
        slack = _UNMEASURED if self.difference is None else SKEW
        return "doubtful" if self.began - slack <= created <= self.ended + slack else None
