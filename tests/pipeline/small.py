"""A small project: one file of operations, two overlays, and a published document with the same content."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from regeneration import baseline, pipeline, tree
from regeneration.reading import Source, parse_source

TEXT = {"type": "string"}
SOURCE = "https://docs.example/openapi.json"


def operation(identifier: str, *path: str, sends: dict[str, Any] | None = None, tag: str = "Things") -> dict[str, Any]:
    """An operation that takes path parameters and members, and answers with an id."""
    answer = {"type": "object", "properties": {"thing_id": dict(TEXT)}}
    made: dict[str, Any] = {
        "operationId": identifier,
        "tags": [tag],
        "parameters": [{"in": "path", "name": name, "required": True, "schema": dict(TEXT)} for name in path],
        "responses": {"200": {"description": "Done.", "content": {"application/json": {"schema": answer}}}},
    }
    if sends is not None:
        schema = {"type": "object", "properties": sends}
        made["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return made


def document() -> dict[str, Any]:
    """Return the published document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://api.example"}],
        "paths": {
            "/v2/things": {
                "post": operation("createThing", sends={"name": dict(TEXT)}),
                "get": operation("listThings"),
            },
            "/v2/things/{thing_id}": {
                "get": operation("getThing", "thing_id"),
                "delete": operation("deleteThing", "thing_id"),
            },
            "/v2/things/{thing_id}/recrawl": {"post": operation("recrawlThing", "thing_id")},
        },
    }


def source(given: dict[str, Any], name: str = SOURCE) -> Source:
    """The document as it comes from outside."""
    return parse_source(json.dumps(given).encode(), name)


def skeleton(given: dict[str, Any]) -> dict[str, Any]:
    """The skeleton of a document."""
    return baseline.skeleton(copy.deepcopy(given))


def action(target: str, **update: Any) -> dict[str, Any]:
    """One action of an overlay document."""
    return {"target": target, "description": "Because.", "update": update}


def inputs(**more: Any) -> dict[str, bytes]:
    """The input files of the project, and more of them as YAML."""
    described = document()
    for item in described["paths"].values():
        for one in item.values():
            one["summary"] = "Ours."
    paths = [f"'{path}'" for path in described["paths"]]
    overlays = {
        "30-retry": [action("$.paths.*.*", **{"x-retry": "safe"})],
        "38-consent": [
            action(f"$.paths[{','.join(paths[:1])}].get", **{"x-consent": "none"}),
            action(f"$.paths[{paths[0]},{paths[2]}].post", **{"x-consent": "none"}),
            action(f"$.paths[{paths[1]}].get", **{"x-consent": "none"}),
            action(f"$.paths[{paths[1]}].delete", **{"x-consent": "none"}),
        ],
    }
    files: dict[str, Any] = {
        "openapi/operations/things.yaml": described,
        "openapi/generator.yaml": {},
        "openapi/needs.yaml": {},
    }
    for name, actions in overlays.items():
        files[f"openapi/overlays/{name}.yaml"] = {"overlay": "1.0.0", "actions": actions}
    made = {name: yaml.safe_dump(value, sort_keys=False).encode() for name, value in {**files, **more}.items()}
    known = baseline.of_source(
        source(document()), None, [f"{verb} {path}" for path, item in document()["paths"].items() for verb in item]
    )
    return {**made, baseline.BASELINE: known.to_bytes()}


def without_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write one file instead of the raw client, which is not what these tests are about."""
    import regeneration.report

    made = {"client.py": b"# made\n"}
    monkeypatch.setattr(pipeline, "generate", lambda *_: made)
    monkeypatch.setattr(regeneration.report, "generate", lambda *_: made)


def built(root: Path) -> Path:
    """Write the project into a folder and build it; the generator has to be replaced before."""
    files = inputs()
    for name, data in {**files, **pipeline.run(files, []).files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    assert tree.read(root, "openapi")["openapi/tavus.yaml"]
    return root
