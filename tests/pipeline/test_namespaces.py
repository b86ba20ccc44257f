"""Namespaces: a new operation in the specification becomes a typed method, sync and async, with no other change."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from regeneration.answers import open_answers
from regeneration.python_names import CLIENT_NAMES, method_name, namespace_name

from tavus_consent import Tavus

from .conftest import main
from .test_generated import run

# Operations that Tavus never had, some with names that nobody should choose.
ZOO = r'''
openapi: 3.1.0
info: {title: Operations that a test adds, version: 1.0.0}
tags:
  - {name: Parrots, description: 'Birds that say """ and \N{BELL}.'}
paths:
  /v2/parrots:
    get:
      operationId: listParrots
      tags: [Parrots]
      x-paging: {first: 0, size: 2, items: flock.birds, total: flock.size}
      parameters:
        - {name: page, in: query, schema: {type: integer}}
        - {name: limit, in: query, schema: {type: integer}}
        - {name: from, in: query, schema: {type: string}}
        - {name: tags, in: query, explode: false, schema: {type: array, items: {type: string}}}
      responses:
        "200":
          description: Birds.
          content:
            application/json:
              schema:
                type: object
                properties:
                  flock:
                    type: object
                    properties:
                      birds: {type: array, items: {$ref: '#/components/schemas/Parrot'}}
                      size: {type: integer}
    post:
      operationId: createParrot
      x-consent: use
      tags: [Parrots]
      description: 'Ends with a quote "'
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [class]
              properties:
                class: {type: string, enum: [grey, "it's"]}
                self: {type: [string, "null"], description: 'A """ trap \'}
                "a b": {type: object, properties: {"def": {type: integer}, "x-y": {type: boolean}}}
                print: {type: number}
                use: {type: string}
      responses:
        "200":
          description: The bird.
          content: {application/json: {schema: {$ref: '#/components/schemas/Parrot'}}}
  /v2/parrots/{parrot_id}:
    parameters:
      - {name: parrot_id, in: path, required: true, schema: {type: string}}
    get:
      operationId: getParrot
      tags: [Parrots]
      responses:
        "200":
          description: The bird in a cage.
          content:
            application/json:
              schema: {type: object, properties: {data: {type: array, items: {$ref: '#/components/schemas/Parrot'}}}}
    patch:
      operationId: patchParrot
      x-consent: use
      tags: [Parrots]
      parameters:
        - {name: If-Match, in: header, schema: {type: string}}
      requestBody:
        content:
          application/json:
            schema:
              type: array
              items:
                type: object
                required: [op, path]
                properties: {op: {type: string}, path: {type: string}, value: {}}
      responses:
        "200": {description: Changed.}
        "304": {description: Nothing changed.}
  /v2/parrots/{parrot_id}/photo:
    post:
      operationId: sendParrotPhoto
      tags: [Parrots]
      parameters:
        - {name: parrot_id, in: path, required: true, schema: {type: string}}
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [photo]
              properties:
                photo: {type: string, format: binary}
                caption: {type: string}
      responses:
        "200": {description: Thanks.}
  /v2/raw:
    get:
      operationId: getRaw
      tags: [Raw]
      x-method: __init__
      responses:
        "200": {description: Raw., content: {application/json: {schema: {type: string}}}}
components:
  schemas:
    Parrot:
      type: object
      description: |
        A bird. """ + __import__("os").abort() + """
      properties:
        parrot_id: {type: string}
        mood: {type: string, enum: [calm, loud]}
        hatched_at: {type: string, format: date-time}
        hash: {type: integer}
        mother: {$ref: '#/components/schemas/Parrot'}
'''

# What somebody does with them. Prints nothing when all of it holds.
USE = r"""
import asyncio, io, json, pathlib, sys
import httpx
from tavus_consent import AsyncTavus, Tavus

birds = [{"parrot_id": f"p{n}", "mood": "furious", "hatched_at": "2026-01-02 03:04:05"} for n in range(3)]
seen = []

def serve(request):
    seen.append(request)
    path, query = request.url.path, dict(request.url.params)
    if path.endswith("/photo") or request.method == "PATCH":
        return httpx.Response(200)
    if path == "/v2/raw":
        return httpx.Response(200, json="raw")
    if request.method == "POST":
        return httpx.Response(200, json={**birds[0], "new": 1, "mother": birds[1]})
    if path == "/v2/parrots":
        first = int(query["page"]) * int(query["limit"])
        page = birds[first:first + int(query["limit"])]
        return httpx.Response(200, json={"flock": {"birds": page, "size": 3}})
    return httpx.Response(200, json={"data": [birds[0]]}, headers={"etag": '"v1"'})

def check(created, listed, read, changed, raw, sent):
    assert (created.parrot_id, created.mood, created.extra) == ("p0", "furious", {"new": 1})
    assert created.mother.parrot_id == "p1"
    assert created.hatched_at.year == 2026 and created.to_dict()["mother"]["parrot_id"] == "p1"
    assert [bird.parrot_id for bird in listed] == ["p0", "p1", "p2"]
    assert read.parrot_id == "p0" and changed is True and raw == "raw"
    bodies = [request.read() for request in seen]
    first = {"class": "grey", "self": None, "a b": {"def": 1, "x-y": True}, "print": 1.5, "use": "perch"}
    assert json.loads(bodies[0]) == first, bodies[0]
    assert dict(seen[1].url.params) == {"page": "0", "limit": "2", "from": "here", "tags": "a,b"}
    patch = next(request for request in seen if request.method == "PATCH")
    assert json.loads(patch.content) == [{"op": "replace", "path": "/mood", "value": "calm"}]
    assert patch.headers["if-match"] == '"v1"'
    assert b"cracker" in bodies[-2] and b"caption" in bodies[-2] and sent == [(7, 7)], sent

photo = pathlib.Path("photo.png")
photo.write_bytes(b"cracker")
sent = []
new = {"class_": "grey", "self_": None, "a_b": {"def": 1, "x-y": True}, "print_": 1.5, "use_body": "perch"}
tavus = Tavus("k", transport=httpx.MockTransport(serve))
created = tavus.parrots.create(**new, use="onboarding")
listed = list(tavus.parrots.list(from_="here", tags=["a", "b"]))
read, changed = tavus.parrots.get("p0"), tavus.parrots.patch("p0", changes={"mood": "calm", "gone": None}, use="ads")
tavus.parrots.photo("p0", photo=photo, caption="Hi", on_progress=lambda *n: sent.append(n))
check(created, listed, read, changed, tavus.raw_.field_init(), sent)

async def main():
    seen.clear(), sent.clear()
    tavus = AsyncTavus("k", transport=httpx.MockTransport(serve))
    created = await tavus.parrots.create(**new, use="onboarding")
    listed = [bird async for bird in tavus.parrots.list(from_="here", tags=["a", "b"])]
    read, changed = await tavus.parrots.get("p0"), await tavus.parrots.patch("p0", changes={"mood": "calm"})
    await tavus.parrots.photo("p0", photo=io.BytesIO(b"cracker"), caption="Hi", on_progress=lambda *n: sent.append(n))
    check(created, listed, read, changed, await tavus.raw_.field_init(), sent)

asyncio.run(main())
"""


@pytest.fixture(scope="session")
def zoo(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree whose specification has operations more, regenerated."""
    root = tmp_path_factory.mktemp("zoo") / "tree"
    shutil.copytree(built, root)
    (root / "openapi" / "operations" / "zoo.yaml").write_text(ZOO)
    assert main([], root) == 0
    return root


def test_an_operation_that_is_added_is_a_method_sync_and_async(zoo: Path) -> None:
    done = run("-W", "error", "-c", USE, root=zoo)
    assert (done.stderr, done.returncode) == ("", 0)


def test_hostile_names_and_texts_pass_the_strict_type_checker(zoo: Path) -> None:
    package = zoo / "generated" / "tavus_api"
    files = ["api/parrots", "api/raw", "models/parrot.py", "api/__init__.py"]
    options = ["--strict", "--no-incremental", "--follow-imports=silent", "--explicit-package-bases"]
    done = run("-m", "mypy", *options, *(str(package / file) for file in files), root=zoo / "generated")
    assert done.stdout.startswith("Success"), done.stdout


def operation(**more: Any) -> dict[str, Any]:
    return {"operationId": "x", "responses": {"200": {"description": "Fine."}}, **more}


@pytest.mark.parametrize(
    ("verb", "path", "namespace", "name"),
    [
        ("post", "/v2/videos", "videos", "create"),
        ("get", "/v2/videos", "videos", "list"),
        ("get", "/v2/videos/{video_id}", "videos", "get"),
        ("patch", "/v2/videos/{video_id}", "videos", "patch"),
        ("put", "/v2/videos/{video_id}", "videos", "replace"),
        ("delete", "/v2/videos/{video_id}", "videos", "delete"),
        ("patch", "/v2/videos/{video_id}/name", "videos", "rename"),
        ("post", "/v2/conversations/{conversation_id}/end", "conversations", "end"),
        ("get", "/v2/deployments/{deployment_id}/init", "deployments", "get_init"),
        ("get", "/v2/pals/{pal_id}/tools", "pal_tools", "list"),
        ("post", "/v2/pals/{pal_id}/tools", "pal_tools", "create"),
        ("delete", "/v2/pals/{pal_id}/tools/{tool_id}", "pal_tools", "delete"),
        ("put", "/v2/pals/{pal_id}/skills", "pal_skills", "replace"),
    ],
)
def test_a_method_is_named_by_its_verb_and_path(verb: str, path: str, namespace: str, name: str) -> None:
    assert method_name(verb, path, operation(), namespace) == name


@pytest.mark.parametrize(
    ("given", "name"), [("check_username", "check_username"), ("list", "list"), ("class", "class_"), ("str", "str_")]
)
def test_a_method_can_be_named_and_stays_safe(given: str, name: str) -> None:
    assert method_name("get", "/v2/pals", operation(**{"x-method": given}), "pals") == name


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"tags": ["PALs"]}, "pals"),
        ({"tags": ["Canvas Interactions", "Other"]}, "canvas_interactions"),
        ({}, "default"),
        ({"tags": ["PALs"], "x-namespace": "friends"}, "friends"),
        ({"tags": ["close"]}, "close_"),
        ({"tags": ["%%"]}, "default"),
        ({"tags": ["import"]}, "import_"),
    ],
)
def test_a_namespace_is_named_by_its_tag(more: dict[str, Any], name: str) -> None:
    assert namespace_name(operation(**more)) == name


def test_no_namespace_can_hide_behind_what_a_client_has_already() -> None:
    from tavus_api.api import SyncNamespaces

    own = {name for name in dir(Tavus) if not name.startswith("_")} - set(dir(SyncNamespaces))
    assert own - {"faces", "replicas"} == CLIENT_NAMES


def answers(schema: Any, request: Any = None) -> dict[str, Any]:
    made: dict[str, Any] = operation(
        responses={"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    )
    if request is not None:
        made["requestBody"] = {"content": {"application/json": {"schema": request}}}
    return made


def opened(document: dict[str, Any]) -> Any:
    (item,) = document["paths"].values()
    (made,) = item.values()
    return made["responses"]["200"]["content"]["application/json"]["schema"]


def test_words_of_answers_stay_open_and_are_kept_as_known() -> None:
    schema = {
        "properties": {"s": {"enum": ["a", None]}, "k": {"const": 1}, "d": {"type": "string", "format": "date-time"}}
    }
    document = {"paths": {"/a": {"get": answers(schema)}}}
    open_answers(document)
    assert opened(document)["properties"] == {
        "s": {"x-known-values": ["a"], "type": ["string", "null"]},
        "k": {"x-known-values": [1], "type": "integer"},
        "d": {"type": "string", "x-date": True},
    }


def test_what_is_sent_stays_strict_where_an_answer_shares_its_schema() -> None:
    reference = {"$ref": "#/components/schemas/Outer"}
    document = {
        "paths": {"/a": {"post": answers(dict(reference), dict(reference))}},
        "components": {
            "schemas": {
                "Outer": {"type": "object", "properties": {"inner": {"$ref": "#/components/schemas/Inner"}}},
                "Inner": {"type": "string", "enum": ["a"]},
            }
        },
    }
    open_answers(document)
    schemas = document["components"]["schemas"]
    assert (
        json.loads(json.dumps(document["paths"]["/a"]["post"]))["requestBody"]["content"]["application/json"]["schema"]
        == reference
    )
    assert schemas["Inner"] == {"type": "string", "enum": ["a"]}
    assert schemas["InnerAnswer"] == {"type": "string", "x-known-values": ["a"]}
    assert schemas["OuterAnswer"]["properties"]["inner"] == {"$ref": "#/components/schemas/InnerAnswer"}
