"""Matches a transcript with the consent statement. One pure function.

It judges the parts of the statement separately, and the worst part decides. The similarity of whole sentences is not
enough. At 0.75, the usual bound, it accepts 97.4 % of statements with the wrong name. "Do not consent" barely lowers
it. Both were measured for the design of this package.

A pass means that words matching the statement were heard, and a name that sounds like this one. It does not say who
spoke, that they were live, how the name is spelled, or that Tavus accepts the recording.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, Literal

from attrs import field, frozen

from tavus_consent._frames import hides_locals
from tavus_consent.errors import InvalidRequestError

from ._alignment import COMPANY, MAX_HEARD, PERSON, Alignment, align
from ._diff import Difference, WordDiff, diff
from ._gaps import explain_company, judge_gaps
from ._lexicon import NOT_A_NAME, VENDOR_WORDS, VENDORS
from ._name_match import match_name, name_score
from ._surroundings import judge_consent_video, judge_retraction, judge_training_video, rest_of_sentence
from ._words import FILLERS, Token, is_latin, letters, tokens
from .names import MAX_WORDS, normal_name
from .part import Part
from .statement import NAME_SLOT, STATEMENT
from .thresholds import Thresholds, thresholds_for
from .transcriber import Transcript, Word
from .verdict import Verdict, worst

MIN_SPEECH: Final = 8.0
"""The seconds of speech below which the recording cannot be judged: the statement takes longer."""
MIN_WORDS: Final = 15
"""The same without known times, at two words a second."""
MAX_START: Final = 10.0
"""The seconds within which the statement must begin in a training video or audio."""
MAX_WORDS_BEFORE: Final = 15
"""The same in words, without known times."""
MAX_SPOKEN_AS: Final = 3
SOUND_ALIKE: Final = "Names that sound alike, such as Maria and Mario Garcia, cannot be told apart."
_LONGEST_PAUSE: Final = 1.0
_SENTENCE_END: Final = re.compile(r"[.!?…][\"'”’]?$")

Place = Literal["consent_video", "training_video", "training_audio"]


_VENDOR_LIKENESS: Final = 0.8
_GIVE_CONSENT: Final = STATEMENT.text.replace("and consent Tavus to", "and give consent to Tavus to")
WORDINGS: Final = {"consent_tavus": STATEMENT.text, "give_consent_to_tavus": _GIVE_CONSENT}
"""The two wordings in Tavus's documents: its API reference has the first, its training guide of 2026-02 the second."""


def _expected(text: str) -> tuple[Token, ...]:
    marked = text.replace(NAME_SLOT, "Personslot").replace("Tavus", "Companyslot")
    slots = {"personslot": PERSON, "companyslot": COMPANY}
    return tuple(
        Token(slots.get(one.text, one.text), one.shown, one.word)
        for one in tokens(Word(word, 0.0, 0.0) for word in marked.split())
    )


_EXPECTED: Final = {name: _expected(text) for name, text in WORDINGS.items()}


@frozen(kw_only=True)
class Match:
    """The result of comparing a transcript with the statement.

    Attributes:
        verdict: The worst of the parts.
        parts: Every part that was judged.
        engine: The engine that wrote the transcript.
        thresholds: Name of the calibration that was used.
        wording: The wording that fits, a key of :data:`WORDINGS`; ``None`` if there was no comparison.
        words_error: Share of the fixed words that were heard differently, or ``None``.
        name_score: Similarity of the heard name to the expected name, from 0 to 1, or ``None``.
        heard_name: The words heard in place of the name.
        diff: The statement and the transcript, word by word; print it.
        starts_at: Seconds at which the statement starts, or ``None``.
        words_before: Words before it.
        engine_version: The version of the engine, or ``None``.
        model_sha256: SHA-256 of the engine's model, or ``None``.
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
    engine_version: str | None = None
    model_sha256: str | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons that it did not pass, a sentence each; without personal data."""
        return tuple(part.note for part in self.parts if part.verdict is not Verdict.PASS)

    def codes(self) -> dict[str, Any]:
        """Return the part of the match that may be written to the ledger: codes and numbers, no words."""
        model = {
            "engine_version": self.engine_version and _code(self.engine_version),
            "model_sha256": self.model_sha256,
        }
        return {
            "verdict": str(self.verdict),
            "engine": _code(self.engine),
            **{name: value for name, value in model.items() if value is not None},
            "thresholds": self.thresholds,
            "wording": self.wording,
            "words_error": self.words_error,
            "name_score": self.name_score,
            "parts": {part.name: str(part.verdict) for part in self.parts},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Match:
        """Read the output of ``attrs.asdict`` after a round trip through JSON."""
        parts = tuple(Part(**{**part, "verdict": Verdict(part["verdict"])}) for part in data["parts"])
        words = tuple(Difference(**one) for one in data["diff"]["words"])
        shown = WordDiff(**{**data["diff"], "words": words})
        return cls(**{**data, "verdict": Verdict(data["verdict"]), "parts": parts, "diff": shown})


def _code(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:100]


@hides_locals
def match_statement(
    transcript: Transcript | str | None,
    full_name: str,
    *,
    spoken_as: Sequence[str] = (),
    where: Place = "consent_video",
    thresholds: Thresholds | None = None,
) -> Match:
    """Compare a transcript with the consent statement of one person.

    Args:
        transcript: The whole transcript; ``None`` without a recognizer.
        full_name: The person's name.
        spoken_as: Up to three spellings of its pronunciation.
        where: The kind of recording. A training video or audio has to begin with the statement.
        thresholds: The thresholds; by default those of the transcript's engine.

    Raises:
        InvalidNameError: A name cannot be used in the statement.
        InvalidRequestError: Too many spellings.
    """
    if len(spoken_as) > MAX_SPOKEN_AS:
        raise InvalidRequestError(f"spoken_as: give at most {MAX_SPOKEN_AS} spellings", field="spoken_as")
    heard_as = tuple(normal_name(name, as_borne=True) for name in (full_name, *spoken_as))
    if isinstance(transcript, str):
        transcript = Transcript.of_text(transcript)
    if transcript is None:
        part = Part("usable", Verdict.UNUSABLE, "There was no recognizer, so the recording was not transcribed.")
        return Match(verdict=part.verdict, parts=(part,), engine="none", thresholds="none")
    limits = thresholds or thresholds_for(transcript.engine)
    by: dict[str, Any] = {
        "engine": transcript.engine,
        "engine_version": transcript.engine_version,
        "model_sha256": transcript.model_sha256,
        "thresholds": limits.engine,
    }
    in_name = frozenset(
        token.text for name in heard_as for token in tokens(Transcript.of_text(name).words, keep=FILLERS)
    )
    heard = tokens(transcript.words, keep=in_name)[:MAX_HEARD]
    usable, retraction = _usable(transcript, heard), judge_retraction(heard)
    if usable.verdict is not Verdict.PASS:
        # A recording that is too short for the statement can still be a refusal.
        verdict = usable.verdict if retraction.verdict is Verdict.PASS else retraction.verdict
        return Match(verdict=verdict, parts=(usable, retraction), **by)
    wording, found = _find(heard, limits)
    name, name_score, heard_name = _name(found, heard, heard_as, in_name, limits)
    starts_at = transcript.words[heard[found.window[0]].word].start if transcript.timed else None
    words = _words(found, limits)
    company = _find_company(_texts(heard[slice(*found.slot(COMPANY))]), limits)
    negation, person, inside = judge_gaps(found, heard, company.beside, in_name, limits.misheard)
    before, after = _around(where, transcript, heard, found, in_name)
    parts = (
        usable,
        retraction,
        words,
        negation,
        person,
        inside,
        _company(found, heard, company, limits),
        name,
        _position(where, transcript, heard, found),
        before,
        after,
    )
    return Match(
        verdict=worst(part.verdict for part in parts),
        parts=parts,
        wording=wording,
        words_error=words.score,
        name_score=name_score,
        heard_name=heard_name,
        diff=diff(found, _EXPECTED[wording], heard),
        starts_at=starts_at,
        words_before=found.window[0],
        **by,
    )


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
            return Part("usable", Verdict.UNUSABLE, f"The recording has less than {MIN_SPEECH:g} s of speech.", seconds)
    if len(heard) < MIN_WORDS:
        return Part("usable", Verdict.UNUSABLE, f"The transcript has fewer than {MIN_WORDS} words.", float(len(heard)))
    return Part("usable", Verdict.PASS)


def _words(found: Alignment, limits: Thresholds) -> Part:
    second = found.expected.index("understand") - 1
    whole = found.error(0, len(found.expected), limits.weights)
    sentences = (
        found.error(0, second, limits.weights),
        found.error(second, len(found.expected), limits.weights),
    )
    verdict = worst((limits.words.of_error(whole), limits.sentence.of_error(max(sentences))))
    note = "" if verdict is Verdict.PASS else f"{whole:.0%} of the statement's words were heard differently."
    return Part("words", verdict, note, round(whole, 4))


def _outside(found: Alignment, slot: str = PERSON) -> list[int]:
    """Return the places of the words heard in the statement outside the slot."""
    begin, end = found.slot(slot)
    return [place for place in range(*found.window) if not begin <= place < end]


@frozen
class _Company:
    """The words in place of the company's name.

    Attributes:
        score: Similarity of the most similar words.
        name: Those words.
        beside: The words directly before and after them.
    """

    score: float
    name: Sequence[str]
    beside: tuple[Sequence[str], Sequence[str]]


def _find_company(said: Sequence[str], limits: Thresholds) -> _Company:
    runs = [(begin, end) for begin in range(len(said)) for end in range(begin + 1, len(said) + 1)]
    scores = {(begin, end): name_score("Tavus", "".join(said[begin:end])) for begin, end in runs}
    if not scores:
        return _Company(0.0, (), ((), ()))
    begin, end = max(scores, key=scores.__getitem__)
    score = round(scores[begin, end], 4)
    if score < limits.company:
        return _Company(score, said, ((), ()))
    return _Company(score, said[begin:end], (said[:begin], said[end:]))


def _company(found: Alignment, heard: Sequence[Token], company: _Company, limits: Thresholds) -> Part:
    spoken = [heard[place].text for place in _outside(found)]
    pairs = {one + other for one, other in pairwise(spoken)}
    vendor = max(name_score(one, "".join(company.name)) for one in VENDORS | VENDOR_WORDS)
    if VENDORS & (pairs | set(spoken)) or vendor > max(company.score, _VENDOR_LIKENESS):
        return Part("company", Verdict.MISMATCH, "Another company was named.", company.score)
    if company.score < limits.company and (company.name or not limits.swallows_company):
        note = "The name Tavus was not heard." if company.name else "No company was named."
        verdict = worst([Verdict.REVIEW, *(part.verdict for part in explain_company(company.name))])
        return Part("company", verdict, note, company.score)
    if denied := next(explain_company(company.name if len(company.name) == 1 else ()), None):
        return Part("company", denied.verdict, denied.note, company.score)
    return Part("company", Verdict.PASS, score=company.score)


def _name(
    found: Alignment, heard: Sequence[Token], heard_as: Sequence[str], in_name: frozenset[str], limits: Thresholds
) -> tuple[Part, float, str]:
    said = _said_name(found, heard, heard_as, in_name)
    shown = " ".join(token.shown or token.text for token in said)
    if not said:
        return Part("name", Verdict.MISMATCH, "No name was heard.", 0.0), 0.0, ""
    match = match_name(heard_as[0], heard_as[1:], _texts(said))
    score = round(match.score, 4)
    verdict, note = limits.name.of_score(match.score), "The name was heard differently."
    if NOT_A_NAME.intersection(_texts(said)) - {letters(word) for name in heard_as for word in name.split()}:
        verdict, note = Verdict.MISMATCH, "Another person speaks in place of the named one."
    elif verdict is not Verdict.PASS and is_latin(shown) and not any(map(is_latin, heard_as)):
        verdict, note = Verdict.REVIEW, "The name was heard in Latin letters only: pass spoken_as in Latin letters."
    elif verdict is Verdict.PASS:
        verdict, note = (Verdict.REVIEW, match.doubt) if match.doubt else (verdict, "")
    return Part("name", verdict, note, score), score, shown


def _said_name(
    found: Alignment, heard: Sequence[Token], heard_as: Sequence[str], in_name: frozenset[str]
) -> Sequence[Token]:
    """Return the words between "I" and "am currently"."""
    begin, end = found.slot(PERSON)
    if found.steps[0].operation != "same":  # without "I" the start of the name is unknown: take the best fit
        most = max(MAX_WORDS, *(len(name.split()) for name in heard_as))
        begin = max(range(begin, max(begin - most, 0) - 1, -1), key=lambda at: _best(heard_as, _texts(heard[at:end])))
    said = heard[begin:end]
    if _texts(said[:3]) == ["my", "name", "is"]:
        said = said[3:]
    if _texts(said[:1]) == ["am"] and "am" not in in_name:  # "I'm Rio Alvarez, am currently speaking"
        said = said[1:]
    return said[:-1] if _texts(said[-1:]) == ["i"] else said  # "I, Rio Alvarez, I am currently speaking"


def _best(heard_as: Iterable[str], heard: Iterable[str]) -> float:
    said = " ".join(heard)
    return max(name_score(name, said) for name in heard_as)


def _texts(heard: Sequence[Token]) -> list[str]:
    return [token.text for token in heard]


def _position(where: Place, transcript: Transcript, heard: Sequence[Token], found: Alignment) -> Part:
    if where == "consent_video":
        return Part("position", Verdict.PASS)
    begin, end = found.window
    value, limit = float(begin), float(MAX_WORDS_BEFORE)
    if transcript.timed:
        first, last = (transcript.words[heard[place].word] for place in (begin, end - 1))
        # A slow speaker takes longer for the same words.
        value = first.start
        limit = max(MAX_START, MAX_WORDS_BEFORE * (last.end - first.start) / (end - begin))
    if value <= limit:
        return Part("position", Verdict.PASS)
    medium = where.removeprefix("training_")
    note = f"The statement has to begin within {MAX_START:g} s of the start of the training {medium}."
    return Part("position", Verdict.REVIEW, note, value)


def _around(
    where: Place, transcript: Transcript, heard: Sequence[Token], found: Alignment, in_name: frozenset[str]
) -> tuple[Part, Part]:
    begin, end = found.window
    if where == "consent_video":
        return judge_consent_video(heard[:begin], heard[end:], in_name, tuple(map(_texts, _EXPECTED.values())))
    ends = {place for place, token in enumerate(heard) if _SENTENCE_END.search(transcript.words[token.word].text)}
    goes_on = end - 1 not in ends
    return judge_training_video(heard[:begin], tuple(rest_of_sentence(heard, ends, end)), goes_on=goes_on)
