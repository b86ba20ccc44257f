"""The callers that send for namespaces and for generated functions: ``SyncCaller`` and ``AsyncCaller``.

They hand out our transport, which has the timeouts, retries, errors and redaction; and they page and patch.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from tavus_consent import errors
from tavus_consent._arguments import check_count
from tavus_consent._frames import hides_locals
from tavus_consent._redaction import redact_url
from tavus_consent.paging import AsyncPager, Page, Pager

from .patches import patch_for

if TYPE_CHECKING:
    from tavus_api.types import Paging, PatchOperation, Response

    from .transport import AsyncHTTP, SyncHTTP

P = TypeVar("P")
T = TypeVar("T")


def page_of(parsed: P, items: Callable[[P], Sequence[T] | None], paging: Paging, number: int) -> Page[T]:
    """A page of a list."""
    total = getattr(parsed, paging.total, None) if paging.total and paging.numbered else None
    return Page(tuple(items(parsed) or ()), total if isinstance(total, int) else None, number)


def page_options(paging: Paging, page_size: int | None) -> dict[str, Any]:
    """How a pager goes through a list."""
    size = paging.size if page_size is None else check_count(page_size, "page_size")
    if not paging.numbered:
        size = sys.maxsize  # the only page is always the last one
    # of a size that is not known no page is short: the list ends with an empty page
    return {"first": paging.first, "size": size or 0, "key": lambda item: identity(item, paging.key)}


def identity(item: Any, key: str | None) -> Any:
    """What tells an item from others: its id, or all of it."""
    if key is not None:
        value = getattr(item, key, None)
        if isinstance(value, (str, int)):
            return value
    data = item.to_dict() if hasattr(item, "to_dict") else item
    return json.dumps(data, sort_keys=True, default=str)


def check_patch(operations: Sequence[PatchOperation] | None, changes: Mapping[str, Any] | None) -> None:
    """Refuse both or neither."""
    if (operations is None) == (changes is None):
        raise errors.InvalidRequestError("give either operations= (a JSON Patch) or changes=", field="operations")


def patch_from(
    there: Response[Any], changes: Mapping[str, Any], inside: str | None
) -> tuple[list[PatchOperation], str | None]:
    """The patch that makes the changes, and the ETag of what it is for."""
    from tavus_api.types import inside as taken_out

    data = json.loads(there.content)
    return patch_for(taken_out(data, inside) if inside else data, changes), there.headers.get("etag")


@hides_locals
class SyncCaller:
    """The ``client=`` of generated functions: ``get_replica.sync_detailed("r1", client=tavus.raw)``.

    It has the transport, retries, errors and redaction of the :class:`Tavus` it belongs to. It bypasses the consent
    gate: what a generated function sends is sent as it is.
    """

    def __init__(self, http: SyncHTTP) -> None:
        self._http = http

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={redact_url(str(self._http.base_url))!r})"

    def get_httpx_client(self) -> SyncHTTP:
        """The client that sends."""
        return self._http

    def pages(
        self,
        fetch: Callable[[int, int | None], Response[P]],
        items: Callable[[P], Sequence[T] | None],
        paging: Paging,
        page_size: int | None,
        request: Mapping[str, Any],
    ) -> Pager[T]:
        """A list that asks for page after page; what could not be sent later is refused now."""
        options = page_options(paging, page_size)
        self._http.check_request(request)

        @hides_locals
        def one(number: int) -> Page[T]:
            return page_of(fetch(number, page_size or paging.size).parsed, items, paging, number)

        return Pager(one, **options)

    def patch(
        self,
        read: Callable[[], Response[Any]] | None,
        change: Callable[[Sequence[PatchOperation], str | None], Response[T]],
        operations: Sequence[PatchOperation] | None,
        changes: Mapping[str, Any] | None,
        inside: str | None,
    ) -> Response[T] | None:
        """Send a JSON Patch, made of the changes if there are any; None when it changes nothing."""
        check_patch(operations, changes)
        etag = None
        if changes is not None and read is not None:
            operations, etag = patch_from(read(), changes, inside)
        if not operations:
            return None
        answer = change(list(operations), etag)
        return answer if answer.status_code != 304 else None


@hides_locals
class AsyncCaller:
    """The ``client=`` of generated functions: ``await get_replica.asyncio_detailed("r1", client=tavus.raw)``.

    It has the transport, retries, errors and redaction of the :class:`AsyncTavus` it belongs to. It bypasses the
    consent gate: what a generated function sends is sent as it is.
    """

    def __init__(self, http: AsyncHTTP) -> None:
        self._http = http

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={redact_url(str(self._http.base_url))!r})"

    def get_async_httpx_client(self) -> AsyncHTTP:
        """The client that sends."""
        return self._http

    def pages(
        self,
        fetch: Callable[[int, int | None], Awaitable[Response[P]]],
        items: Callable[[P], Sequence[T] | None],
        paging: Paging,
        page_size: int | None,
        request: Mapping[str, Any],
    ) -> AsyncPager[T]:
        """A list that asks for page after page; what could not be sent later is refused now."""
        options = page_options(paging, page_size)
        self._http.check_request(request)

        @hides_locals
        async def one(number: int) -> Page[T]:
            return page_of((await fetch(number, page_size or paging.size)).parsed, items, paging, number)

        return AsyncPager(one, **options)

    async def patch(
        self,
        read: Callable[[], Awaitable[Response[Any]]] | None,
        change: Callable[[Sequence[PatchOperation], str | None], Awaitable[Response[T]]],
        operations: Sequence[PatchOperation] | None,
        changes: Mapping[str, Any] | None,
        inside: str | None,
    ) -> Response[T] | None:
        """Send a JSON Patch, made of the changes if there are any; None when it changes nothing."""
        check_patch(operations, changes)
        etag = None
        if changes is not None and read is not None:
            operations, etag = patch_from(await read(), changes, inside)
        if not operations:
            return None
        answer = await change(list(operations), etag)
        return answer if answer.status_code != 304 else None
