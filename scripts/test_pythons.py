"""Run tests on the other supported Pythons that are on this machine, and measure coverage on the newest.

``python scripts/test_pythons.py`` runs the tests that can differ between versions. With ``--coverage`` it runs the
tests that the coverage of ``overlay/`` is made of, on the newest version. So nothing runs twice on one version, except
what ``make test`` runs with fewer examples. Run by ``make pythons`` and ``make coverage``.
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
# Each Python has the Unicode of its time; coverage leaves these out since a tracer makes them three times as slow.
CORPORA = ("tests/unit/test_matching.py", "tests/unit/test_name_scripts.py")
# The other folders reach every line and branch of overlay/. These look at the whole from outside, which takes longer
# with a tracer, or test scripts/.
NOT_COVERING = ("contract", "docs", "fuzz", "pipeline", "security", "wire")


def main() -> int:
    """Run the command; the number of runs that failed."""
    parser = argparse.ArgumentParser(description="Run tests on several versions of Python.")
    parser.add_argument("--coverage", action="store_true", help="measure coverage on the newest version")
    covering = parser.parse_args().coverage
    here = found()
    newest = [*here][-1]
    if covering:
        return cover(prepared(newest, here[newest], "--group", "heavy"))
    failed = 0
    for version, python in here.items():
        if version == newest:  # its coverage is made of the other folders
            failed += run(prepared(version, python, "--group", "heavy"), *PYTEST, *FUZZ, *CORPORA)
        elif version != OWN:
            failed += run(prepared(version, python, "--no-extra", "speech"), *PYTEST, "-m", "not heavy", *FOLDERS)
    return failed


def cover(python: Path) -> int:
    """Run the covering tests, heavy ones too, and report; the exit status of what failed."""
    coverage, left_out = ("-m", "coverage"), [f"--ignore=tests/{one}" for one in NOT_COVERING]
    return (
        run(python, *coverage, "erase")
        or run(python, *coverage, "run", *PYTEST, "-m", "not exhaustive", *left_out)
        or run(python, *coverage, "combine", "--quiet")
        or run(python, *coverage, "report")
    )


def found() -> dict[str, str]:
    """Every supported version that is here, oldest first, with an interpreter."""
    here = {OWN: sys.executable}
    for version in VERSIONS:
        python = here.get(version) or find(version)
        if python is None:
            print(f"Python {version}: not on this machine")
        else:
            here[version] = python
    return dict(sorted(here.items(), key=lambda one: [int(part) for part in one[0].split(".")]))


def prepared(version: str, python: str, *options: str) -> Path:
    """Fill the environment of a version, unless it is .venv; its interpreter."""
    environment = ROOT / (".venv" if version == OWN else f".venv-{version}")
    if version != OWN:
        options = ("--all-extras", "--group", "dev", *options)
        uv("sync", "--quiet", "--frozen", *options, "--python", python, env=environment)
    print(f"Python {version}", flush=True)
    return environment / "bin" / "python"


def run(python: Path, *arguments: str, **variables: str) -> int:
    """Run Python with more variables in its environment; the exit status."""
    return subprocess.run([python, *arguments], cwd=ROOT, env={**os.environ, **variables}, check=False).returncode


def find(version: str) -> str | None:
    """An interpreter of this version: on the path, or one of pyenv's."""
    done = uv("python", "find", "--no-project", "--no-python-downloads", version, check=False)
    if done.returncode == 0:
        return done.stdout.strip()
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return next((str(path) for path in sorted(home.glob(f"{version}.*/bin/python"))), None)


def uv(*arguments: str, env: Path | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run uv for an environment of its own."""
    variables = {**os.environ, **({"UV_PROJECT_ENVIRONMENT": str(env)} if env else {})}
    command = [sys.executable, "-m", "uv", *arguments]
    return subprocess.run(command, cwd=ROOT, env=variables, check=check, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
