# Derived from ../_async/app.py by scripts/derive_sync.py, do not edit.
"""The application that is mounted: addresses, handlers and their delivery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from tavus_consent import errors
from tavus_consent._arguments import check_seconds, check_str, check_type
from tavus_consent._frames import hides_locals
from tavus_consent.callbacks import events as e
from tavus_consent.callbacks.addresses import VALIDITY, Kind, check_base_url, make_address, quieten
from tavus_consent.callbacks.mounted import Mounted
from tavus_consent.callbacks.work import call

if TYPE_CHECKING:
    import threading

    from .delivery import Deliverer

H = TypeVar("H", bound=Callable[[Any], object])


@hides_locals
class CallbackApp(Mounted):
    """An application that receives callbacks: ``app.mount("/tavus", callbacks)``.

    It is an ASGI application; ``wsgi`` is the WSGI application of a sync client. It stores a callback, answers 200, and
    then asks Tavus and calls the handlers. A callback to an unknown address is answered 404 before its body is read.

    ``tavus.callbacks.app(...)`` makes it.
    """

    def __init__(self, delivery: Deliverer, base_url: str, secret: str | None, delivers: bool) -> None:
        self._base_url = check_base_url(base_url)
        if secret is not None:
            check_str(secret, "secret")
        self._delivery = delivery
        super().__init__(delivery.opener, delivery.clock, secret, delivers=delivers)
        quieten()

    def url(self, *, job: str | None = None, kind: Kind | None = None, expires_in: timedelta = VALIDITY) -> str:
        """Return a new address for one ``callback_url``. It is a secret: anyone who knows it can send callbacks.

        The hash of its secret is stored before this method returns. The client binds the address to the object as soon
        as Tavus has answered the create.

        Args:
            job: Your own name for the work, which comes back as the ``job`` of its events.
            kind: ``"objective"``, ``"guardrail"`` or ``"tool"`` for the address of one of these; ``"any"`` for an
                address that several creates share.
            expires_in: How long callbacks are accepted.

        Raises:
            InvalidRequestError: An argument is invalid.
            LedgerError: The ledger is not available.
        """
        token, address = make_address(self._clock.now(), job=job, kind=kind, expires_in=expires_in)
        mailbox = self._delivery.mailbox()
        self._delivery.run(mailbox.issue, address)
        return f"{self._base_url}/{token}"

    def on(self, *kinds: type[e.CallbackEvent]) -> Callable[[H], H]:
        """Decorate a handler, a function or a coroutine function that takes the event.

        A handler runs at least once for each event. If it raises an error, all handlers of the event run again later:
        after 5 and 30 seconds, 2, 10 and 30 minutes, 1 and 2 hours. Then the callback is a dead letter.

        Args:
            *kinds: Classes of events; a class also stands for its subclasses.

        Raises:
            InvalidRequestError: An argument is not a class of events.
        """
        for kind in kinds:
            takes = "classes of events, as in @callbacks.on(ReplicaReady)"
            check_type(kind, "kinds", type, takes)
            if not issubclass(kind, e.CallbackEvent):
                raise errors.InvalidRequestError(f"kinds takes {takes}", field="kinds", reason="type")

        def add(handler: H) -> H:
            self._handlers.append((kinds, handler))
            return handler

        return add

    def deliver(self) -> int:
        """Deliver the callbacks that are due now, and return how many were looked at.

        The mounted application does this itself after each callback. Call it to continue after a restart, for example
        from a periodic task.

        Raises:
            LedgerError: The ledger is not available.
        """
        return self._delivery.deliver(self._handle)

    def run(self, *, stop: threading.Event | None = None, interval: float = 1.0) -> None:
        """Deliver callbacks until ``stop`` is set, or forever. Several processes may do so.

        Args:
            stop: Ends the loop.
            interval: Seconds between two looks at the ledger.

        Raises:
            InvalidRequestError: The interval is not a positive number.
        """
        check_seconds(interval, "interval")
        while stop is None or not stop.is_set():
            try:
                self.deliver()
            except errors.TavusError as error:
                self._note(error)
            self._clock.sleep(interval)

    def _handle(self, event: e.CallbackEvent) -> None:
        for kinds, handler in self._handlers:
            if isinstance(event, kinds):
                call(handler, event, self._loop)
