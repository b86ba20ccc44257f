"""Every operation of the specification through its public method: the bytes on the socket, and the result.

``HYPOTHESIS_PROFILE=full`` tries 2,000 cases in all.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st
from tests.effort import QUICK, scaled

import tavus_consent as tc

from .reading import check, members_of, paired
from .server import Answer, Server
from .spec import OPERATIONS, Given, Operation, expected, is_json, resolve, understood
from .values import SENT, SENT_STRICTLY, answer_values, given_values

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from regeneration.python_names import method_name, namespace_name  # scripts/ is no package of the project

# Written by hand, since a consent has to come first: see test_gated.py.
BY_HAND = {"createReplica", "createFace", "createVoice"}
STRICT = {"replicas", "faces"}
GENERATED = [name for name in OPERATIONS if name not in BY_HAND]
EXAMPLES = 2 if QUICK else -(-scaled(2000) // len(GENERATED))


class Bench(NamedTuple):
    """A server, and a client of each kind."""

    server: Server
    sync: tc.Tavus
    other: tc.AsyncTavus
    runner: asyncio.Runner

    def call(self, namespace: str, method: str, arguments: Mapping[str, Any], *, is_async: bool) -> Any:
        """Make a call; of a list, get the first page."""
        found = getattr(getattr(self.other if is_async else self.sync, namespace), method)(**arguments)
        if hasattr(found, "pages"):
            return self.runner.run(anext(found.pages())) if is_async else next(found.pages())
        return self.runner.run(_wait(found)) if is_async else found


async def _wait(value: Any) -> Any:
    return await value


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    server, runner = Server(), asyncio.Runner()
    options: Any = {"base_url": server.url, "max_retries": 0, "ledger": None}
    made = Bench(server, tc.Tavus("key-for-tests", **options), tc.AsyncTavus("key-for-tests", **options), runner)
    yield made
    made.sync.close()
    runner.run(made.other.close())
    runner.close()
    server.close()


def names_of(operation: Operation) -> tuple[str, str]:
    namespace = namespace_name(dict(operation.definition))
    return namespace, method_name(operation.verb, operation.path, dict(operation.definition), namespace)


def arguments_for(operation: Operation, values: Given, names: set[str]) -> dict[str, Any]:
    """The values by the names of Python.

    Raises:
        AssertionError: A value has no argument.
    """
    left, made = set(names), {}
    if operation.content is not None and operation.content[0].startswith("multipart/"):
        values = values._replace(body={name: _as_files(value) for name, value in values.body.items()})
    is_patch = "operations" in names
    if values.body != () and ("body" in names or is_patch):
        name = "operations" if is_patch else "body"
        made[name] = values.body
        left.discard(name)
    members = _members(operation) if values.body != () and not made else ()
    for place, known, found in (
        ("path", [one["name"] for one in operation.parameters if one["in"] == "path"], values.path),
        ("query", [one["name"] for one in operation.parameters if one["in"] == "query"], values.query),
        ("header", [one["name"] for one in operation.parameters if one["in"] == "header"], values.header),
        ("body", members, values.body if members else {}),
    ):
        pairs = paired(known, left - {"extra"}, place)
        left -= set(pairs.values())
        unknown = {name: value for name, value in found.items() if name not in known and "extra" in left}
        if unknown:
            made["extra"] = unknown
        for name, value in found.items():
            if name in unknown:
                continue
            assert name in pairs, f"{name} in {place} has no argument among {sorted(names)}"
            made[pairs[name]] = value
    return made


def _as_files(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_files(one) for one in value]
    return io.BytesIO(value) if isinstance(value, bytes) else value


def _members(operation: Operation) -> list[str]:
    return list(members_of(operation.content[1])) if operation.content else []


def with_paging(operation: Operation, values: Given, arguments: dict[str, Any], names: set[str], size: int) -> Given:
    """The values that the first page is asked for with."""
    if "page_size" not in names:
        return values
    arguments["page_size"] = size
    paging = operation.definition.get("x-paging", {})
    query = {one["name"]: resolve(one.get("schema", {})) for one in operation.parameters if one["in"] == "query"}
    page, limit = paging.get("page", "page"), paging.get("limit", "limit")
    first = paging.get("first", query.get(page, {}).get("default", 1))
    asked = {**values.query, **({page: first} if page in query else {}), **({limit: size} if limit in query else {})}
    return values._replace(query=asked)


def page_of(operation: Operation, value: Any, schema: Any) -> tuple[Any, Any]:
    """The items of a page, and their schema."""
    where = operation.definition.get("x-paging", {}).get("items", "data")
    for step in where.split(".") if where else ():
        value = value.get(step) if isinstance(value, dict) else None
        schema = resolve(schema).get("properties", {}).get(step, {})
    return value or [], schema


@pytest.mark.parametrize("name", GENERATED)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_wire_is_what_the_specification_says(bench: Bench, name: str, data: st.DataObject) -> None:
    operation = OPERATIONS[name]
    namespace, method = names_of(operation)
    names = set(inspect.signature(getattr(getattr(bench.sync, namespace), method)).parameters)
    values = data.draw(given_values(operation, SENT_STRICTLY if namespace in STRICT else SENT))
    assume(namespace not in STRICT or values.body != {})  # a change of nothing is refused
    paged = {one for one in ("page", "limit") if "page_size" in names and one not in names}  # the pager's business
    values = values._replace(query={key: value for key, value in values.query.items() if key not in paged})
    if "operations" in names:
        values = values._replace(body=data.draw(PATCHES))
    arguments = arguments_for(operation, values, names)
    values = with_paging(operation, values, arguments, names, data.draw(st.integers(1, 1000)))
    answers = answer_values(operation, values)
    if is_envelope(operation):  # one that holds nothing is refused
        answers = answers.filter(lambda answer: bool(answer[2].get("data")))
    if "page_size" in names:  # a pager gives an item once
        answers = answers.filter(lambda answer: is_distinct(page_of(operation, answer[2], {})[0]))
    status, media_type, said = data.draw(answers)
    body = (
        b""
        if media_type is None
        else said
        if isinstance(said, bytes)
        else said.encode()
        if not is_json(media_type)
        else json.dumps(said).encode()
    )
    bench.server.expect(Answer(status, media_type, body))

    got = bench.call(namespace, method, arguments, is_async=data.draw(st.booleans()))

    (came,) = bench.server.requests
    headers = {one["name"].lower() for one in operation.parameters if one["in"] == "header"}
    assert understood(came, headers) == understood(expected(operation, values), headers)
    if media_type is not None:
        assert accepts(came.headers.get("accept", "*/*"), media_type), f"{media_type} is not accepted"
    check_answer(operation, got, status, said, names)


PATCHES = st.lists(
    st.fixed_dictionaries(
        {"op": st.just("add"), "path": st.just("/a"), "value": st.none() | st.integers() | st.text()}
    ),
    min_size=1,
    max_size=3,
)


def is_distinct(items: list[Any]) -> bool:
    """Return True if no two items are equal or have the same id."""
    names = {name for item in items if isinstance(item, dict) for name in item if name.endswith(("_id", "_uuid"))}
    ids = [[str(item[name]) for item in items if isinstance(item, dict) and name in item] for name in names]
    every = [json.dumps(item, sort_keys=True) for item in items]
    return all(len(set(one)) == len(one) for one in (*ids, every))


def accepts(header: str, media_type: str) -> bool:
    """Return True if the server may respond with a media type."""
    bare = media_type.partition(";")[0].strip().lower()
    ranges = {one.partition(";")[0].strip().lower() for one in header.split(",")}
    return bool(ranges & {bare, "*/*", f"{bare.partition('/')[0]}/*"})


def check_answer(operation: Operation, got: Any, status: int, said: Any, names: set[str]) -> None:
    """Compare what a method gave with the answer."""
    described = operation.answers[status]
    if "operations" in names:  # a patch says whether it changed something
        assert got is not None
        return
    if described is None:
        assert got is None
        return
    schema = described[1]
    if "page_size" in names or (hasattr(got, "items") and not isinstance(got, Mapping)):
        items, items_schema = page_of(operation, said, schema)
        check(got.items, items, items_schema)
        return
    if is_envelope(operation):  # the item in it is given
        data, inner = said["data"], resolve(resolve(schema)["properties"]["data"])
        said, schema = (data[0], resolve(inner)["items"]) if isinstance(data, list) else (data, inner)
    if described[0].startswith("text/") and isinstance(said, bytes):
        said = said.decode()
    check(got, said, schema)


def is_envelope(operation: Operation) -> bool:
    """Return True if the requested object is the only member of the response, which the client unwraps."""
    schemas = [resolve(one[1]) for one in operation.answers.values() if one is not None]
    only = any(one.get("properties", {}).keys() == {"data"} for one in schemas)
    return only and operation.verb == "get" and operation.path.endswith("}")
