"""Warnings about a create, and where they point."""

from __future__ import annotations

import sys
import warnings
from types import FrameType


class LinkWarning(UserWarning):
    """A link may not work for Tavus; the call goes on."""


class ConsentWarning(UserWarning):
    """Something about the consent is worth knowing; the call goes on."""


def warn_caller(message: str, category: type[Warning]) -> None:
    """Warn at the line of the caller's own code, however deep in this package the reason was found."""
    frame: FrameType | None = sys._getframe()
    level = 1
    while frame is not None and _is_ours(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _is_ours(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__", ""))
    return module.partition(".")[0] == "tavus_consent" or frame.f_code.co_filename.startswith("<attrs generated")
