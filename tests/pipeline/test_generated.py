"""The raw client: of what we describe, and of what Tavus publishes as a whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from regeneration.generator import generate
from regeneration.problems import RegenerationError

from .conftest import PROJECT, SHARED

METHODS = {"get", "put", "post", "delete", "patch"}

# Feeds every documented answer to the generated function and prints those that it does not know.
READ_ANSWERS = """
import importlib, json, pathlib, sys
import httpx, tavus_api
from tavus_api.errors import UnexpectedStatus

package = pathlib.Path(tavus_api.__file__).parent
modules = {path.stem.replace("_", ""): path for path in package.glob("api/*/*.py")}
client = tavus_api.Client(base_url="https://api.example", raise_on_unexpected_status=True)
unknown = []
for operation, statuses in json.load(sys.stdin).items():
    path = modules.get(operation.lower())
    if path is None:
        unknown.append(operation)
        continue
    module = importlib.import_module(f"tavus_api.api.{path.parent.name}.{path.stem}")
    for status in statuses:
        try:
            module._parse_response(client=client, response=httpx.Response(int(status), json={}))
        except UnexpectedStatus:
            unknown.append(f"{operation} {status}")
        except KeyError:
            pass  # known, and it misses a required property in the empty answer
print(json.dumps(unknown))
"""


def documented(source: dict[str, Any]) -> dict[str, list[str]]:
    """The documented statuses of every operation."""
    return {
        operation["operationId"]: [str(status) for status in operation["responses"]]
        for item in source["paths"].values()
        for method, operation in item.items()
        if method in METHODS
    }


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


def test_no_operation_and_no_answer_of_the_whole_api_is_lost(whole_api: Path, whole_source: dict[str, Any]) -> None:
    expected = documented(whole_source)
    assert len(expected) == 54
    result = run("-c", READ_ANSWERS, root=whole_api, stdin=json.dumps(expected))
    assert (result.stdout, result.stderr) == ("[]\n", "")


def test_every_operation_of_the_whole_api_is_in_the_table(whole_api: Path, whole_source: dict[str, Any]) -> None:
    code = "import json; from tavus_api.operations import OPERATIONS; print(json.dumps(list(OPERATIONS)))"
    table = json.loads(run("-c", code, root=whole_api).stdout)
    assert set(documented(whole_source)) - set(table) == set()


def test_no_property_of_a_request_of_the_whole_api_is_lost(whole_api: Path, whole_source: dict[str, Any]) -> None:
    """A choice of schemas beside properties makes the generator drop them."""
    expected = set(
        whole_source["paths"]["/v2/videos"]["post"]["requestBody"]["content"]["application/json"]["schema"][
            "properties"
        ]
    )
    code = (
        "import json; from tavus_api.models import GenerateVideoBody as B; print(json.dumps(list(B.__annotations__)))"
    )
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
    code = """
import json
from tavus_api.operations import OPERATIONS
found = {name: [o.method, o.path, o.retry, o.tag] for name, o in OPERATIONS.items() if o.tag == "Replicas"}
print(json.dumps(found))
"""
    assert json.loads(run("-c", code, root=built).stdout) == {
        "createReplica": ["POST", "/v2/replicas", "if-not-sent", "Replicas"],
        "deleteReplica": ["DELETE", "/v2/replicas/{replica_id}", "safe", "Replicas"],
        "getReplica": ["GET", "/v2/replicas/{replica_id}", "safe", "Replicas"],
        "listReplicas": ["GET", "/v2/replicas", "safe", "Replicas"],
        "renameReplica": ["PATCH", "/v2/replicas/{replica_id}/name", "safe", "Replicas"],
    }


def test_a_null_in_an_answer_loses_nothing(built: Path) -> None:
    code = """
import json
from tavus_api.models import Replica
fields = [name for name in Replica.__annotations__ if name != "additional_properties"]
print(json.dumps(Replica.from_dict({name: None for name in fields}).to_dict() == {name: None for name in fields}))
"""
    assert run("-c", code, root=built).stdout == "true\n"


def specification(**paths: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}


def operation(identifier: str, **more: Any) -> dict[str, Any]:
    return {"operationId": identifier, "x-retry": "safe", "responses": {"200": {"description": ""}}, **more}


def test_two_operations_that_would_share_a_module_are_refused() -> None:
    document = specification(**{"/a": {"get": operation("getIt")}, "/b": {"get": operation("get_it")}})
    with pytest.raises(RegenerationError, match="the operation is missing in the generated package"):
        generate(document, b"post_hooks: []")


def test_properties_beside_a_choice_of_schemas_are_refused() -> None:
    schema = {"type": "object", "properties": {"a": {}}, "oneOf": [{"type": "object"}]}
    body = {"content": {"application/json": {"schema": schema}}}
    with pytest.raises(RegenerationError, match="paths//a/post/requestBody"):
        generate(specification(**{"/a": {"post": operation("postA", requestBody=body)}}), b"post_hooks: []")


def test_ranges_of_statuses_and_the_default_answer_are_kept() -> None:
    answers = {status: {"description": ""} for status in ("200", "4XX", "default")}
    document = specification(**{"/a": {"get": operation("getA", responses=answers)}})
    assert "api/default/get_a.py" in generate(document, b"post_hooks: []")
