"""Replacing the tree: all of it, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from regeneration import tree
from regeneration.problems import RegenerationError

from .conftest import files_below

OLD = {
    "generated/tavus_api/a.py": b"old",
    "generated/tavus_api/stale.py": b"old",
    "openapi/lock.toml": b"old",
    "openapi/overlays/mine.yaml": b"mine",
    "openapi/tavus.yaml": b"old",
    "openapi/upstream/page.md": b"old",
}
NEW = {
    "generated/tavus_api/a.py": b"new",
    "openapi/lock.toml": b"new",
    "openapi/tavus.yaml": b"new",
    "openapi/upstream/page.md": b"new",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, data in OLD.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_everything_that_the_pipeline_owns_is_replaced(root: Path) -> None:
    tree.replace(root, NEW)
    assert files_below(root) == {**NEW, "openapi/overlays/mine.yaml": b"mine"}


def test_a_tree_that_is_current_is_not_touched(root: Path) -> None:
    tree.replace(root, NEW)
    before = (root / "generated").stat().st_ino
    assert tree.replace(root, NEW) == []
    assert (root / "generated").stat().st_ino == before


@pytest.mark.parametrize("failing", range(8))
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_whichever_rename_fails_the_tree_is_as_it_was(
    root: Path, monkeypatch: pytest.MonkeyPatch, failing: int, error: BaseException
) -> None:
    rename = Path.rename
    calls = iter(range(100))

    def fail_once(self: Path, target: Path) -> Path:
        if next(calls) == failing:
            raise error
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises((RegenerationError, KeyboardInterrupt)):
        tree.replace(root, NEW)
    assert files_below(root) == OLD


def test_a_failure_to_write_leaves_nothing_behind(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(RegenerationError, match="No space left on device"):
        tree.replace(root, NEW)
    assert sorted(path.name for path in root.iterdir()) == ["generated", "openapi"]


def test_a_folder_that_does_not_exist_is_made(tmp_path: Path) -> None:
    tree.replace(tmp_path / "new", NEW)
    assert files_below(tmp_path / "new") == NEW


def test_a_file_without_a_last_line_end_is_shown_as_such(root: Path) -> None:
    assert "-old\n\\ No newline at end of file\n+new\n" in "".join(tree.differences(root, NEW))
