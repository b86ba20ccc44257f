"""Operations that Tavus's own client calls, and that no document describes. What they answer is a guess."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any, Final

from ._kinds import DOCUMENT, GUARDRAILS
from ._messages import FakeResponse
from ._routes import Router
from ._store import ObjectStore
from ._verbs import FakeCall, find, finished

_ANY: Final = {"200": {"description": "Anything.", "content": {"application/json": {"schema": {}}}}}
_PAGE: Final = {"type": "integer", "minimum": 0}
_LISTED: Final = [
    {"name": "search", "in": "query", "schema": {"type": "string"}},
    {"name": "page", "in": "query", "schema": _PAGE},
    {"name": "limit", "in": "query", "schema": _PAGE},
]
_NOT_FOUND: Final = {"404": {"description": "There is no such document."}}
_PATHS: Final[dict[str, Any]] = {
    "/v2/objectives/validate": {
        "post": {
            "operationId": "validateObjectives",
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CreateObjectivesRequest"}}},
            },
            "responses": _ANY,
        }
    },
    "/v2/guardrails/tags": {"get": {"operationId": "listGuardrailTags", "parameters": _LISTED, "responses": _ANY}},
    "/v2/documents/tags": {"get": {"operationId": "listDocumentTags", "parameters": _LISTED, "responses": _ANY}},
    "/v2/documents/{document_id}/chunks": {
        "get": {
            "operationId": "listDocumentChunks",
            "parameters": [
                {"name": "collection", "in": "query", "schema": {"type": "string"}},
                {"name": "limit", "in": "query", "schema": _PAGE},
                {"name": "offset", "in": "query", "schema": {"type": "string"}},
            ],
            "responses": {**_ANY, **_NOT_FOUND},
        }
    },
}


@cache
def own_client_router() -> Router:
    """Return the router of these operations, without those that the shipped document has meanwhile."""
    shipped = json.loads(resources.files("tavus_api").joinpath("openapi.json").read_bytes())
    paths = {path: item for path, item in _PATHS.items() if path not in shipped["paths"]}
    return Router({**shipped, "paths": paths, "security": [{"apiKey": []}]})


def validate(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Check a set of objectives without keeping it: references, one beginning, and no loops unless they are allowed."""
    errors = list(_problems(call.body["data"], loops=bool(call.body.get("allow_loops"))))
    return finished(call, {"valid": not errors, "errors": errors})


def _problems(objectives: list[dict[str, Any]], *, loops: bool) -> Iterator[str]:
    following = {one["objective_name"]: _following(one) for one in objectives}
    if len(following) < len(objectives):
        yield "two objectives have the same name"
    for name, others in following.items():
        for other in others:
            if other not in following:
                yield f"{name} leads to {other}, which is not in the set"
    reached = {other for others in following.values() for other in others}
    beginnings = [name for name in following if name not in reached]
    if len(beginnings) > 1:
        yield f"the set has several beginnings: {', '.join(beginnings)}"
    if not loops and _has_loop(following):
        yield "the objectives lead in a loop"


def _following(objective: dict[str, Any]) -> list[str]:
    required = objective.get("next_required_objective")
    return [*(objective.get("next_conditional_objectives") or {}), *([required] if required else [])]


def _has_loop(following: dict[str, list[str]]) -> bool:
    """Return True if a path leads back to its beginning: the objectives without a follower are removed, repeatedly."""
    left = dict(following)
    while True:
        ends = {name for name, others in left.items() if not any(other in left for other in others)}
        if not ends:
            return bool(left)
        left = {name: others for name, others in left.items() if name not in ends}


def guardrail_tags(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return the tags of all guardrails."""
    return _tags(call, (thing.fields.get("tags") for thing in store.all(GUARDRAILS).values()))


def document_tags(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return the tags of all documents."""
    return _tags(call, (thing.fields.get("tags") for thing in store.all(DOCUMENT).values()))


def _tags(call: FakeCall, tags: Iterable[Iterable[str] | None]) -> FakeResponse:
    wanted = str(call.query.get("search", "")).lower()
    found = sorted({tag for some in tags for tag in some or () if wanted in tag.lower()})
    start = call.query.get("page", 0) * call.query.get("limit", 10)
    # as the docstring of Tavus's client has it
    return finished(call, {"tags": found[start : start + call.query.get("limit", 10)], "total_count": len(found)})


def chunks(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return what was read of a document: the fake reads nothing, so this is a sentence about it."""
    thing = find(store, call)
    ready = thing.fields.get("status") == "ready"
    text = {"chunk_id": f"{thing.id}-0", "content": f"The text of {thing.fields.get('document_name')}."}
    return finished(call, {"chunks": [text] if ready else [], "next_offset": None})
