"""The four answers to "did they say it?"."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What a check of the statement came to, from best to worst.

    A verdict is about words that a recogniser heard: not about who spoke, whether it was live, or how a name is spelt.
    """

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    """The words and a name that sounds like this one were heard."""
    REVIEW = "REVIEW"
    """Doubtful: a named person has to look, and to say why it is lifted."""
    MISMATCH = "MISMATCH"
    """Something else was said, or somebody else's name."""
    UNUSABLE = "UNUSABLE"
    """Nothing usable was heard: no recogniser, or too little speech. Never a pass."""


_ORDER = tuple(Verdict)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts: a statement is as good as its worst part. Of none, it is unusable."""
    return max(verdicts, key=_ORDER.index, default=Verdict.UNUSABLE)
