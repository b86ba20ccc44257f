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
    "/v2/things/all": {"get": {"operationId": "allThings", "security": []}},
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


def test_an_operation_that_it_does_not_model_is_501(larger: FakeTavus) -> None:
    answer = post(larger, "mode=fast&size=3")

    assert (answer.status, answer.json()) == (501, {"message": "the fake does not model changeThing"})


def test_a_fixed_path_wins_over_a_variable_one(larger: FakeTavus) -> None:
    answer = larger.handle(FakeRequest("GET", "/v2/things/all"))

    assert answer.json() == {"message": "the fake does not model allThings"}


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
        ("terms=1&terms=-2", 501),
        ("terms=1&terms=2&terms=3", 400),
        ("terms=one", 400),
        ("scale=1", 501),
        ("scale=1.25", 501),
        ("scale=1.75", 400),
        ("scale=1&scale=1", 400),
        ("scale=much", 400),
        ("signs=plus,minus", 501),
        ("signs=plus,times", 400),
        ("signs=plus&signs=minus", 400),
    ],
)
def test_arrays_numbers_and_shared_parameters_are_read(larger: FakeTavus, query: str, code: int) -> None:
    assert larger.handle(FakeRequest("GET", "/v2/sums", query)).status == code


@pytest.mark.parametrize(
    ("fields", "files", "code"),
    [
        ({}, {"file": b"\xff\x00"}, 501),
        ({"copies": "2", "note": "2"}, {"file": b"a"}, 501),
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
