"""The mailbox of a client: opened on first use, in the ledger's database or in memory."""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

from tavus_consent._clock import Clock
from tavus_consent._loop import in_thread
from tavus_consent.errors import TavusError
from tavus_consent.gate.opening import RegistryOpener
from tavus_consent.gate.signals import Signals

from .addresses import binding_of
from .mailbox import Mailbox, MemoryMailbox

logger: Final = logging.getLogger("tavus_consent")


class MailboxOpener:
    """Opens the mailbox of a client on first use.

    Args:
        opener: Opens the ledger.
        clock: The source of time.

    Attributes:
        signals: Wakes the waits of the client.
    """

    def __init__(self, opener: RegistryOpener, clock: Clock) -> None:
        self._opener = opener
        self._clock = clock
        self._lock = threading.Lock()
        self._mailbox: Mailbox | None = None
        self.signals = Signals(self._arrivals)

    def mailbox(self) -> Mailbox:
        """Return the mailbox; the first call opens the ledger.

        Raises:
            LedgerError: The ledger cannot be opened.
        """
        with self._lock:
            if self._mailbox is None:
                ledger = self._opener.ledger()
                if ledger is None:
                    self._mailbox = MemoryMailbox()
                else:
                    from ._database import DatabaseMailbox

                    self._mailbox = DatabaseMailbox(ledger)
            return self._mailbox

    @property
    def is_open(self) -> bool:
        """True if the mailbox was opened."""
        return self._mailbox is not None

    @property
    def is_instant(self) -> bool:
        """True if the mailbox is known to be in memory."""
        return isinstance(self._mailbox, MemoryMailbox)

    def _arrivals(self, subject: str) -> int | None:
        """Return a number that changes with each callback about an object. A failing ledger must not end a wait."""
        if not (self._opener.is_open or self._opener.is_named):
            return None  # waiting creates no ledger
        try:
            return self.mailbox().arrivals(subject, self._clock.now())
        except TavusError as error:
            logger.warning("a wait could not look for callbacks in the ledger (%s)", type(error).__name__)
            return None

    def notice(self, sent: Any, answer: Any) -> None:
        """Bind the address in the body of a create to the object that was made.

        A failing ledger must not hide the answer. The address is then bound by its first callback.
        """
        found = binding_of(sent, answer)
        if found is None:
            return
        try:
            self.mailbox().bind(*found, self._clock.now())
        except TavusError as error:
            logger.warning("the address of a callback was not bound to its object (%s)", type(error).__name__)

    async def notice_async(self, sent: Any, answer: Any) -> None:
        """Bind like :meth:`notice`, in a worker thread if the mailbox is in a database."""
        if binding_of(sent, answer) is None:
            return
        if self.is_instant:
            self.notice(sent, answer)
        else:
            await in_thread(lambda: self.notice(sent, answer))
