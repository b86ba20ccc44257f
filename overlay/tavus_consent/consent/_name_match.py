"""Compares the name that was heard with the expected name, word by word because families share words.

The similarity of whole names is not enough: for "Martha Bellweather" and "Marcus Bellweather" it is 0.83. So the
matcher cuts the heard letters into one piece for each word of the name, and the worst piece decides. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import field, frozen

from ._given_names import given_names
from ._name_parts import NamePart, NameParts, name_parts, split_suffix
from ._words import letters, similarity, sound

_SAME_CONSONANTS: Final = 0.55
"""The similarity below which a word with the same consonants is doubtful."""
_OTHER_CONSONANTS: Final = 0.76
"""The same if the consonants differ too."""
_SHORT: Final = 3
"""The length in letters up to which a different sound is a different name: Wei and Mei."""
_PARTICLE: Final = 0.4
_BETTER: Final = 0.05
_INSIDE_A_WORD: Final = 1.0  # the cost of a cut within a heard word, in letters
_VOWELS: Final = frozenset("aeiouyhw")
_ALIKE: Final = tuple(map(frozenset, ("ckqgx", "szcx", "td", "bp", "fvw", "mn", "jyg", "lr")))
# Codes of consonants that engines confuse.
_HEARD_AS: Final = tuple(
    map(frozenset, ("Ss", "CS", "Cs", "tC", "tf", "pf", "kC", "nm", "rl", "tp", "kt", "js", "jk", "jC", "jS"))
)
# Spellings of one name that sound the same: Sara and Sarah, Erik and Eric, Oksana and Oxana.
_SPELLINGS: Final = tuple(
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        (r"ph", "f"),
        (r"x", "ks"),
        (r"th", "t"),
        (r"ck|q|c(?![eiyhz])", "k"),
        (r"ch(?=[rl])", "k"),
        (r"c(?=[eiy])", "s"),
        (r"[yj](?=[aeiou])", "j"),
        (r"(?<=[aeiou])[iy](?=$)", "y"),
        (r"y(?=$|[^aeiou])|ie(?=$)", "i"),
        (r"z", "s"),
        (r"(?<![csz])(?<!^)h", ""),
        (r"(.)\1+", r"\1"),
    )
)


@frozen
class NameMatch:
    """The comparison of a name with the words that were heard.

    Attributes:
        score: Similarity of the whole names, from 0 to 1.
        doubt: The reason that a person has to listen, in a sentence without personal data; empty if every word fits.
    """

    score: float
    doubt: str = ""


@frozen
class _Heard:
    """The words in place of the name."""

    letters: str = field(repr=False)
    ends: frozenset[int]
    suffix: str


def name_score(expected: str, heard: str) -> float:
    """Return the similarity of a heard name to the expected name, by spelling and by sound, from 0 to 1."""
    spelling = similarity(letters(expected), letters(heard))
    return max(spelling, (spelling + similarity(sound(expected), sound(heard))) / 2)


def match_name(full_name: str, spoken_as: Sequence[str], said: Sequence[str]) -> NameMatch:
    """Compare the words in place of the name with the name, word by word.

    Args:
        full_name: The written name.
        spoken_as: Spellings of its pronunciation.
        said: The words that were heard, in lower case.
    """
    readings = tuple(_readings(said))
    names = (full_name, *spoken_as)
    score = max(name_score(name, " ".join(words)) for name in names for words in readings)
    name = name_parts(full_name)
    templates = [[part.text for part in name.parts]]
    for spelling in map(_heard, map(str.split, map(str.casefold, spoken_as))):
        templates.append([spelling.letters[begin:end] for begin, end in _cut(templates[0], spelling)])
    alternatives = [{template[place] for template in templates} for place in range(len(name.parts))]
    doubts = [_doubt(name, templates, alternatives, _heard(words)) for words in readings]
    return NameMatch(score, min(doubts, key=bool))


def _readings(said: Sequence[str]) -> Iterable[Sequence[str]]:
    """Yield the words as they are, and their first half if the name was said twice."""
    yield said
    half = len(said) // 2
    if half and list(said[:half]) == list(said[-half:]):
        yield said[:half]


def _heard(words: Iterable[str]) -> _Heard:
    plain, suffix = split_suffix(filter(None, map(_letters_or_digits, words)))
    ends, at = {0}, 0
    for word in plain:
        at += len(word)
        ends.add(at)
    return _Heard("".join(plain), frozenset(ends), suffix)


def _letters_or_digits(word: str) -> str:
    return word if word[:1].isdigit() else letters(word)


def _doubt(name: NameParts, templates: Sequence[Sequence[str]], alternatives: Sequence[set[str]], heard: _Heard) -> str:
    if heard.suffix != name.suffix:
        return 'The suffix of the name differs: "Jr.", "III" and the like have to be the same.'
    last = len(name.parts) - 1
    found = []
    for template in templates:
        spans = _cut(template, heard)
        pieces = [heard.letters[begin:end] for begin, end in spans]
        if all(map(_same, template, pieces)):
            return ""
        found.append(
            [
                _part_doubt(part, alternatives[place], pieces[place], is_last=place == last and last > 0)
                or _extra_word(alternatives[place], heard, spans[place])
                for place, part in enumerate(name.parts)
            ]
        )
    best = min(found, key=lambda doubts: sum(map(bool, doubts)))
    return next(filter(None, best), "")


def _same(one: str, other: str) -> bool:
    return one == other or _spelling(one) == _spelling(other)


def _spelling(text: str) -> str:
    for pattern, spelling in _SPELLINGS:
        text = pattern.sub(spelling, text)
    return text


def _part_doubt(part: NamePart, spellings: set[str], piece: str, *, is_last: bool) -> str:
    """Return the reason that one word of the name needs a listener; an empty string if it does not."""
    if part.is_initial:
        return "" if piece in part.spoken() | spellings else "An initial was heard differently."
    if any(_same(spelling, piece) for spelling in spellings):
        return ""
    if part.is_particle:
        alike = not piece or max(name_score(spelling, piece) for spelling in spellings) >= _PARTICLE
        return "" if alike else "One word of the name was heard differently."
    if not is_last and piece in given_names():
        return "One word of the name was heard as another given name."
    return "" if any(_sounds_like(spelling, piece) for spelling in spellings) else _OTHERWISE


def _extra_word(spellings: set[str], heard: _Heard, span: tuple[int, int]) -> str:
    """Return a doubt if a piece contains an extra word, without which it is more like the word of the name."""
    begin, end = span
    piece = heard.letters[begin:end]
    inside = sorted(at for at in heard.ends if begin < at < end)
    shorter = (heard.letters[begin : inside[-1]], heard.letters[inside[0] : end]) if inside else ()
    for spelling in spellings:
        if any(similarity(spelling, one) > similarity(spelling, piece) + _BETTER for one in shorter):
            return "Another word was heard in the name."
    return ""


_OTHERWISE: Final = "One word of the name was heard differently."


def _sounds_like(spelling: str, piece: str) -> bool:
    expected, heard = sound(spelling), sound(piece)
    if not expected or not heard or expected[0] != heard[0]:
        return False
    if min(len(spelling), len(piece)) <= _SHORT and expected != heard:
        return False
    consonants, others = expected.replace("a", ""), heard.replace("a", "")
    if _clash(consonants, others):
        return False
    return name_score(spelling, piece) >= (_SAME_CONSONANTS if consonants == others else _OTHER_CONSONANTS)


def _clash(consonants: str, others: str) -> bool:
    """Return True if one consonant was heard as another that does not sound like it: Rajesh is not Ramesh."""
    changed = [pair for pair in zip(consonants, others, strict=False) if pair[0] != pair[1]]
    return len(consonants) == len(others) and len(changed) == 1 and not any(set(changed[0]) <= one for one in _HEARD_AS)


def _cut(template: Sequence[str], heard: _Heard) -> list[tuple[int, int]]:
    """Cut the heard letters into one piece for each word at the lowest cost; return the range of each piece.

    The alignment works on letters: a missing or extra letter costs 1, a similar sound 1, any other change 2. A cut
    within a heard word costs :data:`_INSIDE_A_WORD`.
    """
    text = heard.letters
    row: list[float] = [float("inf")] * (len(text) + 1)
    row[0] = 0.0
    came: list[list[int]] = []  # for each word and each end of it: the start of its piece
    for word in template:
        row, starts = _cut_word(word, text, row)
        for at in range(len(row)):
            if at not in heard.ends:
                row[at] += _INSIDE_A_WORD
        came.append(starts)
    pieces, end = [], len(text)
    for starts in reversed(came):
        pieces.append((starts[end], end))
        end = starts[end]
    return pieces[::-1]


def _cut_word(word: str, text: str, above: list[float]) -> tuple[list[float], list[int]]:
    row, starts = list(above), list(range(len(above)))
    _insert(row, starts)
    for letter in word:
        before, began = row, starts
        row, starts = [before[0] + 1], [began[0]]
        for at, other in enumerate(text, start=1):
            changed, missing = before[at - 1] + _change(letter, other), before[at] + 1
            if changed <= missing:
                row.append(changed)
                starts.append(began[at - 1])
            else:
                row.append(missing)
                starts.append(began[at])
        _insert(row, starts)
    return row, starts


def _insert(row: list[float], starts: list[int]) -> None:
    for at in range(1, len(row)):
        if row[at - 1] + 1 < row[at]:
            row[at], starts[at] = row[at - 1] + 1, starts[at - 1]


def _change(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if one in _VOWELS and other in _VOWELS:
        return 1.0
    return 1.2 if any(one in alike and other in alike for alike in _ALIKE) else 2.0
