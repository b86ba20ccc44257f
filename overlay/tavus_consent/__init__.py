"""Unofficial Python SDK for the Tavus API, consent first.

``from tavus_consent import Tavus, SpokenConsent``. Names are imported on first use, so importing the package itself is
cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._lazy import lazy
from ._version import __version__

if TYPE_CHECKING:
    from ._warnings import ConsentWarning, DuplicateWarning, LinkWarning, ReceiptWarning
    from .callbacks._query import IssuedCallback, issue_callback, verify_callback
    from .callbacks.events import ReplicaCallback
    from .callbacks.reading import parse_callback
    from .client import AsyncTavus, Tavus
    from .consent import Requirement, SpokenConsent, requirement_for
    from .consent.notice import BiometricNotice, ConsentNotice
    from .consent.policy import ConsentPolicy
    from .consent.record import ConsentRecord, ConsentVideo
    from .errors import (
        AnswerError,
        AuthenticationError,
        BadRequestError,
        CallbackRefused,
        CallError,
        ClientClosedError,
        ClientStatusError,
        ConfigurationError,
        ConflictError,
        ConnectionFailedError,
        ConsentContradiction,
        ConsentError,
        ConsentExpired,
        ConsentMismatch,
        ConsentRequired,
        ConsentWithdrawn,
        ErasureIncomplete,
        EvidenceChanged,
        IllegalTransition,
        InvalidAnswerError,
        InvalidLinkError,
        InvalidNameError,
        InvalidRequestError,
        LedgerBroken,
        LedgerConflict,
        LedgerError,
        LedgerUnavailable,
        MissingExtraError,
        NoAnswerError,
        NotFoundError,
        OnceConflict,
        OpenCreate,
        OutcomeUnknownError,
        PaymentRequiredError,
        PermissionDeniedError,
        ProcessingError,
        ProcessingFailed,
        ProcessingTimeout,
        RateLimitError,
        RedirectError,
        RequestTimeoutError,
        ServerStatusError,
        SubjectErased,
        TavusError,
        TrainingError,
        TrainingFailed,
        TrainingTimeout,
        UnprocessableError,
        VaultKeyError,
    )
    from .gate.inspection import PreflightWarning
    from .http.limits import Limits, Timeout
    from .namespaces._async.consents import AsyncConsents
    from .namespaces._sync.consents import Consents
    from .paging import AsyncPager, Page, Pager
    from .preflight.findings import PreflightFailed, PreflightReport
    from .preflight.options import PreflightOptions
    from .results import CallInfo, Candidates, Face, Replica
    from .training_errors import TrainingErrorType, classify_training_error

# The module of each name that is not in ``errors``. It is imported with the first use of the name.
_HOMES = {
    "_warnings": ["ConsentWarning", "DuplicateWarning", "LinkWarning", "ReceiptWarning"],
    "callbacks._query": ["issue_callback", "IssuedCallback", "verify_callback"],
    "callbacks.events": ["ReplicaCallback"],
    "callbacks.reading": ["parse_callback"],
    "client": ["AsyncTavus", "Tavus"],
    "consent": ["Requirement", "requirement_for", "SpokenConsent"],
    "consent.notice": ["BiometricNotice", "ConsentNotice"],
    "consent.policy": ["ConsentPolicy"],
    "consent.record": ["ConsentRecord", "ConsentVideo"],
    "gate.inspection": ["PreflightWarning"],
    "http.limits": ["Limits", "Timeout"],
    "namespaces._async.consents": ["AsyncConsents"],
    "namespaces._sync.consents": ["Consents"],
    "paging": ["AsyncPager", "Page", "Pager"],
    "preflight.findings": ["PreflightFailed", "PreflightReport"],
    "preflight.options": ["PreflightOptions"],
    "results": ["CallInfo", "Candidates", "Face", "Replica"],
    "training_errors": ["classify_training_error", "TrainingErrorType"],
}

__all__ = [
    "AnswerError",
    "AsyncConsents",
    "AsyncPager",
    "AsyncTavus",
    "AuthenticationError",
    "BadRequestError",
    "BiometricNotice",
    "CallError",
    "CallInfo",
    "CallbackRefused",
    "Candidates",
    "ClientClosedError",
    "ClientStatusError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "ConsentContradiction",
    "ConsentError",
    "ConsentExpired",
    "ConsentMismatch",
    "ConsentNotice",
    "ConsentPolicy",
    "ConsentRecord",
    "ConsentRequired",
    "ConsentVideo",
    "ConsentWarning",
    "ConsentWithdrawn",
    "Consents",
    "DuplicateWarning",
    "ErasureIncomplete",
    "EvidenceChanged",
    "Face",
    "IllegalTransition",
    "InvalidAnswerError",
    "InvalidLinkError",
    "InvalidNameError",
    "InvalidRequestError",
    "IssuedCallback",
    "LedgerBroken",
    "LedgerConflict",
    "LedgerError",
    "LedgerUnavailable",
    "Limits",
    "LinkWarning",
    "MissingExtraError",
    "NoAnswerError",
    "NotFoundError",
    "OnceConflict",
    "OpenCreate",
    "OutcomeUnknownError",
    "Page",
    "Pager",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "PreflightFailed",
    "PreflightOptions",
    "PreflightReport",
    "PreflightWarning",
    "ProcessingError",
    "ProcessingFailed",
    "ProcessingTimeout",
    "RateLimitError",
    "ReceiptWarning",
    "RedirectError",
    "Replica",
    "ReplicaCallback",
    "RequestTimeoutError",
    "Requirement",
    "ServerStatusError",
    "SpokenConsent",
    "SubjectErased",
    "Tavus",
    "TavusError",
    "Timeout",
    "TrainingError",
    "TrainingErrorType",
    "TrainingFailed",
    "TrainingTimeout",
    "UnprocessableError",
    "VaultKeyError",
    "__version__",
    "classify_training_error",
    "issue_callback",
    "parse_callback",
    "requirement_for",
    "verify_callback",
]

__getattr__, __dir__ = lazy(__name__, {"errors": __all__, **_HOMES})
