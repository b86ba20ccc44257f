"""``Tavus`` and ``AsyncTavus``: construction, lifecycle, namespaces."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, NoReturn, Self, TypeVar

import httpx

from tavus_api.api import AsyncNamespaces, SyncNamespaces

from ._arguments import check_has, check_type
from ._clock import Clock, SystemClock
from ._frames import hides_locals
from ._loop import running_loop
from ._redaction import redact_url
from ._urls import is_loopback
from .errors import ClientClosedError
from .gate.context import AsyncContext, Context, Server
from .gate.media import MediaChecks
from .gate.opening import DEFAULT, RegistryOpener
from .http.given import AsyncClientAsTransport, ClientAsTransport, GivenAsyncTransport, GivenTransport
from .http.pool import AsyncLines, SyncLines, make_async_pool, make_pool
from .http.retry import CONFIGURED, Limits, Timeout
from .http.route import check_ways
from .http.settings import Settings, make_settings
from .http.transport import RECORDERS, AsyncHTTP, Lifeline, SyncHTTP

if TYPE_CHECKING:
    import os
    import ssl

    from .consent.policy import ConsentPolicy
    from .gate.registry import Registry
    from .http._async.callers import AsyncCaller
    from .http._sync.callers import SyncCaller
    from .ledger import Ledger
    from .namespaces._async.consents import AsyncConsents
    from .namespaces._async.documents import AsyncDocuments
    from .namespaces._async.faces import AsyncFaces
    from .namespaces._async.replicas import AsyncReplicas
    from .namespaces._async.videos import AsyncVideos
    from .namespaces._sync.consents import Consents
    from .namespaces._sync.documents import Documents
    from .namespaces._sync.faces import Faces
    from .namespaces._sync.replicas import Replicas
    from .namespaces._sync.videos import Videos
    from .preflight.options import PreflightOptions
    from .results import CallInfo

_Lines = TypeVar("_Lines", SyncLines, AsyncLines)


def _check_parts(clock: object, preflight_options: object) -> None:
    """Refuse objects that a client could not work with, before it does.

    Raises:
        ConfigurationError: One of them is of another type.
    """
    if preflight_options is not None:
        from tavus_consent.preflight.options import PreflightOptions

        check_type(preflight_options, "preflight_options", PreflightOptions, "PreflightOptions", kind=CONFIGURED)
    if clock is not None:
        names = ("now", "monotonic", "sleep", "sleep_async")
        check_has(clock, "clock", names=names, takes=f"an object with {', '.join(names)}", kind=CONFIGURED)


class _Shared(NamedTuple, Generic[_Lines]):
    """State that a client shares with everything made from it by ``with_options``."""

    pool: _Lines
    owned: bool
    lifeline: Lifeline
    clock: Clock
    rng: random.Random
    opener: RegistryOpener
    media: MediaChecks
    keeps: bool = True


class _Client(Generic[_Lines]):
    """What the sync and the async client have in common: all but the calls."""

    _settings: Settings
    _shared: _Shared[_Lines]

    def _registry(self) -> Registry:
        """The records of consent; the first call opens the ledger."""
        return self._shared.opener.registry()

    def _parts(self) -> dict[str, Any]:
        """The parts of the context that the namespaces get."""
        shared = self._shared
        return {
            "opener": shared.opener,
            "clock": shared.clock,
            "rng": shared.rng,
            "deadline": self._settings.timeout.deadline,
            "server": self._server,
            "media": shared.media,
        }

    @property
    def _server(self) -> Server:
        """The kind of server that answers; unknown behind a transport or an HTTP client that the caller gave."""
        if is_loopback(httpx.URL(self._settings.base_url).host):
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
        """A client with other options on the same connections, for one call or many.

        Closing it closes nothing: the client it was made from stays in charge.

        Args:
            timeout: Seconds for a whole call, or a :class:`Timeout`.
            max_retries: Further attempts after the first.
            headers: Sent in addition.

        Example:
            ``tavus.with_options(timeout=5).replicas.get(replica_id)``
        """
        other = type(self).__new__(type(self))
        other._settings = self._settings.changed(timeout, max_retries, headers)
        other._shared = self._shared._replace(owned=False, keeps=False)
        return other

    @contextmanager
    def record_calls(self) -> Iterator[list[CallInfo]]:
        """Collect how each call within the block went: status, headers, attempts, seconds.

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
        """Where requests go."""
        return self._settings.base_url

    @property
    def clock(self) -> Clock:
        """Where this client takes the time from, and how it waits."""
        return self._shared.clock

    @property
    def rng(self) -> random.Random:
        """Randomness for jitter."""
        return self._shared.rng

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._shared.lifeline.closed

    def __repr__(self) -> str:
        # What shows the local variables of an error also shows the client whose constructor raised it.
        settings = getattr(self, "_settings", None)
        shown = f"base_url={redact_url(settings.base_url)!r}" if settings is not None else "not made"
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} holds connections and an API key; it cannot be pickled or copied")


@hides_locals
class Tavus(_Client[SyncLines], SyncNamespaces):
    """The Tavus API, consent first. Safe to share between threads; use :class:`AsyncTavus` for asyncio.

    Args:
        api_key: The key; without it ``TAVUS_API_KEY`` is read.
        base_url: Where requests go; without it ``TAVUS_BASE_URL``, then ``https://tavusapi.com``.
        timeout: Seconds for a whole call, or a :class:`Timeout` (default: connect 5, attempt 30, all attempts 60).
        max_retries: Further attempts after the first. A create is repeated only if it surely was not carried out.
        headers: Sent with every request.
        limits: Bounds on connections and on the size of answers.
        proxy: URL of a proxy; without it the usual environment variables are read.
        transport: An ``httpx.BaseTransport`` to use instead of a pool of connections.
        http_client: Your own ``httpx.Client``, whose proxies, hooks and certificates are then used. It stays yours:
            ``close`` does not close it.
        verify: The certificates to trust: an ``ssl.SSLContext``, or the path of a CA bundle. By default
            ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` names them; without those, certifi does.
        clock: Where time comes from, for tests.
        ledger: Where records of consent are kept: the URL of a ledger (``sqlite:///consent.db``,
            ``postgresql://...``), or an open one, which stays yours. ``"default"`` is ``TAVUS_CONSENT_LEDGER``, or a
            file in the user's data folder; ``None`` keeps them in memory, and they end with the process. It is opened
            when it is first needed: by a create, or by ``consents``.
        consent_policy: What a record must have reached before a replica is trained; by default there is a recording.
        preflight_options: How media are checked: who listens, what links may reach, what it may cost, and whether a
            child process reads them.

    Raises:
        ConfigurationError: No key, or a value that cannot work.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float | Timeout | None = None,
        max_retries: int = 2,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        proxy: str | httpx.Proxy | None = None,
        transport: httpx.BaseTransport | None = None,
        http_client: httpx.Client | None = None,
        verify: ssl.SSLContext | str | os.PathLike[str] | None = None,
        clock: Clock | None = None,
        ledger: str | Ledger | None = DEFAULT,
        consent_policy: ConsentPolicy | None = None,
        preflight_options: PreflightOptions | None = None,
    ) -> None:
        limits = Limits() if limits is None else limits
        self._settings = settings = make_settings(api_key, base_url, timeout, max_retries, headers, limits)
        check_ways(proxy, transport, http_client, verify, is_async=False)
        _check_parts(clock, preflight_options)
        pool: SyncLines
        if http_client is not None:
            pool = GivenTransport(ClientAsTransport(http_client))
        elif transport is not None:
            pool = GivenTransport(transport)
        else:
            pool = make_pool(settings.base_url, limits, proxy, verify)
        owned = http_client is None
        clock = SystemClock() if clock is None else clock
        opener = RegistryOpener(ledger, consent_policy, clock, is_local=is_loopback(httpx.URL(settings.base_url).host))
        rng = random.SystemRandom()  # forked processes must not share one sequence of pauses
        self._shared = _Shared(pool, owned, Lifeline(), clock, rng, opener, MediaChecks(preflight_options))

    # The generated code and the namespaces are imported when they are first used.

    @cached_property
    def _http(self) -> SyncHTTP:
        shared = self._shared
        return SyncHTTP(shared.pool, self._settings, shared.lifeline, shared.clock, shared.rng)

    def _make_caller(self) -> SyncCaller:
        return self.raw

    @cached_property
    def _context(self) -> Context:
        return Context(caller=self.raw, **self._parts())

    @cached_property
    def raw(self) -> SyncCaller:
        """The client for generated functions."""
        from .http._sync.callers import SyncCaller

        return SyncCaller(self._http)

    # What needs judgment is written by hand; the other namespaces are generated.

    @cached_property
    def consents(self) -> Consents:
        """Records of consent: request, verify, receipts, withdraw, erase."""
        from .namespaces._sync.consents import Consents

        return Consents._of(self._context)

    @cached_property
    def replicas(self) -> Replicas:
        """Create with consent, get, list, rename, delete, wait."""
        from .namespaces._sync.replicas import Replicas

        return Replicas(self._context)

    @cached_property
    def faces(self) -> Faces:
        """Replicas under their newer name: create with consent, get, list, rename, patch, delete, wait."""
        from .namespaces._sync.faces import Faces

        return Faces(self._context)

    @cached_property
    def videos(self) -> Videos:
        """What is generated, and ``wait``."""
        from .namespaces._sync.videos import Videos

        return Videos(self._context)

    @cached_property
    def documents(self) -> Documents:
        """What is generated, and ``wait``."""
        from .namespaces._sync.documents import Documents

        return Documents(self._context)

    def close(self) -> None:
        """Close the connections, and the ledger if it was opened here; end the process that checks media.

        Calls after this raise ``ClientClosedError``.
        """
        if self._shared.owned and self._shared.lifeline.end():
            self._shared.pool.close()
        if self._shared.keeps:
            self._shared.media.close()
            self._shared.opener.close()

    def __enter__(self) -> Self:
        self._shared.lifeline.check()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


@hides_locals
class AsyncTavus(_Client[AsyncLines], AsyncNamespaces):
    """The Tavus API, consent first, for asyncio: the same names as :class:`Tavus`.

    It belongs to one event loop: use it and close it within the same ``asyncio.run()``.

    Args:
        api_key: The key; without it ``TAVUS_API_KEY`` is read.
        base_url: Where requests go; without it ``TAVUS_BASE_URL``, then ``https://tavusapi.com``.
        timeout: Seconds for a whole call, or a :class:`Timeout` (default: connect 5, attempt 30, all attempts 60).
        max_retries: Further attempts after the first. A create is repeated only if it surely was not carried out.
        headers: Sent with every request.
        limits: Bounds on connections and on the size of answers.
        proxy: URL of a proxy; without it the usual environment variables are read.
        transport: An ``httpx.AsyncBaseTransport`` to use instead of a pool of connections.
        http_client: Your own ``httpx.AsyncClient``. It stays yours: ``close`` does not close it.
        verify: The certificates to trust: an ``ssl.SSLContext``, or the path of a CA bundle. By default
            ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` names them; without those, certifi does.
        clock: Where time comes from, for tests.
        ledger: Where records of consent are kept: the URL of a ledger (``sqlite:///consent.db``,
            ``postgresql://...``), or an open one, which stays yours. ``"default"`` is ``TAVUS_CONSENT_LEDGER``, or a
            file in the user's data folder; ``None`` keeps them in memory, and they end with the process. It is opened
            when it is first needed: by a create, or by ``consents``.
        consent_policy: What a record must have reached before a replica is trained; by default there is a recording.
        preflight_options: How media are checked: who listens, what links may reach, what it may cost, and whether a
            child process reads them.

    Raises:
        ConfigurationError: No key, or a value that cannot work.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float | Timeout | None = None,
        max_retries: int = 2,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        proxy: str | httpx.Proxy | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        http_client: httpx.AsyncClient | None = None,
        verify: ssl.SSLContext | str | os.PathLike[str] | None = None,
        clock: Clock | None = None,
        ledger: str | Ledger | None = DEFAULT,
        consent_policy: ConsentPolicy | None = None,
        preflight_options: PreflightOptions | None = None,
    ) -> None:
        limits = Limits() if limits is None else limits
        self._settings = settings = make_settings(api_key, base_url, timeout, max_retries, headers, limits)
        check_ways(proxy, transport, http_client, verify, is_async=True)
        _check_parts(clock, preflight_options)
        pool: AsyncLines
        if http_client is not None:
            pool = GivenAsyncTransport(AsyncClientAsTransport(http_client))
        elif transport is not None:
            pool = GivenAsyncTransport(transport)
        else:
            pool = make_async_pool(settings.base_url, limits, proxy, verify)
        owned = http_client is None
        clock = SystemClock() if clock is None else clock
        opener = RegistryOpener(ledger, consent_policy, clock, is_local=is_loopback(httpx.URL(settings.base_url).host))
        rng = random.SystemRandom()  # forked processes must not share one sequence of pauses
        self._shared = _Shared(pool, owned, Lifeline(), clock, rng, opener, MediaChecks(preflight_options))

    @cached_property
    def _http(self) -> AsyncHTTP:
        shared = self._shared
        return AsyncHTTP(shared.pool, self._settings, shared.lifeline, shared.clock, shared.rng)

    def _make_caller(self) -> AsyncCaller:
        return self.raw

    @cached_property
    def _context(self) -> AsyncContext:
        return AsyncContext(caller=self.raw, **self._parts())

    @cached_property
    def raw(self) -> AsyncCaller:
        """The client for generated functions."""
        from .http._async.callers import AsyncCaller

        return AsyncCaller(self._http)

    # What needs judgment is written by hand; the other namespaces are generated.

    @cached_property
    def consents(self) -> AsyncConsents:
        """Records of consent: request, verify, receipts, withdraw, erase."""
        from .namespaces._async.consents import AsyncConsents

        return AsyncConsents._of(self._context)

    @cached_property
    def replicas(self) -> AsyncReplicas:
        """Create with consent, get, list, rename, delete, wait."""
        from .namespaces._async.replicas import AsyncReplicas

        return AsyncReplicas(self._context)

    @cached_property
    def faces(self) -> AsyncFaces:
        """Replicas under their newer name: create with consent, get, list, rename, patch, delete, wait."""
        from .namespaces._async.faces import AsyncFaces

        return AsyncFaces(self._context)

    @cached_property
    def videos(self) -> AsyncVideos:
        """What is generated, and ``wait``."""
        from .namespaces._async.videos import AsyncVideos

        return AsyncVideos(self._context)

    @cached_property
    def documents(self) -> AsyncDocuments:
        """What is generated, and ``wait``."""
        from .namespaces._async.documents import AsyncDocuments

        return AsyncDocuments(self._context)

    async def close(self) -> None:
        """Close the connections, and the ledger if it was opened here; end the process that checks media.

        Calls after this raise ``ClientClosedError``.
        """
        shared = self._shared
        loop = shared.pool.other_loop() if shared.owned and shared.lifeline.is_live else None
        if loop is not None and not loop.is_closed():
            raise ClientClosedError(
                "this client was used in another event loop, to which its connections belong, so nothing was closed. "
                "Await close() there"
            )
        if shared.owned and shared.lifeline.end() and loop is None:
            await shared.pool.close()
        if shared.keeps:
            await shared.media.close_async()
            await shared.opener.close_async()
        if loop is not None:
            raise ClientClosedError(
                "this client was used in an event loop that has ended, so its connections cannot be closed any more. "
                "Make, use and close a client within one asyncio.run(): async with AsyncTavus(...) as tavus"
            )

    async def __aenter__(self) -> Self:
        running_loop()
        self._shared.lifeline.check()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
