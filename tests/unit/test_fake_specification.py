"""The fake follows its specification: also one that says more than the present one."""

from __future__ import annotations

import json
import sys
from importlib import resources
from typing import Any

import pytest

from tavus_consent.errors import MissingExtraError
from tavus_consent.testing import FakeRequest, FakeResponse, FakeTavus, fake
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
}


@pytest.fixture
def larger(monkeypatch: pytest.MonkeyPatch) -> FakeTavus:
    document = json.loads(resources.files("tavus_api").joinpath("openapi.json").read_bytes())
    router = Router({**document, "paths": {**document["paths"], **EXTRA_PATHS}})
    monkeypatch.setattr(fake, "shipped_router", lambda: router)
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
