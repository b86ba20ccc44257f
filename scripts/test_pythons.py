"""Run the tests that can differ between Python versions on every supported one that is on this machine.

Run by ``make pythons``. The version of .venv itself is left out: ``make test`` runs everything on it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ("3.11", "3.12", "3.13")
# The pipeline, the pages, the stores and the fuzzed server do not depend on the version of Python; decoding and sockets
# do.
FOLDERS = ("tests/unit", "tests/faults", "tests/fuzz")


def main() -> int:
    """Test on each version; the number of versions that failed."""
    failed = 0
    for version in VERSIONS:
        if version == f"{sys.version_info[0]}.{sys.version_info[1]}":
            continue
        python = find(version)
        if python is None:
            print(f"Python {version}: not on this machine")
            continue
        environment = ROOT / f".venv-{version}"
        uv("sync", "--quiet", "--frozen", "--all-extras", "--group", "dev", "--python", python, env=environment)
        print(f"Python {version}", flush=True)
        command = [
            str(environment / "bin" / "python"),
            "-m",
            "pytest",
            "-q",
            "-n",
            "auto",
            "--dist",
            "loadfile",
            "--no-loadscope-reorder",
            "-p",
            "no:cacheprovider",
            *FOLDERS,
        ]
        failed += subprocess.run(command, cwd=ROOT, check=False).returncode != 0
    return failed


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
