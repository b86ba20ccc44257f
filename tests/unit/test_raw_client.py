"""The generated package standalone: its client over plain httpx, with a server on loopback."""

from __future__ import annotations

import json
import pickle
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tavus_api import Client, errors, types
from tavus_api.api.documents import create_document, list_documents
from tavus_api.api.personas import get_persona, patch_persona
from tavus_api.api.videos import delete_video, generate_video, get_video
from tavus_api.models import Video
from tavus_api.types import Operation


class Server:
    """Gives one answer, and keeps what it was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.asked = 200, b"{}", []
        self.asked: list[tuple[str, str, dict[str, str], bytes]]

        class Handler(BaseHTTPRequestHandler):
            def answer(handler) -> None:  # noqa: N805  # ``self`` is the server around it
                size = int(handler.headers.get("content-length", 0))
                headers = {name.lower(): value for name, value in handler.headers.items()}
                self.asked.append((handler.command, handler.path, headers, handler.rfile.read(size)))
                handler.send_response(self.status)
                handler.send_header("content-length", str(len(self.body)))
                handler.end_headers()
                handler.wfile.write(self.body)

            do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815  # the names of http.server

            def log_message(handler, *_: Any) -> None:  # noqa: N805
                """Stay silent."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def says(self, body: Any, status: int = 200) -> None:
        self.status, self.body = status, body if isinstance(body, bytes) else json.dumps(body).encode()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def server(running: Server) -> Server:
    running.asked.clear()
    running.says({})
    return running


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest, server: Server) -> Any:
    """Call a module's function, sync or async, with a client of its own."""

    async def other(module: Any, *args: Any, **named: Any) -> Any:
        async with Client(server.url, "k3y", headers={"x-team": "a"}) as client:
            return await module.asyncio_detailed(*args, client=client, **named)

    def sync(module: Any, *args: Any, **named: Any) -> Any:
        with Client(server.url, "k3y", headers={"x-team": "a"}) as client:
            return module.sync_detailed(*args, client=client, **named)

    import asyncio

    return sync if request.param == "sync" else lambda *args, **named: asyncio.run(other(*args, **named))


def test_a_body_is_sent_as_it_is_and_the_answer_is_typed(server: Server, call: Any) -> None:
    server.says({"video_id": "v1", "status": "queued", "mood": "calm"})
    answer = call(generate_video, body={"replica_id": "r1", "script": "Hi"})
    ((method, path, headers, body),) = server.asked
    assert (method, path, json.loads(body)) == ("POST", "/v2/videos", {"replica_id": "r1", "script": "Hi"})
    assert (headers["x-api-key"], headers["x-team"], headers["content-type"]) == ("k3y", "a", "application/json")
    assert (answer.parsed.video_id, answer.parsed.extra, answer.status_code) == ("v1", {"mood": "calm"}, 200)
    assert (answer.headers["content-length"], json.loads(answer.content)["status"]) == ("54", "queued")


def test_what_is_none_is_not_asked_for(server: Server, call: Any) -> None:
    call(list_documents, limit=5, status=None, name_or_uuid="a b")
    assert server.asked[0][1] == "/v2/documents?limit=5&name_or_uuid=a+b"


def test_a_path_is_quoted(server: Server, call: Any) -> None:
    server.says({"video_id": "a/b?c"})
    call(get_video, "a/b?c")
    assert server.asked[0][1] == "/v2/videos/a%2Fb%3Fc"


def test_an_envelope_is_taken_off(server: Server, call: Any) -> None:
    server.says({"data": [{"persona_id": "p1", "persona_name": "Eva"}]})
    assert call(get_persona, "p1").parsed.persona_name == "Eva"


def test_304_says_that_nothing_changed(server: Server, call: Any) -> None:
    server.says(b"", 304)
    answer = call(patch_persona, "p1", body=[{"op": "remove", "path": "/a"}])
    assert (answer.parsed, answer.status_code) == (None, 304)


@pytest.mark.parametrize("status", [302, 304, 400, 404, 500])
def test_a_status_that_is_not_good_is_an_error(server: Server, call: Any, status: int) -> None:
    server.says(b"" if status == 304 else {"message": "s3cret"}, status)
    with pytest.raises(errors.UnexpectedStatus, match=rf"^GET /v2/videos/\{{video_id\}}: {status}") as caught:
        call(get_video, "v1")
    assert caught.value.status_code == status
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body is not JSON"),
        (b"<html>", "the body is not JSON"),
        (b"\xff", "the body is not JSON"),
        ([], "the body is an array, not an object"),
        ({}, "video_id is missing"),
        ({"video_id": 5}, "video_id is a number, not a string"),
        ({"video_id": " "}, "video_id is empty"),
        ({"video_id": "v2"}, "video_id is not the one that was asked for"),
    ],
)
def test_a_body_that_cannot_be_used_is_an_error(server: Server, call: Any, body: Any, said: str) -> None:
    server.says(body)
    with pytest.raises(errors.InvalidAnswer, match=said) as caught:
        call(get_video, "v1")
    assert caught.value.response.content == server.body


@pytest.mark.parametrize("value", ["", " ", ".", "..", None, 1.5])
def test_an_id_that_would_change_the_path_is_refused(server: Server, call: Any, value: Any) -> None:
    with pytest.raises(errors.InvalidArgument) as caught:
        call(delete_video, value)
    assert (caught.value.field, server.asked) == ("video_id", [])


@pytest.mark.parametrize(
    ("module", "named", "said"),
    [
        (create_document, {"body": {"document_url": 5}}, "document_url takes text"),
        (create_document, {"body": {"document_url": "u", "tags": "a"}}, "tags takes a list"),
        (create_document, {"body": {"document_url": "u", "crawl": []}}, "crawl takes a mapping"),
        (list_documents, {"limit": True}, "limit takes a whole number"),
        (list_documents, {"status": b"x"}, "status takes text"),
    ],
)
def test_an_argument_of_another_type_is_refused(server: Server, call: Any, module: Any, named: Any, said: str) -> None:
    with pytest.raises(errors.InvalidArgument, match=said):
        call(module, **named)
    assert server.asked == []


async def test_clients_of_ones_own_are_used() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        assert request.extensions["operation"].identifier == "getVideo"
        return httpx.Response(200, json={"video_id": "v1"})

    transport = httpx.MockTransport(serve)
    own = httpx.Client(base_url="https://a.example", transport=transport)
    other = httpx.AsyncClient(base_url="https://a.example", transport=transport)
    client = Client().set_httpx_client(own).set_async_httpx_client(other)
    assert get_video.sync_detailed("v1", client=client).parsed.video_id == "v1"
    assert (await get_video.asyncio_detailed("v1", client=client)).parsed.video_id == "v1"
    own.close()
    await other.aclose()


def test_an_answer_shows_neither_links_nor_keys() -> None:
    video = Video(video_id="v1", download_url="https://a.example/v?sig=s3cret")
    assert (
        repr(types.Response(video, httpx.Response(200))) == "Response(200, Video(video_id='v1', download_url='[link]'))"
    )
    assert pickle.loads(pickle.dumps(video)) == video


def operation(form: str, kind: str) -> Operation:
    return Operation("o", "GET", "/o", "safe", read=lambda status, data: data, form=form, open=kind == "open")


@pytest.mark.parametrize(
    ("form", "content", "made"),
    [("text", b"a,b\n", "a,b\n"), ("bytes", b"\x00\xff", b"\x00\xff"), ("text", b"\xff", "\ufffd")],
)
def test_text_and_bytes_are_given_as_they_are(form: str, content: bytes, made: Any) -> None:
    assert operation(form, "").parse(200, content, json.loads, {}) == made


def test_an_answer_of_which_nothing_is_known_may_be_empty() -> None:
    assert operation("json", "open").parse(200, b"", json.loads, {}) is None
    assert operation("json", "open").parse(200, b"[1]", json.loads, {}) == [1]


READERS = [
    (types.many(types.maybe(str)), ["a", None], ("a", None)),
    (types.each(types.whole), {"a": 1}, {"a": 1}),
    (types.choice(str, types.number), 1.5, 1.5),
    (types.choice(types.one("Video"), types.one("Document")), {"document_id": "d1"}, None),
    (types.choose("kind", {"v": types.one("Video")}), {"kind": "v", "video_id": "v1"}, None),
    (bool, True, True),
]


@pytest.mark.parametrize(("reader", "value", "made"), READERS)
def test_readers_read(reader: Any, value: Any, made: Any) -> None:
    found = types.read(reader, value)
    assert found == made if made is not None else type(found).__name__ in ("Video", "Document")


@pytest.mark.parametrize(
    ("reader", "value", "said"),
    [
        (str, 1, "the body is a number, not a string"),
        (bool, "x", "the body is a string, not a boolean"),
        (types.whole, True, "the body is a boolean, not an integer"),
        (types.number, "1", "the body is a string, not a number"),
        (types.many(str), {}, "the body is an object, not an array"),
        (types.many(types.many(str)), [[], ["a", 1]], r"\[1\]\[1\] is a number"),
        (types.many(str), ["a", None], r"\[1\] is null, not a string"),
        (types.many(types.one("Video")), [None], r"\[0\] is null, not an object"),
        (types.each(str), [], "the body is an array, not an object"),
        (types.each(types.many(str)), {"s3cret": [1]}, r"^\*\[0\] is a number"),
        (types.choice(str, types.whole), [], "is of no kind"),
        (types.choose("kind", {}), {"kind": "x"}, "is of no kind"),
        (types.choose("kind", {}), 5, "is of no kind"),
        (types.date, 5, "is a number, not a string"),
        (types.date, "soon", "is no date"),
        (types.date, "0001-01-01T00:00:00+14:00", "is no date"),
        (types.one("Video"), {"video_id": None}, "video_id is missing"),
    ],
)
def test_readers_say_what_is_wrong_and_where(reader: Any, value: Any, said: str) -> None:
    with pytest.raises(types.Unreadable, match=said):
        types.read(reader, value)


@pytest.mark.parametrize(
    ("made", "sent"),
    [
        (types.joined(",", ["a", 1, True]), "a,1,true"),
        (types.joined("|", None), None),
        (types.deep("f", {"a": 1, "b": None}), {"f[a]": 1}),
        (types.deep("f", None), {"f": None}),
        (types.joined(",", ["a,b"]), ["a,b"]),
        (types.headers({"a": 1, "b": None, "c": "x"}), {"a": "1", "c": "x"}),
        (
            types.fields({"a": ["x", 1], "b": {"c": None}, "d": None, "e": True}),
            {"a": ["x", "1"], "b": '{"c":null}', "e": "true"},
        ),
        (types.fields(None), None),
        (types.segment("a/b"), "a%2Fb"),
    ],
)
def test_arguments_are_written(made: Any, sent: Any) -> None:
    assert made == sent


def test_a_form_is_sent_with_its_files(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"content")
    send = Operation("send", "POST", "/v2/send", "if-not-sent", checks={"file": "file"})
    request = {"method": "POST", "url": "/v2/send", "form": {"file": tmp_path / "a.txt", "n": 1}}
    with Client(server.url) as client:
        types.send(client.get_httpx_client(), {**request, "extensions": {"operation": send}})
    assert b'filename="a.txt"' in server.asked[0][3]
    assert b"content" in server.asked[0][3]
