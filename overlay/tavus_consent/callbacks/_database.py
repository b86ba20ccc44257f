"""A mailbox in the ledger's database. Bodies are encrypted under the ledger's own key."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from attrs import asdict, evolve
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tavus_consent.consent.events import format_time, parse_time
from tavus_consent.errors import LedgerBroken
from tavus_consent.ledger.database import run
from tavus_consent.ledger.schema import addresses, callback_states, callbacks, sa
from tavus_consent.ledger.vault import derive

from .mailbox import EARLY, Address, Delivery

if TYPE_CHECKING:
    from tavus_consent.ledger import Ledger

_NONCE: Final = 12
_PLACE: Final = b"tavus-consent 1 callback to "
_TIMES: Final = frozenset({"issued_at", "expires_at", "received_at", "due_at"})

_ADDRESS: Final = sa.select(addresses).where(addresses.c.token_sha256 == sa.bindparam("wanted"))
_INSERT: Final = sa.insert(callbacks).values(
    {one.name: sa.bindparam(one.name) for one in callbacks.columns if one.name != "id"}
)
_KNOWN: Final = sa.select(callback_states.c.state).where(
    callback_states.c.address == sa.bindparam("of"), callback_states.c.state == sa.bindparam("wanted")
)
# The first waiting callback of each queue, if it is due. A claimed one is not due, and holds back those behind it.
_EARLIER: Final = callbacks.alias()
_DUE: Final = (
    sa.select(callbacks)
    .where(
        callbacks.c.status == "waiting",
        callbacks.c.due_at <= sa.bindparam("now"),
        ~sa.exists().where(
            _EARLIER.c.queue == callbacks.c.queue, _EARLIER.c.status == "waiting", _EARLIER.c.id < callbacks.c.id
        ),
    )
    .order_by(callbacks.c.id)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True)  # in PostgreSQL
)


class DatabaseMailbox:
    """A mailbox that several threads and processes share.

    Args:
        ledger: The ledger in whose database it is.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._database = ledger._database
        self._vault = ledger.vault
        self._cipher: AESGCM | None = None

    def issue(self, address: Address) -> None:
        """Store a new address. It is on the disk when this method returns."""
        with self._database.write() as connection:
            connection.execute(sa.insert(addresses), _row(asdict(address)))

    def address(self, token_sha256: str) -> Address | None:
        """Return an address by the hash of its secret."""
        with self._database.read() as connection:
            row = connection.execute(_ADDRESS, {"wanted": token_sha256}).mappings().first()
        return None if row is None else Address(**read(row))

    def bind(self, token_sha256: str, subject: str, now: datetime) -> bool:
        """Bind an address to an object, and make its callbacks due."""
        at = format_time(now)
        mine = (callbacks.c.address == token_sha256, callbacks.c.status == "waiting", callbacks.c.outcome == EARLY)
        with self._database.write() as connection:
            bound = sa.update(addresses).filter_by(token_sha256=token_sha256).values(subject=subject)
            if not connection.execute(bound).rowcount:
                return False
            connection.execute(sa.update(callbacks).where(*mine).values(due_at=at))
        return True

    def store(self, delivery: Delivery) -> int:
        """Store a callback and return its number. It is on the disk when this method returns."""
        row = _row(asdict(delivery))
        del row["id"]
        row["body"] = self._sealed(delivery)
        with self._database.write() as connection:
            if connection.dialect.name == "sqlite":  # without the overhead of SQLAlchemy
                return int(run(connection, _INSERT, row).lastrowid)
            return int(connection.execute(sa.insert(callbacks).returning(callbacks.c.id), row).scalar_one())

    def claim(self, now: datetime, until: datetime, limit: int) -> list[Delivery]:
        """Return due callbacks, the first one of each queue, and keep others from claiming them until a moment."""
        found: list[Delivery] = []
        while not found and (rows := self._claim(now, until, limit)):
            for row in rows:
                try:
                    found.append(self.opened(row))
                except LedgerBroken as error:  # one bad row must not stop the others
                    broken = Delivery(**{**read(row), "body": None})
                    self.change(evolve(broken, status="dead", outcome=type(error).__name__))
        return found

    def _claim(self, now: datetime, until: datetime, limit: int) -> Sequence[Mapping[Any, Any]]:
        with self._database.write() as connection:
            rows = connection.execute(_DUE, {"now": format_time(now), "most": limit}).mappings().all()
            if rows:
                mine = callbacks.c.id.in_([row["id"] for row in rows])
                connection.execute(sa.update(callbacks).where(mine).values(due_at=format_time(until), outcome=None))
        return rows

    def is_known(self, address: str, state: str) -> bool:
        """Return True if a state was delivered."""
        with self._database.read() as connection:
            return connection.execute(_KNOWN, {"of": address, "wanted": state}).first() is not None

    def finish(self, delivery: Delivery, state: str | None, outcome: str, now: datetime) -> bool:
        """Note the delivered state and delete the body, in one transaction."""
        place = {"address": delivery.address, "state": state}
        with self._database.write() as connection:
            is_new = state is None or not connection.execute(_KNOWN, {"of": delivery.address, "wanted": state}).first()
            if state is not None and is_new:
                connection.execute(sa.insert(callback_states), {**place, "at": format_time(now)})
            done = sa.update(callbacks).filter_by(id=delivery.id)
            connection.execute(done.values(status="delivered", outcome=outcome, body=None))
        return is_new

    def change(self, delivery: Delivery) -> None:
        """Store the status, times and counts of a callback."""
        names = ("status", "due_at", "attempts", "asked", "outcome", "queue")
        changed = {name: value for name, value in _row(asdict(delivery)).items() if name in names}
        with self._database.write() as connection:
            connection.execute(sa.update(callbacks).filter_by(id=delivery.id).values(changed))

    def next_due(self) -> datetime | None:
        """Return when the next waiting callback is due."""
        with self._database.read() as connection:
            first = sa.select(sa.func.min(callbacks.c.due_at)).filter_by(status="waiting")
            found = connection.execute(first).scalar()
        return None if found is None else parse_time(found)

    def _aes(self) -> AESGCM:
        if self._cipher is None:
            self._cipher = AESGCM(derive(self._vault.secret(self._database.key_name), b"callback"))
        return self._cipher

    def _sealed(self, delivery: Delivery) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._aes().encrypt(nonce, delivery.body or b"", _PLACE + delivery.address.encode())

    def opened(self, row: Mapping[Any, Any]) -> Delivery:
        """Return a stored callback with its body.

        Raises:
            LedgerBroken: The body was changed.
        """
        values = read(row)
        sealed, address = values.pop("body"), values["address"]
        body = None
        if sealed is not None:
            try:
                body = self._aes().decrypt(sealed[:_NONCE], sealed[_NONCE:], _PLACE + address.encode())
            except (InvalidTag, ValueError):
                raise LedgerBroken("The body of a callback was changed.", seq=None) from None
        return Delivery(**values, body=body)


def _row(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: format_time(value) if name in _TIMES else value for name, value in values.items()}


def read(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the values of a row, with its times."""
    return {name: parse_time(value) if name in _TIMES else value for name, value in row.items()}
