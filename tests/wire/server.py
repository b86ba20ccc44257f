"""A server on loopback that stores each request as it arrives, and sends the configured response."""

from __future__ import annotations

import http.server
import threading
from typing import Any, NamedTuple


class Request(NamedTuple):
    """A request as it came."""

    method: str
    #: path and query, as they stood in the first line
    target: str
    #: names in small letters
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """The response to send."""

    status: int = 200
    media_type: str | None = None
    body: bytes = b""


class Server:
    """Serves until it is closed; ``requests`` are those since it was last told what to answer."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._answer = Answer()
        server = self

        class Mine(_Handler):
            owner = server

        self._httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mine)
        self._httpd.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._httpd.server_address[1]}"
        self._thread = threading.Thread(target=self._httpd.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def expect(self, answer: Answer) -> None:
        """Forget what came, and answer this from now on."""
        self.requests = []
        self._answer = answer

    def serve(self, request: Request) -> Answer:
        """Keep a request and say what to answer."""
        self.requests.append(request)
        return self._answer

    def close(self) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()
        self._thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    owner: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None: ...

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        assert len(headers) == len(self.headers), "a header came twice"
        answer = self.owner.serve(Request(self.command, self.path, headers, self._body(headers)))
        self.send_response(answer.status)
        if answer.media_type is not None:
            self.send_header("content-type", answer.media_type)
        if answer.status not in (204, 304):
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(headers.get("content-length", 0)))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)


for _verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
    setattr(_Handler, f"do_{_verb}", _Handler._serve)
