"""The words around the statement, which may retract it, limit it, or show that another person speaks. Pure.

In a consent video every word has an explanation, or a person listens. A training video continues with other talk, so
only the words next to the statement count.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Final

from ._alignment import COMPANY, SLOTS
from ._lexicon import (
    CONSENT,
    DURESS,
    EARNEST,
    HARMLESS,
    LIMITS,
    NEGATIONS,
    NUMBERS,
    PRETENCE,
    REPORTED,
    REVERSALS,
    SOFT_LIMITS,
)
from ._words import Token
from .part import Part
from .verdict import Verdict

WORDS_BEHIND: Final = 12
"""The words after the statement of a training video that still concern it, unless their sentence ends earlier."""
WORDS_BEFORE: Final = 15
_GOES_ON: Final = 4
"""The number of words after the statement within which a limit belongs to it, if no sentence ends before."""
_SPEAKER: Final = frozenset({"i", "mine", "myself"})
_STRETCH: Final = 3
"""The number of consecutive words of the statement which show that the speaker started again."""
_LONG_STRETCH: Final = 5
_MOST_TALK: Final = 150
"""The number of words beside the statement of a consent video to check; more are not just talk around it."""

_AGREE: Final = r"(?:consent|agree|accept|approve|allow|permit|authori[sz]e)"
_THIS: Final = r"(?:to )?(?:(?:any|all) of )?(?:it|this|that|these|tavus)"
_MODIFIER: Final = r"(?:\w+ ){0,2}"
_NOT: Final = r"(?:not|never|cannot)"
_USE: Final = r"(?:use|make|create|train|publish|share|keep|upload|send|do)"

# Anywhere in the recording. Narrow on purpose: people say a lot in a training video, and "I refuse to believe it"
# retracts nothing.
_ANYWHERE: Final = (
    rf"i {_MODIFIER}{_NOT}(?: \w+)? (?:consent(?:ed|ing)?|(?:agree|allow|permit|mean) {_THIS})",
    rf"i (?:\w+ )?(?:withdraw|revoke|retract|refuse|decline)(?: to| my| this)?(?: consent| permission| {_THIS}|$)",
    r"i take (?:it|this|that|all of that|my consent) back",
    r"(?:just|only) (?:kidding|joking)",
    r"(?:against|without) my (?:will|consent)",
    r"(?:they are|he is|she is) (?:forcing|making) me",
    r"i (?:am|was) (?:being )?(?:forced|coerced|threatened)",
    r"under duress",
)
# In the sentence after the statement.
_BEHIND: Final = (
    rf"i {_MODIFIER}{_NOT}(?: \w+)? {_AGREE}(?:ed|ing)?\b(?! with (?:them|him|her|people|everything))",
    r"i (?:\w+ )?(?:disagree|object|withdraw|revoke|retract|cancel|refuse|decline)",
    r"i (?:\w+ )?(?:do|did|would|will) not (?:\w+ )?(?:want|mean|wish)",
    rf"(?:please )?(?:do not|never) (?:\w+ )?{_USE}",
    r"(?:forget|delete|destroy|erase|discard|ignore|scrap) (?:it|this|that|the|my|all)",
    r"(?:this|that|it) (?:is|was) (?:\w+ ){0,2}(?:lie|joke|untrue|false|fake)",
    r"(?:this|that|it) (?:is|was) not (?:\w+ ){0,2}(?:real|true|valid|serious|consent|binding)",
    r"(?:they|he|she|somebody|someone) (?:forced|made|told|threatened|pays|paid) me",
    r"i (?:was|am) (?:\w+ )?(?:joking|kidding|lying|pretending|forced)",
    r"i (?:have )?changed my mind",
    r"not really|no consent|no deal|or not$|psych\b",
)
_LIMIT: Final = (
    r"as long as|so long as|provided that|subject to|on condition|in case|not for|not in|not after",
    r"(?:if|when|once|after) i (?:am|get|turn|can|have|say|see|leave|die)\b",
    r"for (?:\w+ ){0,3}(?:day|days|week|weeks|month|months|year|years|hour|hours|project|use|purpose|purposes)\b",
    r"(?:until|till|by) (?:\w+ ){0,3}(?:tomorrow|monday|friday|january|march|june|july|december|end|year|month)",
)
_ROLE: Final = (
    r"(?:i am|this is|it is|my name is) (?:\w+ ){0,2}(?:clone|avatar|copy|replica|robot|bot|assistant|ai)\b",
    r"on behalf|in the name of|(?:just|only) reading",
)


def _compiled(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in patterns))


_RETRACTION: Final = _compiled(_ANYWHERE)
_NEAR_RETRACTION: Final = _compiled(_BEHIND)
_LIMITATION: Final = _compiled(_LIMIT)
_ANOTHER_ROLE: Final = _compiled(_ROLE)
_AGE: Final = re.compile(rf"\bi am (?:only |just |still )?(?:{'|'.join(sorted(NUMBERS))}|under age|underage|a minor)\b")
# Talk that begins a new subject: "But let me tell you about our product".
_NEW_SUBJECT: Final = re.compile(
    r"\b(?:let me|i will|i would like to|i am going to|i want to|today i|for me)\b(?! (?:be|get)\b)"
)

_TAKEN_BACK: Final = "The consent is denied or retracted."


def judge_retraction(heard: Sequence[Token]) -> Part:
    """Judge the recording as a whole: a consent that is plainly retracted in it does not count."""
    if _RETRACTION.search(_text(heard)):
        return Part("retraction", Verdict.MISMATCH, "The consent is denied or retracted somewhere in the recording.")
    return Part("retraction", Verdict.PASS)


def judge_consent_video(
    before: Sequence[Token], after: Sequence[Token], name: Collection[str], statement: Sequence[Sequence[str]]
) -> tuple[Part, Part]:
    """Judge a recording of only the statement: every other word is harmless, or a person listens.

    Args:
        before: The words before the statement.
        after: The words after it.
        name: The words of the speaker's name.
        statement: The words of each wording, with slots.

    Returns:
        The parts ``before`` and ``after``.
    """
    lead = _danger_before(before) or _unexplained(before, name, statement)
    tail = (
        _near_retraction(after[:WORDS_BEHIND])
        or _danger_behind(after, goes_on=True)
        or _unexplained(after, name, statement)
    )
    return _part("before", lead), _part("after", tail)


def judge_training_video(before: Sequence[Token], after: Sequence[Token], *, goes_on: bool) -> tuple[Part, Part]:
    """Judge the words next to a statement that opens a training video.

    Args:
        before: The words before the statement; the last :data:`WORDS_BEFORE` count.
        after: The rest of its sentence, or the next one; the first :data:`WORDS_BEHIND` count.
        goes_on: True if no sentence is known to end between the statement and ``after``.
    """
    near = after[:WORDS_BEHIND]
    tail = _near_retraction(near) or _danger_behind(near, goes_on=goes_on)
    return _part("before", _danger_before(before[-WORDS_BEFORE:])), _part("after", tail)


_Finding = tuple[Verdict, str] | None


def _part(name: str, finding: _Finding) -> Part:
    return Part(name, *finding) if finding else Part(name, Verdict.PASS)


def _near_retraction(after: Sequence[Token]) -> _Finding:
    if _NEAR_RETRACTION.search(_text(after)):
        return Verdict.MISMATCH, f"{_TAKEN_BACK[:-1]} right after the statement."
    return None


def _danger_before(before: Sequence[Token]) -> _Finding:
    text, words = _text(before), {token.text for token in before}
    if words & (REPORTED | REVERSALS | PRETENCE | DURESS) or _ANOTHER_ROLE.search(text) or _AGE.search(text):
        return Verdict.REVIEW, "The words before the statement may attribute it to another person or retract it."
    if words & NEGATIONS and words & (CONSENT | EARNEST):
        return Verdict.REVIEW, "The words before the statement may retract it."
    return None


def _danger_behind(after: Sequence[Token], *, goes_on: bool) -> _Finding:
    text, words = _text(after), {token.text for token in after}
    if _AGE.search(text):
        return Verdict.REVIEW, "The speaker may be under age."
    if words & DURESS:
        return Verdict.REVIEW, "The speaker may be under pressure."
    if words & PRETENCE or _ANOTHER_ROLE.search(text):
        return Verdict.REVIEW, "The words after the statement may show that it is not meant seriously."
    if _LIMITATION.search(text) or words & LIMITS or _is_limited(after, goes_on=goes_on):
        return Verdict.REVIEW, "The words after the statement may limit it."
    if words & NEGATIONS and words & (CONSENT | EARNEST):
        return Verdict.REVIEW, "The words after the statement may deny it."
    return None


def _is_limited(after: Sequence[Token], *, goes_on: bool) -> bool:
    """Return True if "but", "if" and the like belong to the statement, not to a new subject."""
    spoken = _NEW_SUBJECT.sub(" ", _text(after)).split()
    if goes_on:
        return not SOFT_LIMITS.isdisjoint(spoken[:_GOES_ON])
    return bool(spoken) and spoken[0] in SOFT_LIMITS and not (CONSENT | _SPEAKER).isdisjoint(spoken)


def _unexplained(around: Sequence[Token], name: Collection[str], statement: Sequence[Sequence[str]]) -> _Finding:
    unknown = {place for place, token in enumerate(around) if not _is_harmless(token.text, name)}
    if len(around) <= _MOST_TALK and unknown <= (_repeated(around, name, statement) if unknown else unknown):
        return None
    return Verdict.REVIEW, "The recording contains words before or after the statement that are not part of it."


def _is_harmless(word: str, name: Collection[str]) -> bool:
    return word in HARMLESS or word in name or any(len(word) > 1 and one.startswith(word) for one in name)


def _repeated(around: Sequence[Token], name: Collection[str], statement: Sequence[Sequence[str]]) -> frozenset[int]:
    """Return the places of the words that belong to another start of the statement."""
    places = [place for place, token in enumerate(around) if token.text not in name]
    spoken = [around[place].text for place in places]
    found: set[int] = set()
    for wording in statement:
        words = ["tavus" if word == COMPANY else word for word in wording if word == COMPANY or word not in SLOTS]
        starts = {0, *(at for at, (one, _) in enumerate(pairwise(words)) if one in ("i", "am", "consent"))}
        for at in range(len(spoken)):
            for start in range(len(words)):
                length = _common(spoken[at:], words[start:])
                if length >= (_STRETCH if start in starts else _LONG_STRETCH):
                    found.update(places[at : at + length])
    return frozenset(found)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    length = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        length += 1
    return length


def _text(words: Sequence[Token]) -> str:
    return " ".join(token.text for token in words)


def rest_of_sentence(heard: Sequence[Token], ends: Collection[int], begin: int) -> Iterator[Token]:
    """Yield the words from ``begin`` to the end of their sentence."""
    for place in range(begin, len(heard)):
        yield heard[place]
        if place in ends:
            return
