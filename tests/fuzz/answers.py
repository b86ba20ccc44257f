"""Generators of valid and invalid responses, and the expected errors."""

from __future__ import annotations

import copy
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import httpx
from hypothesis import currently_in_test_context, event, note, strategies as st

import tavus_consent as tc

from .harness import Outcome, Pair, Reply
from .methods import METHODS
from .spec import JSON, OPERATIONS, members_of, places, resolve, sample, types_of, values
from .uses import USES, Use, check_waiting

ASKED = "x1"


def driven(pair: Pair, operation: str, reply: Reply) -> Iterator[tuple[Use, Outcome]]:
    """Give one reply to every function that asks for an operation."""
    for use in USES[operation]:
        if currently_in_test_context():
            note(use.name)
        yield use, pair(use.call, reply)


def check_refused(pair: Pair, operation: str, reply: Reply, reason: str = "") -> None:
    """Every function raises an error that knows its answer; what must not be repeated does not claim that it failed."""
    is_once = OPERATIONS[operation].is_once
    for _, (value, error) in driven(pair, operation, reply):
        assert value is None
        assert isinstance(error, (tc.InvalidAnswerError, tc.OutcomeUnknownError))
        assert isinstance(error, tc.OutcomeUnknownError) == is_once
        assert error is not None
        assert isinstance(error.__cause__, tc.InvalidAnswerError) == is_once
        assert (error.status, error.headers["x-request-id"], error.request_id) == (reply.status, "trace-1", "trace-1")
        assert reason in str(error)


PAGED = {one.operation for one in METHODS if one.way == "pages"} | {"listReplicas", "listFaces"}
ENVELOPED = {one.operation for one in METHODS if one.way == "call" and one.inside is not None}


def _is_ready(answer: Any) -> bool:
    is_tuned = answer.get("finetune_status") in (None, "completed")  # any other word is a preview
    return is_tuned and answer.get("status") in ("completed", "ready")


def check_right(pair: Pair, operation: str, answer: Any, reply: Reply) -> None:
    """Every function gives what was sent."""
    for use, (value, error) in driven(pair, operation, reply):
        if use.is_wait and not _is_ready(answer):
            check_waiting(error, answer, use.check)
        elif use.unwraps and not answer.get("data"):
            assert error is None or type(error) is tc.InvalidAnswerError
        else:
            assert error is None
            use.check(value, answer)


def check_ends(pair: Pair, operation: str, reply: Reply) -> None:
    """Every function ends well or in an error that knows the answer."""
    for use, (value, error) in driven(pair, operation, reply):
        if error is None:
            assert 200 <= reply.status < 300 or (reply.status == 304 and (use.is_raw or value in (False, None)))
        elif isinstance(error, (tc.TrainingError, tc.ProcessingError)):
            assert use.is_wait
            assert 200 <= reply.status < 300
        else:
            assert value is None
            assert isinstance(error, (tc.AnswerError, tc.OutcomeUnknownError))
            assert (error.status, error.headers["x-request-id"]) == (reply.status, "trace-1")


# How bytes come about


@st.composite
def written(draw: st.DrawFn, data: Any) -> bytes:
    """JSON in some spelling."""
    options = {"ensure_ascii": draw(st.booleans()), "indent": draw(st.sampled_from([None, 0, 3]))}
    blank = draw(st.text("\t\n\r ", max_size=3))
    bom = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    return bom + (blank + json.dumps(data, allow_nan=False, **options) + blank).encode()


def nulls(operation: str) -> bytes:
    """Nothing but null, where a member is not required."""
    schema = resolve(OPERATIONS[operation].answer or {})
    required = {name: sample(members_of(schema)[name]) for name in schema.get("required", ())}
    return json.dumps(about_the_same(operation, dict.fromkeys(members_of(schema)) | required)).encode()


def about_the_same(operation: str, answer: Any) -> Any:
    """The answer with the id that every test asks for: one about another thing is refused."""
    asked = OPERATIONS[operation]
    if asked.is_once or "{" not in asked.path or not isinstance(answer, dict):
        return answer
    schema = resolve(asked.answer or {})
    same = answer | dict.fromkeys(schema.get("required", ()), ASKED)
    for name, member in members_of(schema).items():
        if isinstance(same.get(name), list):
            ids = dict.fromkeys(resolve(resolve(member).get("items", {})).get("required", ()), ASKED)
            same[name] = [one | ids if isinstance(one, dict) else one for one in same[name]]
    return same


@cache
def answers(operation: str) -> st.SearchStrategy[Any]:
    return values(OPERATIONS[operation].answer or {}).map(lambda answer: about_the_same(operation, answer))


@cache
def some(operation: str) -> st.SearchStrategy[bytes]:
    return answers(operation).flatmap(written)


@st.composite
def with_member(draw: st.DrawFn, operation: str, text: str) -> bytes:
    """A valid answer into which a member was written, first or last."""
    answer = draw(answers(operation))
    inner = json.dumps(answer if isinstance(answer, dict) else {})[1:-1]
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


# What breaks the schema

WRONG = {"string": "x", "number": 1.5, "boolean": True, "array": [], "object": {}, "null": None}


@st.composite
def mistyped(draw: st.DrawFn, operation: str) -> Any:
    """An answer of which one value breaks the schema, or a required member is missing."""
    schema = OPERATIONS[operation].answer or {}
    answer = [copy.deepcopy(draw(answers(operation)))]
    path, place = draw(st.sampled_from(list(strict_places(operation, schema, answer[0]))))
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


def strict_places(operation: str, schema: Any, data: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The places of which a wrong value makes an answer unusable: what is required, and what a list holds."""
    is_item = "{" in OPERATIONS[operation].path.rpartition("/")[2]
    for path, place in places(schema, data):
        step: Any = schema
        for name in path:
            members = resolve(step)
            is_required = isinstance(name, int) or name in members.get("required", ())
            if is_item and name not in (0, "data") and not is_required:
                break
            if not is_required and not (name == "data" and operation in PAGED | ENVELOPED):
                break
            if operation in ENVELOPED and isinstance(name, int) and name > 0:
                break  # the first counts
            step = members["items"] if isinstance(name, int) else members_of(members).get(name, {})
        else:
            yield path, place


# What is no answer at all


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
    is_open = not types_of(OPERATIONS[operation].answer or {})  # then nothing is a good answer, too
    ways = {"truncated", *SPOILED_MEMBERS, *SPOILED_BYTES} - ({"nothing"} if is_open else set())
    how = draw(st.sampled_from(sorted(ways)))
    event(how)
    if how in SPOILED_MEMBERS:
        return draw(SPOILED_MEMBERS[how].flatmap(lambda text: with_member(operation, text)))
    content = draw(with_member(operation, "1") if is_open else some(operation))
    if how == "truncated":
        return content[: draw(st.integers(int(is_open), len(content.rstrip()) - 1))]
    return SPOILED_BYTES[how](content)


BREAKS = st.sampled_from([httpx.ReadError("reset"), httpx.RemoteProtocolError("incomplete chunked read")])


HEADER_NAMES = [b"Content-Type", b"Content-Length", b"Content-Encoding", b"Retry-After", b"Location", b"Date"]
HEADER_VALUES = st.binary(max_size=20) | st.sampled_from([b"text/html; charset=utf-16", b"-1", b"9" * 50, "ü".encode()])
HEADERS = st.lists(st.tuples(st.sampled_from(HEADER_NAMES), HEADER_VALUES), max_size=4).map(tuple)
STATUSES = st.integers(100, 999) | st.sampled_from([200, 204, 304, 400, 401, 429, 500, 520])
