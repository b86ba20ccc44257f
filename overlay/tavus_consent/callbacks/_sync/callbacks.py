# Derived from ../_async/callbacks.py by scripts/derive_sync.py, do not edit.
"""``tavus.callbacks``: receive and believe callbacks, or make the application that does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tavus_consent import errors
from tavus_consent._frames import hides_locals
from tavus_consent.callbacks import events as e
from tavus_consent.callbacks.believing import is_early, subject_of
from tavus_consent.callbacks.opening import MailboxOpener
from tavus_consent.callbacks.work import check_signature, find_address, read_claim

from .app import CallbackApp
from .delivery import Deliverer

if TYPE_CHECKING:
    from tavus_consent.gate.context import Context
    from tavus_consent.namespaces._sync.members import Members


@hides_locals
class Callbacks:
    """``tavus.callbacks``."""

    def __init__(self, tavus: Members, context: Context, opener: MailboxOpener) -> None:
        self._delivery = Deliverer(tavus, context, opener)

    def receive(
        self, *, path: str, body: bytes, signature: str | None = None, secret: str | None = None
    ) -> e.CallbackEvent | None:
        """Receive one callback: check its address, ask Tavus once, and return the confirmed event.

        It never waits. Mount :meth:`app` instead if the answer must not depend on Tavus, or if events need handlers
        that run again after a failure.

        Args:
            path: The path of the request, or its URL.
            body: The body as received.
            signature: The header ``X-Tavus-Signature``, for tools with a secret.
            secret: The secret of the tool; then a callback without the right signature is refused.

        Returns:
            The event, with the state that Tavus returned. ``None`` if the state was delivered before, or if the
            callback is stored because its create is not answered yet: see :meth:`pending`. An
            :class:`~tavus_consent.callbacks.UnconfirmedEvent` if Tavus's answer does not show what the body claims.

        Raises:
            CallbackRefused: The address is unknown or has expired, the signature is wrong, or the body is about another
                object. Answer 404.
            InvalidRequestError: The body is too large, or not a JSON object. Answer 400.
            CallError: Tavus could not be asked. The callback is stored: see :meth:`pending`.
            LedgerError: The ledger is not available.
        """
        delivery = self._delivery
        mailbox = delivery.mailbox()
        now = delivery.clock.now()
        address = delivery.run(find_address, mailbox, path, now)
        claim = read_claim(address, body)
        check_signature(claim.body, signature, secret)
        delivery.opener.signals.wake(subject_of(claim.event))
        if is_early(address, claim.event, now):
            delivery.batches.do("store", claim.delivery(now, early=True))
            return None
        try:
            asked = delivery.ask(mailbox, claim)
        except errors.CallError:
            delivery.batches.do("store", claim.delivery(now))
            raise
        if asked.lags:
            return asked.event
        is_new = delivery.batches.do("finish", claim.delivery(now), asked.state, type(asked.event).__name__, now)
        if not is_new:
            return None
        delivery.note(asked.event)
        return asked.event

    def pending(self) -> list[e.CallbackEvent]:
        """Return the events of stored callbacks that can be delivered now.

        :meth:`receive` stores a callback that came before its create was answered, or while Tavus could not be asked.
        Call this from time to time, for example once a minute.

        Raises:
            LedgerError: The ledger is not available.
        """
        found: list[e.CallbackEvent] = []

        def keep(event: e.CallbackEvent) -> None:
            found.append(event)

        self._delivery.deliver(keep)
        return found

    def app(self, base_url: str, *, secret: str | None = None, deliver: bool = True) -> CallbackApp:
        """Return an application to mount: it stores callbacks, answers at once, and calls your handlers.

        Args:
            base_url: The public address at which it is mounted, such as ``https://app.example/tavus``.
            secret: The secret of tools that sign their deliveries; then their signature is checked.
            deliver: False only stores callbacks here. Another process, which has the handlers, calls ``deliver`` or
                ``run``.

        Raises:
            InvalidLinkError: Tavus could not call the address.
            InvalidRequestError: The address has a query or a fragment.
        """
        return CallbackApp(self._delivery, base_url, secret, deliver)
