"""The common part of ``Tavus`` and ``AsyncTavus``: their parts, options, recorders and state."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, NoReturn, Self, TypeVar

import httpx

from ._arguments import check_has, check_type
from ._clock import Clock, ServerClock, SystemClock
from ._frames import hides_locals
from ._redaction import redact_url
from ._urls import is_loopback
from .callbacks.opening import MailboxOpener
from .gate.lookups import Lookups
from .gate.media import MediaChecks
from .gate.opening import RegistryOpener
from .http.given import GivenAsyncTransport, GivenTransport
from .http.lifeline import Lifeline
from .http.limits import CONFIGURED, Timeout
from .http.outcome import RECORDERS
from .http.pool import AsyncTransports, SyncTransports
from .http.settings import Settings

if TYPE_CHECKING:
    from .consent.policy import ConsentPolicy
    from .gate.likeness import Server
    from .gate.registry import Registry
    from .ledger import Ledger
    from .preflight.options import PreflightOptions
    from .results import CallInfo

Transports = TypeVar("Transports", SyncTransports, AsyncTransports)


class Shared(NamedTuple, Generic[Transports]):
    """The state that a client shares with everything made from it by ``with_options``."""

    pool: Transports
    owned: bool
    lifeline: Lifeline
    clock: Clock
    rng: random.Random
    opener: RegistryOpener
    media: MediaChecks
    lookups: Lookups
    server_clock: ServerClock
    mailboxes: MailboxOpener
    keeps: bool = True


class BaseClient(Generic[Transports]):
    """The part of a client that is the same for sync and async code."""

    _settings: Settings
    _shared: Shared[Transports]

    def _begin(
        self,
        pool: Transports,
        *,
        owned: bool,
        clock: Clock | None,
        ledger: str | Ledger | None,
        consent_policy: ConsentPolicy | None,
        preflight_options: PreflightOptions | None,
        actor: str | None,
    ) -> None:
        """Create the state that the client shares with the clients made from it.

        Raises:
            ConfigurationError: The clock or the options are of another type.
        """
        if preflight_options is not None:
            from .preflight.options import PreflightOptions

            check_type(preflight_options, "preflight_options", PreflightOptions, "PreflightOptions", kind=CONFIGURED)
        if clock is not None:
            names = ("now", "monotonic", "sleep", "sleep_async")
            check_has(clock, "clock", names=names, takes=f"an object with {', '.join(names)}", kind=CONFIGURED)
        clock = SystemClock() if clock is None else clock
        opener = RegistryOpener(ledger, consent_policy, clock, is_local=self._is_local, actor=actor)
        rng = random.SystemRandom()  # forked processes must not share one sequence of pauses
        media, mailboxes = MediaChecks(preflight_options), MailboxOpener(opener, clock)
        self._shared = Shared(pool, owned, Lifeline(), clock, rng, opener, media, Lookups(), ServerClock(), mailboxes)

    @property
    def _is_local(self) -> bool:
        return is_loopback(httpx.URL(self._settings.base_url).host)

    def _registry(self) -> Registry:
        """Return the consent records; the first call opens the ledger."""
        return self._shared.opener.registry()

    def _parts(self) -> dict[str, Any]:
        """Return the parts of the context that the namespaces get."""
        shared = self._shared
        return {
            "opener": shared.opener,
            "clock": shared.clock,
            "rng": shared.rng,
            "deadline": self._settings.timeout.deadline,
            "server": self._server,
            "media": shared.media,
            "server_clock": shared.server_clock,
            "signals": shared.mailboxes.signals,
        }

    @property
    def _server(self) -> Server:
        """The kind of server; unknown behind a transport or an HTTP client of the caller."""
        if self._is_local:
            return "local"
        return "unknown" if isinstance(self._shared.pool, (GivenTransport, GivenAsyncTransport)) else "tavus"

    @hides_locals
    def with_options(
        self,
        *,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return a client with other options on the same connections, for one call or many.

        Closing it closes nothing: only the original client closes the connections.

        Args:
            timeout: Seconds for a whole call, or a :class:`Timeout`.
            max_retries: Further attempts after the first.
            headers: Additional headers.

        Example:
            ``tavus.with_options(timeout=5).replicas.get(replica_id)``
        """
        other = type(self).__new__(type(self))
        other._settings = self._settings.changed(timeout, max_retries, headers)
        other._shared = self._shared._replace(owned=False, keeps=False)
        return other

    @contextmanager
    def record_calls(self) -> Iterator[list[CallInfo]]:
        """Record each call within the block: status, headers, attempts, seconds.

        Works for every method of every namespace and for ``raw``, in this thread or task and in tasks begun within.

        Example:
            ``with tavus.record_calls() as calls: tavus.replicas.get(replica_id)`` and then ``calls[-1].status``
        """
        calls: list[CallInfo] = []
        token = RECORDERS.set((*RECORDERS.get(), calls))
        try:
            yield calls
        finally:
            RECORDERS.reset(token)

    @property
    def base_url(self) -> str:
        """The base URL of requests."""
        return self._settings.base_url

    @property
    def clock(self) -> Clock:
        """The clock that this client uses for times and waiting."""
        return self._shared.clock

    @property
    def rng(self) -> random.Random:
        """The source of jitter."""
        return self._shared.rng

    @property
    def closed(self) -> bool:
        """True after ``close``."""
        return self._shared.lifeline.closed

    def __repr__(self) -> str:
        # An error report with local variables may also show a client whose constructor raised an error.
        settings = getattr(self, "_settings", None)
        shown = f"base_url={redact_url(settings.base_url)!r}" if settings is not None else "not made"
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} has connections and an API key; it cannot be pickled or copied")
