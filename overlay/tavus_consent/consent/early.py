"""What early releases made of the same events. Pure.

They did not tell a supplied text from a hearing, and one check could take another back. What they wrote happened: a
ledger must not become unsound by a stricter rule. So the fold lets such events stand and judges the record by what its
checks say. As soon as a check says where its words are from, none of this applies to the record any more.
"""

from __future__ import annotations

from attrs import evolve, frozen

from .verdict import Verdict


@frozen(kw_only=True)
class Early:
    """Where a record stood by the rules of early releases.

    Attributes:
        verdict: Of the last check of the recording, or ``None``.
        in_review: A named person had to decide.
    """

    verdict: str | None = None
    in_review: bool = False

    def recorded(self, *, same: bool) -> Early:
        """A recording was brought; only that of equal bytes kept its verdict."""
        return Early(verdict=self.verdict if same else None)

    def checked(self, verdict: str) -> Early:
        """A check was made."""
        return evolve(self, verdict=verdict)

    def doubted(self) -> Early:
        """It went to a named person."""
        return evolve(self, in_review=True)

    def decided(self) -> Early:
        """A named person lifted the doubt."""
        return Early()

    def allows(self, basis: str) -> bool:
        """Whether consent could be given on this basis."""
        return not self.in_review and (self.verdict == Verdict.PASS if basis == "verified" else self.matches)

    @property
    def matches(self) -> bool:
        """Whether a create could be sent."""
        return self.verdict in (None, Verdict.PASS, Verdict.UNUSABLE)
