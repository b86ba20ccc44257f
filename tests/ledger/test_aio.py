"""The ledger for asyncio: the same results, without blocking the event loop."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from tavus_consent import ClientClosedError, LedgerConflict
from tavus_consent.ledger import AsyncLedger, Ledger, open_ledger

from .support import ENVIRON, draft, lines


async def open_async(url: str) -> AsyncLedger:
    return await AsyncLedger.open(url, environ=ENVIRON, key_folder=Path("unused"))


async def test_the_async_ledger_does_what_the_sync_one_does(url: str) -> None:
    async with await open_async(url) as ledger:
        event = await ledger.run(lambda it: it.store.append(draft()))
        ref = await ledger.run(lambda it: it.vault.put("s1", "name", b"Rio"))
    with open_ledger(url, environ=ENVIRON) as sync:
        assert list(sync.store.events()) == [event]
        assert sync.vault.get("s1", "name", ref) == b"Rio"


async def test_events_come_in_order_across_pages(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tavus_consent.ledger.aio._PAGE", 5)
    async with await open_async(sqlite_url) as ledger:
        await ledger.run(lambda it: it.store.import_lines(lines(12)))
        assert [event.seq async for event in ledger.events(after=1)] == list(range(2, 13))
        assert [event.seq async for event in ledger.events("r2")] == [2, 7, 12]


async def test_the_loop_goes_on_while_a_write_waits(url: str) -> None:
    """The lock is given back by the loop itself: a loop that waited for it would wait for ever."""
    async with await open_async(url) as waiting:
        held, release = threading.Event(), threading.Event()

        def hold(ledger: Ledger) -> None:
            with ledger._database.write():
                held.set()
                assert release.wait(20)

        async with await open_async(url) as other:
            holding = asyncio.create_task(other.run(hold))
            while not held.is_set():
                await asyncio.sleep(0)
            appending = asyncio.create_task(waiting.run(lambda it: it.store.append(draft())))
            for _ in range(100):
                await asyncio.sleep(0)
            assert not appending.done()
            release.set()
            assert (await appending).seq == 1
            await holding


async def test_many_tasks_append_without_forking(url: str) -> None:
    async with await open_async(url) as ledger:
        await asyncio.gather(
            *(ledger.run(lambda it, number=number: it.store.append(draft(number))) for number in range(1, 31))
        )
        found = await ledger.run(lambda it: it.store.verify())
    assert (found.ok, found.head.size) == (True, 30)


async def test_an_error_is_raised_where_it_is_awaited(sqlite_url: str) -> None:
    async with await open_async(sqlite_url) as ledger:
        with pytest.raises(LedgerConflict):
            await ledger.run(lambda it: it.store.append(draft(), expect_state_version=5))


async def test_a_closed_ledger_says_so(sqlite_url: str) -> None:
    ledger = await open_async(sqlite_url)
    await ledger.close()
    with pytest.raises(ClientClosedError):
        await ledger.run(lambda it: it.store.head())
