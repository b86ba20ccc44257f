"""The stored callbacks of a ledger: what waits, what was delivered, and dead letters."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tavus_consent._arguments import check_choice, check_count, check_type
from tavus_consent._clock import Clock, SystemClock
from tavus_consent._frames import hides_locals
from tavus_consent.consent.events import format_time
from tavus_consent.errors import InvalidRequestError
from tavus_consent.ledger import Ledger
from tavus_consent.ledger.schema import addresses, callback_states, callbacks, sa

from ._database import DatabaseMailbox, read
from .mailbox import STATUSES, Delivery, Status
from .reading import parse_callback

if TYPE_CHECKING:
    from .events import CallbackEvent

_SHOWN: Final = [one for one in callbacks.columns if one.name != "body"]


@hides_locals
class CallbackQueue:
    """The callbacks that are stored in a ledger, for the people who look after them.

    Args:
        ledger: An open ledger.
        clock: The source of time, for tests.

    Raises:
        InvalidRequestError: The ledger is not a ``Ledger``.
    """

    def __init__(self, ledger: Ledger, *, clock: Clock | None = None) -> None:
        check_type(ledger, "ledger", Ledger, "an open Ledger")
        self._database = ledger._database
        self._mailbox = DatabaseMailbox(ledger)
        self._clock = SystemClock() if clock is None else clock

    def list(self, status: Status | None = None, *, limit: int = 100) -> list[Delivery]:
        """Return callbacks without their bodies, the oldest first.

        Args:
            status: ``"waiting"``, ``"delivered"`` or ``"dead"``; by default all.
            limit: At most this many.

        Raises:
            InvalidRequestError: An argument is invalid.
        """
        check_count(limit, "limit")
        wanted = sa.select(*_SHOWN).order_by(callbacks.c.id).limit(limit)
        if status is not None:
            check_choice(status, "status", choices=STATUSES)
            wanted = wanted.filter_by(status=status)
        with self._database.read() as connection:
            return [Delivery(**read(row)) for row in connection.execute(wanted).mappings()]

    def get(self, id: int) -> Delivery:
        """Return one callback, with its body if that was not delivered yet.

        Raises:
            InvalidRequestError: There is no such callback.
            LedgerBroken: The body was changed.
        """
        with self._database.read() as connection:
            row = connection.execute(sa.select(callbacks).filter_by(id=check_count(id, "id"))).mappings().first()
        if row is None:
            raise InvalidRequestError("id: there is no such callback", field="id", reason="unknown")
        return self._mailbox.opened(row)

    def event(self, id: int) -> CallbackEvent | None:
        """Return what the body of a callback claims; ``None`` if it was delivered.

        Raises:
            InvalidRequestError: There is no such callback.
            LedgerBroken: The body was changed.
        """
        body = self.get(id).body
        return None if body is None else parse_callback(body)

    def retry(self, id: int) -> Delivery:
        """Make a callback that waits or is a dead letter due now, as if it had not been tried.

        Raises:
            InvalidRequestError: There is no such callback, or it was delivered.
        """
        if self.get(id).status == "delivered":
            raise InvalidRequestError("id: this callback was delivered", field="id", reason="delivered")
        values = {"status": "waiting", "due_at": format_time(self._clock.now()), "attempts": 0, "asked": 0}
        with self._database.write() as connection:
            connection.execute(sa.update(callbacks).filter_by(id=id).values(values))
        return self.get(id)

    def purge(self, *, older_than: timedelta, dead: bool = False) -> int:
        """Delete delivered callbacks, and addresses that have expired, and return the number of callbacks.

        Args:
            older_than: Delete what was received, or has expired, longer ago than this.
            dead: Also delete dead letters.

        Raises:
            InvalidRequestError: An argument is invalid.
        """
        check_type(older_than, "older_than", timedelta, "a timedelta")
        at = format_time(self._clock.now() - older_than)
        statuses = ["delivered", "dead"] if dead else ["delivered"]
        over = sa.select(addresses.c.token_sha256).where(addresses.c.expires_at < at)
        with self._database.write() as connection:
            gone = sa.delete(callbacks).where(callbacks.c.status.in_(statuses), callbacks.c.received_at < at)
            count = connection.execute(gone).rowcount
            connection.execute(sa.delete(callback_states).where(callback_states.c.address.in_(over)))
            connection.execute(sa.delete(addresses).where(addresses.c.expires_at < at))
        return int(count)
