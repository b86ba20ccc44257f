# Derived from ../_async/likenesses.py by scripts/derive_sync.py, do not edit.
"""Requests about replicas and faces that do not create one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from tavus_consent.gate.context import Context
from tavus_consent.gate.likeness import LikenessKind
from tavus_consent.paging import Pager
from tavus_consent.results import Replica

if TYPE_CHECKING:
    from tavus_api.types import Response

R = TypeVar("R", bound=Replica)

# The first page and the default size of these lists are not documented; other clients start at 1 and ask for 50 to
# 1,000 items.
PAGE_SIZE: Final = 100


class LikenessCalls(Generic[R]):
    """Reads, lists, renames and deletes likenesses of one kind."""

    def __init__(self, context: Context, kind: LikenessKind[R]) -> None:
        self._context, self._kind = context, kind

    def get(self, likeness_id: str, verbose: bool | None = None) -> R:
        """Read one."""
        endpoint = self._kind.endpoint("get")
        return self._kind.read(endpoint.sync_detailed(likeness_id, client=self._context.caller, verbose=verbose))

    def list(self, filters: Mapping[str, Any], page_size: int = PAGE_SIZE) -> Pager[R]:
        """List the likenesses that match the filters."""
        from tavus_api.types import Paging

        endpoint, caller = self._kind.endpoint("list"), self._context.caller

        def fetch(number: int, size: int | None) -> Response[Any]:
            answer: Response[Any] = endpoint.sync_detailed(client=caller, **filters, page=number, limit=size)
            return answer

        paging = Paging(first=1, total="total_count", key="replica_id")
        pager = caller.pages(fetch, self._kind.items, paging, page_size, endpoint._get_kwargs(**filters))
        return cast("Pager[R]", pager)

    def list_own(self) -> Pager[R]:
        """List the account's own likenesses."""
        return self.list({f"{self._kind.noun}_type": "user"})

    def rename(self, likeness_id: str, name: str) -> None:
        """Rename one."""
        body = self._kind.rename(name)
        self._kind.endpoint("rename").sync_detailed(likeness_id, client=self._context.caller, body=body)

    def delete(self, likeness_id: str, hard: bool | None = None) -> None:
        """Delete one."""
        self._kind.endpoint("delete").sync_detailed(likeness_id, client=self._context.caller, hard=hard)
