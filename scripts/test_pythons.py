"""Run tests on the other supported Pythons on this machine, and measure coverage on the newest.

``make pythons`` runs the tests that can differ between versions. ``make coverage`` passes ``--coverage``, which runs
the tests that measure the coverage of ``overlay/``, on the newest version. So no test runs twice on one version, except
those that ``make test`` runs with fewer examples.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ("3.11", "3.12", "3.13")
OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"
PYTEST = ("-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder", "-p", "no:cacheprovider")
# The oldest and the newest version run everything. Between them, only sockets and processes can differ.
FUZZ = ("tests/fuzz",)
FOLDERS = ("tests/faults", "tests/processes")
# Each Python has its own version of Unicode. Coverage omits these tests, because a tracer triples their time.
CORPORA = ("tests/unit/test_matching.py", "tests/unit/test_name_scripts.py")
# The other folders reach every line and branch of overlay/. These test the whole package from outside, which takes
# longer with a tracer, or they test scripts/.
NOT_COVERING = ("contract", "docs", "fuzz", "pipeline", "security", "wire")


def main() -> int:
    """Run the command and return the number of failed runs."""
    parser = argparse.ArgumentParser(description="Run tests on several versions of Python.")
    parser.add_argument("--coverage", action="store_true", help="measure coverage on the newest version")
    covering = parser.parse_args().coverage
    here = found()
    newest = [*here][-1]
    if covering:
        return cover(prepared(newest, here[newest], "--group", "heavy"))
    failed = 0
    for version, python in here.items():
        if version == newest:  # its coverage run covers the other folders
            failed += run(prepared(version, python, "--group", "heavy"), *PYTEST, *FUZZ, *CORPORA)
        elif version != OWN:
            failed += run(prepared(version, python, "--no-extra", "speech"), *PYTEST, "-m", "not heavy", *FOLDERS)
    return failed


def cover(python: Path) -> int:
    """Run the covering tests, including heavy ones, and report; return the exit status of the first failure."""
    coverage, left_out = ("-m", "coverage"), [f"--ignore=tests/{one}" for one in NOT_COVERING]
    return (
        run(python, *coverage, "erase")
        or run(python, *coverage, "run", *PYTEST, "-m", "not exhaustive", *left_out)
        or run(python, *coverage, "combine", "--quiet")
        or run(python, *coverage, "report")
    )


def found() -> dict[str, str]:
    """Return every supported version on this machine with its interpreter, oldest first."""
    here = {OWN: sys.executable}
    for version in VERSIONS:
        python = here.get(version) or find(version)
        if python is None:
            print(f"Python {version}: not on this machine")
        else:
            here[version] = python
    return dict(sorted(here.items(), key=lambda one: [int(part) for part in one[0].split(".")]))


def prepared(version: str, python: str, *options: str) -> Path:
    """Install the environment of a version, unless it is .venv, and return its interpreter."""
    environment = ROOT / (".venv" if version == OWN else f".venv-{version}")
    if version != OWN:
        options = ("--all-extras", "--group", "dev", *options)
        uv("sync", "--quiet", "--frozen", *options, "--python", python, env=environment)
    print(f"Python {version}", flush=True)
    return environment / "bin" / "python"


def run(python: Path, *arguments: str, **variables: str) -> int:
    """Run Python with additional environment variables and return the exit status."""
    return subprocess.run([python, *arguments], cwd=ROOT, env={**os.environ, **variables}, check=False).returncode


def find(version: str) -> str | None:
    """Return an interpreter of this version, from the path or from pyenv."""
    done = uv("python", "find", "--no-project", "--no-python-downloads", version, check=False)
    if done.returncode == 0:
        return done.stdout.strip()
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return next((str(path) for path in sorted(home.glob(f"{version}.*/bin/python"))), None)


def uv(*arguments: str, env: Path | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run uv for the given environment."""
    variables = {**os.environ, **({"UV_PROJECT_ENVIRONMENT": str(env)} if env else {})}
    command = [sys.executable, "-m", "uv", *arguments]
    return subprocess.run(command, cwd=ROOT, env=variables, check=check, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
