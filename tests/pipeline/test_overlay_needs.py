"""When upstream takes away what the overlay needs, the overlay's own tests say so."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .conftest import PROJECT, main

PAGE = "openapi/upstream/create-replica.md"
FIELD = "consent_video_url"


@pytest.fixture(scope="module")
def without_consent_video(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The raw client of a page without ``consent_video_url``, the overlay documents mended as a maintainer would."""
    folder = tmp_path_factory.mktemp("without")
    source = (built / PAGE).read_text()
    source = re.sub(rf" {{16}}{FIELD}:\n(?: {{18}}.*\n)+", "", source)
    source = re.sub(rf" {{18}}{FIELD}: >-\n {{20}}.*\n", "", source)
    (folder / "page.md").write_text(source)
    shutil.copytree(built / "openapi", folder / "tree" / "openapi")
    for path in (folder / "tree" / "openapi" / "overlays").glob("*.yaml"):
        overlay = yaml.safe_load(path.read_text().replace(f",'{FIELD}'", ""))
        overlay["actions"] = [action for action in overlay["actions"] if FIELD not in action["target"]]
        path.write_text(yaml.safe_dump(overlay))
    assert main(["--source", str(folder / "page.md")], folder / "tree") == 0
    assert FIELD not in (folder / "tree" / "generated/tavus_api/models/create_replica_request.py").read_text()
    return folder / "tree"


def run(raw_client: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(raw_client / "generated"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, *command], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )


TESTS = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/unit/test_replicas.py", "-k", "personal")


def test_the_tests_of_the_overlay_fail_loudly(without_consent_video: Path) -> None:
    result = run(without_consent_video, *TESTS)
    assert (result.returncode, "specification_has" in result.stdout and FIELD in result.stdout) == (1, True), (
        result.stdout
    )
