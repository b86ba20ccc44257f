"""Comparison of the consent statement in upstream with the templates of ``tavus_consent.consent``.

Upstream quotes the statement in its prose and has no separate field for it. So this module searches all texts for the
words of a person who consents, with a slot for the name.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from tavus_consent.consent import statement

from .markdown import code
from .problems import RegenerationError
from .schemas import places

STEP = "consent"
TEMPLATES = "overlay/tavus_consent/consent/statement.py"
SLOT = "[FULL NAME]"

# The slot is the text between brackets of any kind. The person says a name there.
_NEAR = r"[^\[\](){}<>\n]{0,30}"
_SLOT = re.compile(
    "|".join(
        f"{opening}{_NEAR}name{_NEAR}{closing}"
        for opening, closing in ((r"\[{1,2}", r"\]{1,2}"), (r"\({2}", r"\){2}"), (r"\{{1,2}", r"\}{1,2}"), ("<", ">"))
    ),
    re.IGNORECASE,
)
_QUOTED = re.compile(r'"([^"]{20,2000})"|“([^”]{20,2000})”|«([^»]{20,2000})»|`{1,3}([^`]{20,2000})`{1,3}')
_SPEAKER = re.compile(r"\b(?:I|my|me)\b")
_ASSENT = re.compile(r"\b(?:consent|agree|allow|authori[sz]|permi(?:t|ssion))", re.IGNORECASE)
_SUBJECT = re.compile(r"\b(?:clone|replica|likeness|avatar|double|twin|tavus)\b", re.IGNORECASE)
_OPENING = re.compile(r"\b(?:I|My name is|This is)\b,? *" + re.escape(SLOT))
_SENTENCE = re.compile(r"[^.!?]+[.!?]*\s*")


class Wording(NamedTuple):
    """One wording of the statement in upstream.

    Attributes:
        text: The words on one line, without markup, with ``[FULL NAME]`` for the name.
        sha256: SHA-256 of ``text`` in UTF-8, in hex.
        where: The place of the statement.
    """

    text: str
    sha256: str
    where: str


def current() -> statement.StatementTemplate:
    """Return the current template of the overlay."""
    return statement.STATEMENT


def known() -> frozenset[str]:
    """Return the hashes of all versions of the overlay."""
    versions = (value for value in vars(statement).values() if isinstance(value, statement.StatementTemplate))
    return frozenset(version.sha256 for version in versions)


def find(texts: Iterable[tuple[str, str]]) -> list[Wording]:
    """Return the statements in some texts, without duplicates. Each text comes with its place."""
    found: dict[str, Wording] = {}
    for where, text in texts:
        for words in _statements(text):
            digest = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()
            found.setdefault(digest, Wording(words, digest, where))
    return list(found.values())


def texts(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every description and summary of a document, with its place."""
    for node, where in places(document):
        for key in ("description", "summary") if isinstance(node, dict) else ():
            if isinstance(node.get(key), str):
                yield where or "/", node[key]


def another(found: Sequence[Wording]) -> Wording | None:
    """Return the first wording that no template has. If the current one is missing upstream, return any first one."""
    strange = [wording for wording in found if wording.sha256 not in known()]
    if strange or current().sha256 not in {wording.sha256 for wording in found}:
        return next(iter([*strange, *found]), None)
    return None


def check(found: list[Wording], tolerate: Callable[[RegenerationError], None]) -> list[str]:
    """Compare upstream's wording with the statement that the overlay asks people to read.

    It is not an error if upstream quotes no statement, because that contradicts no template. People then read the last
    known wording. An error could only be fixed by dropping the template, which is still the best known one.
    """
    template = current()
    if not found:
        return [f"consent: upstream no longer quotes the statement; version {template.version} of {TEMPLATES} stays"]
    wording = another(found)
    if wording is not None:
        step = f"in {TEMPLATES}"
        if wording.sha256 not in known():
            step = f"add version {template.version + 1} of the template to {TEMPLATES} and"
        tolerate(
            RegenerationError(
                STEP,
                wording.where,
                f"upstream has another wording of the consent statement: {code(wording.text, 1000)}",
                f"read what changed, then {step} let STATEMENT be it (sha256 {wording.sha256})",
            )
        )
    return []


# -- from Markdown to words


def _statements(text: str) -> Iterator[str]:
    for block, is_quote in _blocks(html.unescape(text)):
        words = _words(block)
        quotes = [words] if is_quote else [next(filter(None, quote)) for quote in _QUOTED.findall(words)]
        spoken = [quote for quote in quotes if _is_statement(quote)]
        opening = _OPENING.search(words)
        if opening and not spoken:
            spoken = [_to_last_word(words[opening.start() :])]
        yield from (quote.strip(" \t\"'`“”«»_") for quote in spoken)


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Yield paragraphs, and whether they are block quotes. A line after a quoted one belongs to the quote."""
    for paragraph in re.split(r"\n[ \t>]*\n", text.replace("\r\n", "\n")):
        plain: list[str] = []
        quote: list[str] = []
        for line in paragraph.split("\n"):
            marked = re.match(r"[ \t]*(?:>[ \t]?)+", line)
            if marked or quote:
                quote.append(line[marked.end() :] if marked else line)
            else:
                plain.append(line)
        for lines, is_quote in ((plain, False), (quote, True)):
            if lines:
                yield "\n".join(lines), is_quote


def _words(block: str) -> str:
    """Return the words without emphasis, escapes, links and invisible characters, with normalized blanks and slots."""
    block = "".join(c for c in unicodedata.normalize("NFC", block) if c.isspace() or unicodedata.category(c)[0] != "C")
    block = re.sub(r"\\([^\w\s])", r"\1", block)
    block = re.sub(r"\*+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|<br */?>", "", block)
    block = re.sub(r"\[([^\[\]]*)\]\([^()]*\)", r"\1", block)
    return _SLOT.sub(SLOT, " ".join(block.split()))


def _is_statement(quote: str) -> bool:
    about = SLOT in quote or _SUBJECT.search(quote)
    return bool(re.search(r"\bI\b", quote) and _ASSENT.search(quote) and about)


def _to_last_word(text: str) -> str:
    """Return the text up to the last sentence in the first person, because the rest is explanation."""
    sentences = _SENTENCE.findall(text)
    spoken = [index for index, sentence in enumerate(sentences) if _SPEAKER.search(sentence)]
    return "".join(sentences[: spoken[-1] + 1]) if spoken else text
