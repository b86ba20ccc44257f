"""Mocks of other libraries see both clients: a request that they do not allow reaches no server."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, Mock

import httpx
import pytest
import respx
import vcr
from pytest_httpx import HTTPXMock

import tavus_consent as tc

from .conftest import GOOD_BODY, Connection, every

CONSENT = tc.SpokenConsent("Rio Alvarez", "https://b.example/c.mp4")
CREATED = {"replica_id": "r1", "status": "started"}


def create(tavus: Any) -> Any:
    return tavus.replicas.create_personal(train_video_url="https://b.example/t.mp4", consent=CONSENT)


def get(tavus: Any) -> Any:
    return tavus.replicas.get("r1")


def browse(tavus: Any) -> Any:
    return tavus.replicas.list(page_size=5)


@pytest.fixture
def server(make_server: Any) -> Any:
    """A real server, which no request may reach."""
    return make_server(every(Connection.reply))


@pytest.fixture
def client(make_client: Any, server: Any) -> Any:
    return make_client(base_url=server.url)


@pytest.mark.parametrize("call", [get, create])
def test_pytest_httpx_answers(httpx_mock: HTTPXMock, client: Any, server: Any, call: Any) -> None:
    httpx_mock.add_response(json=CREATED)
    assert client(call).replica_id == "r1"
    assert server.connections == 0


def test_pytest_httpx_finds_a_query(httpx_mock: HTTPXMock, client: Any, server: Any) -> None:
    url = f"{server.url}/v2/replicas"
    httpx_mock.add_response(url=url, match_params={"limit": "5", "page": "1"}, json={"data": []})
    assert client(browse) == []


@pytest.mark.httpx_mock(assert_all_requests_were_expected=False)
def test_pytest_httpx_lets_no_create_through(httpx_mock: HTTPXMock, client: Any, server: Any) -> None:
    with pytest.raises(tc.OutcomeUnknownError):
        client(create)
    assert (len(httpx_mock.get_requests()), server.connections) == (1, 0)


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
@pytest.mark.parametrize("call", [get, create])
def test_respx_answers(client: Any, server: Any, call: Any, using: str) -> None:
    with respx.mock(base_url=server.url, using=using) as router:
        router.route(path__regex="/v2/replicas").respond(json=CREATED)
        assert client(call).replica_id == "r1"
    assert server.connections == 0


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
def test_respx_finds_a_query(client: Any, server: Any, using: str) -> None:
    with respx.mock(base_url=server.url, using=using) as router:
        router.get("/v2/replicas", params={"limit": "5"}).respond(json={"data": []})
        assert client(browse) == []


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
def test_respx_lets_no_create_through(client: Any, server: Any, using: str) -> None:
    with respx.mock(using=using) as router, pytest.raises(tc.OutcomeUnknownError, match="not mocked"):
        client(create)
    assert (router.calls.call_count, server.connections) == (0, 0)


def cassette(folder: Path, mode: str) -> Any:
    return vcr.use_cassette(str(folder / "cassette.yaml"), record_mode=mode)


@pytest.mark.parametrize("call", [get, create, browse])
def test_vcr_plays_what_it_recorded(tmp_path: Path, client: Any, server: Any, call: Any) -> None:
    server.behave = every(lambda c: c.reply(200, GOOD_BODY if call is not browse else b'{"data": []}'))
    with cassette(tmp_path, "once"):
        first = client(call)
    with cassette(tmp_path, "none"):
        again = client(call)
    assert (again, len(server.requests)) == (first, 1)


def test_vcr_records_queries(tmp_path: Path, client: Any, server: Any) -> None:
    server.behave = every(lambda c: c.reply(200, b'{"data": []}'))
    with cassette(tmp_path, "once") as tape:
        client(browse)
    assert ("limit", "5") in tape.requests[0].query


def test_vcr_lets_no_create_through(tmp_path: Path, client: Any, server: Any) -> None:
    with cassette(tmp_path, "none"), pytest.raises(tc.OutcomeUnknownError, match="record_mode 'none'"):
        client(create)
    assert server.connections == 0


def test_a_call_that_no_cassette_has_is_tried_once(tmp_path: Path, client: Any, server: Any) -> None:
    with cassette(tmp_path, "none"), pytest.raises(tc.ConnectionFailedError, match="the transport failed") as caught:
        client(get)
    assert (caught.value.attempts, server.connections) == (1, 0)


def test_a_mock_object_in_the_place_of_send_answers(monkeypatch: pytest.MonkeyPatch, client: Any, server: Any) -> None:
    for cls, make in ((httpx.Client, Mock), (httpx.AsyncClient, AsyncMock)):
        monkeypatch.setattr(cls, "send", make(side_effect=lambda *_, **__: httpx.Response(200, json=CREATED)))
    assert client(create).replica_id == "r1"
    assert server.connections == 0


def test_a_mock_of_send_answers(monkeypatch: pytest.MonkeyPatch, client: Any, server: Any) -> None:
    def send(_: Any, request: httpx.Request, **__: Any) -> httpx.Response:
        return httpx.Response(200, json=CREATED, request=request)

    async def send_async(client: Any, request: httpx.Request, **options: Any) -> httpx.Response:
        return send(client, request, **options)

    monkeypatch.setattr(httpx.Client, "send", send)
    monkeypatch.setattr(httpx.AsyncClient, "send", send_async)
    assert client(create).replica_id == "r1"
    assert server.connections == 0
