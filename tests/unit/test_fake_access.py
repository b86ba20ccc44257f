"""Requests that the served fake accepts from browsers, other machines and misbehaving clients, over real HTTP."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from tavus_consent import ConfigurationError
from tavus_consent.testing import FakeTavus, Fault, serve

PAGE = "http://localhost:5173"
EVIL = "https://evil.example"
JSON = {"content-type": "application/json"}
MIB = 2**20


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[FakeTavus, str]]:
    fake = FakeTavus()
    with fake.serve(allow_hosts=["fake", "Tavus.Example."], allow_origins=[PAGE, "chrome-extension://abc/"]) as url:
        yield fake, url


@pytest.fixture
def fake(served: tuple[FakeTavus, str]) -> FakeTavus:
    served[0].reset()
    return served[0]


@pytest.fixture
def http(served: tuple[FakeTavus, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served[1], headers={"x-api-key": "fake-key"}, trust_env=False) as client:
        yield client


ROUTES = pytest.mark.parametrize("path", ["/__fake__/state", "/v2/replicas"])


# Host


@ROUTES
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "notlocalhost",
        "2130706433",
    ],
)
def test_a_name_that_an_attacker_can_own_is_refused(fake: FakeTavus, http: httpx.Client, path: str, host: str) -> None:
    answer = http.get(path, headers={"host": host})

    assert (answer.status_code, "--allow-host" in answer.json()["error"]) == (403, True)
    assert fake.requests == []


@ROUTES
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost:8080",
        "LOCALHOST",
        "localhost.",
        "app.localhost:1",
        "[::1]:8080",
        "192.168.1.5:80",
        "fake:8080",
        "Fake",
        "tavus.example",
        "tavus.example.",
    ],
)
def test_addresses_and_names_that_are_allowed_work(fake: FakeTavus, http: httpx.Client, path: str, host: str) -> None:
    assert http.get(path, headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["", "a b", "evil.example/@localhost", "[::1", "user@localhost", "localhost:port"])
def test_a_malformed_host_is_400(fake: FakeTavus, http: httpx.Client, host: str) -> None:
    assert http.get("/__fake__/state", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("hosts", [b"", b"host: localhost\r\nhost: evil.example\r\n"], ids=["none", "two"])
def test_a_request_needs_one_host(served: tuple[FakeTavus, str], hosts: bytes) -> None:
    assert raw(served[1], b"GET /__fake__/state HTTP/1.1\r\n" + hosts + b"\r\n").startswith(b"HTTP/1.1 400 ")


def raw(url: str, request: bytes) -> bytes:
    """Send bytes, and receive until the head of an answer is complete."""
    target = httpx.URL(url)
    with socket.create_connection((target.host, target.port), timeout=30) as connection:
        connection.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
    return received


def test_the_name_that_it_listens_on_works() -> None:
    with FakeTavus().serve(host="localhost") as url:
        assert httpx.get(f"{url}/__fake__/state", trust_env=False).status_code == 200


def test_on_all_addresses_other_machines_reach_it_by_address_or_by_an_allowed_name() -> None:
    with FakeTavus().serve(host="0.0.0.0", allow_hosts=["fake"]) as url, httpx.Client(trust_env=False) as http:
        state = url.replace("0.0.0.0", "127.0.0.1") + "/__fake__/state"
        codes = {host: http.get(state, headers={"host": host}).status_code for host in ("10.0.0.7", "fake", "other")}

    assert codes == {"10.0.0.7": 200, "fake": 200, "other": 403}


@pytest.mark.parametrize("host", ["", "fake:80", "http://fake", "a/b", "*", "[::1"])
def test_what_is_no_name_cannot_be_allowed(host: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot allow the host"), FakeTavus().serve(allow_hosts=[host]):
        pass


def test_one_name_and_one_origin_can_be_given_alone() -> None:
    with FakeTavus().serve(allow_hosts="fake", allow_origins=PAGE) as url:
        answer = httpx.get(f"{url}/__fake__/state", headers={"host": "fake", "origin": PAGE}, trust_env=False)

    assert answer.status_code == 200


# Origin


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "", "http://localhost:5174", "https://localhost:5173", PAGE + ".evil"]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/__fake__/reset"),
        ("POST", "/__fake__/faults"),
        ("GET", "/__fake__/state"),
        ("POST", "/v2/replicas"),
        ("GET", "/v2/replicas"),
    ],
)
def test_a_page_that_is_not_trusted_is_refused(
    fake: FakeTavus, http: httpx.Client, method: str, path: str, origin: str
) -> None:
    created = http.post("/v2/replicas", json={"train_video_url": "https://media.example/train.mp4"}).json()

    answer = http.request(method, path, json={"status": 503}, headers={"origin": origin})

    assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (403, False)
    assert (list(fake.replicas), len(fake.requests)) == ([created["replica_id"]], 1)


def test_one_trusted_origin_beside_another_one_is_refused(fake: FakeTavus, http: httpx.Client) -> None:
    headers = [("origin", PAGE), ("origin", EVIL)]

    assert http.get("/__fake__/state", headers=headers).status_code == 403


def test_a_page_of_the_fake_itself_may_use_it(fake: FakeTavus, http: httpx.Client) -> None:
    origin = str(http.base_url).rstrip("/")

    assert http.get("/__fake__/state", headers={"origin": origin}).status_code == 200


@pytest.mark.parametrize("origin", [PAGE, "chrome-extension://abc"])
@ROUTES
def test_a_trusted_page_may_read_the_answers(fake: FakeTavus, http: httpx.Client, path: str, origin: str) -> None:
    answer = http.get(path, headers={"origin": origin})

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)
    assert (answer.headers["access-control-expose-headers"], answer.headers["vary"]) == ("*", "origin")


def test_a_trusted_page_may_read_faults_too(fake: FakeTavus, http: httpx.Client) -> None:
    fake.inject(Fault(status=429, retry_after=7))

    answer = http.get("/v2/replicas", headers={"origin": PAGE})

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (429, PAGE)


def preflight(http: httpx.Client, path: str, origin: str) -> httpx.Response:
    headers = {
        "origin": origin,
        "access-control-request-method": "DELETE",
        "access-control-request-headers": "content-type,x-api-key",
    }
    return http.options(path, headers=headers)


@ROUTES
def test_a_trusted_page_is_told_that_it_may_send_requests(fake: FakeTavus, http: httpx.Client, path: str) -> None:
    fake.inject(Fault(status=503))

    answer = preflight(http, path, PAGE)

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, PAGE)
    assert "DELETE" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "content-type,x-api-key"
    assert fake.requests == []  # nor did it use up the fault
    assert http.get("/v2/replicas").status_code == 503


@ROUTES
def test_another_page_is_told_nothing(fake: FakeTavus, http: httpx.Client, path: str) -> None:
    answer = preflight(http, path, EVIL)

    assert (answer.status_code, "access-control-allow-methods" in answer.headers) == (403, False)


def test_options_that_no_page_asks_for_is_405_as_before(fake: FakeTavus, http: httpx.Client) -> None:
    assert http.options("/v2/replicas").status_code == 405


def test_without_allowed_origins_no_page_may_use_it_and_nothing_is_said_of_origins() -> None:
    with FakeTavus().serve() as url, httpx.Client(base_url=url, trust_env=False) as http:
        refused, answered = http.get("/__fake__/state", headers={"origin": PAGE}), http.get("/__fake__/state")

    assert (refused.status_code, answered.status_code, "vary" in answered.headers) == (403, 200, False)


def test_with_allowed_origins_caches_are_told_that_answers_differ(fake: FakeTavus, http: httpx.Client) -> None:
    assert http.get("/v2/replicas").headers["vary"] == "origin"


@pytest.mark.parametrize(
    "origin", ["*", "null", "", "localhost:5173", "http://a/b", "http://*.example", "http://a,http://b"]
)
def test_what_is_no_origin_cannot_be_allowed(origin: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot allow the origin"):
        serve(FakeTavus(), port=0, allow_origins=[origin])


# Bodies


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
@pytest.mark.parametrize("command", ["reset", "faults", "advance", "fail", "fail-training"])
def test_a_command_must_be_json(fake: FakeTavus, http: httpx.Client, command: str, kind: str) -> None:
    http.post("/v2/replicas", json={"train_video_url": "https://media.example/train.mp4"})

    answer = http.post(f"/__fake__/{command}", content=b'{"status": 503}', headers={"content-type": kind})

    assert (answer.status_code, len(fake.replicas)) == (415, 1)


def test_a_form_without_fields_cannot_reset_it(fake: FakeTavus, http: httpx.Client) -> None:
    assert http.post("/__fake__/reset").status_code == 415


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_is_carried_out(fake: FakeTavus, http: httpx.Client, kind: str) -> None:
    assert http.post("/__fake__/reset", content=b"{}", headers={"content-type": kind}).status_code == 200


@pytest.mark.parametrize("body", [b"[]", b"[1]", b'"reset"', b"1", b"null"])
def test_a_command_that_is_no_object_is_400(fake: FakeTavus, http: httpx.Client, body: bytes) -> None:
    answer = http.post("/__fake__/advance", content=body, headers=JSON)

    assert (answer.status_code, answer.json()) == (400, {"error": "the body must be a JSON object"})


def bombs() -> Iterator[Any]:
    for depth in (101, 300, 1_000, 100_000):
        yield pytest.param(b"[" * depth + b"]" * depth, id=f"lists {depth}")
        yield pytest.param(b'{"a":' * depth + b"1" + b"}" * depth, id=f"objects {depth}")
    yield pytest.param(b"[" * 10**6, id="open")


@pytest.mark.parametrize("bomb", list(bombs()))
@pytest.mark.parametrize(
    ("path", "frame"),
    [
        ("/__fake__/advance", b"%s"),
        ("/__fake__/faults", b'{"status": 503, "body": %s}'),
        ("/v2/replicas", b"%s"),
        ("/v2/personas", b'{"pipeline_mode": "full", "system_prompt": "x", "layers": {"llm": {"extra_body": %s}}}'),
    ],
)
def test_a_nesting_bomb_is_400(fake: FakeTavus, http: httpx.Client, path: str, frame: bytes, bomb: bytes) -> None:
    assert http.post(path, content=frame % bomb, headers=JSON).status_code == 400
    assert http.get("/__fake__/state").status_code == 200


def test_a_hundred_levels_are_not_too_deep(fake: FakeTavus, http: httpx.Client) -> None:
    body = b'{"status": 503, "body": %s}' % (b"[" * 99 + b"]" * 99)

    assert http.post("/__fake__/faults", content=body, headers=JSON).status_code == 200
    assert http.get("/v2/replicas").json() == json.loads(b"[" * 99 + b"]" * 99)


def pieces(size: int) -> Iterator[bytes]:
    head, tail = b'{"train_video_url": "https://media.example/a.mp4", "x": "', b'"}'
    yield head
    left = size - len(head) - len(tail)
    while left:
        yield b"a" * min(left, 50_000)
        left -= min(left, 50_000)
    yield tail


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_of_16_mib_is_read_whole(fake: FakeTavus, http: httpx.Client, chunked: bool) -> None:
    body = pieces(16 * MIB) if chunked else b"".join(pieces(16 * MIB))

    http.post("/v2/replicas", content=body, headers=JSON, timeout=60)

    assert [len(request.body) for request in fake.requests] == [16 * MIB]


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize("path", ["/v2/replicas", "/__fake__/advance"])
def test_a_larger_body_is_413(fake: FakeTavus, http: httpx.Client, path: str, chunked: bool) -> None:
    body = pieces(16 * MIB + 1) if chunked else b"".join(pieces(16 * MIB + 1))

    answer = http.post(path, content=body, headers=JSON, timeout=60)

    assert (answer.status_code, fake.requests) == (413, [])
    assert http.get("/v2/replicas").status_code == 200


def test_a_body_that_says_that_it_is_too_large_is_not_waited_for(served: tuple[FakeTavus, str]) -> None:
    head = b"POST /v2/replicas HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n" % (16 * MIB + 1)

    assert raw(served[1], head).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_has_no_end_is_not_waited_for(served: tuple[FakeTavus, str]) -> None:
    head = b"POST /v2/replicas HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%s\r\n" % (MIB, b"a" * MIB)

    assert raw(served[1], head + 17 * chunk).startswith(b"HTTP/1.1 413 ")


def test_a_text_that_is_no_operation_is_not_repeated_whole(fake: FakeTavus, http: httpx.Client) -> None:
    answer = http.post("/__fake__/faults", json={"status": 503, "operation": "x" * MIB})

    assert (answer.status_code, len(answer.content) < 1000) == (400, True)


# The end

PROGRAM = """
from tavus_consent.testing import FakeTavus, Fault, serve
fake = FakeTavus()
fake.inject(Fault(delay=3600), operation="listVideos")
fake.inject(Fault(status=200, body=b"x" * 50_000_000), operation="listPersonas")
serve(fake, port=0, on_ready=lambda url: print(url, flush=True))
print("bye")
"""


def waits_for_a_late_answer(url: str) -> socket.socket:
    return opened(url, b"GET /v2/videos HTTP/1.1\r\nhost: localhost\r\nx-api-key: fake-key\r\n\r\n")


def does_not_take_its_answer(url: str) -> socket.socket:
    connection = opened(url, b"GET /v2/personas HTTP/1.1\r\nhost: localhost\r\nx-api-key: fake-key\r\n\r\n")
    connection.recv(1)
    return connection


def does_not_finish_its_request(url: str) -> socket.socket:
    return opened(url, b"POST /v2/replicas HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{")


def is_idle(url: str) -> socket.socket:
    return opened(url, b"")


def opened(url: str, request: bytes) -> socket.socket:
    target = httpx.URL(url)
    connection = socket.create_connection((target.host, target.port), timeout=30)
    connection.sendall(request)
    return connection


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    "client", [waits_for_a_late_answer, does_not_take_its_answer, does_not_finish_its_request, is_idle]
)
def test_it_ends_cleanly_whatever_its_clients_do(client: Any, sign: signal.Signals) -> None:
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", PROGRAM], **pipes) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with client(url):
            httpx.get(f"{url}/__fake__/state", trust_env=False)  # so that it has seen the other request
            process.send_signal(sign)
            out, err = process.communicate(timeout=60)

    assert (out, err, process.returncode) == ("bye\n", "", 0)


def test_a_fake_that_is_closed_does_not_wait_for_late_answers() -> None:
    fake = FakeTavus()
    fake.inject(Fault(delay=3600))
    broken = Event()

    def ask(url: str) -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{url}/v2/replicas", trust_env=False, timeout=60)
        broken.set()

    with fake.serve() as url:
        thread = Thread(target=ask, args=(url,))
        thread.start()
        while not fake.requests:
            httpx.get(f"{url}/__fake__/state", trust_env=False)
    thread.join()

    assert broken.is_set()
