"""Proxies on real sockets: they see only the expected data, and all rules still apply."""

from __future__ import annotations

import struct
from base64 import b64encode
from typing import Any

import pytest

import tavus_consent as tc

from .conftest import Connection, every

NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there: whoever is answered was answered by the proxy."""


def test_a_request_goes_through_a_proxy_with_its_password(make_client: Any, make_server: Any) -> None:
    proxy = make_server(every(Connection.reply))
    client = make_client(base_url=NOWHERE, proxy=f"http://rio:sesame@{proxy.host}")
    assert client(lambda t: t.replicas.get("r1")).replica_id == "r1"
    (seen,) = proxy.requests
    assert seen.startswith(b"GET http://127.0.0.1:9/v2/replicas/r1 HTTP/1.1\r\n")
    assert b"proxy-authorization: basic " + b64encode(b"rio:sesame").lower() in seen.lower()


def socks(connection: Connection) -> None:
    """A SOCKS5 proxy that lets everybody in (RFC 1928), and answers in the place of whoever was asked for."""
    sock = connection.sock
    version, count = sock.recv(2)
    sock.recv(count)
    sock.sendall(bytes((version, 0)))
    _, command, _, kind, length = sock.recv(5)
    host = sock.recv(length) if kind == 3 else bytes((length,)) + sock.recv(3)
    (port,) = struct.unpack(">H", sock.recv(2))
    connection.server.requests.append(b"%d %s %d" % (command, host, port))
    sock.sendall(bytes((5, 0, 0, 1, 0, 0, 0, 0, 0, 0)))
    every(Connection.reply)(connection)


def test_a_request_goes_through_socks(make_client: Any, make_server: Any) -> None:
    proxy = make_server(socks)
    client = make_client(base_url="http://127.0.0.1:9", proxy=f"socks5://{proxy.host}")
    assert client(lambda t: t.replicas.get("r1")).replica_id == "r1"
    asked, request = proxy.requests
    assert asked in (b"1 127.0.0.1 9", b"1 \x7f\x00\x00\x01 9")
    assert request.startswith(b"GET /v2/replicas/r1 HTTP/1.1\r\n")


@pytest.mark.parametrize("status", [407, 502])
def test_a_proxy_that_refuses_a_tunnel_sent_nothing(make_client: Any, make_server: Any, status: int) -> None:
    proxy = make_server(every(lambda c: c.reply(status, b"no")))
    client = make_client(base_url="https://tavus.example", proxy=f"http://{proxy.host}", max_retries=0)
    consent = tc.SpokenConsent("Rio Alvarez", "https://b.example/c.mp4")
    with pytest.raises(tc.ConnectionFailedError):  # and not: the outcome is unknown
        client(lambda t: t.replicas.create_personal(train_video_url="https://b.example/t.mp4", consent=consent))
    assert [one.split(b" ")[0] for one in proxy.requests] == [b"CONNECT"]
    assert b"key-for-tests" not in proxy.requests[0]
