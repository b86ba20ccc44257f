"""Warnings of the fake in process, and its log when it is served."""

from __future__ import annotations

import logging
import sys
import warnings
from types import FrameType
from typing import Final

from ._messages import FakeRequest, FakeResponse, in_header

LOG: Final = logging.getLogger("tavus_consent.testing")
"""One line for each request to a served fake, and a warning for each member that the specification does not have."""

_LIBRARIES: Final = frozenset({"tavus_consent", "tavus_api", "httpx", "asyncio", "contextvars"})


class FakeWarning(UserWarning):
    """A request has something that the specification does not have; the real Tavus may ignore or refuse it."""


def warn(request: FakeRequest, response: FakeResponse) -> None:
    """Warn at the line of the test, at any depth in libraries."""
    for text in response.warnings:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in _LIBRARIES:
            frame = frame.f_back
        place = frame or sys._getframe(1)
        warnings.warn_explicit(
            f"{request.method} {request.path}: {text}",
            FakeWarning,
            place.f_code.co_filename,
            place.f_lineno,
            place.f_globals.get("__name__"),
            place.f_globals.setdefault("__warningregistry__", {}),
        )


def log(method: str, path: str, response: FakeResponse, seconds: float) -> None:
    """Log a request to a served fake. The query is not shown, because it can contain a token."""
    status = "dropped" if response.dropped else response.status
    reason = f": {response.reason}" if response.reason else ""
    LOG.info("%s", in_header(f"{method} {path} {status} {seconds * 1000:.0f} ms{reason}"))
    for text in response.warnings:
        LOG.warning("%s", in_header(f"{method} {path} {text}"))
