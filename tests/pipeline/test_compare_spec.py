"""scripts/compare_spec.py: the differences from a whole specification, and their reasons."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from compare_spec import differences, main
from regeneration import baseline
from regeneration.plain import load_mapping

from .conftest import PROJECT, SHARED


def document(operation: dict[str, Any] | None = None, **schemas: Any) -> dict[str, Any]:
    """A document of one operation, POST /a."""
    default = {"operationId": "createA", "x-retry": "safe", "responses": {"200": {"description": ""}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"post": {**default, **(operation or {})}}},
        "components": {"schemas": schemas},
    }


def body(schema: Any, **more: Any) -> dict[str, Any]:
    return document({"requestBody": {"content": {"application/json": {"schema": schema}}, **more}})


def answer(schema: Any) -> dict[str, Any]:
    return document({"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}})


def query(**parameter: Any) -> dict[str, Any]:
    return document({"parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}, **parameter}]})


def holds(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
NESTED, OTHER = (holds(a={"type": "array", "items": holds(b=kind)}) for kind in (TEXT, NUMBER))


@pytest.mark.parametrize(
    ("theirs", "ours", "said"),
    [
        (query(), document(), "POST /a query q: missing"),
        (document(), query(), "POST /a query q: only in ours"),
        (query(), query(schema=NUMBER), "POST /a query q: integer, theirs string"),
        (query(), query(required=True), "POST /a query q: required, theirs optional"),
        (body(holds(a=TEXT)), body(holds(b=TEXT)), "POST /a body a: missing\nPOST /a body b: only in ours"),
        (body(holds(a=TEXT)), document(), "POST /a body: missing"),
        (body(TEXT), body(TEXT, required=True), "POST /a body: required, theirs optional"),
        (
            body(NESTED),
            body(holds(a={"type": "array", "items": holds(b=NUMBER)})),
            "body a[].b: integer, theirs string",
        ),
        (body(TEXT), body({"type": ["string", "null"]}), "POST /a body: null or string, theirs string"),
        (body({**holds(a=TEXT), "required": ["a"]}), body(holds(a=TEXT)), "body a: optional, theirs required"),
        (body({}), body(TEXT), "POST /a body: string, theirs any value"),
        (answer(holds(a=TEXT)), answer(holds(a=NUMBER)), "response 200.a: integer, theirs string"),
        (answer(TEXT), document(), "response 200: no body, theirs string"),
        (document({"responses": {"200": {}, "404": {}}}), document(), "response 404: missing"),
    ],
)
def test_a_difference_is_told(theirs: dict[str, Any], ours: dict[str, Any], said: str) -> None:
    assert said in "\n".join(map(str, differences(theirs, ours)))


def test_an_operation_that_we_lack_is_told() -> None:
    theirs = document()
    theirs["paths"]["/b"] = {"get": {"responses": {}}}
    assert [str(one) for one in differences(theirs, document())] == ["GET /b: missing"]


@pytest.mark.parametrize(
    "ours",
    [
        answer({"type": ["string", "null"]}),
        answer({"type": "string", "enum": ["a"], "description": "A"}),
        {**answer({"$ref": "#/components/schemas/A"}), "components": {"schemas": {"A": TEXT}}},
        answer({"anyOf": [TEXT, {"type": "null"}]}),
        answer({"allOf": [{}, TEXT]}),
    ],
    ids=["null in an answer", "words", "a reference", "a choice of one", "a whole of parts"],
)
def test_what_says_the_same_is_no_difference(ours: dict[str, Any]) -> None:
    assert differences(answer(TEXT), ours) == []


def test_an_operation_that_only_we_have_is_no_difference() -> None:
    ours = document()
    ours["paths"]["/b"] = {"get": {"responses": {}}}
    assert differences(document(), ours) == []


def test_within_what_only_one_side_has_nothing_is_told() -> None:
    assert [str(one) for one in differences(body(NESTED), body(holds()))] == ["POST /a body a: missing"]


def test_a_schema_that_holds_itself_has_an_end() -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}}}
    both = {**body({"$ref": "#/components/schemas/A"}), "components": {"schemas": {"A": schema}}}
    assert differences(both, copy.deepcopy(both)) == []


# -- reasons


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A folder whose one operation lacks the query that the other specification, beside it, has."""
    (tmp_path / "openapi" / "operations").mkdir(parents=True)
    (tmp_path / "openapi" / "overlays").mkdir()
    for name in ("openapi/tavus.yaml", "openapi/operations/a.yaml"):
        (tmp_path / name).write_text(json.dumps(document()))
    (tmp_path / "theirs-2026-05-23.json").write_text(json.dumps(query()))
    return tmp_path


def compared(root: Path, *options: str) -> int:
    return main([str(root / "theirs-2026-05-23.json"), *options], root)


def reasons(root: Path, **entry: Any) -> None:
    (root / "openapi" / "differences.yaml").write_text(json.dumps({"differences": [entry]}))


def test_a_difference_without_a_reason_fails(given: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compared(given) == 1
    assert capsys.readouterr().out == "POST /a query q: missing  [NO REASON]\n1 differences, 1 without a reason.\n"


@pytest.mark.parametrize("where", ["POST /a query q", "POST * q", ["POST /b query q", "* query q"]])
def test_an_entry_is_a_reason(given: Path, where: Any, capsys: pytest.CaptureFixture[str]) -> None:
    reasons(given, where=where, what="missing", reason="Because.")
    assert compared(given, "--all") == 0
    assert "POST /a query q: missing  [Because.]\n" in capsys.readouterr().out


@pytest.mark.parametrize("entry", [{"where": "POST /a body"}, {"where": "POST /a query q", "what": "only in ours"}])
def test_an_entry_for_something_else_is_none_and_is_told(
    given: Path, entry: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    reasons(given, reason="Because.", **entry)
    assert compared(given) == 1
    assert f"nothing is different at {entry['where']}" in capsys.readouterr().err


def test_an_entry_without_a_reason_is_refused(given: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reasons(given, where="POST /a query q")
    assert compared(given) == 1
    assert "file:   openapi/differences.yaml" in capsys.readouterr().err


def test_the_overlay_that_makes_a_difference_is_its_reason(given: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (given / "openapi/operations/a.yaml").write_text(json.dumps(query()))
    action = {"target": "$.paths['/a'].post.parameters", "description": "It does nothing.", "remove": True}
    overlay = {"overlay": "1.0.0", "info": {"title": "T", "version": "1"}, "actions": [action]}
    (given / "openapi/overlays/10-a.yaml").write_text(json.dumps(overlay))
    assert compared(given, "--all") == 0
    assert "[openapi/overlays/10-a.yaml]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ours", "theirs", "code"),
    [
        ("2026-10", None, 0),
        ("2026-05/2026-10", None, 0),
        ("2026-05-23", None, 1),
        ("2025", None, 1),
        ("2026-10", "2026-11", 1),
    ],
)
def test_a_newer_source_is_a_reason(given: Path, ours: str, theirs: str | None, code: int) -> None:
    (given / "openapi/tavus.yaml").write_text(json.dumps(document({"x-as-of": ours})))
    assert compared(given, *(["--as-of", theirs] if theirs else [])) == code


def test_what_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "absent.yaml")], PROJECT) == 1
    assert "absent.yaml: No such file or directory" in capsys.readouterr().err


# -- the whole API


SPEC = SHARED / "specs" / "tavus-openapi-2026-05-23.yaml"


@pytest.mark.skipif(not SPEC.exists(), reason="the description of the whole API is not part of the project")
def test_every_difference_from_the_whole_api_has_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(SPEC)], PROJECT) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not SPEC.exists(), reason="the description of the whole API is not part of the project")
@pytest.mark.parametrize(
    "lose",
    [
        lambda built: built["paths"]["/v2/documents"]["get"]["parameters"].pop(0),
        lambda built: built["paths"]["/v2/documents/{document_id}/recrawl"]["post"]["responses"].pop("409"),
        lambda built: built["components"]["schemas"]["Document"]["properties"].pop("progress"),
        lambda built: built["components"]["schemas"]["CreateDocumentRequest"].pop("required"),
        lambda built: built["paths"]["/v2/lipsync"].pop("post"),
    ],
    ids=["a parameter", "a status", "a field", "what is required", "an operation"],
)
def test_the_reasons_hide_nothing_that_is_lost(tmp_path: Path, lose: Callable[[Any], Any]) -> None:
    shutil.copytree(PROJECT / "openapi", tmp_path / "openapi")
    built = load_mapping((PROJECT / "openapi/tavus.yaml").read_bytes(), "tavus.yaml")
    lose(built)
    (tmp_path / "openapi/tavus.yaml").write_text(json.dumps(built))
    assert main([str(SPEC)], tmp_path) == 1


# -- the baseline


def test_what_has_a_reason_becomes_the_baseline(given: Path) -> None:
    reasons(given, where="POST /a query q", reason="Because.")
    assert compared(given, "--baseline") == 0
    known = baseline.read({baseline.BASELINE: (given / baseline.BASELINE).read_bytes()})
    assert known is not None
    assert (known.source, known.document["paths"]["/a"]["post"]["x-described"]) == ("theirs-2026-05-23.json", True)


def test_what_has_none_does_not(given: Path) -> None:
    assert compared(given, "--baseline") == 1
    assert not (given / baseline.BASELINE).exists()
