"""Functions with which callers page through lists and turn changes into JSON Patches. Pure."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from tavus_consent import errors
from tavus_consent._arguments import check_count, check_extra
from tavus_consent.paging import Page

from .patches import patch_for

if TYPE_CHECKING:
    from tavus_api.types import Paging, PatchOperation, Response


P = TypeVar("P")
T = TypeVar("T")


def body_of(members: Mapping[str, Any], nullable: Mapping[str, Any], extra: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the body of a request, with further members."""
    from tavus_api.types import sendable

    body = sendable(members, nullable)
    return body if extra is None else {**body, **check_extra(extra, {*members, *nullable})}


def page_of(parsed: P, items: Callable[[P], Sequence[T] | None], paging: Paging, number: int) -> Page[T]:
    """Return one page of a list."""
    total = getattr(parsed, paging.total, None) if paging.total and paging.numbered else None
    return Page(tuple(items(parsed) or ()), total if isinstance(total, int) else None, number)


def page_options(paging: Paging, page_size: int | None) -> dict[str, Any]:
    """Return the arguments of a pager for a list."""
    size = paging.size if page_size is None else check_count(page_size, "page_size")
    if not paging.numbered:
        size = sys.maxsize  # the only page is always the last one
    # if the page size is unknown, no page counts as short, so the list ends with an empty page
    return {"first": paging.first, "size": size or 0, "key": lambda item: identity(item, paging.key)}


def identity(item: Any, key: str | None) -> Any:
    """Return the key that distinguishes an item from the others: its id, or the whole item as JSON."""
    if key is not None:
        value = getattr(item, key, None)
        if isinstance(value, (str, int)):
            return value
    data = item.to_dict() if hasattr(item, "to_dict") else item
    return json.dumps(data, sort_keys=True, default=str)


def check_patch(operations: Sequence[PatchOperation] | None, changes: Mapping[str, Any] | None) -> None:
    """Raise an error unless exactly one of the two arguments is given."""
    if (operations is None) == (changes is None):
        raise errors.InvalidRequestError("give either operations= (a JSON Patch) or changes=", field="operations")


def patch_from(
    there: Response[Any], changes: Mapping[str, Any], inside: str | None
) -> tuple[list[PatchOperation], str | None]:
    """Return the patch that makes the changes, and the ETag of the version that it applies to."""
    from tavus_api.types import inside as taken_out

    data = json.loads(there.content)
    return patch_for(taken_out(data, inside) if inside else data, changes), there.headers.get("etag")
