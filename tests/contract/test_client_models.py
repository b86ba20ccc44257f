"""The models of Tavus's own client, compared with the specification."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .outside import prepared

pytestmark = pytest.mark.heavy


def test_every_difference_from_the_client_has_a_reason() -> None:
    script = Path(__file__).resolve().parents[2] / "scripts" / "compare_client.py"

    command = [sys.executable, script, "--python", prepared("tavus-cli")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
