"""The report for a maintainer about a change of the specification."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import regeneration.report
import yaml
from regeneration.markdown import code, codes
from regeneration.plain import load_mapping

from tavus_consent import __version__
from tavus_consent.consent import STATEMENT

from .conftest import PROJECT, SHARED, files_below, main

ADDED = f"{'':16}added:\n{'':18}type: string\n"
PAGE = "openapi/upstream/create-replica.md"
WHOLE = SHARED / "specs" / "tavus-openapi-2026-05-23.yaml"


class Said:
    """A report, as it is printed."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.text = text

    @property
    def title(self) -> str:
        return self.text.partition("\n")[0]

    def group(self, title: str) -> list[str]:
        """The lines below a heading, those about Python joined to what they are about."""
        _, _, rest = self.text.partition(f"## {title}\n\n")
        return rest.partition("\n\n")[0].replace("\n  - ", " | ").splitlines()


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(root: Path, *sources: Path) -> Said:
        capsys.readouterr()
        status = main(["--report", *(part for source in sources for part in ("--source", str(source)))], root)
        return Said(status, capsys.readouterr().out)

    return run


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the raw client as it is: what Python sees is the business of other tests."""
    package = PROJECT / "generated" / "tavus_api"
    files = {path.relative_to(package).as_posix(): path.read_bytes() for path in package.rglob("*") if path.is_file()}
    monkeypatch.setattr(regeneration.report, "generate", lambda document, config: files)


def page(tree: Path, *edits: tuple[str, str]) -> Path:
    """A new version of the page that we hold."""
    text = (tree / PAGE).read_text()
    for old, new in edits:
        text, count = re.subn(old, lambda _, new=new: new, text)  # type: ignore[misc]
        assert count
    path = tree.parent / "new.md"
    path.write_text(text)
    return path


# -- real input


@pytest.fixture(scope="module")
def whole(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """Return the report on the whole API for a tree that has only the replicas."""
    if not WHOLE.exists():
        pytest.skip("the description of the whole API is not part of the project")
    root = tmp_path_factory.mktemp("replicas") / "tree"
    shutil.copytree(built, root)
    specification = load_mapping((root / "openapi" / "tavus.yaml").read_bytes(), "tavus.yaml")
    paths = specification["paths"].items()
    specification["paths"] = {path: item for path, item in paths if path.startswith("/v2/replicas")}
    (root / "openapi" / "tavus.yaml").write_text(yaml.safe_dump(specification, sort_keys=False))
    with pytest.MonkeyPatch.context() as patch:
        written: list[str] = []
        patch.setattr("sys.stdout.write", written.append)
        patch.setattr(regeneration.report, "generate", lambda document, config: {})
        status = main(["--report", "--source", str(WHOLE)], root)
    return Said(status, "".join(written))


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("train_image_url", "added: optional, `string`"),
        ("voice_name", "added: optional, `string`"),
        ("auto_fix_training_image", "added: optional, `boolean`"),
    ],
)
def test_the_whole_api_adds_training_from_an_image(whole: Said, field: str, said: str) -> None:
    python = f"Python: argument `{field}` of the creates of `replicas` (written by hand) is new"
    lines = "\n".join(whole.group("`createReplica`"))
    assert f"- Not breaking. request body `{field}` {said} | {python}" in lines


def test_the_whole_api_no_longer_asks_for_a_training_video(whole: Said) -> None:
    line = "- Not breaking. request body `train_video_url` no longer required | Python: argument `train_video_url` "
    assert line in "\n".join(whole.group("`createReplica`"))


def test_the_whole_api_has_49_operations_more(whole: Said) -> None:
    listed = {re.findall(r"`([^`]*)`", line)[0] for line in whole.group("New operations")}
    theirs = {
        one["operationId"] for one in operations_of(WHOLE) if not one["operationId"].endswith(("Replica", "Replicas"))
    }
    assert (len(theirs), theirs - listed) == (49, set())


def test_a_new_operation_says_where_it_is_in_http_and_in_python(whole: Said) -> None:
    line = "- Not breaking. `getVideo` added: `GET /v2/videos/{video_id}` | Python: `videos.get` is new"
    assert [text for text in whole.group("New operations") if text.startswith(line)]


def test_the_whole_api_breaks_nothing(whole: Said) -> None:
    assert (whole.status, whole.title) == (0, "# What the specification changes: not breaking")


REPLICAS = {"createReplica", "deleteReplica", "getReplica", "listReplicas", "renameReplica"}


def operations_of(path: Path) -> list[dict[str, Any]]:
    paths = load_mapping(path.read_bytes(), path.name)["paths"]
    return [value for item in paths.values() for value in item.values() if isinstance(value, dict)]


# -- verdicts


def test_a_current_tree_has_nothing_to_report(built: Path, report: Any) -> None:
    said = report(built)
    assert (said.status, said.title) == (0, "# What the specification changes: nothing changes")
    assert f"Suggested version: {__version__}, as it is." in said.text


def test_a_report_writes_nothing(tree: Path, report: Any, quick: None) -> None:
    before = files_below(tree)
    report(tree, page(tree, ("A name for the replica.", "Renamed.")))
    assert files_below(tree) == before


def without_consent_video(tree: Path) -> Path:
    return page(
        tree,
        (r" {16}consent_video_url:\n(?: {18}.*\n)+", ""),
        (r" {18}consent_video_url: >-\n {20}.*\n", ""),
    )


def test_without_the_consent_video_the_report_says_breaking(tree: Path, report: Any) -> None:
    said = report(tree, without_consent_video(tree))
    assert (said.status, said.title) == (2, "# What the specification changes: breaking")
    assert said.group("`createReplica`") == [
        "- **Breaking.** request body `consent_video_url` removed"
        " | Python: argument `consent_video_url` of the creates of `replicas` (written by hand) is gone"
        " | Consent: the gate reads `consent_video_url`; check `createReplica`"
    ]


@pytest.mark.usefixtures("quick")
def test_what_keeps_the_build_from_working_is_told_with_what_to_do(tree: Path, report: Any) -> None:
    said = report(tree, without_consent_video(tree))
    _, _, blocked = said.text.partition("**The build fails until this is mended:**\n\n")
    *lines, last = blocked.partition("\n\n")[0].splitlines()
    assert "createReplica has no consent_video_url, which the overlay sends" in last
    assert [re.findall(r"openapi/overlays/([^,]*), action", line) for line in lines] == [
        ["10-requests.yaml"],
        ["45-contract.yaml"],
        ["50-prose.yaml"],
    ]
    assert "the action matches nothing" in lines[0]


def test_what_cannot_be_carried_still_has_a_report(tree: Path, report: Any) -> None:
    new = page(
        tree, (" {16}callback_url:\n", " " * 16 + "tags:\n" + " " * 18 + "type: array\n" + " " * 16 + "callback_url:\n")
    )
    said = report(tree, new)
    assert (said.status, "an array without items" in said.text) == (1, True)
    (line,) = said.group("`createReplica`")
    assert line.startswith("- Not breaking. request body `tags` added: optional, `array` | Python: ")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("edit", "status", "version", "because"),
    [
        # No argument of a create reaches it, so that it cannot be built yet.
        ((" {16}callback_url:\n", f"{ADDED}{'':16}callback_url:\n"), 1, "0.1.1", "adds only"),
        (("(?<=operationId: createReplica\n)", "      deprecated: true\n"), 0, "0.1.1", "neither breaks nor adds"),
        (("- train_video_url\n", f"- train_video_url\n{'':16}- replica_name\n"), 2, "0.2.0", "breaks"),
    ],
)
def test_the_version_follows_from_what_changed(
    tree: Path, report: Any, monkeypatch: pytest.MonkeyPatch, edit: Any, status: int, version: str, because: str
) -> None:
    monkeypatch.setattr(regeneration.report, "version", lambda _: "0.1.0")
    said = report(tree, page(tree, edit))
    assert (said.status, f"0.1.0 → **{version}** ({because}" in said.text) == (status, True)


@pytest.mark.parametrize(("breaking", "version"), [(True, "2.0.0"), (False, "1.3.0")])
def test_from_1_0_on_a_break_raises_the_major_version(
    monkeypatch: pytest.MonkeyPatch, breaking: bool, version: str
) -> None:
    monkeypatch.setattr(regeneration.report, "version", lambda _: "1.2.3")
    assert f"1.2.3 → **{version}**" in regeneration.report.suggested_version(breaking, added=True, changed=True)


@pytest.mark.usefixtures("quick")
def test_the_counts_are_those_of_the_lines(tree: Path, report: Any) -> None:
    new = page(tree, ("- train_video_url\n", "- replica_name\n"))
    assert "| fields | 1 | 1 |" in report(tree, new).text


@pytest.mark.usefixtures("quick")
def test_a_component_of_several_operations_is_told_once(tree: Path, report: Any) -> None:
    overlay = tree / "openapi" / "overlays" / "65-more.yaml"
    target = "$.components.schemas.MessageBody.properties"
    action = {"target": target, "description": "why", "update": {"code": {"type": "integer"}}}
    overlay.write_text(json.dumps({"overlay": "1.0.0", "actions": [action]}))
    said = report(tree)
    (line,) = said.group("Several operations")
    assert line.startswith("- Not breaking. `MessageBody.code` in `createReplica`, ")
    assert " added: `integer` | Python: `MessageBody.code`, which " in line
    assert "- edited since: `openapi/overlays/65-more.yaml`" in said.text


@pytest.mark.usefixtures("quick")
def test_what_an_overlay_hides_is_told_and_not_counted(tree: Path, report: Any) -> None:
    new = page(tree, (r"(?<= {18}status:\n {20}type: )string", "integer"))
    said = report(tree, new)
    assert (said.status, said.title) == (0, "# What the specification changes: nothing changes")
    line = "- **Breaking.** answer `200` `status` type changed: `string` → `integer` (`createReplica`)"
    assert line in said.text.partition("## Hidden by overlays")[2]


@pytest.mark.usefixtures("quick")
def test_the_sources_and_the_lock_are_named(tree: Path, report: Any) -> None:
    (tree / "openapi" / "lock.toml").write_text(
        (tree / "openapi" / "lock.toml").read_text().replace('ruff = "', 'ruff = "0.0.1-not-')
    )
    (tree / "generated" / "tavus_api" / "errors.py").write_text("edited = True\n")
    said = report(tree, page(tree, ("A name for the replica.", "Renamed.")))
    where = "\n".join(said.group("Where this comes from"))
    assert re.search(r"upstream `create-replica.md`: `[0-9a-f]{12}` → `[0-9a-f]{12}`", where)
    assert "- ruff: `0.0.1-not-" in where
    assert "not what its lock says: `generated/tavus_api/errors.py`" in where
    assert "consent statement: version 1, word for word" in where


def test_without_a_committed_specification_there_is_nothing_to_compare(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "openapi" / "tavus.yaml").unlink()
    assert main(["--report"], tree) == 1
    assert "there is none to compare with" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--report", "--check"], ["--report", "--output", "x"], ["--reprot"]])
def test_a_wrong_command_line_is_never_taken_for_a_break(built: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments, built)
    assert caught.value.code == 1


# -- the consent statement

OTHER = ("consent Tavus to create an", "allow Tavus to create an")


@pytest.mark.usefixtures("quick")
def test_another_wording_of_the_statement_is_breaking(tree: Path, report: Any) -> None:
    said = report(tree, page(tree, OTHER))
    assert said.status == 2
    lines = "\n".join(said.group("Consent statement"))
    assert "**Breaking.**" in lines
    assert f"`{STATEMENT.text}`" in lines
    assert f"`{STATEMENT.text.replace(*OTHER)}`" in lines


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_another_wording_of_the_statement_fails_the_build(
    tree: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    before = files_below(tree)
    assert main([*arguments, "--source", str(page(tree, OTHER))], tree) == 1
    error = capsys.readouterr().err
    assert "step:   consent\n" in error
    assert "overlay/tavus_consent/consent/statement.py" in error
    assert files_below(tree) == before


@pytest.mark.usefixtures("quick")
def test_a_page_without_the_statement_is_told_and_breaks_nothing(tree: Path, report: Any) -> None:
    said = report(tree, page(tree, (r" {8}> I, \[FULL NAME\](?:.*\n)+? *\n", "\n")))
    assert (said.status, "The wording is gone" in "".join(said.group("Consent statement"))) == (0, True)


# -- the words of others


HOSTILE = "x` **bold** [a](http://evil.example) @team <img src=x> \n# title | {{x}} \u202e\x1b[31m"


@pytest.mark.parametrize("text", [HOSTILE, "", "`", "``a```", " a ", "a" * 1000])
def test_a_code_span_lets_nothing_out(text: str) -> None:
    span = code(text)
    (fence,) = re.findall(r"\A`+", span)
    inner = span.removeprefix(fence).removesuffix(fence)
    assert fence not in re.findall("`+", inner)
    assert (inner != "", inner[:1] != "`", inner[-1:] != "`") == (True, True, True)
    assert span.isprintable()
    assert len(span) < 200


def test_a_long_list_is_cut() -> None:
    assert codes(map(str, range(20))).endswith("`11` and 8 more")
