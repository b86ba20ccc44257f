"""A create that was not sent has a known outcome: the client may retry it, and raises a connection error."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
import trustme
from tests.ungated import ungated

import tavus_consent as tc
from tavus_consent.http.receiving import Sending
from tavus_consent.testing import FakeClock

from .conftest import Connection, every

CONSENT = tc.SpokenConsent("Rio Alvarez", "https://b.example/c.mp4")
QUICK = tc.Timeout(connect=0.2, total=10.0, deadline=40.0)
HURRIED = tc.Timeout(connect=0.2, total=0.4, deadline=20.0)


def get(tavus: Any) -> Any:
    return tavus.replicas.get("r1")


def create(tavus: Any) -> Any:
    return tavus.replicas.create_personal(train_video_url="https://b.example/t.mp4", consent=CONSENT)


def options(base_url: str, **others: Any) -> dict[str, Any]:
    # Pauses between attempts only move the clock; waits for sockets are real.
    return {"base_url": base_url, "clock": FakeClock(speed=1.0), "timeout": QUICK, **others}


@contextlib.contextmanager
def silence(host: str = "127.0.0.1") -> Iterator[int]:
    """A port that drops what asks for a connection, because its queue is full."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(family))
        listener.bind((host, 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket(family))
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> trustme.CA:
    """An authority that clients trust."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return ca


def tls_of(ca: trustme.CA, host: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(host).configure_cert(context)
    return context


def answer_once(connection: Connection) -> None:
    connection.read_request()
    connection.reply()


# No connection


@pytest.mark.parametrize("call", [get, create])
def test_a_host_that_drops_packets(make_client: Any, call: Callable[[Any], Any]) -> None:
    with silence() as port:
        client = make_client(**options(f"http://127.0.0.1:{port}"))
        with pytest.raises(tc.RequestTimeoutError, match=r"no connection within 0\.\d+ s") as caught:
            client(call)
    assert caught.value.attempts == 3


def test_a_host_that_drops_packets_until_the_deadline(make_client: Any) -> None:
    with silence() as port:
        client = make_client(**options(f"http://127.0.0.1:{port}", timeout=0.5))
        with pytest.raises(tc.RequestTimeoutError, match=r"no connection within 0\.\d+ s"):
            client(create)


@pytest.mark.parametrize("call", [get, create])
def test_a_server_that_is_silent_about_tls(make_client: Any, make_server: Any, call: Callable[[Any], Any]) -> None:
    server = make_server(Connection.stall)
    client = make_client(**options(f"https://{server.host}"))
    with pytest.raises(tc.RequestTimeoutError, match=r"no connection within 0\.\d+ s") as caught:
        client(call)
    assert caught.value.attempts == 3


def test_a_server_that_is_silent_about_tls_until_the_deadline(make_client: Any, make_server: Any) -> None:
    client = make_client(**options(f"https://{make_server(Connection.stall).host}", timeout=0.5))
    with pytest.raises(tc.RequestTimeoutError, match=r"no connection within 0\.\d+ s"):
        client(create)


def test_a_create_is_repeated_after_a_handshake_that_failed(
    make_client: Any, make_server: Any, trusted: trustme.CA
) -> None:
    context = tls_of(trusted)

    def second_time(connection: Connection) -> None:
        if connection.server.connections > 1:
            with context.wrap_socket(connection.sock, server_side=True) as sock:
                answer_once(Connection(sock, connection.server))

    server = make_server(second_time)
    client = make_client(**options(f"https://{server.host}", timeout=None))
    assert client(create).replica_id == "r1"
    assert (server.connections, len(server.requests)) == (2, 1)


# Proxies


def hang_up(connection: Connection) -> None:
    connection.read_request()


def reset(connection: Connection) -> None:
    connection.read_request()
    connection.reset()


def ignore(connection: Connection) -> None:
    connection.read_request()
    connection.stall()


def tunnel_to_silence(connection: Connection) -> None:
    connection.read_request()
    connection.sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    connection.stall()


@pytest.mark.parametrize(
    ("behave", "error"),
    [
        (hang_up, tc.ConnectionFailedError),
        (reset, tc.ConnectionFailedError),
        (ignore, tc.RequestTimeoutError),
        (tunnel_to_silence, tc.RequestTimeoutError),
    ],
)
def test_a_proxy_that_makes_no_tunnel(make_client: Any, make_server: Any, behave: Any, error: Any) -> None:
    proxy = make_server(behave)
    client = make_client(**options("https://tavus.example", proxy=f"http://{proxy.host}", timeout=HURRIED))
    with pytest.raises(error, match="no connection") as caught:
        client(create)
    assert (type(caught.value), caught.value.attempts) == (error, 3)
    assert {one.split(b" ")[0] for one in proxy.requests} == {b"CONNECT"}


def test_a_create_is_repeated_after_a_tunnel_that_failed(
    make_client: Any, make_server: Any, trusted: trustme.CA
) -> None:
    context = tls_of(trusted, "tavus.example")

    def second_time(connection: Connection) -> None:
        connection.read_request()
        if connection.server.connections > 1:
            connection.sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with context.wrap_socket(connection.sock, server_side=True) as sock:
                answer_once(Connection(sock, connection.server))

    proxy = make_server(second_time)
    client = make_client(**options("https://tavus.example", proxy=f"http://{proxy.host}", timeout=None))
    assert client(create).replica_id == "r1"
    assert [one.split(b" ")[0] for one in proxy.requests] == [b"CONNECT", b"CONNECT", b"POST"]


@pytest.mark.parametrize("behave", [hang_up, reset])
def test_what_a_proxy_was_given_may_have_arrived(make_client: Any, make_server: Any, behave: Any) -> None:
    proxy = make_server(behave)
    client = make_client(**options("http://127.0.0.1:9", proxy=f"http://{proxy.host}"))
    with pytest.raises(tc.OutcomeUnknownError):
        client(create)
    assert len(proxy.requests) == 1


def test_a_socks_proxy_that_hangs_up(make_client: Any, make_server: Any) -> None:
    proxy = make_server(lambda connection: connection.sock.recv(1))
    client = make_client(**options("http://127.0.0.1:9", proxy=f"socks5://{proxy.host}"))
    with pytest.raises(tc.ConnectionFailedError) as caught:
        client(create)
    assert caught.value.attempts == 3


def relay(connection: Connection) -> None:
    """Carry bytes between a client and the server that it asked for."""
    target = (connection.read_request() or b"").split(b" ")[1].decode()
    host, _, port = target.rpartition(":")
    connection.sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    near: Any = connection.sock
    with socket.create_connection((host, int(port))) as far:
        while True:
            ready = [near] if near.pending() else select.select([near, far], [], [], 30)[0]
            for one in ready:
                data = one.recv(65536)
                if not data:
                    return
                (far if one is near else near).sendall(data)


def test_tls_within_the_tls_of_a_proxy(make_client: Any, make_server: Any, trusted: trustme.CA) -> None:
    server = make_server(every(lambda c: c.reply(200, b'{"replica_id": "r1", "x": "%s"}' % (b"x" * 200_000))))
    secured = make_server(server.behave, context=tls_of(trusted))
    proxy = make_server(relay, context=tls_of(trusted))
    through = httpx.Proxy(proxy.url, ssl_context=httpx.create_ssl_context())
    client = make_client(**options(secured.url, proxy=through, timeout=None))
    for _ in range(2):
        assert client(get).replica_id == "r1"
    assert client(create).replica_id == "r1"
    assert (len(secured.requests), proxy.connections) == (3, 2)  # the create has its own


@pytest.mark.parametrize("behave", [Connection.stall, lambda connection: None])
def test_no_tls_within_the_tls_of_a_proxy(make_client: Any, make_server: Any, trusted: trustme.CA, behave: Any) -> None:
    server = make_server(behave)
    proxy = make_server(relay, context=tls_of(trusted))
    through = httpx.Proxy(proxy.url, ssl_context=httpx.create_ssl_context())
    client = make_client(**options(f"https://{server.host}", proxy=through, max_retries=0))
    with pytest.raises((tc.ConnectionFailedError, tc.RequestTimeoutError), match="no connection"):
        client(create)


# Idle connections


def closes_at_the_second(connection: Connection) -> None:
    """Answer one request; when the next one comes, close the connection without reading it."""
    connection.read_request()
    connection.reply()
    connection.sock.recv(1)
    connection.reset()


def test_a_create_does_not_use_an_idle_connection(make_client: Any, make_server: Any) -> None:
    server = make_server(closes_at_the_second)
    client = make_client(**options(server.url, timeout=None))
    assert [client(create).replica_id for _ in range(8)] == ["r1"] * 8
    assert (server.connections, len(server.requests)) == (8, 8)


def test_the_connection_of_a_create_is_used_again_by_others(make_client: Any, make_server: Any) -> None:
    server = make_server(every(Connection.reply))
    client = make_client(**options(server.url, timeout=None))
    for call in (create, get, get, create, get):
        client(call)
    assert server.connections == 2


# A client or a transport of the caller's


def given(kind: str, **options: Any) -> Any:
    return httpx.Client(**options) if kind == "sync" else httpx.AsyncClient(**options)


def close(client: Any, http: Any) -> None:
    client(lambda _: http.close() if client.kind == "sync" else http.aclose())


@pytest.mark.parametrize(
    ("scheme", "behave", "error", "attempts"),
    [
        ("https", Connection.stall, tc.RequestTimeoutError, 3),
        ("https", lambda connection: None, tc.ConnectionFailedError, 3),
        ("http", reset, tc.OutcomeUnknownError, 1),
        ("http", ignore, tc.OutcomeUnknownError, 1),
    ],
    ids=["silent about TLS", "no TLS", "reset", "silent"],
)
def test_a_given_client_tells(
    make_client: Any, make_server: Any, kind: str, scheme: str, behave: Any, error: Any, attempts: int
) -> None:
    server = make_server(behave)
    http = given(kind)
    client = make_client(**options(f"{scheme}://{server.host}", http_client=http, timeout=HURRIED))
    with pytest.raises(error) as caught:
        client(create)
    assert (type(caught.value), caught.value.attempts) == (error, attempts)
    close(client, http)


@pytest.mark.parametrize(
    ("raised", "error"),
    [(httpx.ReadTimeout(""), tc.OutcomeUnknownError), (httpx.ConnectTimeout(""), tc.RequestTimeoutError)],
)
def test_the_exception_counts_where_a_transport_tells_nothing(make_client: Any, raised: Any, error: Any) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise raised

    with pytest.raises(error):
        make_client(fail)(create)


class TestSending:
    """Interpretation of httpcore's events."""

    def events(self, *events: tuple[str, Any]) -> bool | None:
        sending = Sending()
        for event, info in events:
            sending.note(event, info)
        return sending.sent

    def request(self, method: str = "POST") -> dict[str, Any]:
        return {"request": httpcore.Request(method, "https://tavus.example/")}

    START = "http11.send_request_headers.started"
    FAILED = "http11.send_request_headers.failed"

    def test_nothing_is_known_without_events(self) -> None:
        assert self.events() is None

    def test_connecting_sends_nothing(self) -> None:
        assert self.events(("connection.connect_tcp.started", {})) is False

    def test_a_request_that_begins_counts(self) -> None:
        assert self.events((self.START, self.request())) is True

    def test_http2_counts_as_well(self) -> None:
        assert self.events(("http2.send_request_headers.started", self.request())) is True

    def test_a_request_to_a_proxy_does_not_count(self) -> None:
        failed = (self.FAILED, {"exception": httpcore.WriteError()})
        assert self.events((self.START, self.request("CONNECT")), failed) is False

    @pytest.mark.parametrize("error", [httpcore.WriteError, httpcore.LocalProtocolError])
    def test_a_head_that_was_not_written_does_not_count(self, error: Any) -> None:
        assert self.events((self.START, self.request()), (self.FAILED, {"exception": error()})) is False

    def test_a_head_that_may_have_been_written_counts(self) -> None:
        failed = (self.FAILED, {"exception": httpcore.WriteTimeout()})
        assert self.events((self.START, self.request()), failed) is True

    def test_nothing_more_is_asked_for_once_it_is_known(self) -> None:
        request = self.request()
        request["request"].extensions["trace"] = print
        done = ("http11.send_request_headers.complete", {"return_value": None})
        assert self.events((self.START, request), done) is True
        assert "trace" not in request["request"].extensions

    def test_an_earlier_request_still_counts(self) -> None:
        request = self.request()
        failed = (self.FAILED, {"exception": httpcore.WriteError()})
        assert self.events((self.START, request), (self.START, request), failed) is True


# Time


def elapsed(client: Any, call: Callable[[Any], Any]) -> float:
    begin = time.monotonic()
    with contextlib.suppress(tc.CallError):
        client(call)
    return time.monotonic() - begin


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the addresses to which every name resolves."""
    found: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    return found


def address(host: str, port: int) -> Any:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    where = (host, port, 0, 0) if family == socket.AF_INET6 else (host, port)
    return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where


@pytest.mark.parametrize("call", [get, create])
def test_addresses_that_are_dead_do_not_use_up_the_time(
    make_client: Any, make_server: Any, addresses: list[Any], call: Callable[[Any], Any]
) -> None:
    server = make_server(every(Connection.reply))
    with silence("::1") as port:
        addresses += [address("::1", port)] * 4 + [address("127.0.0.1", int(server.host.rpartition(":")[2]))]
        client = make_client(**options("http://localhost", timeout=tc.Timeout(1, 3, 6)))
        assert client(call).replica_id == "r1"


def test_the_last_of_many_addresses_is_tried_in_time(make_client: Any, make_server: Any, addresses: list[Any]) -> None:
    server = make_server(every(Connection.reply))
    with silence() as port:
        addresses += [address("127.0.0.1", port)] * 8 + [address("127.0.0.1", int(server.host.rpartition(":")[2]))]
        client = make_client(**options("http://localhost", timeout=tc.Timeout(1, 3, 6)))
        assert client(create).replica_id == "r1"


def test_refused_addresses_are_passed_over(make_client: Any, make_server: Any, addresses: list[Any]) -> None:
    server = make_server(every(Connection.reply))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    addresses += [address("127.0.0.1", closed), address("127.0.0.1", int(server.host.rpartition(":")[2]))]
    assert make_client(**options("http://localhost"))(create).replica_id == "r1"


def test_a_family_that_the_machine_does_not_have_is_passed_over(
    make_client: Any, make_server: Any, addresses: list[Any]
) -> None:
    server = make_server(every(Connection.reply))
    port = int(server.host.rpartition(":")[2])
    addresses += [(255, socket.SOCK_STREAM, 0, "", ("?", port)), address("127.0.0.1", port)]
    assert make_client(**options("http://localhost"))(create).replica_id == "r1"


def test_what_each_address_said_is_told_once(make_client: Any, addresses: list[Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    addresses += [address("127.0.0.1", closed)] * 3
    with pytest.raises(tc.ConnectionFailedError) as caught:
        make_client(**options("http://localhost"))(create)
    assert str(caught.value).count("Errno") == 1


def test_a_refusal_does_not_end_the_other_attempts(make_client: Any, addresses: list[Any]) -> None:
    with silence() as port, socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
        probe.close()
        addresses += [address("127.0.0.1", port), address("127.0.0.1", closed)]
        with pytest.raises(tc.RequestTimeoutError, match=r"no connection within 0\.\d+ s"):
            make_client(**options("http://localhost"))(create)


def test_a_name_without_addresses(make_client: Any, addresses: list[Any]) -> None:
    with pytest.raises(tc.ConnectionFailedError):
        make_client(**options("http://localhost"))(create)


@pytest.mark.parametrize("count", [1, 8])
def test_dead_addresses_end_with_the_deadline(make_client: Any, addresses: list[Any], count: int) -> None:
    with silence("::1") as port:
        addresses += [address("::1", port)] * count
        client = make_client(**options("http://localhost", timeout=tc.Timeout(1, 3, 1)))
        assert elapsed(client, create) < 3


@pytest.fixture
def slow_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A resolver that answers when the test is over."""
    over = threading.Event()

    def wait(*_: Any, **__: Any) -> Any:
        over.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "too late")

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    yield
    over.set()


@pytest.mark.parametrize("call", [get, create])
def test_a_slow_resolver_ends_with_the_time_to_connect(
    make_client: Any, slow_resolver: None, call: Callable[[Any], Any]
) -> None:
    client = make_client(**options("http://localhost"))
    with pytest.raises(tc.RequestTimeoutError, match=r"no connection within 0\.\d+ s") as caught:
        client(call)
    assert caught.value.attempts == 3


def test_an_address_of_ipv6_needs_no_resolver(make_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("asked"))
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        client = make_client(**options(f"http://[::1]:{listener.getsockname()[1]}", timeout=HURRIED))
        with pytest.raises(tc.RequestTimeoutError, match="no complete answer"):
            client(get)


def test_a_zone_is_for_the_resolver(make_server: Any, addresses: list[Any]) -> None:
    server = make_server(every(Connection.reply))
    addresses.append(address("127.0.0.1", int(server.host.rpartition(":")[2])))
    with tc.Tavus("key-for-tests", base_url="http://localhost", proxy="http://[fe80::1%25lo]:3128") as tavus:
        assert get(tavus).replica_id == "r1"


def test_a_body_that_is_taken_slowly_ends_with_the_deadline(make_client: Any, make_server: Any) -> None:
    def sip(connection: Connection) -> None:
        while not connection.server.stopping.wait(0.05):
            connection.sock.recv(100_000)

    client = make_client(**options(make_server(sip).url, timeout=0.5))
    body = bytes(64 * 1024 * 1024)
    http = (
        (lambda tavus: tavus.raw.get_httpx_client())
        if client.kind == "sync"
        else (lambda tavus: tavus.raw.get_async_httpx_client())
    )
    assert elapsed(client, ungated(lambda tavus: http(tavus).request("PUT", "/v2/upload", content=body))) < 3


def test_a_trickle_through_two_layers_of_tls_ends_with_the_deadline(
    make_client: Any, make_server: Any, trusted: trustme.CA
) -> None:
    def trickle(connection: Connection) -> None:
        connection.read_request()
        connection.sock.sendall(b"HTTP/1.1 200 OK\r\nx-slow: ")
        while not connection.server.stopping.wait(0.05):
            connection.sock.sendall(b"x")

    server = make_server(trickle, context=tls_of(trusted))
    proxy = make_server(relay, context=tls_of(trusted))
    through = httpx.Proxy(proxy.url, ssl_context=httpx.create_ssl_context())
    client = make_client(**options(server.url, proxy=through, timeout=1.0))
    with pytest.raises(tc.OutcomeUnknownError):
        client(create)
