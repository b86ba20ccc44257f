"""docs/operations.md lists every operation with its source, and is current."""

from __future__ import annotations

from pathlib import Path

import pytest
from list_operations import main, page

from .conftest import PROJECT

DOCUMENT = {
    "paths": {
        "/b": {
            "get": {
                "operationId": "listB",
                "tags": ["Second"],
                "x-source": "a | b",
                "x-as-of": "2026-05",
                "x-consent": "none",
                "x-confidence": "official",
            }
        },
        "/a": {"post": {"operationId": "createA", "tags": ["First"], "deprecated": True}},
    }
}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Copy the page and its source."""
    for name in ("openapi/tavus.yaml", "docs/operations.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((PROJECT / name).read_bytes())
    return tmp_path


def test_the_page_is_current() -> None:
    """If not: python scripts/list_operations.py."""
    assert main(["--check"], PROJECT) == 0


def test_an_operation_is_a_row_in_the_section_of_its_tag() -> None:
    row = "| `listB` | `GET /b` | none | a \\| b | 2026-05 | official |\n"
    assert page(DOCUMENT).partition("## Second")[2].endswith(row)


def test_sections_are_sorted() -> None:
    text = page(DOCUMENT)
    assert text.index("## First") < text.index("## Second")


def test_what_says_nothing_of_itself_is_from_upstream() -> None:
    assert "| `createA` (deprecated) | `POST /a` |  | openapi/upstream |  | official |\n" in page(DOCUMENT)


def test_a_page_that_is_not_current_is_told_and_left(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copied / "docs/operations.md").write_text("old")
    assert main(["--check"], copied) == 1
    assert "run scripts/list_operations.py" in capsys.readouterr().err
    assert (copied / "docs/operations.md").read_text() == "old"


def test_the_page_is_written_anew(copied: Path) -> None:
    (copied / "docs/operations.md").unlink()
    assert main([], copied) == 0
    assert (copied / "docs/operations.md").read_bytes() == (PROJECT / "docs/operations.md").read_bytes()


def test_a_specification_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], tmp_path) == 1
    assert "openapi/tavus.yaml cannot be read" in capsys.readouterr().err
