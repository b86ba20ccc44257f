"""Run the main flow with the lowest and with the newest versions of the dependencies: ``make versions``.

The script installs the built wheel into two temporary environments. In each, it runs the demo, a create on the fake
with a ledger, the verification of that ledger, and a preflight of a file. It exits with the number of failed runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ("cli", "ledger", "mock", "postgres", "preflight", "testing")
RESOLUTIONS = {"lowest": "lowest-direct", "newest": "highest"}

FLOW = """
from importlib.metadata import version
from pathlib import Path

import tavus_consent
from tavus_consent import SpokenConsent
from tavus_consent.cli import main
from tavus_consent.preflight import preflight
from tavus_consent.testing import FakeTavus
from tests.preflight.media import make_video

assert Path(tavus_consent.__file__).is_relative_to(Path.cwd()), "this is not the wheel"
assert main(["demo", "--seconds", "0.2"]) == 0

fake = FakeTavus()
with fake.client(ledger="sqlite:///consent.db") as tavus:
    consent = SpokenConsent("Rio Alvarez", "https://bucket.example/consent.mp4")
    replica = tavus.replicas.create_personal(train_video_url="https://bucket.example/train.mp4", consent=consent)
    assert tavus.replicas.wait(replica.replica_id).is_ready
    (record,) = tavus.consents.list()
    assert [one.replica_id for one in record.state.intents] == [replica.replica_id]
assert main(["ledger", "verify", "--ledger", "sqlite:///consent.db"]) == 0

make_video("train.mp4", seconds=100)
report = preflight(train_video=Path("train.mp4"))
assert report.fingerprints["train"]
assert not report.problems, report.problems
names = "httpx httpcore attrs cyclopts rich alembic cryptography sqlalchemy psycopg av jsonschema-rs uvicorn".split()
print(", ".join(f"{name} {version(name)}" for name in names))
"""


def main() -> int:
    """Build the wheel, run the flow twice, and return the number of failed runs."""
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve()
        uv("build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT))
        (wheel,) = folder.glob("*.whl")
        for name, resolution in RESOLUTIONS.items():
            place = folder / name
            place.mkdir()
            print(f"{name} versions", flush=True)
            failed += not flows(wheel, place, resolution)
    return failed


def flows(wheel: Path, place: Path, resolution: str) -> bool:
    """Run the flow with the wheel and dependencies of one resolution; return True if it worked."""
    python = place / "environment" / "bin" / "python"
    uv("venv", "--quiet", "--python", sys.executable, str(place / "environment"))
    extras = [part for extra in EXTRAS for part in ("--extra", extra)]
    # With a wheel, lowest-direct would only apply to the wheel: its dependencies are direct only in pyproject.toml.
    into = ("pip", "install", "--quiet", "--python", str(python))
    uv(*into, "--resolution", resolution, "--upgrade", "-r", str(ROOT / "pyproject.toml"), *extras)
    uv(*into, "--no-deps", str(wheel))
    variables = {name: value for name, value in os.environ.items() if not name.startswith("TAVUS_")}
    variables |= {"PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(place), "TAVUS_CONSENT_KEY": "A" * 43 + "="}
    done = subprocess.run(
        [python, "-c", FLOW], cwd=place, env=variables, capture_output=True, text=True, check=False, timeout=600
    )
    print(done.stdout.splitlines()[-1] if done.returncode == 0 else done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def uv(*arguments: str) -> None:
    """Run uv; exit with its error output if it fails."""
    done = subprocess.run([sys.executable, "-m", "uv", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"uv {arguments[0]} failed: {done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
