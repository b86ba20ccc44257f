"""openapi/tavus.yaml describes the whole API completely, and in the form that its readers expect."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import yaml

from .conftest import PROJECT, SHARED

ABOUT = ("x-source", "x-as-of", "x-confidence")
METHODS = ("get", "put", "post", "delete", "patch")
DOCUMENT: dict[str, Any] = yaml.load(
    (PROJECT / "openapi" / "tavus.yaml").read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
)


class Entry(NamedTuple):
    """One operation and where it stands."""

    method: str
    path: str
    operation: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


ALL = [
    Entry(method, path, item[method])
    for path, item in DOCUMENT["paths"].items()
    for method in METHODS
    if method in item
]
PAGED = [entry for entry in ALL if "x-paging" in entry.operation]
BY_ID = {entry.operation["operationId"]: entry for entry in ALL}


def resolved(node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def parameters(entry: Entry, place: str) -> set[str]:
    return {one["name"] for one in map(resolved, entry.operation.get("parameters", ())) if one["in"] == place}


def links() -> Iterator[tuple[Entry, dict[str, Any]]]:
    for entry in ALL:
        for answer in entry.operation["responses"].values():
            for link in resolved(answer).get("links", {}).values():
                yield entry, link


# -- complete


@pytest.fixture(scope="session")
def known() -> list[dict[str, Any]]:
    path = SHARED / "facts" / "tavus-endpoints.json"
    if not path.exists():
        pytest.skip("the sheet of facts is not part of the project")
    facts: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    # Third parties' and the client's own findings stay out: no description of Tavus's stands behind them.
    return [one for one in facts if "official docs" in one["confidence"]]


def test_every_operation_that_tavus_describes_is_there(known: list[dict[str, Any]]) -> None:
    expected = {f"{one['method'].lower()} {one['path']}" for one in known}
    assert {str(entry) for entry in ALL if entry.operation["x-as-of"] < "2026-11"} == expected


def test_every_operation_that_tavus_has_described_since_is_there() -> None:
    assert {str(entry) for entry in ALL if entry.operation["x-as-of"] >= "2026-11"} == {
        "post /v2/conversations/{conversation_id}/send-app-message",
        "get /v2/memory-stores",
        "post /v2/memory-stores",
        "get /v2/memory-stores/{memory_store_id}",
        "delete /v2/memory-stores/{memory_store_id}",
        "get /v2/memory-stores/{memory_store_id}/pinned",
        "post /v2/memory-stores/{memory_store_id}/pinned",
        "patch /v2/memory-stores/{memory_store_id}/pinned/{memory_id}",
        "delete /v2/memory-stores/{memory_store_id}/pinned/{memory_id}",
        "patch /v2/voices/{voice_id}",
        "delete /v2/voices/{voice_id}",
    }


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for member, found in schema.get("properties", {}).items():
            yield f"{name}.{member}", found


def test_a_field_that_is_newer_than_its_operation_says_its_source_too() -> None:
    marked = {name: field for name, field in fields() if any(key in field for key in ABOUT)}

    assert {"CreateConversationRequest.participant_tags", "CreatePalRequest.greeting"} <= marked.keys()
    assert [name for name, field in marked.items() if not all(field.get(key) for key in ABOUT)] == []
    assert {field["x-confidence"] for field in marked.values()} == {"official-excerpt"}


def test_every_parameter_that_tavus_describes_is_there(known: list[dict[str, Any]]) -> None:
    by_place = {str(entry): entry for entry in ALL}
    missing = [
        (one["path"], parameter["name"])
        for one in known
        for parameter in one["params"]
        if parameter["name"] not in parameters(by_place[f"{one['method'].lower()} {one['path']}"], parameter["in"])
    ]
    assert missing == []


def test_every_status_that_tavus_describes_is_there(known: list[dict[str, Any]]) -> None:
    by_place = {str(entry): entry for entry in ALL}
    missing = [
        (one["path"], status)
        for one in known
        for status in one["responses"]
        if status not in by_place[f"{one['method'].lower()} {one['path']}"].operation["responses"]
    ]
    assert missing == []


def test_what_tavus_calls_deprecated_is(known: list[dict[str, Any]]) -> None:
    expected = {f"{one['method'].lower()} {one['path']}" for one in known if one.get("deprecated")}
    assert {str(entry) for entry in ALL if entry.operation.get("deprecated")} == expected


# -- what readers rely on


@pytest.mark.parametrize("key", ["summary", "description", "x-source", "x-as-of", "x-confidence", "x-retry"])
def test_every_operation_says(key: str) -> None:
    assert [str(entry) for entry in ALL if not entry.operation.get(key)] == []


def test_confidence_is_one_of_three_words() -> None:
    words = {entry.operation["x-confidence"] for entry in ALL}
    assert words == {"official", "official-excerpt", "official-withdrawn"}


def test_every_list_with_pages_says_how_they_are_counted() -> None:
    paged = {str(entry) for entry in ALL if "page" in parameters(entry, "query")}
    assert {str(entry) for entry in PAGED if "page" in entry.operation["x-paging"]} == paged


@pytest.mark.parametrize("entry", PAGED, ids=str)
def test_what_is_said_of_pages_is_in_the_operation(entry: Entry) -> None:
    paging = entry.operation["x-paging"]
    content = resolved(entry.operation["responses"]["200"])["content"]["application/json"]
    assert {paging[name] for name in ("page", "limit") if name in paging} - parameters(entry, "query") == set()
    assert paging["items"] in resolved(content["schema"])["properties"]


@pytest.mark.parametrize("entry", [entry for entry in ALL if "x-unwrap" in entry.operation], ids=str)
def test_what_is_unwrapped_is_in_the_answer(entry: Entry) -> None:
    content = resolved(entry.operation["responses"]["200"])["content"]["application/json"]
    assert entry.operation["x-unwrap"] in resolved(content["schema"])["properties"]


def test_links_give_only_what_the_operation_takes() -> None:
    wrong = [
        (str(entry), link["operationId"])
        for entry, link in links()
        if link.get("parameters", {}).keys() - parameters(BY_ID[link["operationId"]], "path")
    ]
    assert wrong == []


def test_links_read_only_what_is_there() -> None:
    """A member of the answer that no schema knows would never be found."""
    expressions = [
        (entry, value)
        for entry, link in links()
        for value in link.get("parameters", {}).values()
        if "$response.body" in value
    ]
    for entry, expression in expressions:
        status = min(code for code in entry.operation["responses"] if code.startswith("2"))
        schema = resolved(entry.operation["responses"][status])["content"]["application/json"]["schema"]
        for step in expression.partition("#/")[2].split("/"):
            schema = resolved(schema)
            schema = schema["items"] if step.isdigit() else schema["properties"][step]
    assert expressions


def test_a_create_leads_to_what_it_created() -> None:
    """If an item has its own path, the response to its create links to it."""
    creates = {
        entry.path: {link["operationId"] for found, link in links() if found is entry}
        for entry in ALL
        if entry.method == "post" and not entry.path.endswith("}")
    }
    items = {
        entry.path.rpartition("/")[0]: entry for entry in ALL if entry.method == "get" and entry.path.endswith("}")
    }
    silent = [path for path, targets in creates.items() if path in items if not targets]
    assert silent == []


def test_only_what_visitors_call_takes_no_key() -> None:
    public = {entry.operation["operationId"] for entry in ALL if entry.operation["security"] == []}
    assert public == {
        "recordCanvasInteraction",
        "getDeploymentInit",
        "startDeploymentConversation",
        "endDeploymentConversation",
    }


def test_a_json_patch_is_one_wherever_it_is_taken() -> None:
    taken = {
        entry.path
        for entry in ALL
        if entry.method == "patch"
        and entry.operation["requestBody"]["content"]["application/json"]["schema"]
        == {"type": "array", "items": {"$ref": "#/components/schemas/JsonPatchOperation"}}
    }
    assert taken == {
        "/v2/deployments/{deployment_id}",
        "/v2/guardrails/{guardrails_id}",
        "/v2/objectives/{objectives_id}",
        "/v2/pals/{pal_id}",
        "/v2/personas/{persona_id}",
        "/v2/pronunciation-dictionaries/{dictionary_id}",
    }


def test_a_json_patch_may_change_nothing() -> None:
    changed = {entry.path for entry in ALL if "304" in entry.operation["responses"]}
    assert len(changed) == 6


def test_a_request_takes_web_addresses_only() -> None:
    """A URI can be one that nobody can download from or call."""
    loose = [
        (name, member)
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for member, value in schema.get("properties", {}).items()
        if value.get("format") == "uri" and not re.search("https", value.get("pattern", ""))
    ]
    assert loose == []
