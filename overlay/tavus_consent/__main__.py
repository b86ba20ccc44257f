"""``python -m tavus_consent``: the command ``tavus-consent``, also where the folder of commands is not on the path."""

from __future__ import annotations

import sys

from tavus_consent.cli import main

if __name__ == "__main__":
    sys.exit(main())
