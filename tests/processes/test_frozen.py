"""The package in a program that PyInstaller froze: what it finds by name or reads from files is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tests.preflight.media import make_video

pytestmark = pytest.mark.heavy

PROGRAM = Path(__file__).with_name("program.py")
# Large, and not what is tested here.
LEFT_OUT = ("faster_whisper", "ctranslate2", "onnxruntime", "psycopg", "keyring")


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The frozen program, made without an option that names this package."""
    assert find_spec("PyInstaller")
    folder = tmp_path_factory.mktemp("frozen")
    options = ["--onedir", "--noconfirm", "--log-level=ERROR", *(f"--exclude-module={name}" for name in LEFT_OUT)]
    run = subprocess.run(
        [sys.executable, "-m", "PyInstaller", *options, PROGRAM],
        cwd=folder,
        env={**os.environ, "PYINSTALLER_CONFIG_DIR": str(folder / "cache")},
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
    """What the program printed, without the environment of this process."""
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
    assert (ended.returncode, ended.stderr) == (0, "")
    line, _, rest = ended.stdout.partition("\n")
    return json.loads(line), rest


def test_a_frozen_program_does_what_it_does_with_python(frozen: Path, video: Path, tmp_path: Path) -> None:
    here, demo = run([sys.executable, PROGRAM], tmp_path / "here", video)
    there, frozen_demo = run([frozen], tmp_path / "there", video)
    assert there == here
    assert here["ready"] is here["sound"] is here["ok"] is True
    assert [line for line in frozen_demo.splitlines() if line.startswith("    replica = ")] == [
        line for line in demo.splitlines() if line.startswith("    replica = ")
    ]
