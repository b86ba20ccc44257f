"""One row per fault, over real sockets, sync and async: the error, the requests that the server saw, the time kept.

The client must never send a second create after the first may have arrived.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, NamedTuple

import pytest
import trustme

import tavus_consent as tc
from tavus_consent.testing import FakeClock

from .conftest import GOOD_BODY, Behaviour, Connection, every

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
IN_TWO_SECONDS = format_datetime(NOW + timedelta(seconds=3), usegmt=True)


class Fault(NamedTuple):
    """One row.

    ``safe`` and ``create`` are the errors of a GET and of a create (``None``: it works out); ``seen`` is how many GETs
    the server saw of three possible; a create is seen once or never, or twice after a 429 that said when.
    """

    name: str
    behave: Behaviour
    safe: type[tc.TavusError] | None
    create: type[tc.TavusError] | None
    seen: int
    creates: int = 1
    total: float = 10.0
    message: str | None = None


def answer(status: int, *headers: str, body: bytes = b"{}") -> Behaviour:
    return every(lambda c: c.reply(status, body, *headers))


def reset_at_once(connection: Connection) -> None:
    connection.sock.recv(1)  # a reset that comes earlier than this may also count as "no connection"
    connection.reset()


def drip(connection: Connection) -> None:
    connection.reply(200, b"", length=1000)
    while not connection.server.stopping.wait(0.02):
        connection.sock.sendall(b" ")


def trickle(connection: Connection) -> None:
    connection.sock.sendall(b"HTTP/1.1 200 x\r\nx-slow: ")
    while not connection.server.stopping.wait(0.02):
        connection.sock.sendall(b"a")


def half(connection: Connection) -> None:
    connection.reply(200, GOOD_BODY[:10], length=len(GOOD_BODY))
    connection.sock.shutdown(socket.SHUT_RDWR)


def once(first: Behaviour) -> Behaviour:
    """Misbehave on the first request only."""

    def act(connection: Connection) -> None:
        if len(connection.server.requests) == 1:
            first(connection)
        else:
            connection.reply()

    return every(act)


UNKNOWN = tc.OutcomeUnknownError
FAULTS = [
    Fault("reset before the request", reset_at_once, tc.ConnectionFailedError, UNKNOWN, 0, 0),
    Fault("reset after the request", every(Connection.reset), tc.ConnectionFailedError, UNKNOWN, 3),
    Fault("half an answer", every(half), tc.InvalidAnswerError, UNKNOWN, 3, message="broke"),
    Fault(
        "slow headers", every(Connection.stall), tc.RequestTimeoutError, UNKNOWN, 3, total=0.2, message="within 0.2 s"
    ),
    Fault(
        "headers in a trickle", every(trickle), tc.RequestTimeoutError, UNKNOWN, 3, total=0.2, message="within 0.2 s"
    ),
    Fault("slow body", every(drip), tc.RequestTimeoutError, UNKNOWN, 3, total=0.2, message="within 0.2 s"),
    Fault("408", answer(408), tc.ClientStatusError, UNKNOWN, 3),
    Fault("429", answer(429), tc.RateLimitError, tc.RateLimitError, 3),
    Fault("429 seconds", once(lambda c: c.reply(429, b"{}", "retry-after: 2")), None, None, 2, 2),
    Fault("429 date", once(lambda c: c.reply(429, b"{}", f"retry-after: {IN_TWO_SECONDS}")), None, None, 2, 2),
    Fault("429 nonsense", answer(429, "retry-after: soon"), tc.RateLimitError, tc.RateLimitError, 3),
    Fault("429 a day", answer(429, "retry-after: 86400"), tc.RateLimitError, tc.RateLimitError, 1),
    Fault("503", answer(503), tc.ServerStatusError, UNKNOWN, 3),
    Fault("503 seconds", once(lambda c: c.reply(503, b"{}", "retry-after: 2")), None, UNKNOWN, 2),
    Fault("503 date", once(lambda c: c.reply(503, b"{}", f"retry-after: {IN_TWO_SECONDS}")), None, UNKNOWN, 2),
    Fault("503 nonsense", answer(503, "retry-after: -1 day"), tc.ServerStatusError, UNKNOWN, 3),
    Fault("503 a day", answer(503, "retry-after: 86400"), tc.ServerStatusError, UNKNOWN, 1),
    Fault("500", answer(500, body=b'{"message": "oops"}'), tc.ServerStatusError, UNKNOWN, 3, message="oops"),
    Fault(
        "502 HTML",
        answer(502, "content-type: text/html", body=b"<h1>Bad Gateway</h1>"),
        tc.ServerStatusError,
        UNKNOWN,
        3,
    ),
    Fault("520", answer(520), tc.ServerStatusError, UNKNOWN, 3, message="520"),
    Fault("no HTTP", every(lambda c: c.sock.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")), tc.ConnectionFailedError, UNKNOWN, 3),
]

ROWS = [pytest.param(fault, id=fault.name) for fault in FAULTS]


def options(server_url: str, total: float = 10.0) -> dict[str, Any]:
    # Attempts of the slow rows are cut short for real; pauses only move the clock.
    return {
        "base_url": server_url,
        "clock": FakeClock(NOW, speed=1.0),
        "timeout": tc.Timeout(connect=10.0, total=total, deadline=20.0),
    }


def get(tavus: Any) -> Any:
    return tavus.replicas.get("r1")


def create(tavus: Any) -> Any:
    return tavus.replicas.create_personal(
        train_video_url="https://bucket.example/train.mp4",
        consent=tc.SpokenConsent(full_name="Rio Alvarez", video_url="https://bucket.example/consent.mp4"),
    )


@pytest.mark.parametrize("fault", ROWS)
def test_a_safe_call(make_client: Any, make_server: Any, fault: Fault) -> None:
    server = make_server(fault.behave)
    client = make_client(**options(server.url, fault.total))
    if fault.safe is None:
        assert client(get).replica_id == "r1"
    else:
        with pytest.raises(fault.safe, match=fault.message) as caught:
            client(get)
        assert type(caught.value) is fault.safe
    assert len(server.requests) == fault.seen


@pytest.mark.parametrize("fault", ROWS)
def test_a_create(make_client: Any, make_server: Any, fault: Fault) -> None:
    server = make_server(fault.behave)
    client = make_client(**options(server.url, fault.total))
    if fault.create is None:
        assert client(create).replica_id == "r1"
    else:
        with pytest.raises(fault.create) as caught:
            client(create)
        assert type(caught.value) is fault.create
    assert len(server.requests) == fault.creates


@pytest.mark.parametrize("fault", ROWS)
def test_the_time_budget_is_kept(make_client: Any, make_server: Any, fault: Fault) -> None:
    server = make_server(fault.behave)
    client = make_client(**options(server.url, fault.total))
    with client.tavus.record_calls() as calls, contextlib.suppress(tc.CallError):
        client(get)
    # 20 s of deadline, pauses included, which only the clock knows; half a second for a busy machine
    assert calls[0].elapsed < 20.5


# Faults before anything can be sent: nothing arrived, so a create may be repeated, and its outcome is known.


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.parametrize("call", [get, create])
def test_refused(make_client: Any, call: Callable[[Any], Any]) -> None:
    client = make_client(**options(closed_port()))
    with pytest.raises(tc.ConnectionFailedError, match="no connection could be made") as caught:
        client(call)
    assert caught.value.attempts == 3


@pytest.mark.parametrize("call", [get, create])
def test_dns_failure(make_client: Any, monkeypatch: pytest.MonkeyPatch, call: Callable[[Any], Any]) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    client = make_client(**options("https://tavus.invalid"))
    with pytest.raises(tc.ConnectionFailedError, match="Name or service not known"):
        client(call)


@pytest.mark.parametrize("call", [get, create])
def test_a_certificate_that_is_not_trusted(make_client: Any, make_server: Any, call: Callable[[Any], Any]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server = make_server(every(Connection.reply), context=context)
    client = make_client(**options(server.url))
    with pytest.raises(tc.ConnectionFailedError, match="certificate is not trusted") as caught:
        client(call)
    assert (caught.value.attempts, server.requests) == (1, [])


@pytest.mark.parametrize("call", [get, create])
def test_a_server_that_speaks_no_tls(make_client: Any, make_server: Any, call: Callable[[Any], Any]) -> None:
    server = make_server(lambda c: c.sock.sendall(b"HTTP/1.1 400 x\r\n\r\n"))
    client = make_client(**options(f"https://{server.host}"))
    with pytest.raises(tc.ConnectionFailedError, match="no connection could be made"):
        client(call)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", [get, create])
def test_the_key_does_not_travel_with_a_redirect(
    make_client: Any, make_server: Any, status: int, call: Callable[[Any], Any]
) -> None:
    other = make_server(every(Connection.reply))
    server = make_server(answer(status, f"location: {other.url}/v2/replicas?token=s3cret"))
    client = make_client(**options(server.url))
    with pytest.raises((tc.RedirectError, tc.OutcomeUnknownError)) as caught:
        client(call)
    assert (len(server.requests), other.connections) == (1, 0)
    error = caught.value.__cause__ or caught.value
    assert isinstance(error, tc.RedirectError)
    assert "s3cret" not in str(caught.value) + str(error) + repr(error.headers)


@pytest.mark.parametrize(
    ("status", "error"), [(301, tc.RedirectError), (302, tc.RedirectError), (303, UNKNOWN), (307, tc.RedirectError)]
)
def test_303_says_that_a_create_was_carried_out(make_client: Any, make_server: Any, status: int, error: Any) -> None:
    server = make_server(answer(status, "location: /v2/replicas/r1"))
    with pytest.raises(error) as caught:
        make_client(**options(server.url))(create)
    assert (type(caught.value), len(server.requests)) == (error, 1)


@pytest.mark.parametrize("call", [get, create])
def test_a_connection_that_the_server_closed_between_two_calls(
    make_client: Any, make_server: Any, call: Callable[[Any], Any]
) -> None:
    closed = threading.Event()

    def one_answer(connection: Connection) -> None:
        connection.read_request()
        connection.reply()
        connection.sock.shutdown(socket.SHUT_RDWR)  # the client believes in keep-alive
        closed.set()

    server = make_server(one_answer)
    client = make_client(**options(server.url))
    assert client(call).replica_id == "r1"
    assert closed.wait(5)
    assert client(call).replica_id == "r1"
    assert len(server.requests) == 2


def test_no_request_is_sent_with_an_expired_deadline(make_client: Any, make_server: Any) -> None:
    server = make_server(answer(503, "retry-after: 19"))
    client = make_client(**options(server.url))
    with pytest.raises(tc.ServerStatusError) as caught:
        client(get)
    # 19 s fit into the 20 s once, not twice
    assert (len(server.requests), caught.value.attempts) == (2, 2)


def test_what_is_sent_is_plain_http(make_client: Any, make_server: Any) -> None:
    server = make_server(every(Connection.reply))
    make_client(**options(server.url))(create)
    head = server.requests[0].partition(b"\r\n\r\n")[0].decode()
    names = [line.partition(":")[0].lower() for line in head.split("\r\n")[1:]]
    assert head.startswith("POST /v2/replicas HTTP/1.1\r\n")
    assert len(names) == len(set(names))
    assert set(names) == {
        "host",
        "accept",
        "accept-encoding",
        "user-agent",
        "x-api-key",
        "content-type",
        "content-length",
    }
    assert re.search(r"(?m)^content-type: application/json\r?$", head, re.IGNORECASE)
