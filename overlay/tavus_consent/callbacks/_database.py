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

from .mailbox import EARLY, Address, Delivery, Op

if TYPE_CHECKING:
    from tavus_consent.ledger import Ledger

_NONCE: Final = 12
_CACHED: Final = 10_000
"""Addresses to remember, so that most callbacks are judged without a look into the database."""
_PLACE: Final = b"tavus-consent 1 callback to "
_TIMES: Final = frozenset({"issued_at", "expires_at", "received_at", "due_at"})

_ADDRESS: Final = sa.select(addresses).where(
    addresses.c.token_sha256 == sa.bindparam("wanted"), addresses.c.expires_at > sa.bindparam("moment")
)
_INSERT: Final = (
    sa.insert(callbacks)
    .values({one.name: sa.bindparam(one.name) for one in callbacks.columns if one.name != "id"})
    .returning(callbacks.c.id)
)
_NOTE: Final = sa.insert(callback_states)
_DONE: Final = (
    sa.update(callbacks)
    .where(callbacks.c.id == sa.bindparam("which"))
    .values(status=sa.literal_column("'delivered'"), outcome=sa.bindparam("how"), body=sa.null())
)
_KNOWN: Final = sa.select(callback_states.c.state).where(
    callback_states.c.address == sa.bindparam("of"), callback_states.c.state == sa.bindparam("wanted")
)
# The first waiting callback of each queue, if it is due. A claimed one is not due, and holds back those behind it.
_EARLIER: Final = callbacks.alias()
# Only the first callback of a queue can be delivered; the others wait for it, whenever they are due.
_FIRST: Final = sa.and_(
    callbacks.c.status == "waiting",
    ~sa.exists().where(
        _EARLIER.c.queue == callbacks.c.queue, _EARLIER.c.status == "waiting", _EARLIER.c.id < callbacks.c.id
    ),
)
_BOUND: Final = sa.select(addresses.c.token_sha256).where(
    addresses.c.subject == sa.bindparam("subject"), addresses.c.expires_at > sa.bindparam("moment")
)
# A callback that an application receives itself leaves a state; one that a mounted application stores is a row, too.
_ARRIVALS: Final = sa.select(
    sa.exists(_BOUND),
    sa.select(sa.func.max(callbacks.c.id)).where(callbacks.c.queue == sa.bindparam("subject")).scalar_subquery(),
    sa.select(sa.func.count()).where(callback_states.c.address.in_(_BOUND)).scalar_subquery(),
)
_NEXT: Final = sa.select(sa.func.min(callbacks.c.due_at)).where(_FIRST)
_DUE: Final = (
    sa.select(callbacks)
    .where(_FIRST, callbacks.c.due_at <= sa.bindparam("now"))
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
        self._cached: dict[str, Address] = {}

    def issue(self, address: Address) -> None:
        """Store a new address. It is on the disk when this method returns."""
        with self._database.write() as connection:
            connection.execute(sa.insert(addresses), _row(asdict(address)))

    def address(self, token_sha256: str, now: datetime | None = None) -> Address | None:
        """Return an address by the hash of its secret, if it is valid at a moment."""
        found = self._cached.get(token_sha256)
        if found is None:
            given = {"wanted": token_sha256, "moment": "" if now is None else format_time(now)}
            with self._database.read() as connection:
                row = connection.execute(_ADDRESS, given).mappings().first()
            found = None if row is None else Address(**read(row))
            if found is not None and (found.subject or found.kind):  # it stays as it is
                if len(self._cached) >= _CACHED:
                    self._cached.clear()
                self._cached[token_sha256] = found
        return None if found is None or (now is not None and found.expires_at <= now) else found

    def knows(self, token_sha256: str) -> bool:
        """Return True if an address is known without a look into the database."""
        return token_sha256 in self._cached

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

    def batch(self, ops: Sequence[Op]) -> list[Any]:
        """Write several things in one transaction. They are on the disk when this method returns."""
        self._aes()  # may write, too
        with self._database.write() as connection:
            return [getattr(self, f"_{name}")(connection, *arguments) for name, arguments in ops]

    def _store(self, connection: sa.Connection, delivery: Delivery) -> int:
        row = _row(asdict(delivery))
        row["body"] = self._sealed(delivery)
        return int(run(connection, _INSERT, row).fetchall()[0][0])

    def claim(self, now: datetime, until: datetime, limit: int) -> list[Delivery]:
        """Return due callbacks, the first one of each queue, and keep others from claiming them until a moment."""
        found: list[Delivery] = []
        while not found and (rows := self._claim(now, until, limit)):
            for row in rows:
                try:
                    found.append(self.opened(row))
                except LedgerBroken as error:  # one bad row must not stop the others
                    broken = Delivery(**{**read(row), "body": None})
                    self.batch([("change", (evolve(broken, status="dead", outcome=type(error).__name__),))])
        return found

    def _claim(self, now: datetime, until: datetime, limit: int) -> Sequence[Mapping[Any, Any]]:
        with self._database.write() as connection:
            rows = connection.execute(_DUE, {"now": format_time(now), "most": limit}).mappings().all()
            if rows:
                mine = callbacks.c.id.in_([row["id"] for row in rows])
                connection.execute(sa.update(callbacks).where(mine).values(due_at=format_time(until), outcome=None))
        return rows

    def _is_known(self, connection: sa.Connection, address: str, state: str) -> bool:
        return run(connection, _KNOWN, {"of": address, "wanted": state}).fetchone() is not None

    def _finish(
        self, connection: sa.Connection, delivery: Delivery, state: str | None, outcome: str, now: datetime
    ) -> bool:
        is_new = state is None or not self._is_known(connection, delivery.address, state)
        if state is not None and is_new:
            run(connection, _NOTE, {"address": delivery.address, "state": state, "at": format_time(now)})
        run(connection, _DONE, {"which": delivery.id, "how": outcome})
        return is_new

    def _change(self, connection: sa.Connection, delivery: Delivery) -> None:
        names = ("status", "due_at", "attempts", "asked", "outcome", "queue")
        changed = {name: value for name, value in _row(asdict(delivery)).items() if name in names}
        connection.execute(sa.update(callbacks).filter_by(id=delivery.id).values(changed))

    def next_due(self) -> datetime | None:
        """Return when the next callback can be delivered: the first one of a queue."""
        with self._database.read() as connection:
            found = connection.execute(_NEXT).scalar()
        return None if found is None else parse_time(found)

    def arrivals(self, subject: str, now: datetime) -> int | None:
        """Return a number that changes with each callback about an object."""
        given = {"subject": subject, "moment": format_time(now)}
        with self._database.read() as connection:
            bound, last, states = connection.execute(_ARRIVALS, given).one()
        return (last or 0) + states if bound else None

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
