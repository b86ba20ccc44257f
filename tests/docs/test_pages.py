"""README.md and docs/ match the code: their tables come from it, and their examples run."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from tests.asked import ASKED

from tavus_consent import ConsentVideo, Tavus
from tavus_consent.cli import main
from tavus_consent.consent import STATEMENT
from tavus_consent.testing import FakeTavus

from .tables import PAGES, PROJECT, TABLES, renewed

IDS = [str(path.relative_to(PROJECT)) for path in PAGES]

# Blocks that say "# not run" in their first line, by page. Each must be worth it.
NOT_RUN: dict[str, int] = {"clients.md": 2}  # tests/contract run them, where those packages are installed


class Block(NamedTuple):
    """A code block and where it stands."""

    page: Path
    line: int
    language: str
    code: str


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    for found in re.finditer(r"^```([^\n`]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield Block(page, text.count("\n", 0, found.start()) + 2, found[1], found[2])


def name(block: Block) -> str:
    return f"{block.page.name}:{block.line}"


ALL = [block for page in PAGES for block in blocks(page)]
PYTHON = [block for block in ALL if block.language == "python"]
SHELL = [block for block in ALL if block.language == "bash"]


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_tables_are_what_the_code_says(path: Path) -> None:
    """If not: python tests/docs/tables.py."""
    page = path.read_text("utf-8")
    assert page == renewed(page)


def test_every_table_is_on_a_page() -> None:
    text = "".join(path.read_text("utf-8") for path in PAGES)
    assert set(re.findall(r"<!-- table: (\w+) -->", text)) == set(TABLES)


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_links_lead_somewhere(path: Path) -> None:
    page = path.read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", page):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        other = (path.parent / file).resolve() if file else path
        assert other.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.*)$", other.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}, target


def test_the_printed_page_has_the_statement() -> None:
    assert f"> {STATEMENT.text}\n" in (PROJECT / "docs" / "recording.md").read_text("utf-8")


def test_every_block_is_run_or_says_that_it_is_not() -> None:
    assert {block.language for block in ALL} <= {"python", "bash", "text"}
    counted = {path.name: sum(_not_run(block) for block in blocks(path)) for path in PAGES}
    assert {page: count for page, count in counted.items() if count} == NOT_RUN


def _not_run(block: Block) -> bool:
    return block.code.startswith("# not run")


@pytest.mark.parametrize("block", PYTHON, ids=name)
def test_python(block: Block, fake: FakeTavus, media: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block stands on its own, as it would when somebody pastes it into a file."""
    if _not_run(block):
        ast.parse(block.code)
        return
    if block.code.startswith("# test_"):
        _run_tests(block, tmp_path)
        return
    monkeypatch.chdir(tmp_path)
    code = compile("\n" * (block.line - 1) + block.code, str(block.page), "exec")
    exec(code, {"__name__": "__main__"})


def _run_tests(block: Block, folder: Path) -> None:
    path = folder / block.code.splitlines()[0].removeprefix("# ")
    path.write_text(block.code, "utf-8")
    # Our plugin alone: loading those of everything that is installed here takes seconds.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    options = ["-q", "-p", "no:cacheprovider", "-p", "tavus_consent.testing.plugin", "--rootdir", str(folder)]
    command = [sys.executable, "-m", "pytest", *options, str(path)]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stdout


@pytest.fixture
def workplace(fake: FakeTavus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with what the pages speak of: a ledger with a record, a transcript, who the controller is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TAVUS_CONSENT_LEDGER", "sqlite:///consent.db")
    with Tavus() as tavus:
        record = tavus.consents.request(full_name="Siobhán O'Connor", **ASKED)
        tavus.consents.add_evidence(record, ConsentVideo("https://bucket.example/siobhan.mp4"))
    monkeypatch.setenv("RECORD", record.record_id)
    Path("heard.txt").write_text(record.statement, "utf-8")
    for block in ALL:
        if block.page.name == "ledger.md" and block.code.startswith("name = "):
            Path("controller.toml").write_text(block.code, "utf-8")


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize("block", SHELL, ids=name)
def test_shell(block: Block, fake: FakeTavus, media: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for line in block.code.replace("\\\n", " ").splitlines():
        words = shlex.split(os.path.expandvars(line), comments=True)
        if words:
            CHECKS[words[0]](words[1:], monkeypatch)


def _tavus_consent(words: list[str], _: pytest.MonkeyPatch) -> None:
    if words[0] == "mock":  # serves until it is interrupted: what it takes is checked, tests of its own run it
        from tavus_consent.cli._app import app

        app.parse_args(words, exit_on_error=False, print_error=False)
    elif words[0] == "demo":
        assert main([*words, "--seconds", "0.1"]) == 0
    elif ">" in words:
        *command, _, file = words
        with Path(file).open("w", encoding="utf-8") as out, redirect_stdout(out):
            assert main(command) == 0
    else:
        assert main(words) == 0


def _make(words: list[str], _: pytest.MonkeyPatch) -> None:
    targets = re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(words) <= set(targets)


def _pip(words: list[str], _: pytest.MonkeyPatch) -> None:
    project: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    assert words[0] == "install"
    for requirement in words[1:]:
        found = re.fullmatch(r"(?:tavus-consent|\.)(?:\[([a-z,]+)\])?", requirement)
        assert found is not None
        assert set((found[1] or "cli").split(",")) <= set(project["optional-dependencies"])


def _python(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    if words[:2] == ["-m", "tavus_consent"]:
        _tavus_consent(words[2:], monkeypatch)
        return
    assert words[0] in ("scripts/regenerate.py", "scripts/compare_spec.py")
    assert all(word in _help(words[0]) for word in words[1:] if word.startswith("-"))


@cache
def _help(script: str) -> str:
    command = [sys.executable, script, "--help"]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=6000, check=True).stdout


def _export(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake of the tests takes the place of the one that the page starts."""
    assert (
        dict(word.split("=") for word in words).items()
        <= {
            "TAVUS_BASE_URL": "http://127.0.0.1:8080",
            "TAVUS_API_KEY": "fake-key",
            "TAVUS_PUBLIC_API_BASE_URL": "http://127.0.0.1:8080/v2",
            "TAVUS_CONSENT_LEDGER": "sqlite:///consent.db",
        }.items()
    )


def _curl(words: list[str], _: pytest.MonkeyPatch) -> None:
    method = "GET"
    content = None
    headers: dict[str, str] = {}
    url = ""
    rest = iter(words)
    for word in rest:
        if word == "--json":
            method, content = "POST", next(rest)
            headers["content-type"] = "application/json"
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        else:
            url = word
    assert httpx.request(method, url, content=content, headers=headers).status_code == 200


def _tavus(words: list[str], _: pytest.MonkeyPatch) -> None:
    """Tavus's own command: tests/contract run the lines, where it is installed."""
    assert words


CHECKS = {
    "curl": _curl,
    "export": _export,
    "make": _make,
    "pip": _pip,
    "python": _python,
    "tavus": _tavus,
    "tavus-consent": _tavus_consent,
}
