"""FakeTavus explains itself: why it refuses a request, and what it accepts that the specification does not have."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tavus_consent import ConfigurationError
from tavus_consent.testing import FakeRequest, FakeTavus, FakeTransport, FakeWarning, Fault

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STOCK = "r90bbd427f71"
TRAIN = {"train_video_url": "https://media.example/train.mp4"}
LINK = "https://media.example/secret.mp4?token=secret"
FACE = {"default_face_id": STOCK}
GUESS = {"max_call_durationn": 60}
HINT = "/properties/max_call_durationn: not in the specification; did you mean max_call_duration?"


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOON)


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as client:
        yield client


# Refusals


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason"),
    [
        ("POST", "replicas", {"train_video_url": 1}, 400, '/train_video_url: the value is not of type "string"'),
        ("POST", "videos", {"script": LINK}, 400, '/replica_id: "replica_id" is a required property'),
        (
            "POST",
            "conversations",
            {"replica_id": STOCK, "properties": {"max_call_duration": LINK}},
            400,
            '/properties/max_call_duration: the value is not of type "integer"',
        ),
        ("POST", "videos", {"replica_id": LINK, "script": "Hi"}, 400, "/replica_id: there is no such replica"),
        (
            "POST",
            "videos",
            {"replica_id": STOCK},
            400,
            "Exactly one of script and audio_url must be provided.",
        ),
        ("POST", "conversations", [LINK], 400, 'request body: the value is not of type "object"'),
        ("GET", "replicas?limit=many", None, 400, '?limit: the value is not of type "integer"'),
        ("GET", "replicas?limit=1&limit=2", None, 400, "?limit: given more than once"),
        ("GET", "replicas/none", None, 400, "path: no object has this replica_id, or it is not yours"),
        ("GET", "documents/none", None, 404, "path: no object has this document_id, or it is not yours"),
        ("GET", "nowhere", None, 404, "path: the API has no such path"),
        ("PUT", "replicas", None, 405, "method: this path has GET, POST"),
    ],
)
def test_a_refusal_says_where_and_why(
    fake: FakeTavus, http: httpx.Client, method: str, path: str, body: Any, status: int, reason: str
) -> None:
    answer = http.request(method, path, json=body) if body is not None else http.request(method, path)

    assert (answer.status_code, answer.headers["x-fake-reason"], fake.requests[-1].reason) == (status, reason, reason)


@pytest.mark.parametrize(
    ("content_type", "content", "reason"),
    [
        ("application/json", b"{", "body: it is not JSON at character 1, or nested too deeply"),
        ("application/json", b"[" * 200 + b"]" * 200, "body: it is not JSON, or nested too deeply"),
        ("application/json", b'{"replica_name": "\\ud800"}', "request body: half of a surrogate pair is not text"),
        ("text/plain", b"{}", "content-type: must be application/json"),
    ],
)
def test_a_body_that_cannot_be_read_says_why(
    http: httpx.Client, content_type: str, content: bytes, reason: str
) -> None:
    answer = http.post("replicas", content=content, headers={"content-type": content_type})

    assert (answer.status_code, answer.headers["x-fake-reason"]) == (400, reason)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [({}, "x-api-key: is missing"), ({"x-api-key": "wrong"}, "x-api-key: is not the key of this fake")],
)
def test_a_wrong_key_is_not_repeated(fake: FakeTavus, headers: dict[str, str], reason: str) -> None:
    answer = fake.handle(FakeRequest("GET", "/v2/replicas", headers=headers))

    assert (answer.status, answer.reason) == (401, reason)


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ([{"op": "add", "path": "/nam", "value": 1}], 422, "/nam: not in the specification; did you mean name?"),
        (
            [{"op": "add", "path": "/name", "value": "b"}, {"op": "remove", "path": "/a/b"}],
            422,
            "/1: cannot be applied",
        ),
        ([{"op": "remove", "path": "/a/b"}] * 60, 422, "/0: cannot be applied"),
        ([{"op": "test", "path": "/name", "value": "a"}] * 60 + [{"op": "remove", "path": "/a/b"}], 422, "the patch: "),
        ([{"op": "replace", "path": "", "value": []}], 422, "after the patch, the object is not an object"),
        ([{"op": "add", "path": "/channel", "value": 1}], 400, "after the patch, /channel: the value is not of type"),
        ([{"op": "add", "path": "/name", "value": "a"}], 304, "the patch changes nothing"),
        ({"op": "add"}, 422, 'request body: the value is not of type "array"'),
    ],
)
def test_a_refused_patch_says_which_operation(http: httpx.Client, change: Any, status: int, reason: str) -> None:
    body = {"pal_id": "pcb7a34da5fe", "channel": "widget", "name": "a"}
    made = http.post("deployments", json=body).json()["deployment_id"]

    answer = http.patch(f"deployments/{made}", json=change)

    assert (answer.status_code, answer.headers["x-fake-reason"][: len(reason)]) == (status, reason)


def test_a_fault_says_that_it_was_injected(fake: FakeTavus, http: httpx.Client) -> None:
    fake.inject(Fault(status=503))
    fake.inject(Fault(drop=True))

    answer = http.get("replicas")
    with pytest.raises(httpx.RemoteProtocolError):
        http.get("replicas")

    assert answer.headers["x-fake-reason"] == "a fault that the test injected"
    assert [each.reason for each in fake.requests] == ["a fault that the test injected"] * 2


def test_an_accepted_request_has_no_reason(fake: FakeTavus, http: httpx.Client) -> None:
    answer = http.get("replicas")

    assert ("x-fake-reason" in answer.headers, fake.requests[-1].reason) == (False, None)


def test_a_reason_fits_into_a_header(http: httpx.Client) -> None:
    answer = http.get("skills/" + "%0D%0A%C5%81" * 300)

    reason = answer.headers["x-fake-reason"]
    assert (answer.status_code, len(reason) <= 500, reason.isascii() and reason.isprintable()) == (404, True, True)


def test_reasons_are_shown_over_http(fake: FakeTavus) -> None:
    with fake.serve() as url, httpx.Client(base_url=url, trust_env=False) as http:
        http.get("/v2/replicas?token=secret")
        said = http.get("/__fake__/requests")

    assert said.json()["data"] == [
        {
            "method": "GET",
            "path": "/v2/replicas",
            "operation": "listReplicas",
            "status": 401,
            "reason": "x-api-key: is missing",
            "warnings": [],
        }
    ]


# Members that the specification does not have


def converse(http: httpx.Client) -> httpx.Response:
    return http.post("conversations", json={"replica_id": STOCK, "properties": GUESS})


CONVERSE_LINE = converse.__code__.co_firstlineno + 1


def test_a_misspelled_member_warns_at_the_line_of_the_test(fake: FakeTavus, http: httpx.Client) -> None:
    with pytest.warns(FakeWarning) as caught:
        converse(http)

    assert [str(one.message) for one in caught] == [f"POST /v2/conversations: {HINT}"]
    assert [(one.filename, one.lineno) for one in caught] == [(__file__, CONVERSE_LINE)]
    assert fake.requests[-1].warnings == (HINT,)


async def test_a_task_warns_too(fake: FakeTavus) -> None:
    headers = {"x-api-key": "fake-key"}
    async with httpx.AsyncClient(transport=FakeTransport(fake), base_url="https://t.example", headers=headers) as http:
        with pytest.warns(FakeWarning, match="persona_nam"):
            await asyncio.gather(http.post("/v2/personas", json={"persona_nam": "Sam"}))


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("replicas", {**TRAIN, "colour": 1}, "/colour"),
        ("personas?x=1", {}, "?x"),
        ("personas", {"layers": {"tts": {"colour": 1}}}, "/layers/tts/colour"),
        ("objectives", {"data": [{"objective_name": "a", "objective_prompt": "b", "colour": 1}]}, "/data/0/colour"),
        ("personas", {LINK: 1}, "/(odd name)"),
    ],
)
def test_members_are_known_at_any_depth(http: httpx.Client, path: str, body: Any, pointer: str) -> None:
    with pytest.warns(FakeWarning) as caught:
        assert http.post(path, json=body).status_code == 200

    assert [str(one.message).split(": ")[1] for one in caught] == [pointer]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("tools", {"name": "a", "description": "b", "parameters": {"anything": {"goes": 1}}}),
        ("pals", {**FACE, "greeting": "Hi", "context": "A", "memories": ["m"], "tool_ids": [], "is_template": False}),
        ("pals", {**FACE, "layers": {"conferencing": {"username": "sam"}}}),
    ],
)
def test_open_objects_and_members_of_tavus_s_own_client_do_not_warn(http: httpx.Client, path: str, body: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert http.post(path, json=body).status_code == 200


def test_what_tavus_s_own_client_sends_is_kept_and_shown(fake: FakeTavus, http: httpx.Client) -> None:
    made = http.post("pals", json={**FACE, "greeting": "Hi", "is_template": True}).json()["pal_id"]

    shown = http.get(f"pals/{made}").json()

    assert (shown["greeting"], shown["is_template"]) == ("Hi", True)
    assert fake.objects("persona")[made]["greeting"] == "Hi"


@pytest.mark.filterwarnings("ignore::tavus_consent.testing.FakeWarning")
def test_an_unknown_member_is_kept_shown_and_patched(fake: FakeTavus, http: httpx.Client) -> None:
    made = http.post("personas", json={"system_prompt": "Hi", "colour": "blue", "owner": "system"}).json()["persona_id"]

    before = http.get(f"personas/{made}").json()["data"][0]
    http.patch(f"personas/{made}", json=[{"op": "replace", "path": "/colour", "value": "red"}])
    http.patch(f"personas/{made}", json=[{"op": "remove", "path": "/owner"}])
    after = http.get(f"personas/{made}").json()["data"][0]

    assert (before["colour"], before["owner"], after["colour"], "owner" in after) == ("blue", "system", "red", False)
    assert fake.objects("persona")[made]["request"] == {"system_prompt": "Hi", "colour": "blue", "owner": "system"}
    assert made in [each["persona_id"] for each in http.get("personas?persona_type=user").json()["data"]]


@pytest.mark.filterwarnings("ignore::tavus_consent.testing.FakeWarning")
def test_a_member_of_a_merge_is_kept_too(http: httpx.Client) -> None:
    face_id = http.post("faces", json=TRAIN).json()["face_id"]

    answer = http.patch(f"faces/{face_id}", json={"face_name": "Rio", "colour": "blue"})

    assert answer.json()["colour"] == http.get(f"faces/{face_id}").json()["colour"] == "blue"


def test_a_patch_warns_of_the_member_that_it_adds(http: httpx.Client) -> None:
    with pytest.warns(FakeWarning):
        made = http.post("personas", json={"layers": {"tts": {"old": 1}}}).json()["persona_id"]

    with pytest.warns(FakeWarning) as caught:
        http.patch(f"personas/{made}", json=[{"op": "add", "path": "/layers/tts/new", "value": 1}])

    assert [str(one.message) for one in caught] == [
        f"PATCH /v2/personas/{made}: /layers/tts/new: not in the specification"
    ]


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("personas", {"persona_nam": "Sam"}, "persona_nam"),
        ("personas?x=1", {}, "x"),
        ("pals", {**FACE, "layers": {"a": 1}}, "layers"),
    ],
)
def test_a_strict_fake_refuses_unknown_members(path: str, body: Any, name: str) -> None:
    fake = FakeTavus(unknown="refuse")
    headers = {"x-api-key": "fake-key", "content-type": "application/json"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as http:
        answer = http.post(path, json=body)

    assert (answer.status_code, answer.json(), fake.objects("persona")) == (400, {"error": f"Invalid {name}"}, {})
    assert "not in the specification" in answer.headers["x-fake-reason"]


def test_there_are_two_ways_with_unknown_members() -> None:
    wrong: Any = "ignore"
    with pytest.raises(ConfigurationError, match="'warn' or 'refuse', not 'ignore'"):
        FakeTavus(unknown=wrong)


def test_a_served_fake_logs_instead_of_warning(fake: FakeTavus, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tavus_consent.testing")
    fake.inject(Fault(drop=True), operation="listReplicas")

    with fake.serve() as url, httpx.Client(base_url=url, headers={"x-api-key": "fake-key"}, trust_env=False) as http:
        http.post("/v2/conversations?token=secret", json={"replica_id": STOCK, "properties": GUESS})
        with pytest.raises(httpx.RemoteProtocolError):
            http.get("/v2/replicas")

    records = [(one.levelname, one.getMessage()) for one in caplog.records if one.name == "tavus_consent.testing"]
    assert [level for level, _ in records] == ["INFO", "WARNING", "WARNING", "INFO"]
    assert records[2][1] == f"POST /v2/conversations {HINT}"
    assert records[3][1].startswith("GET /v2/replicas dropped ")
    assert "secret" not in str(records)
