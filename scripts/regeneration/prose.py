"""Safe conversion of upstream's text to docstrings, in one line or wrapped."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any


def described(text: Any, words: Sequence[Any] = ()) -> str:
    """Return a sentence that describes a value. Append the known words if the text has none of them."""
    line = sentence(text)
    known = [str(word) for word in words if word is not None]
    if known and not any(word in line for word in known):
        line = f"{line} One of {', '.join(f'`{word}`' for word in known)}.".strip()
    return line


def paragraphs(summary: Any, description: Any) -> str:
    """Return the summary and the description as paragraphs, each on one line."""
    parts = [summary, *(description.split("\n\n") if isinstance(description, str) else ())]
    return "\n\n".join(dict.fromkeys(line for line in map(sentence, parts) if line))


def sentence(text: Any) -> str:
    """Return a text on one line that ends with punctuation."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split()) if isinstance(text, str) else ""
    return line if not line or line[-1] in ".!?:" else f"{line}."


def docstring(text: str, sections: Mapping[str, Sequence[tuple[str, str]]], indent: int) -> str:
    """Return a docstring in Google style. Escape the texts, so that they cannot end it."""
    pad = " " * indent
    lines: list[str] = []
    for number, paragraph in enumerate(part for part in text.split("\n\n") if part):
        lines += ([""] if number else []) + _wrapped(paragraph, 110 - indent, "")
    for title, rows in sections.items():
        if rows:
            lines += ["", f"{title}:"]
            for name, note in rows:
                lines += _wrapped(f"{name}: {note}" if note else name, 106 - indent, "    ", "        ")
    body = "\n".join(f"{pad}{line}" if line else "" for line in lines).lstrip()
    body = re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", body)
    body = body.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if body.endswith('"'):
        body = f'{body[:-1]}\\"'
    end = f"\n{pad}" if len(lines) > 1 else ""
    return f'{pad}"""{body}{end}"""'


def _wrapped(text: str, width: int, first: str, rest: str | None = None) -> list[str]:
    indent = first if rest is None else rest
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ) or [first]
