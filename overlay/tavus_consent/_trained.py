"""What ``tavus.replicas`` and ``tavus.faces`` do, whatever it is called. Sync and async stand next to each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from . import errors
from ._creating import creating
from ._replica_rules import Era, is_ready, late, newest_first, was_created
from ._steps import run, run_async
from ._waiting import Waiter, wait, wait_async
from .paging import AsyncPager, Pager
from .results import Replica

if TYPE_CHECKING:
    from tavus_api.namespaces._base import Paging

    from .client import AsyncTavus, Tavus
    from .consent import Attestation, SpokenConsent
    from .consent.record import ConsentRecord

R = TypeVar("R", bound=Replica)

# The first page and the default size of these lists are not documented; other clients begin at 1 and ask for 50 to
# 1,000 items.
PAGE_SIZE: Final = 100
DEFAULT_WAIT: Final = 8 * 3600.0
"""Seconds. Tavus's guides give 3 to 6 hours for a training."""
POLL_INTERVAL: Final = 30.0


def _paging() -> Paging:
    from tavus_api.namespaces._base import Paging

    return Paging(first=1, key="replica_id")


class Trained(Generic[R]):
    """Calls of a sync client."""

    _era: ClassVar[Era[Any]]

    def __init__(self, client: Tavus) -> None:
        self._client = client
        self._caller = client._make_caller()

    def _create(
        self,
        consent: SpokenConsent | ConsentRecord | Attestation,
        body_for: Callable[..., dict[str, Any]],
        train_video_url: str | None,
    ) -> R:
        steps = creating(
            self._era,
            consent,
            body_for,
            send=lambda body: self._caller.call(self._era.operation("create"), body=body),
            deadline=self._client._settings.timeout.deadline,
            train_video_url=train_video_url,
        )
        made: R = run(self._client, steps)
        return made

    def _read(self, data: Mapping[str, Any]) -> R:
        made: R = self._era.read(data)
        return made

    def _get(self, thing_id: str, verbose: bool | None) -> R:
        path, query = self._era.path(thing_id), {} if verbose is None else {"verbose": verbose}
        return self._read(self._caller.call(self._era.operation("get"), path=path, query=query))

    def _list(self, filters: Mapping[str, Any], page_size: int) -> Pager[R]:
        operation = self._era.operation("list")
        return self._caller.pages(operation, _paging(), self._read, query=filters, page_size=page_size)

    def _rename(self, thing_id: str, name: str) -> None:
        path, body = self._era.path(thing_id), self._era.rename(name)
        self._caller.call(self._era.operation("rename"), path=path, body=body)

    def _delete(self, thing_id: str, hard: bool | None) -> None:
        path, query = self._era.path(thing_id), {} if hard is None else {"hard": hard}
        self._caller.call(self._era.operation("delete"), path=path, query=query)

    def _wait(
        self, thing_id: str, timeout: float, poll_interval: float, on_progress: Callable[[R], object] | None
    ) -> R:
        waiter = Waiter[R](self._client, timeout, poll_interval, is_ready=is_ready, late=late)
        return wait(lambda: self._get(thing_id, None), waiter, on_progress)

    def _find_created(self, error: errors.OutcomeUnknownError) -> tuple[R, ...]:
        mine = self._list({f"{self._era.noun}_type": "user"}, PAGE_SIZE)
        return newest_first([one for one in mine if was_created(one, error)])


class AsyncTrained(Generic[R]):
    """Calls of an async client."""

    _era: ClassVar[Era[Any]]

    def __init__(self, client: AsyncTavus) -> None:
        self._client = client
        self._caller = client._make_caller()

    async def _create(
        self,
        consent: SpokenConsent | ConsentRecord | Attestation,
        body_for: Callable[..., dict[str, Any]],
        train_video_url: str | None,
    ) -> R:
        steps = creating(
            self._era,
            consent,
            body_for,
            send=lambda body: self._caller.call(self._era.operation("create"), body=body),
            deadline=self._client._settings.timeout.deadline,
            train_video_url=train_video_url,
        )
        made: R = await run_async(self._client, steps)
        return made

    def _read(self, data: Mapping[str, Any]) -> R:
        made: R = self._era.read(data)
        return made

    async def _get(self, thing_id: str, verbose: bool | None) -> R:
        path, query = self._era.path(thing_id), {} if verbose is None else {"verbose": verbose}
        return self._read(await self._caller.call(self._era.operation("get"), path=path, query=query))

    def _list(self, filters: Mapping[str, Any], page_size: int) -> AsyncPager[R]:
        operation = self._era.operation("list")
        return self._caller.pages(operation, _paging(), self._read, query=filters, page_size=page_size)

    async def _rename(self, thing_id: str, name: str) -> None:
        path, body = self._era.path(thing_id), self._era.rename(name)
        await self._caller.call(self._era.operation("rename"), path=path, body=body)

    async def _delete(self, thing_id: str, hard: bool | None) -> None:
        path, query = self._era.path(thing_id), {} if hard is None else {"hard": hard}
        await self._caller.call(self._era.operation("delete"), path=path, query=query)

    async def _wait(
        self,
        thing_id: str,
        timeout: float,
        poll_interval: float,
        on_progress: Callable[[R], object] | Callable[[R], Awaitable[object]] | None,
    ) -> R:
        waiter = Waiter[R](self._client, timeout, poll_interval, is_ready=is_ready, late=late)
        return await wait_async(lambda: self._get(thing_id, None), waiter, on_progress)

    async def _find_created(self, error: errors.OutcomeUnknownError) -> tuple[R, ...]:
        mine = self._list({f"{self._era.noun}_type": "user"}, PAGE_SIZE)
        return newest_first([one async for one in mine if was_created(one, error)])
