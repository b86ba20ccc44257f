"""Injected faults as clients of httpx see them in process, sync and async."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tavus_consent import ConfigurationError
from tavus_consent.testing import FakeRequest, FakeTavus, FakeTransport, Fault

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TRAIN = {"train_video_url": "https://media.example/train.mp4"}

Post = Callable[..., httpx.Response]


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOON)


@pytest.fixture(params=["sync", "async"])
def post(request: pytest.FixtureRequest, fake: FakeTavus) -> Post:
    """Create a replica with a sync or an async client."""
    options: dict[str, Any] = {"base_url": "https://tavus.example", "headers": {"x-api-key": "fake-key"}}

    def sync(**arguments: Any) -> httpx.Response:
        with httpx.Client(transport=FakeTransport(fake), **options) as client:
            return client.post("/v2/replicas", json=TRAIN, **arguments)

    async def asynchronous(**arguments: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=FakeTransport(fake), **options) as client:
            return await client.post("/v2/replicas", json=TRAIN, **arguments)

    return sync if request.param == "sync" else lambda **arguments: asyncio.run(asynchronous(**arguments))


def test_a_status_takes_the_place_of_the_work(fake: FakeTavus, post: Post) -> None:
    fake.inject(Fault(status=503))

    answer = post()

    assert (answer.status_code, answer.json(), fake.replicas) == (503, {"message": "Service Unavailable"}, {})


def test_a_status_can_hide_that_the_work_was_done(fake: FakeTavus, post: Post) -> None:
    fake.inject(Fault(status=502, body="<h1>Bad Gateway</h1>", after_work=True))

    answer = post()

    assert (answer.status_code, answer.headers["content-type"], answer.text) == (
        502,
        "text/html; charset=utf-8",
        "<h1>Bad Gateway</h1>",
    )
    assert len(fake.replicas) == 1


@pytest.mark.parametrize(
    ("fault", "content_type", "content"),
    [
        (Fault(status=520), "application/json", b'{"message": "Unknown error"}'),
        (Fault(status=400, body={"error": "no"}), "application/json", b'{"error": "no"}'),
        (Fault(status=200, body=b"\x00"), "application/octet-stream", b"\x00"),
        (Fault(status=200, body="{}", headers={"Content-Type": "application/json"}), "application/json", b"{}"),
        (Fault(status=204), "application/octet-stream", b""),
    ],
)
def test_the_answer_can_be_anything(
    fake: FakeTavus, post: Post, fault: Fault, content_type: str, content: bytes
) -> None:
    fake.inject(fault)

    answer = post()

    assert (answer.status_code, answer.headers["content-type"], answer.content) == (
        fault.status,
        content_type,
        content,
    )


@pytest.mark.parametrize("when", [2, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_rate_limit_says_when_to_come_back(fake: FakeTavus, post: Post, when: float | str) -> None:
    fake.inject(Fault(status=429, retry_after=when))

    answer = post()

    assert (answer.status_code, answer.headers["retry-after"]) == (429, str(when))


@pytest.mark.parametrize(("after_work", "made"), [(False, 0), (True, 1)])
def test_the_connection_breaks_before_or_after_the_work(
    fake: FakeTavus, post: Post, after_work: bool, made: int
) -> None:
    fake.inject(Fault(drop=True, after_work=after_work))

    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        post()

    assert (len(fake.replicas), fake.requests[-1].status) == (made, None)


@pytest.mark.parametrize("keep", [0, 10, 10_000])
def test_the_body_is_cut(fake: FakeTavus, post: Post, keep: int) -> None:
    fake.inject(Fault(truncate=keep))

    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        post()

    assert len(fake.replicas) == 1


def test_a_delay_passes_on_the_clock(fake: FakeTavus, post: Post) -> None:
    fake.inject(Fault(delay=3))

    assert (post(timeout=3).status_code, fake.now) == (200, NOON + timedelta(seconds=3))


def test_a_delay_that_is_too_long_is_a_timeout_and_the_work_is_done(fake: FakeTavus, post: Post) -> None:
    fake.inject(Fault(delay=60))

    with pytest.raises(httpx.ReadTimeout):
        post(timeout=3)

    assert (fake.now, len(fake.replicas)) == (NOON + timedelta(seconds=3), 1)


def test_without_a_timeout_any_delay_is_waited_for(fake: FakeTavus, post: Post) -> None:
    fake.inject(Fault(delay=6000))

    assert post(timeout=None).status_code == 200


def test_faults_wait_in_line(fake: FakeTavus, post: Post) -> None:
    fake.inject(Fault(status=503), times=2)
    fake.inject(Fault(status=500))

    assert [post().status_code for _ in range(4)] == [503, 503, 500, 200]


def test_a_fault_for_another_operation_waits_for_it(fake: FakeTavus, post: Post) -> None:
    fake.inject(Fault(status=503), operation="listReplicas")
    fake.inject(Fault(status=500), operation="createReplica")

    assert [post().status_code, post().status_code] == [500, 200]
    assert fake.handle(FakeRequest("GET", "/v2/replicas")).status == 503


def test_a_fault_needs_no_known_path(fake: FakeTavus) -> None:
    fake.inject(Fault(status=503))

    assert fake.handle(FakeRequest("GET", "/nowhere")).json() == {"message": "Service Unavailable"}


def test_a_reset_forgets_faults(fake: FakeTavus, post: Post) -> None:
    fake.inject(Fault(status=503))

    fake.reset()

    assert post().status_code == 200


@pytest.mark.parametrize(
    "fault",
    [{}, {"body": "x"}, {"status": 199}, {"status": 600}, {"delay": -1}, {"delay": float("inf")}, {"truncate": -1}],
)
def test_a_fault_that_makes_no_sense_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Fault(**fault)


@pytest.mark.parametrize("body", [{1, 2}, "\ud800", {"a": object()}, 10**5000], ids=["set", "text", "object", "number"])
def test_a_body_that_cannot_be_sent_is_refused(body: Any) -> None:
    with pytest.raises(ConfigurationError, match="body"):
        Fault(status=200, body=body)


@pytest.mark.parametrize(
    "headers",
    [{"a": "b\r\nc: d"}, {"a": "\x00"}, {"a": "\u0141"}, {"a b": "c"}, {"": "c"}, {"a:": "c"}, {1: "c"}, ["a"]],
)
def test_a_header_that_cannot_be_sent_is_refused(headers: Any) -> None:
    with pytest.raises(ConfigurationError, match="header"):
        Fault(status=200, headers=headers)


def test_a_header_may_have_tabs_and_letters_of_latin_1(fake: FakeTavus, post: Post) -> None:
    fake.inject(Fault(status=200, headers={"x-note": "a\tcaf\xe9"}))

    assert post().headers["x-note"] == "a\tcaf\xe9"


def test_a_fault_can_have_another_date(fake: FakeTavus, post: Post) -> None:
    fake.inject(Fault(status=503, headers={"Date": "Mon, 04 May 2026 11:00:00 GMT"}))
    fake.inject(Fault(status=503))

    dates = [post().headers.get_list("date") for _ in range(2)]

    assert dates == [["Mon, 04 May 2026 11:00:00 GMT"], ["Mon, 04 May 2026 12:00:00 GMT"]]


@pytest.mark.parametrize("times", [1.5, "2"])
def test_a_fault_happens_a_whole_number_of_times(fake: FakeTavus, times: Any) -> None:
    with pytest.raises(ConfigurationError, match="times"):
        fake.inject(Fault(status=503), times=times)


@pytest.mark.parametrize("fault", [{"status": "503"}, {"truncate": 1.5}])
def test_a_fault_of_the_wrong_type_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Fault(**fault)


def test_a_fault_happens_at_least_once(fake: FakeTavus) -> None:
    with pytest.raises(ConfigurationError, match="times"):
        fake.inject(Fault(status=503), times=0)


def test_a_fault_is_for_an_operation_that_there_is(fake: FakeTavus) -> None:
    with pytest.raises(ConfigurationError, match=r"no operation .*; similar ones: createReplica"):
        fake.inject(Fault(status=503), operation="createReplicas")
