"""What the namespaces are made of: what they need of whoever carries out their calls, and the types they share."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import IO, Any, Literal, NamedTuple, Protocol, Required, TypedDict, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Upload = str | os.PathLike[str] | IO[bytes]
"""A file to send: its path, or an object that is open for reading bytes. It is never read whole."""
Progress = Callable[[int, int | None], object]
"""Told while a file is sent: bytes sent so far, and bytes in all, if that is known."""


class File(NamedTuple):
    """A field of a form that is a file."""

    source: Upload


PatchOperation = TypedDict(
    "PatchOperation",
    {
        "op": Required[Literal["add", "remove", "replace", "move", "copy", "test"]],
        "path": Required[str],
        "from": str,
        "value": Any,
    },
    total=False,
)
"""One operation of a JSON Patch (RFC 6902)."""


class Paging(NamedTuple):
    """How a list pages.

    Attributes:
        first: Number of the first page.
        page: Query parameter that takes the number of a page, or None when there is one page only.
        limit: Query parameter that takes the size of a page, or None.
        size: How many items a page holds when nobody says, or None when that is not known.
        items: Where the items are in the answer, names separated by dots; None when the answer is the list.
        total: Where the number of all items is, or None.
        key: Member that tells one item from all others, or None.
    """

    first: int = 1
    page: str | None = "page"
    limit: str | None = "limit"
    size: int | None = 10
    items: str | None = "data"
    total: str | None = "total_count"
    key: str | None = None


class Page(Protocol[T_co]):
    """One page of a list."""

    @property
    def items(self) -> tuple[T_co, ...]:
        """Its items."""
        ...

    @property
    def total_count(self) -> int | None:
        """How many items all pages have, or ``None`` when the server does not say."""
        ...

    @property
    def number(self) -> int:
        """Number of the page."""
        ...


class Pager(Protocol[T_co]):
    """A list that pages by itself: iterate over it, or over its pages. Nothing is asked for before it is wanted."""

    def pages(self) -> Iterator[Page[T_co]]:
        """Iterate over the pages."""
        ...

    def __iter__(self) -> Iterator[T_co]: ...


class AsyncPager(Protocol[T_co]):
    """A list that pages by itself: iterate over it, or over its pages. Nothing is asked for before it is wanted."""

    def pages(self) -> AsyncIterator[Page[T_co]]:
        """Iterate over the pages."""
        ...

    def __aiter__(self) -> AsyncIterator[T_co]: ...


class Caller(Protocol):
    """Carries out calls."""

    def call(
        self,
        operation_id: str,
        *,
        path: Mapping[str, str] = ...,
        query: Mapping[str, Any] = ...,
        headers: Mapping[str, str] = ...,
        body: Any = ...,
        inside: str | None = ...,
        on_progress: Progress | None = ...,
    ) -> Any:
        """Carry out one operation.

        Args:
            operation_id: Which one.
            path: What goes into the path.
            query: What goes into the query; lists give a parameter several times.
            headers: Further headers.
            body: JSON, or the fields of a form.
            inside: Member of the answer that holds what is wanted; of a list, the first item.
            on_progress: Told while files are sent.

        Returns:
            The JSON of the answer, or None when there is none.
        """
        ...

    def pages(
        self,
        operation_id: str,
        paging: Paging,
        read: Callable[[Any], T],
        *,
        path: Mapping[str, str] = ...,
        query: Mapping[str, Any] = ...,
        headers: Mapping[str, str] = ...,
        page_size: int | None = ...,
    ) -> Pager[T]:
        """A list that asks for page after page."""
        ...

    def patch(
        self,
        operation_id: str,
        *,
        current: str | None = ...,
        inside: str | None = ...,
        path: Mapping[str, str] = ...,
        query: Mapping[str, Any] = ...,
        headers: Mapping[str, str] = ...,
        operations: Sequence[PatchOperation] | None,
        changes: Mapping[str, Any] | None,
        etag: bool = ...,
    ) -> tuple[bool, Any]:
        """Send a JSON Patch.

        Args:
            operation_id: Which operation.
            current: Operation that reads what is patched.
            inside: Member of the answer of ``current`` that holds it.
            path: What goes into the path.
            query: What goes into the query.
            headers: Further headers.
            operations: The patch.
            changes: Or the members to change, from which the patch is made.
            etag: Whether ``If-Match`` is understood, so that nobody else's change is overwritten.

        Returns:
            Whether anything changed, and the JSON of the answer, if there is one.
        """
        ...


class AsyncCaller(Protocol):
    """Carries out calls, asynchronously: see :class:`Caller`."""

    async def call(
        self,
        operation_id: str,
        *,
        path: Mapping[str, str] = ...,
        query: Mapping[str, Any] = ...,
        headers: Mapping[str, str] = ...,
        body: Any = ...,
        inside: str | None = ...,
        on_progress: Progress | None = ...,
    ) -> Any:
        """Carry out one operation."""
        ...

    def pages(
        self,
        operation_id: str,
        paging: Paging,
        read: Callable[[Any], T],
        *,
        path: Mapping[str, str] = ...,
        query: Mapping[str, Any] = ...,
        headers: Mapping[str, str] = ...,
        page_size: int | None = ...,
    ) -> AsyncPager[T]:
        """A list that asks for page after page."""
        ...

    async def patch(
        self,
        operation_id: str,
        *,
        current: str | None = ...,
        inside: str | None = ...,
        path: Mapping[str, str] = ...,
        query: Mapping[str, Any] = ...,
        headers: Mapping[str, str] = ...,
        operations: Sequence[PatchOperation] | None,
        changes: Mapping[str, Any] | None,
        etag: bool = ...,
    ) -> tuple[bool, Any]:
        """Send a JSON Patch."""
        ...


def given(members: Mapping[str, Any]) -> dict[str, Any]:
    """Those that have a value: what is None is not sent."""
    return {name: value for name, value in members.items() if value is not None}


def given_or_null(members: Mapping[str, Any]) -> dict[str, Any]:
    """Those that were given; here None is a value."""
    return {name: value for name, value in members.items() if value is not ...}


def commas(values: Sequence[Any] | None) -> str | None:
    """Several values in one parameter."""
    return None if values is None else ",".join(map(str, values))


def file(source: Upload | None) -> File | None:
    """A file as the field of a form."""
    return None if source is None else File(source)


def files(sources: Sequence[Upload] | None) -> list[File] | None:
    """Several files as one field of a form."""
    return None if sources is None else [File(source) for source in sources]
