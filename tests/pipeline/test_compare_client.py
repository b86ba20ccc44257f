"""scripts/compare_client.py: the differences from Tavus's own client, and their reasons."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import compare_client
import pytest
from compare_client import differences, facts, installed, main
from regeneration.problems import RegenerationError

WORDS = {"enum": ["a", "b"]}


def holds(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def document(schema: Any) -> dict[str, Any]:
    """A specification with one operation that sends something, and the operations that the script knows by name."""
    places = {place.split(" ")[1]: place.split(" ")[0].lower() for place in compare_client.PLACES.values()}
    paths: dict[str, Any] = {path: {verb: {"responses": {}}} for path, verb in places.items()}
    paths["/v2/things/{thing_id}"] = {
        "post": {
            "parameters": [{"name": "page", "in": "query", "schema": {}}],
            "requestBody": {"content": {"application/json": {"schema": schema}}},
        }
    }
    return {"paths": paths}


def sent(model: Any = None, **more: Any) -> dict[str, Any]:
    """What a client sends: one request, with a model if one is given."""
    request = {"request": "POST /v2/things/{}", "query": [], "body": [], "model": "Thing" if model else "", **more}
    return {"requests": [request], "failed": {}, "models": {"Thing": model} if model else {}}


@pytest.mark.parametrize(
    ("theirs", "ours", "said"),
    [
        (sent(request="GET /v2/others"), {}, ["GET /v2/others: missing"]),
        (sent(query=["page", "size"]), {}, ["POST /v2/things/{} query size: missing"]),
        (sent(body=["a", "b"]), holds(a={}), ["POST /v2/things/{} body b: missing"]),
        (sent(holds(a={})), holds(b={}), ["body a: missing", "body b: only in ours"]),
        (sent(holds(a=holds(b={}))), holds(a=holds(c={})), ["body a.b: missing", "body a.c: only in ours"]),
        (
            sent(holds(a={"type": "array", "items": holds(b={})})),
            holds(a={"type": "array", "items": holds(c={})}),
            ["body a[].b: missing", "body a[].c: only in ours"],
        ),
        (sent(holds(a=WORDS)), holds(a={"enum": ["b", "c"]}), ["body a: missing: a", "body a: only in ours: c"]),
        (sent(holds(a={"const": "x"})), holds(a=WORDS), ["body a: missing: x", "body a: only in ours: a, b"]),
        (
            sent({**holds(a={"$ref": "#/$defs/Inner"}), "$defs": {"Inner": holds(b={})}}),
            holds(a=holds(c={})),
            ["body a.b: missing", "body a.c: only in ours"],
        ),
        (
            {**sent(), "models": {"Stray": holds(), "Outer": {"$defs": {"Stray": holds()}}}},
            {},
            ["model Outer: not compared"],
        ),
        ({**sent(), "failed": {"things.get": "TypeError"}}, {}, ["method things.get: cannot be called"]),
    ],
)
def test_a_difference_is_told(theirs: dict[str, Any], ours: dict[str, Any], said: list[str]) -> None:
    found = [str(one) for one in differences(theirs, document(ours))]
    assert [one.removeprefix("POST /v2/things/{} ") for one in found] == [
        one.removeprefix("POST /v2/things/{} ") for one in said
    ]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (sent(query=["page"]), {}),
        (sent(holds(a={"anyOf": [WORDS, {"type": "null"}]})), holds(a=WORDS)),
        (sent(holds(a={"type": "object"})), holds(a=holds(b={}))),
        (sent(holds(a=holds(b={}))), holds(a={"type": "object"})),
        (sent(holds(a=WORDS)), holds(a={"type": "string"})),
        (sent(holds(a={})), {"type": "object"}),
    ],
    ids=["a parameter", "null", "any members", "any members in ours", "any word in ours", "any body in ours"],
)
def test_what_says_the_same_or_less_is_no_difference(theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    assert differences(theirs, document(ours)) == []


def test_a_model_that_is_sent_in_parts_is_compared_where_its_members_are() -> None:
    ours = document({})
    ours["paths"]["/v2/guardrails"] = {"get": {"parameters": [{"name": "page", "in": "query"}]}, "post": {}}
    theirs = {**sent(), "models": {"GuardrailListParams": holds(page={}, size={})}}
    assert [str(one) for one in differences(theirs, ours)] == ["GET /v2/guardrails query size: missing"]


def test_a_place_of_such_a_model_that_is_gone_is_told() -> None:
    theirs = {**sent(), "models": {"GuardrailListParams": holds(page={})}}
    ours = document({})
    del ours["paths"]["/v2/guardrails"]
    assert [str(one) for one in differences(theirs, ours)] == ["GET /v2/guardrails: missing"]


# -- the command


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a specification that lacks the one member that the client sends."""
    (tmp_path / "openapi").mkdir()
    (tmp_path / "openapi" / "tavus.yaml").write_text(json.dumps(document(holds(b={}))))
    monkeypatch.setattr(compare_client, "facts", lambda _: sent(body=["a"]))
    return tmp_path


def reasons(tree: Path, *entries: dict[str, str]) -> None:
    (tree / "openapi" / "differences.yaml").write_text(json.dumps({"client": entries}))


REASON = {"where": "POST /v2/things/{} body a", "what": "missing", "reason": "Because."}


def test_a_difference_needs_a_reason(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--python", "python"], tree) == 1
    assert "POST /v2/things/{} body a: missing  [NO REASON]" in capsys.readouterr().out


def test_a_reason_is_enough(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reasons(tree, REASON)
    assert main(["--python", "python"], tree) == 0
    assert main(["--python", "python", "--all"], tree) == 0
    assert capsys.readouterr().out.count("[Because.]") == 1


def test_a_reason_for_nothing_is_told(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reasons(tree, REASON, {**REASON, "where": "POST /v2/others"})
    assert main(["--python", "python"], tree) == 1
    assert "nothing is different at POST /v2/others" in capsys.readouterr().err


def test_without_the_client_nothing_is_compared(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compare_client, "installed", lambda: None)
    assert main([], tree) == 0
    assert capsys.readouterr().out == "Skipped: tavus-cli is not installed. The tests in tests/contract install it.\n"


def test_an_environment_without_the_client_does_not_count(tmp_path: Path) -> None:
    assert installed(tmp_path) is None
    folder = tmp_path / ".venv" / "tavus-cli" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(sys.executable)
    assert installed(tmp_path) is None


def test_a_client_that_cannot_be_asked_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegenerationError, match="ModuleNotFoundError"):
        facts(Path(sys.executable))
