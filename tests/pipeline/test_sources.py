"""New upstream: what is taken, what it replaces, and what clashes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from regeneration import reading
from regeneration.merge import Merger, renew
from regeneration.problems import RegenerationError
from regeneration.reading import Source, parse_source, read_source

from .conftest import PROJECT, main

PAGE = "# Title\n\n````yaml {method} {path}\n{document}\n````\n\nBuilt with something."


def document(*operations: str, **more: Any) -> dict[str, Any]:
    """A document with operations such as ``get /a``; the word after them is the operationId."""
    paths: dict[str, Any] = {}
    for operation in operations:
        method, path, identifier = operation.split()
        paths.setdefault(path, {})[method] = {
            "operationId": identifier,
            "responses": {"200": {"description": ""}},
        }
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths, **more}


def whole(name: str, *operations: str, **more: Any) -> Source:
    return parse_source(json.dumps(document(*operations, **more)).encode(), name)


def page(name: str, operation: str) -> Source:
    method, path, _ = operation.split()
    text = PAGE.format(method=method, path=path, document=json.dumps(document(operation)))
    return parse_source(text.encode(), name)


def identifiers(built: dict[str, Any]) -> list[str]:
    return [operation["operationId"] for item in built["paths"].values() for operation in item.values()]


def merged(upstream: list[Source], ours: list[Source]) -> tuple[dict[str, Any], list[str]]:
    merger = Merger()
    merger.add_all(upstream, ours)
    return merger.document, merger.notes


def refusal(call: Any, *arguments: Any) -> RegenerationError:
    with pytest.raises(RegenerationError) as caught:
        call(*arguments)
    return caught.value


# -- what is read


def test_a_page_gives_the_one_operation_that_it_announces() -> None:
    assert page("a.md", "post /v2/replicas createIt").operation == ("post", "/v2/replicas")


def test_a_page_may_have_windows_line_ends() -> None:
    text = PAGE.format(method="get", path="/a", document=json.dumps(document("get /a getA"))).replace("\n", "\r\n")
    assert parse_source(text.encode(), "a.md").operation == ("get", "/a")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (PAGE.format(method="get", path="/b", document=json.dumps(document("get /a getA"))), "something else"),
        (PAGE.format(method="get", path="/a", document=json.dumps(document("get /a x", "put /a y"))), "something else"),
        (PAGE.format(method="get", path="/a", document="[]") * 2, "more than one"),
        ("<html><body>Not found</body></html>", "not a mapping"),
        ("", "not a mapping"),
    ],
)
def test_what_is_no_page_and_no_document_is_refused(text: str, cause: str) -> None:
    assert cause in refusal(parse_source, text.encode(), "a.md").cause


def test_a_path_that_does_not_exist_is_refused() -> None:
    assert refusal(read_source, "no/such/file.yaml").cause == "No such file or directory"


# -- what is merged


def test_upstream_wins_over_our_words_and_the_build_says_so() -> None:
    ours = whole("ours.yaml", "get /a inOurWords", "get /b getB")
    built, notes = merged([whole("up.yaml", "get /a asPublished")], [ours])
    assert (identifiers(built), notes) == (
        ["asPublished", "getB"],
        ["ours.yaml: inOurWords is left out, up.yaml gives it"],
    )


def test_a_page_wins_over_a_whole_document() -> None:
    built, _ = merged([whole("up.yaml", "get /a old", "get /b getB"), page("a.md", "get /a new")], [])
    assert identifiers(built) == ["new", "getB"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (whole("one.yaml", "get /a getA"), whole("two.yaml", "get /a getAToo")),
        (whole("one.yaml", "get /a getA"), whole("two.yaml", "get /b getA")),
        (whole("one.yaml", servers=[{"url": "https://a.example"}]), whole("two.yaml", servers=[{"url": "/"}])),
        (
            whole("one.yaml", components={"schemas": {"A": {"type": "string"}}}),
            whole("two.yaml", components={"schemas": {"A": {"type": "integer"}}}),
        ),
    ],
    ids=["operation", "operationId", "servers", "component"],
)
def test_a_clash_names_both_sources(first: Source, second: Source) -> None:
    # Merging works on the documents themselves, so each run gets its own.
    one, two = (parse_source(source.data, source.name) for source in (first, second))
    assert refusal(merged, [one, two], []).place == "one.yaml and two.yaml"


def test_what_two_sources_say_alike_is_no_clash() -> None:
    shared = {"components": {"schemas": {"A": {"type": "string"}}}, "security": [{"key": []}]}
    built, _ = merged([whole("one.yaml", "get /a a", **shared), whole("two.yaml", "get /b b", **shared)], [])
    assert identifiers(built) == ["a", "b"]


def test_an_operation_without_a_name_is_refused() -> None:
    source = whole("one.yaml", "get /a getA")
    del source.document["paths"]["/a"]["get"]["operationId"]
    assert refusal(merged, [source], []).place == "one.yaml"


# -- what is kept


def test_a_page_replaces_the_page_of_its_operation_under_the_old_name() -> None:
    new = page("elsewhere/new.md", "get /a getA")
    files, notes = renew({"a.md": page("a.md", "get /a getA"), "b.md": page("b.md", "get /b getB")}, [new])
    assert files["a.md"] is new
    assert sorted(files) == ["a.md", "b.md"]
    assert notes == ["upstream/a.md: replaced by elsewhere/new.md"]


def test_a_page_of_another_operation_comes_beside_it() -> None:
    files, notes = renew({"a.md": page("a.md", "get /a getA")}, [page("b.md", "get /b getB")])
    assert (sorted(files), notes) == (["a.md", "b.md"], [])


def test_a_whole_document_replaces_pages_and_documents_that_it_holds() -> None:
    old = {
        "a.md": page("a.md", "get /a getA"),
        "c.md": page("c.md", "get /c getC"),
        "old.yaml": whole("old.yaml", "get /b getB"),
        "other.yaml": whole("other.yaml", "get /d getD"),
    }
    files, _ = renew(old, [whole("new.json", "get /a getA", "get /b getB")])
    assert sorted(files) == ["c.md", "new.json", "other.yaml"]


def test_a_page_leaves_a_whole_document_in_place() -> None:
    files, _ = renew({"up.yaml": whole("up.yaml", "get /a getA")}, [page("a.md", "get /a getA")])
    assert sorted(files) == ["a.md", "up.yaml"]


def test_a_new_file_never_takes_the_name_of_one_that_it_does_not_replace() -> None:
    error = refusal(renew, {"a.json": whole("a.json", "get /a getA")}, [whole("new/a.json", "get /b getB")])
    assert error.place == "new/a.json and upstream/a.json"


def test_two_new_sources_of_one_name_are_refused() -> None:
    error = refusal(renew, {}, [whole("one/a.json", "get /a getA"), whole("two/a.json", "get /b getB")])
    assert error.place == "two/a.json and one/a.json"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("https://docs.example/api/Create%20It.json?x=1", "Create-20It.json"),
        ("https://docs.example/", "upstream.json"),
        ("../../.bashrc", "upstream.json"),
        ("spec.txt", "spec.json"),
    ],
)
def test_a_source_is_kept_under_a_harmless_name(name: str, kept: str) -> None:
    assert list(renew({}, [whole(name, "get /a getA")])[0]) == [kept]


# -- what is fetched


@pytest.fixture
def site() -> Iterator[str]:
    """A site on loopback: a document, a redirect, an endless file, and a page that is not there."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = {
                "/up.json": (200, {}, json.dumps(document("get /a getA")).encode()),
                "/away": (302, {"Location": "http://docs.example/up.json"}, b""),
                "/big": (200, {}, b"x" * 2000),
            }.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_document_is_fetched(site: str) -> None:
    assert identifiers(read_source(f"{site}/up.json").document) == ["getA"]


@pytest.mark.parametrize("url", ["http://docs.example/up.json", "file:///etc/passwd", "ftp://docs.example/x"])
def test_only_https_is_fetched_away_from_loopback(url: str) -> None:
    assert refusal(read_source, url).remedy == "give an https URL"


def test_a_redirect_to_plain_http_is_refused(site: str) -> None:
    assert refusal(read_source, f"{site}/away").remedy == "give an https URL"


def test_a_missing_page_is_refused(site: str) -> None:
    assert "404" in refusal(read_source, f"{site}/missing").cause


def test_an_endless_file_is_refused(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 1000)
    assert "takes more than" in refusal(read_source, f"{site}/big").cause


def test_the_command_says_which_source_it_could_not_read(built: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--source", "no/such/page.md"], built) == 1
    assert "step:   read\nfile:   no/such/page.md\n" in capsys.readouterr().err


def test_the_page_that_we_hold_is_a_page() -> None:
    assert read_source(str(PROJECT / "openapi/upstream/create-replica.md")).operation == ("post", "/v2/replicas")
