"""Failures of reading a file, each with a stable word. A child process sends the word; this module has the texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from .facts import NO_INDEX

Severity = Literal["error", "warning", "info", "unknown"]

_UPLOAD: Final = "Upload the whole file again. If the original is also damaged, record again."
_EXPORT: Final = "Export the video again as .mp4 with H.264 and AAC."
_AGAIN: Final = "Try again. If it happens again, export the video again as .mp4 with H.264 and AAC."
_RECOGNIZER: Final = (
    "Try again. If your model needs more than the limits, use a smaller one, or turn the limits off with "
    'isolation="none".'
)
_ENTRY: Final = (
    "Check that sys.executable is Python. A frozen program must call tavus_consent.preflight.freeze_support() "
    'first. isolation="none" reads files in this process, without limits.'
)

# The failures that the process that reads a file can report: message, fix, code, severity.
_SAID: Final[Mapping[str, tuple[str, str, str, Severity]]] = {
    "damaged": (NO_INDEX, _UPLOAD, "video_processing", "error"),
    "too_much": (
        "The file's index announces more samples than can be read safely.",
        _EXPORT,
        "video_processing",
        "unknown",
    ),
    "undecodable": (
        "The sound cannot be decoded here, so no recognizer could listen to it.",
        _EXPORT,
        "audio_processing",
        "unknown",
    ),
    "memory": ("Reading the file takes more memory than a check may use.", _EXPORT, "video_processing", "unknown"),
}
# The ways in which that process can end.
_ENDED: Final[Mapping[str, str]] = {
    "crashed": "The process that read the file crashed.",
    "killed": "The process that read the file was killed.",
    "cpu_time": "Reading the file takes more CPU time than a check may use.",
    "time": "The process that read the file did not answer in time, so it was ended.",
}


class Unreadable(Exception):
    """A failure of reading that becomes a finding. It never leaves this package.

    Attributes:
        reason: A stable word for programs.
    """

    def __init__(
        self, reason: str, message: str, fix: str, *, severity: Severity = "unknown", code: str = "download_link"
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.severity: Severity = severity
        self.code = code
        self.fix = fix


def said(reason: str) -> Unreadable:
    """Return the failure that the process that reads a file reported."""
    message, fix, code, severity = _SAID[reason]
    return Unreadable(reason, message, fix, severity=severity, code=code)


def ended(reason: str) -> Unreadable:
    """Return the failure of a process that ended, or was killed, before it answered."""
    return Unreadable(reason, _ENDED[reason], _AGAIN, code="video_processing")


def not_started() -> Unreadable:
    """Return the failure to start a process that reads files."""
    return Unreadable(
        "not_started",
        "The process that reads files could not be started, so the file was not read.",
        _ENTRY,
        code="video_processing",
    )


def closed() -> Unreadable:
    """Return the failure of a check during which the client was closed."""
    return Unreadable("stopped", "The check was stopped.", "Run it again.")


def of_recognizer(error: Unreadable) -> Unreadable:
    """Return the failure of a recognizer that corresponds to a failure of reading a file."""
    message = str(error).replace("that read the file", "that listened").replace("Reading the file", "Listening")
    fix = _RECOGNIZER if error.reason in (*_ENDED, "memory") else error.fix
    return Unreadable(error.reason, message, fix, severity=error.severity, code=error.code)


def empty() -> Unreadable:
    """Return the failure of a file of 0 bytes."""
    return Unreadable(
        "empty", "The file is empty.", "Upload the file again.", severity="error", code="video_processing"
    )


def changed() -> Unreadable:
    """Return the failure of a file that changed during the check."""
    return Unreadable(
        "changed", "The file changed while it was read.", "Wait until it no longer changes.", severity="error"
    )
