"""Number of cases that a test tries: more with the profile ``full`` than with ``quick``, as in tests/conftest.py."""

from __future__ import annotations

from hypothesis import settings

QUICK = settings.get_current_profile_name() == "quick"
"""Whether the run is ``make test``."""


def scaled(number: int) -> int:
    """Return how many times to try something that the profile ``full`` tries ``number`` times."""
    return max(1, number * settings.default.max_examples // settings.get_profile("full").max_examples)
