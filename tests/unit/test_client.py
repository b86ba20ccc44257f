"""Construction, options, lifecycle and ``repr`` of a client."""

from __future__ import annotations

import copy
import os
import pickle
from typing import Any

import httpx
import pytest
from tests.rows import each_row
from tests.ungated import ungated

import tavus_consent as tc
from tavus_consent.testing import FakeClock

KEY = "key-for-tests"


def ok(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"replica_id": "r1"}, headers={"x-request-id": "q1", "set-cookie": "a=b"})


def get(tavus: Any) -> Any:
    return tavus.replicas.get("r1")


@pytest.fixture(params=[tc.Tavus, tc.AsyncTavus])
def cls(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_a_key_is_needed(cls: Any) -> None:
    with pytest.raises(tc.ConfigurationError, match="TAVUS_API_KEY"):
        cls()


def test_the_key_comes_from_the_environment(make_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "from-environment")
    client = make_client(ok, api_key=None)
    client(get)
    assert client.requests[0].headers["x-api-key"] == "from-environment"


def test_the_argument_wins_over_the_environment(make_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "from-environment")
    client = make_client(ok)
    client(get)
    assert client.requests[0].headers["x-api-key"] == KEY


@pytest.mark.parametrize("key", ["with blank", "new\nline", "schlüssel", ""])
def test_what_cannot_be_a_key_is_refused_without_showing_it(cls: Any, key: str) -> None:
    with pytest.raises(tc.ConfigurationError) as caught:
        cls(key)
    assert not key or key not in str(caught.value)


def test_the_base_url_comes_from_the_environment(make_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_BASE_URL", "https://proxy.example/tavus/")
    client = make_client(ok)
    client(get)
    assert str(client.requests[0].url) == "https://proxy.example/tavus/v2/replicas/r1"


def test_the_default_base_url_is_tavus(make_client: Any) -> None:
    client = make_client(ok)
    client(get)
    assert str(client.requests[0].url) == "https://tavusapi.com/v2/replicas/r1"


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.0.0.1:8080/", "http://[::1]", "http://a.localhost"])
def test_http_is_fine_on_loopback(cls: Any, url: str) -> None:
    assert cls(KEY, base_url=url).base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://tavusapi.com",
        "ftp://tavusapi.com",
        "tavusapi.com",
        "/v2",
        "https://user:pw@tavusapi.com",
        "https://tavusapi.com?a=b",
        "https://tavusapi.com#f",
        "https://tavusapi.com:port",
        "https://[s3cr3t/key]",
        "http://localhost.example",
        5,
    ],
)
def test_a_base_url_that_would_leak_or_miss_is_refused(cls: Any, url: Any) -> None:
    with pytest.raises(tc.ConfigurationError, match="base URL"):
        cls(KEY, base_url=url)


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan"), tc.Timeout(connect=0)])
def test_a_timeout_that_is_none_is_refused(cls: Any, timeout: Any) -> None:
    with pytest.raises(tc.ConfigurationError, match="seconds"):
        cls(KEY, timeout=timeout)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://tavusapi.com/v2", "https://tavusapi.com"),
        ("https://tavusapi.com/v2/", "https://tavusapi.com"),
        ("https://gateway.example/tavus/v2", "https://gateway.example/tavus"),
        ("https://gateway.example/v2/v2", "https://gateway.example/v2"),
        ("https://gateway.example/v22", "https://gateway.example/v22"),
        ("http://localhost:8080/v2", "http://localhost:8080"),
    ],
)
def test_the_version_at_the_end_of_a_base_url_is_taken_off_once(cls: Any, given: str, used: str) -> None:
    assert cls(KEY, base_url=given, ledger=None).base_url == used


@pytest.mark.parametrize("retries", [-1, 1.5, "2"])
def test_max_retries_is_a_count(cls: Any, retries: Any) -> None:
    with pytest.raises(tc.ConfigurationError, match="max_retries"):
        cls(KEY, max_retries=retries)


@each_row(
    "headers",
    [
        *({"x-a": "b\nc: d"}, {"X-Api-Key": "k"}, {"a b": "c"}, {"a:b": "c"}, {"ü": "c"}, {"a\n": "b"}, {"": "b"}),
        *({"a(": "b"}, {"a": " b"}, {"a": "b "}, {"a": "\x01"}, {"a": "\ud800"}, {"a": 5}, {"a": b"b"}, {5: "a"}),
        *({"Host": "a.example"}, {"Content-Length": "5"}, {"transfer-encoding": "chunked"}, [("a", "b")], "a: b", 5),
    ],
)
def test_headers_that_would_break_the_request_are_refused(cls: Any, headers: Any) -> None:
    with pytest.raises(tc.ConfigurationError, match="header"):
        cls(KEY, headers=headers)


@pytest.mark.parametrize("value", ["", "é", "a b"])
def test_headers_may_hold_other_text(make_client: Any, value: str) -> None:
    client = make_client(ok, headers={"x-a": value})
    client(get)
    assert client.requests[0].headers["x-a"].encode(client.requests[0].headers.encoding) == value.encode()


def test_only_one_way_to_the_network_can_be_given(cls: Any) -> None:
    with pytest.raises(tc.ConfigurationError, match="one of"):
        cls(KEY, proxy="http://proxy.example", transport=httpx.MockTransport(ok))


def test_every_request_says_who_asks(make_client: Any) -> None:
    client = make_client(ok, headers={"X-App": "demo"})
    client(get)
    headers = client.requests[0].headers
    assert headers["user-agent"].startswith(f"tavus-consent/{tc.__version__} python/3.")
    assert (headers["x-app"], headers["accept"]) == ("demo", "application/json")


def test_options_hold_for_the_copy_only(make_client: Any) -> None:
    client = make_client(ok)
    client(lambda tavus: tavus.with_options(headers={"X-App": "copy"}, timeout=3).replicas.get("r1"))
    client(get)
    assert [request.headers.get("x-app") for request in client.requests] == ["copy", None]
    assert [timeout["pool"] for timeout in client.timeouts] == [3.0, 30.0]


def test_options_can_change_the_retries(make_client: Any) -> None:
    client = make_client(lambda _: httpx.Response(503))
    with pytest.raises(tc.ServerStatusError):
        client(lambda tavus: tavus.with_options(max_retries=0).replicas.get("r1"))
    assert len(client.requests) == 1


def test_options_given_in_parts_add_up(make_client: Any) -> None:
    client = make_client(ok)
    client(lambda tavus: tavus.with_options(timeout=3).with_options(headers={"a": "b"}).replicas.get("r1"))
    assert (client.timeouts[0]["pool"], client.requests[0].headers["a"]) == (3.0, "b")


def test_options_hold_for_raw_functions(make_client: Any, kind: str) -> None:
    from tavus_api.api.replicas import get_replica

    call = get_replica.sync_detailed if kind == "sync" else get_replica.asyncio_detailed
    client = make_client(ok)
    client(lambda tavus: call("r1", client=tavus.with_options(timeout=3).raw))
    assert client.timeouts[0]["pool"] == 3.0


def test_a_plain_timeout_bounds_connecting_too(make_client: Any) -> None:
    client = make_client(ok, timeout=2)
    client(get)
    assert client.timeouts[0]["connect"] == 2.0


def test_calls_are_recorded_with_status_and_headers(make_client: Any) -> None:
    client = make_client(ok)
    with client.tavus.record_calls() as calls:
        client(get)
    (call,) = calls
    assert (call.method, call.path, call.status, call.attempts) == ("GET", "/v2/replicas/r1", 200, 1)
    assert (call.request_id, call.headers["content-type"]) == ("q1", "application/json")


def test_recorded_headers_hold_no_credentials(make_client: Any) -> None:
    client = make_client(ok)
    with client.tavus.record_calls() as calls:
        client(get)
    assert calls[0].headers["set-cookie"] == "[redacted]"


def test_failed_calls_are_recorded_too(make_client: Any) -> None:
    client = make_client(lambda _: httpx.Response(503))
    with client.tavus.record_calls() as calls, pytest.raises(tc.ServerStatusError):
        client(get)
    assert [(call.status, call.attempts) for call in calls] == [(503, 3)]


def test_calls_without_answer_are_recorded_too(make_client: Any) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    client = make_client(refuse)
    with client.tavus.record_calls() as calls, pytest.raises(tc.ConnectionFailedError):
        client(get)
    assert [call.status for call in calls] == [None]


def test_recording_ends_with_the_block(make_client: Any) -> None:
    client = make_client(ok)
    with client.tavus.record_calls() as calls:
        pass
    client(get)
    assert calls == []


def test_recordings_nest(make_client: Any) -> None:
    client = make_client(ok)
    with client.tavus.record_calls() as outer:
        client(get)
        with client.tavus.record_calls() as inner:
            client(get)
    assert (len(outer), len(inner)) == (2, 1)


def test_a_closed_client_says_so(make_client: Any) -> None:
    client = make_client(ok)
    client(lambda tavus: tavus.close())
    assert client.tavus.closed
    with pytest.raises(tc.ClientClosedError, match="closed"):
        client(get)


def test_closing_twice_does_no_harm(make_client: Any) -> None:
    client = make_client(ok)
    client(lambda tavus: tavus.close())
    client(lambda tavus: tavus.close())
    assert client.tavus.closed


def test_closing_a_copy_leaves_the_client_open(make_client: Any) -> None:
    client = make_client(ok)
    client(lambda tavus: tavus.with_options(timeout=1).close())
    assert client(get).replica_id == "r1"


def test_closing_the_client_closes_its_copies(make_client: Any) -> None:
    client = make_client(ok)
    copy = client.tavus.with_options(timeout=1)
    client(lambda tavus: tavus.close())
    with pytest.raises(tc.ClientClosedError):
        client(lambda _: copy.replicas.get("r1"))


def test_leaving_the_with_block_closes() -> None:
    with tc.Tavus(KEY, transport=httpx.MockTransport(ok)) as tavus:
        tavus.replicas.get("r1")
    assert tavus.closed


async def test_leaving_the_async_with_block_closes() -> None:
    async with tc.AsyncTavus(KEY, transport=httpx.MockTransport(ok)) as tavus:
        await tavus.replicas.get("r1")
    assert tavus.closed


def test_a_closed_client_cannot_be_entered_again() -> None:
    tavus = tc.Tavus(KEY, transport=httpx.MockTransport(ok))
    tavus.close()
    with pytest.raises(tc.ClientClosedError), tavus:
        pass


def test_a_client_used_before_fork_refuses_in_the_child(make_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client(ok)
    client(get)
    pid = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    with pytest.raises(tc.ClientClosedError, match=r"fork\(\)"):
        client(get)


def test_a_client_not_used_before_fork_works_in_the_child(make_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client(ok)
    pid = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    assert client(get).replica_id == "r1"


def test_a_call_that_is_refused_here_does_not_count_as_use(make_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client(ok)
    with pytest.raises(tc.InvalidRequestError):
        client(lambda tavus: tavus.replicas.get(""))
    pid = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    assert client(get).replica_id == "r1"


def test_a_client_shows_no_key(cls: Any) -> None:
    client = cls(KEY, transport=httpx.MockTransport(ok))
    assert repr(client) == f"{cls.__name__}(base_url='https://tavusapi.com')"
    assert repr(client.raw).endswith("Caller(base_url='https://tavusapi.com')")


def test_a_token_in_the_path_of_the_base_url_is_not_shown(cls: Any) -> None:
    client = cls(KEY, base_url="https://gateway.example/s3cr3t")
    assert "s3cr3t" not in repr(client) + repr(client.raw)


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_client_cannot_be_copied_away(cls: Any, way: Any) -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        way(cls(KEY, transport=httpx.MockTransport(ok)))


def test_your_own_http_client_is_used_and_stays_open() -> None:
    seen: list[str] = []
    own = httpx.Client(transport=httpx.MockTransport(ok), event_hooks={"request": [lambda r: seen.append(r.method)]})
    with tc.Tavus(KEY, http_client=own) as tavus:
        assert tavus.replicas.get("r1").replica_id == "r1"
    assert (seen, own.is_closed) == (["GET"], False)
    own.close()


async def test_your_own_async_http_client_is_used_and_stays_open() -> None:
    own = httpx.AsyncClient(transport=httpx.MockTransport(ok))
    async with tc.AsyncTavus(KEY, http_client=own) as tavus:
        assert (await tavus.replicas.get("r1")).replica_id == "r1"
    assert not own.is_closed
    await own.aclose()


def test_a_client_with_its_own_connections_closes_them(make_client: Any) -> None:
    client = make_client()
    client(lambda tavus: tavus.close())
    assert client.tavus.closed


# raw: any request goes by the same rules


def raw(kind: str) -> Any:
    def call(method: str, url: str, **arguments: Any) -> Any:
        def use(tavus: Any) -> Any:
            get_client = tavus.raw.get_httpx_client if kind == "sync" else tavus.raw.get_async_httpx_client
            return get_client().request(method, url, **arguments)

        return use

    return call


def test_a_path_that_the_spec_does_not_know_can_be_asked_for(make_client: Any, kind: str) -> None:
    client = make_client(lambda _: httpx.Response(200, json=[1]))
    response = client(raw(kind)("GET", "/v2/news", params={"a": "b c"}))
    assert (response.json(), str(client.requests[0].url)) == ([1], "https://tavusapi.com/v2/news?a=b+c")


def test_a_query_holds_nothing_that_a_url_cannot(make_client: Any, kind: str) -> None:
    client = make_client(ok)
    with pytest.raises(tc.InvalidRequestError, match="a takes text, a number, True or False"):
        client(raw(kind)("GET", "/v2/news", params={"a": ["b", object()]}))
    with pytest.raises(tc.InvalidRequestError, match="a holds half a character"):
        client(raw(kind)("GET", "/v2/news", params={"a": ["b", "\ud83d"]}))
    assert not client.requests


def test_a_list_refuses_a_query_that_a_url_cannot_hold_when_it_is_called(make_client: Any) -> None:
    client = make_client(ok)
    with pytest.raises(tc.InvalidRequestError, match="status holds half a character"):
        client.tavus.documents.list(status="\ud83d")
    assert not client.requests


def test_a_media_type_of_ones_own_stays(make_client: Any, kind: str) -> None:
    client = make_client(ok)
    client(ungated(raw(kind)("POST", "/v2/news", json={}, headers={"Content-Type": "application/merge-patch+json"})))
    assert client.requests[0].headers.get_list("content-type") == ["application/merge-patch+json"]


def test_an_unknown_post_counts_as_unsafe(make_client: Any, kind: str) -> None:
    client = make_client(lambda _: httpx.Response(500))
    with pytest.raises(tc.OutcomeUnknownError):
        client(ungated(raw(kind)("POST", "/v2/news", json={})))
    assert len(client.requests) == 1


def test_an_unknown_get_counts_as_safe(make_client: Any, kind: str) -> None:
    client = make_client(lambda _: httpx.Response(500))
    with pytest.raises(tc.ServerStatusError):
        client(raw(kind)("GET", "/v2/news"))
    assert len(client.requests) == 3


@pytest.mark.parametrize("url", ["https://other.example/v2/replicas", "v2/replicas", ""])
def test_the_key_goes_to_the_base_url_only(make_client: Any, kind: str, url: str) -> None:
    client = make_client(ok)
    with pytest.raises(tc.InvalidRequestError, match="base URL only"):
        client(raw(kind)("GET", url))
    assert client.requests == []


@pytest.mark.parametrize("name", ["timeout", "auth", "follow_redirects", "cookies", "extensions"])
def test_httpx_arguments_that_pass_the_rules_by_are_refused(make_client: Any, kind: str, name: str) -> None:
    client = make_client(ok)
    with pytest.raises(tc.InvalidRequestError, match="with_options"):
        client(raw(kind)("GET", "/v2/replicas/r1", **{name: 1}))


@pytest.mark.parametrize("body", [{"a": float("nan")}, {"a": object()}, {"a": "\ud800"}])
def test_a_body_that_is_no_json_is_refused(make_client: Any, kind: str, body: Any) -> None:
    client = make_client(ok)
    with pytest.raises(tc.InvalidRequestError, match="JSON"):
        client(raw(kind)("POST", "/v2/replicas", json=body))
    assert client.requests == []


@pytest.mark.parametrize(
    "headers",
    [
        *(
            {"a": 5},
            7,
            {"a": "b\nc: d"},
            {"a": " b"},
            {"a": "b "},
            {"a": "\x01"},
            {"a": "\x7f"},
            {"a": "é"},
            {"a": b"\0"},
        ),
        *({"a b": "c"}, {"a:": "c"}, {"": "c"}, {"ü": "c"}, {"a(": "c"}, [("a", "b"), ("c\r", "d")]),
    ],
)
def test_headers_that_are_none_are_refused(make_client: Any, kind: str, headers: Any) -> None:
    client = make_client(ok)
    with pytest.raises(tc.InvalidRequestError, match="HTTP"):
        client(raw(kind)("GET", "/v2/replicas/r1", headers=headers))
    assert client.requests == []


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding"])
def test_headers_that_frame_the_body_are_the_clients(make_client: Any, kind: str, name: str) -> None:
    client = make_client(ok)
    with pytest.raises(tc.InvalidRequestError, match=f"{name} depends on the body"):
        client(raw(kind)("GET", "/v2/replicas/r1", headers={name: "5"}))


def test_a_path_of_which_no_url_can_be_made_is_refused(make_client: Any, kind: str) -> None:
    client = make_client(ok)
    with pytest.raises(tc.InvalidRequestError, match="no URL"):
        client(raw(kind)("GET", "/v2/" + "x" * 70_000))


def test_raw_headers_cannot_replace_the_key(make_client: Any, kind: str) -> None:
    client = make_client(ok)
    client(raw(kind)("GET", "/v2/replicas/r1", headers={"x-api-key": "other", "x-a": "b"}))
    sent = client.requests[0].headers
    assert (sent["x-api-key"], sent["x-a"]) == (KEY, "b")


def test_send_would_pass_the_rules_by(make_client: Any, kind: str) -> None:
    client = make_client(ok)

    def use(tavus: Any) -> Any:
        http = tavus.raw.get_httpx_client() if kind == "sync" else tavus.raw.get_async_httpx_client()
        return http.send(httpx.Request("GET", "https://tavusapi.com/"))

    with pytest.raises(tc.InvalidRequestError, match="request"):
        client(use)


def test_many_paths_are_not_kept_for_ever(make_client: Any) -> None:
    client = make_client(lambda request: httpx.Response(200, json={"replica_id": request.url.path.split("/")[-1]}))
    for number in range(200):
        client(lambda tavus, number=number: tavus.replicas.get(f"r{number}"))
    assert client.requests[-1].url.path == "/v2/replicas/r199"


@pytest.mark.parametrize(
    ("environment", "base_url", "expected"),
    [
        ({"HTTPS_PROXY": "http://proxy.example:3128"}, "https://tavusapi.com", "http://proxy.example:3128"),
        ({"ALL_PROXY": "proxy.example:3128"}, "https://tavusapi.com", "http://proxy.example:3128"),
        ({"HTTPS_PROXY": "http://p.example", "NO_PROXY": "tavusapi.com"}, "https://tavusapi.com", None),
        ({"HTTP_PROXY": "http://p.example"}, "http://localhost:1", None),
        ({}, "https://tavusapi.com", None),
    ],
)
def test_the_usual_proxy_variables_are_read(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], base_url: str, expected: str | None
) -> None:
    from tavus_consent.http.pool import environment_proxy

    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert environment_proxy(base_url) == expected


def test_calls_are_logged_without_query_or_key(make_client: Any, caplog: pytest.LogCaptureFixture) -> None:
    client = make_client(lambda _: httpx.Response(200, json={"data": []}))
    with caplog.at_level("DEBUG"):
        client(lambda tavus: tavus.replicas.list())
    ours = [record.getMessage() for record in caplog.records if record.name == "tavus_consent"]
    assert ours == ["GET /v2/replicas: 200 after 1 attempt(s), 0.000 s"]


async def test_the_system_clock_sleeps_for_real() -> None:
    from tavus_consent._clock import SystemClock

    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(0)
    await clock.sleep_async(0)
    assert clock.monotonic() >= before
    assert clock.now().tzinfo is not None


def test_the_clock_can_be_given() -> None:
    clock = FakeClock()
    assert tc.Tavus(KEY, transport=httpx.MockTransport(ok), clock=clock).clock is clock
