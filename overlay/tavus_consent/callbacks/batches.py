"""Writes to a mailbox. Async writes that wait at the same time share a transaction, and so one wait for the disk."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tavus_consent._loop import in_thread

from .mailbox import Op
from .opening import MailboxOpener

if TYPE_CHECKING:
    import asyncio


class Batches:
    """Writes of sync code, one after the other."""

    def __init__(self, opener: MailboxOpener) -> None:
        self._opener = opener

    def do(self, name: str, *arguments: Any) -> Any:
        """Write, and return the result when it is on the disk."""
        return self._opener.mailbox().batch([(name, arguments)])[0]


class AsyncBatches:
    """Writes of async code, all that are waiting at a moment together."""

    def __init__(self, opener: MailboxOpener) -> None:
        self._opener = opener
        self._waiting: list[tuple[Op, asyncio.Future[Any]]] = []
        self._task: asyncio.Task[None] | None = None

    async def do(self, name: str, *arguments: Any) -> Any:
        """Write, and return the result when it is on the disk."""
        import asyncio

        if self._opener.is_instant:
            return self._opener.mailbox().batch([(name, arguments)])[0]
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        self._waiting.append(((name, arguments), done))
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._task = loop.create_task(self._write())
        return await done

    async def _write(self) -> None:
        import asyncio

        while self._waiting:
            batch, self._waiting = self._waiting, []
            ops = [op for op, _ in batch]
            try:
                results = await in_thread(lambda ops=ops: self._opener.mailbox().batch(ops))  # type: ignore[misc]  # of the loop
            except Exception as error:
                for _, done in batch:
                    with suppress(asyncio.InvalidStateError):  # the caller was canceled
                        done.set_exception(error)
            else:
                for (_, done), result in zip(batch, results, strict=True):
                    with suppress(asyncio.InvalidStateError):
                        done.set_result(result)
