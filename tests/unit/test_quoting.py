"""Servers echo their requests: the secret part of a link is not shown when it comes back."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest
from tests.ungated import ungated

import tavus_consent as tc
from tavus_consent._redaction import body_pieces

SIGNATURE = "abcdef0123456789"


def raw_post(kind: str, body: Any) -> Any:
    def use(tavus: Any) -> Any:
        client = tavus.raw.get_httpx_client() if kind == "sync" else tavus.raw.get_async_httpx_client()
        return client.request("POST", "/v2/replicas", json=body)

    return ungated(use)


@pytest.mark.parametrize("where", ["error", "message"])
def test_a_quoted_signature_is_not_shown(make_client: Any, kind: str, where: str) -> None:
    client = make_client(lambda _: httpx.Response(400, json={where: f"bad signature {SIGNATURE}"}))
    body = {
        "train_video_url": f"https://b.example/t.mp4?sig={SIGNATURE}",
        "list": [f"https://b.example/?a={SIGNATURE}"],
    }
    with pytest.raises(tc.BadRequestError) as caught:
        client(raw_post(kind, body))
    assert SIGNATURE not in f"{caught.value} {vars(caught.value)}"


@pytest.mark.parametrize(
    "body",
    [
        {"layers": {"llm": {"api_key": SIGNATURE}}},
        {"headers": {"X-API-Key": f"Bearer {SIGNATURE}"}},
        {"credentials": [{"value": SIGNATURE}]},
        [{"op": "replace", "path": "/layers/tts/api_key", "value": SIGNATURE}],
        [{"op": "add", "path": "/layers/tts", "value": {"api_key": SIGNATURE}}],
        {"password": "abcdef", "token": SIGNATURE},
    ],
)
def test_a_quoted_secret_is_not_shown(make_client: Any, kind: str, body: Any) -> None:
    client = make_client(lambda _: httpx.Response(400, json={"error": f"not a key: {SIGNATURE}"}))
    with pytest.raises(tc.BadRequestError) as caught:
        client(raw_post(kind, body))
    assert SIGNATURE[6:] not in f"{caught.value} {vars(caught.value)}"


@pytest.mark.parametrize("end", ["}", "", '"', ', "more": '])
def test_a_secret_of_the_server_is_not_kept_in_an_error(make_client: Any, kind: str, end: str) -> None:
    content = f'{{"layers": {{"llm": {{"api_key" : "{SIGNATURE}"}}}}{end}'
    client = make_client(lambda _: httpx.Response(400, content=content))
    with pytest.raises(tc.BadRequestError) as caught:
        client(raw_post(kind, {}))
    assert SIGNATURE not in f"{caught.value} {vars(caught.value)}"
    assert "[redacted]" in str(caught.value.body)


def test_what_is_named_like_no_secret_may_be_quoted(make_client: Any, kind: str) -> None:
    client = make_client(lambda _: httpx.Response(400, json={"error": "unknown: fairground"}))
    with pytest.raises(tc.BadRequestError, match="fairground"):
        client(raw_post(kind, {"path": "/token", "name": "fairground", "max_tokens": 5}))


def test_what_only_looks_like_a_link_has_no_pieces() -> None:
    assert list(body_pieces({"a": "https://[bad", "b": 5})) == []


def test_an_answer_without_promised_shape_is_taken_as_it_is(make_client: Any) -> None:
    body = {"replica_id": "r1", "anything": [{"new": None}]}
    client = make_client(lambda _: httpx.Response(200, json=body))
    assert client(lambda tavus: tavus.replicas.get("r1")).extra == {"anything": [{"new": None}]}


def test_a_proxy_can_be_given() -> None:
    with tc.Tavus("key-for-tests", proxy="http://proxy.example:3128") as tavus:
        assert not tavus.closed


@pytest.mark.parametrize(
    ("fault", "said"),
    [(httpx.PoolTimeout(""), "no free connection within"), (httpx.ConnectTimeout(""), "no connection within")],
)
def test_a_timeout_says_what_took_too_long(make_client: Any, fault: Exception, said: str) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        raise fault

    with pytest.raises(tc.RequestTimeoutError, match=said):
        make_client(handle, max_retries=0)(lambda tavus: tavus.replicas.get("r1"))


def test_internals_show_no_secret_in_reports_of_errors(make_client: Any) -> None:
    """Reports of errors print local variables: these are the ones that hold the key and the body."""
    from tavus_consent import Timeout
    from tavus_consent.http.answers import Call

    call = Call("POST", "/v2/replicas", "safe", None, Timeout(), 2, ("s3cret",), {"a": "s3cret"})
    settings = make_client(lambda _: httpx.Response(200)).tavus._settings
    assert "s3cret" not in repr(call)
    assert "key-for-tests" not in repr(settings)


def test_httpx_does_not_log_the_url_of_our_calls(caplog: pytest.LogCaptureFixture) -> None:
    own = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"replica_id": "r1"})))
    with caplog.at_level(logging.DEBUG), own, tc.Tavus("key-for-tests", http_client=own) as tavus:
        tavus.replicas.get("r1")
    assert [record for record in caplog.records if record.name == "httpx"] == []
