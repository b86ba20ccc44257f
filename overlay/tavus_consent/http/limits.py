"""Timeouts of a call, and limits on a client's connections and on the size of answers."""

from __future__ import annotations

from typing import Final, NamedTuple

from tavus_consent import errors
from tavus_consent._arguments import check_count, check_seconds, check_type

CONFIGURED: Final = errors.ConfigurationError


class Timeout(NamedTuple):
    """Timeouts in seconds.

    Attributes:
        connect: Time to resolve the name and connect, and the same time again for TLS.
        total: Time for one attempt, from waiting for a free connection to the last byte of the answer.
        deadline: Time for the whole call, which is all attempts and the pauses between them.
    """

    connect: float = 5.0
    total: float = 30.0
    deadline: float = 60.0


class Limits(NamedTuple):
    """Limits of one client.

    Attributes:
        max_connections: Maximum number of open connections. Further calls wait for a free one.
        max_keepalive_connections: Maximum number of idle connections kept open.
        keepalive_expiry: Seconds until an idle connection is closed.
        max_answer_bytes: Maximum size of an answer in bytes, after decompression.
    """

    max_connections: int = 100
    max_keepalive_connections: int = 100
    keepalive_expiry: float = 15.0
    max_answer_bytes: int = 10 * 1024 * 1024


def make_timeout(value: float | Timeout | None) -> Timeout:
    """Convert the ``timeout=`` argument to a :class:`Timeout`. A plain number limits the whole call.

    Raises:
        ConfigurationError: A value is not a positive, finite number.
    """
    if value is None:
        return Timeout()
    if isinstance(value, Timeout):
        parts = value._asdict().items()
        return Timeout(*(check_seconds(part, f"timeout: {name}", kind=CONFIGURED) for name, part in parts))
    total = check_seconds(value, "timeout", kind=CONFIGURED)
    return Timeout(min(Timeout().connect, total), total, total)


def check_limits(limits: Limits) -> Limits:
    """Refuse limits that are not numbers or that no call could meet."""
    check_type(limits, "limits", Limits, "a tavus_consent.Limits", kind=CONFIGURED)
    check_count(limits.max_connections, "max_connections", kind=CONFIGURED)
    check_count(limits.max_keepalive_connections, "max_keepalive_connections", least=0, kind=CONFIGURED)
    check_seconds(limits.keepalive_expiry, "keepalive_expiry", zero=True, kind=CONFIGURED)
    check_count(limits.max_answer_bytes, "max_answer_bytes", kind=CONFIGURED)
    return limits
