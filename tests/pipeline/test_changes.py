"""Differences between two specifications, and their effect on code that relies on the older one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from regeneration import shapes as flat
from regeneration.changes import compare
from regeneration.problems import RegenerationError
from regeneration.shapes import Place, shapes

Schema = dict[str, Any]


def specification(schema: Schema | None = None, answer: Schema | None = None, **operation: Any) -> dict[str, Any]:
    """``POST /a`` that sends one schema and answers with the other."""
    content = {"application/json": {"schema": schema or {"type": "object"}}}
    answers = {"application/json": {"schema": answer or {"type": "object"}}}
    post = {
        "operationId": "doIt",
        "tags": ["A"],
        "x-retry": "safe",
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"description": "", "content": answers}},
        **operation,
    }
    return {"openapi": "3.1.0", "info": {}, "paths": {"/a": {"post": post}}}


def thing(**properties: Any) -> Schema:
    """An object; a name that ends in ``_`` is required."""
    required = [name.rstrip("_") for name in properties if name.endswith("_")]
    return {
        "type": "object",
        "properties": {name.rstrip("_"): value for name, value in properties.items()},
        **({"required": required} if required else {}),
    }


def told(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Place, kind and verdict of every change."""
    return [
        (f"{place.part} {place.label()}".strip() if place else "", change.kind, change.breaking)
        for change in compare(old, new)
        for _, place in change.where
    ]


TEXT, NUMBER = {"type": "string"}, {"type": "number"}
SENT: Callable[..., dict[str, Any]] = lambda **fields: specification(thing(**fields))  # noqa: E731
READ: Callable[..., dict[str, Any]] = lambda **fields: specification(answer=thing(**fields))  # noqa: E731


@pytest.mark.parametrize(
    ("old", "new", "kind", "sent", "read"),
    [
        ({}, {"x": TEXT}, "added", False, False),
        ({"x": TEXT}, {}, "removed", True, True),
        ({"x": TEXT}, {"x": NUMBER}, "type changed", True, True),
        ({"x": TEXT}, {"x": {"type": ["string", "null"]}}, "type changed", False, True),
        ({"x": {"type": ["string", "null"]}}, {"x": TEXT}, "type changed", True, False),
        ({"x": {"type": "integer"}}, {"x": NUMBER}, "type changed", False, True),
        ({"x": TEXT}, {"x": {}}, "type changed", False, True),
        ({"x": {"enum": ["a"]}}, {"x": {"enum": ["a", "b"]}}, "enum changed", False, False),
        ({"x": {"enum": ["a", "b"]}}, {"x": {"enum": ["a"]}}, "enum changed", True, False),
        ({"x": {}}, {"x": {"enum": ["a"]}}, "enum changed", True, False),
        ({"x": {"enum": ["a"]}}, {"x": {}}, "enum changed", False, False),
        ({"x": {"const": "a"}}, {"x": {"const": "b"}}, "enum changed", True, False),
        ({"x": TEXT}, {"x": {**TEXT, "format": "uri"}}, "format changed", True, False),
        ({"x": {**TEXT, "format": "uri"}}, {"x": TEXT}, "format changed", False, False),
        ({"x": TEXT}, {"x": {**TEXT, "format": "date-time"}}, "format changed", True, True),
        ({"x": TEXT}, {"x": {**TEXT, "maxLength": 5}}, "limits changed", True, False),
        ({"x": {**TEXT, "maxLength": 5}}, {"x": {**TEXT, "maxLength": 9}}, "limits changed", False, False),
        ({"x": {**TEXT, "minLength": 5}}, {"x": {**TEXT, "minLength": 9}}, "limits changed", True, False),
        ({"x": {**TEXT, "pattern": "a"}}, {"x": {**TEXT, "pattern": "b"}}, "limits changed", True, False),
        ({"x": {**TEXT, "pattern": "a"}}, {"x": TEXT}, "limits changed", False, False),
        ({"x": TEXT}, {"x": {**TEXT, "deprecated": True}}, "deprecated", False, False),
        ({"x": {**TEXT, "deprecated": True}}, {"x": TEXT}, "no longer deprecated", False, False),
    ],
)
def test_a_field_is_judged_by_who_sends_it(old: Schema, new: Schema, kind: str, sent: bool, read: bool) -> None:
    assert told(SENT(**old), SENT(**new)) == [("body x", kind, sent)]
    assert told(READ(**old), READ(**new)) == [("200 x", kind, read)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (SENT(), SENT(x_=TEXT), ("body x", "added", True)),
        (SENT(x=TEXT), SENT(x_=TEXT), ("body x", "newly required", True)),
        (SENT(x_=TEXT), SENT(x=TEXT), ("body x", "no longer required", False)),
        (READ(x=TEXT), READ(x_=TEXT), ("200 x", "now always there", False)),
        (READ(x_=TEXT), READ(x=TEXT), ("200 x", "no longer always there", True)),
    ],
)
def test_what_is_required_is_judged_by_who_sends_it(
    old: dict[str, Any], new: dict[str, Any], expected: tuple[str, str, bool]
) -> None:
    assert told(old, new) == [expected]


NESTED = {
    "in an object": lambda inner: thing(a=inner),
    "in a list": lambda inner: thing(a={"type": "array", "items": inner}),
    "in a mapping": lambda inner: thing(a={"type": "object", "additionalProperties": inner}),
    "in a part of all": lambda inner: {"allOf": [thing(b=TEXT), thing(a=inner)]},
    "in one of several": lambda inner: {"oneOf": [thing(b=TEXT), thing(a=inner)]},
    "in one that may be null": lambda inner: thing(a={"anyOf": [inner, {"type": "null"}]}),
}


@pytest.mark.parametrize(
    ("around", "place"),
    list(zip(NESTED.values(), ["a.x", "a[].x", "a{}.x", "a.x", "a.x", "a.x"], strict=True)),
    ids=NESTED.keys(),
)
def test_fields_are_found_at_any_depth(around: Callable[[Schema], Schema], place: str) -> None:
    old, new = specification(around(thing(y=TEXT))), specification(around(thing(y=TEXT, x=TEXT)))
    assert told(old, new) == [(f"body {place}", "added", False)]


def test_what_is_within_a_new_field_is_not_told_again() -> None:
    assert told(SENT(), SENT(x=thing(y=thing(z=TEXT)))) == [("body x", "added", False)]


def test_a_field_of_another_name_and_the_same_shape_is_renamed() -> None:
    (change,) = compare(SENT(replica_name=TEXT), SENT(replica_names=TEXT))
    assert (change.kind, change.text, change.breaking) == (
        "renamed",
        "was `replica_name` (same shape, similar name)",
        True,
    )


@pytest.mark.parametrize("other", [{"replica_names": NUMBER}, {"colour": TEXT}])
def test_another_shape_or_a_strange_name_is_no_renaming(other: Schema) -> None:
    assert [kind for _, kind, _ in told(SENT(replica_name=TEXT), SENT(**other))] == ["added", "removed"]


def test_a_schema_that_holds_itself_comes_to_an_end() -> None:
    tree = thing(children={"type": "array", "items": {"$ref": "#/components/schemas/Tree"}})
    document = specification({"$ref": "#/components/schemas/Tree"})
    old = {**document, "components": {"schemas": {"Tree": tree}}}
    new = {**document, "components": {"schemas": {"Tree": thing(name=TEXT, **tree["properties"])}}}
    assert told(old, new) == [("body name", "added", False)]


def test_references_that_multiply_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flat, "MAX_FIELDS", 2000)
    schemas: dict[str, Any] = {
        f"A{n}": thing(x={"$ref": f"#/components/schemas/A{n + 1}"}, y={"$ref": f"#/components/schemas/A{n + 1}"})
        for n in range(40)
    }
    document = specification({"$ref": "#/components/schemas/A0"})
    with pytest.raises(RegenerationError, match="more than 2000 fields"):
        shapes({**document, "components": {"schemas": {**schemas, "A40": TEXT}}})


# -- operations


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"x-retry": "if-not-sent"}, ("retry class changed", "`safe` → `if-not-sent`", True)),
        ({"tags": ["B"]}, ("tag changed", "`A` → `B`", True)),
        ({"deprecated": True}, ("deprecated", "", False)),
        ({"operationId": "doThat"}, ("renamed", "was `doIt`", True)),
        ({"security": [{"key": []}]}, ("security changed", '`[]` → `[{"key": []}]`', True)),
    ],
)
def test_an_operation_is_compared(operation: dict[str, Any], expected: tuple[str, str, bool]) -> None:
    (change,) = compare(specification(), specification(**operation))
    assert (change.kind, change.text, change.breaking) == expected


def test_a_repetition_that_is_newly_allowed_breaks_nobody() -> None:
    old = specification(**{"x-retry": "if-not-sent"})
    assert told(old, specification()) == [("", "retry class changed", False)]


def at(path: str, **operation: Any) -> dict[str, Any]:
    document = specification(**operation)
    document["paths"] = {path: document["paths"]["/a"]}
    return document


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (at("/a"), at("/b"), [("moved", True)]),
        (
            at("/v2/replicas", operationId="createReplica"),
            at("/v2/replica", operationId="createReplicas"),
            [("renamed", True), ("moved", True)],
        ),
        (
            at("/a", operationId="createReplica"),
            at("/b", operationId="listVoices"),
            [("added", False), ("removed", True)],
        ),
    ],
)
def test_operations_are_recognised_again(
    old: dict[str, Any], new: dict[str, Any], expected: list[tuple[str, bool]]
) -> None:
    assert [(change.kind, change.breaking) for change in compare(old, new)] == expected


def test_operations_of_another_shape_are_not_recognised_again() -> None:
    old, new = at("/a", operationId="createReplica"), at("/b", operationId="createReplicas")
    new["paths"]["/b"]["post"]["parameters"] = [{"in": "query", "name": name, "schema": TEXT} for name in "abc"]
    assert [change.kind for change in compare(old, new)] == ["added", "removed"]


def with_parameter(**parameter: Any) -> dict[str, Any]:
    return specification(parameters=[{"in": "query", "name": "q", "schema": TEXT, **parameter}])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (specification(), with_parameter(), ("query q", "added", False)),
        (specification(), with_parameter(required=True), ("query q", "added", True)),
        (with_parameter(), with_parameter(required=True), ("query q", "newly required", True)),
        (with_parameter(), with_parameter(deprecated=True), ("query q", "deprecated", False)),
        (with_parameter(), specification(), ("query q", "removed", True)),
        (with_parameter(), with_parameter(schema=NUMBER), ("query q", "type changed", True)),
    ],
)
def test_parameters_are_compared(old: dict[str, Any], new: dict[str, Any], expected: tuple[str, str, bool]) -> None:
    assert told(old, new) == [expected]


def with_answer(status: str, **answer: Any) -> dict[str, Any]:
    document = specification()
    document["paths"]["/a"]["post"]["responses"][status] = {"description": "", **answer}
    return document


JSON = {"content": {"application/json": {"schema": TEXT}}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (specification(), with_answer("404", **JSON), ("404", "added", False)),
        (with_answer("404", **JSON), specification(), ("404", "removed", False)),
        (with_answer("201", **JSON), specification(), ("201", "removed", True)),
        (with_answer("201"), with_answer("201", **JSON), ("201", "type changed", False)),
        (with_answer("201", **JSON), with_answer("201"), ("201", "type changed", True)),
    ],
)
def test_answers_are_compared(old: dict[str, Any], new: dict[str, Any], expected: tuple[str, str, bool]) -> None:
    assert told(old, new) == [expected]


def test_a_body_that_is_newly_required_breaks() -> None:
    old, new = specification(), specification()
    del old["paths"]["/a"]["post"]["requestBody"]["required"]
    assert told(old, new) == [("body", "newly required", True)]


def test_a_component_that_several_operations_share_is_told_once() -> None:
    def shared(**fields: Any) -> dict[str, Any]:
        document = specification(answer={"$ref": "#/components/schemas/Shared"})
        other = copy.deepcopy(document["paths"]["/a"]["post"])
        document["paths"]["/b"] = {"post": {**other, "operationId": "doMore"}}
        return {**document, "components": {"schemas": {"Shared": thing(**fields)}}}

    (change,) = compare(shared(), shared(x=TEXT))
    place = Place("response", "200", ("x",))
    assert (change.component, change.where) == (("Shared", "x"), (("doIt", place), ("doMore", place)))


@pytest.mark.parametrize(
    "more",
    [
        {"servers": [{"url": "https://other.example"}]},
        {"components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "other"}}}},
    ],
)
def test_another_server_or_another_key_concerns_every_call(more: dict[str, Any]) -> None:
    assert [change.breaking for change in compare(specification(), {**specification(), **more})] == [True]


def test_texts_and_examples_are_no_change() -> None:
    described = {**TEXT, "description": "other", "examples": ["other"], "title": "Other"}
    assert compare(SENT(x=TEXT), SENT(x=described)) == []
