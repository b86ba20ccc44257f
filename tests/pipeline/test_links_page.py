"""docs/links.md matches the tables of links."""

from __future__ import annotations

from pathlib import Path

import pytest
from list_links import main, page

from .conftest import PROJECT


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The page alone."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/links.md").write_bytes((PROJECT / "docs/links.md").read_bytes())
    return tmp_path


def test_the_page_is_current() -> None:
    """If not: python scripts/list_links.py."""
    assert main(["--check"], PROJECT) == 0


def test_a_form_is_a_row_with_verdict_and_source() -> None:
    row = next(line for line in page().splitlines() if "`https://www.loom.com/share/abc`" in line)
    assert row.startswith("| Loom |")
    assert "**refused**" in row
    assert row.endswith("| 2026-11 |")


def test_a_page_that_is_not_current_is_told_and_left(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copied / "docs/links.md").write_text("old")
    assert main(["--check"], copied) == 1
    assert "run scripts/list_links.py" in capsys.readouterr().err
    assert (copied / "docs/links.md").read_text() == "old"


def test_a_page_that_is_missing_is_told(tmp_path: Path) -> None:
    assert main(["--check"], tmp_path) == 1


def test_the_page_is_written(copied: Path) -> None:
    (copied / "docs/links.md").write_text("old")
    assert main([], copied) == 0
    assert main(["--check"], copied) == 0
