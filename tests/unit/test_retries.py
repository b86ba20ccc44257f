"""Retries: when a call is repeated, how long it waits, and when it must not be repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

import tavus_consent as tc

REPLICA = {"replica_id": "r1", "status": "started"}
PERSONAL = {
    "train_video_url": "https://bucket.example/train.mp4",
    "consent": tc.SpokenConsent(full_name="Rio Alvarez", video_url="https://bucket.example/consent.mp4"),
    "replica_name": "Rio",
}


def script(*steps: httpx.Response | Exception) -> Callable[[httpx.Request], httpx.Response]:
    """A server that does one thing after another; the last one for ever."""
    left = list(steps)

    def handle(request: httpx.Request) -> httpx.Response:
        step = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(step, Exception):
            raise step
        return step

    return handle


def ok() -> httpx.Response:
    return httpx.Response(200, json=REPLICA)


def get(tavus: Any) -> Any:
    return tavus.replicas.get("r1")


def create(tavus: Any) -> Any:
    return tavus.replicas.create_personal(**PERSONAL)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524])
def test_safe_call_is_repeated_after_a_status_that_passes(make_client: Any, status: int) -> None:
    client = make_client(script(httpx.Response(status), ok()))
    assert client(get).replica_id == "r1"
    assert len(client.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 418, 422, 501])
def test_safe_call_is_not_repeated_after_a_status_that_stays(make_client: Any, status: int) -> None:
    client = make_client(script(httpx.Response(status), ok()))
    with pytest.raises(tc.AnswerError):
        client(get)
    assert len(client.requests) == 1


@pytest.mark.parametrize(
    "fault", [httpx.ConnectError("refused"), httpx.ReadError("reset"), httpx.ReadTimeout("slow"), OSError("odd")]
)
def test_safe_call_is_repeated_when_no_answer_came(make_client: Any, fault: Exception) -> None:
    client = make_client(script(fault, ok()))
    assert client(get).replica_id == "r1"


def test_retries_end_after_max_retries(make_client: Any) -> None:
    client = make_client(script(httpx.Response(503)), max_retries=3)
    with pytest.raises(tc.ServerStatusError) as caught:
        client(get)
    assert (len(client.requests), caught.value.attempts) == (4, 4)


def test_no_retries_when_none_are_wanted(make_client: Any) -> None:
    client = make_client(script(httpx.Response(503)), max_retries=0)
    with pytest.raises(tc.ServerStatusError):
        client(get)
    assert len(client.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0", 0.0), ("2.5", 2.5), (" 3 ", 3.0)],
)
def test_retry_after_in_seconds_is_waited_for(make_client: Any, header: str, seconds: float) -> None:
    client = make_client(script(httpx.Response(429, headers={"Retry-After": header}), ok()))
    client(get)
    assert client.clock.monotonic() == seconds


def test_retry_after_as_a_date_is_waited_for(make_client: Any) -> None:
    client = make_client(lambda request: next(answers))
    date = format_datetime(client.clock.now() + timedelta(seconds=9), usegmt=True)
    answers: Iterable[httpx.Response] = iter([httpx.Response(503, headers={"Retry-After": date}), ok()])
    client(get)
    assert client.clock.monotonic() == 9.0


def test_retry_after_in_the_past_means_now(make_client: Any) -> None:
    headers = {"Retry-After": "Mon, 14 Jul 2025 09:14:24 GMT"}
    client = make_client(script(httpx.Response(503, headers=headers), ok()))
    client(get)
    assert client.clock.monotonic() == 0.0


@pytest.mark.parametrize("nonsense", ["soon", "-5", "Mon, 99 Foo 2025 99:99:99 GMT", "1e9", ""])
def test_retry_after_nonsense_falls_back_to_backoff(make_client: Any, nonsense: str) -> None:
    client = make_client(script(httpx.Response(503, headers={"Retry-After": nonsense}), ok()))
    client(get)
    assert 0 <= client.clock.monotonic() < 0.5


def test_retry_after_beyond_the_deadline_is_not_waited_for(make_client: Any) -> None:
    client = make_client(script(httpx.Response(429, headers={"Retry-After": "86400"}), ok()))
    with pytest.raises(tc.RateLimitError) as caught:
        client(get)
    assert (caught.value.retry_after, client.clock.monotonic()) == (86400.0, 0.0)


def test_a_pause_that_would_use_up_the_deadline_is_not_made(make_client: Any) -> None:
    client = make_client(script(httpx.Response(429, headers={"Retry-After": "10"}), ok()), timeout=10)
    with pytest.raises(tc.RateLimitError):
        client(get)
    assert client.clock.monotonic() == 0.0


def test_the_default_deadline_is_a_minute(make_client: Any) -> None:
    client = make_client(script(httpx.Response(429, headers={"Retry-After": "60"}), ok()))
    with pytest.raises(tc.RateLimitError):
        client(get)
    client = make_client(script(httpx.Response(429, headers={"Retry-After": "59"}), ok()))
    client(get)
    assert client.timeouts[1]["pool"] == 1.0


def test_the_deadline_counts_from_the_call_and_not_from_the_client(make_client: Any) -> None:
    client = make_client(script(httpx.Response(429, headers={"Retry-After": "4"}), ok()), timeout=10)
    client.clock.advance(hours=1)
    client(get)
    assert [timeout["pool"] for timeout in client.timeouts] == [10.0, 6.0]


def test_backoff_grows_and_is_full_jitter(make_client: Any) -> None:
    client = make_client(script(httpx.Response(503)), max_retries=6)
    client.tavus.rng.random = lambda: 0.5
    with pytest.raises(tc.ServerStatusError):
        client(get)
    assert client.clock.monotonic() == pytest.approx(0.5 * (0.5 + 1 + 2 + 4 + 8 + 8))


def test_deadline_covers_all_attempts(make_client: Any) -> None:
    client = make_client(script(httpx.Response(503)), max_retries=99, timeout=10)
    client.tavus.rng.random = lambda: 0.999
    with pytest.raises(tc.ServerStatusError):
        client(get)
    assert client.clock.monotonic() < 10


def test_each_attempt_gets_no_more_than_what_is_left(make_client: Any) -> None:
    client = make_client(script(httpx.Response(429, headers={"Retry-After": "6"}), ok()), timeout=10)
    client(get)
    assert [timeout["pool"] for timeout in client.timeouts] == [10.0, 4.0]


def test_default_timeouts_are_five_and_thirty_seconds(make_client: Any) -> None:
    client = make_client(script(ok()))
    client(get)
    assert (client.timeouts[0]["connect"], client.timeouts[0]["pool"]) == (5.0, 30.0)


def test_an_untrusted_certificate_is_not_tried_again(make_client: Any) -> None:
    import ssl

    fault = httpx.ConnectError("certificate verify failed")
    fault.__cause__ = ssl.SSLCertVerificationError("self-signed")
    client = make_client(script(fault, ok()))
    with pytest.raises(tc.ConnectionFailedError, match="not trusted"):
        client(get)
    assert len(client.requests) == 1


# A create is never repeated unless it surely was not carried out.


def test_create_is_repeated_when_no_connection_was_made(make_client: Any) -> None:
    client = make_client(script(httpx.ConnectError("refused"), httpx.PoolTimeout("full"), ok()))
    assert client(create).replica_id == "r1"


def test_create_is_repeated_when_429_says_when(make_client: Any) -> None:
    client = make_client(script(httpx.Response(429, headers={"Retry-After": "3"}), ok()))
    assert client(create).replica_id == "r1"


def test_create_is_not_repeated_when_429_does_not_say_when(make_client: Any) -> None:
    client = make_client(script(httpx.Response(429), ok()))
    with pytest.raises(tc.RateLimitError):
        client(create)
    assert len(client.requests) == 1


@pytest.mark.parametrize(
    "step",
    [
        httpx.ReadError("reset"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("closed"),
        httpx.WriteError("broken pipe"),
        RuntimeError("an odd transport"),
        httpx.Response(408),
        httpx.Response(500),
        httpx.Response(502, html="<h1>Bad Gateway</h1>"),
        httpx.Response(503, headers={"Retry-After": "1"}),
        httpx.Response(520),
        httpx.Response(200, content=b'{"replica_id": "r'),
        httpx.Response(200, content=b""),
        httpx.Response(200, json={"status": "started"}),
    ],
    ids=str,
)
def test_create_of_unknown_outcome_is_never_sent_twice(make_client: Any, step: Any) -> None:
    client = make_client(script(step, ok()))
    with pytest.raises(tc.OutcomeUnknownError) as caught:
        client(create)
    assert len(client.requests) == 1
    assert caught.value.replica_name == "Rio"


@pytest.mark.parametrize("status", [300, 302, 399, 400, 401, 403, 422, 499])
def test_create_that_was_refused_is_not_unknown(make_client: Any, status: int) -> None:
    client = make_client(script(httpx.Response(status)))
    with pytest.raises(tc.AnswerError):
        client(create)


def test_create_that_was_never_sent_is_not_unknown(make_client: Any) -> None:
    client = make_client(script(httpx.ConnectError("refused")))
    with pytest.raises(tc.ConnectionFailedError) as caught:
        client(create)
    assert caught.value.attempts == 3


def test_unknown_outcome_keeps_what_tavus_said(make_client: Any) -> None:
    answer = httpx.Response(500, json={"message": "oops"}, headers={"x-request-id": "q1"})
    client = make_client(script(answer))
    with pytest.raises(tc.OutcomeUnknownError) as caught:
        client(create)
    error = caught.value
    assert (error.status, error.body, error.request_id) == (500, {"message": "oops"}, "q1")
    assert isinstance(error.__cause__, tc.ServerStatusError)
    assert error.headers["x-request-id"] == "q1"


def test_unknown_outcome_says_what_happened_and_what_to_do(make_client: Any) -> None:
    client = make_client(script(httpx.Response(500)))
    with pytest.raises(tc.OutcomeUnknownError) as caught:
        client(create)
    said = str(caught.value)
    assert said.startswith("POST /v2/replicas: it is not known whether this happened (500 Internal Server Error)")
    assert said.endswith("Look before you try again: tavus.replicas.find_created(error)")


def test_unknown_outcome_counts_all_attempts(make_client: Any) -> None:
    client = make_client(script(httpx.ConnectError("refused"), httpx.ReadError("reset")))
    with pytest.raises(tc.OutcomeUnknownError, match=r"^POST /v2/replicas after 2 attempts: ") as caught:
        client(create)
    assert caught.value.attempts == 2


def test_unknown_outcome_keeps_the_whole_chain_of_causes(make_client: Any) -> None:
    fault = httpx.ReadError("reset by peer")
    client = make_client(script(fault))
    with pytest.raises(tc.OutcomeUnknownError) as caught:
        client(create)
    failure = caught.value.__cause__
    assert isinstance(failure, tc.ConnectionFailedError)
    assert failure.__cause__ is fault


def test_failure_keeps_the_cause(make_client: Any) -> None:
    fault = httpx.ReadError("reset by peer")
    client = make_client(script(fault), max_retries=0)
    with pytest.raises(tc.ConnectionFailedError) as caught:
        client(get)
    assert caught.value.__cause__ is fault


def message(tavus: Any) -> Any:
    return tavus.conversations.send_app_message("c1", message_type="conversation", event_type="conversation.interrupt")


def test_a_message_that_was_not_delivered_is_sent_again(make_client: Any) -> None:
    client = make_client(script(httpx.Response(502), httpx.Response(200)))
    client(message)
    assert len(client.requests) == 2


def test_a_message_that_is_never_delivered_is_known_not_to_be(make_client: Any) -> None:
    client = make_client(script(httpx.Response(502, json={"error": "Please retry."})), max_retries=1)
    with pytest.raises(tc.ServerStatusError, match="Please retry") as caught:
        client(message)
    assert (len(client.requests), caught.value.status) == (2, 502)


@pytest.mark.parametrize("status", [500, 504])
def test_a_message_that_may_have_been_delivered_is_not_sent_again(make_client: Any, status: int) -> None:
    client = make_client(script(httpx.Response(status), httpx.Response(200)))
    with pytest.raises(tc.OutcomeUnknownError) as caught:
        client(message)
    assert (len(client.requests), caught.value.status) == (1, status)


def test_a_bad_gateway_leaves_other_creates_open(make_client: Any) -> None:
    client = make_client(script(httpx.Response(502), ok()))
    with pytest.raises(tc.OutcomeUnknownError):
        client(create)
    assert len(client.requests) == 1
