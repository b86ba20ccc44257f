"""One run lists everything that is wrong, each with its file, line and JSON pointer."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest
import yaml
from regeneration import pipeline
from regeneration.problems import MAX_REPORT, RegenerationError, listed, together
from regeneration.reading import parse_source

from . import small
from .conftest import main
from .small import TEXT, action, document, source

OPERATIONS = "openapi/operations/things.yaml"


def problems(inputs: dict[str, bytes], *new: Any) -> list[RegenerationError]:
    with pytest.raises(RegenerationError) as caught:
        pipeline.specify_all(inputs, new)
    return list(caught.value.problems)


def edited(**changes: Any) -> dict[str, bytes]:
    """The inputs with other operations; a change is a pointer-like name and a value."""
    files = small.inputs()
    described = yaml.safe_load(files[OPERATIONS])
    for place, value in changes.items():
        node = described
        *steps, last = place.split("|")
        for step in steps:
            node = node.setdefault(step, {})
        node[last] = value
    files[OPERATIONS] = yaml.safe_dump(described, sort_keys=False).encode()
    return files


def line_of(data: bytes, text: str) -> int:
    return data.decode().splitlines().index(next(line for line in data.decode().splitlines() if text in line)) + 1


MEMBER = "paths|/v2/things|post|requestBody|content|application/json|schema|properties|name"


def test_a_type_that_is_none_names_the_file_and_the_operation_it_came_from() -> None:
    files = edited(**{MEMBER: {"type": "integr"}})
    (problem,) = problems(files)
    pointer = "/paths/~1v2~1things/post/requestBody/content/application~1json/schema/properties/name/type"
    assert problem.origin == f"{OPERATIONS}, line {line_of(files[OPERATIONS], 'integr')}, {pointer}"
    assert "'integr' is not valid" in problem.cause


def test_a_type_that_is_none_in_a_component_names_the_component() -> None:
    files = edited(
        **{"components": {"schemas": {"Odd": {"type": "integr"}}}, MEMBER: {"$ref": "#/components/schemas/Odd"}}
    )
    (problem,) = problems(files)
    assert problem.origin.endswith("/components/schemas/Odd/type")


def test_a_reference_to_nothing_is_short_and_has_its_place() -> None:
    (problem,) = problems(edited(**{MEMBER: {"$ref": "#/components/schemas/None"}}))
    assert problem.cause == "#/components/schemas/None refers to nothing"
    assert problem.origin.endswith("/schema/properties/name")


def test_a_line_of_a_page_counts_from_the_top_of_the_page() -> None:
    page = document()
    page["paths"] = {"/v2/things": {"post": small.operation("createThing", sends={"name": {"type": "integr"}})}}
    data = f"# A page\n\nProse.\n\n````yaml post /v2/things\n{yaml.safe_dump(page)}````\n".encode()
    (problem,) = problems(small.inputs(), parse_source(data, "page.md"))
    assert problem.origin.startswith(f"page.md, line {line_of(data, 'integr')}, /paths/")


def test_all_kinds_of_problems_are_listed_in_one_run() -> None:
    files = edited(**{MEMBER: {"type": "integr"}, "components": {"schemas": {"Thing": TEXT}}})
    files["openapi/overlays/70-stale.yaml"] = yaml.safe_dump(
        {"overlay": "1.0.0", "actions": [action("$.paths.nowhere", a=1), action("$.nothing", a=1)]}
    ).encode()
    files["openapi/overlays/71-broken.yaml"] = b"a: ["
    files["openapi/overlays/72-formless.yaml"] = b"overlay: 1.0.0"
    new = document()
    new["components"] = {"schemas": {"Thing": {"type": "integer"}, "a\u202eb": TEXT}}
    new["paths"]["/v2/avatars"] = {"post": small.operation("createAvatar", sends={"train_video_url": TEXT})}
    found = {(problem.step, problem.place) for problem in problems(files, source(new, "new.json"))}
    assert {step for step, _ in found} == {"merge", "overlay", "read", "names", "validate"}
    assert len([place for step, place in found if step == "overlay"]) == 3


def clashing(count: int) -> tuple[dict[str, bytes], Any]:
    ours = {f"Part{number}": TEXT for number in range(count)}
    files = edited(components={"schemas": ours})
    new = document()
    new["components"] = {"schemas": {name: {"type": "integer"} for name in ours}}
    members = {name: {"$ref": f"#/components/schemas/{name}"} for name in ours}
    new["paths"]["/v2/things"]["post"] = small.operation("createThing", sends=members)
    return files, source(new, "third.json")


def test_every_clash_is_listed_with_the_name_that_it_would_get() -> None:
    files, new = clashing(30)
    found = problems(files, new)
    assert [problem.remedy.rpartition(" ")[2] for problem in found] == [f"UpstreamPart{n}" for n in range(30)]
    assert found[0].origin.startswith("third.json, line 1, /components/schemas/Part0; openapi/operations/things.yaml, ")


def test_clashing_components_are_renamed_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    small.without_generator(monkeypatch)
    files, new = clashing(3)
    made = pipeline.run(files, [new], pipeline.Options(rename_components=True)).files
    again = {name: data for name, data in {**files, **made}.items() if name.startswith("openapi/")}
    built = yaml.safe_load(pipeline.run(again, []).files["openapi/tavus.yaml"])
    schemas = built["components"]["schemas"]
    assert (schemas["Part1"], schemas["UpstreamPart1"]) == (TEXT, {"type": "integer"})
    body = built["paths"]["/v2/things"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["Part2"] == {"$ref": "#/components/schemas/UpstreamPart2"}


def test_two_operations_of_one_name_are_told_once() -> None:
    new = document()
    new["paths"] = {path.replace("v2", "v3"): item for path, item in new["paths"].items()}
    found = problems(small.inputs(), source(new))
    assert sorted(problem.step for problem in found) == ["merge"] * 5


# -- length


def test_a_list_of_problems_stays_short() -> None:
    many = [RegenerationError("validate", f"place {n} {'x' * 2000}", "c" * 9000, "r" * 2000) for n in range(500)]
    text = together(many).report()
    assert len(text) < MAX_REPORT
    assert text.endswith("and 499 more problems") or "more problems" in text
    assert len(listed(many, None)) > 500 * 9000


def test_the_same_problem_is_listed_once() -> None:
    one = RegenerationError("a", "b", "c", "d")
    other = RegenerationError("a", "b", "other", "d")
    both = together([one, other, one])
    assert together([one, one]) is one
    assert (list(both.problems), str(both)) == ([one, other], f"{one}; {other}")
    assert list(together([both, one]).problems) == [one, other]


def test_the_command_puts_all_problems_into_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small.without_generator(monkeypatch)
    root = small.built(tmp_path / "tree")
    files, new = clashing(60)
    (root / OPERATIONS).write_bytes(files[OPERATIONS])
    (tmp_path / "new.json").write_bytes(new.data)
    details = tmp_path / "details.txt"
    assert main(["--source", str(tmp_path / "new.json"), "--details", str(details)], root) == 1
    said = capsys.readouterr().err
    assert (len(said) < 4000, f"All of it is in {details}." in said) == (True, True)
    assert said.startswith("Nothing was written: there are 60 problems.\n")
    assert details.read_text().count("step:   merge") == 60


def test_what_is_built_of_a_document_that_clashes_still_has_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small.without_generator(monkeypatch)
    root = small.built(tmp_path / "tree")
    new = json.loads(clashing(2)[1].data)
    new["openapi"] = "2.0"
    (tmp_path / "new.json").write_text(json.dumps(new))
    assert main(["--report", "--source", str(tmp_path / "new.json")], root) == 1
    said = capsys.readouterr().out
    assert "it says openapi: '2.0'" in said
    assert "## Where this comes from" in said


# -- tools


@pytest.mark.parametrize("tool", ["ruff", "oas-patch"])
def test_a_tool_that_is_missing_is_one_line(
    tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small.without_generator(monkeypatch)
    root = small.built(tmp_path)

    def version(name: str) -> str:
        if name == tool:
            raise PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(pipeline, "version", version)
    assert main([], root) == 1
    said = f"Nothing was written: {tool}: {tool} is not installed in this environment; run make setup.\n"
    assert capsys.readouterr().err == said


def test_a_program_that_is_missing_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small.without_generator(monkeypatch)
    root = small.built(tmp_path)
    monkeypatch.setattr(pipeline.shutil, "which", lambda *_, **__: None)
    assert main([], root) == 1
    assert capsys.readouterr().err == "Nothing was written: ruff: there is no program of this name; run make setup.\n"
