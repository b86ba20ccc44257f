"""Connections that the pool keeps, and connections that it closes."""

from __future__ import annotations

import asyncio
import ssl
import sys
import threading
from contextlib import closing
from typing import Any

import httpx
import pytest

import tavus_consent as tc
from tavus_consent.http.connections import DeadlineTransport

from .conftest import Connection, every


class Meeting:
    """Answers when so many requests are there at once; counts the connections that the client closes."""

    def __init__(self, size: int) -> None:
        self.barrier = threading.Barrier(size)
        self.gone = threading.Semaphore(0)

    def __call__(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            if b"verbose" in request:
                self.barrier.wait(30)
            connection.reply()
        self.gone.release()


def make(url: str, **limits: Any) -> tc.AsyncTavus:
    return tc.AsyncTavus("key-for-tests", base_url=url, limits=tc.Limits(**limits))


async def together(tavus: tc.AsyncTavus, size: int) -> None:
    await asyncio.gather(*(tavus.replicas.get("r1", verbose=True) for _ in range(size)))


async def test_connections_are_used_again(make_server: Any) -> None:
    server = make_server(Meeting(3))
    async with make(server.url) as tavus:
        for _ in range(4):
            await together(tavus, 3)
    assert server.connections == 3


async def test_no_more_idle_connections_are_kept_than_allowed(make_server: Any) -> None:
    server = make_server(Meeting(3))
    async with make(server.url, max_keepalive_connections=1) as tavus:
        await together(tavus, 3)
        for _ in range(2):
            assert await asyncio.to_thread(server.behave.gone.acquire, timeout=30)
        await tavus.replicas.get("r1")
    assert server.connections == 3


async def test_connections_that_were_idle_for_long_are_closed(make_server: Any) -> None:
    server = make_server(Meeting(3))
    async with make(server.url, keepalive_expiry=0.0) as tavus:
        await together(tavus, 3)
        await tavus.replicas.get("r1")
        for _ in range(3):
            assert await asyncio.to_thread(server.behave.gone.acquire, timeout=30)


def test_threads_keep_no_more_idle_connections_than_allowed(make_server: Any) -> None:
    server = make_server(Meeting(1))
    with tc.Tavus("key-for-tests", base_url=server.url, limits=tc.Limits(max_keepalive_connections=0)) as tavus:
        for _ in range(2):
            tavus.replicas.get("r1")
            assert server.behave.gone.acquire(timeout=30)
    assert server.connections == 2


def test_an_async_client_belongs_to_one_event_loop(make_server: Any) -> None:
    server = make_server(every(Connection.reply))
    tavus = make(server.url)

    async def one_call() -> None:
        await tavus.replicas.get("r1")

    with asyncio.Runner() as first, asyncio.Runner() as second:
        first.run(one_call())
        with pytest.raises(tc.ClientClosedError, match=r"another event loop.* within each asyncio.run\(\)"):
            second.run(one_call())
        first.run(one_call())
        first.run(tavus.close())
    assert len(server.requests) == 2


class Given(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport of the caller's that counts how often it is closed."""

    closed = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


def test_a_given_transport_is_closed_with_the_client_only(make_client: Any) -> None:
    given = Given()
    client = make_client(transport=given)
    for _ in range(2):
        with pytest.raises(tc.ConnectionFailedError):
            client(lambda tavus: tavus.replicas.get("r1"))
    assert given.closed == 0
    for _ in range(2):
        client(lambda tavus: tavus.close())
    assert given.closed == 1


@pytest.mark.parametrize(
    "proxy", ["ftp://me:s3cret@proxy.example", "http://me:s3cret/word@proxy.example:x", "socks5://h"]
)
def test_a_proxy_that_cannot_be_used_is_refused_at_once(monkeypatch: Any, kind: str, proxy: str) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    with pytest.raises(tc.ConfigurationError, match="give http://host:port") as caught:
        (tc.Tavus if kind == "sync" else tc.AsyncTavus)("key-for-tests", proxy=proxy)
    # what httpx says of it holds the password
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_a_pool_without_connections_is_refused(kind: str) -> None:
    with pytest.raises(tc.ConfigurationError, match="max_connections takes a whole number of 1 or more"):
        (tc.Tavus if kind == "sync" else tc.AsyncTavus)("key-for-tests", limits=tc.Limits(max_connections=0))


def test_an_exchange_without_time_is_not_begun(make_server: Any) -> None:
    server = make_server(every(Connection.reply))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with closing(DeadlineTransport(verify=tls, proxy=None, keepalive_expiry=1)) as transport:
        request = httpx.Request("GET", server.url, extensions={"timeout": {"read": 0.0}})
        with pytest.raises(httpx.ConnectTimeout):
            transport.handle_request(request)
    assert server.requests == []
