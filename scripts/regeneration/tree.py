"""The files that a regeneration owns: compare them, or replace all of them or none."""

from __future__ import annotations

import difflib
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from .problems import RegenerationError

STEP = "write"
# A folder is replaced whole, so that nothing stale stays in it.
UNITS = ("openapi/upstream", "openapi/tavus.yaml", "generated", "openapi/lock.toml")


def read(root: Path, folder: str) -> dict[str, bytes]:
    """The files below a folder by their path from ``root``, without what Python and tools leave there."""
    top = root / folder
    paths = [top] if top.is_file() else sorted(top.rglob("*"))
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


def check_scratch(folder: Path) -> None:
    """Refuse a folder for output that holds anything but an earlier output: what it holds would be replaced.

    Raises:
        RegenerationError: The folder is not empty, and no regeneration has written it.
    """
    if folder.exists() and not (folder.is_dir() and (not any(folder.iterdir()) or (folder / UNITS[-1]).exists())):
        cause = "it holds something else than an earlier output"
        raise RegenerationError(STEP, str(folder), cause, "give a folder that is empty or does not exist")


def differences(root: Path, files: Mapping[str, bytes]) -> Iterable[str]:
    """Unified diffs from what is below ``root`` to ``files``, for each file that differs, is missing or is too many."""
    present = {name: data for unit in UNITS for name, data in read(root, unit).items()}
    for name in sorted(present.keys() | files.keys()):
        old, new = present.get(name), files.get(name)
        if old != new:
            yield (
                "".join(
                    difflib.unified_diff(
                        _lines(old),
                        _lines(new),
                        fromfile="/dev/null" if old is None else f"a/{name}",
                        tofile="/dev/null" if new is None else f"b/{name}",
                    )
                )
                or f"--- {name}: {'is missing' if old is None else 'should not be there'}, and is empty\n"
            )


def _lines(data: bytes | None) -> list[str]:
    lines = (data or b"").decode("utf-8", errors="backslashreplace").splitlines(keepends=True)
    return [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]


def replace(root: Path, files: Mapping[str, bytes]) -> list[str]:
    """Make what is below ``root`` equal to ``files``: all of it, or on any failure nothing.

    Args:
        root: The folder that holds ``openapi`` and ``generated``.
        files: Every file of the units, by path.

    Returns:
        The units that changed.

    Raises:
        RegenerationError: A file cannot be written; the tree is as it was.
    """
    changed = [unit for unit in UNITS if _below(files, unit) != read(root, unit)]
    if not changed:
        return []
    root.mkdir(parents=True, exist_ok=True)
    # Beside the tree, not in the system's temporary folder: a rename is only a rename within one file system.
    staging = Path(tempfile.mkdtemp(prefix=".regenerate-", dir=root))
    done: list[str] = []
    try:
        for name, data in files.items():
            path = staging / "new" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        for unit in changed:
            for folder in (staging / "old" / unit, root / unit):
                folder.parent.mkdir(parents=True, exist_ok=True)
            done.append(unit)
            if (root / unit).exists():
                (root / unit).rename(staging / "old" / unit)
            (staging / "new" / unit).rename(root / unit)
    except BaseException as error:
        for unit in reversed(done):
            _restore(root / unit, staging / "old" / unit, staging / "new" / unit)
        if isinstance(error, OSError):
            raise RegenerationError(
                STEP, error.filename or str(root), error.strerror or "", "make it writable"
            ) from None
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return changed


def _restore(place: Path, old: Path, new: Path) -> None:
    if not new.exists():
        place.rename(new)
    if old.exists():
        old.rename(place)


def _below(files: Mapping[str, bytes], unit: str) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name == unit or name.startswith(f"{unit}/")}
