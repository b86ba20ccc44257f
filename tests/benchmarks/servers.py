"""Processes for the benchmarks: a server with little overhead, and a load generator for servers."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ANSWER = b'{"replica_id":"rf4e9d9790f0","status":"started"}'


def whole_requests(buffer: bytes) -> tuple[int, bytes]:
    """Return the number of whole HTTP/1.1 messages in a buffer, and the rest of the buffer."""
    count = 0
    while (end := buffer.find(b"\r\n\r\n")) >= 0:
        head = buffer[:end].lower()
        start = head.find(b"content-length:")
        length = int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
        if len(buffer) < end + 4 + length:
            break
        buffer = buffer[end + 4 + length :]
        count += 1
    return count, buffer


class _Constant(asyncio.Protocol):
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(ANSWER) + ANSWER

    def connection_made(self, transport: Any) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        count, self.buffer = whole_requests(self.buffer + data)
        self.transport.write(self.answer * count)


def _serve_constant(ports: Any) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(_Constant, "127.0.0.1", 0, backlog=1024)
        ports.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


@contextmanager
def constant_server() -> Iterator[str]:
    """A server that answers every request with the same replica; yields its URL."""
    context = multiprocessing.get_context("spawn")
    ports = context.Queue()
    process = context.Process(target=_serve_constant, args=(ports,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ports.get(timeout=30)}"
    finally:
        process.kill()
        process.join()


class _Load(asyncio.Protocol):
    def __init__(self, request: bytes, counts: list[int]) -> None:
        self.request, self.counts, self.buffer = request, counts, b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        count, self.buffer = whole_requests(self.buffer + data)
        for _ in range(count):
            self.counts[0] += 1
            self.transport.write(self.request)


def requests_per_second(host: str, port: int, request: bytes, *, connections: int = 16, seconds: float = 4.0) -> float:
    """Answers per second that a server gives to this request on so many connections, one at a time on each."""

    async def main() -> float:
        counts = [0]
        loop = asyncio.get_running_loop()
        transports = [
            (await loop.create_connection(lambda: _Load(request, counts), host, port))[0] for _ in range(connections)
        ]
        await asyncio.sleep(1.0)  # warm
        counts[0], begin = 0, time.perf_counter()
        await asyncio.sleep(seconds)
        rate = counts[0] / (time.perf_counter() - begin)
        for transport in transports:
            transport.abort()
        return rate

    return asyncio.run(main())
