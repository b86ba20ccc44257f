"""Checks of the media before hours of training.

:func:`preflight` reads a little of a training and a consent video and says what Tavus would refuse, with Tavus's own
error names. Importing this package costs nothing: what reads files and networks is imported when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    "Budget": "metering",
    "Finding": "findings",
    "Fingerprint": "evidence",
    "Hearing": "speech",
    "Isolation": "isolation",
    "LinkFinding": "links",
    "PreflightOptions": "options",
    "PreflightReport": "findings",
    "Reach": "net",
    "Spent": "metering",
    "Step": "check",
    "Whisper": "speech",
    "check_link": "links",
    "confirm": "check",
    "confirm_async": "check",
    "freeze_support": "isolation",
    "preflight": "check",
    "preflight_async": "check",
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


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
