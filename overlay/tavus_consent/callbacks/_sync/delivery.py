# Derived from ../_async/delivery.py by scripts/derive_sync.py, do not edit.
"""The delivery of received callbacks: ask Tavus, decide, hand the event on, and note the result."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve

from tavus_consent import errors
from tavus_consent.callbacks import events as e
from tavus_consent.callbacks.addresses import GRACE
from tavus_consent.callbacks.batches import Batches
from tavus_consent.callbacks.believing import Asked, can_be_asked, is_early, judge, training_of, unasked
from tavus_consent.callbacks.mailbox import EARLY, Address, Delivery, Mailbox
from tavus_consent.callbacks.opening import MailboxOpener
from tavus_consent.callbacks.work import BATCH, LEASE, Claim, again, each, failed, logger, read_claim

from .asking import ask

if TYPE_CHECKING:
    from tavus_consent.gate.context import Context
    from tavus_consent.namespaces._sync.members import Members


class Deliverer:
    """The delivery of callbacks with one client.

    Args:
        tavus: The namespaces to ask.
        context: The context of the client.
        opener: Opens the mailbox.
    """

    def __init__(self, tavus: Members, context: Context, opener: MailboxOpener) -> None:
        self._tavus = tavus
        self._context = context
        self.opener = opener
        self.clock = context.clock
        self.batches = Batches(opener)

    def deliver(self, handle: Callable[[e.CallbackEvent], None]) -> int:
        """Deliver what is due, and return the number of callbacks that were looked at."""
        mailbox = self.mailbox()
        count = 0

        def settle(delivery: Delivery) -> None:
            self._settle(mailbox, delivery, handle)

        while True:
            now = self.clock.now()
            claimed = self.run(mailbox.claim, now, now + LEASE, BATCH)
            if not claimed:
                return count
            count += len(claimed)
            each(settle, claimed)

    def _settle(self, mailbox: Mailbox, delivery: Delivery, handle: Callable[[e.CallbackEvent], None]) -> None:
        """Deliver one callback, or decide when to try again."""
        now = self.clock.now()
        address = self.address(mailbox, delivery.address)
        if address is None:  # purged
            self.batches.do("finish", delivery, None, "purged", now)
            return
        try:
            claim = read_claim(address, delivery.body or b"")
        except errors.InvalidRequestError as error:  # the address was bound to another object since
            self.batches.do("change", evolve(delivery, status="dead", outcome=type(error).__name__))
            return
        if is_early(address, claim.event, now):
            self.batches.do("change", evolve(delivery, due_at=address.issued_at + GRACE, outcome=EARLY))
            return
        try:
            asked = self.ask(mailbox, claim)
            is_known = self.batches.do("is_known", delivery.address, asked.state)
            later = again(delivery, asked, now, is_known=is_known)
            if later is not None:
                self.batches.do("change", later)
                return
            if not is_known:
                self.note(asked.event)
                handle(asked.event)
        except Exception as error:
            logger.warning("callback %d was not delivered (%s)", delivery.id, type(error).__name__, exc_info=True)
            self.batches.do("change", failed(delivery, error, self.clock.now()))
            return
        outcome = "repeated" if is_known else type(asked.event).__name__
        self.batches.do("finish", delivery, asked.state, outcome, now)

    def note(self, event: e.CallbackEvent) -> None:
        """Note the confirmed end of a training in the ledger. A failing ledger does not stop the event."""
        end = training_of(event)
        if end is None or not isinstance(event, e.ReplicaCallback):
            return
        try:
            registry = self._context.registry()
            self.run(partial(registry.trainings.note, event.replica_id, end[0], **end[1]))
        except errors.TavusError as error:
            logger.warning("the end of a training could not be written to the ledger (%s)", type(error).__name__)

    def ask(self, mailbox: Mailbox, claim: Claim) -> Asked:
        """Ask Tavus once about what a body claims. An unbound address belongs to the object that Tavus knows."""
        job = claim.address.job
        if not can_be_asked(claim.event):
            return unasked(claim.event, job, claim.body)
        subject, found = ask(self._tavus, claim)
        if found is not None and claim.address.subject is None and claim.address.kind is None:
            self.run(mailbox.bind, claim.address.token_sha256, subject, self.clock.now())
        return judge(claim.event, found, job, claim.body)

    def address(self, mailbox: Mailbox, token_sha256: str) -> Address | None:
        """Return an address, without a thread if it is known."""
        if mailbox.knows(token_sha256):
            return mailbox.address(token_sha256)
        found: Address | None = self.run(mailbox.address, token_sha256)
        return found

    def mailbox(self) -> Mailbox:
        """Return the mailbox; the first call opens the ledger."""
        if self.opener.is_instant:
            return self.opener.mailbox()
        return self._context.run(self.opener.mailbox)

    def run(self, do: Callable[..., Any], *arguments: Any) -> Any:
        """Use the mailbox: in a worker thread if it is in a database."""
        if self.opener.is_instant:
            return do(*arguments)
        return self._context.run(do, *arguments)
