"""The guard of a client: it decides about requests before they are sent, and learns what came of them.

The gate implements it (:mod:`tavus_consent.gate.uses`). This package knows nothing of consent, only which requests
concern the guard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from .answers import Call

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard(Protocol):
    """The guard of a sync client."""

    def admit(self, call: Call, use: str | None) -> Any:
        """Decide about a request. Returns what :meth:`settle` needs.

        Raises:
            ConsentError: It must not be sent.
        """
        ...

    def settle(self, admitted: Any, outcome: Any) -> None:
        """Learn the parsed answer of an admitted request, or its error."""
        ...


class AsyncGuard(Protocol):
    """The guard of an async client."""

    async def admit(self, call: Call, use: str | None) -> Any:
        """Decide about a request. Returns what :meth:`settle` needs.

        Raises:
            ConsentError: It must not be sent.
        """
        ...

    async def settle(self, admitted: Any, outcome: Any) -> None:
        """Learn the parsed answer of an admitted request, or its error."""
        ...


def concerns(call: Call) -> bool:
    """Return True if the guard decides about a call, or has to learn what came of it."""
    if call.method in _READS:
        return False
    operation = call.operation
    return operation is None or operation.consent != "none" or call.method == "DELETE"
