"""Given names that are common enough to belong to another person.

The list is data; ``scripts/list_given_names.py`` makes it.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib import resources


@cache
def given_names() -> frozenset[str]:
    """Return the names as :func:`~tavus_consent.consent._words.letters` writes them. The first call reads the file."""
    packed = resources.files(__package__).joinpath("given_names.txt.gz").read_bytes()
    lines = gzip.decompress(packed).decode().splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
