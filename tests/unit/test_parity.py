"""Sync and async: the same names, signatures, docstrings and requests."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any

import httpx
import pytest
from tests.rows import each_row

import tavus_consent as tc
from tavus_api.api import AsyncNamespaces, SyncNamespaces
from tavus_consent import AsyncConsents, AsyncPager, Consents, Pager
from tavus_consent.namespaces._async.replicas import AsyncReplicas
from tavus_consent.namespaces._sync.replicas import Replicas

CLIENTS = (tc.Tavus("k", transport=httpx.MockTransport(lambda _: httpx.Response(500))), tc.AsyncTavus("k"))
NAMESPACES = sorted({"faces", "replicas"} | {name for name in dir(SyncNamespaces) if not name.startswith("_")})
SPACES = [(type(getattr(CLIENTS[0], name)), type(getattr(CLIENTS[1], name))) for name in NAMESPACES]
PAIRS = [
    (tc.Tavus, tc.AsyncTavus),
    (Consents, AsyncConsents),
    (SyncNamespaces, AsyncNamespaces),
    (Pager, AsyncPager),
    *SPACES,
]


def public(cls: type) -> dict[str, Any]:
    names = [name for name in dir(cls) if not name.startswith("_")]
    return {name: inspect.getattr_static(cls, name) for name in names}


@pytest.mark.parametrize(("sync", "other"), PAIRS, ids=lambda cls: cls.__name__)
def test_the_names_are_the_same(sync: type, other: type) -> None:
    assert set(public(sync)) == set(public(other))


METHODS = [
    pytest.param(function, public(other)[name], id=f"{sync.__name__}.{name}")
    for sync, other in PAIRS
    for name, function in public(sync).items()
    if inspect.isfunction(function)
]


def of_class(sync: Callable[..., Any], _: Callable[..., Any]) -> str:
    return sync.__qualname__.partition(".")[0]


@each_row(("sync", "other"), METHODS, by=of_class)
def test_the_parameters_are_the_same(sync: Callable[..., Any], other: Callable[..., Any]) -> None:
    def shape(function: Callable[..., Any]) -> list[Any]:
        return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]

    assert shape(sync) == shape(other)


@each_row(("sync", "other"), METHODS, by=of_class)
def test_the_docstrings_are_the_same(sync: Callable[..., Any], other: Callable[..., Any]) -> None:
    assert sync.__doc__
    assert sync.__doc__ == other.__doc__


def test_the_constructors_take_the_same() -> None:
    assert list(inspect.signature(tc.Tavus).parameters) == list(inspect.signature(tc.AsyncTavus).parameters)


CALLS: dict[str, Callable[[Any], Any]] = {
    "create_personal": lambda t: t.replicas.create_personal(
        train_video_url="https://b.example/t.mp4",
        consent=tc.SpokenConsent(full_name="Rio Alvarez", video_url="https://b.example/c.mp4"),
        replica_name="Rio",
        model_name="phoenix-3",
        callback_url="https://app.example/hook",
        background_green_screen=True,
    ),
    "create_non_human": lambda t: t.replicas.create_non_human(
        train_video_url="https://b.example/fox.mp4", attestation="A fox", attested_by="studio@app.example"
    ),
    "preflight": lambda t: t.replicas.preflight(train_video_url="http://b.example/t.mp4"),
    "get": lambda t: t.replicas.get("r1", verbose=True),
    "list": lambda t: t.replicas.list(replica_type="user"),
    "rename": lambda t: t.replicas.rename("r1", "Rio 2"),
    "delete": lambda t: t.replicas.delete("r1", hard=True),
    "wait": lambda t: t.replicas.wait("r1"),
    "find_created": lambda t: t.replicas.find_created(
        tc.OutcomeUnknownError(
            "x",
            method="POST",
            path="/v2/replicas",
            attempts=1,
            started_at=t.clock.now(),
            ended_at=t.clock.now(),
            cause=tc.RequestTimeoutError("x", method="POST", path="/v2/replicas"),
        )
    ),
}


def test_every_method_is_compared() -> None:
    assert set(CALLS) == {name for name in public(Replicas) if inspect.isfunction(public(Replicas)[name])}


@pytest.mark.parametrize("name", CALLS)
async def test_the_requests_are_the_same(name: str) -> None:
    sent: dict[str, list[Any]] = {"sync": [], "async": []}

    def server(kind: str) -> httpx.MockTransport:
        def handle(request: httpx.Request) -> httpx.Response:
            sent[kind].append((request.method, str(request.url), request.content, request.headers.raw))
            return httpx.Response(200, json={"replica_id": "r1", "status": "ready", "data": []})

        return httpx.MockTransport(handle)

    with tc.Tavus("k", transport=server("sync"), ledger=None) as sync:
        result = CALLS[name](sync)
        if isinstance(result, Pager):
            list(result)
    async with tc.AsyncTavus("k", transport=server("async"), ledger=None) as other:
        result = CALLS[name](other)
        if isinstance(result, AsyncPager):
            [item async for item in result]
        else:
            assert isinstance(result, Awaitable)
            await result
    assert sent["sync"] == sent["async"]
    assert bool(sent["sync"]) == (name != "preflight")  # which reads the videos, and asks nothing of Tavus


def test_return_types_differ_only_by_being_awaited() -> None:
    names = set(CALLS) - {"list"}
    expected = {name: inspect.signature(public(Replicas)[name]).return_annotation for name in names}
    assert {name: inspect.signature(public(AsyncReplicas)[name]).return_annotation for name in names} == expected


# every namespace


def value(annotation: str) -> Any:
    """Something that an argument of this type can be."""
    if annotation.startswith("Literal["):
        return ast.literal_eval(annotation.removeprefix("Literal").partition("]")[0] + "]")[0]
    simple = {"str": "x1", "int": 1, "float": 1.5, "bool": True}
    if annotation.split(" | ")[0] in simple:
        return simple[annotation.split(" | ")[0]]
    return [] if annotation.startswith("Sequence") else {}


def arguments(method: Callable[..., Any]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments for every parameter of a generated method."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    # with a key, the second client would return what the first one made
    keywords = [p for p in parameters if p.kind is p.KEYWORD_ONLY and p.name != "once"]
    named = {p.name: value(str(p.annotation)) for p in keywords}
    if "operations" in named:
        named = {**named, "operations": [{"op": "remove", "path": "/a"}], "changes": None}
    return [value(str(p.annotation)) for p in parameters if p.kind is not p.KEYWORD_ONLY], named


DOCUMENT = json.loads(resources.files("tavus_api").joinpath("openapi.json").read_bytes())
OPERATIONS = {operation["operationId"]: operation for item in DOCUMENT["paths"].values() for operation in item.values()}


def answer_of(identifier: str) -> Any:
    """The schema of the good answer of an operation, or None."""
    answers = OPERATIONS[identifier]["responses"]
    content = answers[min(code for code in answers if code.startswith("2"))].get("content", {})
    return content.get("application/json", {}).get("schema")


def least(schema: Any) -> Any:
    """The smallest answer of this schema."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    kind = schema.get("type", "object")
    kind = kind if isinstance(kind, str) else kind[0]
    if kind == "object":
        members = schema.get("properties", {})
        return {
            name: least(members.get(name, {})) for name in {*schema.get("required", ()), *({"data"} & set(members))}
        }
    if kind == "array":
        return [least(schema["items"])] if "items" in schema else []
    return {"string": "x1", "integer": 1, "number": 1.5, "boolean": True, "null": None}[kind]


GENERATED = [
    pytest.param(name, method, id=f"{name}.{method}")
    for name, (sync, _) in zip(NAMESPACES, SPACES, strict=True)
    if name not in ("faces", "replicas")
    for method, function in public(sync).items()
    if inspect.isfunction(function) and method not in ("wait", "create_personal", "create_non_human")
]


@pytest.mark.parametrize(("name", "method"), GENERATED)
async def test_the_requests_of_every_namespace_are_the_same(name: str, method: str) -> None:
    sent: dict[str, list[Any]] = {"sync": [], "async": []}

    def server(kind: str) -> httpx.MockTransport:
        def handle(request: httpx.Request) -> httpx.Response:
            sent[kind].append((request.method, str(request.url), request.content, request.headers.raw))
            answer = answer_of(request.extensions["operation"].identifier)
            return httpx.Response(200) if answer is None else httpx.Response(200, content=json.dumps(least(answer)))

        return httpx.MockTransport(handle)

    sync = tc.Tavus("k", transport=server("sync"), ledger=None)
    other = tc.AsyncTavus("k", transport=server("async"), ledger=None)
    function = getattr(type(getattr(sync, name)), method)
    given, named = arguments(function)
    result = getattr(getattr(sync, name), method)(*given, **named)
    answer = getattr(getattr(other, name), method)(*given, **named)
    if isinstance(result, Pager):
        assert list(result) == [item async for item in answer]
    else:
        assert result == await answer
    assert sent["sync"] == sent["async"] != []
