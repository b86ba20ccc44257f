"""Files of a form: from a path or a file object, in chunks, with progress."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import httpx
import pytest

import tavus_consent as tc
from tavus_api import types
from tavus_api.types import Operation

MEGABYTE = 1024 * 1024
# Tavus documents no upload yet.
CHECKS = {"document": "file", "documents": "files", "tags": "list"}
OPERATION = Operation("send", "POST", "/v2/send", "if-not-sent", checks=CHECKS)


class Watched(io.BytesIO):
    """Notes how much is asked for at once."""

    largest = 0

    def read(self, size: int | None = -1) -> bytes:
        self.largest = max(self.largest, MEGABYTE * 1000 if size is None or size < 0 else size)
        return super().read(size)


def send(client: Any, body: Any, **more: Any) -> bytes:
    """Send a request like a generated function."""
    request = {"method": "POST", "url": "/v2/send", "form": body, **more, "extensions": {"operation": OPERATION}}

    def use(t: Any) -> Any:
        if isinstance(t, tc.Tavus):
            return types.send(t.raw.get_httpx_client(), request)
        return types.send_async(t.raw.get_async_httpx_client(), request)

    client(use)
    return bytes(client.requests[-1].content)


def accept(request: httpx.Request) -> httpx.Response:
    request.read() if isinstance(request.stream, httpx.SyncByteStream) else None
    return httpx.Response(200)


def test_a_path_is_opened_sent_and_closed(make_client: Any, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"content")
    body = send(make_client(accept), {"document": tmp_path / "a.pdf", "tags": ["x", "y"], "n": 1})
    assert b'name="document"; filename="a.pdf"' in body
    assert b"content" in body
    assert body.count(b'name="tags"') == 2
    assert b'name="n"\r\n\r\n1\r\n' in body


def test_a_file_object_is_sent_from_its_beginning_and_stays_open(make_client: Any) -> None:
    source = io.BytesIO(b"content")
    source.read(3)
    assert b"content" in send(make_client(accept), {"document": source})
    assert not source.closed


def test_a_file_is_never_read_whole(make_client: Any) -> None:
    source = Watched(b"x" * (3 * MEGABYTE))
    send(make_client(accept), {"document": source})
    assert source.largest <= MEGABYTE


def test_progress_is_told_for_all_files_together(make_client: Any) -> None:
    told: list[tuple[int, int]] = []
    files = [io.BytesIO(b"abc"), io.BytesIO(b"de")]
    send(make_client(accept), {"documents": files}, on_progress=lambda done, whole: told.append((done, whole)))
    assert told == [(3, 5), (5, 5)]


def test_a_repeated_request_sends_the_file_from_its_beginning_again(make_client: Any) -> None:
    answers = [httpx.Response(429, headers={"Retry-After": "1"}), httpx.Response(200)]
    bodies: list[bytes] = []

    def serve(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return answers.pop(0)

    send(make_client(serve), {"document": io.BytesIO(b"content")})
    assert [b"content" in body for body in bodies] == [True, True]


class Pipe(io.RawIOBase):
    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize("source", ["/no/such/file", Pipe(), io.StringIO("text"), 5])
def test_what_cannot_be_sent_is_refused_before_anything_is(make_client: Any, source: Any) -> None:
    client = make_client(accept)
    with pytest.raises(tc.InvalidRequestError) as caught:
        send(client, {"document": source})
    assert (caught.value.field, client.requests) == ("document", [])


def test_a_form_without_a_file_is_a_form_all_the_same(make_client: Any) -> None:
    client = make_client(accept)
    assert b'name="a"\r\n\r\nb c\r\n' in send(client, {"a": "b c", "document": None})
    assert client.requests[0].headers["content-type"].startswith("multipart/form-data")
