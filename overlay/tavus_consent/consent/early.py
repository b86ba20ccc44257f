"""The interpretation of events from early releases. Pure.

Early releases did not distinguish a supplied text from a heard one, and one check could reverse another. A stricter
rule must not make their ledgers unsound. So the fold accepts such events and judges the record by its checks. Once a
check of a record states its source, these rules no longer apply to the record.
"""

from __future__ import annotations

from attrs import evolve, frozen

from .verdict import Verdict


@frozen(kw_only=True)
class Early:
    """The state of a record by the rules of early releases.

    Attributes:
        verdict: The verdict of the recording's last check, or ``None``.
        in_review: True if a named person had to decide.
    """

    verdict: str | None = None
    in_review: bool = False

    def recorded(self, *, same: bool) -> Early:
        """Apply a new recording; only equal bytes keep the verdict."""
        return Early(verdict=self.verdict if same else None)

    def checked(self, verdict: str) -> Early:
        """Apply a check."""
        return evolve(self, verdict=verdict)

    def doubted(self) -> Early:
        """Apply a doubt that a named person has to settle."""
        return evolve(self, in_review=True)

    def decided(self) -> Early:
        """Apply the decision of a named person."""
        return Early()

    def allows(self, basis: str) -> bool:
        """Return True if consent could be given on this basis."""
        return not self.in_review and (self.verdict == Verdict.PASS if basis == "verified" else self.matches)

    @property
    def matches(self) -> bool:
        """True if a create could be sent."""
        return self.verdict in (None, Verdict.PASS, Verdict.UNUSABLE)
