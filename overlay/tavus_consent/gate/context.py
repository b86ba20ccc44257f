"""The parts of a client that its namespaces need: caller, registry, clock and a few settings.

The steps of the gate are written once, as async code; the sync code is derived from it. The contexts implement the
differences: the async one moves work that may wait for a disk, a lock or another server into a worker thread.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from attrs import define, evolve, field

from tavus_consent import errors
from tavus_consent._clock import Clock, ServerClock
from tavus_consent._loop import in_thread, running_loop

from .media import MediaChecks
from .opening import RegistryOpener
from .signals import Signals

if TYPE_CHECKING:
    from tavus_api.client import AsyncCaller, AsyncPager, Caller, Pager
    from tavus_consent.ledger import Ledger

    from .likeness import Server
    from .registry import Registry

P = ParamSpec("P")
T = TypeVar("T")


@define(eq=False, repr=False, kw_only=True)
class ContextParts:
    """The parts that sync and async code share.

    Attributes:
        opener: Opens the registry of consent records on first use.
        clock: The source of time.
        rng: The source of jitter.
        deadline: Seconds for a whole call.
        server: The kind of server.
        media: The media checks.
        admitted: The ``client=`` for requests that the gate has decided about already.
        server_clock: The difference between the server's clock and the one of this machine.
        actor: The account or role that acts in this call; by default the one of the client.
        signals: Wakes waits.
    """

    opener: RegistryOpener
    clock: Clock
    rng: random.Random
    deadline: float = 0.0
    server: Server = "unknown"
    media: MediaChecks
    admitted: Any = None
    server_clock: ServerClock = field(factory=ServerClock)
    actor: str | None = None
    signals: Signals = field(factory=Signals)
    _caller: Any = None

    @property
    def caller(self) -> Any:
        """The ``client=`` of generated functions."""
        return self._caller

    def need_tavus(self) -> None:
        """Refuse a step that needs Tavus, before anything is written.

        Raises:
            ConfigurationError: There is no client.
        """
        if self._caller is None:
            raise errors.ConfigurationError(
                "This call deletes or looks up replicas at Tavus, so it needs a client: use the consents of "
                "Tavus(api_key=...) or AsyncTavus(api_key=...) with the same ledger."
            )

    def acting(self, actor: str | None) -> Self:
        """Return this context for another actor; ``None`` keeps the actor."""
        return self if actor is None else evolve(self, actor=actor)

    def need_ledger(self) -> None:
        """Refuse a key without a ledger that outlives the process. The registry is open already.

        Raises:
            ConfigurationError: Records are kept in memory.
        """
        if self.opener.ledger() is None:
            raise errors.ConfigurationError(
                "once= needs a ledger that outlives the process: pass ledger='sqlite:///consent.db' or another URL to "
                "the client, or set TAVUS_CONSENT_LEDGER, and install the extra 'ledger'"
            )

    @property
    def owns_ledger(self) -> bool:
        """True if no client closes the ledger."""
        return self._caller is None


class Context(ContextParts):
    """The context of sync code, which runs everything directly."""

    if TYPE_CHECKING:

        @property
        def caller(self) -> Caller:
            """The ``client=`` of generated functions."""

    def registry(self) -> Registry:
        """Return the registry; the first call opens the ledger."""
        return self.opener.registry().acting(self.actor)

    def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call that may wait for the ledger."""
        return call(*args, **kwargs)

    def run_quick(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call that at most waits for the disk and the policy's rules."""
        return call(*args, **kwargs)

    def run_through(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call that no cancellation may cut short."""
        return call(*args, **kwargs)

    def work(self, call: Callable[Concatenate[threading.Event, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a slow call. It ends early if its event is set."""
        return call(threading.Event(), *args, **kwargs)

    def items(self, pager: Pager[T]) -> list[T]:
        """Return all items of a list."""
        return list(pager)

    @property
    def ledger(self) -> Ledger | None:
        """The ledger, opened if necessary; ``None`` if records are kept in memory."""
        return self.opener.ledger()

    def close(self) -> None:
        """Close the ledger if it was opened here."""
        self.opener.close()


class AsyncContext(ContextParts):
    """The context of async code, whose event loop never waits for a disk, a lock or another server."""

    if TYPE_CHECKING:

        @property
        def caller(self) -> AsyncCaller:
            """The ``client=`` of generated functions."""

    async def registry(self) -> Registry:
        """Return the registry; the first call opens the ledger."""
        running_loop()
        if self.opener.is_instant or self.opener.is_open:
            return self.opener.registry().acting(self.actor)
        return (await in_thread(self.opener.registry)).acting(self.actor)

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call that may wait for the ledger."""
        return await in_thread(partial(call, *args, **kwargs))

    async def run_quick(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call that at most waits for the disk and the policy's rules. Without either, it needs no thread."""
        if self.opener.is_instant:
            return call(*args, **kwargs)
        return await in_thread(partial(call, *args, **kwargs))

    async def run_through(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call that no cancellation may cut short. A canceled caller stops waiting, but the call goes on."""
        import asyncio

        return await asyncio.shield(in_thread(partial(call, *args, **kwargs)))

    async def work(self, call: Callable[Concatenate[threading.Event, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a slow call. It ends early if the caller is canceled."""
        stop = threading.Event()
        try:
            return await in_thread(partial(call, stop, *args, **kwargs))
        finally:
            stop.set()

    async def items(self, pager: AsyncPager[T]) -> list[T]:
        """Return all items of a list."""
        return [one async for one in pager]

    @property
    def ledger(self) -> Ledger | None:
        """The ledger; ``None`` if records are kept in memory.

        Raises:
            ConfigurationError: It is not open yet, and opening it may block.
        """
        return self.opener.ledger(opened=True)

    async def close(self) -> None:
        """Close the ledger if it was opened here."""
        await in_thread(self.opener.close)


def without_client(ledger: Any, policy: Any, clock: Clock, actor: Any) -> dict[str, Any]:
    """Return the parts of a context that stores and reads records, and never calls Tavus.

    Raises:
        ConfigurationError: An argument is invalid.
    """
    return {
        "opener": RegistryOpener(ledger, policy, clock, actor=actor),
        "clock": clock,
        "rng": random.SystemRandom(),
        "media": MediaChecks(None),
    }
