"""A server that echoes its requests in bodies, headers, status lines and redirects, in many encodings."""

from __future__ import annotations

import html
import json
import random
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import quote

Writing = Callable[[str], str]

WRITINGS: dict[str, Writing] = {
    "plain": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, slashes escaped": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON, Go": lambda text: (
        json.dumps(text)[1:-1].replace("&", "\\u0026").replace("<", "\\u003c").replace("=", "\\u003d")
    ),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[1:-1],
    "HTML": html.escape,
    "HTML, slashes escaped": lambda text: html.escape(text).replace("/", "&#x2F;").replace("=", "&#x3D;"),
    "percent": lambda text: quote(text, safe=""),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "Python": repr,
}

Form = Callable[[str], tuple[str, bytes]]

FORMS: dict[str, Form] = {
    "error": lambda text: ("application/json", json.dumps({"error": text}).encode()),
    "message": lambda text: ("application/json", json.dumps({"message": text}).encode()),
    "deep": lambda text: ("application/json", json.dumps({"errors": [{"input": [text], text: 1}]}).encode()),
    "text": lambda text: ("text/plain", json.dumps(text).encode()),
    "cut JSON": lambda text: ("application/json", json.dumps({"error": text}).encode()[:-2]),
    "HTML": lambda text: ("text/html", f"<html><pre>{text}</pre></html>".encode()),
    "long HTML": lambda text: ("text/html", f"<html>{'https://a.example/b?c=d ' * 600}<pre>{text}</pre>".encode()),
    "large JSON": lambda text: ("application/json", json.dumps({"error": text, "more": "x" * 70_000}).encode()),
}

ECHOED_IN = (
    "location",
    "x-echo",
    "x-request-id",
    "cf-ray",
    "set-cookie",
    "www-authenticate",
    "retry-after",
    "server",
    "date",
)


class Reply(NamedTuple):
    """The server's reaction to a request."""

    name: str
    status: int = 200
    writing: str = "plain"
    form: str = "error"
    #: instead of an echo in the body
    body: bytes | None = None
    #: what happens when the answer is sent, or instead of one
    end: str = ""
    #: how much of the answer is sent
    part: float = 1.0


def any_writing(rng: random.Random, name: str, status: int) -> Reply:
    return Reply(name, status, rng.choice(sorted(WRITINGS)), rng.choice(sorted(FORMS)))


class Hostile:
    """Listens on loopback, and replies to everything in the way that was set last."""

    def __init__(self, known: str) -> None:
        self.known = known
        self.reply = Reply("nothing yet")
        self.seen = threading.Semaphore(0)
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._sockets.append(sock)
                self._threads.append(threading.Thread(target=self._serve, args=(sock,), daemon=True))
                self._threads[-1].start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError), sock:
            if self.reply.end == "speaks first":
                sock.sendall(_answer(self.reply, self.known))
                return
            while request := _read(sock):
                self.seen.release()
                reply = self.reply
                if reply.end == "reset":
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                answer = _answer(reply, f"{self.known} ; {request}")
                sock.sendall(answer[: int(len(answer) * reply.part)])
                if reply.end == "stall":
                    sock.recv(1)  # until the client has gone
                if reply.end:
                    return

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive(), "a connection is served after the test"


def _read(sock: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = sock.recv(65536)
        if not chunk:
            return ""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0].partition(b":")[2]):
        chunk = sock.recv(65536)
        if not chunk:
            return ""
        body += chunk
    return (head + b"\r\n\r\n" + body).decode("latin-1")


def _answer(reply: Reply, text: str) -> bytes:
    if reply.end == "garbage":
        return text.encode() + b"\r\n\r\n"
    echo = WRITINGS[reply.writing](text)
    kind, body = FORMS[reply.form](echo) if reply.body is None else ("application/json", reply.body)
    line = " ".join(echo.split())
    line = "".join(c if " " <= c <= "~" else quote(c) for c in line)
    headers = [f"{name}: {line}" for name in ECHOED_IN]
    head = [
        f"HTTP/1.1 {reply.status} {line[:200]}",
        f"content-type: {kind}; x={line}",
        f"content-length: {len(body)}",
        *headers,
    ]
    if reply.status in (204, 304):
        head, body = [one for one in head if not one.startswith("content-length")], b""
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body
