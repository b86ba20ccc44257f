"""A stand-in for a client: it keeps and reads records, and never calls Tavus."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from tavus_consent import errors
from tavus_consent._clock import Clock, SystemClock

from .opening import Keeper
from .steps import Steps, local

if TYPE_CHECKING:
    from tavus_consent.consent.policy import ConsentPolicy
    from tavus_consent.ledger import Ledger

    from .registry import Registry

T = TypeVar("T")
C = TypeVar("C")


class Alone:
    """The keeper of records, without a client.

    Args:
        ledger: As a client takes it.
        policy: As a client takes it.
        clock: What dates events.

    Raises:
        ConfigurationError: One of them is something else.
    """

    def __init__(self, ledger: str | Ledger | None, policy: ConsentPolicy | None, clock: Clock | None) -> None:
        self.keeper = Keeper(ledger, policy, clock or SystemClock())

    @property
    def _shared(self) -> Alone:
        return self

    def _registry(self) -> Registry:
        return self.keeper.registry()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        raise need()


def need() -> errors.ConfigurationError:
    """The error of a call that needs Tavus."""
    return errors.ConfigurationError(
        "This call deletes or looks up at Tavus, so it needs a client: use the consents of Tavus(api_key=...) or "
        "AsyncTavus(api_key=...) with the same ledger."
    )


def with_tavus(client: C) -> C:
    """The client.

    Raises:
        ConfigurationError: There is none.
    """
    if isinstance(client, Alone):
        raise need()
    return client


def just(call: Callable[[Registry], T]) -> Steps[T]:
    """A single call to the registry."""
    answer: T = yield from local(call)
    return answer


def close(client: Any) -> None:
    """Close the ledger of records without a client; a client closes its own."""
    if isinstance(client, Alone):
        client.keeper.close()
