"""Unofficial Python SDK for the Tavus API, consent first.

``from tavus_consent import Tavus, SpokenConsent``. Names are imported on first use, so importing the package itself is
cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from ._warnings import ConsentWarning, LinkWarning
    from .client import AsyncTavus, Tavus
    from .consent import Requirement, SpokenConsent, requirement_for
    from .consent.policy import ConsentPolicy
    from .consent.record import ConsentRecord, ConsentVideo
    from .errors import (
        AnswerError,
        AuthenticationError,
        BadRequestError,
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
    from .namespaces.callbacks import IssuedCallback, ReplicaCallback, issue_callback, parse_callback, verify_callback
    from .paging import AsyncPager, Page, Pager
    from .preflight.findings import PreflightFailed, PreflightReport
    from .preflight.options import PreflightOptions
    from .results import CallInfo, Face, Replica
    from .training_errors import TrainingErrorType
    from .training_errors import classify as classify_training_error

# Where the names live that are not in ``errors``.
_HOMES = {
    "AsyncConsents": "namespaces._async.consents",
    "PreflightWarning": "gate.inspection",
    "Limits": "http.limits",
    "Timeout": "http.limits",
    "ConsentWarning": "_warnings",
    "LinkWarning": "_warnings",
    "IssuedCallback": "namespaces.callbacks",
    "ReplicaCallback": "namespaces.callbacks",
    "issue_callback": "namespaces.callbacks",
    "parse_callback": "namespaces.callbacks",
    "verify_callback": "namespaces.callbacks",
    "AsyncTavus": "client",
    "Tavus": "client",
    "ConsentPolicy": "consent.policy",
    "ConsentRecord": "consent.record",
    "ConsentVideo": "consent.record",
    "Requirement": "consent",
    "SpokenConsent": "consent",
    "requirement_for": "consent",
    "Consents": "namespaces._sync.consents",
    "AsyncPager": "paging",
    "Page": "paging",
    "Pager": "paging",
    "PreflightOptions": "preflight.options",
    "PreflightFailed": "preflight.findings",
    "PreflightReport": "preflight.findings",
    "CallInfo": "results",
    "Face": "results",
    "Replica": "results",
    "TrainingErrorType": "training_errors",
    "classify_training_error": "training_errors",
}

# The name within its module, if it differs.
_ORIGINS = {"classify_training_error": "classify"}

__all__ = [
    "AnswerError",
    "AsyncConsents",
    "AsyncPager",
    "AsyncTavus",
    "AuthenticationError",
    "BadRequestError",
    "CallError",
    "CallInfo",
    "ClientClosedError",
    "ClientStatusError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "ConsentContradiction",
    "ConsentError",
    "ConsentExpired",
    "ConsentMismatch",
    "ConsentPolicy",
    "ConsentRecord",
    "ConsentRequired",
    "ConsentVideo",
    "ConsentWarning",
    "ConsentWithdrawn",
    "Consents",
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


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_HOMES.get(name, 'errors')}", __name__), _ORIGINS.get(name, name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
