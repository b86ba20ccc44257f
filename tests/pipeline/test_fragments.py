"""Every supported fragment: generated with the project's own operations, called, and compared on the socket.

The package differs from the installed one, so ``tests/wire`` runs once in a separate process.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from .conftest import PROJECT, main
from .fragments import Fragment, document
from .fragments.corpus import CARRIED


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the fragments among its operations, regenerated."""
    root = tmp_path_factory.mktemp("fragments") / "tree"
    shutil.copytree(PROJECT / "openapi", root / "openapi")
    (root / "openapi" / "operations" / "fragments.yaml").write_text(json.dumps(document(CARRIED)))
    assert main([], root) == 0
    return root


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree / "generated"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def outcomes(tree: Path) -> dict[str, str]:
    """Return the failures of each fragment in the wire test; empty if it passed."""
    report = tree.parent / "report.xml"
    options = ["-q", "-p", "no:cacheprovider", "-k", "fragment_", f"--junitxml={report}"]
    done = run(tree, "pytest", "tests/wire/test_operations.py", *options)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = {}
    for case in ET.parse(report).iter("testcase"):  # our own report
        name = case.attrib["name"].partition("[")[2].rstrip("]").removeprefix("fragment_")
        found[name] = "\n".join(part.text or "" for part in case)
    return found


@pytest.mark.parametrize("fragment", CARRIED, ids=lambda one: one.name)
def test_what_is_carried_is_on_the_wire_what_the_specification_says(
    outcomes: dict[str, str], fragment: Fragment
) -> None:
    assert outcomes[fragment.name] == "", fragment.why


def test_the_package_of_all_fragments_passes_mypy_strict(tree: Path, tmp_path: Path) -> None:
    options = ["--strict", "--config-file=", "--cache-dir", str(tmp_path), "--explicit-package-bases"]
    done = run(tree, "mypy", *options, str(tree / "generated" / "tavus_api" / "api" / "fragments"))
    assert done.stdout.startswith("Success"), done.stdout
