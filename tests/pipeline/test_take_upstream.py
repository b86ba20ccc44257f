"""``make upstream``: from the published document to a tree that is ready for a branch, with a server on loopback."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import regenerate
import yaml
from regeneration import baseline
from take_upstream import main

from . import small
from .conftest import files_below
from .small import TEXT, document, operation


class Site:
    """A server that publishes a document with its entity tag."""

    def __init__(self) -> None:
        self.document = document()
        self.statuses: list[int] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(site.document).encode()
                tag = f'"{hashlib.sha256(body).hexdigest()[:8]}"'
                status = 304 if self.headers.get("If-None-Match") == tag else 200
                if self.path != "/openapi.json":
                    status = 404
                site.statuses.append(status)
                self.send_response(status)
                self.send_header("ETag", tag)
                self.end_headers()
                if status == 200:
                    self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/openapi.json"


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    small.without_generator(monkeypatch)
    return small.built(tmp_path / "tree")


def take(root: Path, site: Site, *options: str) -> int:
    return main(["--source", site.url, *options], root)


def added(site: Site) -> None:
    site.document["paths"]["/v2/tags"] = {"get": operation("listTags", tag="Tags")}


def test_what_is_known_changes_nothing(root: Path, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    before = files_below(root)
    assert take(root, site) == 0
    assert capsys.readouterr().out == f"Nothing to do: {site.url} is the document of the baseline.\n"
    assert files_below(root) == before


def test_what_is_new_becomes_a_tree_a_report_and_a_fragment(
    root: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    added(site)
    assert take(root, site) == 0
    said = capsys.readouterr().out
    assert "Suggested version: 0.1.1." in said
    assert "`listTags` added: `GET /v2/tags`" in (root / ".upstream" / "report.md").read_text()
    (fragment,) = (root / "changes").iterdir()
    assert "- `listTags` added: `GET /v2/tags`.\n" in fragment.read_text()
    assert "/v2/tags" in yaml.safe_load((root / "openapi" / "tavus.yaml").read_bytes())["paths"]
    assert regenerate.main(["--check"], root) == 0


def test_the_next_time_the_server_is_asked_for_something_newer(root: Path, site: Site) -> None:
    added(site)
    take(root, site)
    before = files_below(root)
    assert take(root, site) == 0
    assert site.statuses == [200, 304]
    assert files_below(root) == before


def test_the_baseline_is_what_was_published(root: Path, site: Site) -> None:
    added(site)
    take(root, site)
    known = baseline.read(files_below(root))
    assert known is not None
    assert (known.source, known.sha256) == (site.url, hashlib.sha256(json.dumps(site.document).encode()).hexdigest())


def test_what_breaks_is_said(root: Path, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    del site.document["paths"]["/v2/things/{thing_id}"]["delete"]
    assert take(root, site, "--drop", "DELETE /v2/things/{thing_id}") == 0
    assert "Suggested version: 0.2.0 (breaking)." in capsys.readouterr().out
    (fragment,) = (root / "changes").iterdir()
    assert "- **Breaking.** `deleteThing` removed: `DELETE /v2/things/{thing_id}`.\n" in fragment.read_text()
    assert "deleteThing" not in (root / "openapi" / "operations" / "things.yaml").read_text()


def test_what_has_to_be_mended_leaves_the_tree_and_a_report(
    root: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files_below(root)
    site.document["paths"]["/v3/avatars"] = {"post": operation("createAvatar", sends={"train_video_url": TEXT})}
    assert take(root, site) == 1
    assert "step:   consent" in capsys.readouterr().err
    assert set(files_below(root)) - set(before) == {".upstream/report.md"}


def test_what_is_not_there_is_said(root: Path, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    before = files_below(root)
    site.url = site.url.replace("openapi", "nothing")
    assert take(root, site) == 1
    assert "404" in capsys.readouterr().err
    assert files_below(root) == before


def test_a_file_will_do(root: Path, site: Site, tmp_path: Path) -> None:
    added(site)
    (tmp_path / "spec.json").write_text(json.dumps(site.document))
    assert main(["--source", str(tmp_path / "spec.json")], root) == 0
    assert (root / "openapi" / "upstream" / "spec.json").exists()


@pytest.mark.parametrize("move", ["nonsense", "/a", "a=/b"])
def test_a_move_that_is_none_is_refused(root: Path, site: Site, move: str, capsys: pytest.CaptureFixture[str]) -> None:
    added(site)
    assert take(root, site, "--move", move) == 1
    assert "write it as /v2/things=/v3/things" in capsys.readouterr().err
