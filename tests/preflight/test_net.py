"""No link reaches a non-public address, neither through its host, its DNS nor a redirect."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import httpcore
import pytest
import trustme
from tests.rows import each_row

from tavus_consent.preflight import PreflightReport, Reach, preflight
from tavus_consent.preflight.net import is_public, resolve

from .servers import FileServer, Handler, serving

PUBLIC = "93.184.216.34"
CLOSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "4000::1",
]
OPEN = [
    "8.8.8.8",
    "93.184.216.34",
    "172.32.0.1",
    "172.15.0.1",
    "100.128.0.1",
    "192.0.1.1",
    "2606:4700::1111",
    "2a00:1450::1",
]


class Backend(httpcore.NetworkBackend):
    """Notes where it is to connect to, and connects to one server here, or to none."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port
        self.asked: list[str] = []
        self.bad: set[str] = set()

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *_: Any) -> httpcore.NetworkStream:
        self.asked.append(host)
        if self.port is None or host in self.bad:
            raise httpcore.ConnectError
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.port, timeout)


def ask(url: str, **reach: Any) -> PreflightReport:
    return preflight(train_video=url, reach=Reach(**reach))


def reasons(report: PreflightReport) -> set[Any]:
    return {one.measured for one in report.problems if one.severity == "error"}


@each_row("address", CLOSED)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    backend = Backend()
    report = ask("https://files.example/a.mp4", resolver=lambda *_: [address], backend=backend)
    assert reasons(report) == {"refused_address"}
    assert backend.asked == []


@pytest.mark.parametrize("address", OPEN)
def test_what_is_public_is_connected_to(address: str) -> None:
    backend = Backend()
    ask("https://files.example/a.mp4", resolver=lambda *_: [address], backend=backend)
    assert backend.asked == [address]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "a.localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "10.0.0.1",
    ],
)
def test_an_address_in_the_link_is_refused(host: str) -> None:
    backend = Backend()

    def resolver(name: str, port: int) -> list[str]:
        return ["127.0.0.1"] if "localhost" in name else resolve(name, port)

    report = ask(f"https://{host}/a.mp4", backend=backend, resolver=resolver)
    assert reasons(report) == {"refused_address"}
    assert backend.asked == []


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "017700000001",
        "127.0.0.1.",
        "[::1%25eth0]",
        "127。0。0。1",
    ],
)
def test_an_address_in_disguise_reaches_nothing(host: str) -> None:
    backend = Backend()
    report = ask(f"https://{host}/a.mp4", backend=backend)
    assert not report.ok
    assert backend.asked == []


@pytest.mark.parametrize(
    "url", ["https://user@files.example/a.mp4", "https://user:pass@127.0.0.1/a.mp4", "http://files.example/a.mp4"]
)
def test_users_and_plain_http_are_refused(url: str) -> None:
    backend = Backend()
    assert reasons(ask(url, resolver=lambda *_: [PUBLIC], backend=backend)) <= {"userinfo", "scheme"}
    assert backend.asked == []


def test_http_on_this_machine_has_to_be_allowed() -> None:
    backend = Backend()
    assert reasons(ask("http://127.0.0.1/a.mp4", backend=backend)) == {"refused_address"}
    assert backend.asked == []


@pytest.mark.parametrize("answers", [[PUBLIC, "127.0.0.1"], ["10.0.0.1", PUBLIC]])
def test_one_bad_address_spoils_the_answer(answers: list[str]) -> None:
    backend = Backend()
    assert reasons(ask("https://files.example/a.mp4", resolver=lambda *_: answers, backend=backend)) == {
        "refused_address"
    }
    assert backend.asked == []


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    backend = Backend()
    others = ["8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9"]
    report = ask("https://files.example/a.mp4", resolver=lambda *_: others, backend=backend)
    assert backend.asked == others[:4]
    assert [one.measured for one in report.problems] == ["connect"]


@pytest.mark.parametrize(
    ("error", "reason", "severity"),
    [
        (socket.gaierror(socket.EAI_NONAME, "no such host"), "no_host", "error"),
        (socket.gaierror(socket.EAI_AGAIN, "later"), "dns", "unknown"),
        (None, "no_host", "error"),
    ],
)
def test_a_host_without_address(error: OSError | None, reason: str, severity: str) -> None:
    def resolver(_host: str, _port: int) -> list[str]:
        if error is not None:
            raise error
        return []

    [found] = ask("https://files.example/a.mp4", resolver=resolver, backend=Backend()).problems
    assert (found.measured, found.severity) == (reason, severity)


def test_the_system_resolves_by_default() -> None:
    assert resolve("127.0.0.1", 443) == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("entry", "answer", "allowed"),
    [
        ("minio.example", "10.1.2.3", True),
        ("bücher.example", "10.1.2.3", False),
        ("MinIO.example:9000", "10.1.2.3", True),
        ("minio.example:9000", "fd00::1", True),
        ("minio.example:443", "10.1.2.3", False),
        ("other.example", "10.1.2.3", False),
        ("minio.example", "169.254.169.254", False),
        ("minio.example", "fe80::1", False),
        ("minio.example", "::ffff:10.1.2.3", False),
        ("minio.example", "0.0.0.0", False),
        ("minio.example", PUBLIC, True),
    ],
)
def test_private_storage_has_to_be_named(entry: str, answer: str, allowed: bool) -> None:
    backend = Backend()
    ask("https://minio.example:9000/a.mp4", private_hosts=[entry], resolver=lambda *_: [answer], backend=backend)
    assert backend.asked == ([answer] if allowed else [])


def test_one_host_need_not_be_a_list() -> None:
    assert Reach(private_hosts="Minio.example").private_hosts == {"minio.example"}  # type: ignore[arg-type]


def test_a_host_of_another_script_is_looked_up_as_it_is_written_in_dns() -> None:
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return []

    ask("https://☃.example/ä%20b.mp4", resolver=resolver)
    assert asked == ["xn--n3h.example"]


def test_an_ipv6_host_can_be_allowed() -> None:
    backend = Backend()
    ask("http://[::1]:9000/a.mp4", private_hosts=["[::1]:9000"], backend=backend)
    assert backend.asked == ["::1"]


class Secure:
    """A TLS server of the name ``files.example`` and what trusts it."""

    def __init__(self, server: FileServer, tls: ssl.SSLContext) -> None:
        self.server = server
        self.tls = tls
        self.backend = Backend(server.port)
        self.names: list[str] = []

    def ask(self, url: str = "https://files.example/a.mp4", **options: Any) -> PreflightReport:
        def resolver(host: str, _port: int) -> list[str]:
            self.names.append(host)
            return [PUBLIC]

        return ask(url, **({"resolver": resolver, "backend": self.backend, "tls": self.tls} | options))


@pytest.fixture
def secure(video: Any) -> Iterator[Secure]:
    authority = trustme.CA()
    ours, theirs = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(ours)
    authority.issue_cert("files.example").configure_cert(theirs)
    with serving(video()) as server:
        server.httpd.socket = theirs.wrap_socket(server.httpd.socket, server_side=True)
        yield Secure(server, ours)


def close_always(handler: Handler, start: int, end: int) -> bool:
    handler.give(start, end, headers={"Connection": "close"})
    return True


def test_a_public_link_is_read(secure: Secure) -> None:
    report = secure.ask()
    assert report.ok
    assert report.problems == ()
    assert {headers["host"] for _, _, headers in secure.server.requests} == {"files.example"}


def test_dns_that_changes_its_answer_changes_nothing(secure: Secure) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"], ["10.0.0.1"]])
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    secure.server.behave = close_always  # so that every request connects anew
    assert secure.ask(resolver=resolver).ok
    assert asked == ["files.example"]
    assert len(secure.backend.asked) > 2
    assert set(secure.backend.asked) == {PUBLIC}


def test_an_address_that_does_not_answer_is_tried_once(secure: Secure) -> None:
    secure.backend.bad = {"8.8.8.8"}
    secure.server.behave = close_always
    assert secure.ask(resolver=lambda *_: ["8.8.8.8", PUBLIC]).ok
    assert secure.backend.asked.count("8.8.8.8") == 1
    assert secure.backend.asked.count(PUBLIC) > 2


def test_a_certificate_of_another_host_is_not_trusted(secure: Secure) -> None:
    [found] = secure.ask("https://other.example/a.mp4").problems
    assert (found.measured, found.severity) == ("tls", "unknown")
    assert secure.server.requests == []


def test_a_proxy_of_the_environment_is_not_used(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert secure.ask().ok
    assert set(secure.backend.asked) == {PUBLIC}


def redirecting(location: str) -> Callable[[Handler, int, int], bool]:
    def behave(handler: Handler, _start: int, _end: int) -> bool:
        handler.reply(302, b"", {"Location": location})
        return True

    return behave


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("https://127.0.0.1/admin", "refused_address"),
        ("https://[::1]/admin", "refused_address"),
        ("https://localhost:8080/admin", "refused_address"),
        ("https://169.254.169.254/latest/meta-data", "refused_address"),
        ("//10.0.0.1/admin", "refused_address"),
        ("https://2130706433/admin", "host"),
        ("https://0x7f.0.0.1/admin", "host"),
        ("http://127.0.0.1/admin", "redirect"),
        ("http://files.example/a.mp4", "redirect"),
        ("https://user:secret@files.example/a.mp4", "userinfo"),
        ("file:///etc/passwd", "not_absolute"),
        ("gopher://127.0.0.1:6379/", "scheme"),
    ],
)
def test_a_redirect_is_vetted_like_a_link(secure: Secure, location: str, reason: str) -> None:
    secure.server.behave = redirecting(location)

    def resolver(host: str, port: int) -> list[str]:
        return [PUBLIC] if host == "files.example" else resolve(host, port)

    report = secure.ask(resolver=resolver)
    assert [one.measured for one in report.problems] == [reason]
    assert len(secure.server.requests) == 1
    assert set(secure.backend.asked) == {PUBLIC}


def test_a_redirect_to_a_host_whose_dns_is_bad(secure: Secure) -> None:
    secure.server.behave = redirecting("https://inside.example/a.mp4")
    answers = {"files.example": [PUBLIC], "inside.example": ["10.0.0.1"]}
    report = secure.ask(resolver=lambda host, _: answers[host])
    assert reasons(report) == {"refused_address"}
    assert secure.backend.asked == [PUBLIC]
