"""Write ``docs/operations.md``: every operation of ``openapi/tavus.yaml`` with its source, date and confidence.

::

    python scripts/list_operations.py            write it
    python scripts/list_operations.py --check    write nothing; exit 1 if it is not current
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from regeneration.plain import load_mapping
from regeneration.problems import RegenerationError
from regeneration.schemas import operations

ROOT = Path(__file__).resolve().parents[1]
PAGE = "docs/operations.md"

_HEAD = """# Every operation and its source

Built by `scripts/list_operations.py` from `openapi/tavus.yaml`; do not edit.

| Confidence | Meaning |
| --- | --- |
| official | we have a complete copy of Tavus's own description |
| official-excerpt | we have parts of Tavus's page, for some also its client; other parts are inferred and marked |
| official-withdrawn | Tavus once described it, but has removed the page |

The date is that of the source, or an interval if the exact date is unknown.

| Consent | Meaning |
| --- | --- |
| create | makes a likeness or a voice of a person |
| use | shows a likeness or speaks with a voice, or selects one |
| none | neither |
"""


def page(document: dict[str, Any]) -> str:
    """Return the page for a specification, with its operations sorted by tag."""
    by_tag: dict[str, list[str]] = {}
    for path, method, operation in operations(document):
        tag = (operation.get("tags") or ["default"])[0]
        by_tag.setdefault(tag, []).append(_row(path, method, operation))
    return _HEAD + "".join(_section(tag, by_tag[tag]) for tag in sorted(by_tag))


def _section(tag: str, rows: list[str]) -> str:
    head = "| Operation | Request | Consent | Source | Date | Confidence |\n| --- | --- | --- | --- | --- | --- |\n"
    return f"\n## {tag}\n\n{head}{''.join(rows)}"


def _row(path: str, method: str, operation: dict[str, Any]) -> str:
    return f"| {' | '.join(_cells(path, method, operation))} |\n"


def _cells(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"`{operation['operationId']}`" + (" (deprecated)" if operation.get("deprecated") else "")
    yield f"`{method.upper()} {path}`"
    yield str(operation.get("x-consent", ""))
    # An operation from a whole document in openapi/upstream has none of these keys.
    for key, absent in (("x-source", "openapi/upstream"), ("x-as-of", ""), ("x-confidence", "official")):
        yield str(operation.get(key, absent)).replace("|", "\\|")


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command.

    Args:
        arguments: The command line, without the name of the program.
        root: The folder that contains ``openapi`` and ``docs``.

    Returns:
        0 if the page is current, 1 if ``--check`` found that it is not, or if the specification cannot be read.
    """
    parser = argparse.ArgumentParser(description=f"Write {PAGE} from openapi/tavus.yaml.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the page is not current")
    options = parser.parse_args(arguments)
    try:
        text = page(load_mapping((root / "openapi" / "tavus.yaml").read_bytes(), "openapi/tavus.yaml"))
    except (OSError, RegenerationError) as error:
        print(f"{PAGE}: openapi/tavus.yaml cannot be read: {error}", file=sys.stderr)
        return 1
    file = root / PAGE
    if options.check:
        current = file.exists() and file.read_text("utf-8") == text
        if not current:
            print(f"{PAGE} is not current: run scripts/list_operations.py.", file=sys.stderr)
        return 0 if current else 1
    file.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
