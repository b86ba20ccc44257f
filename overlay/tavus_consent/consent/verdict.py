"""The four verdicts on a recording of the statement."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """The verdict of a check of the statement, from best to worst.

    A verdict is about words that a recognizer heard. It does not say who spoke, that the recording is live, or how a
    name is spelled.
    """

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    """The statement was heard, with a name that sounds like this one."""
    REVIEW = "REVIEW"
    """Doubtful: a named person has to listen and give the reason for lifting the doubt."""
    MISMATCH = "MISMATCH"
    """Other words or another name were heard."""
    UNUSABLE = "UNUSABLE"
    """No usable speech was heard: no recognizer, or too little speech. Never a pass."""


_ORDER = tuple(Verdict)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of some verdicts, because the worst part of a statement decides. Without any, it is unusable."""
    return max(verdicts, key=_ORDER.index, default=Verdict.UNUSABLE)
