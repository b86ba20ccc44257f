"""The raw client, generated from our descriptions and from Tavus's whole document."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from regeneration import generator
from regeneration.generator import check_templates, generate, render
from regeneration.problems import RegenerationError

from . import small
from .conftest import PROJECT, SHARED

METHODS = {"get", "put", "post", "delete", "patch"}

# Prints the operations that the package has, with their good statuses.
LIST_OPERATIONS = """
import importlib, json, pathlib
import tavus_api

package = pathlib.Path(tavus_api.__file__).parent
found = {}
for path in sorted(package.glob("api/*/[!_]*.py")):
    one = importlib.import_module(f"tavus_api.api.{path.parent.name}.{path.stem}").OPERATION
    found[one.identifier] = [one.method, one.path, one.retry, path.parent.name]
print(json.dumps(found))
"""


def run(*command: str, root: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(root / "generated"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *command], cwd=root, env=environment, input=stdin, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def whole_source() -> dict[str, Any]:
    path = SHARED / "specs" / "tavus-openapi-2026-05-23.yaml"
    if not path.exists():
        pytest.skip("the description of the whole API is not part of the project")
    source: dict[str, Any] = yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return source


def test_no_operation_of_the_whole_api_is_lost(whole_api: Path, whole_source: dict[str, Any]) -> None:
    found = json.loads(run("-c", LIST_OPERATIONS, root=whole_api).stdout)
    expected = {
        operation["operationId"]: [method.upper(), path]
        for path, item in whole_source["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }
    assert len(expected) == 54
    assert {name: found[name][:2] for name in expected} == expected


def test_no_property_of_a_request_of_the_whole_api_is_lost(whole_api: Path, whole_source: dict[str, Any]) -> None:
    """A choice of schemas beside properties makes the generator drop them."""
    expected = set(
        whole_source["paths"]["/v2/videos"]["post"]["requestBody"]["content"]["application/json"]["schema"][
            "properties"
        ]
    )
    listed = "json.dumps(list(GenerateVideoBodyParam.__annotations__))"
    code = f"import json; from tavus_api.models import GenerateVideoBodyParam; print({listed})"
    assert expected - set(json.loads(run("-c", code, root=whole_api).stdout)) == set()


def test_the_whole_raw_client_passes_mypy_strict(whole_api: Path, tmp_path: Path) -> None:
    command = ["-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(tmp_path), "generated/tavus_api"]
    result = run(*command, root=whole_api)
    assert result.returncode == 0, result.stdout


def test_the_sdk_works_on_the_whole_raw_client(whole_api: Path) -> None:
    """A new upstream changes what is behind the names that the overlay uses, not the names."""
    code = """
import importlib, pkgutil
import tavus_consent
for module in pkgutil.walk_packages(tavus_consent.__path__, "tavus_consent."):
    if not module.name.startswith("tavus_consent.__pyinstaller."):
        importlib.import_module(module.name)
with tavus_consent.Tavus(api_key="key") as tavus:
    print(*(getattr(tavus, name).list.__name__ for name in ("replicas", "faces", "videos", "documents", "personas")))
"""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(whole_api / "generated"), str(PROJECT / "overlay")]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("list list list list list\n", "")


def test_the_operations_on_replicas_and_how_they_may_be_sent_again(built: Path) -> None:
    found = json.loads(run("-c", LIST_OPERATIONS, root=built).stdout)
    assert {name: one[:3] for name, one in found.items() if one[3] == "replicas"} == {
        "createReplica": ["POST", "/v2/replicas", "if-not-sent"],
        "deleteReplica": ["DELETE", "/v2/replicas/{replica_id}", "safe"],
        "getReplica": ["GET", "/v2/replicas/{replica_id}", "safe"],
        "listReplicas": ["GET", "/v2/replicas", "safe"],
        "renameReplica": ["PATCH", "/v2/replicas/{replica_id}/name", "safe"],
    }


def specification(**paths: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}


def operation(identifier: str, **more: Any) -> dict[str, Any]:
    return {"operationId": identifier, "x-retry": "safe", "responses": {"200": {"description": ""}}, **more}


def test_two_operations_that_would_share_a_module_are_refused() -> None:
    document = specification(**{"/a": {"get": operation("getIt")}, "/b": {"get": operation("get_it")}})
    with pytest.raises(RegenerationError, match="the operation is missing in the generated package"):
        generate(document, b"post_hooks: []")


def test_two_good_answers_of_two_kinds_are_both_read() -> None:
    answers = {
        "200": {"description": "", "content": {"application/json": {"schema": {"type": "string"}}}},
        "202": {"description": "", "content": {"application/json": {"schema": {"type": "integer"}}}},
        "204": {"description": ""},
    }
    source = render(specification(**{"/a": {"get": operation("getA", responses=answers)}}))["api/default/get_a.py"]
    assert "def _read_answer(status: int, data: Any) -> str | int | None:" in source
    assert "if status == 200:" in source


def test_every_template_carries_the_hash_of_its_origin() -> None:
    check_templates()


def test_a_template_whose_origin_changed_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = (generator.TEMPLATES / "errors.py.jinja").read_text()
    (tmp_path / "errors.py.jinja").write_text(re.sub("sha256 [0-9a-f]{8}", "sha256 00000000", old))
    monkeypatch.setattr(generator, "TEMPLATES", tmp_path)
    with pytest.raises(RegenerationError, match="forked") as caught:
        check_templates()
    assert caught.value.place == "openapi/templates/errors.py.jinja"


def test_two_classes_of_one_name_are_refused() -> None:
    thing = {"type": "object", "properties": {"a": {"type": "string"}}}
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    responses = {
        "200": {
            "description": "",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ThingParam"}}},
        }
    }
    document = specification(**{"/a": {"post": operation("postA", requestBody=body, responses=responses)}})
    document["components"] = {"schemas": {"Thing": thing, "ThingParam": thing}}
    with pytest.raises(RegenerationError, match="two classes would be called ThingParam"):
        render(document)


def test_two_methods_of_one_name_are_refused_and_both_named() -> None:
    one, other = operation("a", tags=["A"]), operation("b", **{"tags": ["A"], "x-method": "list"})
    with pytest.raises(RegenerationError, match=r"a\.list") as caught:
        render(specification(**{"/v2/a": {"get": one, "put": other}}))
    assert "get /v2/a and put /v2/a" in caught.value.place


def test_a_create_of_a_likeness_has_a_function_and_no_method() -> None:
    document = small.document()
    document["paths"]["/v2/things"]["post"]["x-consent"] = "create"
    document["paths"]["/v3/avatars"] = {
        "post": small.operation("createAvatar", tag="Avatars") | {"x-consent": "create"}
    }
    files = render(document)
    methods = {
        name: re.findall(r"def ([a-z]\w*)\(", files[f"api/{name}/__init__.py"]) for name in ("things", "avatars")
    }
    assert set(methods["things"]) == {"list", "get", "delete", "recrawl"}
    assert methods["avatars"] == []
    assert "Its methods are written by hand." in files["api/__init__.py"]
    for name in ("things/create_thing", "avatars/create_avatar"):
        assert "def sync_detailed(" in files[f"api/{name}.py"]
