"""Words of others in our Markdown: quoted so that they stay what they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_QUOTED = 160
MAX_LISTED = 12


def visible(text: str) -> str:
    """The text on one line, with what cannot be seen (controls, text direction, line ends) written out."""
    return "".join(
        f"\\u{ord(character):04x}" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") else character
        for character in text
    )


def code(text: str, limit: int = MAX_QUOTED) -> str:
    """A code span that holds exactly this text, cut when it is very long: no markup, link or mention gets out."""
    shown = visible(text)
    if len(shown) > limit:
        shown = f"{shown[:limit]}…"
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    space = " " if "`" in shown or shown.strip(" ") != shown or not shown else ""
    return f"{fence}{space}{shown}{space}{fence}"


def codes(texts: Iterable[str]) -> str:
    """Code spans, the first dozen of them."""
    every = list(texts)
    more = f" and {len(every) - MAX_LISTED} more" if len(every) > MAX_LISTED else ""
    return ", ".join(map(code, every[:MAX_LISTED])) + more
