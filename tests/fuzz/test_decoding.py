"""Whatever a server answers: the right values, or a TavusError that still says which answer it was. Sync as async.

``HYPOTHESIS_PROFILE=long`` tries fifty times as many examples.
"""

from __future__ import annotations

import copy
import gzip
import inspect
import json
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import currently_in_test_context, event, given, note
from hypothesis import strategies as st

import tavus_consent as tc
from tavus_consent.replicas import Replicas

from .harness import Outcome, Pair, Reply, examples
from .spec import JSON, OPERATIONS, places, resolve, types_of, values
from .uses import USES, Use, check_nothing, check_training

ANSWERED = [name for name, operation in OPERATIONS.items() if operation.answer is not None]
SILENT = [name for name in OPERATIONS if name not in ANSWERED]


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.close()


def test_every_public_function_is_driven() -> None:
    methods = {name for name, _ in inspect.getmembers(Replicas, inspect.isfunction) if not name.startswith("_")}
    uses = [use for several in USES.values() for use in several]
    assert {use.name for use in uses if not use.is_generated} == methods
    functions = {
        f"{name}.{function}"
        for name, operation in OPERATIONS.items()
        for function, _ in inspect.getmembers(operation.module, inspect.isfunction)
        if function.startswith("sync")
    }
    assert {use.name for use in uses if use.is_generated} == functions


def driven(pair: Pair, operation: str, reply: Reply) -> Iterator[tuple[Use, Outcome]]:
    """Give one reply to every function that asks for an operation."""
    for use in USES[operation]:
        if currently_in_test_context():
            note(use.name)
        yield use, pair(use.call, reply)


def check_refused(pair: Pair, operation: str, reply: Reply, reason: str = "") -> None:
    """Every function raises an error that knows its answer; a create does not claim that it failed."""
    for _, (value, error) in driven(pair, operation, reply):
        assert value is None
        assert isinstance(error, (tc.InvalidAnswerError, tc.OutcomeUnknownError))
        assert isinstance(error, tc.OutcomeUnknownError) == (operation == "createReplica")
        assert error is not None
        assert isinstance(error.__cause__, tc.InvalidAnswerError) == (operation == "createReplica")
        assert (error.status, error.headers["x-request-id"], error.request_id) == (reply.status, "trace-1", "trace-1")
        assert reason in str(error)


# How bytes come about


@st.composite
def written(draw: st.DrawFn, data: Any) -> bytes:
    """JSON in some spelling."""
    options = {"ensure_ascii": draw(st.booleans()), "indent": draw(st.sampled_from([None, 0, 3]))}
    blank = draw(st.text("\t\n\r ", max_size=3))
    bom = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    return bom + (blank + json.dumps(data, allow_nan=False, **options) + blank).encode()


def answers(operation: str) -> st.SearchStrategy[Any]:
    return values(OPERATIONS[operation].answer or {})


def some(operation: str) -> st.SearchStrategy[bytes]:
    return answers(operation).flatmap(written)


@st.composite
def with_member(draw: st.DrawFn, operation: str, text: str) -> bytes:
    """A valid answer into which a member was written, first or last."""
    inner = json.dumps(draw(answers(operation)))[1:-1]
    parts = [part for part in draw(st.permutations([inner, f'"zz": {text}'])) if part]
    return ("{" + ", ".join(parts) + "}").encode()


CODINGS: dict[bytes, Callable[[bytes], bytes]] = {
    b"": bytes,
    b"identity": bytes,
    b"gzip": gzip.compress,
    b"X-GZip": gzip.compress,
    b"deflate": zlib.compress,
}


@st.composite
def carried(draw: st.DrawFn, content: bytes, status: int = 200) -> Reply:
    """A body as it may travel: compressed or not, in pieces."""
    coding = draw(st.sampled_from(sorted(CODINGS)))
    content = CODINGS[coding](content)
    cuts = sorted({0, len(content), *draw(st.lists(st.integers(0, len(content)), max_size=3))})
    chunks = tuple(content[start:end] for start, end in pairwise(cuts))
    return Reply(status, chunks, ((b"content-encoding", coding),) if coding else ())


# Answers that are as the specification says


@pytest.mark.parametrize("operation", ANSWERED)
@examples(150)
@given(data=st.data())
def test_a_valid_answer_gives_the_right_values(pair: Pair, operation: str, data: st.DataObject) -> None:
    answer = data.draw(answers(operation))
    status = data.draw(st.sampled_from([200, 200, 200, 201, 203, 299]))
    reply = data.draw(written(answer).flatmap(lambda content: carried(content, status)))
    for use, (value, error) in driven(pair, operation, reply):
        if use.name == "wait" and answer.get("status") not in ("completed", "ready"):
            assert isinstance(error, tc.TavusError)
            check_training(error, answer)
            continue
        assert error is None
        if status == 200 or not use.is_generated:  # generated parsers know the documented status only
            use.check(value, answer)


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("operation", ANSWERED)
def test_null_counts_as_absent_where_it_is_not_allowed(pair: Pair, operation: str, status: int) -> None:
    schema = resolve(OPERATIONS[operation].answer or {})
    required = dict.fromkeys(schema.get("required", ()), "r1")
    content = json.dumps(dict.fromkeys(schema["properties"]) | required).encode()
    for _, (_, error) in driven(pair, operation, Reply(status, (content,))):
        assert error is None or type(error) is tc.TrainingTimeout


@pytest.mark.parametrize("operation", ANSWERED)
@examples(5)
@given(data=st.data())
def test_the_deepest_json_is_read(pair: Pair, operation: str, data: st.DataObject) -> None:
    content = data.draw(nested(99).flatmap(lambda text: with_member(operation, text)))
    for _, (_, error) in driven(pair, operation, Reply(200, (content,))):
        assert error is None or isinstance(error, tc.TrainingError)


@pytest.mark.parametrize("operation", SILENT)
@examples(80)
@given(content=st.binary() | JSON.flatmap(written), status=st.integers(200, 299))
def test_where_no_body_is_promised_any_will_do(pair: Pair, operation: str, content: bytes, status: int) -> None:
    for _, (value, error) in driven(pair, operation, Reply(status, (content,))):
        assert error is None
        check_nothing(getattr(value, "parsed", None), None)


def test_a_date_beyond_all_years_is_kept_as_it_came(pair: Pair) -> None:
    for text in ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "Fri, 31 Dec 9999 23:59:59 -2359"):
        content = json.dumps({"replica_id": "r1", "created_at": text}).encode()
        replica = pair(lambda tavus: tavus.replicas.get("r1"), Reply(200, (content,))).value
        assert (replica.created_at, replica.extra) == (None, {"created_at": text})


# Answers that are not


WRONG = {"string": "x", "number": 1.5, "boolean": True, "array": [], "object": {}, "null": None}


@st.composite
def mistyped(draw: st.DrawFn, operation: str) -> Any:
    """An answer of which one value breaks the schema, or a required member is missing."""
    schema = OPERATIONS[operation].answer or {}
    answer = [copy.deepcopy(draw(answers(operation)))]
    path, place = draw(st.sampled_from(list(places(schema, answer[0]))))
    *steps, last = 0, *path
    parent: Any = answer
    for step in steps:
        parent = parent[step]
    required = [name for name in place.get("required", ()) if parent[last] is not None]
    if required and draw(st.booleans()):
        del parent[last][draw(st.sampled_from(required))]
    else:
        allowed = set(types_of(place)) | ({"null"} if isinstance(last, str) else set())
        parent[last] = draw(st.sampled_from([value for kind, value in WRONG.items() if kind not in allowed]))
    return answer[0]


@pytest.mark.parametrize("operation", ANSWERED)
@examples(100)
@given(data=st.data())
def test_an_answer_that_breaks_the_schema_is_refused(pair: Pair, operation: str, data: st.DataObject) -> None:
    check_refused(pair, operation, data.draw(mistyped(operation).flatmap(written).flatmap(carried)))


def nested(depth: int) -> st.SearchStrategy[str]:
    return st.lists(st.booleans(), min_size=depth, max_size=depth).map(
        lambda kinds: (
            "".join("[" if kind else '{"a":' for kind in kinds)
            + "1"
            + "".join("]" if kind else "}" for kind in reversed(kinds))
        )
    )


# What a member of an answer can hold that spoils the whole.
SPOILED_MEMBERS: dict[str, st.SearchStrategy[str]] = {
    "too deep": st.sampled_from([100, 101, 150]).flatmap(nested),
    "far too deep": st.sampled_from(["[" * 20_000, '{"a":' * 10_000, "[" * 20_000 + "]" * 20_000]),
    "a member twice": JSON.map(json.dumps).map(lambda text: f'[{{"a": {text}, "b": 2, "a": {text}}}]'),
    "no number": st.sampled_from(["NaN", "Infinity", "-Infinity", "[NaN]", "01", "+1", ".5", "0x1"]),
    "a huge number": st.sampled_from(["1e999", "-1e999", "9" * 400 + ".0", "9" * 5000, "-" + "1" * 20_000]),
    "a control character": st.sampled_from(['"\n"', '"\x00"', '"\x1f"']),
}
# What can become of the bytes of an answer.
SPOILED_BYTES: dict[str, Callable[[bytes], bytes]] = {
    "two documents": lambda content: content + b"{}",
    "a comment": lambda content: content + b"// done",
    "UTF-16": lambda content: content.decode("utf-8-sig").encode("utf-16"),
    "UTF-16, no mark": lambda content: content.decode("utf-8-sig").encode("utf-16-be"),
    "UTF-32": lambda content: content.decode("utf-8-sig").encode("utf-32"),
    "Latin-1": lambda content: content.replace(b"}", b', "zz": "\xe9"}'),
    "half a character": lambda content: content.replace(b"}", b', "zz": "\xe2\x82"}'),
    "a surrogate": lambda content: content.replace(b"}", b', "zz": "\xed\xa0\x80"}'),
    "HTML": lambda _: b"<html></html>",
    "nothing": lambda _: b"",
    "blank": lambda _: b"\xef\xbb\xbf \n",
    "Python": lambda _: b"{'replica_id': 'r1', 'data': []}",
}


@st.composite
def spoiled(draw: st.DrawFn, operation: str) -> bytes:
    how = draw(st.sampled_from(["truncated", *SPOILED_MEMBERS, *SPOILED_BYTES]))
    event(how)
    if how in SPOILED_MEMBERS:
        return draw(SPOILED_MEMBERS[how].flatmap(lambda text: with_member(operation, text)))
    content = draw(some(operation))
    if how == "truncated":
        return content[: draw(st.integers(0, len(content.rstrip()) - 1))]
    return SPOILED_BYTES[how](content)


@pytest.mark.parametrize("operation", ANSWERED)
@examples(150)
@given(data=st.data())
def test_a_spoiled_answer_is_refused(pair: Pair, operation: str, data: st.DataObject) -> None:
    check_refused(pair, operation, data.draw(spoiled(operation).flatmap(carried)))


BREAKS = st.sampled_from([httpx.ReadError("reset"), httpx.RemoteProtocolError("incomplete chunked read")])


@pytest.mark.parametrize("operation", ANSWERED)
@examples(40)
@given(data=st.data(), breaks=BREAKS)
def test_a_body_that_breaks_off_is_refused(pair: Pair, operation: str, data: st.DataObject, breaks: Exception) -> None:
    reply = data.draw(some(operation).flatmap(carried))
    check_refused(pair, operation, reply._replace(breaks=breaks), "the connection broke")


@pytest.mark.parametrize("operation", ANSWERED)
@examples(40)
@given(data=st.data(), pack=st.sampled_from([gzip.compress, zlib.compress]))
def test_compression_that_is_damaged_is_refused(
    pair: Pair, operation: str, data: st.DataObject, pack: Callable[[bytes], bytes]
) -> None:
    packed = pack(data.draw(some(operation)))
    place = data.draw(st.integers(0, len(packed) - 1))
    damaged = data.draw(st.sampled_from([packed[:place], packed[place + 1 :], b"\x00" + packed]))
    check_refused(pair, operation, Reply(200, (damaged,), ((b"content-encoding", b"gzip"),)))


@pytest.mark.parametrize("coding", [b"br", b"zstd", b"compress", b"gzip, gzip", b"gzip;q=1", b"*", "é".encode()])
@pytest.mark.parametrize("operation", ANSWERED)
def test_a_coding_that_was_not_asked_for_is_refused(pair: Pair, operation: str, coding: bytes) -> None:
    reply = Reply(200, (b'{"replica_id": "r1"}',), ((b"content-encoding", coding),))
    check_refused(pair, operation, reply, "its content encoding was not asked for")


# Answers of any kind


HEADER_NAMES = [b"Content-Type", b"Content-Length", b"Content-Encoding", b"Retry-After", b"Location", b"Date"]
HEADER_VALUES = st.binary(max_size=20) | st.sampled_from([b"text/html; charset=utf-16", b"-1", b"9" * 50, "ü".encode()])
HEADERS = st.lists(st.tuples(st.sampled_from(HEADER_NAMES), HEADER_VALUES), max_size=4).map(tuple)
STATUSES = st.integers(100, 999) | st.sampled_from([200, 204, 304, 400, 401, 429, 500, 520])


@pytest.mark.parametrize("operation", OPERATIONS)
@examples(100)
@given(data=st.data(), status=STATUSES, headers=HEADERS)
def test_any_answer_ends_well_or_in_an_error_that_knows_it(
    pair: Pair, operation: str, data: st.DataObject, status: int, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    content = data.draw(st.binary() | JSON.flatmap(written) | some("getReplica") | some("listReplicas"))
    for use, (value, error) in driven(pair, operation, Reply(status, (content,), headers)):
        if error is None:
            assert 200 <= status < 300
        elif isinstance(error, tc.TrainingError):
            assert (use.name, status // 100) == ("wait", 2)
        else:
            assert value is None
            assert isinstance(error, (tc.AnswerError, tc.OutcomeUnknownError))
            assert (error.status, error.headers["x-request-id"]) == (status, "trace-1")
