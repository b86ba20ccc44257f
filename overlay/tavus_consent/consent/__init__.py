"""Consent: the statement, who must say it, and the requirements of a request. This package does no I/O.

It checks and records what was said and by whom. It does not establish that consent is legally valid, that the person is
who they claim, or that a recording is live.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .attempt import Attempt
    from .attestation import Attestation
    from .matching import Match, match_statement
    from .names import check_full_name
    from .record import ConsentTerms
    from .requirement import Requirement, requirement_for
    from .spoken import SpokenConsent
    from .statement import LIMITS, STATEMENT, StatementTemplate
    from .states import State
    from .transcriber import Transcriber, Transcript, Word
    from .verdict import Verdict
    from .withdrawal import Reconciliation, WithdrawalReport

# The module of each name, imported on first use because the matcher loads tables.
_HOMES = {
    "LIMITS": "statement",
    "STATEMENT": "statement",
    "Attempt": "attempt",
    "Attestation": "attestation",
    "ConsentTerms": "record",
    "Match": "matching",
    "Reconciliation": "withdrawal",
    "Requirement": "requirement",
    "SpokenConsent": "spoken",
    "State": "states",
    "StatementTemplate": "statement",
    "Transcriber": "transcriber",
    "Transcript": "transcriber",
    "Verdict": "verdict",
    "WithdrawalReport": "withdrawal",
    "Word": "transcriber",
    "check_full_name": "names",
    "match_statement": "matching",
    "requirement_for": "requirement",
}

__all__ = [
    "LIMITS",
    "STATEMENT",
    "Attempt",
    "Attestation",
    "ConsentTerms",
    "Match",
    "Reconciliation",
    "Requirement",
    "SpokenConsent",
    "State",
    "StatementTemplate",
    "Transcriber",
    "Transcript",
    "Verdict",
    "WithdrawalReport",
    "Word",
    "check_full_name",
    "match_statement",
    "requirement_for",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
