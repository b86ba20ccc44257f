"""The bounds between good, doubtful and bad matches: data per engine, with the source of each number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from attrs import asdict, field, frozen

from .verdict import Verdict


@frozen
class ScoreLimits:
    """Two bounds.

    Attributes:
        good: Errors up to this bound, or scores from it on, pass.
        doubtful: Errors up to this bound, or scores from it on, need a listener; anything worse is a mismatch.
    """

    good: float
    doubtful: float

    def of_error(self, error: float) -> Verdict:
        """Judge a share of errors: less is better."""
        if error <= self.good:
            return Verdict.PASS
        return Verdict.REVIEW if error <= self.doubtful else Verdict.MISMATCH

    def of_score(self, score: float) -> Verdict:
        """Judge a score: more is better."""
        if score >= self.good:
            return Verdict.PASS
        return Verdict.REVIEW if score >= self.doubtful else Verdict.MISMATCH


@frozen(kw_only=True)
class Measurement:
    """The results of a calibration with one corpus and one model.

    Attributes:
        engine: The engine: name and model.
        model_sha256: SHA-256 of the model's file, or ``None`` for text.
        corpus: Name of the corpus. It changes with the texts, the voices, or the delivery.
        as_of: The day of the measurement.
        voices: Voices in the corpus; 0 for text.
        right: Clips of the statement and the name.
        wrong: Clips of other words, or of another person's name.
        false_passes: Wrong ones with PASS.
        false_reviews: Right ones with REVIEW.
        false_mismatches: Right ones with MISMATCH or UNUSABLE.
    """

    engine: str
    model_sha256: str | None
    corpus: str
    as_of: date
    voices: int
    right: int
    wrong: int
    false_passes: int
    false_reviews: int
    false_mismatches: int

    def to_dict(self) -> dict[str, Any]:
        """Return the measurement as JSON values."""
        return {**asdict(self), "as_of": self.as_of.isoformat()}


@frozen(kw_only=True)
class Thresholds:
    """One calibration of the matching rule.

    Attributes:
        engine: The engine that it was measured on; it applies to engines whose name starts with this.
        words: Errors in the fixed words of the whole statement.
        sentence: Errors in the fixed words of the worse of its two sentences.
        name: Score of the person's name.
        name_word: Score of the worst word of the name, if as many words were heard as the name has. Below ``good`` a
            person has to listen: Paul is not Peter because both are Browns.
        company: Score of the company's name; below it a person has to listen.
        swallows_company: True if the engine may omit the company's name. Its absence then proves nothing.
        weights: Weights other than 1, by word.
        misheard: Negations that the engine writes for another word of the statement, by that word. A person has to
            listen, instead of a mismatch.
        source: The source of the numbers.
        measured: The calibration results, one per model and corpus.
    """

    engine: str
    words: ScoreLimits
    sentence: ScoreLimits
    name: ScoreLimits
    name_word: float
    company: float
    swallows_company: bool = False
    weights: Mapping[str, float] = field(factory=dict, hash=False)
    misheard: Mapping[str, str] = field(factory=dict, hash=False)
    source: str
    measured: tuple[Measurement, ...] = ()


# Words that recognizers often drop and swap; none of them decides the consent.
_LIGHT: Final = ("a", "an", "and", "be", "by", "can", "like", "of", "that", "the", "this", "to")

STRICT: Final = Thresholds(
    engine="text",
    words=ScoreLimits(0.15, 0.35),
    sentence=ScoreLimits(1.0, 1.0),  # a missing sentence is an error of 0.44 already
    name=ScoreLimits(0.75, 0.60),
    name_word=0.65,
    company=0.70,
    source=(
        "words and name: the consent design, which measured its own implementation on 62 misheard names and 5,700 "
        "wrong ones. name_word and company: chosen by us on tests/corpora."
    ),
    measured=(
        Measurement(
            engine="text",
            model_sha256=None,
            corpus="text-668933112ceb",
            as_of=date(2026, 11, 30),
            voices=0,
            right=145,
            wrong=282,
            false_passes=1,
            false_reviews=5,
            false_mismatches=0,
        ),
    ),
)
"""For unmeasured engines and for typed transcripts."""

WHISPER: Final = Thresholds(
    engine="whisper",
    words=ScoreLimits(0.30, 0.45),
    sentence=ScoreLimits(0.30, 0.45),
    name=ScoreLimits(0.65, 0.55),
    name_word=0.45,
    company=0.55,  # it writes "have us" (0.81) and "the voice" (0.61); "Contoso" is 0.42
    swallows_company=True,  # in 9 of 71 right statements of synthetic voices; in none of 24 with another company
    weights=MappingProxyType(dict.fromkeys(_LIGHT, 0.5)),
    misheard=MappingProxyType({"that": "not"}),  # "videos, not look": 5 of 108 right statements of synthetic voices
    source=(
        "The good bounds of sentences (0.70 right) and both of the name: the preflight design, which measured its own "
        "implementation on synthetic speech heard by Whisper tiny.en and base. We chose everything else on other "
        "synthetic speech; make bench prints the results, which say nothing about people."
    ),
    measured=(
        Measurement(
            engine="whisper-tiny.en",
            model_sha256="1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            corpus="voices-1a84e10333e1",
            as_of=date(2026, 11, 30),
            voices=5,
            right=150,
            wrong=450,
            false_passes=3,
            false_reviews=64,
            false_mismatches=63,
        ),
        Measurement(
            engine="whisper-base",
            model_sha256="d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            corpus="voices-1a84e10333e1",
            as_of=date(2026, 11, 30),
            voices=5,
            right=150,
            wrong=450,
            false_passes=4,  # one of them "my consent", which has needed a listener since
            false_reviews=78,
            false_mismatches=42,
        ),
    ),
)

THRESHOLDS: Final = (STRICT, WHISPER)


def thresholds_for(engine: str) -> Thresholds:
    """Return the calibration for an engine, by the start of its name; the strict one for unmeasured engines."""
    plain = engine.casefold()
    return next((one for one in THRESHOLDS if plain.startswith(one.engine)), STRICT)


def measurement_of(model_sha256: str | None) -> Measurement | None:
    """Return the measurement of a model, by its SHA-256."""
    found = (one for thresholds in THRESHOLDS for one in thresholds.measured)
    return next((one for one in found if model_sha256 is not None and one.model_sha256 == model_sha256), None)
