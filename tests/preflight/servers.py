"""A file server on loopback that serves ranges well, or badly in every way that was seen or can be thought of."""

from __future__ import annotations

import http.server
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpcore
import trustme

from tavus_consent.preflight import Reach

_RANGE = re.compile(r"bytes=([0-9]+)-([0-9]+)")


class FileServer:
    """Serves one file at every path.

    Attributes:
        requests: Of each request the method, the path, the headers.
        sent: Bytes of bodies.
    """

    def __init__(self, content: Any, *, delay: float = 0.0) -> None:
        self.content = content
        self.delay = delay
        self.etag: str | None = '"v1"'
        self.behave: Callable[[Handler, int, int], bool] = lambda *_: False
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.sent = 0
        self.lock = threading.Lock()
        server = self

        class Mine(Handler):
            owner = server

        self.httpd = Quiet(("127.0.0.1", 0), Mine)
        self.port = self.httpd.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}/video.mp4"

    @property
    def size(self) -> int:
        return len(self.content) if isinstance(self.content, bytes) else int(self.content.stat().st_size)

    def part(self, start: int, end: int) -> bytes:
        if isinstance(self.content, bytes):
            return self.content[start:end]
        with self.content.open("rb") as file:
            file.seek(start)
            return bytes(file.read(end - start))


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


class Handler(http.server.BaseHTTPRequestHandler):
    owner: FileServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None: ...

    def do_GET(self) -> None:
        owner = self.owner
        with owner.lock:
            owner.requests.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        if owner.delay:
            time.sleep(owner.delay)
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        start, end = (int(asked[1]), min(int(asked[2]) + 1, owner.size)) if asked else (0, owner.size)
        if not owner.behave(self, start, end):
            self.give(start, end)

    def do_HEAD(self) -> None:
        self.do_GET()

    def give(self, start: int, end: int, **changes: Any) -> None:
        """A good answer, or one with something changed."""
        owner = self.owner
        if start >= owner.size:
            self.reply(416, b"", {"Content-Range": f"bytes */{owner.size}"})
            return
        wanted = self.headers.get("If-Match")
        if wanted is not None and owner.etag is not None and wanted != owner.etag:
            self.reply(412, b"", {})
            return
        headers = {"Content-Range": f"bytes {start}-{end - 1}/{owner.size}", "Content-Type": "video/mp4"}
        if owner.etag is not None:
            headers["ETag"] = owner.etag
        headers |= changes.pop("headers", {})
        self.reply(206, owner.part(start, end), headers, **changes)

    def reply(self, status: int, body: bytes, headers: dict[str, str], *, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Transfer-Encoding" not in headers:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        with self.owner.lock:
            self.owner.sent += len(body)
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def serving(content: Any, **options: Any) -> Iterator[FileServer]:
    server = FileServer(content, **options)
    thread = threading.Thread(target=server.httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.httpd.shutdown()
        server.httpd.server_close()
        thread.join()


class _Here(httpcore.SyncBackend):
    """Whatever the address is, it is that of a server on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    def connect_tcp(self, host: str, port: int, *options: Any, **more: Any) -> httpcore.NetworkStream:
        return super().connect_tcp("127.0.0.1", self._port, *options, **more)


@cache
def _contexts(authority: trustme.CA, hosts: tuple[str, ...]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the TLS contexts of a client and a server; they are cached because creating them is slow."""
    pem = authority.cert_pem.bytes().decode()
    ours, theirs = ssl.create_default_context(cadata=pem), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts).configure_cert(theirs)
    return ours, theirs


_authority = cache(trustme.CA)


@contextmanager
def public(content: Any, *hosts: str, authority: trustme.CA | None = None) -> Iterator[tuple[FileServer, Reach]]:
    """A server that is public, as far as a link can tell, and what reaches it."""
    ours, theirs = _contexts(authority or _authority(), hosts)
    with serving(content) as server:
        server.httpd.socket = theirs.wrap_socket(server.httpd.socket, server_side=True)
        yield server, Reach(resolver=lambda *_: ["93.184.215.14"], backend=_Here(server.port), tls=ours)
