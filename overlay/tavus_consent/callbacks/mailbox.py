"""Addresses of callbacks and the callbacks that came to them: the types, and a store in memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from attrs import evolve, field, frozen

Status = Literal["waiting", "delivered", "dead"]
EARLY: Final = "early"
"""The outcome of a callback that waits for its address to be bound."""
Op = tuple[str, tuple[Any, ...]]
"""Something to write: its name and its arguments."""
STATUSES: Final[tuple[Status, ...]] = ("waiting", "delivered", "dead")


@frozen(kw_only=True)
class Address:
    """An issued address.

    Attributes:
        token_sha256: Hex SHA-256 of its secret.
        job: The caller's own name for it.
        kind: ``objective``, ``guardrail``, ``tool`` or ``any`` for an address that no single object owns.
        issued_at: When it was issued.
        expires_at: From when it is refused.
        subject: The object that it was bound to, such as ``replica:rf4e9d9790f0``.
    """

    token_sha256: str = field(repr=False)
    job: str | None = None
    kind: str | None = None
    issued_at: datetime
    expires_at: datetime
    subject: str | None = None


@frozen(kw_only=True)
class Delivery:
    """A callback that was received.

    Attributes:
        id: Its number, in the order of arrival.
        address: The hash of the secret that it came to.
        queue: The object that it is about. Callbacks with the same queue are delivered in their order.
        received_at: When it was received.
        status: ``waiting``, ``delivered``, or ``dead`` once it was given up.
        due_at: When to deliver it, or to try again.
        attempts: How often delivering it failed.
        asked: How often Tavus's answer did not show what it claims.
        outcome: The class of the delivered event, or of the last error.
        body: The body; ``None`` once it was delivered.
    """

    id: int = 0
    address: str = field(repr=False)
    queue: str
    received_at: datetime
    status: Status = "waiting"
    due_at: datetime
    attempts: int = 0
    asked: int = 0
    outcome: str | None = None
    body: bytes | None = field(default=None, repr=False)


class Mailbox(Protocol):
    """A store of addresses and callbacks."""

    def issue(self, address: Address) -> None:
        """Store a new address."""
        ...

    def address(self, token_sha256: str, now: datetime | None = None) -> Address | None:
        """Return an address by the hash of its secret, if it is valid at a moment."""
        ...

    def bind(self, token_sha256: str, subject: str, now: datetime) -> bool:
        """Bind an address to an object, and make its callbacks due. Return False if there is no such address."""
        ...

    def knows(self, token_sha256: str) -> bool:
        """Return True if an address is known without a wait."""
        ...

    def batch(self, ops: Sequence[Op]) -> list[Any]:
        """Do several things at once, and return their results. They are on the disk when this method returns.

        Each is a name and its arguments: ``store`` (delivery), which returns its number; ``is_known`` (address, state),
        which tells if a state was delivered; ``finish`` (delivery, state, outcome, now), which notes the state, deletes
        the body, and returns False if the state was delivered before; ``change`` (delivery), which stores its status,
        times and counts.
        """
        ...

    def claim(self, now: datetime, until: datetime, limit: int) -> list[Delivery]:
        """Return due callbacks, the first one of each queue, and keep others from claiming them until a moment."""
        ...

    def next_due(self) -> datetime | None:
        """Return when the next callback can be delivered: the first one of a queue."""
        ...

    def arrivals(self, subject: str, now: datetime) -> int | None:
        """Return a number that changes with each callback about an object; ``None`` if it has no valid address."""
        ...


class MemoryMailbox:
    """A mailbox that ends with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._addresses: dict[str, Address] = {}
        self._deliveries: dict[int, Delivery] = {}
        self._states: set[tuple[str, str]] = set()
        self._last = 0

    def issue(self, address: Address) -> None:
        """Store a new address, and forget those that have expired."""
        with self._lock:
            over = {name for name, one in self._addresses.items() if one.expires_at <= address.issued_at}
            if over:
                self._addresses = {name: one for name, one in self._addresses.items() if name not in over}
                self._states = {(name, state) for name, state in self._states if name not in over}
            self._addresses[address.token_sha256] = address

    def address(self, token_sha256: str, now: datetime | None = None) -> Address | None:
        """Return an address by the hash of its secret, if it is valid at a moment."""
        found = self._addresses.get(token_sha256)
        return None if found is None or (now is not None and found.expires_at <= now) else found

    def bind(self, token_sha256: str, subject: str, now: datetime) -> bool:
        """Bind an address to an object, and make its callbacks due."""
        with self._lock:
            known = self._addresses.get(token_sha256)
            if known is None:
                return False
            self._addresses[token_sha256] = evolve(known, subject=subject)
            for one in list(self._deliveries.values()):
                if one.address == token_sha256 and one.outcome == EARLY:
                    self._deliveries[one.id] = evolve(one, due_at=now)
        return True

    def knows(self, token_sha256: str) -> bool:
        """Return True: nothing here waits."""
        return True

    def batch(self, ops: Sequence[Op]) -> list[Any]:
        """Do several things, one after the other."""
        return [getattr(self, f"_{name}")(*arguments) for name, arguments in ops]

    def _store(self, delivery: Delivery) -> int:
        with self._lock:
            self._last += 1
            self._deliveries[self._last] = evolve(delivery, id=self._last)
            return self._last

    def claim(self, now: datetime, until: datetime, limit: int) -> list[Delivery]:
        """Return due callbacks, the first one of each queue."""
        found: list[Delivery] = []
        seen: set[str] = set()
        with self._lock:
            for one in list(self._deliveries.values()):
                if one.status == "waiting" and one.queue not in seen and len(found) < limit:
                    seen.add(one.queue)
                    if one.due_at <= now:
                        found.append(one)
                        self._deliveries[one.id] = evolve(one, due_at=until, outcome=None)
        return found

    def _is_known(self, address: str, state: str) -> bool:
        return (address, state) in self._states

    def _finish(self, delivery: Delivery, state: str | None, outcome: str, now: datetime) -> bool:
        with self._lock:  # memory keeps nothing that was delivered
            is_new = state is None or (delivery.address, state) not in self._states
            if state is not None:
                self._states.add((delivery.address, state))
            self._deliveries.pop(delivery.id, None)
        return is_new

    def _change(self, delivery: Delivery) -> None:
        with self._lock:
            self._deliveries[delivery.id] = delivery

    def next_due(self) -> datetime | None:
        """Return when the next callback can be delivered: the first one of a queue."""
        with self._lock:
            # The first callback of each queue: later ones wait for it.
            waiting = [one for one in reversed(self._deliveries.values()) if one.status == "waiting"]
            first = {one.queue: one.due_at for one in waiting}
        return min(first.values(), default=None)

    def arrivals(self, subject: str, now: datetime) -> int | None:
        """Return 0, because a callback that comes to this process wakes its waits itself."""
        with self._lock:
            is_bound = any(one.subject == subject and one.expires_at > now for one in self._addresses.values())
        return 0 if is_bound else None
