"""Constructs that the generated code does not support are rejected: one run names every place."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from regeneration import carry
from regeneration.problems import RegenerationError

from .conftest import PROJECT
from .fragments import Fragment, document
from .fragments.corpus import CARRIED, FRAGMENTS, REFUSED


def found(*fragments: Fragment) -> list[RegenerationError]:
    return list(carry.problems(document(fragments)))


def test_every_fragment_has_a_name_and_a_reason_of_its_own() -> None:
    assert len({one.name for one in FRAGMENTS}) == len(FRAGMENTS)
    assert all(one.why for one in FRAGMENTS)


@pytest.mark.parametrize("fragment", CARRIED, ids=lambda one: one.name)
def test_what_is_carried_is_not_refused(fragment: Fragment) -> None:
    assert [problem.report() for problem in found(fragment)] == []


@pytest.mark.parametrize("fragment", REFUSED, ids=lambda one: one.name)
def test_what_is_not_carried_is_refused_once_with_its_place_and_a_remedy(fragment: Fragment) -> None:
    (problem,) = found(fragment)
    file, _, place = problem.place.partition(", ")
    assert (file, problem.step) == ("openapi/tavus.yaml", "carry")
    assert fragment.refused in place
    assert problem.remedy.endswith(", by an action in openapi/overlays")


BINARY = {"type": "string", "format": "binary"}


@pytest.mark.parametrize(
    ("more", "place"),
    [
        (
            {"parameters": [{"in": "query", "name": "a", "schema": {"type": "object", "properties": {"b": {}}}}]},
            "parameters/0/schema",
        ),
        (
            {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"type": "string"}},
                        "application/octet-stream": {"schema": BINARY},
                    }
                }
            },
            "requestBody/content",
        ),
    ],
    ids=["an object in a query without a style", "JSON or bytes"],
)
def test_what_the_templates_do_not_print_is_refused_before(more: dict[str, Any], place: str) -> None:
    operation = {"operationId": "postA", "responses": {"204": {"description": ""}}, **more}
    (problem,) = carry.problems({"paths": {"/a": {"post": operation}}, "components": {}})
    assert problem.place == f"openapi/tavus.yaml, paths//a/post/{place}"


def test_all_problems_come_in_one_run() -> None:
    chosen = [one for one in REFUSED if not one.root]
    assert len(found(*chosen)) == len(chosen)


def test_the_specification_of_the_project_is_carried() -> None:
    built = yaml.load((PROJECT / "openapi/tavus.yaml").read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    assert list(carry.problems(built)) == []


def test_looking_changes_nothing() -> None:
    made = document(FRAGMENTS)
    before = json.dumps(made)
    list(carry.problems(made))
    assert json.dumps(made) == before
