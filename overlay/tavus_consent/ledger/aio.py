"""The ledger for asyncio: everything happens in worker threads, so the event loop never waits for a disk or a lock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from tavus_consent._frames import hides_locals
from tavus_consent._loop import in_thread
from tavus_consent.consent.events import Event

from . import Ledger, open_ledger

T = TypeVar("T")
_PAGE: Final = 500


@hides_locals
class AsyncLedger:
    """A ledger whose calls run in worker threads.

    There is one method for all of them, so that nothing can differ from the sync ledger::

        event = await ledger.run(lambda it: it.store.append(draft))

    A cancelled call may still be carried out: its thread cannot be stopped. An intent that was written so stays open.

    Args:
        ledger: The ledger to use; it is closed with this one.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @classmethod
    async def open(cls, url: str | None = None, **options: Any) -> Self:
        """Open a ledger; takes what :func:`open_ledger` takes, and raises what it raises."""
        return cls(await in_thread(partial(open_ledger, url, **options)))

    async def run(self, call: Callable[[Ledger], T]) -> T:
        """Run a call on the ledger in a worker thread.

        Args:
            call: Given the ledger; whatever it raises is raised here.
        """
        return await in_thread(partial(call, self._ledger))

    async def events(self, record_id: str | None = None, after: int = 0) -> AsyncIterator[Event]:
        """The events in order, as :meth:`EventStore.events` gives them, some hundreds for each thread."""
        found = self._ledger.store.events(record_id, after)
        while page := await in_thread(lambda: list(islice(found, _PAGE))):
            for event in page:
                yield event

    async def close(self) -> None:
        """Close all connections. Closing twice is fine."""
        await in_thread(self._ledger.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
