"""Rebuild ``openapi/tavus.yaml`` and ``generated/`` from what is in ``openapi/``.

::

    python scripts/regenerate.py                           rebuild the tree
    python scripts/regenerate.py --check                   write nothing; exit 1 with a diff if the tree is not current
    python scripts/regenerate.py --report                  write nothing; say what changed and whether it breaks
    python scripts/regenerate.py --source new-page.md      take new upstream first (repeatable; path or https URL)
    python scripts/regenerate.py --output DIR              write into DIR, not into the repository

A source is a docs page (Markdown with one block that opens ````` ````yaml post /v2/replicas `````) or a whole OpenAPI
document (YAML or JSON, 3.0 or 3.1). It is kept in ``openapi/upstream`` as it came: a page replaces the page of its
operation; a whole document replaces the whole documents that share an operation with it, and the pages of operations
that it holds. When any step fails, nothing is written.

``--report`` compares the committed tree with what its inputs, and every ``--source``, give now. It exits with 2 when
the change breaks who relies on the committed version, else with 1 when the new version cannot be built yet (the report
says what to mend), else with 0.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from regeneration import tree
from regeneration.pipeline import run
from regeneration.problems import RegenerationError
from regeneration.reading import Source, read_source

ROOT = Path(__file__).resolve().parents[1]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Leave with 1: 2 says that a change is breaking."""
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command.

    Args:
        arguments: The command line, without the name of the program.
        root: The folder that holds ``openapi`` and ``generated``.

    Returns:
        0 when the tree is current, 1 when a step failed or ``--check`` found a difference, 2 when ``--report`` found
        that the change is breaking.
    """
    parser = _Parser(description="Rebuild openapi/tavus.yaml and generated/ from what is in openapi/.")
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 with a diff if the tree is not current"
    )
    wanted.add_argument(
        "--report", action="store_true", help="write nothing; say what changed, exit 2 if that is breaking"
    )
    parser.add_argument(
        "--source", action="append", default=[], metavar="PATH_OR_URL", help="take new upstream (repeatable)"
    )
    parser.add_argument("--output", type=Path, default=root, metavar="DIR", help="write into DIR, not the repository")
    options = parser.parse_args(arguments)
    if options.report and options.output != root:
        parser.error("--report writes nothing: leave --output out")
    try:
        if options.output != root:
            tree.check_scratch(options.output)
        sources = [read_source(source) for source in options.source]
        if options.report:
            return _report(root, sources)
        result = run(tree.read(root, "openapi"), sources)
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


def _report(root: Path, sources: list[Source]) -> int:
    from regeneration.report import report  # only a report pays for what compares packages

    found = report({**tree.read(root, "openapi"), **tree.read(root, "generated")}, sources)
    sys.stdout.write(found.markdown)
    return 2 if found.breaking else 1 if found.problems else 0


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
