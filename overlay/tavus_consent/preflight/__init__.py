"""Checks of the media before training, which takes hours.

:func:`preflight` reads a small part of a training video and a consent video. It reports what Tavus would reject, and
uses Tavus's own error names. Importing this package is cheap: the code that reads files and networks is imported when
it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tavus_consent._lazy import lazy

if TYPE_CHECKING:
    from .check import Step, confirm, confirm_async, preflight, preflight_async
    from .evidence import Fingerprint
    from .findings import Finding, PreflightReport
    from .isolation import Isolation, freeze_support
    from .links import LinkFinding, check_link
    from .metering import Budget, Spent
    from .net import Reach
    from .options import PreflightOptions
    from .speech import Hearing, Whisper

_HOMES = {
    "check": ["confirm", "confirm_async", "preflight", "preflight_async", "Step"],
    "evidence": ["Fingerprint"],
    "findings": ["Finding", "PreflightReport"],
    "isolation": ["freeze_support", "Isolation"],
    "links": ["check_link", "LinkFinding"],
    "metering": ["Budget", "Spent"],
    "net": ["Reach"],
    "options": ["PreflightOptions"],
    "speech": ["Hearing", "Whisper"],
}

__all__ = [
    "Budget",
    "Finding",
    "Fingerprint",
    "Hearing",
    "Isolation",
    "LinkFinding",
    "PreflightOptions",
    "PreflightReport",
    "Reach",
    "Spent",
    "Step",
    "Whisper",
    "check_link",
    "confirm",
    "confirm_async",
    "freeze_support",
    "preflight",
    "preflight_async",
]

__getattr__, __dir__ = lazy(__name__, _HOMES)
