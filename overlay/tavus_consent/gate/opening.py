"""Opens the ledger and the registry of a client on first use."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Final

from tavus_consent import errors
from tavus_consent._arguments import check_actor
from tavus_consent._clock import Clock
from tavus_consent._loop import in_thread

if TYPE_CHECKING:
    from tavus_consent.consent.policy import ConsentPolicy
    from tavus_consent.ledger import Ledger
    from tavus_consent.ledger.protocols import LedgerLike

    from .registry import Registry

DEFAULT: Final = "default"
VARIABLE: Final = "TAVUS_CONSENT_LEDGER"

logger: Final = logging.getLogger("tavus_consent")
_warned = threading.Event()


class RegistryOpener:
    """Opens the ledger on first use, and closes it if it was opened here.

    Args:
        ledger: ``"default"``, the URL of a ledger, a ledger that its owner closes, or ``None``.
        policy: The policy that a record must fulfill.
        clock: The clock that dates events.
        is_local: True if the server is on this machine. It is then a fake, and its records do not belong in the user's
            own ledger, unless the caller names one.
        actor: The account or role that acts, for the events.

    Raises:
        ConfigurationError: An argument is invalid.
    """

    def __init__(
        self,
        ledger: str | Ledger | None,
        policy: ConsentPolicy | None,
        clock: Clock,
        *,
        is_local: bool = False,
        actor: str | None = None,
    ) -> None:
        if not (ledger is None or isinstance(ledger, str) or hasattr(ledger, "vault")):
            raise errors.ConfigurationError("ledger= takes the URL of a ledger, an open Ledger, or None")
        if policy is not None and not hasattr(policy, "admit"):
            raise errors.ConfigurationError("consent_policy= takes a ConsentPolicy")
        self._given, self._policy, self._clock = ledger, policy, clock
        self._actor = check_actor(actor, kind=errors.ConfigurationError)
        self._is_local = is_local
        self._lock = threading.Lock()
        self._registry: Registry | None = None
        self._ledger: Ledger | None = None
        self._closed = False

    def registry(self) -> Registry:
        """Return the registry; the first call opens the ledger.

        Raises:
            ClientClosedError: The client was closed.
            MissingExtraError: A ledger was requested, but the extra ``ledger`` is not installed.
            LedgerError: The ledger cannot be opened.
        """
        with self._lock:
            if self._closed:
                raise errors.ClientClosedError("this client was closed; create a new one")
            if self._registry is None:
                from .registry import Registry

                self._registry = Registry(self._open(), clock=self._clock, policy=self._policy, actor=self._actor)
            return self._registry

    @property
    def is_open(self) -> bool:
        """True if the registry is already open."""
        return self._registry is not None

    @property
    def is_named(self) -> bool:
        """True if the caller or the environment names a ledger."""
        return bool(os.environ.get(VARIABLE)) if self._given == DEFAULT else self._given is not None

    @property
    def is_instant(self) -> bool:
        """True if a quick call is known not to wait for a disk or for a rule of the caller."""
        in_memory = self._given is None or (self._registry is not None and self._ledger is None)
        return in_memory and self._policy is None

    @property
    def needs_hash(self) -> bool:
        """True if a check counts only with the SHA-256 of the recording."""
        return getattr(self._policy, "requires", None) == "verified"

    def ledger(self, *, opened: bool = False) -> Ledger | None:
        """Return the ledger; ``None`` if records are kept in memory.

        Raises:
            ConfigurationError: It has to be ``opened`` already, since opening may block, and it is not.
        """
        if opened and self._registry is None:
            raise errors.ConfigurationError("the ledger is not open yet: await a call of consents first")
        self.registry()
        return self._ledger

    def close(self) -> None:
        """Close the ledger, if it was opened here. You can call it twice."""
        with self._lock:
            self._closed = True
            if self._ledger is not None and self._ledger is not self._given:
                self._ledger.close()

    async def close_async(self) -> None:
        """Close like :meth:`close`; a database is closed in a worker thread."""
        if self._ledger is None:
            self.close()
        else:
            await in_thread(self.close)

    def _open(self) -> LedgerLike:
        from tavus_consent.ledger.memory import Memory

        if self._given is None:
            return Memory()
        if not isinstance(self._given, str):
            self._ledger = self._given
            return self._given
        from tavus_consent.ledger import open_ledger

        url = os.environ.get(VARIABLE) if self._given == DEFAULT else self._given
        if not url and self._is_local:
            return Memory()
        try:
            self._ledger = open_ledger(url or None)
        except errors.MissingExtraError:
            if url:  # the caller requested a ledger
                raise
            if not _warned.is_set():
                _warned.set()
                logger.warning(
                    "consent records are kept in memory and end with this process: "
                    "pip install 'tavus-consent[ledger]' to store them, or pass ledger=None to silence this warning"
                )
            return Memory()
        return self._ledger
