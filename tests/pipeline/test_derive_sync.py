"""The sync code matches the output of ``scripts/derive_sync.py`` for the async code."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import derive_sync
import pytest

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "overlay" / "tavus_consent"
DERIVED = sorted(PACKAGE.glob("*/_sync/*.py"))


def test_every_async_file_has_a_sync_one() -> None:
    sources = {
        path.relative_to(PACKAGE).as_posix().replace("_async", "_sync") for path in PACKAGE.glob("*/_async/*.py")
    }
    assert {path.relative_to(PACKAGE).as_posix() for path in DERIVED} == sources


def test_what_is_checked_in_is_current() -> None:
    done = subprocess.run(
        [sys.executable, PROJECT / "scripts" / "derive_sync.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the async and the sync folders, which the script works on."""
    for folder in PACKAGE.glob("*/_*sync"):
        shutil.copytree(folder, tmp_path / folder.relative_to(PACKAGE), ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(derive_sync, "PACKAGE", tmp_path)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["derive_sync.py", *options])
    return derive_sync.main()


def edit(package: Path) -> str:
    path = package / "gate" / "_sync" / "create.py"
    path.write_text(path.read_text() + "EDITED = True\n")
    return "gate/_sync/create.py"


def leave_behind(package: Path) -> str:
    (package / "gate" / "_sync" / "old.py").write_text("")
    return "gate/_sync/old.py"


def change_the_source(package: Path) -> str:
    path = package / "namespaces" / "_async" / "videos.py"
    path.write_text(path.read_text() + "\n\nasync def more() -> None:\n    await more()\n")
    return "namespaces/_sync/videos.py"


@pytest.mark.parametrize("change", [edit, leave_behind, change_the_source])
def test_the_check_names_what_is_not_current_and_a_run_mends_it(
    package: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], change: Callable[[Path], str]
) -> None:
    name = change(package)
    assert run(monkeypatch, "--check") == 1
    assert capsys.readouterr().out == f"{name} is not current: run make regenerate\n"
    assert run(monkeypatch) == 0
    assert run(monkeypatch, "--check") == 0


def test_await_and_async_go(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change_the_source(package)
    run(monkeypatch)
    text = (package / "namespaces" / "_sync" / "videos.py").read_text()
    assert text.endswith("\n\ndef more() -> None:\n    more()\n")
