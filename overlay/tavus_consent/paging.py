"""Lists that page by themselves: iterate over items or pages. Nothing is fetched before the first is wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Generic, TypeVar

from attrs import frozen

T = TypeVar("T")


@frozen
class Page(Generic[T]):
    """One page.

    Attributes:
        items: Its items, without those that an earlier page had already.
        total_count: How many items there are on all pages, or ``None`` when the server does not say.
        number: The page number that was asked for.
    """

    items: tuple[T, ...]
    total_count: int | None
    number: int


class _Cursor(Generic[T]):
    """Decides where a list ends. Pure: it is told of pages and says whether to go on."""

    def __init__(self, first: int, size: int, key: Callable[[T], Any]) -> None:
        self.number = first
        self.done = False
        self._size = size
        self._key = key
        self._seen: set[Any] = set()
        self._received = 0

    def take(self, page: Page[T]) -> Page[T]:
        """Note a page, drop what was seen before (items move between pages while one reads), and decide."""
        fresh = tuple(item for item in page.items if self._key(item) not in self._seen)
        self._seen.update(self._key(item) for item in fresh)
        self._received += len(page.items)
        # A server that repeats itself gives nothing fresh. A short page is the last one, unless the server counts more:
        # it may give fewer per page than asked for.
        more = page.total_count is not None and self._received < page.total_count
        self.done = not fresh or (not more and (page.total_count is not None or len(page.items) < self._size))
        self.number += 1
        return Page(fresh, page.total_count, page.number)


class Pager(Generic[T]):
    """Iterates over all items of a list; every ``for`` starts anew."""

    def __init__(self, fetch: Callable[[int], Page[T]], *, first: int, size: int, key: Callable[[T], Any]) -> None:
        self._fetch = fetch
        self._cursor: Callable[[], _Cursor[T]] = lambda: _Cursor(first, size, key)

    def pages(self) -> Iterator[Page[T]]:
        """Iterate over the pages."""
        cursor = self._cursor()
        while not cursor.done:
            yield cursor.take(self._fetch(cursor.number))

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items


class AsyncPager(Generic[T]):
    """Iterates over all items of a list; every ``async for`` starts anew."""

    def __init__(
        self, fetch: Callable[[int], Awaitable[Page[T]]], *, first: int, size: int, key: Callable[[T], Any]
    ) -> None:
        self._fetch = fetch
        self._cursor: Callable[[], _Cursor[T]] = lambda: _Cursor(first, size, key)

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Iterate over the pages."""
        cursor = self._cursor()
        while not cursor.done:
            yield cursor.take(await self._fetch(cursor.number))

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item
