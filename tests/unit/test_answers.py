"""Decoding of Tavus's responses."""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

import tavus_consent as tc


def get(tavus: Any) -> Any:
    return tavus.replicas.get("r1")


def answer(make_client: Any, *args: Any, **kwargs: Any) -> Any:
    return make_client(lambda _: httpx.Response(*args, **kwargs), max_retries=0)


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (300, tc.RedirectError),
        (301, tc.RedirectError),
        (304, tc.RedirectError),
        (399, tc.RedirectError),
        (400, tc.BadRequestError),
        (401, tc.AuthenticationError),
        (402, tc.PaymentRequiredError),
        (403, tc.PermissionDeniedError),
        (404, tc.NotFoundError),
        (409, tc.ConflictError),
        (418, tc.ClientStatusError),
        (422, tc.UnprocessableError),
        (429, tc.RateLimitError),
        (499, tc.ClientStatusError),
        (500, tc.ServerStatusError),
        (520, tc.ServerStatusError),
        (999, tc.ServerStatusError),
    ],
)
def test_each_status_family_has_its_class(make_client: Any, status: int, cls: type[tc.AnswerError]) -> None:
    with pytest.raises(tc.AnswerError) as caught:
        answer(make_client, status)(get)
    assert (type(caught.value), caught.value.status) == (cls, status)


@pytest.mark.parametrize("key", ["error", "message"])
def test_the_servers_sentence_is_the_detail(make_client: Any, key: str) -> None:
    with pytest.raises(tc.BadRequestError, match="Invalid replica_id") as caught:
        answer(make_client, 400, json={key: "Invalid replica_id"})(get)
    assert caught.value.detail == "Invalid replica_id"
    assert caught.value.body == {key: "Invalid replica_id"}


@pytest.mark.parametrize("body", [{"error": {"code": 1}}, {"message": ""}, {"errors": []}, [], {}, 5, None, True])
def test_a_body_without_sentence_is_kept(make_client: Any, body: Any) -> None:
    with pytest.raises(tc.BadRequestError) as caught:
        answer(make_client, 400, content=json.dumps(body))(get)
    assert (caught.value.body, caught.value.detail) == (body, None)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param({"error": "Bad Request", "message": "Too long"}, "Bad Request; Too long", id="two"),
        pytest.param({"error": "Too long", "message": "Too long"}, "Too long", id="the same twice"),
        pytest.param({"error": {"code": "quota", "message": "No minutes left"}}, "No minutes left", id="nested"),
        pytest.param({"error": {"code": "quota_exceeded", "retry": 5}}, "code: quota_exceeded", id="code only"),
        pytest.param({"error": {"error": {"message": "Deep"}}}, "Deep", id="nested twice"),
        pytest.param({"detail": "Not Found"}, "Not Found", id="detail"),
        pytest.param(
            {"detail": [{"type": "missing", "loc": ["body", "replica_name"], "msg": "Field required", "input": {}}]},
            "body.replica_name: Field required",
            id="FastAPI",
        ),
        pytest.param(
            {"detail": [{"loc": ["query", 0], "msg": "A"}, {"loc": ["query", 1], "msg": "B"}]},
            "query.0: A; query.1: B",
            id="FastAPI, two",
        ),
        pytest.param({"errors": {"url": ["Not a URL.", "Too short."]}}, "url: Not a URL.; url: Too short.", id="Rails"),
        pytest.param({"errors": {"url": "Not a URL."}}, "url: Not a URL.", id="errors, one each"),
        pytest.param({"errors": ["First", "Second"]}, "First; Second", id="errors, a list"),
        pytest.param(
            {"errors": [{"source": {"pointer": "/data/name"}, "title": "Invalid", "detail": "Must be short"}]},
            "/data/name: Invalid; /data/name: Must be short",
            id="JSON:API",
        ),
        pytest.param({"errors": [{"message": "Cannot query", "path": ["a", 0]}]}, "a.0: Cannot query", id="GraphQL"),
        pytest.param({"message": {"replica_name": ["Missing data"]}}, "replica_name: Missing data", id="marshmallow"),
        pytest.param({"message": {"json": {"fps": ["No"]}}}, "json.fps: No", id="marshmallow, nested"),
        pytest.param({"replica_name": ["Required."], "fast": [True]}, "replica_name: Required.", id="Django"),
        pytest.param({"Message": "Forbidden"}, "Forbidden", id="AWS"),
        pytest.param(
            {"type": "about:blank", "title": "Quota", "status": 403, "detail": "None left", "instance": "/1"},
            "Quota; None left",
            id="problem details",
        ),
        pytest.param(
            {"title": "Invalid", "invalid-params": [{"name": "age", "reason": "must be positive"}]},
            "Invalid; age: must be positive",
            id="problem details, parameters",
        ),
        pytest.param(
            {"error": "invalid_client", "error_description": "Unknown client"},
            "invalid_client; Unknown client",
            id="OAuth",
        ),
        pytest.param("text", "text", id="bare string"),
        pytest.param(["a", {"msg": "b"}], "a; b", id="bare list"),
        pytest.param({"error": "two\nlines\x1b[31m"}, "two lines\ufffd[31m", id="control characters"),
        pytest.param({"error": "x" * 600}, "x" * 497 + "...", id="long"),
        pytest.param({"errors": [str(n) for n in range(99)]}, "; ".join(map(str, range(10))), id="many"),
    ],
)
def test_the_reason_is_found_in_every_usual_shape(make_client: Any, body: Any, reason: str) -> None:
    with pytest.raises(tc.BadRequestError) as caught:
        answer(make_client, 400, json=body)(get)
    assert caught.value.detail == reason
    assert str(caught.value).endswith(f"400 Bad Request: {reason}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("upstream connect error\n", "upstream connect error"),
        ("<h1>Bad Gateway</h1>", "Bad Gateway"),
        ("<!DOCTYPE html>\n<title>502</title><style>p {}</style><p>Ask &amp; wait<hr", "502 Ask & wait"),
        ("<html><script>let a = 1", None),
        ('{"error": "cut o', None),
        ("\x00\xff\xfe", None),
        ("   ", None),
    ],
)
def test_the_reason_of_a_text_is_what_a_person_would_read(make_client: Any, text: str, reason: str | None) -> None:
    with pytest.raises(tc.ServerStatusError) as caught:
        answer(make_client, 502, content=text.encode("latin-1"))(get)
    assert caught.value.detail == reason


@pytest.mark.parametrize(
    "body",
    [
        {"detail": [{"loc": ["header", "x-api-key"], "msg": "key-for-tests"}]},
        {"errors": {"url": ["https://bucket.example/a/b?X-Amz-Signature=s3cr3ts3cr3t"]}},
        {"message": {"key-for-tests": ["unknown"]}},
        "key-for-tests",
        "<p>key&#45;for&#45;tests</p>",
    ],
)
def test_a_reason_holds_no_secret(make_client: Any, body: Any) -> None:
    content = body if isinstance(body, str) and body.startswith("<") else json.dumps(body)
    with pytest.raises(tc.BadRequestError, match="redacted") as caught:
        answer(make_client, 400, content=content)(get)
    assert not {"key-for-tests", "s3cr3ts3cr3t"} & set(str(caught.value).replace("=", " ").split())
    assert "key-for-tests" not in str(caught.value)


def test_html_is_kept_as_text(make_client: Any) -> None:
    with pytest.raises(tc.ServerStatusError) as caught:
        answer(make_client, 502, html="<h1>Bad Gateway</h1>")(get)
    assert caught.value.body == "<h1>Bad Gateway</h1>"


def test_a_long_text_is_cut(make_client: Any) -> None:
    with pytest.raises(tc.ServerStatusError) as caught:
        answer(make_client, 502, text="x" * 50_000)(get)
    assert len(caught.value.body) == 2000


def test_the_error_says_what_was_asked(make_client: Any) -> None:
    with pytest.raises(tc.BadRequestError) as caught:
        answer(make_client, 400)(get)
    error = caught.value
    assert (error.method, error.path, error.attempts) == ("GET", "/v2/replicas/r1", 1)
    assert str(error).startswith("GET /v2/replicas/r1: 400 Bad Request")


def test_the_attempts_are_in_the_message(make_client: Any) -> None:
    client = make_client(lambda _: httpx.Response(503), max_retries=2)
    with pytest.raises(tc.ServerStatusError, match="after 3 attempts"):
        client(get)


@pytest.mark.parametrize("name", ["X-Request-Id", "x-amzn-RequestId", "Apigw-RequestId", "X-Amz-Cf-Id", "CF-Ray"])
def test_the_request_id_of_a_gateway_is_found(make_client: Any, name: str) -> None:
    with pytest.raises(tc.BadRequestError, match="abc-1") as caught:
        answer(make_client, 400, headers={name: "abc-1"})(get)
    assert caught.value.request_id == "abc-1"


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "check the API key (api_key= or TAVUS_API_KEY)"),
        (402, "the account is out of credits"),
        (403, "this key may not do this, or not from this address"),
        (302, "redirects are not followed; is the base URL right?"),
    ],
)
def test_a_status_that_people_can_mend_ends_in_advice(make_client: Any, status: int, advice: str) -> None:
    with pytest.raises(tc.AnswerError) as caught:
        answer(make_client, status)(get)
    assert str(caught.value).endswith(f": {advice}")


def test_the_message_holds_status_id_sentence_and_advice(make_client: Any) -> None:
    client = answer(make_client, 401, json={"message": "Invalid access token"}, headers={"x-request-id": "q1"})
    with pytest.raises(tc.AuthenticationError) as caught:
        client(get)
    start = "GET /v2/replicas/r1: 401 Unauthorized (q1): Invalid access token: check the API key"
    assert str(caught.value).startswith(start)


def test_a_message_of_a_status_alone_is_the_status(make_client: Any) -> None:
    with pytest.raises(tc.ServerStatusError) as caught:
        answer(make_client, 503)(get)
    assert str(caught.value) == "GET /v2/replicas/r1: 503 Service Unavailable"


def test_a_status_that_nobody_registered_is_its_number(make_client: Any) -> None:
    with pytest.raises(tc.ServerStatusError) as caught:
        answer(make_client, 520)(get)
    assert str(caught.value) == "GET /v2/replicas/r1: 520"


@pytest.mark.parametrize("name", ["Set-Cookie", "Authorization", "X-Api-Key", "WWW-Authenticate", "Cookie"])
def test_headers_that_hold_credentials_are_not_kept(make_client: Any, name: str) -> None:
    with pytest.raises(tc.BadRequestError) as caught:
        answer(make_client, 400, headers={name: "s3cret"})(get)
    assert caught.value.headers[name.lower()] == "[redacted]"


def test_the_key_is_in_nothing_that_is_kept(make_client: Any) -> None:
    echo = "key-for-tests"
    headers = {"x-echo": echo, "x-request-id": echo, "content-type": f"text/{echo}"}
    for status in (200, 400):
        with pytest.raises(tc.AnswerError) as caught:
            answer(make_client, status, content=f"who is {echo}?".encode(), headers=headers)(get)
        error = caught.value
        assert echo not in f"{error} {error.body} {error.detail} {error.headers} {error.request_id}"


def test_a_redirect_is_not_followed(make_client: Any) -> None:
    client = answer(make_client, 302, headers={"Location": "https://other.example/v2/replicas/r1?token=s3cret"})
    with pytest.raises(tc.RedirectError) as caught:
        client(get)
    assert len(client.requests) == 1
    assert "s3cret" not in caught.value.headers["location"]


GOOD = b'{"replica_id": "r1", "status": "started"}'


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the body is empty"),
        (b"<html></html>", "not JSON"),
        (GOOD[:-5], "not JSON"),
        (b"[]", "the body is an array, not an object"),
        (b"null", "the body is null, not an object"),
        (b"{}", "replica_id is missing"),
        (b'{"replica_id": null}', "replica_id is missing"),
        (b'{"replica_id": 5}', "replica_id is a number, not a string"),
        (b'{"replica_id": true}', "replica_id is a boolean, not a string"),
        (b'{"replica_id": "r1", "replica_id": "r2"}', "a member twice"),
        (b'{"replica_id": "r1", "x": NaN}', "NaN is no JSON value"),
        (b'{"replica_id": "r1", "x": -Infinity}', "-Infinity is no JSON value"),
        (b'{"replica_id": "r1", "x": 1e999}', "too large"),
        (b'{"replica_id": "r1", "x": ' + b"9" * 5000 + b"}", "too large"),
        ('{"replica_id": "r1"}'.encode("utf-16"), "not UTF-8"),
        (b'{"replica_id": "\xff"}', "not UTF-8"),
        (b'{"replica_id": "r1", "x": ' + b"[" * 101 + b"]" * 101 + b"}", "deeper than 100"),
        (b'{"replica_id": "r1", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "deeper than 100"),
        (b'{"replica_id": "r1", "x": [' + b"{}," * 100_000 + b"{}]}", "more than 100,000 arrays and objects"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_unusable_success_is_an_error_that_says_why(make_client: Any, content: bytes, problem: str) -> None:
    with pytest.raises(tc.InvalidAnswerError, match=problem) as caught:
        answer(make_client, 200, content=content, headers={"x-request-id": "q"})(get)
    assert (caught.value.status, caught.value.headers["x-request-id"]) == (200, "q")


@pytest.mark.parametrize(
    ("headers", "shown"),
    [({"content-type": "text/html"}, "(text/html, 13 bytes)"), ({}, "(no content type, 13 bytes)")],
)
def test_an_unusable_success_says_what_came(make_client: Any, headers: dict[str, str], shown: str) -> None:
    with pytest.raises(tc.InvalidAnswerError) as caught:
        answer(make_client, 200, content=b"<html></html>", headers=headers)(get)
    assert str(caught.value).startswith("GET /v2/replicas/r1: Tavus answered 200, but ")
    assert str(caught.value).endswith(shown)


def test_an_unusable_success_says_when_to_come_back(make_client: Any) -> None:
    client = make_client(lambda _: httpx.Response(200, headers={"Retry-After": date}), max_retries=0)
    date = format_datetime(client.clock.now() + timedelta(seconds=9), usegmt=True)
    with pytest.raises(tc.InvalidAnswerError) as caught:
        client(get)
    assert caught.value.retry_after == 9.0


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"data": "x", "total_count": 1}', "data is a string, not an array"),
        (b'{"data": [{"replica_id": "r1"}, 7]}', r"data\[1\] is a number, not an object"),
        (b'{"data": [{"replica_id": "r1"}, {"replica_id": {}}]}', r"data\[1\].replica_id is an object, not a string"),
    ],
)
def test_the_place_of_a_mistake_is_named(make_client: Any, content: bytes, problem: str) -> None:
    with pytest.raises(tc.InvalidAnswerError, match=problem):
        answer(make_client, 200, content=content)(lambda tavus: tavus.replicas.list())


@pytest.mark.parametrize("word", [["a"], 5, True, {}])
def test_a_member_that_cannot_be_read_is_kept_unless_it_must_be_there(make_client: Any, word: Any) -> None:
    replica = answer(make_client, 200, json={"replica_id": "r1", "status": word})(get)
    assert (replica.status, replica.extra) == (None, {"status": word})


@pytest.mark.parametrize("count", ["many", 1.5])
def test_a_total_that_is_no_number_is_none(make_client: Any, count: Any) -> None:
    client = answer(make_client, 200, json={"data": [], "total_count": count})
    assert [page.total_count for page in client(lambda tavus: tavus.replicas.list().pages())] == [None]


def test_unknown_fields_are_kept(make_client: Any) -> None:
    body = {"replica_id": "r1", "finetune_status": None, "new": {"deep": [1, {"a": 2}]}}
    assert answer(make_client, 200, json=body)(get).extra == {"finetune_status": None, "new": {"deep": [1, {"a": 2}]}}


def test_many_brackets_that_are_not_deep_are_fine(make_client: Any) -> None:
    body = {"replica_id": "r1", "new": [[] for _ in range(500)]}
    assert len(answer(make_client, 200, json=body)(get).extra["new"]) == 500


def test_null_counts_as_absent(make_client: Any) -> None:
    body = {"replica_id": "r1", "status": None, "error_message": None}
    replica = answer(make_client, 200, json=body)(get)
    assert (replica.status, replica.error_message) == (None, None)


def test_null_where_a_list_belongs_is_an_empty_list(make_client: Any) -> None:
    assert answer(make_client, 200, json={"data": None})(lambda tavus: tavus.replicas.list()) == []


def test_a_byte_order_mark_does_no_harm(make_client: Any) -> None:
    assert answer(make_client, 200, content=b"\xef\xbb\xbf" + GOOD)(get).replica_id == "r1"


def test_the_content_type_does_not_matter_when_the_body_is_right(make_client: Any) -> None:
    headers = {"content-type": "text/html; charset=latin-1"}
    assert answer(make_client, 200, content=GOOD, headers=headers)(get).replica_id == "r1"


@pytest.mark.parametrize("status", [201, 202, 203, 299])
def test_another_success_status_loses_nothing(make_client: Any, status: int) -> None:
    assert answer(make_client, status, content=GOOD)(get).replica_id == "r1"


@pytest.mark.parametrize(
    "content", [{"status_code": 200}, {"status_code": 204}, {"status_code": 200, "json": {"deleted": True}}]
)
def test_delete_takes_any_success(make_client: Any, content: dict[str, Any]) -> None:
    assert answer(make_client, **content)(lambda tavus: tavus.replicas.delete("r1")) is None


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


def in_members(data: bytes) -> bytes:
    """gzip in several streams, one after the other (RFC 1952, 2.2)."""
    return b"".join(gzip.compress(data[start : start + 7]) for start in range(0, len(data), 7))


PACKERS = {
    "gzip": ("gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "gzip called deflate": ("deflate", gzip.compress),
    "members": ("gzip", in_members),
    "padding": ("gzip", lambda data: gzip.compress(data) + bytes(512)),
}


@pytest.mark.parametrize("size", [1, 2, 5, 10_000])
@pytest.mark.parametrize(("encoding", "pack"), PACKERS.values(), ids=PACKERS)
def test_compressed_answers_are_read(make_client: Any, encoding: str, pack: Any, size: int) -> None:
    packed = pack(GOOD)
    pieces = Chunks(*(packed[start : start + size] for start in range(0, len(packed), size)))
    client = answer(make_client, 200, headers={"content-encoding": encoding}, stream=pieces)
    assert client(get).replica_id == "r1"


class Chunks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces, for both kinds of client."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts

    def __iter__(self) -> Any:
        yield from self.parts

    async def __aiter__(self) -> Any:
        for part in self.parts:
            yield part

    def close(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


@pytest.mark.parametrize(
    ("headers", "content", "problem"),
    [
        ({"content-encoding": "gzip"}, gzip.compress(GOOD)[:-9], "cut off"),
        ({"content-encoding": "gzip"}, gzip.compress(GOOD) + gzip.compress(b" ")[:-9], "cut off"),
        ({"content-encoding": "deflate"}, b"\x78", "cut off"),
        ({"content-encoding": "gzip"}, b"not gzip at all", "damaged"),
        ({"content-encoding": "gzip"}, gzip.compress(b"") * 2000, "damaged"),
        ({"content-encoding": "br"}, b"x", "not asked for"),
        ({}, b" " * 2_000_001, "larger than 2000000 bytes"),
        ({"content-encoding": "gzip"}, gzip.compress(b" " * 50_000_000), "larger than 2000000 bytes"),
    ],
    ids=["cut", "second cut", "one byte", "damaged", "many members", "br", "large", "bomb"],
)
def test_a_body_that_cannot_be_read_keeps_status_and_headers(
    make_client: Any, headers: dict[str, str], content: bytes, problem: str
) -> None:
    client = make_client(
        lambda _: httpx.Response(200, headers=headers, stream=Chunks(content)),
        max_retries=0,
        limits=tc.Limits(max_answer_bytes=2_000_000),
    )
    with pytest.raises(tc.InvalidAnswerError, match=problem) as caught:
        client(get)
    assert (caught.value.status, caught.value.headers) == (200, headers)


def test_a_compressed_body_that_is_cut_before_its_first_byte_is_not_an_empty_one(make_client: Any) -> None:
    stream = Chunks(gzip.compress(b"[]")[:10])  # the header alone
    client = make_client(
        lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=stream), max_retries=0
    )
    with pytest.raises(tc.InvalidAnswerError, match="cut off"):
        client(lambda tavus: tavus.canvas_interactions.list("c1"))


def test_a_body_that_takes_too_long_is_a_timeout() -> None:
    from tavus_consent.testing import FakeClock

    clock = FakeClock()

    class Slow(Chunks):
        def __iter__(self) -> Any:
            for part in self.parts:
                clock.advance(seconds=20)
                yield part

    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Slow(b"{", b'"a"', b":1}")))
    with tc.Tavus("k", transport=transport, clock=clock, max_retries=0) as tavus, pytest.raises(tc.RequestTimeoutError):
        tavus.replicas.get("r1")


def test_raw_functions_give_the_model_and_the_answer_as_it_came(make_client: Any, kind: str) -> None:
    from tavus_api.api.replicas import get_replica

    call = get_replica.sync_detailed if kind == "sync" else get_replica.asyncio_detailed
    response = answer(make_client, 299, content=GOOD, headers={"x-a": "b"})(lambda t: call("r1", client=t.raw))
    assert response.parsed.to_dict() == json.loads(GOOD)
    assert (response.status_code, response.headers["x-a"], response.content) == (299, "b", GOOD)


@pytest.mark.parametrize(
    ("call", "answered"),
    [
        (lambda t: t.replicas.get("r1"), {"replica_id": "r2"}),
        (lambda t: t.replicas.wait("r1"), {"replica_id": "r2", "status": "completed"}),
        (lambda t: t.faces.get("r1"), {"face_id": "r2"}),
        (lambda t: t.faces.patch("r1", face_name="Rio"), {"face_id": "r2"}),
        (lambda t: t.videos.get("v1"), {"video_id": "v2"}),
        (lambda t: t.documents.get("d1"), {"document_id": "d2"}),
        (lambda t: t.personas.get("p1"), {"data": [{"persona_id": "p2"}]}),
        (lambda t: t.personas.get("p1"), {"persona_id": "p2"}),
        (lambda t: t.pronunciation_dictionaries.get("p1"), {"pronunciation_dictionary_id": "p2"}),
    ],
)
def test_an_answer_about_another_thing_is_no_answer(make_client: Any, call: Any, answered: Any) -> None:
    with pytest.raises(tc.InvalidAnswerError, match=r"_id is not the one that was asked for") as caught:
        answer(make_client, 200, json=answered)(call)
    assert caught.value.body == answered


def test_the_case_of_an_id_does_not_matter(make_client: Any) -> None:
    assert answer(make_client, 200, json={"replica_id": "R1"})(get).replica_id == "R1"


@pytest.mark.parametrize("empty", ["", " ", "\t"])
def test_an_empty_id_is_no_answer(make_client: Any, empty: str) -> None:
    with pytest.raises(tc.InvalidAnswerError, match="replica_id is empty"):
        answer(make_client, 200, json={"replica_id": empty})(get)


@pytest.mark.parametrize("empty", ["", " "])
def test_after_a_create_whose_id_is_empty_the_outcome_is_unknown(make_client: Any, empty: str) -> None:
    create = {"train_video_url": "https://bucket.example/t.mp4", "attestation": "A fox", "attested_by": "me"}
    client = answer(make_client, 200, json={"replica_id": empty, "status": "started"})
    with pytest.raises(tc.OutcomeUnknownError) as caught:
        client(lambda tavus: tavus.replicas.create_non_human(**create, replica_name="Fox"))
    assert isinstance(caught.value.__cause__, tc.InvalidAnswerError)
    assert caught.value.replica_name == "Fox"


def test_the_empty_id_of_a_generated_create_is_found_as_well(make_client: Any) -> None:
    client = answer(make_client, 200, json={"video_id": ""})
    with pytest.raises(tc.OutcomeUnknownError, match="video_id is empty"):
        client(lambda tavus: tavus.videos.create(replica_id="r1", script="Hello"))
