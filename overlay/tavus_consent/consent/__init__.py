"""Consent: the statement, who must say it, and the requirements of a request. This package does no I/O.

It checks and records what was said and by whom. It does not establish that consent is legally valid, that the person is
who they claim, or that a recording is live.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tavus_consent._lazy import lazy

if TYPE_CHECKING:
    from .attempt import Attempt
    from .attestation import Attestation
    from .matching import Match, match_statement
    from .names import check_full_name
    from .outputs import MadeOutput
    from .record import ConsentTerms
    from .requirement import Requirement, requirement_for
    from .spoken import SpokenConsent
    from .statement import LIMITS, STATEMENT, StatementTemplate
    from .states import State
    from .sweep import SweepReport
    from .transcriber import Transcriber, Transcript, Word
    from .verdict import Verdict
    from .withdrawal import Reconciliation, WithdrawalReport

# The module of each name, imported on first use because the matcher loads tables.
_HOMES = {
    "attempt": ["Attempt"],
    "attestation": ["Attestation"],
    "matching": ["Match", "match_statement"],
    "names": ["check_full_name"],
    "outputs": ["MadeOutput"],
    "record": ["ConsentTerms"],
    "requirement": ["Requirement", "requirement_for"],
    "spoken": ["SpokenConsent"],
    "statement": ["LIMITS", "STATEMENT", "StatementTemplate"],
    "states": ["State"],
    "sweep": ["SweepReport"],
    "transcriber": ["Transcriber", "Transcript", "Word"],
    "verdict": ["Verdict"],
    "withdrawal": ["Reconciliation", "WithdrawalReport"],
}

__all__ = [
    "LIMITS",
    "STATEMENT",
    "Attempt",
    "Attestation",
    "ConsentTerms",
    "MadeOutput",
    "Match",
    "Reconciliation",
    "Requirement",
    "SpokenConsent",
    "State",
    "StatementTemplate",
    "SweepReport",
    "Transcriber",
    "Transcript",
    "Verdict",
    "WithdrawalReport",
    "Word",
    "check_full_name",
    "match_statement",
    "requirement_for",
]

__getattr__, __dir__ = lazy(__name__, _HOMES)
