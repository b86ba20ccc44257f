"""``Tavus`` and ``AsyncTavus``: construction, namespaces, closing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

import httpx

from ._base_client import BaseClient
from ._clock import Clock
from ._frames import hides_locals
from ._loop import running_loop
from .errors import ClientClosedError
from .gate.context import AsyncContext, Context
from .gate.opening import DEFAULT
from .http.given import AsyncClientAsTransport, ClientAsTransport, GivenAsyncTransport, GivenTransport
from .http.limits import Limits, Timeout
from .http.pool import AsyncTransports, SyncTransports, make_async_pool, make_pool
from .http.route import check_ways
from .http.settings import make_settings
from .http.transport import AsyncHTTP, SyncHTTP
from .namespaces._async.members import AsyncMembers
from .namespaces._sync.members import Members

if TYPE_CHECKING:
    import os
    import ssl

    from .callbacks._async.callbacks import AsyncCallbacks
    from .callbacks._sync.callbacks import Callbacks
    from .consent.policy import ConsentPolicy
    from .gate._async.use import AsyncUseGate
    from .gate._sync.use import UseGate
    from .http._async.callers import AsyncCaller
    from .http._sync.callers import SyncCaller
    from .ledger import Ledger
    from .preflight.options import PreflightOptions


@hides_locals
class Tavus(BaseClient[SyncTransports], Members):
    """A client of the Tavus API, consent first. Safe to share between threads; use :class:`AsyncTavus` for asyncio.

    Args:
        api_key: The API key. The default is ``TAVUS_API_KEY``.
        base_url: The base URL of requests. The default is ``TAVUS_BASE_URL``, or else ``https://tavusapi.com``.
        timeout: Seconds for a whole call, or a :class:`Timeout` (default: connect 5, attempt 30, all attempts 60).
        max_retries: Further attempts after the first. A create is retried only if it was certainly not carried out.
        headers: Headers to send with every request.
        limits: Limits on connections and on the size of answers.
        proxy: The URL of a proxy. By default the usual environment variables name it.
        transport: An ``httpx.BaseTransport`` to use instead of a connection pool.
        http_client: Your own ``httpx.Client``, with its proxies, hooks and certificates. ``close`` does not close it.
        verify: The certificates to trust: an ``ssl.SSLContext``, or the path of a CA bundle. By default
            ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` names them, or else certifi provides them.
        clock: The source of time, for tests.
        ledger: The ledger that stores consent records: its URL (``sqlite:///consent.db``, ``postgresql://...``), or an
            open ledger, which ``close`` does not close. ``"default"`` means ``TAVUS_CONSENT_LEDGER``, or a file in the
            user's data folder. ``None`` keeps records in memory until the process ends. The client opens the ledger
            when it is first needed: by a create, a use or a deletion of a likeness, or by ``consents``.
        consent_policy: The requirements for a record before a replica is trained. The default requires a recording.
        preflight_options: Options of the media checks: the transcriber, the addresses that links may reach, the cost
            limits, and whether a child process reads the media.
        actor: The account or role that acts, such as ``"billing-service"``; every event of the ledger stores it. Never
            the name of a person, because an erasure does not remove it.

    Raises:
        ConfigurationError: The API key is missing, or a value is invalid.
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
        actor: str | None = None,
    ) -> None:
        limits = Limits() if limits is None else limits
        self._settings = settings = make_settings(api_key, base_url, timeout, max_retries, headers, limits)
        check_ways(proxy, transport, http_client, verify, is_async=False)
        pool: SyncTransports
        if http_client is not None:
            pool = GivenTransport(ClientAsTransport(http_client))
        elif transport is not None:
            pool = GivenTransport(transport)
        else:
            pool = make_pool(settings.base_url, limits, proxy, verify)
        self._begin(
            pool,
            owned=http_client is None,
            clock=clock,
            ledger=ledger,
            consent_policy=consent_policy,
            preflight_options=preflight_options,
            actor=actor,
        )

    # The generated code and the namespaces are imported on first use.

    @cached_property
    def _http(self) -> SyncHTTP:
        shared = self._shared
        clock = shared.server_clock
        http = SyncHTTP(shared.pool, self._settings, shared.lifeline, shared.clock, shared.rng, clock, self._gate)
        http.notice = shared.mailboxes.notice
        return http

    @cached_property
    def _admitted(self) -> SyncCaller:
        """The caller for what the gate has decided already."""
        from .http._sync.callers import SyncCaller

        shared = self._shared
        clock = shared.server_clock
        http = SyncHTTP(shared.pool, self._settings, shared.lifeline, shared.clock, shared.rng, clock)
        http.notice = shared.mailboxes.notice
        return SyncCaller(http)

    @cached_property
    def _gate(self) -> UseGate:
        from .gate._sync.use import UseGate

        admitted = self._admitted
        return UseGate(Context(caller=admitted, admitted=admitted, **self._parts()), self._shared.lookups)

    def _make_caller(self) -> SyncCaller:
        return self.raw

    @cached_property
    def _context(self) -> Context:
        return Context(caller=self.raw, admitted=self._admitted, **self._parts())

    @cached_property
    def callbacks(self) -> Callbacks:
        """Addresses for callbacks, and their events: receive, app."""
        from .callbacks._sync.callbacks import Callbacks

        return Callbacks(self, self._context, self._shared.mailboxes)

    @cached_property
    def raw(self) -> SyncCaller:
        """The ``client=`` argument for generated functions."""
        from .http._sync.callers import SyncCaller

        return SyncCaller(self._http)

    def without_gate(self, *, reason: str, by: str) -> AbstractContextManager[None]:
        """Open the consent gate for a block: nothing is refused there, and the ledger records what was made.

        The block covers this thread or task, and tasks begun within. A client of ``with_options`` shares it.

        Args:
            reason: The reason, for the ledger.
            by: Who decides this: a name or an address, for the ledger.

        Raises:
            InvalidRequestError: A value is missing or empty.
            LedgerError: The ledger cannot be used.

        Example:
            ``with tavus.without_gate(reason="The contract is on paper.", by="dpo@app.example"):``, and ``async with``
            for :class:`AsyncTavus`.
        """
        return self._gate.opened(reason, by)

    def close(self) -> None:
        """Close the connections, and the ledger if this client opened it. End the process that checks media.

        Later calls raise ``ClientClosedError``.
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
class AsyncTavus(BaseClient[AsyncTransports], AsyncMembers):
    """A client of the Tavus API, consent first, for asyncio. It has the same methods as :class:`Tavus`.

    It belongs to one event loop: use it and close it within the same ``asyncio.run()``.

    It takes the arguments of :class:`Tavus`. Here ``transport`` is an ``httpx.AsyncBaseTransport``, and ``http_client``
    is an ``httpx.AsyncClient``.

    Raises:
        ConfigurationError: The API key is missing, or a value is invalid.
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
        actor: str | None = None,
    ) -> None:
        limits = Limits() if limits is None else limits
        self._settings = settings = make_settings(api_key, base_url, timeout, max_retries, headers, limits)
        check_ways(proxy, transport, http_client, verify, is_async=True)
        pool: AsyncTransports
        if http_client is not None:
            pool = GivenAsyncTransport(AsyncClientAsTransport(http_client))
        elif transport is not None:
            pool = GivenAsyncTransport(transport)
        else:
            pool = make_async_pool(settings.base_url, limits, proxy, verify)
        self._begin(
            pool,
            owned=http_client is None,
            clock=clock,
            ledger=ledger,
            consent_policy=consent_policy,
            preflight_options=preflight_options,
            actor=actor,
        )

    @cached_property
    def _http(self) -> AsyncHTTP:
        shared = self._shared
        clock = shared.server_clock
        http = AsyncHTTP(shared.pool, self._settings, shared.lifeline, shared.clock, shared.rng, clock, self._gate)
        http.notice = shared.mailboxes.notice_async
        return http

    @cached_property
    def _admitted(self) -> AsyncCaller:
        """The caller for what the gate has decided already."""
        from .http._async.callers import AsyncCaller

        shared = self._shared
        clock = shared.server_clock
        http = AsyncHTTP(shared.pool, self._settings, shared.lifeline, shared.clock, shared.rng, clock)
        http.notice = shared.mailboxes.notice_async
        return AsyncCaller(http)

    @cached_property
    def _gate(self) -> AsyncUseGate:
        from .gate._async.use import AsyncUseGate

        admitted = self._admitted
        return AsyncUseGate(AsyncContext(caller=admitted, admitted=admitted, **self._parts()), self._shared.lookups)

    def _make_caller(self) -> AsyncCaller:
        return self.raw

    @cached_property
    def _context(self) -> AsyncContext:
        return AsyncContext(caller=self.raw, admitted=self._admitted, **self._parts())

    @cached_property
    def callbacks(self) -> AsyncCallbacks:
        """Addresses for callbacks, and their events: receive, app."""
        from .callbacks._async.callbacks import AsyncCallbacks

        return AsyncCallbacks(self, self._context, self._shared.mailboxes)

    @cached_property
    def raw(self) -> AsyncCaller:
        """The ``client=`` argument for generated functions."""
        from .http._async.callers import AsyncCaller

        return AsyncCaller(self._http)

    def without_gate(self, *, reason: str, by: str) -> AbstractAsyncContextManager[None]:
        """Open the consent gate for a block: nothing is refused there, and the ledger records what was made.

        The block covers this thread or task, and tasks begun within. A client of ``with_options`` shares it.

        Args:
            reason: The reason, for the ledger.
            by: Who decides this: a name or an address, for the ledger.

        Raises:
            InvalidRequestError: A value is missing or empty.
            LedgerError: The ledger cannot be used.

        Example:
            ``with tavus.without_gate(reason="The contract is on paper.", by="dpo@app.example"):``, and ``async with``
            for :class:`AsyncTavus`.
        """
        return self._gate.opened(reason, by)

    async def close(self) -> None:
        """Close the connections, and the ledger if this client opened it. End the process that checks media.

        Later calls raise ``ClientClosedError``.
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
