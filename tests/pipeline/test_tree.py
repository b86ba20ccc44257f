"""Replacing the tree: all of it, or nothing."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from regeneration import tree
from regeneration.problems import RegenerationError

from .conftest import PROJECT, files_below

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


# -- killed


# Ends itself by a signal at the step that is named by its number, and says at the end how many there are.
REPLACE = """
import json, os, pathlib, signal, sys
sys.path.insert(0, sys.argv[1])
from regeneration import tree
root, number, last = pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
if last == signal.SIGTERM:
    signal.signal(last, lambda *_: sys.exit(143))
steps = []
def checkpoint(step):
    steps.append(step)
    if len(steps) - 1 == number:
        os.kill(os.getpid(), last)
tree.checkpoint = checkpoint
files = json.load(sys.stdin)
if files:
    tree.replace(root, {name: text.encode() for name, text in files.items()})
else:
    tree.finish(root)
print(len(steps))
"""


def replaced(root: Path, number: int, last: int = signal.SIGKILL, files: dict[str, bytes] | None = NEW) -> int:
    """Replace the tree, or finish what was begun, in a process that is ended at a step; return how it ended."""
    given = json.dumps({name: data.decode() for name, data in (files or {}).items()})
    command = [sys.executable, "-c", REPLACE, str(PROJECT / "scripts"), str(root), str(number), str(int(last))]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False).returncode


STEPS = 13
KEPT = {**NEW, "openapi/overlays/mine.yaml": b"mine"}


def test_there_are_no_other_steps(root: Path) -> None:
    assert (replaced(root, STEPS - 1), files_below(root) != OLD) == (-signal.SIGKILL, True)
    assert replaced(root, STEPS, files={**NEW, "openapi/tavus.yaml": b"newer"}) == 0


@pytest.mark.parametrize("step", range(STEPS))
def test_wherever_a_run_is_killed_the_next_finishes_or_rolls_back(root: Path, step: int) -> None:
    assert replaced(root, step) == -signal.SIGKILL
    tree.finish(root)
    assert files_below(root) == (OLD if step < 2 else KEPT)


@pytest.mark.parametrize("step", [1, 4, 7])
@pytest.mark.parametrize("again", range(6))
def test_the_run_that_finishes_may_be_killed_too(root: Path, step: int, again: int) -> None:
    assert replaced(root, step) == -signal.SIGKILL
    replaced(root, again, files=None)
    tree.replace(root, NEW)
    assert files_below(root) == KEPT


@pytest.mark.parametrize("step", range(STEPS - 2))
@pytest.mark.parametrize("last", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_stop_leaves_one_tree_or_the_other(root: Path, step: int, last: signal.Signals) -> None:
    assert replaced(root, step, last) in (-last, 143)
    if last == signal.SIGTERM:
        assert files_below(root) == OLD
    tree.finish(root)
    assert files_below(root) in (OLD, KEPT)


def test_who_only_looks_is_told_to_finish_first(root: Path) -> None:
    replaced(root, 6)
    with pytest.raises(RegenerationError, match="was killed while it replaced the tree"):
        tree.check_finished(root)
    tree.finish(root)
    tree.check_finished(root)


def test_two_runs_do_not_replace_one_tree(root: Path) -> None:
    holder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(RegenerationError, match="another run is replacing it"):
            tree.replace(root, NEW)
    finally:
        os.close(holder)
    assert files_below(root) == OLD


def test_a_folder_of_which_nothing_is_left_is_empty(root: Path) -> None:
    tree.replace(root, {name: data for name, data in NEW.items() if "upstream" not in name})
    assert list((root / "openapi" / "upstream").iterdir()) == []


def test_what_people_write_is_replaced_only_if_it_was_edited(root: Path) -> None:
    tree.replace(root, {**NEW, "openapi/overlays/other.yaml": b"other"})
    assert sorted(path.name for path in (root / "openapi" / "overlays").iterdir()) == ["other.yaml"]


# -- what cannot be written


@pytest.mark.parametrize(
    ("below", "cause", "remedy"),
    [
        ("file/tree", "Not a directory", "give a path below a folder, not below a file"),
        ("file", "File exists", "give a folder, not a file"),
        ("x" * 300, "File name too long", "give a shorter path"),
    ],
)
def test_a_path_that_cannot_be_created_is_told(tmp_path: Path, below: str, cause: str, remedy: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RegenerationError) as caught:
        tree.replace(tmp_path / below, NEW)
    assert (caught.value.cause, caught.value.remedy) == (cause, remedy)


@pytest.mark.parametrize("number", [13, 30])
def test_a_folder_that_is_read_only_is_told(root: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(self: Path, **_: object) -> None:
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(RegenerationError) as caught:
        tree.replace(root, NEW)
    assert (caught.value.cause, "--output" in caught.value.remedy) == (os.strerror(number), True)
