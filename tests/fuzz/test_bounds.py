"""Oversized responses raise an error with the response, within bounded memory and work."""

from __future__ import annotations

import gzip
import itertools
import json
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any

import pytest

import tavus_consent as tc

from .harness import Pair, Reply

LIMIT = 1024 * 1024  # the clients of this file read no more
SENT = 50_000_000  # what has an end is so long
# The clients hold a few times the limit. Libraries and versions of Python add to it, so there is room: this bound
# tells a client that stops from one that reads on.
BOUND = SENT // 2
START = b'{"replica_id": "r1", "data": [], "zz": ['


class Stream(tuple[bytes, ...]):
    """Chunks that are made while they are read, so that the test itself holds none of them."""

    make: Callable[[], Iterable[bytes]]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.make())


def stream(make: Callable[[], Iterable[bytes]]) -> Stream:
    made = Stream()
    made.make = make
    return made


def endless(chunk: bytes, start: bytes = b"") -> Stream:
    return stream(lambda: itertools.chain([start], itertools.repeat(chunk)))


def upto(size: int, chunk: bytes, start: bytes = b"", end: bytes = b"") -> Stream:
    return stream(lambda: itertools.chain([start], itertools.repeat(chunk, size // len(chunk)), [end]))


def bomb(wbits: int) -> Stream:
    """Compressed blanks for ever: a flushed block can be repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    start, block = (packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return endless(block, start)


GZIP = ((b"content-encoding", b"gzip"),)
MEASURELESS = {
    "50 MB of blanks": (upto(SENT, b" " * 50_000), ()),
    "50 MB of JSON": (upto(SENT, b'{"replica_id": "r1"},' * 2000, START, b"1]}"), ()),
    "50 MB in one piece": (stream(lambda: [b"[" * SENT]), ()),
    "endless blanks": (endless(b" " * 65536), ()),
    "endless JSON": (endless(b"{}," * 20_000, START), ()),
    "endless nesting": (endless(b"[" * 65536, START), ()),
    "endless digits": (endless(b"9" * 65536, START), ()),
    "a gzip bomb": (bomb(31), GZIP),
    "a deflate bomb": (bomb(15), ((b"content-encoding", b"deflate"),)),
    "a whole gzip bomb": (stream(lambda: [gzip.compress(b" " * SENT)]), GZIP),
    "gzip, then endless bytes": (endless(b"x" * 65536, gzip.compress(START + b"1]}")), GZIP),
    "gzip of endless nothing": (endless(b"\x00\x00\x00\xff\xff" * 10_000, gzip.compress(b"{}", 0)[:10]), GZIP),
    "an endless coding that nobody asked for": (endless(b"x" * 65536), ((b"content-encoding", b"br"),)),
}


def peak(work: Callable[[], Any]) -> int:
    """The most bytes that Python held at once."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


CALLS: dict[str, Callable[[Any], Any]] = {
    "get": lambda tavus: tavus.replicas.get("r1"),
    "create": lambda tavus: tavus.replicas.create_non_human(
        train_video_url="https://b.example/t.mp4", attestation="A fox", attested_by="studio", despite_open=True
    ),
}


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    made = Pair(limits=tc.Limits(max_answer_bytes=LIMIT))
    for call in CALLS.values():  # what is imported and kept at the first call is not part of an answer
        for status in (200, 500):
            made(call, Reply(status, (START + b"1]}",)))
    yield made
    made.close()


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", MEASURELESS)
def test_a_measureless_answer_is_cut_short(pair: Pair, name: str, call: str, status: int) -> None:
    chunks, headers = MEASURELESS[name]
    errors: list[Any] = []
    used = peak(lambda: errors.append(pair(CALLS[call], Reply(status, chunks, headers)).error))
    (error,) = errors
    expected = tc.InvalidAnswerError if status == 200 else tc.ServerStatusError
    assert isinstance(error.__cause__ if call == "create" else error, expected)
    assert isinstance(error, tc.OutcomeUnknownError) == (call == "create")
    assert (error.status, error.headers["x-request-id"]) == (status, "trace-1")
    assert error.body is None or len(error.body) <= 2000
    assert used < BOUND + SENT * (
        name in ("50 MB in one piece", "a whole gzip bomb")
    )  # of which the test itself made SENT


@pytest.mark.parametrize("more", [0, 1])
def test_the_default_limit_is_10_mib(more: int) -> None:
    content = START + b" " * (10 * 2**20 + more - len(START) - 3) + b"1]}"
    with closing(Pair()) as pair:
        error = pair(CALLS["get"], Reply(200, (content,))).error
    assert isinstance(error, tc.InvalidAnswerError if more else type(None))


FILLINGS: dict[str, Iterable[bytes]] = {
    "objects": itertools.repeat(b"{}," * 1000),
    "arrays": itertools.repeat(b"[]," * 1000),
    "nesting": itertools.repeat(b"[" * 90 + b"]" * 90 + b","),
    "texts": itertools.repeat(b'"ab",' * 1000),
    "wide characters": itertools.repeat('"\U0001f600",'.encode() * 1000),
    "numbers": itertools.repeat(b"1.5," * 1000),
    "objects with a member": itertools.repeat(b'{"a":1},' * 1000),
}


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("filling", FILLINGS)
def test_json_within_the_limit_takes_memory_in_proportion(filling: str, status: int) -> None:
    limit = 1_000_000
    content = START
    for chunk in FILLINGS[filling]:
        if len(content) + len(chunk) > limit - 3:
            break
        content += chunk
    content += b"1]}"
    with closing(Pair(limits=tc.Limits(max_answer_bytes=limit))) as pair:
        used = peak(lambda: pair(CALLS["get"], Reply(status, (content,))))
    assert used < 100 * limit  # 30 times, when this was written: Python's objects are that large


def test_a_large_error_body_is_kept_as_text(pair: Pair) -> None:
    body = {"error": "no", "more": ["x" * 1000] * 100}
    small, large = (json.dumps(one).encode() for one in ({"error": "no"}, body))
    assert pair(CALLS["get"], Reply(400, (small,))).error.body == {"error": "no"}  # type: ignore[union-attr]
    error: Any = pair(CALLS["get"], Reply(400, (large,))).error
    assert (error.body, error.detail) == (large.decode()[:2000], None)
