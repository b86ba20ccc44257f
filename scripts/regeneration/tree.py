"""The files that a regeneration owns: their comparison, and their atomic replacement."""

from __future__ import annotations

import difflib
import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from .problems import RegenerationError

STEP = "write"
# Each folder is replaced as a whole, so that no stale file stays in it.
UNITS = ("openapi/upstream", "openapi/tavus.yaml", "generated", "openapi/lock.toml")
# People write these files. A run replaces those that it edited.
EDITED = ("openapi/operations", "openapi/overlays", "openapi/baseline")
# Next to the tree and not in the system's temporary folder, because renames work only within one file system.
STAGING = ".regenerate-staging"
_JOURNAL = "journal"


def read(root: Path, folder: str) -> dict[str, bytes]:
    """Return the files below a folder by their path from ``root``, without caches and hidden files."""
    top = root / folder
    paths = [top] if top.is_file() else sorted(top.rglob("*"))
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


def check_scratch(folder: Path) -> None:
    """Refuse an output folder that is not writable, or that has contents other than earlier output.

    Raises:
        RegenerationError: The folder cannot be used. No new folder is left behind.
    """
    made: list[Path] = []
    try:
        made = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=STAGING, dir=folder):
            pass
        fits = not any(folder.iterdir()) or (folder / UNITS[-1]).exists() or (folder / STAGING).exists()
    except OSError as error:
        raise refusal(error, folder) from None
    finally:
        for path in made:
            with suppress(OSError):
                path.rmdir()
    if not fits:
        cause = "it holds something else than an earlier output"
        raise RegenerationError(STEP, str(folder), cause, "give a folder that is empty or does not exist")


def differences(root: Path, files: Mapping[str, bytes]) -> Iterable[str]:
    """Yield a unified diff from ``root`` to ``files`` for each file that differs, is missing, or should not exist."""
    present = {name: data for unit in _units(files) for name, data in read(root, unit).items()}
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
    """Replace the files below ``root`` by ``files``, or change nothing on any failure.

    First write all files next to the tree. Then write a journal that marks them as complete, and rename each unit into
    its place. After a run was killed, a later run finds the journal and continues (:func:`finish`).

    Args:
        root: The folder that holds ``openapi`` and ``generated``.
        files: Every file of the units, by path.

    Returns:
        The units that changed.

    Raises:
        RegenerationError: A file cannot be written. The tree is unchanged.
    """
    staging = root / STAGING
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _locked(root):
            _finish(root)
            changed = [unit for unit in _units(files) if _below(files, unit) != read(root, unit)]
            if not changed:
                return []
            try:
                _stage(staging, changed, files)
                for unit in changed:
                    checkpoint(f"before {unit}")
                    _take(root, unit)
            except BaseException:
                if not (staging / _JOURNAL).exists():
                    shutil.rmtree(staging, ignore_errors=True)
                    raise
                for unit in reversed(changed):
                    _put_back(root, unit)
                _clear(staging)
                raise
            checkpoint("before clearing")
            _clear(staging)
    except OSError as error:
        raise refusal(error, root) from None
    return changed


def check_finished(root: Path) -> None:
    """Refuse a tree that a killed run left half replaced."""
    if (root / STAGING / _JOURNAL).exists():
        cause = "a run was killed while it replaced the tree"
        raise RegenerationError(STEP, str(root), cause, "run scripts/regenerate.py, which finishes it first")


def finish(root: Path) -> None:
    """Finish the work of a killed run: complete it if there is a journal, or else delete its staged files.

    Raises:
        RegenerationError: Another run is active, or a file cannot be written.
    """
    if not (root / STAGING).exists():
        return
    try:
        with _locked(root):
            _finish(root)
    except OSError as error:
        raise refusal(error, root) from None


def refusal(error: OSError, place: Path) -> RegenerationError:
    """Return the error, with a remedy, for a file that cannot be written."""
    where = str(error.filename2 or error.filename or place)
    remedy = _REMEDIES.get(error.errno or 0, "mend that, and run it again")
    return RegenerationError(STEP, where, error.strerror or str(error), remedy)


_REMEDIES = {
    errno.EACCES: "make it writable, or give another folder with --output",
    errno.EPERM: "make it writable, or give another folder with --output",
    errno.EROFS: "give a folder of another file system with --output",
    errno.ENOSPC: "free space there",
    errno.EDQUOT: "free space there",
    errno.ENOTDIR: "give a path below a folder, not below a file",
    errno.ENOENT: "give a folder that can be made",
    errno.EEXIST: "give a folder, not a file",
    errno.ENAMETOOLONG: "give a shorter path",
}


def checkpoint(step: str) -> None:
    """Mark the moment before a step, so that tests can end the process here."""


def _stage(staging: Path, units: Iterable[str], files: Mapping[str, bytes]) -> None:
    checkpoint("before staging")
    for unit in units:
        below = _below(files, unit)
        if unit not in below:
            (staging / "new" / unit).mkdir(parents=True)  # a folder, possibly empty
        for name, data in below.items():
            path = staging / "new" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    checkpoint("before the journal")
    draft = staging / f"{_JOURNAL}.draft"
    draft.write_text("complete\n", "utf-8")
    draft.rename(staging / _JOURNAL)
    checkpoint("after the journal")


def _finish(root: Path) -> None:
    staging = root / STAGING
    if (staging / _JOURNAL).exists():
        for unit in (*UNITS, *EDITED):
            if (staging / "new" / unit).exists():
                _take(root, unit)
    if staging.exists():
        _clear(staging)


def _take(root: Path, unit: str) -> None:
    """Move the new unit into its place. After an interruption, calling this again completes the move."""
    old, new, place = root / STAGING / "old" / unit, root / STAGING / "new" / unit, root / unit
    for folder in (old, place):
        folder.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.rename(old)
        checkpoint(f"within {unit}")
    new.rename(place)


def _put_back(root: Path, unit: str) -> None:
    old, new, place = root / STAGING / "old" / unit, root / STAGING / "new" / unit, root / unit
    if not new.exists():
        place.rename(new)
    if old.exists():
        old.rename(place)


def _clear(staging: Path) -> None:
    # Delete the journal first, so that no later run continues with the remaining files.
    (staging / _JOURNAL).unlink(missing_ok=True)
    checkpoint("after clearing the journal")
    shutil.rmtree(staging)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Lock the folder, so that two runs do not replace one tree. The system releases it when the process ends."""
    folder = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RegenerationError(STEP, str(root), "another run is replacing it", "wait for its end") from None
        yield
    finally:
        os.close(folder)


def _units(files: Mapping[str, bytes]) -> list[str]:
    return [*UNITS[:-1], *(unit for unit in EDITED if _below(files, unit)), UNITS[-1]]


def _below(files: Mapping[str, bytes], unit: str) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name == unit or name.startswith(f"{unit}/")}
