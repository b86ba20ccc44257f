"""Operations of FakeTavus that only Tavus's own client calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tavus_consent.testing import FakeRequest, FakeTavus, FakeTransport


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus()


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as client:
        yield client


def objective(name: str, *, then: str | None = None, if_so: str | None = None) -> dict[str, Any]:
    more = {"next_required_objective": then} if then else {}
    more |= {"next_conditional_objectives": {if_so: "they agree"}} if if_so else {}
    return {"objective_name": name, "objective_prompt": "Ask.", **more}


@pytest.mark.parametrize(
    ("data", "more", "errors"),
    [
        ([objective("a", then="b"), objective("b", if_so="c"), objective("c")], {}, []),
        ([objective("a"), objective("a")], {}, ["two objectives have the same name"]),
        ([objective("a", then="z")], {}, ["a leads to z, which is not in the set"]),
        ([objective("a"), objective("b")], {}, ["the set has several beginnings: a, b"]),
        ([objective("a", then="b"), objective("b", if_so="a")], {}, ["the objectives lead in a loop"]),
        ([objective("a", then="b"), objective("b", if_so="a")], {"allow_loops": True}, []),
    ],
)
def test_objectives_are_validated_and_not_kept(
    fake: FakeTavus, http: httpx.Client, data: list[dict[str, Any]], more: dict[str, Any], errors: list[str]
) -> None:
    answer = http.post("objectives/validate", json={"data": data, **more})

    assert (answer.status_code, answer.json()) == (200, {"valid": not errors, "errors": errors})
    assert fake.objects("objectives") == {}


def test_a_set_that_is_none_is_refused(http: httpx.Client) -> None:
    answer = http.post("objectives/validate", json={"data": [{"objective_name": "a"}]})

    assert (answer.status_code, answer.headers["x-fake-reason"][:25]) == (400, "/data/0/objective_prompt:")


@pytest.mark.parametrize("kind", ["guardrails", "documents"])
@pytest.mark.parametrize(
    ("query", "tags"),
    [
        ({}, ["a", "b", "sales"]),
        ({"search": "SAL"}, ["sales"]),
        ({"limit": 2}, ["a", "b"]),
        ({"limit": 2, "page": 1}, ["sales"]),
    ],
)
def test_tags_are_listed(
    fake: FakeTavus, http: httpx.Client, kind: str, query: dict[str, Any], tags: list[str]
) -> None:
    for index, some in enumerate((["b", "a"], ["sales", "a"], None)):
        fake.add(kind.removesuffix("s") if kind == "documents" else kind, id=f"x{index}", tags=some)

    assert http.get(f"{kind}/tags", params=query).json()["tags"] == tags


def test_a_document_has_chunks_when_it_is_ready(fake: FakeTavus, http: httpx.Client) -> None:
    body = {"document_url": "https://media.example/a.pdf", "document_name": "Notes"}
    path = f"documents/{http.post('documents', json=body).json()['document_id']}/chunks?collection=regular&limit=100"

    before = http.get(path).json()["chunks"]
    fake.advance(hours=1)

    assert (before, [chunk["content"] for chunk in http.get(path).json()["chunks"]]) == ([], ["The text of Notes."])
    assert http.get("documents/none/chunks").status_code == 404


def test_they_need_the_key_and_other_methods_are_those_of_the_api(fake: FakeTavus, http: httpx.Client) -> None:
    assert fake.handle(FakeRequest("GET", "/v2/guardrails/tags")).status == 401
    assert http.delete("guardrails/tags").status_code == 404


def test_deployments_are_filtered_by_the_pal(fake: FakeTavus, http: httpx.Client) -> None:
    for name in ("p1", "p2"):
        fake.add("deployment", id=f"d{name}", pal_id=name)

    listed = http.get("deployments", params={"pal_id": "p2"}).json()["data"]

    assert [each["deployment_id"] for each in listed] == ["dp2"]
