"""Tests that no secret leaks, for every way out of the process."""

import sys
from pathlib import Path

# tests/fuzz knows how to find every method of every namespace.
sys.path.append(str(Path(__file__).parent.parent))
