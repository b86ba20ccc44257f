"""The optional parts of the package, as its own metadata lists them, and what each of them still lacks."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from typing import Final

_PACKAGE: Final = "tavus-consent"
# What the build writes: extras that name one another are spelled out in it.
_REQUIREMENT: Final = re.compile(r"(?P<name>[\w.-]+).*;.*\bextra\s*==\s*['\"](?P<extra>[\w.-]+)['\"]", re.ASCII)


def missing_by_extra() -> dict[str, list[str]]:
    """Return each extra with the distributions that are not installed; empty if the package has no metadata."""
    try:
        metadata = distribution(_PACKAGE).metadata
    except PackageNotFoundError:  # as in a frozen program that left it out
        return {}
    needed: dict[str, list[str]] = {extra: [] for extra in metadata.get_all("Provides-Extra") or ()}
    for line in metadata.get_all("Requires-Dist") or ():
        found = _REQUIREMENT.match(line)
        if found is not None:
            needed[found["extra"]].append(found["name"])
    return {extra: [name for name in names if not _is_installed(name)] for extra, names in needed.items()}


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
