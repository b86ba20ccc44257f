"""schemathesis against the served fake; ``make fuzz`` runs the same for longer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.effort import QUICK

PHASES = ("examples", "coverage", "fuzzing", "stateful")
SEED = 2026


def test_the_fake_keeps_to_its_specification() -> None:
    script = Path(__file__).resolve().parents[2] / "scripts" / "fuzz.py"

    phases = [phase for phase in PHASES if phase != "coverage" or not QUICK]  # that one takes as long as the others
    examples = "2" if QUICK else "5"

    command = [sys.executable, script, "--seed", str(SEED), "--examples", examples, "--phases", ",".join(phases)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"seed {SEED}: " in done.stdout
    assert [phase for phase in PHASES if f"{phase} success" in done.stdout] == phases
