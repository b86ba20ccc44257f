"""One regeneration of the project, and one of the whole API, for all tests of this folder."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared"
sys.path.insert(0, str(PROJECT / "scripts"))

from regenerate import main  # noqa: E402  # scripts/ is no package of the project


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file by its path, but for what Python leaves behind."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's inputs and what one run makes of them; not to be changed."""
    root = tmp_path_factory.mktemp("built")
    shutil.copytree(PROJECT / "openapi", root / "openapi")
    for made in ("tavus.yaml", "lock.toml"):
        (root / "openapi" / made).unlink(missing_ok=True)
    assert main([], root) == 0
    return root


@pytest.fixture
def tree(built: Path, tmp_path: Path) -> Path:
    """A current tree that the test may change."""
    root = tmp_path / "tree"
    shutil.copytree(built, root)
    return root


@pytest.fixture(scope="session")
def whole_api(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the result of a run on Tavus's own description of its whole API."""
    source = SHARED / "specs" / "tavus-openapi-2026-05-23.yaml"
    if not source.exists():
        pytest.skip("the description of the whole API is not part of the project")
    # Without the baseline nothing is known of it, so all of it is taken, and none of our own descriptions.
    inputs, root = tmp_path_factory.mktemp("inputs"), tmp_path_factory.mktemp("whole")
    shutil.copytree(PROJECT / "openapi", inputs / "openapi", ignore=shutil.ignore_patterns("baseline"))
    assert main(["--source", str(source), "--output", str(root)], inputs) == 0
    return root
