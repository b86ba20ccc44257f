"""A server on a real socket that misbehaves on request, and counts the requests that reach it."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

Behaviour = Callable[["Connection"], None]

GOOD_BODY = b'{"replica_id":"r1","status":"started"}'


class Connection:
    """One accepted connection: reads requests, writes raw bytes, or breaks."""

    def __init__(self, sock: socket.socket, server: Server) -> None:
        self.sock = sock
        self.server = server

    def read_request(self) -> bytes | None:
        """The next whole request, or ``None`` when the client has gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = self.sock.recv(65536)
            if not chunk:
                return None
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        length = int(lengths[0].partition(b":")[2]) if lengths else 0
        while len(body) < length:
            chunk = self.sock.recv(65536)
            if not chunk:
                return None
            body += chunk
        with self.server.lock:
            self.server.requests.append(head + b"\r\n\r\n" + body)
        return data

    def reply(self, status: int = 200, body: bytes = GOOD_BODY, *headers: str, length: int | None = None) -> None:
        lines = [f"HTTP/1.1 {status} x", f"content-length: {len(body) if length is None else length}", *headers]
        self.sock.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def stall(self) -> None:
        """Do nothing until the client or the test ends it."""
        self.server.stopping.wait(30)


class Server:
    """Accepts connections on loopback; each is served by ``behave`` in a thread."""

    def __init__(self, behave: Behaviour, context: ssl.SSLContext | None = None) -> None:
        self.behave = behave
        self.context = context
        self.requests: list[bytes] = []
        self.connections = 0
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self._sockets: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    @property
    def url(self) -> str:
        return f"{'https' if self.context else 'http'}://{self.host}"

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._socket.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError):
            if self.context is not None:
                sock = self.context.wrap_socket(sock, server_side=True)
            self._sockets.append(sock)
            with sock:
                self.behave(Connection(sock, self))

    def close(self) -> None:
        self.stopping.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for sock in self._sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive(), "a connection is served after the test"


@pytest.fixture
def make_server() -> Iterator[Callable[..., Server]]:
    """Start servers; they are stopped at the end."""
    servers: list[Server] = []

    def make(behave: Behaviour, **options: Any) -> Server:
        server = Server(behave, **options)
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.close()


def every(act: Behaviour) -> Behaviour:
    """Do the same after every request of a connection."""

    def behave(connection: Connection) -> None:
        while connection.read_request() is not None:
            act(connection)

    return behave
