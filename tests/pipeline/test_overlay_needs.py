"""One table declares what the overlay needs from the specification; the code and every build must match it."""

from __future__ import annotations

import copy
import inspect
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_python_client.strings import PythonIdentifier
from regeneration import needs
from regeneration.python_names import HAND_WRITTEN
from regeneration.schemas import operations, resolve

from tavus_consent.namespaces._async.faces import AsyncFaces
from tavus_consent.namespaces._async.replicas import AsyncReplicas
from tavus_consent.namespaces._async.voices import AsyncVoices
from tavus_consent.namespaces._sync.faces import Faces
from tavus_consent.namespaces._sync.replicas import Replicas
from tavus_consent.namespaces._sync.voices import Voices

from .conftest import PROJECT, main

TABLE = (PROJECT / needs.TABLE).read_bytes()
NEEDS = yaml.safe_load(TABLE)
DOCUMENT = yaml.load((PROJECT / "openapi/tavus.yaml").read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
CLASSES: dict[str, tuple[type, ...]] = {
    "replicas": (Replicas, AsyncReplicas),
    "faces": (Faces, AsyncFaces),
    "voices": (Voices, AsyncVoices),
}
CREATES = {one["operationId"] for _, _, one in operations(DOCUMENT) if one["x-consent"] == "create"}
GATED = [(space, name, entry) for space, entries in NEEDS["gated"].items() for name, entry in entries.items()]
PAGE = "openapi/upstream/create-replica.md"
FIELD = "consent_video_url"


# The table and the code


def test_the_namespaces_that_are_written_by_hand_are_gated_ones() -> None:
    assert set(NEEDS["gated"]) == set(CLASSES) > HAND_WRITTEN


def test_the_creates_of_likenesses_are_the_operations_with_two_doors() -> None:
    doors = {"create_personal", "create_non_human"}
    assert {name for _, name, entry in GATED if doors & set(entry["methods"])} == CREATES
    assert {name for _, name, entry in GATED if doors <= set(entry["methods"])} == CREATES


def test_no_create_of_a_likeness_has_a_generated_method() -> None:
    for space in CLASSES:
        for cls in CLASSES[space]:
            assert not hasattr(cls, "create"), f"{cls.__name__}.create sends a create without the gate"


@pytest.mark.parametrize(("space", "name", "entry"), GATED, ids=[name for _, name, _ in GATED])
def test_every_method_and_argument_of_the_table_exists(space: str, name: str, entry: dict[str, Any]) -> None:
    for cls in CLASSES[space]:
        for method in entry["methods"]:
            arguments = set(inspect.signature(getattr(cls, method)).parameters)
            # A thing of no person has no consent.
            wanted = {one for one in entry["sends"].values() if (method, one) != ("create_non_human", "consent")}
            assert wanted - arguments == set(), f"{cls.__name__}.{method} does not take these of {name}"


def test_every_endpoint_that_the_code_asks_for_is_in_the_table() -> None:
    listed = {str(PythonIdentifier(name, "")) for _, name, _ in GATED}
    found = set()
    for path in (PROJECT / "overlay" / "tavus_consent").glob("*/_async/*.py"):
        for era, verb in re.findall(r"(FACES|REPLICAS|kind)\.endpoint\(\"(\w+)\"\)", path.read_text()):
            every = ["face", "replica", "voice"] if verb == "create" else ["face", "replica"]
            nouns = {"FACES": ["face"], "REPLICAS": ["replica"]}.get(era, every)
            found |= {f"{verb}_{noun}{'s' if verb == 'list' else ''}" for noun in nouns}
    assert found == listed


# The table and the specification


def said(change: Callable[[Any], None], table: bytes = TABLE) -> list[str]:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    return [f"{one.place}: {one.cause}" for one in needs.problems(document, {needs.TABLE: table})]


def request_of(document: Any, path: str) -> Any:
    return resolve(document, document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"])


def test_the_specification_has_what_the_overlay_needs() -> None:
    assert said(lambda document: None) == []


def test_an_operation_that_is_renamed_is_named() -> None:
    gone = "openapi/needs.yaml, gated/replicas/createReplica"
    assert said(lambda document: document["paths"]["/v2/replicas"]["post"].update(operationId="makeReplica")) == [
        f"{gone}: the operation createReplica is gone, and the overlay calls it",
        "openapi/tavus.yaml, post /v2/replicas: makeReplica makes a likeness: it has no generated method, and no "
        "method behind the consent gate",
    ]


def test_a_member_that_is_gone_is_named() -> None:
    assert said(lambda document: request_of(document, "/v2/faces")["properties"].pop("face_name")) == [
        "openapi/needs.yaml, gated/faces/createFace/sends: createFace has no face_name, which the overlay sends"
    ]


@pytest.mark.parametrize("nested", [False, True])
def test_a_member_that_no_argument_reaches_is_named(nested: bool) -> None:
    def change(document: Any) -> None:
        members = request_of(document, "/v2/replicas")["properties"]
        (resolve(document, members["properties"])["properties"] if nested else members)["voice_id"] = {"type": "string"}

    name = "properties.voice_id" if nested else "voice_id"
    assert said(change) == [
        f"openapi/tavus.yaml, post /v2/replicas: {name} is new in createReplica: no argument of create_personal, "
        "create_non_human sends it"
    ]


def test_a_parameter_that_no_argument_reaches_is_named() -> None:
    new = {"name": "force", "in": "query", "schema": {"type": "boolean"}}
    assert said(lambda document: document["paths"]["/v2/faces/{face_id}"]["delete"]["parameters"].append(new)) == [
        "openapi/tavus.yaml, delete /v2/faces/{face_id}: force is new in deleteFace: no argument of delete sends it"
    ]


def test_what_is_left_out_with_a_reason_is_not_named() -> None:
    table = copy.deepcopy(NEEDS)
    del table["gated"]["faces"]["createFace"]["sends"]["voice_name"]
    table["gated"]["faces"]["createFace"]["left_out"] = {"voice_name": "nobody asked for it"}
    assert said(lambda document: None, yaml.safe_dump(table).encode()) == []


def test_an_operation_of_a_gated_tag_without_a_method_is_named() -> None:
    def change(document: Any) -> None:
        document["paths"]["/v3/avatars"] = {
            "post": {"operationId": "createAvatar", "tags": ["Replicas"], "responses": {"200": {"description": ""}}}
        }

    assert said(change) == ["openapi/tavus.yaml, post /v3/avatars: no method of tavus.replicas sends createAvatar"]


def test_a_create_of_a_likeness_without_a_method_is_named_with_the_remedy() -> None:
    made = {"operationId": "createAvatar", "tags": ["Avatars"], "x-consent": "create", "responses": {}}
    document = copy.deepcopy(DOCUMENT)
    document["paths"]["/v3/avatars"] = {"post": made}
    (problem,) = needs.problems(document, {needs.TABLE: TABLE})
    assert (problem.place, problem.cause) == (
        "openapi/tavus.yaml, post /v3/avatars",
        "createAvatar makes a likeness: it has no generated method, and no method behind the consent gate",
    )
    assert problem.remedy == (
        "write create_personal and create_non_human of tavus.avatars in overlay/tavus_consent, and list them in "
        "openapi/needs.yaml, gated/avatars"
    )


@pytest.mark.parametrize(("path", "name"), [("/v2/voices", "createVoice"), ("/v2/replicas", "createReplica")])
@pytest.mark.parametrize("value", ["use", None])
def test_an_operation_behind_the_gate_that_is_no_create_is_named(path: str, name: str, value: str | None) -> None:
    assert said(lambda document: document["paths"][path]["post"].update({"x-consent": value})) == [
        f"openapi/tavus.yaml, post {path}: the consent gate precedes {name}, but its x-consent is {value}"
    ]


def test_a_member_of_an_answer_that_is_gone_is_named() -> None:
    def change(document: Any) -> None:
        answer = document["paths"]["/v2/videos/{video_id}"]["get"]["responses"]["200"]
        del resolve(document, answer["content"]["application/json"]["schema"])["properties"]["status"]

    assert said(change) == ["openapi/needs.yaml, used/getVideo/reads: getVideo has no status, which the overlay reads"]


def test_a_missing_table_is_named() -> None:
    (problem,) = needs.problems(DOCUMENT, {})
    assert (problem.place, problem.cause) == ("openapi/needs.yaml", "it is missing")


def test_the_build_fails_by_the_name_of_what_is_gone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page without ``consent_video_url``, the overlay documents mended as a maintainer would."""
    root = tmp_path / "tree"
    shutil.copytree(PROJECT / "openapi", root / "openapi")
    source = (root / PAGE).read_text()
    source = re.sub(rf" {{16}}{FIELD}:\n(?: {{18}}.*\n)+", "", source)
    source = re.sub(rf" {{18}}{FIELD}: >-\n {{20}}.*\n", "", source)
    (tmp_path / "page.md").write_text(source)
    for path in (root / "openapi" / "overlays").glob("*.yaml"):
        overlay = yaml.safe_load(path.read_text().replace(f",'{FIELD}'", ""))
        overlay["actions"] = [action for action in overlay["actions"] if FIELD not in action["target"]]
        path.write_text(yaml.safe_dump(overlay))
    assert main(["--source", str(tmp_path / "page.md")], root) == 1
    assert f"createReplica has no {FIELD}, which the overlay sends" in capsys.readouterr().err
