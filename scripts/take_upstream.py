"""Take over Tavus's current document: report the changes and rebuild the tree, ready for a branch.

::

    python scripts/take_upstream.py                        fetch docs.tavus.io/openapi.yaml
    python scripts/take_upstream.py --source PATH_OR_URL   take another document
    python scripts/take_upstream.py --drop 'DELETE /v2/a/{id}' --move /v2/b=/v3/b --rename-components

The script sends the entity tag of the last download, and writes nothing if upstream matches ``openapi/baseline``.
Otherwise it writes the report to ``.upstream/report.md`` and the changelog lines to ``changes/``, and rebuilds the
tree. If you must fix something first, the report says so, and the tree stays unchanged.
"""

from __future__ import annotations

import argparse
import hashlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from regenerate import add_options, failure, wishes
from regeneration import baseline, tree
from regeneration.pipeline import run
from regeneration.problems import RegenerationError, together
from regeneration.reading import Source, fetch, parse_source, read_source
from regeneration.report import Report, report

ROOT = Path(__file__).resolve().parents[1]
PUBLISHED = "https://docs.tavus.io/openapi.yaml"
REPORT = Path(".upstream", "report.md")
FRAGMENTS = Path("changes")


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command.

    Args:
        arguments: The command line, without the name of the program.
        root: The folder that contains ``openapi`` and ``generated``.

    Returns:
        0 if the tree matches Tavus's document, 1 if a step failed or you must fix something first.
    """
    parser = argparse.ArgumentParser(description="Take over Tavus's current document.")
    parser.add_argument("--source", default=PUBLISHED, metavar="PATH_OR_URL", help=f"default: {PUBLISHED}")
    add_options(parser)
    options = parser.parse_args(arguments)
    try:
        tree.finish(root)
        inputs = tree.read(root, "openapi")
        known = baseline.read(inputs)
        source, etag = _read(options.source, known)
        if source is None or (known is not None and known.sha256 == hashlib.sha256(source.data).hexdigest()):
            print(f"Nothing to do: {options.source} is the document of the baseline.")
            return 0
        choices = wishes(options, etag)
        found = report({**inputs, **tree.read(root, "generated")}, [source], choices)
        _write(root / REPORT, found.markdown)
        if options.details:
            _write(options.details, found.details)
        print(f"The report is in {REPORT}.")
        if found.problems:
            raise together(found.problems)
        result = run(inputs, [source], choices)
        # Write this before the tree, because the tree decides which changes the next run finds.
        fragment = FRAGMENTS / f"upstream-{hashlib.sha256(source.data).hexdigest()[:12]}.md"
        _write(root / fragment, _fragment(source, found))
        changed = tree.replace(root, result.files)
    except RegenerationError as error:
        print(failure(error, options.details), file=sys.stderr)
        return 1
    print(f"Rebuilt: {', '.join(changed)}.\nThe lines for the changelog are in {fragment}.")
    print(f"Suggested version: {found.suggested}{' (breaking)' if found.breaking else ''}.")
    return 0


def _read(where: str, known: baseline.Baseline | None) -> tuple[Source | None, str]:
    """Return the document and its entity tag; None instead of the document if it is already known."""
    if "://" not in where:
        return read_source(where), ""
    data, etag = fetch(where, known.etag if known is not None and known.source == where else "")
    return (None if data is None else parse_source(data, where)), etag


def _fragment(source: Source, found: Report) -> str:
    lines = found.changelog or ["- Nothing that callers notice."]
    digest = hashlib.sha256(source.data).hexdigest()
    return "\n".join([f"<!-- {source.name}, SHA-256 {digest}: {found.suggested} -->", "### Changed", "", *lines, ""])


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    except OSError as error:
        raise tree.refusal(error, file) from None


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda signum, _: sys.exit(128 + signum))
    sys.exit(main())
