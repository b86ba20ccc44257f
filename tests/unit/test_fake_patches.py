"""JSON Patch in FakeTavus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tavus_consent.testing import FakeTavus, FakeTransport

Patch = list[dict[str, Any]]
MALFORMED = {"message": "Invalid JSON patch format"}


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    headers = {"x-api-key": "fake-key"}
    transport = FakeTransport(FakeTavus())
    with httpx.Client(transport=transport, base_url="https://tavus.example/v2/", headers=headers) as client:
        yield client


@pytest.fixture
def deployment(http: httpx.Client) -> str:
    """The path of an object with a field that can hold anything."""
    body = {"pal_id": "pcb7a34da5fe", "channel": "widget", "customization": {"a": [1, 2], "b/c": {"~": 3}}}
    return f"deployments/{http.post('deployments', json=body).json()['deployment_id']}"


def step(op: str, path: str, *value: object, **more: object) -> dict[str, Any]:
    at = f"/customization{path}"
    return {"op": op, "path": at, **({"value": value[0]} if value else {}), **more}


@pytest.mark.parametrize(
    ("patch", "after"),
    [
        ([step("add", "/a/0", 0)], {"a": [0, 1, 2], "b/c": {"~": 3}}),
        ([step("add", "/a/-", 0)], {"a": [1, 2, 0], "b/c": {"~": 3}}),
        ([step("add", "/a/2", 0)], {"a": [1, 2, 0], "b/c": {"~": 3}}),
        ([step("add", "/d", None)], {"a": [1, 2], "b/c": {"~": 3}, "d": None}),
        ([step("add", "", {"new": True})], {"new": True}),
        ([step("remove", "/a/0")], {"a": [2], "b/c": {"~": 3}}),
        ([step("remove", "/b~1c/~0")], {"a": [1, 2], "b/c": {}}),
        ([step("replace", "/a/1", 9)], {"a": [1, 9], "b/c": {"~": 3}}),
        ([step("move", "/d", **{"from": "/customization/a"})], {"b/c": {"~": 3}, "d": [1, 2]}),
        ([step("copy", "/d", **{"from": "/customization/a/1"})], {"a": [1, 2], "b/c": {"~": 3}, "d": 2}),
        ([step("test", "/a", [1, 2]), step("remove", "/a")], {"b/c": {"~": 3}}),
    ],
    ids=lambda value: value[0]["op"] + value[0]["path"] if isinstance(value, list) else "",
)
def test_a_patch_is_applied(http: httpx.Client, deployment: str, patch: Patch, after: dict[str, Any]) -> None:
    answer = http.patch(deployment, json=patch)

    assert (answer.status_code, answer.json()["customization"]) == (200, after)


@pytest.mark.parametrize(
    "patch",
    [
        [step("replace", "/d", 1)],
        [step("remove", "/a/2")],
        [step("add", "/a/3", 1)],
        [step("add", "/a/01", 1)],
        [step("add", "/a/x", 1)],
        [step("add", "/a/9999999999", 1)],
        [step("add", "/a/0/b", 1)],
        [step("add", "/d/e", 1)],
        [step("add", "/d")],
        [step("test", "/a/0", True)],
        [step("move", "/d")],
        [step("move", "/a/0", **{"from": "/customization/a"})],
        [step("copy", "/d", **{"from": "/customization/z"})],
        [{"op": "add", "path": "/unknown", "value": 1}],
        [{"op": "remove", "path": ""}],
        [{"op": "replace", "path": "", "value": 1}],
        [{"op": "sing", "path": "/name"}],
        {"op": "add", "path": "/name", "value": "x"},
    ],
    ids=repr,
)
def test_what_is_no_patch_of_the_object_is_422_and_changes_nothing(
    http: httpx.Client, deployment: str, patch: object
) -> None:
    before = http.get(deployment).json()

    answer = http.patch(deployment, json=patch)

    assert (answer.status_code, answer.json()) == (422, MALFORMED)
    assert http.get(deployment).json() == before


def test_half_a_patch_is_not_applied(http: httpx.Client, deployment: str) -> None:
    http.patch(deployment, json=[step("remove", "/a"), step("remove", "/z")])

    assert "a" in http.get(deployment).json()["customization"]


def test_patches_cannot_nest_an_object_deeper_and_deeper(http: httpx.Client, deployment: str) -> None:
    def levels(count: int) -> Any:
        return {"a": levels(count - 1)} if count else {}

    assert http.patch(deployment, json=[step("add", "/a", levels(60))]).status_code == 200
    assert http.patch(deployment, json=[step("add", "/a" * 61, levels(60))]).status_code == 422


def test_a_patch_that_is_too_deep_is_422(http: httpx.Client, deployment: str) -> None:
    deep = '[{"op":"add","path":"/customization","value":' + '{"a":' * 700 + "1" + "}" * 700 + "}]"

    answer = http.patch(deployment, content=deep, headers={"content-type": "application/json"})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("kind", "body", "path", "value"),
    [
        ("personas", {"persona_name": "Sam"}, "/persona_name", "Sam"),
        ("objectives", {"data": [{"objective_name": "ask", "objective_prompt": "?"}]}, "/objective_name", "ask"),
        ("guardrails", {"guardrail_name": "no", "guardrail_prompt": "!"}, "/guardrail_name", "no"),
        ("pronunciation-dictionaries", {"name": "names"}, "/name", "names"),
    ],
)
def test_304_says_that_nothing_changed(
    http: httpx.Client, kind: str, body: dict[str, Any], path: str, value: str
) -> None:
    made = next(iter(http.post(kind, json=body).json().values()))

    answer = http.patch(f"{kind}/{made}", json=[{"op": "replace", "path": path, "value": value}])

    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize("path", ["/objective_prompt", "/data/0/objective_prompt"])
def test_the_first_of_a_set_can_be_patched_as_if_it_were_alone(http: httpx.Client, path: str) -> None:
    body = {"data": [{"objective_name": "ask", "objective_prompt": "?"}]}
    objectives = f"objectives/{http.post('objectives', json=body).json()['objectives_id']}"

    answer = http.patch(objectives, json=[{"op": "replace", "path": path, "value": "Ask."}])

    assert answer.status_code == 200
    assert http.get(objectives).json()["data"]["objective_prompt"] == "Ask."


@pytest.mark.parametrize(
    ("kind", "body", "patch", "said"),
    [
        ("personas", {}, {"path": "/persona_name", "value": 1}, {"error": "Invalid persona_name"}),
        ("personas", {}, {"path": "/default_replica_id", "value": "r0"}, {"error": "Invalid replica_uuid"}),
        (
            "pronunciation-dictionaries",
            {"name": "names", "rules": [{"text": "a", "pronunciation": "b", "type": "alias"}]},
            {"op": "copy", "path": "/rules/-", "from": "/rules/0"},
            {"error": "Invalid request: duplicate text values in rules"},
        ),
        (
            "objectives",
            {"data": [{"objective_name": "ask", "objective_prompt": "?"}]},
            {"op": "remove", "path": "/data/7"},
            {"error": "Invalid patch operation"},
        ),
    ],
    ids=["type", "reference", "rule", "no 422"],
)
def test_what_the_object_would_not_be_created_with_is_400(
    http: httpx.Client, kind: str, body: dict[str, Any], patch: dict[str, Any], said: dict[str, str]
) -> None:
    made = next(iter(http.post(kind, json=body).json().values()))

    answer = http.patch(f"{kind}/{made}", json=[{"op": "add", **patch}])

    assert (answer.status_code, answer.json()) == (400, said)


def test_a_pal_without_a_face_can_be_patched(http: httpx.Client) -> None:
    made = http.post("personas", json={}).json()["persona_id"]

    answer = http.patch(f"pals/{made}", json=[{"op": "add", "path": "/pal_name", "value": "Sam"}])

    assert answer.status_code == 200


def test_stock_cannot_be_patched(http: httpx.Client) -> None:
    answer = http.patch("personas/pcb7a34da5fe", json=[{"op": "add", "path": "/persona_name", "value": "Sam"}])

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid persona_id"})
