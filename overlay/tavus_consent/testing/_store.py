"""All objects of the fake, and what becomes of them as time passes. Knows nothing of HTTP or of threads."""

from __future__ import annotations

import heapq
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import Any

from ._callbacks import body_for
from ._resources import NOTHING, Fields, Filter, Lifecycle, Resource, stored
from ._rules import owned
from ._things import Callback, Thing


class ObjectStore:
    """All objects, their planned events, and injected failures."""

    def __init__(self, seed: int, stock: Mapping[str, tuple[Fields, ...]]) -> None:
        self._seed = seed
        self._stock = stock
        self._things: dict[str, dict[str, Thing]] = {}
        #: the number of stock objects, by noun
        self._stocked: dict[str, int] = {}
        #: objects in the order of their lists, by noun, if that is not the order of their creation
        self._sorted: dict[str, list[Thing]] = {}
        self._made = 0
        #: time, order, object, and the effect; None ends the work on the object
        self._agenda: list[tuple[datetime, int, Thing, Callable[[datetime], None] | None]] = []
        self._planned = 0
        #: error sentences for the next creates, by noun
        self.failures: dict[str, deque[str]] = {}
        #: due callbacks that have not been collected
        self.due: list[Callback] = []

    def all(self, resource: Resource) -> dict[str, Thing]:
        """Return every object of one kind by id, stock first, then in the order of creation."""
        things = self._things.get(resource.noun)
        if things is None:
            things = self._things[resource.noun] = {}
            for fields in self._stock.get(resource.noun, resource.stock):
                stock = Thing(fields[resource.id_field], resource, {"owner": "system", **fields})
                things[stock.id] = stock
            self._stocked[resource.noun] = len(things)
        return things

    def count_own(self, resource: Resource) -> int:
        """Return the number of objects of one kind without stock."""
        return len(self.all(resource)) - self._stocked[resource.noun]

    def own(self, resource: Resource, start: int, size: int | None) -> Iterator[Thing]:
        """Return some objects of one kind, without stock, in the order of their creation."""
        first = len(self.all(resource)) - self.count_own(resource) + start
        return islice(self.all(resource).values(), first, None if size is None else first + size)

    def find(self, resource: Resource, thing_id: str, *, own: bool = False) -> Thing | None:
        """Return one object, or ``None``; with ``own``, stock does not count."""
        thing = self.all(resource).get(thing_id)
        return None if thing is None or (own and thing.request is None) else thing

    def create(
        self,
        resource: Resource,
        request: dict[str, Any],
        now: datetime,
        extra: Fields = NOTHING,
        *,
        thing_id: str | None = None,
    ) -> Thing:
        """Create an object; the request may use both older and newer names.

        Args:
            resource: Its kind.
            request: The request that creates it.
            now: The time.
            extra: Members of the request that the specification does not have.
            thing_id: Its id; the default is a new one.
        """
        self._made += 1
        digits = sha256(f"{self._seed} {resource.noun} {self._made}".encode()).hexdigest()
        thing_id = thing_id or resource.id_form.format(digits)
        at = resource.date(now)
        fields = {
            **deepcopy(resource.given),
            **{stored(name): value for name, value in request.items()},
            resource.id_field: thing_id,
            "created_at": at,
            "updated_at": at,
        }
        thing = self.all(resource)[thing_id] = Thing(thing_id, resource, fields, {**request, **extra}, now)
        thing.keep(extra)
        if resource.noun in self._sorted:
            insort(self._sorted[resource.noun], thing, key=resource.sort_key)
        coming = self.failures.get(resource.noun)
        thing.failure = coming.popleft() if coming else None
        return thing

    def is_under_way(self, thing: Thing) -> bool:
        """Return True if an object has work that has not ended or not started."""
        return thing.ends is not None or thing.waits or thing.tunes

    def start(self, thing: Thing, at: datetime, takes: timedelta | None = None, other: Lifecycle | None = None) -> None:
        """Start the work on an object, if its kind has any, or another work."""
        cycle = other or thing.resource.lifecycle
        if cycle is None:
            return
        takes = cycle.takes if takes is None else takes
        thing.began, thing.ends, thing.waits = at, at + takes, False
        thing.fields.update(cycle.show_progress(0))
        for phase in cycle.phases:
            if phase.share:
                self.plan(at + takes * phase.share, thing, partial(self._enter, thing, phase.fields))
            else:
                thing.enter(phase.fields, at)
        self.plan(thing.ends, thing, partial(self._end, thing, other) if other else None)

    def _enter(self, thing: Thing, fields: Mapping[str, Any], at: datetime) -> None:
        """Move an object to its next state."""
        thing.enter(fields, at)
        if thing.resource.tells_phases:
            self.tell(thing, at)

    def _end(self, thing: Thing, cycle: Lifecycle | None, at: datetime) -> None:
        """Move an object to its last state."""
        assert cycle is not None  # noqa: S101 - only objects with work end
        thing.ends = None
        if thing.failure is None:
            thing.enter({**cycle.done, **cycle.show_progress(100)}, at)
        else:
            # Undocumented for replicas; a failed video shows "0/100".
            thing.enter({**cycle.failed, **cycle.show_progress(0)}, at)
            thing.fields[cycle.reason] = thing.failure
        self.tell(thing, at)
        self.release(thing, at)

    def release(self, thing: Thing, at: datetime) -> None:
        """Continue the work that waits for an object."""
        waiting, thing.waiting = thing.waiting, ()
        for go_on in waiting:
            go_on(self, thing, at)

    def tell(self, thing: Thing, at: datetime) -> None:
        """Send a callback, as documented for the end of the work on such an object."""
        self.call(thing, body_for(thing, at), at)

    def call(self, thing: Thing, body: dict[str, Any], at: datetime) -> None:
        """Call the callback URL of an object, if it has one."""
        url = thing.fields.get("callback_url")
        if url:
            self.due.append(Callback(url, body, at))

    def plan(self, at: datetime, thing: Thing, effect: Callable[[datetime], None] | None) -> None:
        """Plan an event of an object, or the end of its work. It is dropped if the object is deleted first."""
        self._planned += 1
        heapq.heappush(self._agenda, (at, self._planned, thing, effect))

    def delete(self, thing: Thing, now: datetime) -> None:
        """Remove an object; its work ends without a callback."""
        thing.ends, thing.deleted = None, True
        del self.all(thing.resource)[thing.id]
        self.unsort(thing.resource)
        self.release(thing, now)

    def settle(self, now: datetime) -> None:
        """Run all due events."""
        while self._agenda and self._agenda[0][0] <= now:
            at, _, thing, effect = heapq.heappop(self._agenda)
            if thing.deleted:
                continue
            if effect is None:
                self._end(thing, thing.resource.lifecycle, at)
            else:
                effect(at)

    def page(
        self, resource: Resource, query: Mapping[str, Any], *, first_page: int, page_size: int
    ) -> tuple[list[Thing], int]:
        """Return one page of a list, and the number of matching objects on all pages.

        By default, the newest come first and stock comes last.
        """
        query = {**resource.assumed, **query}
        size = query.get("limit", page_size)
        start = size * max(query.get("page", first_page) - first_page, 0)
        word = query.get("sort", "")
        rising = word.startswith("asc") if word[:3] in ("asc", "des") else resource.oldest_first
        found, count = self._matching(resource, filters(resource, query), rising=rising)
        return list(islice(found, min(start, count), min(start + size, count))), count

    def _matching(
        self, resource: Resource, wanted: list[tuple[Filter, Any]], *, rising: bool
    ) -> tuple[Iterator[Thing], int]:
        """Return the objects that a list shows, in its order, and their number; large lists are not read as a whole."""
        things = self.all(resource)
        ordered = self._by_field(resource) if resource.sort_field else things.values()
        matching = iter(ordered) if rising else reversed(ordered)
        if not resource.sort_field and [show for show, _ in wanted] == [owned]:
            stock, own = self._stocked[resource.noun], wanted[0][1] == "user"
            first, count = (stock, len(things) - stock) if own else (0, stock)
            skipped = first if rising else len(things) - first - count
            return islice(matching, skipped, skipped + count), count
        if not wanted:
            return matching, len(things)
        found = [thing for thing in matching if all(show(thing.fields, value) for show, value in wanted)]
        return iter(found), len(found)

    def _by_field(self, resource: Resource) -> list[Thing]:
        """Return the objects of one kind in the order of the field that its lists are sorted by."""
        found = self._sorted.get(resource.noun)
        if found is None:
            found = self._sorted[resource.noun] = sorted(self.all(resource).values(), key=resource.sort_key)
        return found

    def unsort(self, resource: Resource) -> None:
        """Forget the order of a kind, because a field has changed that its lists are sorted by."""
        self._sorted.pop(resource.noun, None)


def filters(resource: Resource, query: Mapping[str, Any]) -> list[tuple[Filter, Any]]:
    """Return the filters of a list that a request uses, each with its value."""
    return [
        (resource.filters[stored(name)], value) for name, value in query.items() if stored(name) in resource.filters
    ]
