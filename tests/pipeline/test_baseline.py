"""What upstream changed is told by what upstream said before, whatever our own files say."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from regeneration import baseline, pipeline
from regeneration.reading import parse_source
from regeneration.report import Report, report

from . import small
from .conftest import PROJECT, SHARED, main
from .small import TEXT, document, operation, source

WHOLE = SHARED / "specs" / "tavus-openapi-2026-05-23.yaml"


@pytest.fixture
def committed(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The files of the small project, built."""
    small.without_generator(monkeypatch)
    files = small.inputs()
    return {**files, **pipeline.run(files, []).files}


def told(committed: dict[str, bytes], new: dict[str, Any], options: pipeline.Options | None = None) -> Report:
    return report(committed, [source(new)], options)


# -- what is kept


def test_a_skeleton_has_names_and_types_and_no_prose() -> None:
    given = document()
    given["paths"]["/v2/things"]["post"] |= {"summary": "Prose.", "description": "More prose."}
    schema = given["paths"]["/v2/things"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema["properties"]["name"] |= {"description": "Prose.", "enum": ["a", "Some prose, and more of it: too much."]}
    schema["properties"]["name"] |= {
        "examples": ["Prose."],
        "title": "Prose",
        "default": "Prose that goes on and on, too.",
    }
    text = json.dumps(small.skeleton(given))
    assert ("rose" in text, '"enum": ["a"]' in text) == (False, True)


def test_a_baseline_is_read_as_it_was_written() -> None:
    given = baseline.of_source(source(document()), None, ["post /v2/things"], '"tag"')
    assert baseline.read({baseline.BASELINE: given.to_bytes()}) == given


def test_a_path_on_a_machine_is_not_kept() -> None:
    assert baseline.of_source(source(document(), "/home/me/spec.json"), None).source == "spec.json"


@pytest.mark.parametrize(
    "broken",
    [
        *({"tags": junk} for junk in (5, True, {"a": 1}, [None], "", [["a"]])),
        *({"operationId": junk} for junk in (5, True, {"a": 1}, ["a"], -1.5)),
        {"parameters": 5, "deprecated": 5, "security": 5},
        {"parameters": [5, {"name": 3}, {"$ref": "#/nowhere"}]},
        {"requestBody": {"$ref": "#/components/requestBodies/None"}},
        {"requestBody": {"content": 5}},
        {"responses": {"200": {"content": {"a/b": {"schema": {"type": 5, "enum": 5, "properties": [], "allOf": 5}}}}}},
    ],
)
def test_a_skeleton_leaves_out_what_is_not_formed_as_it_should_be(broken: dict[str, Any]) -> None:
    given = document()
    given["paths"]["/v2/things"]["post"] |= broken
    made = small.skeleton(given)
    assert made["paths"]["/v2/things"]["post"]["operationId"] in ("createThing", "post /v2/things")
    assert isinstance(baseline.compare(small.skeleton(document()), made), list)


def test_the_committed_baseline_is_plain_facts() -> None:
    def texts(node: Any) -> list[str]:
        if isinstance(node, dict):
            return [text for key, value in node.items() for text in (key, *texts(value))]
        return [text for one in node for text in texts(one)] if isinstance(node, list) else [str(node)]

    known = yaml.safe_load((PROJECT / baseline.BASELINE).read_bytes())
    assert [text for text in texts(known) if text.count(" ") > 3] == []
    assert len(known["x-sha256"]) == 64


@pytest.mark.skipif(not WHOLE.exists(), reason="the description of the whole API is not part of the project")
def test_the_document_that_is_known_changes_nothing_of_upstream() -> None:
    known = baseline.read({baseline.BASELINE: (PROJECT / baseline.BASELINE).read_bytes()})
    given = parse_source(WHOLE.read_bytes(), "spec.yaml")
    assert known is not None
    assert baseline.changes(known, [], [given]) == []


# -- what is told


def test_the_document_that_is_known_changes_nothing(committed: dict[str, bytes]) -> None:
    said = told(committed, document())
    assert said.markdown.startswith("# What the specification changes: nothing changes\n")
    assert "Upstream is the document of the baseline, byte for byte" in said.markdown


def test_other_prose_changes_nothing(committed: dict[str, bytes]) -> None:
    new = document()
    new["info"]["description"] = "Other prose."
    said = told(committed, new)
    assert (said.breaking, "says the same apart from prose" in said.markdown) == (False, True)


def test_an_operation_that_upstream_removed_is_reported_although_we_describe_it(committed: dict[str, bytes]) -> None:
    new = document()
    del new["paths"]["/v2/things/{thing_id}"]["delete"]
    said = told(committed, new)
    assert said.breaking
    assert "- **Breaking.** `deleteThing` removed: `DELETE /v2/things/{thing_id}`" in said.markdown
    assert "`things.delete` is gone at Tavus; our method stays, and its calls fail" in said.markdown
    assert "`--drop 'DELETE /v2/things/{thing_id}'`" in said.markdown


def test_what_is_dropped_is_a_method_that_is_gone(committed: dict[str, bytes]) -> None:
    new = document()
    del new["paths"]["/v2/things/{thing_id}/recrawl"]
    wishes = pipeline.Options(pipeline.old_pages.Wishes(["POST /v2/things/{thing_id}/recrawl"]))
    said = told(committed, new, wishes)
    assert "Python: `things.recrawl` is gone, and `api.things.recrawl_thing`" in said.markdown
    assert said.problems == []


def test_links_to_what_is_dropped_go_and_are_told(committed: dict[str, bytes]) -> None:
    links = {
        "Delete": {"operationId": "deleteThing"},
        "Again": {"operationRef": "#/paths/~1v2~1things~1{thing_id}/delete"},
        "Get": {"operationId": "getThing"},
    }
    action = small.action("$.paths['/v2/things'].post.responses['200']", links=links)
    alone = small.action("$.paths['/v2/things'].get.responses['200']", links={"Delete": links["Delete"]})
    overlay = yaml.safe_dump({"overlay": "1.0.0", "actions": [action, alone]}).encode()
    files = {**committed, "openapi/overlays/46-links.yaml": overlay}
    new = document()
    del new["paths"]["/v2/things/{thing_id}"]["delete"]
    assert "## Notes" not in report(files, [source(document())]).markdown
    wishes = pipeline.Options(pipeline.old_pages.Wishes(["DELETE /v2/things/{thing_id}"]))
    said = report(files, [source(new)], wishes).markdown
    assert "- `links: post /v2/things, 200: Delete is left out, there is no deleteThing`" in said
    assert "- `links: post /v2/things, 200: Again is left out, there is no #/paths/~1v2~1things" in said
    built = pipeline.specify(files, [source(new)], options=wishes).document["paths"]["/v2/things"]
    assert list(built["post"]["responses"]["200"]["links"]) == ["Get"]
    assert "links" not in built["get"]["responses"]["200"]


def test_a_namespace_that_is_gone_is_named(committed: dict[str, bytes]) -> None:
    new = {**document(), "paths": {"/v2/voices": {"get": operation("voices", tag="Voices")}}}
    paths = [f"{verb.upper()} {path}" for path, item in document()["paths"].items() for verb in item]
    said = told(committed, new, pipeline.Options(pipeline.old_pages.Wishes(paths)))
    assert "the namespace `things` is gone" in said.markdown
    assert "`voices.list` is new; the namespace `voices` is new" in said.markdown


def moved(old: str, new: str) -> dict[str, Any]:
    given = document()
    given["paths"] = {path.replace(old, new): item for path, item in given["paths"].items()}
    for item in given["paths"].values():
        for one in item.values():
            for parameter in one["parameters"]:
                parameter["name"] = "id" if "{id}" in new else parameter["name"]
    return given


def test_a_path_of_another_version_is_a_move(committed: dict[str, bytes]) -> None:
    said = told(committed, moved("/v2/", "/v3/"))
    assert "moved: `POST /v2/things` → `POST /v3/things`" in said.markdown
    assert "`--move /v2/things=/v3/things`" in said.markdown
    assert "removed" not in said.markdown


def test_a_path_of_another_version_is_a_move_whatever_it_is_called(committed: dict[str, bytes]) -> None:
    new = moved("/v2/", "/v3/")
    for item in new["paths"].values():
        for one in item.values():
            one["operationId"] = f"v3_{one['operationId']}"
    kinds = {change.kind for change in baseline.changes(baseline.read(committed), [], [source(new)]) or ()}
    assert kinds == {"renamed", "moved"}


def test_a_path_parameter_of_another_name_is_a_renaming_and_no_move(committed: dict[str, bytes]) -> None:
    new = moved("{thing_id}", "{id}")
    found = baseline.changes(baseline.read(committed), [], [source(new)]) or []
    assert {(change.kind, change.was) for change in found} == {("renamed", "thing_id")}
    assert "`--move /v2/things/{thing_id}=/v2/things/{id}` takes our files along" in told(committed, new).markdown


def test_what_moved_is_taken_in_one_run(committed: dict[str, bytes]) -> None:
    paths = [(path, path.replace("/v2/", "/v3/")) for path in document()["paths"]]
    wishes = pipeline.Options(pipeline.old_pages.Wishes((), paths))
    files = pipeline.run(committed, [source(moved("/v2/", "/v3/"))], wishes).files
    built = yaml.safe_load(files["openapi/tavus.yaml"])
    assert sorted(built["paths"]) == [new for _, new in paths]
    assert built["paths"]["/v3/things"]["post"]["x-consent"] == "none"
    assert "/v2/" not in files["openapi/operations/things.yaml"].decode()


def test_a_drop_of_nothing_is_refused(committed: dict[str, bytes]) -> None:
    for drop in ("GET /v2/none", "none", "FETCH /v2/things"):
        with pytest.raises(pipeline.RegenerationError, match="--drop"):
            pipeline.collect(committed, [], options=pipeline.Options(pipeline.old_pages.Wishes([drop])))


def test_a_page_is_compared_with_the_baseline_where_none_is_held(committed: dict[str, bytes]) -> None:
    page = document()
    page["paths"] = {"/v2/things": {"post": operation("createThing", sends={"name": TEXT, "size": TEXT})}}
    text = f"````yaml post /v2/things\n{yaml.safe_dump(page)}````\n".encode()
    found = baseline.changes(baseline.read(committed), [], [pipeline.parse_source(text, "page.md")]) or []
    assert [(change.kind, change.where[0][0]) for change in found] == [("added", "createThing")]


def with_member(name: str, schema: Any) -> dict[str, Any]:
    new = document()
    body = new["paths"]["/v2/things"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    body["properties"][name] = schema
    return new


def test_the_items_of_a_list_are_never_required() -> None:
    old, new = (
        small.skeleton(with_member("tags", schema)) for schema in ({"type": "array"}, {"type": "array", "items": TEXT})
    )
    (change,) = baseline.compare(old, new)
    assert (change.kind, change.text, change.breaking) == ("added", "`string`", False)


def test_a_new_default_breaks_nobody() -> None:
    old, new = (small.skeleton(with_member("size", {**TEXT, **more})) for more in ({}, {"default": "big"}))
    (change,) = baseline.compare(old, new)
    assert (change.kind, change.text, change.breaking) == ("default changed", '`none` → `"big"`', False)


# -- what our descriptions are for


def test_a_field_that_upstream_changed_is_taken_into_our_description(committed: dict[str, bytes]) -> None:
    new = with_member("size", {**TEXT, "description": "Theirs."})
    new["paths"]["/v2/things"]["post"]["summary"] = "Theirs."
    collected = pipeline.collect(committed, [source(new)])
    post = collected.document["paths"]["/v2/things"]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    assert (post["summary"], schema["properties"]["size"]["description"]) == ("Ours.", "Theirs.")
    assert [note for note in collected.notes if "but for what" in note] == [
        "fields: openapi/operations/things.yaml: post /v2/things is ours, but for what "
        "https://docs.example/openapi.json has changed: body size"
    ]


def test_a_problem_of_a_field_that_was_taken_names_the_file_of_upstream(committed: dict[str, bytes]) -> None:
    (problem,) = told(committed, with_member("name", {"type": "integr"})).problems
    assert problem.origin.startswith(f"{small.SOURCE}, line 1, /paths/~1v2~1things/post/requestBody/content/")
    assert problem.origin.endswith("/schema/properties/name/type")


def test_an_operation_of_another_name_is_not_ours_even_if_the_name_is_taken(committed: dict[str, bytes]) -> None:
    new = document()
    new["paths"]["/v2/things"]["post"]["operationId"] = "listThings"
    assert "both give operationId listThings" in told(committed, new).markdown


def answering(given: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    given["paths"]["/v2/things"]["post"]["responses"]["200"]["content"]["application/json"]["schema"] = schema
    return given


NESTED = {
    "type": "object",
    "required": ["thing_id"],
    "properties": {
        "thing_id": TEXT,
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
        "names": {"type": "object", "additionalProperties": {"anyOf": [{"properties": {"a": TEXT}}, {"type": "null"}]}},
    },
}
PART = {"allOf": [{"type": "object", "properties": {"size": TEXT, "old": TEXT}}]}


def changed(*steps: Any, to: Any) -> dict[str, Any]:
    """The document of these tests with one place changed, or gone."""
    given = answering(document(), copy.deepcopy(NESTED))
    given["components"] = {"schemas": {"Part": copy.deepcopy(PART)}}
    node: Any = given["paths"]["/v2/things"]["post"] if steps[0] != "components" else given
    for step in steps[:-1]:
        node = node[step]
    if to is None:
        del node[steps[-1]]
    else:
        node[steps[-1]] = to
    return given


ANSWER = ("responses", "200", "content", "application/json", "schema")
PARTS = ("components", "schemas", "Part", "allOf", 0, "properties")
QUERY = {"in": "query", "name": "q", "schema": TEXT, "description": "Theirs."}


@pytest.mark.parametrize(
    ("steps", "to"),
    [
        (("parameters",), [QUERY]),
        (("requestBody",), None),
        (("responses", "404"), {"description": "Theirs."}),
        (("requestBody", "content", "application/json", "schema", "properties"), {"title": TEXT}),
        (("requestBody", "content", "application/json", "schema", "required"), ["name"]),
        ((*ANSWER, "required"), []),
        ((*ANSWER, "properties", "names", "additionalProperties", "anyOf", 0, "properties"), {"a": TEXT, "b": TEXT}),
        ((*ANSWER, "properties", "parts", "items"), TEXT),
        ((*PARTS, "size"), {"type": "integer", "description": "Theirs."}),
        ((*PARTS, "old"), None),
        ((*PARTS, "new"), {"type": "integer"}),
    ],
)
def test_every_kind_of_field_is_taken_once_and_stays_so(
    monkeypatch: pytest.MonkeyPatch, steps: tuple[Any, ...], to: Any
) -> None:
    small.without_generator(monkeypatch)
    before = changed("tags", to=["Things"])
    described = json.loads(json.dumps(before).replace("Part", "OurPart"))
    for item in described["paths"].values():
        for one in item.values():
            one["summary"] = "Ours."
    places = [f"{verb} {path}" for path, item in before["paths"].items() for verb in item]
    known = baseline.of_source(source(before), None, places).to_bytes()
    files = {**small.inputs(), "openapi/operations/things.yaml": yaml.safe_dump(described).encode()}
    new = source(changed(*steps, to=to))
    first = pipeline.collect({**files, baseline.BASELINE: known}, [new])
    held = {name: kept.data for name, kept in first.upstream.items()}
    again = pipeline.collect({**first.inputs, **{f"openapi/upstream/{name}": data for name, data in held.items()}}, [])
    assert again.document == first.document
    assert {one["summary"] for item in first.document["paths"].values() for one in item.values()} == {"Ours."}
    assert baseline.compare(small.skeleton(new.document), small.skeleton(first.document)) == []


def test_a_field_that_has_no_place_in_our_description_makes_all_of_it_upstreams(committed: dict[str, bytes]) -> None:
    given = yaml.safe_load(committed["openapi/operations/things.yaml"])
    body = given["paths"]["/v2/things"]["post"]["requestBody"]
    body["content"] = {"text/plain": {"schema": TEXT}}
    files = {**committed, "openapi/operations/things.yaml": yaml.safe_dump(given).encode()}
    collected = pipeline.collect(files, [source(with_member("size", TEXT))])
    assert "summary" not in collected.document["paths"]["/v2/things"]["post"]
    assert "openapi/operations/things.yaml: post /v2/things is left out, " in "\n".join(collected.notes)


def test_a_second_run_gives_the_same(committed: dict[str, bytes]) -> None:
    first = pipeline.run(committed, [source(with_member("size", TEXT))]).files
    inputs = {name: data for name, data in {**committed, **first}.items() if name.startswith("openapi/")}
    again = pipeline.run(inputs, []).files
    assert {name: first[name] for name in again} == again


def test_a_method_that_an_overlay_renames_is_told(committed: dict[str, bytes]) -> None:
    overlay = small.action("$.paths['/v2/things/{thing_id}/recrawl'].post", **{"x-method": "read_again"})
    actions = {"overlay": "1.0.0", "actions": [overlay]}
    said = report({**committed, "openapi/overlays/50.yaml": yaml.safe_dump(actions).encode()}, [])
    assert said.breaking
    assert (
        "`recrawlThing` method renamed (an overlay gives it another name)\n  - Python: `things.recrawl` is"
        in said.markdown
    )


# -- length


def test_a_report_is_short_and_its_details_are_not(committed: dict[str, bytes], tmp_path: Path) -> None:
    new = document()
    many = {f"member_{number}": dict(TEXT) for number in range(1200)}
    new["paths"]["/v2/things"]["post"] = operation("createThing", sends=many)
    said = told(committed, new)
    assert (len(said.markdown) < 60_000, len(said.details) > 60_000) == (True, True)
    assert "changes, 0 of them breaking: see the file with the details" in said.markdown
    assert "## Where this comes from" in said.markdown


def test_the_command_writes_the_details_where_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small.without_generator(monkeypatch)
    root = small.built(tmp_path / "tree")
    new = tmp_path / "new.json"
    new.write_text(json.dumps(copy.deepcopy(document())))
    details = tmp_path / "details.md"
    assert main(["--report", "--source", str(new), "--details", str(details)], root) == 0
    assert details.read_text() == capsys.readouterr().out


# -- more than one document


def test_a_document_of_other_operations_beside_it_takes_nothing_away(committed: dict[str, bytes]) -> None:
    other = {**document(), "paths": {"/v2/voices": {"get": operation("voices", tag="Voices")}}}
    held = source(document(), "openapi/upstream/things.json")
    known = baseline.of_source(held, None)
    found = baseline.changes(known, [held], [source(other, "voices.json")]) or []
    assert [(change.kind, change.where[0][0]) for change in found] == [("added", "voices")]
    files = {**committed, "openapi/upstream/things.json": held.data, baseline.BASELINE: known.to_bytes()}
    after = baseline.read(pipeline.collect(files, [source(other, "voices.json")]).inputs)
    assert after is not None
    assert len(after.document["paths"]) == 4
