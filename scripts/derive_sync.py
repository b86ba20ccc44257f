"""Derive the sync code of the overlay from its async code: each ``_sync`` folder from the ``_async`` folder next to it.

``python scripts/derive_sync.py`` writes the files, and ``--check`` fails if one is out of date. unasync changes the
code. This script also changes the few words in docstrings that describe async code.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import unasync

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGE: Final = ROOT / "overlay" / "tavus_consent"
NAMES: Final = {
    "_async": "_sync",
    "asyncio_detailed": "sync_detailed",
    "get_async_httpx_client": "get_httpx_client",
    "asynccontextmanager": "contextmanager",
    "sleep_async": "sleep",
    "tell_async": "tell",
    "call_async": "call",
    "each_async": "each",
    "BATCH_ASYNC": "BATCH",
    "AsyncCaller": "SyncCaller",
    "AsyncTransports": "SyncTransports",
    "AsyncNamespaces": "SyncNamespaces",
}
HEADER: Final = "# Derived from ../_async/{} by scripts/derive_sync.py, do not edit.\n"
# Awaitables in annotations, and words in docstrings. An opening parenthesis before "await" is removed with it.
TEXTS: Final = (
    (re.compile(r"\bAwaitable\[((?:[^][]|\[(?:[^][]|\[[^][]*\])*\])*)\]"), r"\1"),
    (re.compile(r"\bimport Awaitable, "), "import "),
    (re.compile(r"\(await ([^()]*\([^()]*\))\)"), r"\1"),
    (re.compile(r"= \(context\.registry\(\)\)\."), "= context.registry()."),
    (re.compile(r"\basync with "), "with "),
    (re.compile(r"\bawait "), ""),
    (re.compile(r"\bAsyncConsents\b"), "Consents"),
    (re.compile(r"\b_async\b"), "_sync"),
    (re.compile(r"\basyncio_detailed\b"), "sync_detailed"),
    (re.compile(r"as async code, the only code of them that is written by hand"), "as sync code"),
)


def derived() -> dict[Path, str]:
    """Return the text of every derived file, formatted."""
    made: dict[Path, str] = {}
    with TemporaryDirectory() as folder:
        copy = Path(folder, "tavus_consent")
        sources = sorted(PACKAGE.glob("*/_async/*.py"))
        for source in sources:
            target = copy / source.relative_to(PACKAGE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        words = {word for source in sources for word in re.findall(r"\bAsync[A-Z]\w+(?:\[\w+\])?", source.read_text())}
        replacements = {word: word.removeprefix("Async") for word in words} | NAMES
        copies = sorted(str(path) for path in copy.glob("*/_async/*.py"))
        unasync.unasync_files(copies, [unasync.Rule("/_async/", "/_sync/", replacements)])
        results = sorted(copy.glob("*/_sync/*.py"))
        for result in results:
            text = result.read_text()
            for pattern, words_instead in TEXTS:
                text = pattern.sub(words_instead, text)
            result.write_text(HEADER.format(result.name) + text)
        ruff = [str(Path(sys.executable).with_name("ruff")), "--config", str(ROOT / "pyproject.toml")]
        paths = [str(result) for result in results]
        subprocess.run([ruff[0], "check", *ruff[1:], "--select", "I", "--fix", "--quiet", *paths], check=True)
        subprocess.run([ruff[0], "format", *ruff[1:], "--quiet", *paths], check=True)
        for result in results:
            made[PACKAGE / result.relative_to(copy)] = result.read_text()
    return made


def main() -> int:
    """Run the command and return the exit status."""
    parser = argparse.ArgumentParser(description="Derive the sync code of the overlay.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail if a file is out of date")
    checks = parser.parse_args().check
    made = derived()
    stale = [path for path in PACKAGE.glob("*/_sync/*.py") if path not in made]
    stale += [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    if checks:
        for path in sorted(stale):
            print(f"{path.relative_to(PACKAGE)} is not current: run make regenerate")
        return int(bool(stale))
    for path in stale:
        path.unlink(missing_ok=True)
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
