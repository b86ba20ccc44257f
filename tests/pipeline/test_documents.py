"""Single documents: read without harm, brought to OpenAPI 3.1, their schemas named, their operations listed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from regeneration import plain
from regeneration.normalise import normalise
from regeneration.plain import load_mapping
from regeneration.problems import RegenerationError
from regeneration.schemas import name_schemas


def refusal(call: Any, *arguments: Any) -> RegenerationError:
    with pytest.raises(RegenerationError) as caught:
        call(*arguments)
    return caught.value


# -- reading


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-01-24", "2024-01-24"),
        ("2024-01-24T07:14:03.327Z", "2024-01-24T07:14:03.327Z"),
        ("yes", "yes"),
        ("off", "off"),
        ("12:30", "12:30"),
        ("010", 10),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("True", True),
        ("~", None),
        ("", None),
        ("<<", "<<"),
        ("=", "="),
    ],
)
def test_yaml_means_what_version_1_2_says(text: str, value: Any) -> None:
    assert load_mapping(f"a: {text}".encode(), "some.yaml") == {"a": value}


def test_a_status_code_without_quotes_is_a_word() -> None:
    assert load_mapping(b"responses: {200: {}}", "some.yaml") == {"responses": {"200": {}}}


def test_what_an_alias_repeats_is_not_shared() -> None:
    value = load_mapping(b"a: &x {b: 1}\nc: *x", "some.yaml")
    value["a"]["b"] = 2
    assert value["c"] == {"b": 1}


def laughs() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 20)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"a: !!python/object/apply:os.getcwd []",
        b"a: !!binary aGk=",
        b"a: !custom 1",
        b"a: 1\na: 2",
        b"1: a\n'1': b",
        b"? [a]\n: 1",
        b"~: 1",
        b"a: &x [*x]",
        b"a: .inf\nb: 1e999",
        laughs(),
        b"[" * 5000 + b"]" * 5000,
        b"a: " + b"[" * 200 + b"]" * 200,
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b"a: " + b"9" * 5000,
        b"a: \xff",
        b"a: [",
        b"- a",
    ],
)
def test_nothing_but_plain_data_is_read(data: bytes) -> None:
    assert refusal(load_mapping, data, "some.yaml").place == "some.yaml"


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "MAX_BYTES", 3)
    assert "larger than 3 bytes" in refusal(load_mapping, b"a: 1", "some.yaml").cause


# -- normalising


def with_schema(schema: Any, version: str = "3.0.3") -> dict[str, Any]:
    return {"openapi": version, "info": {}, "paths": {}, "components": {"schemas": {"A": schema}}}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"$ref": "#/x", "nullable": True}, {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]}),
        ({"$ref": "#/x", "description": "ignored in 3.0"}, {"$ref": "#/x"}),
        ({"allOf": [{}], "nullable": True}, {"anyOf": [{"allOf": [{}]}, {"type": "null"}]}),
        ({"oneOf": [{}], "nullable": True}, {"oneOf": [{}, {"type": "null"}]}),
        ({"type": "string", "example": "a"}, {"type": "string", "examples": ["a"]}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"items": {"type": "string", "nullable": True}}, {"items": {"type": ["string", "null"]}}),
        (
            {
                "properties": {
                    "nullable": {"type": "string"},
                    "example": {"type": "string", "example": {"nullable": True}},
                }
            },
            {
                "properties": {
                    "nullable": {"type": "string"},
                    "example": {"type": "string", "examples": [{"nullable": True}]},
                }
            },
        ),
    ],
)
def test_schemas_of_3_0_become_those_of_3_1(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert normalise(with_schema(old), "some.yaml") == with_schema(new, "3.1.0")


def test_schemas_of_3_1_stay() -> None:
    document = with_schema({"type": "string", "examples": ["a"], "exclusiveMinimum": 1}, "3.1.0")
    assert normalise(copy.deepcopy(document), "some.yaml") == document


PLACES = {
    "parameter": {"parameters": [{"in": "query", "name": "q", "schema": {"example": 1}}]},
    "body": {"requestBody": {"content": {"application/json": {"schema": {"example": 1}}}}},
    "header": {"responses": {"200": {"description": "", "headers": {"X": {"schema": {"example": 1}}}}}},
    "answer": {"responses": {"200": {"description": "", "content": {"a/b": {"schema": {"example": 1}}}}}},
    "callback": {
        "callbacks": {
            "c": {
                "{$url}": {"post": {"responses": {}, "requestBody": {"content": {"a/b": {"schema": {"example": 1}}}}}}
            }
        }
    },
}


@pytest.mark.parametrize("operation", PLACES.values(), ids=PLACES.keys())
def test_schemas_are_found_wherever_they_stand(operation: dict[str, Any]) -> None:
    document = {"openapi": "3.0.0", "paths": {"/a": {"get": {"responses": {}, **copy.deepcopy(operation)}}}}
    assert "'schema': {'examples': [1]}" in str(normalise(document, "some.yaml"))


def test_parameters_of_a_path_become_those_of_its_operations() -> None:
    shared, own = {"in": "path", "name": "id"}, {"in": "query", "name": "q"}
    override = {"in": "path", "name": "id", "description": "own"}
    item = {
        "parameters": [shared],
        "get": {"responses": {}, "parameters": [own]},
        "put": {"responses": {}, "parameters": [override]},
    }
    paths = normalise({"openapi": "3.1.0", "paths": {"/a": item}}, "some.yaml")["paths"]
    assert paths["/a"] == {
        "get": {"responses": {}, "parameters": [own, shared]},
        "put": {"responses": {}, "parameters": [override]},
    }


@pytest.mark.parametrize("version", ["2.0", "3.2.0", "3.10.0", None, 3.1])
def test_other_versions_are_refused(version: Any) -> None:
    assert "3.0 or 3.1" in refusal(normalise, with_schema({}, version), "some.yaml").remedy


@pytest.mark.parametrize("reference", ["https://a.example/b.yaml", "other.yaml#/A", "/etc/passwd", "A", ""])
def test_only_references_within_the_document_are_allowed(reference: str) -> None:
    assert refusal(normalise, with_schema({"$ref": reference}), "some.yaml").place == "some.yaml, /components/schemas/A"


@pytest.mark.parametrize(
    "part",
    [
        {"paths": []},
        {"paths": {"/a": None}},
        {"paths": {"/a": {"get": None}}},
        {"paths": {"/a": {"get": {"responses": []}}}},
        {"paths": {"/a": {"parameters": 1, "get": {"responses": {}}}}},
        {"components": []},
        {"components": {"schemas": []}},
        {"components": {"schemas": {"A": {"properties": ["a"]}}}},
        {"components": {"schemas": {"A": {"allOf": 1}}}},
        {"tags": {}},
    ],
)
def test_a_document_of_another_form_is_refused_by_its_name(part: dict[str, Any]) -> None:
    assert refusal(normalise, {"openapi": "3.1.0", **part}, "some.yaml").place == "some.yaml"


# -- naming


def with_answers(*schemas: dict[str, Any], **components: Any) -> dict[str, Any]:
    paths = {
        f"/{letter}": {
            "get": {"responses": {"200": {"content": {"application/json": {"schema": copy.deepcopy(schema)}}}}}
        }
        for letter, schema in zip("abc", schemas, strict=False)
    }
    return {"paths": paths, "components": {"schemas": components}}


def test_a_named_schema_moves_to_components() -> None:
    document = with_answers({"type": "object", "x-schema-name": "A"})
    name_schemas(document)
    assert document == with_answers({"$ref": "#/components/schemas/A"}, A={"type": "object"})


def test_a_named_schema_within_a_named_schema_moves_too() -> None:
    document = with_answers({"items": {"type": "object", "x-schema-name": "B"}, "x-schema-name": "A"})
    name_schemas(document)
    assert document["components"]["schemas"] == {
        "A": {"items": {"$ref": "#/components/schemas/B"}},
        "B": {"type": "object"},
    }


def test_schemas_of_one_name_unite_their_properties() -> None:
    document = with_answers(
        {"x-schema-name": "A", "properties": {"a": {"type": "string", "description": "first"}}},
        {"x-schema-name": "A", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}},
    )
    name_schemas(document)
    assert document["components"]["schemas"]["A"] == {
        "properties": {"a": {"type": "string", "description": "first"}, "b": {"type": "integer"}}
    }


@pytest.mark.parametrize(
    "other",
    [
        {"x-schema-name": "A", "properties": {"a": {"type": "integer"}}},
        {"x-schema-name": "A", "properties": {"a": {"type": "string"}}, "required": ["a"]},
    ],
)
def test_schemas_of_one_name_that_differ_are_both_named(other: dict[str, Any]) -> None:
    document = with_answers({"x-schema-name": "A", "properties": {"a": {"type": "string"}}}, other)
    place = refusal(name_schemas, document).place
    assert place == " and ".join(f"paths//{path}/get/responses/200/content/application/json/schema" for path in "ab")


def test_a_name_that_is_taken_is_refused() -> None:
    assert "already" in refusal(name_schemas, with_answers({"x-schema-name": "A"}, A={})).cause
