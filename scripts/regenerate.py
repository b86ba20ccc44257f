"""Rebuild ``openapi/tavus.yaml`` and ``generated/`` from the files in ``openapi/``.

::

    python scripts/regenerate.py                           rebuild the tree
    python scripts/regenerate.py --check                   write nothing; exit 1 with a diff if the tree is not current
    python scripts/regenerate.py --report                  write nothing; say what changed and whether it breaks
    python scripts/regenerate.py --source new-page.md      take new upstream first (repeatable; path or https URL)
    python scripts/regenerate.py --output DIR              write into DIR, not into the repository
    python scripts/regenerate.py --drop 'DELETE /v2/a/{id}' --move /v2/b=/v3/b
                                                           also drop or move what upstream dropped or moved
    python scripts/regenerate.py --rename-components       rename components of upstream whose names are taken

A source is a docs page (Markdown with one block that opens ````` ````yaml post /v2/replicas `````) or a whole OpenAPI
document (YAML or JSON, 3.0 or 3.1). The script stores it unchanged in ``openapi/upstream``. A page replaces the page of
its operation. A whole document replaces the whole documents that share an operation with it, and the pages of its
operations, and becomes the baseline. If a step fails, the script writes nothing, and lists every problem with its file,
line and JSON pointer. If a run is killed while it writes, the next run completes it.

``--report`` compares upstream with upstream (``openapi/baseline``), and the committed specification with the one built
from the inputs and every ``--source``. It exits with 2 if the change breaks code that relies on the committed version,
with 1 if the new version cannot be built yet (the report says what to fix), and otherwise with 0.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from regeneration import tree
from regeneration.old_pages import Wishes
from regeneration.pipeline import Options, run
from regeneration.problems import RegenerationError, each, together
from regeneration.reading import Source, read_source

ROOT = Path(__file__).resolve().parents[1]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Exit with 1, because 2 means that a change is breaking."""
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command.

    Args:
        arguments: The command line, without the name of the program.
        root: The folder that contains ``openapi`` and ``generated``.

    Returns:
        0 if the tree is current, 1 if a step failed or ``--check`` found a difference, 2 if ``--report`` found that
        the change is breaking.
    """
    parser = _Parser(description="Rebuild openapi/tavus.yaml and generated/ from the files in openapi/.")
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
    add_options(parser)
    parser.add_argument("--output", type=Path, default=root, metavar="DIR", help="write into DIR, not the repository")
    options = parser.parse_args(arguments)
    if options.report and options.output != root:
        parser.error("--report writes nothing: leave --output out")
    try:
        if options.check or options.report:
            tree.check_finished(options.output)
        elif options.output != root:
            tree.check_scratch(options.output)
        else:
            tree.finish(root)
        sources = read_sources(options.source)
        if options.report:
            return _report(root, sources, options)
        result = run(tree.read(root, "openapi"), sources, wishes(options))
        for note in result.notes:
            print(note, file=sys.stderr)
        if options.check:
            return _check(options.output, result.files)
        changed = tree.replace(options.output, result.files)
    except RegenerationError as error:
        print(failure(error, options.details), file=sys.stderr)
        return 1
    print(f"Rebuilt: {', '.join(changed)}." if changed else "Nothing to do: the tree is current.")
    return 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for taking over new upstream documents."""
    parser.add_argument(
        "--drop",
        action="append",
        default=[],
        metavar="OPERATION",
        help="take 'DELETE /v2/things/{id}' out of our files",
    )
    parser.add_argument(
        "--move", action="append", default=[], metavar="OLD=NEW", help="give a path of our files another name"
    )
    parser.add_argument(
        "--rename-components", action="store_true", help="rename each component of upstream whose name is taken"
    )
    parser.add_argument("--details", type=Path, metavar="FILE", help="where to write what is too long to print")


def wishes(options: argparse.Namespace, etag: str = "") -> Options:
    """Return the options for taking over new upstream documents.

    Raises:
        RegenerationError: A move has the wrong form.
    """
    moves = []
    for move in options.move:
        old, equals, new = move.partition("=")
        if not (equals and old.startswith("/") and new.startswith("/")):
            raise RegenerationError(
                "move", f"--move {move}", "it is not two paths", "write it as /v2/things=/v3/things"
            )
        moves.append((old, new))
    return Options(Wishes(options.drop, moves), options.rename_components, etag)


def read_sources(names: Sequence[str]) -> list[Source]:
    """Read all sources.

    Raises:
        RegenerationError: It names every source that cannot be read.
    """
    problems: list[RegenerationError] = []
    sources = each(read_source, names, problems.append)
    if problems:
        raise together(problems)
    return sources


def failure(error: RegenerationError, details: Path | None) -> str:
    """Return the text to print for an error. If it is long, write all of it to a file."""
    if error.step in ("tools", "write") and len(error.problems) == 1:
        return f"Nothing was written: {error.place}: {error.cause}; {error.remedy}."
    text, whole = error.report(), error.report(None)
    if text != whole:
        text += f"\n\nAll of it is in {keep(whole, details)}."
    count = len(error.problems)
    return f"Nothing was written: {'a step failed' if count == 1 else f'there are {count} problems'}.\n{text}"


def keep(text: str, file: Path | None) -> Path:
    """Write a text that is too long to print to a file, by default in the system's temporary folder."""
    if file is None:
        handle, name = tempfile.mkstemp(prefix="tavus-report-", suffix=".md")
        os.close(handle)
        file = Path(name)
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise tree.refusal(error, file) from None
    return file


def _report(root: Path, sources: list[Source], options: argparse.Namespace) -> int:
    from regeneration.report import report  # imported here, because only a report needs it

    committed = {**tree.read(root, "openapi"), **tree.read(root, "generated")}
    found = report(committed, sources, wishes(options))
    sys.stdout.write(found.markdown)
    if options.details or found.details != found.markdown:
        print(f"The details are in {keep(found.details, options.details)}.", file=sys.stderr)
    return 2 if found.breaking else 1 if found.problems else 0


def _check(root: Path, files: dict[str, bytes]) -> int:
    found = list(tree.differences(root, files))
    sys.stdout.writelines(found)
    if found:
        print("The tree is not what openapi/ gives: run scripts/regenerate.py (make regenerate).", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    # Raise an exception on these signals, so that the tree is restored.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda signum, _: sys.exit(128 + signum))
    sys.exit(main())
