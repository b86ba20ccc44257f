"""Rebuild ``openapi/tavus.yaml`` and ``generated/`` from what is in ``openapi/``.

::

    python scripts/regenerate.py                           rebuild the tree
    python scripts/regenerate.py --check                   write nothing; exit 1 with a diff if the tree is not current
    python scripts/regenerate.py --source new-page.md      take new upstream first (repeatable; path or https URL)
    python scripts/regenerate.py --output DIR              write into DIR, not into the repository

A source is a docs page (Markdown with one block that opens ````` ````yaml post /v2/replicas `````) or a whole OpenAPI
document (YAML or JSON, 3.0 or 3.1). It is kept in ``openapi/upstream`` as it came: a page replaces the page of its
operation; a whole document replaces the whole documents that share an operation with it, and the pages of operations
that it holds. When any step fails, nothing is written.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from regeneration import tree
from regeneration.pipeline import run
from regeneration.problems import RegenerationError
from regeneration.reading import read_source

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command.

    Args:
        arguments: The command line, without the name of the program.
        root: The folder that holds ``openapi`` and ``generated``.

    Returns:
        0 when the tree is current, 1 when a step failed or ``--check`` found a difference.
    """
    parser = argparse.ArgumentParser(description="Rebuild openapi/tavus.yaml and generated/ from what is in openapi/.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 with a diff if the tree is not current"
    )
    parser.add_argument(
        "--source", action="append", default=[], metavar="PATH_OR_URL", help="take new upstream (repeatable)"
    )
    parser.add_argument("--output", type=Path, default=root, metavar="DIR", help="write into DIR, not the repository")
    options = parser.parse_args(arguments)
    try:
        if options.output != root:
            tree.check_scratch(options.output)
        result = run(tree.read(root, "openapi"), [read_source(source) for source in options.source])
        for note in result.notes:
            print(note, file=sys.stderr)
        if options.check:
            return _check(options.output, result.files)
        changed = tree.replace(options.output, result.files)
    except RegenerationError as error:
        print(f"Nothing was written: a step failed.\n{error.report()}", file=sys.stderr)
        return 1
    print(f"Rebuilt: {', '.join(changed)}." if changed else "Nothing to do: the tree is current.")
    return 0


def _check(root: Path, files: dict[str, bytes]) -> int:
    found = list(tree.differences(root, files))
    sys.stdout.writelines(found)
    if found:
        print("The tree is not what openapi/ gives: run scripts/regenerate.py (make regenerate).", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    # Leave by an exception when told to stop, so that the tree is put back.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
