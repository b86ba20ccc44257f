"""``tavus-consent callbacks``: stored callbacks, dead letters."""

from __future__ import annotations

import io
import socket
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tavus_consent import Tavus
from tavus_consent.callbacks import CallbackEvent
from tavus_consent.testing import FakeClock, FakeTavus

from .conftest import NOON, Cli

BODY = b'{"replica_id": "r1", "status": "ready", "error_message": "see https://a.example/s3cr3t"}'


@pytest.fixture
def url(ledger_file: Path) -> str:
    return f"sqlite:///{ledger_file}"


def store(url: str, *, delivered: bool = False, dead: bool = False) -> None:
    """Store a callback that was received some days ago."""
    clock = FakeClock(NOON - timedelta(hours=100))
    answer = httpx.MockTransport(lambda _: httpx.Response(200, json={"replica_id": "r1", "status": "completed"}))
    with Tavus("key", ledger=url, clock=clock, transport=answer) as tavus:
        app = tavus.callbacks.app("https://app.example/tavus")
        if dead:

            @app.on(CallbackEvent)
            def fail(event: CallbackEvent) -> None:
                raise RuntimeError

        address = app.url(job="42")
        tavus.callbacks.receive(path=address, body=BODY)
        for _ in range(9 if delivered or dead else 0):
            clock.advance(hours=2)
            app.deliver()


def test_nothing_is_said_to_be_there(cli: Cli, url: str) -> None:
    ended = cli("callbacks", "list")
    assert (ended.code, ended.out.strip(), ended.err.strip()) == (0, "", "There are no such callbacks.")
    assert cli("callbacks", "list", "--json").json == []


def test_callbacks_are_listed_by_their_status(cli: Cli, url: str) -> None:
    store(url, delivered=True)
    store(url)
    assert cli("callbacks", "list").out.splitlines() == [
        "1: delivered, replica:r1, ReplicaReady",
        "2: waiting, replica:r1, early",
    ]
    (one,) = cli("callbacks", "list", "--status", "waiting", "--json").json
    assert (one["id"], one["about"], one["attempts"]) == (2, "replica:r1", 0)
    assert len(cli("callbacks", "list", "--limit", "1").out.splitlines()) == 1


def test_a_callback_is_shown_without_its_links(cli: Cli, url: str) -> None:
    store(url)
    shown = cli("callbacks", "show", "1")
    assert "replica:r1" in shown.out
    assert "Claims" in shown.out
    assert "s3cr3t" not in shown.out
    store(url, delivered=True)
    assert cli("callbacks", "show", "2", "--json").json["claim"] is None


def test_a_dead_letter_is_retried(cli: Cli, url: str, caplog: pytest.LogCaptureFixture) -> None:
    store(url, dead=True)
    assert "8 times" in cli("callbacks", "show", "1").out
    assert cli("callbacks", "retry", "1").out == "Callback 1 is due now.\n"
    assert cli("callbacks", "list").out == "1: waiting, replica:r1, RuntimeError\n"


def test_an_unknown_number_is_refused(cli: Cli, url: str) -> None:
    assert cli("callbacks", "show", "7").code == 2
    assert cli("callbacks", "retry", "7").code == 2
    assert cli("callbacks", "show", "x").code == 2


def test_a_purge_asks_first(cli: Cli, url: str) -> None:
    store(url, delivered=True)
    refused = cli("callbacks", "purge", "--older-than", "1h")
    assert refused.code == 2
    assert "--yes" in refused.err
    assert cli("callbacks", "purge", "--yes").out == "0 callbacks were deleted.\n"
    assert cli("callbacks", "purge", "--older-than", "1h", "--yes", "--json").json == {"deleted": 1}


class Server:
    """In the place of a server on a port: it sends what a test planned to the application."""

    def __init__(self, app: Any, bodies: list[bytes], printed: Callable[[], str]) -> None:
        self._app, self._bodies, self._printed = app, bodies, printed

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        """Close nothing."""

    def handle_request(self) -> None:
        if not self._bodies:
            raise KeyboardInterrupt
        body = self._bodies.pop(0)
        path = self._printed().split()[0].partition("9000")[2]
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "CONTENT_LENGTH": str(len(body))}
        answer = self._app({**environ, "wsgi.input": io.BytesIO(body)}, lambda *_: None)
        answer.close()


@pytest.fixture
def bodies(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[bytes]:
    """The callbacks to send."""
    planned: list[bytes] = []
    shown: list[str] = []

    def printed() -> str:
        shown.append(capsys.readouterr().out)
        sys.stdout.write(shown[-1])
        return "".join(shown)

    def make(host: str, port: int, app: Any, handler_class: Any) -> Server:
        assert (host, port) == ("127.0.0.1", 9000)
        assert handler_class.log_message(None, "") is None
        return Server(app, planned, printed)

    monkeypatch.setattr("wsgiref.simple_server.make_server", make)
    return planned


def test_listening_prints_every_event(cli: Cli, fake: FakeTavus, bodies: list[bytes]) -> None:
    bodies += [b'{"x": 1}', b'{"objective_name": "age"}', b"[]"]
    ended = cli("callbacks", "listen", "--port", "9000", "--times", "3")
    address, *events = ended.out.splitlines()
    assert address.startswith("http://127.0.0.1:9000/tcb_")
    assert [event.partition("(")[0] for event in events] == ["UnknownEvent", "ObjectiveCompleted"]
    assert ended.code == 0


def test_listening_ends_with_ctrl_c(cli: Cli, fake: FakeTavus, bodies: list[bytes]) -> None:
    bodies += [b'{"x": 1}']
    ended = cli("callbacks", "listen", "--port", "9000", "--json")
    assert ended.out.splitlines()[1] == '{"event": "UnknownEvent"}'
    assert ended.code == 130


def test_a_port_that_is_taken_is_said(cli: Cli, fake: FakeTavus) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = cli("callbacks", "listen", "--port", str(taken.getsockname()[1]))
    assert ended.code == 2
    assert "cannot listen on port" in ended.err
