"""schemathesis against the served fake; ``make fuzz`` is the same for longer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SEED = 2026


def test_the_fake_keeps_to_its_specification() -> None:
    script = Path(__file__).resolve().parents[2] / "scripts" / "fuzz.py"

    done = subprocess.run(
        [sys.executable, script, "--seed", str(SEED), "--examples", "5"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"seed {SEED}: " in done.stdout
    assert done.stdout.count(" success") == 4, "examples, coverage, fuzzing, stateful"
