"""The judgment of one part of the statement."""

from __future__ import annotations

from attrs import frozen

from .verdict import Verdict


@frozen
class Part:
    """The judgment of one part of the statement.

    Attributes:
        name: ``usable``, ``words``, ``negation``, ``person``, ``wording``, ``company``, ``name``, ``position``,
            ``before``, ``after`` or ``retraction``.
        verdict: The result.
        note: The reason, in a sentence without personal data; empty if it passed.
        score: The number behind it, or ``None``.
    """

    name: str
    verdict: Verdict
    note: str = ""
    score: float | None = None
