# Derived from ../_async/callers.py by scripts/derive_sync.py, do not edit.
"""The ``client=`` argument of generated functions. It also builds pagers and patches for the namespaces.

Its HTTP client applies the timeouts, retries, errors and redaction of the SDK.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from tavus_consent._frames import hides_locals
from tavus_consent._redaction import redact_url
from tavus_consent.http.callers import body_of, check_patch, page_of, page_options, patch_from
from tavus_consent.paging import Page, Pager

if TYPE_CHECKING:
    from tavus_api.types import Paging, PatchOperation, Response
    from tavus_consent.http._sync.calls import Calls

P = TypeVar("P")
T = TypeVar("T")


@hides_locals
class SyncCaller:
    """The ``client=`` of generated functions: ``get_replica.sync_detailed("r1", client=tavus.raw)``.

    It shares the transport, retries, errors and redaction of the client it belongs to. It bypasses the
    consent gate: the request of a generated function is sent unchanged.
    """

    def __init__(self, http: Calls) -> None:
        self._http = http

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={redact_url(str(self._http.base_url))!r})"

    def get_httpx_client(self) -> Calls:
        """Return the HTTP client that sends the requests."""
        return self._http

    def pages(
        self,
        fetch: Callable[[int, int | None], Response[P]],
        items: Callable[[P], Sequence[T] | None],
        paging: Paging,
        page_size: int | None,
        request: Mapping[str, Any],
    ) -> Pager[T]:
        """Return a pager that fetches one page after another. Refuse an invalid request before the first page."""
        options = page_options(paging, page_size)
        self._http.check_request(request)

        @hides_locals
        def one(number: int) -> Page[T]:
            return page_of((fetch(number, page_size or paging.size)).parsed, items, paging, number)

        return Pager(one, **options)

    def body(
        self, members: Mapping[str, Any], nullable: Mapping[str, Any], extra: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """Return the body of a request. Refuse further members that have arguments of their own."""
        return body_of(members, nullable, extra)

    def patch(
        self,
        read: Callable[[], Response[Any]] | None,
        change: Callable[[Sequence[PatchOperation], str | None], Response[T]],
        operations: Sequence[PatchOperation] | None,
        changes: Mapping[str, Any] | None,
        inside: str | None,
    ) -> Response[T] | None:
        """Send a JSON Patch, or build one from ``changes``. Return ``None`` if there is nothing to change."""
        check_patch(operations, changes)
        etag = None
        if changes is not None and read is not None:
            operations, etag = patch_from(read(), changes, inside)
        if not operations:
            return None
        answer = change(list(operations), etag)
        return answer if answer.status_code != 304 else None
