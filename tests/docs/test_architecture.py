"""docs/architecture.md and docs/decisions: the names in the glossary exist, and every record is listed."""

from __future__ import annotations

import re

import pytest

from .imports import PACKAGES
from .tables import PROJECT

PAGE = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
CODE = "\n".join(path.read_text("utf-8") for path in (PROJECT / "overlay").rglob("*.py"))
ROWS = [line.strip("| ").split(" | ") for line in PAGE.partition("## Glossary")[2].splitlines() if line[:2] == "| "][2:]


def words(cell: str, kind: str) -> list[str]:
    return [word.partition(".")[0] for word in re.findall(r"`([\w.]+)`", cell) if re.fullmatch(kind, word)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_word_has_one_sentence_and_what_carries_it(row: list[str]) -> None:
    _, meaning, carried = row
    assert meaning.endswith(".")
    assert meaning.count(". ") == 0
    for name in words(carried, r"[A-Z]\w+(\.\w+)?"):
        assert re.search(rf"^class {name}\b", CODE, re.MULTILINE) or f'"{name}"' in CODE, name
    for name in words(carried, r"[a-z]\w+"):
        assert f'"{name}"' in CODE or name == "tavus_api", name


def test_the_words_of_the_domain_are_explained() -> None:
    wanted = "data subject, record, evidence, attempt, verdict, likeness, permit, event, projection, receipt"
    assert set(wanted.split(", ")) - {row[0] for row in ROWS} == set()


@pytest.mark.parametrize("page", ["docs/guide.md", "docs/architecture.md"])
def test_the_public_packages_are_named(page: str) -> None:
    text = (PROJECT / page).read_text("utf-8")
    assert [package for package in PACKAGES if f"`{package}`" not in text] == []


def test_the_records_of_decisions_are_listed_in_their_order() -> None:
    folder = PROJECT / "docs" / "decisions"
    files = sorted(path.name for path in folder.glob("0*.md"))
    assert [name[:4] for name in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    rows = re.findall(
        r"^\| \[\d{4}\]\((.*?)\) \| (\S+) \| (.*) \|$", (folder / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert [name for name, _, _ in rows] == files
    for name, date, title in rows:
        text = (folder / name).read_text("utf-8")
        assert text.startswith(f"# {int(name[:4])}. {title}\n\nDate: {date}\n"), name
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], name
        assert text.count("\n") < 60, name
