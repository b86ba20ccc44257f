"""The differences inside the statement: each one has an explanation, or a person listens. Pure.

A gap is a run of words that do not match, with the words of the statement that are missing there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from ._alignment import COMPANY, Alignment
from ._given_names import given_names
from ._lexicon import CONFUSIONS, CORRECTIONS, FUNCTION_WORDS, NEGATING_PREFIXES, NEGATIONS, OTHER_PERSONS, REVERSALS
from ._words import Token, similarity
from .part import Part
from .verdict import Verdict, worst

_JOINED: Final = 0.70
"""The similarity from which letters heard in a gap count as the missing words: "eichlone" for "AI clone"."""
_CONSENT: Final = 0.80
"""The same for "consent": "contest" has a similarity of 0.71."""
_ONE_WORD: Final = 0.75
_STEM: Final = 4
_NEARBY: Final = 4  # the distance in words within which a word counts as a repetition
_SPEAKER: Final = frozenset({"i", "me"})
_MODAL: Final = frozenset({"can", "be"})

_NEGATED: Final = Part("negation", Verdict.MISMATCH, "The statement is negated.")
_REVERSED: Final = Part("negation", Verdict.MISMATCH, "A word of the statement was changed into its opposite.")
_CORRECTED: Final = Part("negation", Verdict.REVIEW, "A negation was heard before a correction.")
_MISHEARD: Final = Part("negation", Verdict.REVIEW, "A negation was heard in place of a word that sounds like it.")
_PERSON: Final = Part("person", Verdict.MISMATCH, "Another person is named in place of the speaker.")
_GIVEN: Final = re.compile(" (give|gives|giving|gave) my consent ")
_MINE: Final = Part("person", Verdict.REVIEW, 'The word "my" was heard where it can refer to another person.')
_MISSING: Final = Part("wording", Verdict.REVIEW, "A word of the statement is missing.")
_UNEXPLAINED: Final = Part("wording", Verdict.REVIEW, "An unexpected word was heard in the statement.")


@frozen
class Gap:
    """One difference.

    Attributes:
        heard: The words heard there.
        missing: The words of the statement that are missing.
        place: Index of the statement's word before the gap.
        follows: The word heard after the gap, or an empty string.
    """

    heard: tuple[str, ...]
    missing: tuple[str, ...]
    place: int
    follows: str


def judge_gaps(
    found: Alignment,
    heard: Sequence[Token],
    beside: tuple[Sequence[str], Sequence[str]],
    name: Collection[str],
    misheard: Mapping[str, str],
) -> tuple[Part, Part, Part]:
    """Judge every difference between the statement and the words heard in its place.

    Args:
        found: The place of the statement.
        heard: All words heard.
        beside: The words directly before and after the company's name.
        name: The words of the speaker's name; one of them may replace a missing "I".
        misheard: Negations that the engine writes for another word, by that word.

    Returns:
        The parts ``negation``, ``person`` and ``wording``.
    """
    parts = [
        part
        for gap in _gaps(found, heard, beside)
        if gap.place >= 0 or not set(gap.heard) <= set(name)
        for part in _judge(gap, found.expected, misheard)
    ]
    return _worst("negation", parts), _worst("person", parts), _worst("wording", parts)


def explain_company(said: Sequence[str]) -> Iterator[Part]:
    """Judge the words in place of a missing company name: some deny the statement or name a person."""
    for word in said:
        if word in NEGATIONS | REVERSALS:
            yield _NEGATED
        elif word in OTHER_PERSONS - {"us"}:  # recognizers write "us" for "Tavus"
            yield _PERSON


def _worst(name: str, parts: Sequence[Part]) -> Part:
    mine = [part for part in parts if part.name == name]
    verdict = worst([Verdict.PASS, *(part.verdict for part in mine)])
    return next((part for part in mine if part.verdict is verdict), Part(name, Verdict.PASS))


def _gaps(found: Alignment, heard: Sequence[Token], beside: tuple[Sequence[str], Sequence[str]]) -> Iterator[Gap]:
    words: list[str] = []
    missing: list[str] = []
    place = -1
    for step in found.steps:
        if step.operation not in ("same", "slot"):
            words += [token.text for token in heard[slice(*step.heard)]]
            if step.operation != "extra":
                missing.append(found.expected[step.place])
            continue
        before, behind = beside if found.expected[step.place] == COMPANY else ((), ())
        words += before
        if words or missing:
            follows = heard[step.heard[0]].text if step.heard[0] < step.heard[1] else ""
            yield Gap(tuple(words), tuple(missing), place, follows)
        words, missing = [*behind], []
        place = step.place
    if words or missing:
        yield Gap(tuple(words), tuple(missing), place, "")


def _judge(gap: Gap, expected: Sequence[str], misheard: Mapping[str, str]) -> Iterator[Part]:
    words = _without_idioms(gap, expected[gap.place] if gap.place >= 0 else "")
    yield from _denials(gap, words, misheard)
    yield from _persons(gap, words)
    if not words:
        if any(_is_content(word) for word in gap.missing):
            yield _MISSING
        return
    if _sounds_like_missing(words, gap.missing):
        return
    nearby = expected[max(0, gap.place + 1 - _NEARBY) : gap.place + 1 + len(gap.missing) + _NEARBY]
    if not all(_is_explained(word, gap.missing, nearby) for word in words):
        yield _UNEXPLAINED
    if any(_is_content(word) and not any(_stands_for(one, word) for one in words) for word in gap.missing):
        yield _MISSING


def _without_idioms(gap: Gap, before: str) -> list[str]:
    """Drop "you know", and "my" in "give my consent". A bare "my consent" may have been "might consent"."""
    text = f" {' '.join((before, *gap.heard, gap.follows))} ".replace(" you know ", " ")
    words = _GIVEN.sub(r" \1 consent ", text).split()[1 if before else 0 :]
    return words[:-1] if gap.follows else words


def _denials(gap: Gap, words: Sequence[str], misheard: Mapping[str, str]) -> Iterator[Part]:
    for place, word in enumerate(words):
        if word in NEGATIONS:
            if _is_corrected(words[place + 1 :]):
                yield _CORRECTED
            elif any(misheard.get(one) == word for one in gap.missing):
                yield _MISHEARD
            else:
                yield _NEGATED
        elif word in REVERSALS or _is_reversed(word, gap.missing):
            yield _CORRECTED if _is_corrected(words[place + 1 :]) else _REVERSED


def _is_corrected(behind: Sequence[str]) -> bool:
    return any(
        tuple(behind[at : at + len(one)]) == one for one in CORRECTIONS for at in range(len(behind) - len(one) + 1)
    )


def _is_reversed(word: str, missing: Sequence[str]) -> bool:
    """Return True if a word is a missing one with a negating prefix, such as "misused"."""
    return any(
        word.startswith(prefix) and len(word) - len(prefix) > 2 and _is_same_stem(word.removeprefix(prefix), one)
        for prefix in NEGATING_PREFIXES
        for one in missing
    )


def _persons(gap: Gap, words: Sequence[str]) -> Iterator[Part]:
    speaker_missing = _SPEAKER & set(gap.missing) and "my" not in words  # "my face" names no other person
    for word in words:
        if word in OTHER_PERSONS or (speaker_missing and _is_name(word)):
            yield _PERSON
        elif word in ("my", "mine"):
            yield _MINE


def _is_name(word: str) -> bool:
    return word in given_names() and word not in FUNCTION_WORDS and not _is_confusion(word, "me")


def _is_content(word: str) -> bool:
    return word not in FUNCTION_WORDS and word not in _MODAL


def _sounds_like_missing(words: Sequence[str], missing: Sequence[str]) -> bool:
    if not missing or _SPEAKER & set(missing):
        return False
    spoken, expected = "".join(words), "".join(missing)
    bound = _CONSENT if "consent" in missing else _JOINED
    return similarity(spoken, expected) >= bound and not _has_prefix(spoken, expected)


def _has_prefix(word: str, expected: str) -> bool:
    """Return True if a word is another one with letters before it: "abused" is not "used"."""
    return word != expected and word.endswith(expected)


def _is_explained(word: str, missing: Sequence[str], nearby: Sequence[str]) -> bool:
    if word in FUNCTION_WORDS or word in nearby:
        return True
    if any(len(word) < len(one) and one.startswith(word) for one in nearby):  # "con consent"
        return True
    return any(_stands_for(word, one) for one in missing)


def _stands_for(word: str, missing: str) -> bool:
    if word == missing or _is_confusion(word, missing) or _is_same_stem(word, missing):
        return True
    if missing in _SPEAKER or len(missing) <= 3 or _has_prefix(word, missing):
        return False
    return similarity(word, missing) >= (_CONSENT if missing == "consent" else _ONE_WORD)


def _is_confusion(word: str, missing: str) -> bool:
    return word in CONFUSIONS.get(missing, ())


def _is_same_stem(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return (
        len(shorter) >= _STEM
        and longer.startswith(shorter[: max(_STEM, len(shorter) - 1)])
        and (len(longer) - len(shorter) <= 3)
    )
