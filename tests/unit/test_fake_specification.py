"""The fake follows its specification, including one with more content than the current one."""

from __future__ import annotations

import json
import sys
from importlib import resources
from typing import Any

import httpx
import pytest

from tavus_consent import MissingExtraError
from tavus_consent.testing import FakeRequest, FakeResponse, FakeTavus, _answering
from tavus_consent.testing._routes import Router

EXTRA_PATHS = {
    "/v2/things/{thing_id}": {
        "get": {
            "operationId": "getThing",
            "security": [],
            "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}},
        },
        "parameters": [{"name": "size", "in": "query", "schema": {"type": "integer"}}],
        "post": {
            "operationId": "changeThing",
            "parameters": [
                {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "string"}},
                {"name": "mode", "in": "query", "required": True, "schema": {"type": ["string", "null"]}},
            ],
            "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
            "security": [],
        },
    },
    "/v2/things/all": {
        "get": {
            "operationId": "allThings",
            "security": [],
            "responses": {"200": {"content": {"application/json": {"example": ["t1", "t2"]}}}},
        }
    },
    "/v2/sums": {
        "get": {
            "operationId": "sum",
            "security": [],
            "parameters": [
                {"$ref": "#/components/parameters/Terms"},
                {"name": "scale", "in": "query", "schema": {"type": "number", "maximum": 1.5}},
                {
                    "name": "signs",
                    "in": "query",
                    "explode": False,
                    "schema": {"type": "array", "items": {"enum": ["plus", "minus"]}},
                },
            ],
        }
    },
    "/v2/files": {
        "post": {
            "operationId": "upload",
            "security": [],
            "requestBody": {"$ref": "#/components/requestBodies/Upload"},
        }
    },
}
EXTRA_COMPONENTS: dict[str, dict[str, Any]] = {
    "parameters": {
        "Terms": {
            "name": "terms",
            "in": "query",
            "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Term"}, "maxItems": 2},
        }
    },
    "requestBodies": {
        "Upload": {
            "required": True,
            "content": {"multipart/form-data": {"schema": {"$ref": "#/components/schemas/Upload"}}},
        }
    },
    "schemas": {
        "Term": {"type": "integer"},
        "Thing": {
            "properties": {
                "thing_id": {"type": "string"},
                "status": {"type": "string", "examples": ["completed"]},
                "kind": {"enum": ["small", "large"]},
                "size": {"type": "integer"},
                "made_at": {"type": "string", "format": "date-time"},
                "parts": {
                    "items": {"properties": {"name": {"type": "string"}, "nothing": {"type": "null"}}},
                },
                "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
                "tags": {"type": "array"},
                "other": {},
                "same": {"$ref": "#/components/schemas/Same"},
            },
        },
        "Same": {"properties": {"same": {"$ref": "#/components/schemas/Same"}}},
        "Upload": {
            "type": "object",
            "properties": {
                "file": {"type": "string", "format": "binary", "maxLength": 9},
                "copies": {"allOf": [{"type": "integer"}], "type": "integer"},
                "note": {"type": "string"},
            },
            "required": ["file"],
        },
    },
}


@pytest.fixture
def larger(monkeypatch: pytest.MonkeyPatch) -> FakeTavus:
    document = json.loads(resources.files("tavus_api").joinpath("openapi.json").read_bytes())
    components = document["components"]
    merged = {name: {**components.get(name, {}), **extra} for name, extra in EXTRA_COMPONENTS.items()}
    router = Router({**document, "paths": {**document["paths"], **EXTRA_PATHS}, "components": {**components, **merged}})
    monkeypatch.setattr(_answering, "shipped_router", lambda: router)
    return FakeTavus()


def post(larger: FakeTavus, query: str, body: bytes = b"") -> FakeResponse:
    headers = {"content-type": "application/json"}
    return larger.handle(FakeRequest("POST", "/v2/things/t1", query, headers, body))


def test_an_operation_that_it_does_not_model_is_answered_from_its_schema(larger: FakeTavus) -> None:
    answer = larger.handle(FakeRequest("GET", "/v2/things/t1"))

    said = answer.json()
    assert str(said.pop("same")).count("same") < 20  # it contains itself
    assert (answer.status, said) == (
        200,
        {
            "thing_id": "t1",
            "status": "completed",
            "kind": "small",
            "size": 1,
            "made_at": "2024-01-24T07:14:03Z",
            "parts": [{"name": "text", "nothing": None}],
            "either": 1,
            "tags": [],
            "other": {},
        },
    )
    assert answer.warnings == ("the fake does not model getThing: the answer is made from its schema",)
    assert larger.requests[-1].warnings == answer.warnings


def test_an_example_of_a_whole_answer_is_preferred(larger: FakeTavus) -> None:
    assert larger.handle(FakeRequest("GET", "/v2/things/all")).json() == ["t1", "t2"]


def test_a_fixed_path_wins_over_a_variable_one(larger: FakeTavus) -> None:
    assert "allThings" in larger.handle(FakeRequest("GET", "/v2/things/all")).warnings[0]


def test_unknown_members_are_told_of_operations_that_it_does_not_model(larger: FakeTavus) -> None:
    answer = post(larger, "mode=fast&colour=blue")

    assert (answer.status, answer.body, answer.warnings) == (
        200,
        b"",
        (
            "?colour: not in the specification",
            "the fake does not model changeThing: the answer is made from its schema",
        ),
    )


@pytest.mark.parametrize(
    ("query", "body", "what"),
    [
        ("size=3", b"", "mode"),
        ("mode=fast&size=big", b"", "size"),
        ("mode=fast", b"[]", "request body"),
    ],
    ids=["required query", "query of the path", "optional body"],
)
def test_its_requests_are_held_to_the_specification(larger: FakeTavus, query: str, body: bytes, what: str) -> None:
    answer = post(larger, query, body)

    assert (answer.status, answer.json()) == (400, {"error": f"Invalid {what}"})


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("terms=1&terms=-2", 200),
        ("terms=1&terms=2&terms=3", 400),
        ("terms=one", 400),
        ("scale=1", 200),
        ("scale=1.25", 200),
        ("scale=1.75", 400),
        ("scale=1&scale=1", 400),
        ("scale=much", 400),
        ("signs=plus,minus", 200),
        ("signs=plus,times", 400),
        ("signs=plus&signs=minus", 400),
    ],
)
def test_arrays_numbers_and_shared_parameters_are_read(larger: FakeTavus, query: str, code: int) -> None:
    assert larger.handle(FakeRequest("GET", "/v2/sums", query)).status == code


@pytest.mark.parametrize(
    ("fields", "files", "code"),
    [
        ({}, {"file": b"\xff\x00"}, 200),
        ({"copies": "2", "note": "2"}, {"file": b"a"}, 200),
        ({"copies": "two"}, {"file": b"a"}, 400),
        ({}, {"file": b"0123456789"}, 400),
        ({"note": "no file"}, {"other": b""}, 400),
    ],
)
def test_forms_are_read(larger: FakeTavus, fields: dict[str, str], files: dict[str, bytes], code: int) -> None:
    form = httpx.Request("POST", "https://tavus.example", data=fields, files=files)

    assert larger.handle(FakeRequest("POST", "/v2/files", "", dict(form.headers), form.read())).status == code


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"no form"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nnameless\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\ncontent-disposition: form-data; name="note"\r\n\r\n\xff\r\n--x--'),
        (
            "multipart/form-data; boundary=b0",
            b"".join(b"--b%d\r\ncontent-type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(3000)),
        ),
    ],
    ids=["no boundary", "no parts", "no name", "no text", "nested"],
)
def test_what_is_no_form_is_400(larger: FakeTavus, kind: str, body: bytes) -> None:
    assert larger.handle(FakeRequest("POST", "/v2/files", "", {"content-type": kind}, body)).status == 400


def test_every_state_has_an_example_that_clients_know() -> None:
    document = json.loads(resources.files("tavus_api").joinpath("openapi.json").read_bytes())
    states = [
        (name, field, schema)
        for name, model in document["components"]["schemas"].items()
        for field, schema in model.get("properties", {}).items()
        if field == "status" or field.endswith("_status")
    ]

    assert len(states) > 20
    for name, field, schema in states:
        (example,) = schema["examples"]
        assert example in schema.get("x-known-values", schema.get("enum", [example])), (name, field)


def test_every_operation_is_modelled() -> None:
    from tavus_consent.testing._actions import ACTIONS

    assert set(FakeTavus()._router.operations) <= set(ACTIONS)


def test_without_a_validator_it_says_which_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)

    with pytest.raises(MissingExtraError, match=r"tavus-consent\[testing\]"):
        Router({"paths": {}})


def test_the_package_names_what_it_has() -> None:
    import tavus_consent.testing as package

    assert set(package.__all__) <= set(dir(package))
    assert {getattr(package, name).__name__ for name in package.__all__} == set(package.__all__)


def test_the_package_has_nothing_else() -> None:
    import tavus_consent.testing as package

    missing: Any = "FakeTavuss"
    with pytest.raises(AttributeError, match="FakeTavuss"):
        getattr(package, missing)
