"""``AsyncTavus`` without its event loop: in another loop, after its own has ended, and outside of asyncio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import tavus_consent as tc
from tavus_consent.ledger import AsyncLedger
from tavus_consent.preflight import preflight_async
from tavus_consent.testing import FakeTavus


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with FakeTavus().serve() as served:
        yield served


async def use(tavus: tc.AsyncTavus) -> None:
    with pytest.raises(tc.BadRequestError):
        await tavus.replicas.get("r0")


def test_closing_in_another_loop_closes_nothing_and_says_where_to(url: str, tmp_path: Path) -> None:
    tavus = tc.AsyncTavus("fake-key", base_url=url, ledger=f"sqlite:///{tmp_path / 'consent.db'}")
    with asyncio.Runner() as first, asyncio.Runner() as second:
        first.run(use(tavus))
        with pytest.raises(tc.ClientClosedError, match=r"used in another event loop.* Await close\(\) there"):
            second.run(tavus.close())
        assert not tavus.closed
        first.run(use(tavus))
        assert first.run(tavus.consents.list()) == []
        first.run(tavus.close())
    assert tavus.closed


def test_closing_after_the_loop_has_ended_closes_the_rest(url: str, tmp_path: Path) -> None:
    tavus = tc.AsyncTavus(
        "fake-key",
        base_url=url,
        ledger=f"sqlite:///{tmp_path / 'consent.db'}",
        limits=tc.Limits(max_keepalive_connections=0),  # an idle one could not be closed at the end of this test
    )

    async def use_both() -> None:
        await use(tavus)
        await tavus.consents.list()

    asyncio.run(use_both())
    ledger = tavus.consents.ledger
    with pytest.raises(tc.ClientClosedError, match=r"event loop that has ended.* asyncio.run\(\)"):
        asyncio.run(tavus.close())
    assert tavus.closed
    assert ledger is not None
    with pytest.raises(tc.ClientClosedError, match="ledger is closed"):
        ledger.store.head()
    asyncio.run(tavus.close())  # nothing is left to do


def test_a_client_that_was_not_used_is_closed_anywhere(url: str) -> None:
    tavus = tc.AsyncTavus("fake-key", base_url=url)
    asyncio.run(tavus.close())
    assert tavus.closed


def test_a_client_of_the_callers_own_is_not_closed_in_any_loop() -> None:
    own = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(400)))
    tavus = tc.AsyncTavus("fake-key", http_client=own, ledger=None)
    asyncio.run(use(tavus))
    asyncio.run(tavus.close())
    assert not own.is_closed
    asyncio.run(own.aclose())


# Without asyncio: a coroutine is driven by hand, as trio and others drive it.

Call = Callable[[tc.AsyncTavus], Coroutine[Any, Any, Any]]


@pytest.mark.parametrize(
    "call",
    [
        lambda tavus: tavus.replicas.get("r1"),
        lambda tavus: tavus.replicas.wait("r1"),
        lambda tavus: tavus.videos.get("v1"),
        lambda tavus: tavus.raw.get_async_httpx_client().request("GET", "/v2/replicas"),
        lambda tavus: tavus.replicas.create_non_human(
            train_video_url="https://media.example/fox.mp4", attestation="a fox", attested_by="me"
        ),
        lambda tavus: tavus.consents.list(),
        lambda tavus: tavus.close(),
        lambda tavus: tavus.__aenter__(),
        lambda tavus: AsyncLedger.open("sqlite:///none/consent.db"),
        lambda tavus: preflight_async(train="https://media.example/fox.mp4"),
    ],
)
@pytest.mark.parametrize("ledger", [None, "default"])
def test_outside_of_asyncio_it_says_what_to_do(url: str, call: Call, ledger: Any) -> None:
    tavus = tc.AsyncTavus("fake-key", base_url=url, ledger=ledger)
    with pytest.raises(tc.ConfigurationError, match=r"only runs on asyncio.* trio\.to_thread\.run_sync") as caught:
        call(tavus).send(None)
    assert caught.value.__context__ is None


def test_many_threads_may_have_a_loop_and_a_client_each(url: str) -> None:
    found: list[bool] = []

    async def run() -> None:
        async with tc.AsyncTavus("fake-key", base_url=url, ledger=None) as tavus:
            await use(tavus)
        found.append(tavus.closed)

    threads = [threading.Thread(target=lambda: asyncio.run(run())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 3
