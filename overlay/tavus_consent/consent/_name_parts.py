"""The parts of a person's name, in the form that the matcher compares. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import field, frozen

from ._lexicon import words_of
from ._words import letters

_TITLES: Final = words_of("mr mrs ms miss mx dr doctor prof professor sir dame lord lady rev reverend")
# Words that engines drop, join and swap: "de los" is heard as "delos", "al" as "el". They distinguish no one.
_PARTICLES: Final = words_of(
    "al ar bin bint da das de del della den der di do dos du el la las los mac mc ter van von y zu zum zur"
)
_SUFFIXES: Final = {
    **dict.fromkeys(("jr", "junior"), "junior"),
    **dict.fromkeys(("sr", "senior"), "senior"),
}
_NUMBERS: Final = (
    ("second", "2nd", "two"),
    ("third", "3rd", "three"),
    ("fourth", "4th", "four"),
    ("fifth", "5th", "five"),
    ("sixth", "6th", "six"),
    ("seventh", "7th", "seven"),
    ("eighth", "8th", "eight"),
    ("ninth", "9th", "nine"),
    ("tenth", "10th", "ten"),
)
_ROMAN: Final = ("ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_ORDINALS: Final = {
    word: numeral for words, numeral in zip(_NUMBERS, _ROMAN, strict=True) for word in (*words[:2], numeral)
}
_LETTER_NAMES: Final = {
    letter: frozenset((letter, *names.split()))
    for letter, names in {
        "a": "ay eh hey",
        "b": "be bee",
        "c": "see sea si",
        "d": "dee de",
        "e": "ee",
        "f": "ef eff",
        "g": "gee ji",
        "h": "aitch age haitch",
        "i": "eye ai",
        "j": "jay je",
        "k": "kay cay",
        "l": "el ell",
        "m": "em",
        "n": "en",
        "o": "oh owe",
        "p": "pee pea",
        "q": "queue cue",
        "r": "are ar",
        "s": "es ess",
        "t": "tee tea",
        "u": "you yu",
        "v": "vee ve",
        "w": "doubleu doubleyou",
        "x": "ex",
        "y": "why wye",
        "z": "zee zed",
    }.items()
}


@frozen
class NamePart:
    """One word of a name.

    Attributes:
        text: Its letters.
        is_initial: True for a single letter, which is spoken as the letter's name.
        is_particle: True for a word such as "van" or "de" between the names.
    """

    text: str = field(repr=False)
    is_initial: bool = False
    is_particle: bool = False

    def spoken(self) -> frozenset[str]:
        """Return every spelling that counts as exactly this part."""
        return _LETTER_NAMES.get(self.text, frozenset((self.text,))) if self.is_initial else frozenset((self.text,))


@frozen
class NameParts:
    """A name split into the parts that are compared.

    Attributes:
        parts: Given names, initials, particles and family names in their order.
        suffix: ``junior``, ``senior``, a Roman numeral from ``ii`` on, or empty.
    """

    parts: tuple[NamePart, ...] = field(repr=lambda parts: f"<{len(parts)} parts>")
    suffix: str = field(default="", repr=False)


def name_parts(name: str) -> NameParts:
    """Split a written name into the parts that are compared."""
    words, suffix = split_suffix([plain for word in re.split(r"[\s\-‐·.]+", name) if (plain := _plain(word))])
    parts = tuple(
        NamePart(word, is_initial=len(word) == 1, is_particle=word in _PARTICLES and 0 < place < len(words) - 1)
        for place, word in enumerate(words)
    )
    return NameParts(parts, suffix)


def split_suffix(words: Iterable[str]) -> tuple[list[str], str]:
    """Remove titles at the front, and "Jr.", "III" or "the third" at the end, from the plain words of a name.

    Returns:
        The other words, and the suffix in one spelling or an empty string.
    """
    left = list(words)
    while len(left) > 1 and left[0] in _TITLES:
        del left[0]
    last = left[-1] if left else ""
    suffix = _SUFFIXES.get(last) or _ORDINALS.get(last, "")
    if not suffix or len(left) == 1:
        return left, ""
    del left[-1]
    if len(left) > 1 and left[-1] == "the":
        del left[-1]
    return left, suffix


def _plain(word: str) -> str:
    return word.casefold() if word[:1].isdigit() else letters(word)
