"""The objects of the fake and what becomes of them as time passes. Knows nothing of HTTP or of threads."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

from attrs import define, field

from tavus_consent._redaction import redact_url

from ._resources import Resource


@define(eq=False)
class Callback:
    """A callback that was due.

    Attributes:
        url: Where it goes. Shortened in the ``repr``: callback URLs carry tokens.
        body: What it says.
        at: When it was due; aware, in UTC.
        delivery: What became of it, once the served fake has dealt with it. In process it stays ``None``: nothing is
            sent, :meth:`FakeTavus.on_callback` is the place to react.
    """

    url: str = field(repr=redact_url)
    body: dict[str, Any]
    at: datetime
    delivery: str | None = None


@define(eq=False)
class Thing:
    """One object."""

    id: str
    resource: Resource
    fields: dict[str, Any]
    #: the create request that made it, or None for stock
    request: dict[str, Any] | None = None
    began: datetime = datetime.min
    #: when its work ends, or None when there is none (any more)
    ends: datetime | None = None
    #: the sentence with which its work will fail
    failure: str | None = None

    def view(self, names: tuple[str, ...], now: datetime) -> dict[str, Any]:
        """The named fields as they are now."""
        shown = {name: self.fields[name] for name in names}
        if self.ends is not None and self.resource.lifecycle.progress in shown:
            share = 100 * (now - self.began) // (self.ends - self.began or timedelta.resolution)
            shown[self.resource.lifecycle.progress] = f"{share}/100"
        return shown

    def change(self, fields: dict[str, Any], now: datetime) -> None:
        """Give some fields new values."""
        self.fields.update(fields, updated_at=timestamp(now))

    def end(self) -> Callback | None:
        """Bring it to its last state, at the time its work was to end; the callback that is due, if any."""
        at, self.ends = self.ends, None
        if at is None:  # deleted in the meantime
            return None
        cycle = self.resource.lifecycle
        if self.failure is None:
            result = {name: form.format(id=self.id) for name, form in cycle.result.items()}
            self.change({**result, "status": cycle.done, cycle.progress: "100/100"}, at)
            told = {"status": cycle.told_done}
        else:
            # Undocumented for replicas; a failed video shows "0/100".
            self.change({"status": cycle.failed, "error_message": self.failure, cycle.progress: "0/100"}, at)
            told = {"status": cycle.told_failed, "error_message": self.failure}
        url = (self.request or {}).get("callback_url")
        return None if url is None else Callback(url, {self.resource.id_field: self.id, **told}, at)


class Store:
    """All objects, the work under way, and the failures to come."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._things: dict[str, dict[str, Thing]] = {}
        self._made = 0
        self._under_way: list[tuple[datetime, int, Thing]] = []
        #: sentences with which the next creates will fail
        self.failures: deque[str] = deque()

    def all(self, resource: Resource) -> dict[str, Thing]:
        """Every object of one kind by id, stock first, then in the order of creation."""
        things = self._things.get(resource.noun)
        if things is None:
            things = self._things[resource.noun] = {}
            for fields in resource.stock:
                stock = Thing(fields[resource.id_field], resource, dict(fields))
                things[stock.id] = stock
        return things

    def find(self, resource: Resource, thing_id: str, *, own: bool = False) -> Thing | None:
        """One object, or ``None``; with ``own``, stock does not count."""
        thing = self.all(resource).get(thing_id)
        return None if thing is None or (own and thing.request is None) else thing

    def create(self, resource: Resource, request: dict[str, Any], now: datetime, takes: timedelta) -> Thing:
        """Make an object and start its work."""
        self._made += 1
        digits = sha256(f"{self._seed} {resource.noun} {self._made}".encode()).hexdigest()
        thing_id = resource.id_prefix + digits[: resource.id_digits]
        at = timestamp(now)
        fields = {
            **resource.defaults,
            **{name: request[name] for name in resource.taken if name in request},
            resource.id_field: thing_id,
            "status": resource.lifecycle.running,
            resource.lifecycle.progress: "0/100",
            "created_at": at,
            "updated_at": at,
        }
        failure = self.failures.popleft() if self.failures else None
        thing = Thing(thing_id, resource, fields, request, now, now + takes, failure)
        self.all(resource)[thing_id] = thing
        heapq.heappush(self._under_way, (now + takes, self._made, thing))
        return thing

    def delete(self, thing: Thing) -> None:
        """Remove an object; its work ends without a callback."""
        thing.ends = None
        del self.all(thing.resource)[thing.id]

    def settle(self, now: datetime) -> list[Callback]:
        """End the work that is due.

        Returns:
            The callbacks that are due, in the order of their times.
        """
        due = []
        while self._under_way and self._under_way[0][0] <= now:
            callback = heapq.heappop(self._under_way)[2].end()
            if callback is not None:
                due.append(callback)
        return due

    def page(self, resource: Resource, query: Mapping[str, Any]) -> tuple[list[Thing], int]:
        """One page of a list, the newest first and stock last, and how many objects match on all pages."""
        things = self.all(resource)
        size = query.get("limit", resource.page_size)
        first = size * max(query.get("page", resource.first_page) - resource.first_page, 0)
        matching: Iterator[Thing] = reversed(things.values())
        count = len(things)
        wanted = _wanted(resource, query)
        if wanted:
            found = [thing for thing in matching if all(thing.fields[name] in values for name, values in wanted)]
            matching, count = iter(found), len(found)
        return list(islice(matching, min(first, count), min(first + size, count))), count


def timestamp(moment: datetime) -> str:
    """A date as Tavus writes it, for example ``2024-01-24T07:14:03.327Z``."""
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _wanted(resource: Resource, query: Mapping[str, Any]) -> list[tuple[str, frozenset[str]]]:
    """The values that a list's filters let through, by field."""
    wanted = []
    for name, rule in resource.filters.items():
        if name in query:
            values = query[name].split(",") if rule.comma_separated else [query[name]]
            wanted.append((rule.field, frozenset(value.strip() for value in values)))
    return wanted
