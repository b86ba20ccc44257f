"""Build the sdist and a wheel from it, install the wheel without extras into an empty environment, and use it.

``make wheel`` runs this script. It exits with 1 and lists what is missing.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IN_WHEEL = (
    "tavus_consent/__init__.py",
    "tavus_consent/ledger/migrations/env.py",
    "tavus_consent/py.typed",
    "tavus_api/__init__.py",
    "tavus_api/py.typed",
    "tavus_api/openapi.json",
    "tavus_api/types.py",
)
IN_SDIST = ("openapi/tavus.yaml", "openapi/upstream/create-replica.md", "README.md", "CHANGELOG.md", "LICENSE")
MAX_INSTALLED_BYTES = 3_300_000

# The steps of a new user who has only httpx and attrs installed.
USE = """
import httpx, subprocess, sys, tavus_consent
from importlib.metadata import version
assert version("tavus-consent") == tavus_consent.__version__, "version"
transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"replica_id": "r1", "status": "ready"}))
with tavus_consent.Tavus("key", transport=transport) as tavus:
    assert tavus.replicas.get("r1").is_ready
for name in tavus_consent.__all__:
    getattr(tavus_consent, name)
uses = {
    "cli": "from tavus_consent.cli import main; raise SystemExit(main(['statement', 'Rio Alvarez']))",
    "ledger": "from tavus_consent.ledger import open_ledger; open_ledger('sqlite:///consent.db')",
    "testing": "from tavus_consent.testing import FakeTavus; FakeTavus().client().replicas.get('r1')",
}
for extra, use in uses.items():
    done = subprocess.run([sys.executable, "-c", use], capture_output=True, text=True)
    said = done.stderr.strip().splitlines()[-1]
    assert done.returncode and f"tavus-consent[{extra}]" in said, done.stderr
    print("as it should be:", said.partition(": ")[2])
"""


def main() -> int:
    """Build, install and use the package in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        run(sys.executable, "-m", "uv", "build", "--quiet", "--sdist", "--out-dir", scratch, cwd=ROOT)
        (sdist,) = scratch.glob("*.tar.gz")
        with tarfile.open(sdist) as archive:
            names = {name.partition("/")[2] for name in archive.getnames()}
        missing = [name for name in IN_SDIST if name not in names]
        run(sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", scratch, sdist, cwd=scratch)
        (wheel,) = scratch.glob("*.whl")
        with zipfile.ZipFile(wheel) as contents:
            members = contents.infolist()
        held = {member.filename for member in members}
        missing += [name for name in IN_WHEEL if name not in held]
        tops = {name.partition("/")[0] for name in held if ".dist-info" not in name}
        size = sum(member.file_size for member in members)
        if missing or tops != {"tavus_consent", "tavus_api"} or size > MAX_INSTALLED_BYTES:
            print(f"missing: {missing}; top-level packages: {sorted(tops)}; {size} bytes", file=sys.stderr)
            return 1
        venv.create(scratch / "empty", with_pip=True)
        python = scratch / "empty" / "bin" / "python"
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=scratch)
        run(python, "-W", "error", "-c", USE, cwd=scratch)
        print(f"{wheel.name}: {len(held)} files, {size:,} bytes, works without extras")
    return 0


def run(*command: str | Path, cwd: Path) -> None:
    """Run a command; exit with its output if it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command[:4]))} ... failed:\n{done.stdout}{done.stderr}")
    if done.stdout:
        print(done.stdout.strip())


if __name__ == "__main__":
    sys.exit(main())
