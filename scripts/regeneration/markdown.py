"""Safe quotation of foreign text in our Markdown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_QUOTED = 160
MAX_LISTED = 12


def visible(text: str) -> str:
    """Return the text on one line, with invisible characters (controls, text direction, line ends) escaped."""
    return "".join(
        f"\\u{ord(character):04x}" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") else character
        for character in text
    )


def code(text: str, limit: int = MAX_QUOTED) -> str:
    """Return a code span with exactly this text, so that no markup, link or mention takes effect. Cut long text."""
    shown = visible(text)
    if len(shown) > limit:
        shown = f"{shown[:limit]}…"
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    space = " " if "`" in shown or shown.strip(" ") != shown or not shown else ""
    return f"{fence}{space}{shown}{space}{fence}"


def codes(texts: Iterable[str]) -> str:
    """Return up to 12 texts as code spans, and the number of the others."""
    every = list(texts)
    more = f" and {len(every) - MAX_LISTED} more" if len(every) > MAX_LISTED else ""
    return ", ".join(map(code, every[:MAX_LISTED])) + more
