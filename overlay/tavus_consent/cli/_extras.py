"""The optional extras of the package, from its metadata, with the missing distributions of each."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from typing import Final

_PACKAGE: Final = "tavus-consent"
# The form that the build writes, with extras of extras expanded.
_REQUIREMENT: Final = re.compile(r"(?P<name>[\w.-]+).*;.*\bextra\s*==\s*['\"](?P<extra>[\w.-]+)['\"]", re.ASCII)


def missing_by_extra() -> dict[str, list[str]]:
    """Return each extra with the distributions that are not installed; empty if the package has no metadata."""
    try:
        metadata = distribution(_PACKAGE).metadata
    except PackageNotFoundError:  # as in a frozen program without metadata
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
