"""Did they say it? One pure function of what was heard.

The parts of the statement are judged apart, and the worst part decides. A likeness of whole sentences would not do: at
0.75, the usual bound, it accepts 97.4 % of statements with the wrong name, and "do not consent" costs it next to
nothing (measured for the design of this package).

The honest claim of a pass: words that match the statement were heard, and a name that sounds like this one. Not who
spoke, not that they were live, not how the name is spelt, not that Tavus accepts the recording.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, Literal

from attrs import field, frozen

from tavus_consent.errors import InvalidRequestError

from ._alignment import COMPANY, MAX_HEARD, PERSON, Alignment, align
from ._diff import Difference, WordDiff, diff
from ._words import Token, is_latin, letters, similarity, sound, tokens
from .names import MAX_WORDS, check_full_name
from .statement import NAME_SLOT, STATEMENT
from .thresholds import Thresholds, thresholds_for
from .transcriber import Transcript, Word
from .verdict import Verdict, worst

MIN_SPEECH: Final = 8.0
"""Seconds of speech below which nothing can be judged: nobody reads the statement faster."""
MIN_WORDS: Final = 15
"""The same where times are not known, at two words a second."""
MAX_START: Final = 10.0
"""Seconds within which the statement begins in a training video."""
MAX_WORDS_BEFORE: Final = 15
"""The same in words, where times are not known."""
MAX_SPOKEN_AS: Final = 3
SOUND_ALIKE: Final = "Names that sound alike, such as Maria and Mario Garcia, cannot be told apart."
_LONGEST_PAUSE: Final = 1.0

Place = Literal["consent_video", "training_video"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NEGATIONS: Final = _set(
    "not no never cannot without dont cant wont refuse refuses refused refusing decline declines declined declining "
    "withdraw withdraws withdrew withdrawing withdrawn"
)
_THIRD_PERSON: Final = _set("he she him her his hers himself herself")
_NOT_ME: Final = _THIRD_PERSON | _set("they them their we us you your it someone somebody")
_KEY_WORDS: Final = ("consent", "create", "clone", "me", "audio", "video", "understand", "videos")
# Beyond the design: words that tie the statement to something else, in it or right behind it.
_CONDITIONS: Final = _set("but except if only unless until")
_CONDITION_REACH: Final = 4
# Narrow on purpose: people say a lot in a training video, and "I refuse to believe it" takes nothing back.
_THIS: Final = r"(?:to )?(?:(?:any|all) of )?(?:it|this|that|tavus)"
_RETRACTIONS: Final = tuple(
    re.compile(rf"\b(?:{pattern})\b")
    for pattern in (
        rf"i (?:\w+ ){{0,2}}(?:not|never|cannot)(?: \w+)? (?:consent(?:ed|ing)?|(?:agree|allow|permit|mean) {_THIS})",
        rf"i (?:\w+ )?(?:withdraw|revoke|retract|refuse|decline)(?: to| my| this)?(?: consent| permission| {_THIS}|$)",
        r"i take (?:it|this|that|all of that|my consent) back",
        r"(?:just|only) (?:kidding|joking)",
        r"(?:against|without) my (?:will|consent)",
        r"(?:they are|he is|she is) (?:forcing|making) me",
        r"i (?:am|was) (?:being )?(?:forced|coerced|threatened)",
        r"under duress",
    )
)
# Other companies that make doubles of people or voices, letters alone. Those in the second line are words, too: they
# count in the place of the company's name only.
_VENDORS: Final = _set(
    "akool colossyan deepbrain elevenlabs google hedra heygen microsoft openai respeecher soulmachines synthesia"
)
_VENDOR_WORDS: Final = _set("amazon apple captions descript did elai hourone meta resemble runway")
_VENDOR_LIKENESS: Final = 0.8
_SURE: Final = 0.95
"""From here on the words of a name were only parted elsewhere: "Kahu Rangi Terangi" is "Kahurangi Te Rangi"."""

_GIVE_CONSENT: Final = STATEMENT.text.replace("and consent Tavus to", "and give consent to Tavus to")
WORDINGS: Final = {"consent_tavus": STATEMENT.text, "give_consent_to_tavus": _GIVE_CONSENT}
"""Both wordings that Tavus's own documents carry: its API reference has the first, its training guide of February 2026
the second."""


def _expected(text: str) -> tuple[Token, ...]:
    marked = text.replace(NAME_SLOT, "Personslot").replace("Tavus", "Companyslot")
    slots = {"personslot": PERSON, "companyslot": COMPANY}
    return tuple(
        Token(slots.get(one.text, one.text), one.shown, one.word)
        for one in tokens(Word(word, 0.0, 0.0) for word in marked.split())
    )


_EXPECTED: Final = {name: _expected(text) for name, text in WORDINGS.items()}


@frozen
class Part:
    """How one part of the statement was judged.

    Attributes:
        name: ``usable``, ``words``, ``negation``, ``person``, ``key_words``, ``company``, ``name``, ``position``,
            ``condition`` or ``retraction``.
        verdict: What it came to.
        note: Why, in a sentence without personal data; empty when it passed.
        score: The number behind it, or ``None``.
    """

    name: str
    verdict: Verdict
    note: str = ""
    score: float | None = None


@frozen(kw_only=True)
class Match:
    """What came of comparing a transcript with the statement.

    Attributes:
        verdict: The worst of the parts.
        parts: Every part that was judged.
        engine: Who heard it.
        thresholds: Name of the calibration that was used.
        wording: Which wording fits, a key of :data:`WORDINGS`; ``None`` when nothing was compared.
        words_error: Share of the fixed words that was heard otherwise, or ``None``.
        name_score: Likeness of the name heard to the name expected, from 0 to 1, or ``None``.
        heard_name: The words heard in the place of the name.
        diff: The statement and what was heard, word by word; print it.
        starts_at: Seconds at which the statement starts, or ``None``.
        words_before: Words before it.
    """

    verdict: Verdict
    parts: tuple[Part, ...]
    engine: str
    thresholds: str
    wording: str | None = None
    words_error: float | None = None
    name_score: float | None = None
    heard_name: str = field(default="", repr=False)
    diff: WordDiff = field(factory=WordDiff, repr=False)
    starts_at: float | None = None
    words_before: int = 0

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it did not pass, a sentence each; without personal data."""
        return tuple(part.note for part in self.parts if part.verdict is not Verdict.PASS)

    def codes(self) -> dict[str, Any]:
        """The part of it that may stand in the ledger: codes and numbers, nothing that was said."""
        return {
            "verdict": str(self.verdict),
            "engine": re.sub(r"[^A-Za-z0-9._-]+", "-", self.engine)[:100],
            "thresholds": self.thresholds,
            "wording": self.wording,
            "words_error": self.words_error,
            "name_score": self.name_score,
            "parts": {part.name: str(part.verdict) for part in self.parts},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Match:
        """Read what ``attrs.asdict`` gave, by way of JSON."""
        parts = tuple(Part(**{**part, "verdict": Verdict(part["verdict"])}) for part in data["parts"])
        words = tuple(Difference(**one) for one in data["diff"]["words"])
        shown = WordDiff(**{**data["diff"], "words": words})
        return cls(**{**data, "verdict": Verdict(data["verdict"]), "parts": parts, "diff": shown})


def match_statement(
    transcript: Transcript | str | None,
    full_name: str,
    *,
    spoken_as: Sequence[str] = (),
    where: Place = "consent_video",
    thresholds: Thresholds | None = None,
) -> Match:
    """Compare what was heard with the consent statement of one person.

    Args:
        transcript: What was heard, whole; ``None`` when there was no recogniser.
        full_name: The person's name.
        spoken_as: Up to three spellings of how it sounds.
        where: The kind of video: a training video has to begin with the statement.
        thresholds: Those of the transcript's engine, unless given.

    Raises:
        InvalidNameError: A name cannot stand in the statement.
        InvalidRequestError: Too many spellings.
    """
    if len(spoken_as) > MAX_SPOKEN_AS:
        raise InvalidRequestError(f"spoken_as: give {MAX_SPOKEN_AS} spellings at most", field="spoken_as")
    heard_as = tuple(map(check_full_name, (full_name, *spoken_as)))
    if isinstance(transcript, str):
        transcript = Transcript.of_text(transcript)
    if transcript is None:
        part = Part("usable", Verdict.UNUSABLE, "There was no recogniser, so nobody listened.")
        return Match(verdict=part.verdict, parts=(part,), engine="none", thresholds="none")
    limits = thresholds or thresholds_for(transcript.engine)
    in_name = frozenset(token.text for name in heard_as for token in tokens(Transcript.of_text(name).words))
    heard = tokens(transcript.words, keep=in_name)[:MAX_HEARD]
    usable, retraction = _usable(transcript, heard), _retraction(heard)
    if usable.verdict is not Verdict.PASS:
        # What is too short to be the statement can still be a refusal.
        verdict = usable.verdict if retraction.verdict is Verdict.PASS else retraction.verdict
        return Match(verdict=verdict, parts=(usable, retraction), engine=transcript.engine, thresholds=limits.engine)
    wording, found = _find(heard, limits)
    name, name_score, heard_name = _name(found, heard, heard_as, limits)
    starts_at = transcript.words[heard[found.window[0]].word].start if transcript.timed else None
    words = _words(found, limits)
    parts = (
        usable,
        retraction,
        words,
        _negation(found, heard, heard_as, limits),
        _person(found, heard),
        _key_words(found),
        _company(found, heard, limits),
        name,
        _position(where, starts_at, found.window[0]),
        _condition(found, heard),
    )
    return Match(
        verdict=worst(part.verdict for part in parts),
        parts=parts,
        engine=transcript.engine,
        thresholds=limits.engine,
        wording=wording,
        words_error=words.score,
        name_score=name_score,
        heard_name=heard_name,
        diff=diff(found, _EXPECTED[wording], heard),
        starts_at=starts_at,
        words_before=found.window[0],
    )


def name_score(expected: str, heard: str) -> float:
    """How much a name that was heard is like the name that is expected, by spelling and by sound, from 0 to 1."""
    spelling = similarity(letters(expected), letters(heard))
    return max(spelling, (spelling + similarity(sound(expected), sound(heard))) / 2)


def _find(heard: Sequence[Token], limits: Thresholds) -> tuple[str, Alignment]:
    spoken = _texts(heard)
    found = {name: align(_texts(expected), spoken, limits.weights) for name, expected in _EXPECTED.items()}
    best = min(found, key=lambda name: found[name].cost)
    return best, found[best]


def _usable(transcript: Transcript, heard: Sequence[Token]) -> Part:
    if transcript.timed:
        seconds, until = 0.0, float("-inf")
        for word in transcript.words:
            begin = word.start if word.start - until > _LONGEST_PAUSE else until
            seconds += max(0.0, word.end - begin)
            until = max(until, word.end)
        if seconds < MIN_SPEECH:
            return Part("usable", Verdict.UNUSABLE, f"Less than {MIN_SPEECH:g} s of speech were heard.", seconds)
    if len(heard) < MIN_WORDS:
        return Part("usable", Verdict.UNUSABLE, f"Fewer than {MIN_WORDS} words were heard.", float(len(heard)))
    return Part("usable", Verdict.PASS)


def _retraction(heard: Sequence[Token]) -> Part:
    spoken = " ".join(_texts(heard))
    if any(pattern.search(spoken) for pattern in _RETRACTIONS):
        return Part("retraction", Verdict.MISMATCH, "Somewhere in the recording the consent is denied or taken back.")
    return Part("retraction", Verdict.PASS)


def _words(found: Alignment, limits: Thresholds) -> Part:
    second = found.expected.index("understand") - 1
    whole = found.error(0, len(found.expected), limits.weights)
    sentences = (
        found.error(0, second, limits.weights),
        found.error(second, len(found.expected), limits.weights),
    )
    verdict = worst((limits.words.of_error(whole), limits.sentence.of_error(max(sentences))))
    note = "" if verdict is Verdict.PASS else f"{whole:.0%} of the statement's words were heard otherwise."
    return Part("words", verdict, note, round(whole, 4))


def _outside(found: Alignment, slot: str = PERSON) -> list[int]:
    """Places of the words heard in the statement that are not in the slot."""
    begin, end = found.slot(slot)
    return [place for place in range(*found.window) if not begin <= place < end]


def _negation(found: Alignment, heard: Sequence[Token], heard_as: Sequence[str], limits: Thresholds) -> Part:
    negations = {place for place in _outside(found) if heard[place].text in _NEGATIONS}
    misheard = {
        step.heard[0]
        for step in found.steps
        if step.operation == "changed" and limits.misheard.get(found.expected[step.place]) == heard[step.heard[0]].text
    }
    slot = _texts(heard[slice(*found.slot(PERSON))])
    without = [word for word in slot if word not in _NEGATIONS]
    # "No" is a name, and half of "Noah" to some engines: it is one when the name is less without it.
    if negations - misheard or (without != slot and _best(heard_as, without) >= _best(heard_as, slot)):
        return Part("negation", Verdict.MISMATCH, "The statement is negated.")
    if negations:
        return Part("negation", Verdict.REVIEW, "A negation was heard in the place of a word that sounds like it.")
    return Part("negation", Verdict.PASS)


def _best(heard_as: Iterable[str], heard: Iterable[str]) -> float:
    said = " ".join(heard)
    return max(name_score(name, said) for name in heard_as)


def _person(found: Alignment, heard: Sequence[Token]) -> Part:
    third = any(heard[place].text in _THIRD_PERSON for place in _outside(found))
    swapped = any(
        step.operation == "changed"
        and found.expected[step.place] in ("i", "me")
        and heard[step.heard[0]].text in _NOT_ME
        for step in found.steps
    )
    if third or swapped:
        return Part("person", Verdict.MISMATCH, "Somebody speaks of another person, not of themselves.")
    return Part("person", Verdict.PASS)


def _key_words(found: Alignment) -> Part:
    said = {found.expected[step.place] for step in found.steps if step.operation == "same"}
    missing = [word for word in _KEY_WORDS if word not in said]
    if "consent" in missing or len(missing) > 1:
        return Part("key_words", Verdict.REVIEW, f"Not heard: {', '.join(missing)}.", float(len(missing)))
    return Part("key_words", Verdict.PASS)


def _company(found: Alignment, heard: Sequence[Token], limits: Thresholds) -> Part:
    said = "".join(_texts(heard[slice(*found.slot(COMPANY))]))
    score = name_score("Tavus", said)
    spoken = [heard[place].text for place in _outside(found)]
    pairs = {one + other for one, other in pairwise(spoken)}
    vendor = max(name_score(one, said) for one in _VENDORS | _VENDOR_WORDS)
    named = _VENDORS & (pairs | set(spoken))
    if named or vendor > max(score, _VENDOR_LIKENESS):
        return Part("company", Verdict.MISMATCH, "Another company was named.", round(score, 4))
    if score < limits.company and (said or not limits.swallows_company):
        note = "Tavus was not heard by name." if said else "No company was named."
        return Part("company", Verdict.REVIEW, note, round(score, 4))
    return Part("company", Verdict.PASS, score=round(score, 4))


def _name(
    found: Alignment, heard: Sequence[Token], heard_as: Sequence[str], limits: Thresholds
) -> tuple[Part, float, str]:
    said = _said_name(found, heard, heard_as)
    shown = " ".join(token.shown or token.text for token in said)
    if not said:
        return Part("name", Verdict.MISMATCH, "No name was heard.", 0.0), 0.0, ""
    best = max(heard_as, key=lambda name: name_score(name, shown))
    score = name_score(best, shown)
    verdict, note = limits.name.of_score(score), ""
    if verdict is Verdict.PASS and _one_word_differs(best, said, limits):
        verdict, note = Verdict.REVIEW, "One word of the name was heard otherwise."
    elif verdict is not Verdict.PASS and is_latin(shown) and not any(map(is_latin, heard_as)):
        verdict, note = Verdict.REVIEW, "The name was heard in Latin letters only: give spoken_as in them."
    elif verdict is not Verdict.PASS:
        note = "The name was heard otherwise."
    return Part("name", verdict, note, round(score, 4)), round(score, 4), shown


def _said_name(found: Alignment, heard: Sequence[Token], heard_as: Sequence[str]) -> Sequence[Token]:
    """The words between "I" and "am currently"."""
    begin, end = found.slot(PERSON)
    if found.steps[0].operation != "same":  # without "I" nothing says where the name begins: where it fits best
        begin = max(
            range(begin, max(begin - MAX_WORDS, 0) - 1, -1), key=lambda at: _best(heard_as, _texts(heard[at:end]))
        )
    said = heard[begin:end]
    if _texts(said[:3]) == ["my", "name", "is"]:
        said = said[3:]
    return said[:-1] if _texts(said[-1:]) == ["i"] else said  # "I, Rio Alvarez, I am currently speaking"


def _texts(heard: Sequence[Token]) -> list[str]:
    return [token.text for token in heard]


def _one_word_differs(name: str, said: Sequence[Token], limits: Thresholds) -> bool:
    words = [word for word in re.split(r"[\s\-·]+", name) if word]
    if len(words) != len(said) or name_score(name, "".join(_texts(said))) >= _SURE:
        return False
    return any(name_score(word, token.text) < limits.name_word for word, token in zip(words, said, strict=True))


def _position(where: Place, starts_at: float | None, before: int) -> Part:
    late = before > MAX_WORDS_BEFORE if starts_at is None else starts_at > MAX_START
    if where == "training_video" and late:
        note = f"The statement has to begin within {MAX_START:g} s of the training video."
        return Part("position", Verdict.REVIEW, note, float(before) if starts_at is None else starts_at)
    return Part("position", Verdict.PASS)


def _condition(found: Alignment, heard: Sequence[Token]) -> Part:
    end = found.window[1]
    places = [*_outside(found), *range(end, min(end + _CONDITION_REACH, len(heard)))]
    if any(heard[place].text in _CONDITIONS for place in places):
        return Part("condition", Verdict.REVIEW, "A condition was added, such as 'only' or 'but'.")
    return Part("condition", Verdict.PASS)
