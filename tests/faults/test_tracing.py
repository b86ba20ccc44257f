"""OpenTelemetry and Sentry see each attempt of both clients, without the query of its URL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sentry_sdk
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.integrations.httpx import HttpxIntegration

import tavus_consent as tc

from .conftest import Connection, every

CONSENT = tc.SpokenConsent("Rio Alvarez", "https://b.example/c.mp4")


def create(tavus: Any) -> Any:
    return tavus.replicas.create_personal(train_video_url="https://b.example/t.mp4", consent=CONSENT)


def browse(tavus: Any) -> Any:
    return tavus.replicas.list(page_size=5)


def at_last(connection: Connection) -> None:
    """Answer the third request."""
    if len(connection.server.requests) < 3:
        connection.reply(503, b"{}")
    else:
        connection.reply(200, b'{"data": []}')


def headers(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


# OpenTelemetry


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    yield exporter
    instrumentor.uninstrument()


def test_opentelemetry_gets_a_span_for_a_create(spans: Any, make_client: Any, make_server: Any) -> None:
    server = make_server(every(Connection.reply))
    make_client(base_url=server.url)(create)
    (span,) = spans.get_finished_spans()
    assert (span.name, span.attributes["http.url"]) == ("POST", f"{server.url}/v2/replicas")


def test_opentelemetry_gets_a_span_for_each_attempt(spans: Any, make_client: Any, make_server: Any) -> None:
    make_client(base_url=make_server(every(at_last)).url)(browse)
    assert [span.attributes["http.status_code"] for span in spans.get_finished_spans()] == [503, 503, 200]


def test_each_attempt_tells_the_server_its_own_span(spans: Any, make_client: Any, make_server: Any) -> None:
    server = make_server(every(at_last))
    make_client(base_url=server.url)(browse)
    told = [headers(request)["traceparent"].split("-")[2] for request in server.requests]
    assert told == [f"{span.context.span_id:016x}" for span in spans.get_finished_spans()]


def test_no_query_is_in_a_span(spans: Any, make_client: Any, make_server: Any) -> None:
    server = make_server(every(lambda c: c.reply(200, b'{"data": []}')))
    make_client(base_url=server.url)(browse)
    assert b"limit=5" in server.requests[0]
    assert "limit" not in "".join(span.to_json() for span in spans.get_finished_spans())


# Sentry


class Envelopes(sentry_sdk.transport.Transport):
    """Keeps what Sentry would send."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.events.extend(item.payload.json for item in envelope.items if item.payload.json)

    def spans(self) -> list[dict[str, Any]]:
        return [span for event in self.events for span in event.get("spans", ()) if span["op"] == "http.client"]


@pytest.fixture
def sentry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Envelopes]:
    unwatched = httpx.Client.send
    for cls in (httpx.Client, httpx.AsyncClient):
        monkeypatch.setattr(cls, "send", cls.send)  # Sentry never takes its functions back
    envelopes = Envelopes()
    with sentry_sdk.isolation_scope():
        sentry_sdk.init(
            "https://key@sentry.invalid/1",
            transport=envelopes,
            traces_sample_rate=1.0,
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[HttpxIntegration()],
        )
        if httpx.Client.send is unwatched:  # it puts them in place once in a process
            HttpxIntegration.setup_once()
        yield envelopes
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)


def in_a_transaction(client: Any, call: Any) -> None:
    with sentry_sdk.start_transaction(name="test"):
        client(call)


def test_sentry_gets_a_span_for_a_create(sentry: Any, make_client: Any, make_server: Any) -> None:
    server = make_server(every(Connection.reply))
    in_a_transaction(make_client(base_url=server.url), create)
    (span,) = sentry.spans()
    assert span["description"] == f"POST {server.url}/v2/replicas"


def test_sentry_gets_a_span_for_each_attempt(sentry: Any, make_client: Any, make_server: Any) -> None:
    in_a_transaction(make_client(base_url=make_server(every(at_last)).url), browse)
    assert [span["data"]["http.response.status_code"] for span in sentry.spans()] == [503, 503, 200]


def test_each_attempt_tells_the_server_of_sentry(sentry: Any, make_client: Any, make_server: Any) -> None:
    server = make_server(every(at_last))
    in_a_transaction(make_client(base_url=server.url), browse)
    told = [headers(request)["sentry-trace"].split("-")[1] for request in server.requests]
    assert told == [span["span_id"] for span in sentry.spans()]


def test_sentry_gets_no_query(sentry: Any, make_client: Any, make_server: Any) -> None:
    server = make_server(every(lambda c: c.reply(200, b'{"data": []}')))
    in_a_transaction(make_client(base_url=server.url), browse)
    assert b"limit=5" in server.requests[0]
    assert "limit" not in str(sentry.events)


def test_sentry_sees_an_attempt_of_a_given_client_once(
    sentry: Any, make_client: Any, make_server: Any, kind: str
) -> None:
    server = make_server(every(Connection.reply))
    given: Any = httpx.Client() if kind == "sync" else httpx.AsyncClient()
    client = make_client(base_url=server.url, http_client=given)
    in_a_transaction(client, create)
    client(lambda _: given.close() if kind == "sync" else given.aclose())
    assert len(sentry.spans()) == 1


def test_a_redirect_to_nowhere_is_an_answer(sentry: Any, make_client: Any, make_server: Any) -> None:
    server = make_server(every(lambda c: c.reply(302, b"{}", "location: http://[")))
    with pytest.raises(tc.RedirectError):
        make_client(base_url=server.url)(create)


def test_no_cookie_is_kept(sentry: Any, make_client: Any, make_server: Any) -> None:
    server = make_server(every(lambda c: c.reply(200, b'{"data": []}', "set-cookie: session=1; path=/")))
    client = make_client(base_url=server.url)
    for _ in range(2):
        client(browse)
    assert ["cookie" in headers(request) for request in server.requests] == [False, False]
    assert len(client.tavus._http.cookies.jar) == 0


def test_both_at_once_get_a_span_without_a_query(sentry: Any, spans: Any, make_client: Any, make_server: Any) -> None:
    server = make_server(every(lambda c: c.reply(200, b'{"data": []}')))
    in_a_transaction(make_client(base_url=server.url), browse)
    (span,) = spans.get_finished_spans()
    assert (len(sentry.spans()), span.attributes["http.url"]) == (1, f"{server.url}/v2/replicas")
