"""The fake over real HTTP: broken connections are real, it sends callbacks, and only loopback can control it."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event
from typing import Any

import httpx
import pytest

from tavus_consent import ConfigurationError, MissingExtraError, Tavus
from tavus_consent.testing import Callback, FakeRequest, FakeResponse, FakeTavus, Fault, serve
from tavus_consent.testing._access import Access
from tavus_consent.testing._asgi import FakeApp

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TRAIN = {"train_video_url": "https://media.example/train.mp4"}
BROKEN = (httpx.RemoteProtocolError, httpx.ReadError)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[FakeTavus, str]]:
    fake = FakeTavus(now=NOON)
    with fake.serve() as url:
        yield fake, url


@pytest.fixture
def fake(served: tuple[FakeTavus, str]) -> FakeTavus:
    served[0].reset()
    return served[0]


@pytest.fixture
def http(served: tuple[FakeTavus, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served[1], headers={"x-api-key": "fake-key"}, trust_env=False) as client:
        yield client


def create(http: httpx.Client, **fields: object) -> str:
    return str(http.post("/v2/replicas", json={**TRAIN, **fields}).json()["replica_id"])


# Answers


def test_it_answers_like_the_fake_in_process(fake: FakeTavus, http: httpx.Client) -> None:
    replica_id = create(http, replica_name="Rio")

    answer = http.get(f"/v2/replicas/{replica_id}?verbose=true")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert (answer.json()["replica_name"], answer.json()["replica_type"]) == ("Rio", "user")
    assert fake.replicas.keys() == {replica_id}


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/v2/replicas", "x.localhost", 200),
        ("/__fake__/state", "x.localhost", 200),
        ("/v2/replicas", "evil.example", 403),
    ],
)
def test_every_answer_has_the_date_of_the_fake_once(
    fake: FakeTavus, http: httpx.Client, path: str, host: str, status: int
) -> None:
    answer = http.get(path, headers={"host": host})

    assert (answer.status_code, answer.headers.get_list("date")) == (status, [format_datetime(fake.now, usegmt=True)])


def test_a_real_client_works_with_it(fake: FakeTavus, served: tuple[FakeTavus, str]) -> None:
    with Tavus(api_key="fake-key", base_url=served[1]) as tavus:
        replica = tavus.replicas.create_non_human(
            train_video_url="https://media.example/fox.mp4", attestation="a cartoon", attested_by="me"
        )
        fake.advance(hours=4)

        assert tavus.replicas.get(replica.replica_id).is_ready


def test_ids_with_a_slash_stay_one_segment(fake: FakeTavus, http: httpx.Client) -> None:
    assert http.get("/v2/replicas/a%2Fb").json() == {"error": "Invalid replica_id"}


def test_a_body_in_pieces_is_put_together(fake: FakeTavus, http: httpx.Client) -> None:
    pieces = iter([b'{"train_video_url": ', b'"https://media.example/', b'train.mp4"}'])

    answer = http.post("/v2/replicas", content=pieces, headers={"content-type": "application/json"})

    assert answer.status_code == 200


def test_who_hangs_up_in_the_middle_of_a_request_disturbs_nobody(
    fake: FakeTavus, http: httpx.Client, served: tuple[FakeTavus, str]
) -> None:
    url = httpx.URL(served[1])
    with socket.create_connection((url.host, url.port)) as connection:
        connection.sendall(b"POST /v2/replicas HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")

    assert http.get("/v2/replicas").status_code == 200


# Faults


@pytest.mark.parametrize(("after_work", "made"), [(False, 0), (True, 1)])
def test_the_connection_breaks(fake: FakeTavus, http: httpx.Client, after_work: bool, made: int) -> None:
    fake.inject(Fault(drop=True, after_work=after_work))

    with pytest.raises(BROKEN):
        create(http)

    assert len(fake.replicas) == made


@pytest.mark.parametrize("keep", [0, 10])
def test_the_body_is_cut(fake: FakeTavus, http: httpx.Client, keep: int) -> None:
    fake.inject(Fault(truncate=keep))
    received: list[bytes] = []

    with http.stream("GET", "/v2/replicas") as answer, pytest.raises(BROKEN):
        received.extend(answer.iter_raw())

    assert (answer.status_code, b"".join(received)) == (200, b'{"data":[{"replica_id"'[:keep])


def test_after_a_broken_connection_the_next_one_is_fine(fake: FakeTavus, http: httpx.Client) -> None:
    fake.inject(Fault(drop=True))
    with pytest.raises(BROKEN):
        http.get("/v2/replicas")

    assert http.get("/v2/replicas").status_code == 200


def test_a_late_answer_is_a_timeout_for_who_does_not_wait(fake: FakeTavus, http: httpx.Client) -> None:
    fake.inject(Fault(delay=60))

    with pytest.raises(httpx.ReadTimeout):
        http.get("/v2/replicas", timeout=0.05)


def test_a_late_answer_comes_for_who_waits(fake: FakeTavus, http: httpx.Client) -> None:
    fake.inject(Fault(delay=0.01, status=503, retry_after=7))

    answer = http.get("/v2/replicas")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")


# Callbacks


class Receiver(FakeTavus):
    """Takes callbacks: any server would do."""

    def __init__(self) -> None:
        super().__init__()
        self.called = Event()

    def handle(self, request: FakeRequest) -> FakeResponse:
        response = super().handle(request)
        self.called.set()
        return response


def deliveries(*urls: str) -> list[str | None]:
    """Let one training per callback URL end, and say what became of the callbacks when the server has closed."""
    fake = FakeTavus(now=NOON)
    with fake.serve() as base_url, httpx.Client(base_url=base_url, headers={"x-api-key": "fake-key"}) as http:
        for url in urls:
            create(http, callback_url=url)
        fake.advance(hours=4)
    return [callback.delivery for callback in fake.callbacks]


def test_a_callback_is_sent_to_loopback() -> None:
    receiver = Receiver()
    with receiver.serve() as url:
        delivered = deliveries(f"{url}/hook?token=t")

    (request,) = receiver.requests
    assert (request.method, request.path, request.query, request.json()["status"]) == (
        "POST",
        "/hook",
        "token=t",
        "ready",
    )
    assert delivered == ["sent: answered 404"]


def test_the_token_of_a_callback_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    with Receiver().serve() as url:
        deliveries(f"{url}/hook?token=secret")

    assert "secret" not in caplog.text


def test_a_callback_is_sent_nowhere_else() -> None:
    assert (
        deliveries("https://app.example/hook", "http://10.0.0.1/hook", "http://[::ffff:10.0.0.1]/hook")
        == ["not sent: the fake only calls loopback addresses"] * 3
    )


def test_a_callback_that_nobody_takes_does_no_harm() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    assert deliveries(f"http://localhost:{port}/hook") == ["failed: ConnectError"]


def test_with_a_speed_callbacks_come_by_themselves() -> None:
    receiver, fake = Receiver(), FakeTavus(now=NOON)
    with receiver.serve() as url, fake.serve(speed=1e7) as base_url:
        httpx.post(f"{base_url}/v2/replicas", json={**TRAIN, "callback_url": url}, headers={"x-api-key": "fake-key"})

        assert receiver.called.wait(10)

    assert fake.clock.speed == 0


def test_a_listener_hears_callbacks_too(fake: FakeTavus, http: httpx.Client) -> None:
    heard: list[Callback] = []
    create(http, callback_url="https://app.example/hook")

    with fake.listening(heard.append):
        fake.advance(hours=4)

    assert heard == fake.callbacks


# Control surface


def control(http: httpx.Client, command: str, **arguments: Any) -> tuple[int, Any]:
    answer = http.post(f"/__fake__/{command}", json=arguments) if arguments else http.get(f"/__fake__/{command}")
    return answer.status_code, answer.json()


def test_time_is_advanced(fake: FakeTavus, http: httpx.Client) -> None:
    before = fake.now

    status, said = control(http, "advance", hours=4)

    assert (status, datetime.fromisoformat(said["now"]), fake.now) == (200, fake.now, before + timedelta(hours=4))


def test_faults_are_injected(fake: FakeTavus, http: httpx.Client) -> None:
    assert control(http, "faults", status=503, body="<p>", times=2, operation="listReplicas") == (200, {})

    assert [http.get("/v2/replicas").status_code for _ in range(3)] == [503, 503, 200]


def test_trainings_are_told_to_fail(fake: FakeTavus, http: httpx.Client) -> None:
    replica_id = create(http)

    assert control(http, "fail-training", error="video_fps", replica_id=replica_id) == (200, {})

    fake.advance(hours=4)
    assert fake.replicas[replica_id]["status"] == "error"


def test_other_work_is_told_to_fail(fake: FakeTavus, http: httpx.Client) -> None:
    assert control(http, "fail", kind="document", error="file_empty") == (200, {})

    body = {"document_url": "https://media.example/a.pdf"}
    document_id = http.post("/v2/documents", json=body, headers={"x-api-key": "fake-key"}).json()["document_id"]
    fake.advance(hours=1)
    assert fake.objects("document")[document_id]["error_message"] == "file_empty"


def test_callbacks_are_shown(fake: FakeTavus, http: httpx.Client) -> None:
    replica_id = create(http, callback_url="https://app.example/hook")
    due = fake.now + timedelta(hours=4)
    fake.advance(hours=4)

    status, said = control(http, "callbacks")

    (callback,) = said["data"]
    del callback["delivery"]  # is noted in the background
    assert (status, callback) == (
        200,
        {
            "url": "https://app.example/hook",
            "body": {"replica_id": replica_id, "status": "ready"},
            "at": due.isoformat(),
        },
    )


def test_the_state_is_shown(fake: FakeTavus, http: httpx.Client) -> None:
    replica_id = create(http)

    status, said = control(http, "state")

    assert (status, said["now"], said["speed"]) == (200, fake.now.isoformat(), 0)
    assert [(replica["replica_id"], replica["request"]) for replica in said["replicas"]] == [(replica_id, TRAIN)]


def test_the_state_has_pages_and_other_kinds(fake: FakeTavus, http: httpx.Client) -> None:
    for number in range(3):
        fake.add("voice", id=f"v{number}")

    pages = [
        http.get("/__fake__/state", params={"kind": "voice", "limit": 2, "page": page}).json() for page in range(3)
    ]

    assert [[voice["voice_id"] for voice in page["voices"]] for page in pages] == [["v0", "v1"], ["v2"], []]
    assert {page["total_count"] for page in pages} == {3}


@pytest.mark.parametrize("query", ["page=one", "limit=-1", "kind=horse", "size=1"])
def test_a_page_of_the_state_that_is_none_is_400(fake: FakeTavus, http: httpx.Client, query: str) -> None:
    assert http.get(f"/__fake__/state?{query}").status_code == 400


def test_a_page_of_the_state_can_be_far_away(fake: FakeTavus, http: httpx.Client) -> None:
    url = f"/__fake__/state?page={10**30}&limit={10**30}"

    assert (http.get(url).status_code, http.get(url).json()["replicas"]) == (200, [])


def test_everything_is_forgotten(fake: FakeTavus, http: httpx.Client) -> None:
    create(http)

    answer = http.post("/__fake__/reset", json={})

    assert (answer.status_code, fake.replicas) == (200, {})


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("advance", {"hours": -1}),
        ("advance", {"hours": "four"}),
        ("faults", {"times": 2}),
        ("faults", {"status": 503, "colour": "blue"}),
        ("faults", {"status": 503, "times": 1.5}),
        ("faults", {"status": 503, "operation": "x" * 1_000_000}),
        ("faults", {"status": 503, "headers": {"a": "b\r\nset-cookie: c"}}),
        ("faults", {"status": 503, "headers": {"a\nb": "c"}}),
        ("faults", {"status": 503, "headers": ["a"]}),
        ("faults", {"status": 503, "retry_after": "1\r\n\r\n"}),
        ("faults", {"delay": 1e9}),
        ("advance", {"hours": 10**400}),
        ("fail-training", {"error": "video_fsp"}),
    ],
)
def test_what_makes_no_sense_is_400(
    fake: FakeTavus, http: httpx.Client, command: str, arguments: dict[str, Any]
) -> None:
    status, said = control(http, command, **arguments)

    assert (status, bool(said["error"])) == (400, True)


def test_what_is_not_json_is_400(fake: FakeTavus, http: httpx.Client) -> None:
    headers = {"content-type": "application/json"}
    assert http.post("/__fake__/advance", content=b"{", headers=headers).status_code == 400


def test_an_unknown_command_is_404_and_says_which_there_are(fake: FakeTavus, http: httpx.Client) -> None:
    status, said = control(http, "advanced")

    assert (status, "advance, faults" in said["error"]) == (404, True)


def test_a_wrong_method_is_405(fake: FakeTavus, http: httpx.Client) -> None:
    answer = http.get("/__fake__/advance")

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("peer", "status"),
    [("127.0.0.1", 200), ("127.9.9.9", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("10.0.0.7", 404), ("::2", 404)],
)
async def test_only_loopback_reaches_the_control_surface(peer: str, status: int) -> None:
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "GET",
        "raw_path": b"/__fake__/state",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"x-forwarded-for", b"127.0.0.1")],
        "client": (peer, 1),
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await FakeApp(FakeTavus(), Access())(scope, receive, send)

    assert sent[0]["status"] == status


# Serving


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_serve_runs_until_it_is_told_to_end(sign: signal.Signals) -> None:
    program = (
        "from tavus_consent.testing import FakeTavus, serve\n"
        "serve(FakeTavus(), port=0, speed=60, on_ready=lambda url: print(url, flush=True))\n"
        "print('bye')\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        state = httpx.get(f"{url}/__fake__/state", trust_env=False).json()
        process.send_signal(sign)

        assert (state["speed"], process.stdout.read(), process.wait(10)) == (60, "bye\n", 0)


def test_a_port_in_use_is_refused(served: tuple[FakeTavus, str]) -> None:
    port = httpx.URL(served[1]).port
    assert port is not None

    with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1 port {port}"):
        serve(FakeTavus(), port=port)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(ConfigurationError, match="cannot listen"), FakeTavus().serve(port=port):
        pass


def test_a_speed_that_is_no_speed_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="speed"), FakeTavus().serve(speed=-1):
        pass


def test_ipv6_works() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with FakeTavus().serve(host="::1") as url:
        assert url.startswith("http://[::1]:")
        assert httpx.get(f"{url}/__fake__/state", trust_env=False).status_code == 200


def test_without_uvicorn_it_says_which_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "tavus_consent.testing.server")

    with pytest.raises(MissingExtraError, match=r"tavus-consent\[mock\]"):
        FakeTavus().serve()


def test_several_clients_at_once_each_get_their_own(fake: FakeTavus, served: tuple[FakeTavus, str]) -> None:
    async def create_many() -> list[str]:
        headers = {"x-api-key": "fake-key"}
        async with httpx.AsyncClient(base_url=served[1], headers=headers, trust_env=False) as http:
            answers = await asyncio.gather(*(http.post("/v2/replicas", json=TRAIN) for _ in range(30)))
        return [answer.json()["replica_id"] for answer in answers]

    assert set(asyncio.run(create_many())) == fake.replicas.keys()
