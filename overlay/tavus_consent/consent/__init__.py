"""Consent: what must be said, by whom, and what a request needs before it is sent. This part does no I/O.

What is checked here records what was said and by whom; it does not establish that consent is legally valid, that the
person is who they claim, or that a recording is live.
"""

from .attestation import Attestation
from .names import check_full_name
from .requirement import Requirement, requirement_for
from .spoken import SpokenConsent
from .statement import LIMITS, STATEMENT, StatementTemplate

__all__ = [
    "LIMITS",
    "STATEMENT",
    "Attestation",
    "Requirement",
    "SpokenConsent",
    "StatementTemplate",
    "check_full_name",
    "requirement_for",
]
