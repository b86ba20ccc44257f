"""Tables of README.md and docs/ that come from the code. ``python tests/docs/tables.py`` updates them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import tavus_consent
from tavus_consent import errors
from tavus_consent.cli._failures import MEANINGS, exit_code
from tavus_consent.training_errors import TRAINING_ERRORS
from tavus_consent.video_errors import VIDEO_ERRORS

PROJECT = Path(__file__).resolve().parents[2]
PAGES = [
    *(PROJECT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY", "CODE_OF_CONDUCT")),
    *sorted((PROJECT / "docs").glob("*.md")),
    *sorted((PROJECT / "docs/decisions").glob("*.md")),
]

_MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _table(*rows: Iterable[object]) -> str:
    head, *body = ([str(cell) for cell in row] for row in rows)
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *body))


def _errors() -> str:
    def rows() -> Iterator[tuple[str, str, str, int]]:
        for name in re.findall(
            r"^    [│ ├└─]*([A-Z]\w+)", errors.__doc__ or "", re.MULTILINE
        ):  # in the order of the tree
            cls = getattr(tavus_consent, name)
            kinds = ", ".join(f"`{base.__name__}`" for base in cls.__bases__)
            meaning = " ".join((cls.__doc__ or "").split("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")
            yield f"`{name}`", kinds, meaning, exit_code(cls.__new__(cls))

    return _table(("Error", "Is a", "When", "Exit code"), *rows())


def _exit_codes() -> str:
    return _table(("Exit code", "Meaning"), *((int(code), meaning) for code, meaning in MEANINGS.items()))


def _training_errors() -> str:
    return _table(("Type", "What to do"), *((f"`{one.name}`", one.advice) for one in TRAINING_ERRORS.values()))


def _video_errors() -> str:
    return _table(("Type", "What to do"), *((f"`{one.name}`", one.advice) for one in VIDEO_ERRORS.values()))


TABLES: dict[str, Callable[[], str]] = {
    "errors": _errors,
    "exit_codes": _exit_codes,
    "training_errors": _training_errors,
    "video_errors": _video_errors,
}


def renewed(page: str) -> str:
    """The page with its tables as the code gives them now."""
    return _MARKED.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n{found[3]}", page)


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(renewed(path.read_text("utf-8")), "utf-8")
