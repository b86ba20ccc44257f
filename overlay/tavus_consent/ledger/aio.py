"""The ledger for asyncio. Its calls run in worker threads, so the event loop never waits for a disk or a lock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from tavus_consent._frames import hides_locals
from tavus_consent._loop import in_thread
from tavus_consent.consent.events import Event

from .ledger import Ledger, open_ledger

T = TypeVar("T")
_PAGE: Final = 500


@hides_locals
class AsyncLedger:
    """A ledger whose calls run in worker threads.

    One method serves all calls, so the async ledger cannot differ from the sync one::

        event = await ledger.run(lambda it: it.store.append(draft))

    A canceled call may still complete, because its thread cannot be stopped. The intent that it wrote then stays open.

    Args:
        ledger: The ledger to use. Closing this object closes it.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @classmethod
    async def open(cls, url: str | None = None, **options: Any) -> Self:
        """Open a ledger. Takes the arguments of :func:`open_ledger` and raises the same errors."""
        return cls(await in_thread(partial(open_ledger, url, **options)))

    async def run(self, call: Callable[[Ledger], T]) -> T:
        """Run a call on the ledger in a worker thread.

        Args:
            call: A function that takes the ledger. Its exceptions are raised here.
        """
        return await in_thread(partial(call, self._ledger))

    async def events(self, record_id: str | None = None, after: int = 0) -> AsyncIterator[Event]:
        """Yield the events in order, as :meth:`EventStore.events` does, a few hundred for each thread."""
        found = self._ledger.store.events(record_id, after)
        while page := await in_thread(lambda: list(islice(found, _PAGE))):
            for event in page:
                yield event

    async def close(self) -> None:
        """Close all connections. You can call it twice."""
        await in_thread(self._ledger.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
