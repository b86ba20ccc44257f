"""Words as the matcher compares them: normal form, spelling, sound. Pure, and the same on every machine.

This module needs no package: the similarity equals rapidfuzz's ``ratio``, in eight lines. Scores are stored for years,
so a release of another package must not change them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from .transcriber import Word

_TOKEN: Final = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
_AI: Final = re.compile(r"\ba\.\s?i\b\.?", re.IGNORECASE)
_CONTRACTIONS: Final = {
    "i'm": "i am",
    "i've": "i have",
    "i'd": "i would",
    "i'll": "i will",
    "can't": "cannot",
    "won't": "will not",
    "ain't": "am not",
    "he's": "he is",
    "she's": "she is",
    "they're": "they are",
    "that's": "that is",
    "it's": "it is",
}
_NOT: Final = re.compile(r"(are|could|did|do|does|had|has|have|is|must|should|was|were|would)n'?t")
# "Ah", "Eh" and "Er" are excluded because they are also names.
FILLERS: Final = frozenset({"erm", "hm", "hmm", "mhm", "mm", "uh", "uhm", "um"})


@frozen
class Token:
    """One word in the form in which words are compared.

    Attributes:
        text: The case-folded word, with contractions expanded.
        shown: The original spelling, for people; empty for the second half of a contraction.
        word: Index of the recognizer's word that it comes from.
    """

    text: str
    shown: str
    word: int


def tokens(words: Iterable[Word], *, keep: frozenset[str] = frozenset()) -> tuple[Token, ...]:
    """Convert words to the form in which they are compared.

    NFKC, case-folded, ``A.I.`` as ``ai``, contractions expanded, fillers removed. Names are not rewritten.

    Args:
        words: The words that were heard.
        keep: Words of the person's name; they are never treated as fillers.
    """
    found: list[Token] = []
    for token in _split(words):
        if token.text == "i" and found and found[-1].text == "a" and _spells_ai(found):
            found[-1] = Token("ai", f"{found[-1].shown} {token.shown}", found[-1].word)
        elif token.text not in FILLERS or token.text in keep:
            found.append(token)
    return tuple(found)


def _spells_ai(found: list[Token]) -> bool:
    # "an A I clone"; but "I, Lisa A, I am ..." is a name
    return len(found) > 1 and found[-2].text in ("an", "this", "that", "the")


def _split(words: Iterable[Word]) -> Iterator[Token]:
    for place, word in enumerate(words):
        plain = _AI.sub("AI", unicodedata.normalize("NFKC", word.text))
        for match in _TOKEN.finditer(plain):
            text = match[0].casefold().replace("’", "'").replace("ʼ", "'")
            shown = match[0]
            negated = _NOT.fullmatch(text)
            for part in (f"{negated[1]} not" if negated else _CONTRACTIONS.get(text, text)).split():
                yield Token(part, shown, place)
                shown = ""


def similarity(one: str, other: str) -> float:
    """Return the similarity of two strings from 0 to 1: twice the longest common subsequence over the total length.

    Bit-parallel (Hyyrö 2004); equal to ``rapidfuzz.fuzz.ratio`` divided by 100.
    """
    if not one or not other:
        return 0.0
    places: dict[str, int] = {}
    for place, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << place
    full = (1 << len(one)) - 1
    row = full
    for character in other:
        hit = row & places.get(character, 0)
        row = (row + hit | row - hit) & full
    common = len(one) - row.bit_count()
    return 2 * common / (len(one) + len(other))


def letters(text: str) -> str:
    """Return only the letters, in one case and without marks: ``Siobhán O'Connor`` is ``siobhanoconnor``."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(_BASE.get(character, character) for character in plain if character.isalpha())


# Letters of the Latin script without a decomposition, as English speakers and engines write them.
_BASE: Final = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "th", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}


def is_latin(text: str) -> bool:
    """Return True if every letter is one of ``a`` to ``z`` without its marks."""
    return all("a" <= character <= "z" for character in letters(text))


# Spellings of one sound, longest first; all others stand for themselves. For names in Latin letters, as an English
# recognizer writes them. All vowels count as one sound, because engines swap them most.
_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"tsch|tch|cz|ch", "C"),
        (r"sch|sh|ssi(?=o)|si(?=[ou])|sz|zh|j(?=e$)", "S"),
        (r"ph|bh|mh|gh(?=$)|ff|v|w(?!h)|wh", "f"),
        (r"gh|gg|ck|cc|q|k|g|c(?![eiyh])|kh", "k"),
        (r"x", "ks"),
        (r"th|tt|dd|t|d", "t"),
        (r"pp|bb|b|p", "p"),
        (r"[sz]+|c(?=[eiy])", "s"),
        (r"ll|l", "l"),
        (r"rr|r", "r"),
        (r"nn|mm|n|m", "n"),
        (r"[aeiouy]+h?", "a"),
        (r"h", ""),
    )
)


def sound(text: str) -> str:
    """Return a rough phonetic key of a name: ``siobhan`` and ``shivon`` have the same."""
    plain, found, place = letters(text), [], 0
    while place < len(plain):
        for pattern, code in _SOUNDS:
            match = pattern.match(plain, place)
            if match:
                found.append(code)
                place = match.end()
                break
        else:
            found.append(plain[place])
            place += 1
    return "".join(found)
