"""Secrets, and every door they could leave by."""

import sys
from pathlib import Path

# tests/fuzz knows how to find every method of every namespace.
sys.path.append(str(Path(__file__).parent.parent))
