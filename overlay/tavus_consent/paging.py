"""Lists that fetch their pages on demand: iterate over items or pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final, Generic, TypeVar

from attrs import frozen

from .errors import AnswerError

T = TypeVar("T")

_PATIENCE: Final = 3


@frozen
class Page(Generic[T]):
    """One page.

    Attributes:
        items: Its items, without those that an earlier page already had.
        total_count: The number of items on all pages, or ``None`` if the server does not say.
        number: The page number that was requested.
    """

    items: tuple[T, ...]
    total_count: int | None
    number: int


class _Cursor(Generic[T]):
    """Decides which page to read next and which items are new. Pure: it does no I/O.

    Numbered pages move when the list changes. New items at the front push known items to later pages, which only
    repeats them. Deleted items pull unknown ones to earlier pages, and those would be missed. In a list that begins
    with the newest item this requires a smaller total. So, if the total fell and the next page has no known item, the
    cursor goes back page by page until it finds a known item, and continues from there.

    The number of the first page is not known for certain. If the server shows the first page twice, it counts from one
    page later. If the list ends with an empty page before its total, the server may count from 0, so the cursor also
    asks for page 0.
    """

    def __init__(self, first: int, size: int, key: Callable[[T], Any]) -> None:
        self.number = first
        self.done = False
        self._first = first
        self._size = size
        self._key = key
        self._seen: set[Any] = set()
        self._repeated: set[Any] = set()  # the known items since the last new one
        self._before = [0]  # for each page, the number of items on earlier pages
        self._total: int | None = None
        self._going_back = False
        self._patience = _PATIENCE
        self._beginning: list[Any] = []
        self.probing = False  # page 0 was not expected: an error means that there is none

    def take(self, page: Page[T]) -> Page[T] | None:
        """Take the requested page and return its new items, or ``None`` if it cannot be used yet."""
        items = {self._key(item): item for item in page.items}
        fresh = {key: item for key, item in items.items() if key not in self._seen}
        if self.probing:
            self.done = True
            return Page(tuple(fresh.values()), page.total_count, page.number)
        if page.number == self._first:
            self._beginning = [*items]
        elif page.number == self._first + 1 and [*items] == self._beginning:
            self._before = [0, 0]
        if self._may_have_skipped(page, known=len(items) > len(fresh)):
            self.number = self._earlier(page.total_count)
            return None
        self._going_back = False
        self._seen.update(fresh)
        self._total = page.total_count
        read = self._before[self.number - self._first] + len(page.items)
        self.number += 1
        self._before[self.number - self._first :] = [read]
        self.done = self._repeats(items, fresh) or (
            len(page.items) < self._size if page.total_count is None else read >= page.total_count
        )
        if self.done and self._first and not items and page.total_count is not None and read < page.total_count:
            self.number, self.done, self.probing = 0, False, True
        return Page(tuple(fresh.values()), page.total_count, page.number)

    def _may_have_skipped(self, page: Page[T], *, known: bool) -> bool:
        """Return True if unknown items can precede this page."""
        if known or page.number == self._first:
            return False
        if self._going_back:
            return True
        fell = self._total is not None and page.total_count is not None and page.total_count < self._total
        # A server whose totals keep falling without any item in between does not count correctly.
        if fell and self._patience:
            self._patience -= 1
            self._going_back = True
            self._repeated.clear()  # these items repeat only because they are read again
        return self._going_back

    def _earlier(self, total: int | None) -> int:
        """Return the page before this one, or the last one that can still have items."""
        number = self.number - 1
        while number > self._first and total is not None and self._before[number - self._first] >= total:
            number -= 1
        return number

    def _repeats(self, items: dict[Any, T], fresh: dict[Any, T]) -> bool:
        """Return True if the server repeats itself: it shows known items, and not for the first time.

        An empty page counts as a repetition. Known items alone do not: new items may have pushed them here.
        """
        if fresh:
            self._repeated.clear()
            if self._patience:
                self._patience = _PATIENCE
            return False
        again = items.keys() <= self._repeated
        self._repeated.update(items)
        return again


class Pager(Generic[T]):
    """Iterates over all items of a list; every ``for`` starts from the beginning.

    The list may change meanwhile, so you may delete items while you iterate. Every item that exists from the beginning
    to the end appears exactly once. This needs a total from the server. In a list that does not begin with the newest
    item, new items can hide as many deleted ones, and then as many other items can be missed.
    """

    def __init__(self, fetch: Callable[[int], Page[T]], *, first: int, size: int, key: Callable[[T], Any]) -> None:
        self._fetch = fetch
        self._cursor: Callable[[], _Cursor[T]] = lambda: _Cursor(first, size, key)

    def pages(self) -> Iterator[Page[T]]:
        """Iterate over the pages. A page that has to be read again appears again, with its new items only."""
        cursor = self._cursor()
        while not cursor.done:
            try:
                fetched = self._fetch(cursor.number)
            except AnswerError:
                if cursor.probing:
                    return
                raise
            page = cursor.take(fetched)
            if page is not None:
                yield page

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items


class AsyncPager(Generic[T]):
    """Iterates over all items; every ``async for`` starts from the beginning.

    Handles changes as :class:`Pager` does.
    """

    def __init__(
        self, fetch: Callable[[int], Awaitable[Page[T]]], *, first: int, size: int, key: Callable[[T], Any]
    ) -> None:
        self._fetch = fetch
        self._cursor: Callable[[], _Cursor[T]] = lambda: _Cursor(first, size, key)

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Iterate over the pages. A page that has to be read again appears again, with its new items only."""
        cursor = self._cursor()
        while not cursor.done:
            try:
                fetched = await self._fetch(cursor.number)
            except AnswerError:
                if cursor.probing:
                    return
                raise
            page = cursor.take(fetched)
            if page is not None:
                yield page

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item
