"""Any response gives the right values or a TavusError that identifies the response, in sync and async.

``HYPOTHESIS_PROFILE=long`` tries fifty times as many examples.
"""

from __future__ import annotations

import gzip
import inspect
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st

import tavus_consent as tc

from .answers import (
    BREAKS,
    HEADERS,
    STATUSES,
    answers,
    carried,
    check_ends,
    check_refused,
    check_right,
    driven,
    mistyped,
    nested,
    nulls,
    some,
    spoiled,
    with_member,
    written,
)
from .harness import Pair, Reply, examples
from .methods import public_methods
from .spec import JSON, OPERATIONS, OTHERS, REPLICAS, types_of
from .uses import USES, check_nothing

ANSWERED = [name for name in REPLICAS if OPERATIONS[name].answer is not None]
SILENT = [name for name in REPLICAS if OPERATIONS[name].answer is None]
# The other operations are read in the same way, so that few examples of each will do.
OTHERS_ANSWERED = [name for name in OTHERS if OPERATIONS[name].answer is not None]
OTHERS_TYPED = [name for name in OTHERS_ANSWERED if types_of(OPERATIONS[name].answer or {})]
OTHERS_SILENT = [name for name in OTHERS if OPERATIONS[name].answer is None]

NO_SUCH_CODING = [b"br", b"zstd", b"compress", b"gzip, gzip", b"gzip;q=1", b"*", "é".encode()]


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.close()


def test_every_public_function_is_driven() -> None:
    uses = [use for several in USES.values() for use in several]
    asks_nothing = {"replicas.preflight", "faces.preflight", "callbacks.app", "callbacks.pending", "callbacks.receive"}
    assert {use.name for use in uses if not use.is_raw} == public_methods() - asks_nothing
    functions = {
        f"{name}.{function}"
        for name, operation in OPERATIONS.items()
        for function, _ in inspect.getmembers(operation.module, inspect.isfunction)
        if function.startswith("sync")
    }
    assert {use.name for use in uses if use.is_raw} == functions


# Answers that are as the specification says


@pytest.mark.parametrize("operation", ANSWERED)
@examples(150)
@given(data=st.data())
def test_a_valid_answer_gives_the_right_values(pair: Pair, operation: str, data: st.DataObject) -> None:
    answer = data.draw(answers(operation))
    status = data.draw(st.sampled_from([200, 200, 200, 201, 203, 299]))
    reply = data.draw(written(answer).flatmap(lambda content: carried(content, status)))
    check_right(pair, operation, answer, reply)


@pytest.mark.parametrize("operation", OTHERS_ANSWERED)
@examples(5)
@given(data=st.data())
def test_a_valid_answer_to_any_operation_gives_the_right_values(
    pair: Pair, operation: str, data: st.DataObject
) -> None:
    answer = data.draw(answers(operation))
    status = data.draw(st.sampled_from([*[OPERATIONS[operation].status] * 3, 201, 203, 299]))
    reply = data.draw(written(answer).flatmap(lambda content: carried(content, status)))
    check_right(pair, operation, answer, reply)


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("operation", [*ANSWERED, *OTHERS_TYPED])
def test_null_counts_as_absent_where_it_is_not_allowed(pair: Pair, operation: str, status: int) -> None:
    for use, (_, error) in driven(pair, operation, Reply(status, (nulls(operation),))):
        if not use.unwraps:  # what is asked for is required there
            assert error is None or (use.is_wait and type(error) in (tc.TrainingTimeout, tc.ProcessingTimeout))


@pytest.mark.parametrize("operation", ANSWERED)
@examples(5)
@given(data=st.data())
def test_the_deepest_json_is_read(pair: Pair, operation: str, data: st.DataObject) -> None:
    content = data.draw(nested(99).flatmap(lambda text: with_member(operation, text)))
    for _, (_, error) in driven(pair, operation, Reply(200, (content,))):
        assert error is None or isinstance(error, tc.TrainingError)


@pytest.mark.parametrize("content", [b'{"data": []}', b'{"data": null}', b'{"more": 1}'])
def test_an_empty_envelope_is_refused_with_its_answer(pair: Pair, content: bytes) -> None:
    error: Any = pair(lambda tavus: tavus.personas.get("x1"), Reply(209, (content,))).error
    assert type(error) is tc.InvalidAnswerError
    assert (error.status, error.headers["x-request-id"], error.request_id) == (209, "trace-1", "trace-1")


def check_silent(pair: Pair, operation: str, content: bytes, status: int) -> None:
    for use, (value, error) in driven(pair, operation, Reply(status, (content,))):
        assert error is None
        if use.is_raw:
            check_nothing(getattr(value, "parsed", None), None)
        else:
            use.check(value, None)


@pytest.mark.parametrize("operation", SILENT)
@examples(80)
@given(content=st.binary() | JSON.flatmap(written), status=st.integers(200, 299))
def test_where_no_body_is_promised_any_will_do(pair: Pair, operation: str, content: bytes, status: int) -> None:
    check_silent(pair, operation, content, status)


@pytest.mark.parametrize("operation", OTHERS_SILENT)
@examples(5)
@given(content=st.binary() | JSON.flatmap(written), status=st.integers(200, 299))
def test_where_no_operation_promises_a_body_any_will_do(
    pair: Pair, operation: str, content: bytes, status: int
) -> None:
    check_silent(pair, operation, content, status)


def test_a_date_beyond_all_years_is_kept_as_it_came(pair: Pair) -> None:
    for text in ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "Fri, 31 Dec 9999 23:59:59 -2359"):
        content = json.dumps({"replica_id": "r1", "created_at": text}).encode()
        replica = pair(lambda tavus: tavus.replicas.get("r1"), Reply(200, (content,))).value
        assert (replica.created_at, replica.extra) == (None, {"created_at": text})


# Answers that are not


@pytest.mark.parametrize("operation", ANSWERED)
@examples(100)
@given(data=st.data())
def test_an_answer_that_breaks_the_schema_is_refused(pair: Pair, operation: str, data: st.DataObject) -> None:
    check_refused(pair, operation, data.draw(mistyped(operation).flatmap(written).flatmap(carried)))


@pytest.mark.parametrize("operation", ANSWERED)
@examples(150)
@given(data=st.data())
def test_a_spoiled_answer_is_refused(pair: Pair, operation: str, data: st.DataObject) -> None:
    check_refused(pair, operation, data.draw(spoiled(operation).flatmap(carried)))


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


@pytest.mark.parametrize("coding", NO_SUCH_CODING)
@pytest.mark.parametrize("operation", ANSWERED)
def test_a_coding_that_was_not_asked_for_is_refused(pair: Pair, operation: str, coding: bytes) -> None:
    reply = Reply(200, (b'{"replica_id": "r1"}',), ((b"content-encoding", coding),))
    check_refused(pair, operation, reply, "its content encoding was not asked for")


@pytest.mark.parametrize("operation", OTHERS_TYPED)
@examples(5)
@given(data=st.data())
def test_an_answer_to_any_operation_that_breaks_the_schema_is_refused(
    pair: Pair, operation: str, data: st.DataObject
) -> None:
    check_refused(pair, operation, data.draw(mistyped(operation).flatmap(written).flatmap(carried)))


@pytest.mark.parametrize("operation", OTHERS_ANSWERED)
@examples(5)
@given(data=st.data(), breaks=BREAKS, coding=st.sampled_from(NO_SUCH_CODING))
def test_a_spoiled_answer_to_any_operation_is_refused(
    pair: Pair, operation: str, data: st.DataObject, breaks: Exception, coding: bytes
) -> None:
    how = data.draw(st.sampled_from(["broken off", "coded"] + 4 * ["spoiled"]))
    if how == "spoiled":
        return check_refused(pair, operation, data.draw(spoiled(operation).flatmap(carried)))
    content = data.draw(some(operation))
    if how == "coded":
        return check_refused(pair, operation, Reply(200, (content,), ((b"content-encoding", coding),)))
    return check_refused(pair, operation, Reply(200, (content,), breaks=breaks), "the connection broke")


# Answers of any kind


@pytest.mark.parametrize("operation", REPLICAS)
@examples(100)
@given(data=st.data(), status=STATUSES, headers=HEADERS)
def test_any_answer_ends_well_or_in_an_error_that_knows_it(
    pair: Pair, operation: str, data: st.DataObject, status: int, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    content = data.draw(st.binary() | JSON.flatmap(written) | some("getReplica") | some("listReplicas"))
    check_ends(pair, operation, Reply(status, (content,), headers))


@pytest.mark.parametrize("operation", OTHERS)
@examples(5)
@given(data=st.data(), status=STATUSES, headers=HEADERS)
def test_any_answer_to_any_operation_ends_well_or_in_an_error_that_knows_it(
    pair: Pair, operation: str, data: st.DataObject, status: int, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    content = data.draw(st.binary() | JSON.flatmap(written) | some("getReplica") | some(operation))
    check_ends(pair, operation, Reply(status, (content,), headers))
