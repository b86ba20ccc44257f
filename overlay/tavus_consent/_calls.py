"""What carries out the calls of the generated namespaces: ``Caller`` and ``AsyncCaller`` on our transport.

A namespace says which operation it means and what goes where. From there on a call is like any other one: the transport
has its timeouts, retries, errors and redaction.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from tavus_api.operations import OPERATIONS, Operation

from . import errors
from ._arguments import check_count, check_id, check_query
from ._decode import UnusableBody, check_shape
from ._frames import hides_locals
from ._patches import patch_for
from ._uploads import sending
from .paging import AsyncPager, Page, Pager

if TYPE_CHECKING:
    import httpx

    from tavus_api.namespaces._base import Paging, PatchOperation, Progress

    from ._transport import AsyncHTTP, CheckedResponse, SyncHTTP

T = TypeVar("T")

_NOTHING: Final[Mapping[str, Any]] = {}


def fill(template: str, path: Mapping[str, str]) -> str:
    """The path of a request."""
    for name, value in path.items():
        template = template.replace(f"{{{name}}}", check_id(value, name))
    return template


def data_of(response: httpx.Response, operation: Operation, inside: str | None, path: Mapping[str, str]) -> Any:
    """The JSON that an answer brought, out of its envelope; None when there is none."""
    data = response.json() if operation.answer is not None and response.status_code != 304 else None
    if data is None:
        return None
    try:
        found, shape = _unwrap(data, operation, inside)
        if operation.retry == "safe":  # what changed something has happened, whatever the answer is about
            _check_same(found, shape, path)
    except UnusableBody as problem:
        raise cast("CheckedResponse", response).refuse(problem) from None
    return found


def _unwrap(data: Any, operation: Operation, inside: str | None) -> tuple[Any, Mapping[str, Any]]:
    """Return the data inside the envelope, and its shape in the specification."""
    if inside is None:
        return data, operation.answer
    # Some operations answer with or without the envelope, by age; what is within was held against the spec already.
    shape = operation.answer["properties"][inside]
    item = shape.get("items", shape)
    if inside not in data:
        check_shape(data, item)
        return data, item
    found = data[inside]
    if isinstance(found, list):
        if not found:
            raise UnusableBody(f"{inside} is empty")
        return found[0], item
    return found, item


def _check_same(found: Any, shape: Mapping[str, Any], path: Mapping[str, str]) -> None:
    """Refuse an answer about another thing than the one that was asked for."""
    for asked, value in path.items():
        for name in shape.get("required", ()):
            if (name == asked or name.endswith(f"_{asked}")) and found[name].casefold() != value.casefold():
                raise UnusableBody(f"{name} is not the one that was asked for")


def already_gone(operation: Operation, error: errors.ClientStatusError) -> bool:
    """A repeated delete finds nothing when the first one worked, though its answer was lost."""
    return operation.method == "DELETE" and error.attempts > 1 and error.status in (400, 404)


def page_query(paging: Paging, query: Mapping[str, Any], size: int | None, number: int) -> dict[str, Any]:
    """The query that asks for one page."""
    asked = dict(query)
    if paging.page is not None:
        asked[paging.page] = number
    if paging.limit is not None and size is not None:
        asked[paging.limit] = size
    return asked


def page_of(data: Any, paging: Paging, read: Callable[[Any], T], number: int) -> Page[T]:
    """A page from an answer that was held against the spec."""
    found: Any = data
    for name in paging.items.split(".") if paging.items else ():
        found = found.get(name) if isinstance(found, Mapping) else None
    total = data.get(paging.total) if paging.total and paging.page and isinstance(data, Mapping) else None
    return Page(tuple(read(item) for item in found or ()), total if isinstance(total, int) else None, number)


def page_options(paging: Paging, page_size: int | None) -> dict[str, Any]:
    """How a pager goes through a list."""
    size = paging.size if page_size is None else check_count(page_size, "page_size")
    if paging.page is None:
        size = sys.maxsize  # the only page is always the last one
    # of a size that is not known no page is short: the list ends with an empty page
    return {"first": paging.first, "size": size or 0, "key": lambda item: identity(item, paging.key)}


def identity(item: Any, key: str | None) -> Any:
    """What tells an item from others: its id, or all of it."""
    if key is not None:
        value = item.get(key) if isinstance(item, Mapping) else getattr(item, key, None)
        if isinstance(value, (str, int)):
            return value
    data = item.to_dict() if hasattr(item, "to_dict") else item
    return json.dumps(data, sort_keys=True, default=str)


def check_patch(operations: Sequence[PatchOperation] | None, changes: Mapping[str, Any] | None) -> None:
    """Refuse both or neither."""
    if (operations is None) == (changes is None):
        raise errors.InvalidRequestError("give either operations= (a JSON Patch) or changes=", field="operations")


class SyncCaller:
    """Carries out calls on a :class:`SyncHTTP`."""

    def __init__(self, http: SyncHTTP) -> None:
        self._http = http

    def call(
        self,
        operation_id: str,
        *,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, Any] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        body: Any = None,
        inside: str | None = None,
        on_progress: Progress | None = None,
    ) -> Any:
        operation = OPERATIONS[operation_id]
        response = self._request(operation, path, query, headers, body, on_progress)
        return None if response is None else data_of(response, operation, inside, path)

    def _request(
        self,
        operation: Operation,
        path: Mapping[str, str],
        query: Mapping[str, Any],
        headers: Mapping[str, str],
        body: Any,
        on_progress: Progress | None = None,
    ) -> httpx.Response | None:
        target = fill(operation.path, path)
        with sending(operation.sends, body, on_progress) as content:
            content["headers"] = {**content.get("headers", {}), **headers}
            try:
                return self._http.request(operation.method, target, params=check_query(query), **content)
            except errors.ClientStatusError as error:
                if not already_gone(operation, error):
                    raise
        return None

    def pages(
        self,
        operation_id: str,
        paging: Paging,
        read: Callable[[Any], T],
        *,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, Any] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        page_size: int | None = None,
    ) -> Pager[T]:
        fill(OPERATIONS[operation_id].path, path)  # refuses now what could not be sent later
        check_query(query)

        @hides_locals
        def fetch(number: int) -> Page[T]:
            asked = page_query(paging, query, page_size or paging.size, number)
            data = self.call(operation_id, path=path, query=asked, headers=headers)
            return page_of(data, paging, read, number)

        return Pager(fetch, **page_options(paging, page_size))

    def patch(
        self,
        operation_id: str,
        *,
        current: str | None = None,
        inside: str | None = None,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, Any] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        operations: Sequence[PatchOperation] | None,
        changes: Mapping[str, Any] | None,
        etag: bool = False,
    ) -> tuple[bool, Any]:
        check_patch(operations, changes)
        if changes is not None and current is not None:
            reading = OPERATIONS[current]
            there = self._request(reading, path, {}, {}, None)
            assert there is not None  # noqa: S101 - only a delete may come back without an answer
            operations = patch_for(data_of(there, reading, inside, path), changes)
            headers = if_match(there, headers, etag)
        if not operations:
            return False, None
        operation = OPERATIONS[operation_id]
        response = self._request(operation, path, query, headers, list(operations))
        assert response is not None  # noqa: S101 - see above
        return response.status_code != 304, data_of(response, operation, None, path)


class AsyncCaller:
    """Carries out calls on an :class:`AsyncHTTP`."""

    def __init__(self, http: AsyncHTTP) -> None:
        self._http = http

    async def call(
        self,
        operation_id: str,
        *,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, Any] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        body: Any = None,
        inside: str | None = None,
        on_progress: Progress | None = None,
    ) -> Any:
        operation = OPERATIONS[operation_id]
        response = await self._request(operation, path, query, headers, body, on_progress)
        return None if response is None else data_of(response, operation, inside, path)

    async def _request(
        self,
        operation: Operation,
        path: Mapping[str, str],
        query: Mapping[str, Any],
        headers: Mapping[str, str],
        body: Any,
        on_progress: Progress | None = None,
    ) -> httpx.Response | None:
        target = fill(operation.path, path)
        with sending(operation.sends, body, on_progress) as content:
            content["headers"] = {**content.get("headers", {}), **headers}
            try:
                return await self._http.request(operation.method, target, params=check_query(query), **content)
            except errors.ClientStatusError as error:
                if not already_gone(operation, error):
                    raise
        return None

    def pages(
        self,
        operation_id: str,
        paging: Paging,
        read: Callable[[Any], T],
        *,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, Any] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        page_size: int | None = None,
    ) -> AsyncPager[T]:
        fill(OPERATIONS[operation_id].path, path)  # refuses now what could not be sent later
        check_query(query)

        @hides_locals
        async def fetch(number: int) -> Page[T]:
            asked = page_query(paging, query, page_size or paging.size, number)
            data = await self.call(operation_id, path=path, query=asked, headers=headers)
            return page_of(data, paging, read, number)

        return AsyncPager(fetch, **page_options(paging, page_size))

    async def patch(
        self,
        operation_id: str,
        *,
        current: str | None = None,
        inside: str | None = None,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, Any] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        operations: Sequence[PatchOperation] | None,
        changes: Mapping[str, Any] | None,
        etag: bool = False,
    ) -> tuple[bool, Any]:
        check_patch(operations, changes)
        if changes is not None and current is not None:
            reading = OPERATIONS[current]
            there = await self._request(reading, path, {}, {}, None)
            assert there is not None  # noqa: S101 - only a delete may come back without an answer
            operations = patch_for(data_of(there, reading, inside, path), changes)
            headers = if_match(there, headers, etag)
        if not operations:
            return False, None
        operation = OPERATIONS[operation_id]
        response = await self._request(operation, path, query, headers, list(operations))
        assert response is not None  # noqa: S101 - see above
        return response.status_code != 304, data_of(response, operation, None, path)


def if_match(there: httpx.Response, headers: Mapping[str, str], etag: bool) -> Mapping[str, str]:
    """Headers by which a change is refused that somebody else's change would be lost in."""
    tag = there.headers.get("etag")
    return {"If-Match": tag, **headers} if etag and tag else headers
