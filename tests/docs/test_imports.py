"""Docs, examples and tests import public names only. Each exception is listed with its reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .imports import is_public, private_imports, private_mentions
from .tables import PROJECT

LIST = PROJECT / "tests" / "private_imports.txt"
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
PROGRAMS = sorted([*(PROJECT / "docs").rglob("*.py"), *(PROJECT / "examples").rglob("*.py")])
TESTS = sorted((PROJECT / "tests").rglob("*.py"))


def listed() -> dict[str, str]:
    """The reason of each test file that may import private modules."""
    rows = [line.split(maxsplit=1) for line in LIST.read_text("utf-8").splitlines() if line and line[0] != "#"]
    assert [row for row in rows if len(row) != 2] == [], "each file needs a reason"
    assert [row[0] for row in rows] == sorted({row[0] for row in rows}), "sorted, each file once"
    return dict(rows)


def imported(path: Path) -> list[str]:
    return sorted(set(private_imports(path.read_text("utf-8"))))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_pages_use_public_names(page: Path) -> None:
    text = page.read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    found = {name for block in blocks for name in private_imports(block)}
    assert found | set(private_mentions(text)) == set()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_programs_use_public_names(program: Path) -> None:
    assert imported(program) == []


def test_tests_use_public_names_unless_they_are_listed() -> None:
    found = {path.relative_to(PROJECT).as_posix(): imported(path) for path in TESTS}
    found = {file: names for file, names in found.items() if names}
    unlisted = {file: names for file, names in found.items() if file not in listed()}
    assert unlisted == {}, f"use public names, or give a reason in {LIST.name}"
    assert sorted(listed().keys() - found.keys()) == [], f"needs no entry in {LIST.name} any more"


PUBLIC = """
    tavus_consent tavus_consent.Tavus tavus_consent.Tavus.replicas tavus_consent.consent.match_statement httpx.Client
    tavus_consent.ledger.open_ledger tavus_consent.preflight.preflight tavus_consent_more.thing
"""
PRIVATE = """
    errors errors.TavusError consent.matching consent.matching.match_statement testing.plugin open_ledger
"""


def test_what_counts_as_public() -> None:
    assert [name for name in PUBLIC.split() if not is_public(name)] == []
    assert [name for name in PRIVATE.split() if is_public(f"tavus_consent.{name}")] == []


def test_every_form_of_import_is_found() -> None:
    code = (
        "import PACKAGE.cli\n"
        "from PACKAGE import Tavus, errors\n"
        "from PACKAGE.preflight import net, preflight\n"
        "from . import tables\n"
        "CODE = 'import os; from PACKAGE.results import Replica; import PACKAGE.client'\n"
        "REPLACED = 'PACKAGE.client.monotonic'\n"
    )
    found = private_imports(code.replace("PACKAGE", "tavus_consent"))
    expected = "cli errors preflight.net results.Replica client client.monotonic"
    assert [name.removeprefix("tavus_consent.") for name in found] == expected.split()


def test_mentions_in_prose_are_found() -> None:
    text = "`PACKAGE.preflight.net` and `PACKAGE.preflight`, not `PACKAGE/cli`, `tavus-consent`"
    assert [*private_mentions(text.replace("PACKAGE", "tavus_consent"))] == [
        ".".join(["tavus_consent", "preflight.net"])
    ]
