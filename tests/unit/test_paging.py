"""Lists that change during iteration: every remaining item is returned exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import given, strategies as st

from tavus_consent import AsyncPager, Page, Pager, Tavus
from tavus_consent.testing import FakeTavus

End = Literal["front", "back", "anywhere"]


class Change(NamedTuple):
    """One change of a list: an item is deleted, or a new one appears."""

    deletes: bool
    where: int


class Server:
    """A list behind numbered pages, with the smallest behavior that Tavus documents.

    Args:
        count: How many items there are at first: 0, 1, 2, ... in the order of the list.
        newest: The end at which new items appear.
        tells_total: Whether a page says how many items there are.
    """

    def __init__(self, count: int, *, size: int, newest: End = "front", tells_total: bool = True) -> None:
        self.items = list(range(count))
        self.size = size
        self.requests = 0
        self.between_requests: list[list[Change]] = []
        self._newest = newest
        self._tells_total = tells_total
        self._made = count

    def fetch(self, number: int) -> Page[int]:
        if self.requests and self.between_requests:
            self.change(self.between_requests.pop(0))
        self.requests += 1
        start = number * self.size
        return Page(
            tuple(self.items[start : start + self.size]), len(self.items) if self._tells_total else None, number
        )

    def change(self, changes: list[Change]) -> None:
        for change in changes:
            if not change.deletes:
                self.add(change.where)
            elif self.items:
                del self.items[change.where % len(self.items)]

    def add(self, where: int = 0) -> None:
        place = {"front": 0, "back": len(self.items), "anywhere": where % (len(self.items) + 1)}[self._newest]
        self.items.insert(place, self._made)
        self._made += 1


Read = Callable[..., list[int]]


@pytest.fixture(scope="module", params=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Read:
    """Read a whole list; ``between`` is called with every item before the next one is asked for."""

    def sync(server: Server, between: Callable[[int], None] = lambda item: None) -> list[int]:
        got = []
        for item in Pager(server.fetch, first=0, size=server.size, key=lambda item: item):
            got.append(item)
            between(item)
        return got

    def asynchronous(server: Server, between: Callable[[int], None] = lambda item: None) -> list[int]:
        async def fetch(number: int) -> Page[int]:
            await asyncio.sleep(0)
            return server.fetch(number)

        async def go() -> list[int]:
            got = []
            async for item in AsyncPager(fetch, first=0, size=server.size, key=lambda item: item):
                got.append(item)
                between(item)
            return got

        return asyncio.run(go())

    return sync if request.param == "sync" else asynchronous


def missing(server: Server, count: int, got: list[int]) -> set[int]:
    """Items that were there from the beginning to the end, and were not delivered."""
    return (set(range(count)) & set(server.items)) - set(got)


# properties


def changes(*, at_most: int, deletes: st.SearchStrategy[bool] | None = None) -> st.SearchStrategy[list[Change]]:
    change = st.builds(Change, st.booleans() if deletes is None else deletes, st.integers(0, 40))
    return st.lists(change, max_size=at_most)


def scripted(server: Server, script: list[list[Change]]) -> Callable[[int], None]:
    left = iter(script)
    return lambda item: server.change(next(left, []))


@given(st.integers(0, 25), st.integers(1, 6), st.lists(changes(at_most=4), max_size=30))
def test_every_item_that_stays_is_delivered_once(read: Read, count: int, size: int, script: list[list[Change]]) -> None:
    server = Server(count, size=size)
    got = read(server, scripted(server, script))
    assert (missing(server, count, got), len(got)) == (set(), len(set(got)))


@given(
    st.integers(0, 25),
    st.integers(2, 6),
    st.lists(changes(at_most=2), max_size=20),
    st.lists(changes(at_most=1), max_size=6),
)
def test_changes_during_the_requests_of_others_lose_nothing(
    read: Read, count: int, size: int, script: list[list[Change]], concurrent: list[list[Change]]
) -> None:
    server = Server(count, size=size)
    server.between_requests = list(concurrent)
    got = read(server, scripted(server, script))
    assert (missing(server, count, got), len(got)) == (set(), len(set(got)))


@given(st.integers(0, 25), st.integers(1, 6), st.lists(changes(at_most=4, deletes=st.just(True)), max_size=30))
def test_deleting_from_a_list_that_begins_with_the_oldest_loses_nothing(
    read: Read, count: int, size: int, script: list[list[Change]]
) -> None:
    server = Server(count, size=size, newest="back")
    got = read(server, scripted(server, script))
    assert (missing(server, count, got), len(got)) == (set(), len(set(got)))


@given(
    st.integers(0, 25),
    st.integers(1, 6),
    st.sampled_from(["back", "anywhere"]),
    st.lists(changes(at_most=4)),
    st.booleans(),
)
def test_nothing_is_delivered_twice_in_any_order(
    read: Read, count: int, size: int, newest: End, script: list[list[Change]], tells_total: bool
) -> None:
    server = Server(count, size=size, newest=newest, tells_total=tells_total)
    got = read(server, scripted(server, script))
    assert len(got) == len(set(got))


@given(st.integers(0, 40), st.integers(1, 6))
def test_a_list_that_does_not_change_costs_no_extra_request(read: Read, count: int, size: int) -> None:
    server = Server(count, size=size)
    assert read(server) == list(range(count))
    assert server.requests == max(1, -(-count // size))


@given(st.integers(0, 25), st.integers(1, 6), st.lists(changes(at_most=4), max_size=30))
def test_changes_cost_at_most_two_extra_requests_a_page(
    read: Read, count: int, size: int, script: list[list[Change]]
) -> None:
    server = Server(count, size=size)
    read(server, scripted(server, script))
    ever = count + sum(not change.deletes for changes in script for change in changes)
    assert server.requests <= 3 * max(1, -(-ever // size))


@given(st.integers(1, 40), st.integers(1, 6), st.integers(0, 40), changes(at_most=10, deletes=st.just(True)))
def test_one_shift_costs_at_most_two_requests_more_than_the_pages_it_moved(
    read: Read, count: int, size: int, when: int, burst: list[Change]
) -> None:
    server = Server(count, size=size)
    read(server, lambda item: server.change(burst if item == when else []))
    assert server.requests <= -(-count // size) + 2 + len(burst) // size


# examples


def test_deleting_every_item_while_iterating_leaves_none(read: Read) -> None:
    server = Server(30, size=10)
    assert read(server, lambda item: server.items.remove(item)) == list(range(30))
    assert (server.items, server.requests) == ([], 5)


def test_deleting_every_other_item_keeps_the_order(read: Read) -> None:
    server = Server(30, size=10)
    assert read(server, lambda item: server.items.remove(item) if item % 2 else None) == list(range(30))


def test_a_whole_page_of_new_items_does_not_end_the_list(read: Read) -> None:
    server = Server(6, size=2)
    got = read(server, lambda item: server.change([Change(False, 0)] * 2 if item == 1 else []))
    assert got == list(range(6))


def test_when_everything_is_gone_the_list_ends(read: Read) -> None:
    server = Server(100, size=2)
    assert read(server, lambda item: server.items.clear() if item == 39 else None) == list(range(40))
    assert server.requests == 22


def test_an_item_that_a_page_names_twice_is_delivered_once(read: Read) -> None:
    server = Server(0, size=4)
    server.items = [1, 1, 2]
    assert read(server) == [1, 2]


def test_a_total_that_cannot_be_true_does_not_keep_a_list_going(read: Read) -> None:
    server = Server(40, size=2)
    honest = server.fetch

    def wavering(number: int) -> Page[int]:
        page = honest(number)
        return Page(page.items, 1000 - server.requests, number) if page.items else page

    server.fetch = wavering  # type: ignore[method-assign]
    assert read(server) == list(range(40))
    assert server.requests <= 21 + 6


def test_pages_that_were_read_again_bring_only_what_is_new() -> None:
    server = Server(6, size=2)
    shown = []
    for page in Pager(server.fetch, first=0, size=2, key=lambda item: item).pages():
        shown.append((page.number, page.items))
        if page.items == (0, 1):
            server.items.remove(0)
    assert shown == [(0, (0, 1)), (0, (2,)), (1, (3, 4)), (2, (5,))]


# the client


def fill(tavus: Tavus, count: int) -> list[str]:
    return [
        tavus.replicas.create_non_human(
            train_video_url=f"https://media.example/{number}.mp4", attestation="a fox", attested_by="me"
        ).replica_id
        for number in range(count)
    ]


def test_replicas_are_deleted_while_listed() -> None:
    fake = FakeTavus()
    with fake.client() as tavus:
        fill(tavus, 30)
        for replica in tavus.replicas.list(replica_type="user", page_size=10):
            tavus.replicas.delete(replica.replica_id)
    assert fake.replicas == {}


async def test_replicas_are_deleted_while_listed_async() -> None:
    fake = FakeTavus()
    with fake.client() as tavus:
        fill(tavus, 30)
    async with fake.async_client() as client:
        async for replica in client.replicas.list(replica_type="user", page_size=10):
            await client.replicas.delete(replica.replica_id)
    assert fake.replicas == {}


@given(st.integers(0, 8), st.integers(1, 4), st.lists(changes(at_most=3), max_size=10))
def test_the_fake_and_the_client_agree_with_the_model(count: int, size: int, script: list[list[Change]]) -> None:
    fake = FakeTavus()
    left = iter(script)
    with fake.client() as tavus:
        there = fill(tavus, count)
        got = []
        for replica in tavus.replicas.list(replica_type="user", page_size=size):
            got.append(replica.replica_id)
            for change in next(left, []):
                mine = list(fake.replicas)
                if not change.deletes:
                    fill(tavus, 1)
                elif mine:
                    tavus.replicas.delete(mine[change.where % len(mine)])
    assert (set(there) & set(fake.replicas)) - set(got) == set()
    assert len(got) == len(set(got))


def test_the_first_page_is_asked_for_when_the_first_item_is() -> None:
    asked: list[Any] = []
    Pager(asked.append, first=0, size=1, key=lambda item: item)  # type: ignore[arg-type]
    assert asked == []
