"""Error reports of Sentry, Rich, and the standard library with its locals."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import rich.pretty
import rich.traceback
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from sentry_sdk.utils import event_from_exception

from .doors import chain

# The frames of whoever calls are theirs, and what they keep in their variables is, too.
TESTS = str(Path(__file__).parents[1])


class Collecting(Transport):
    """Keeps what would go to the tracker."""

    def __init__(self, options: dict[str, Any] | None = None) -> None:
        super().__init__(options)
        self.events: list[Any] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.events += [item.payload.json for item in envelope.items]


def sentry(error: BaseException) -> str:
    """An event of Sentry's SDK. No integration is set up: what they record is not an error's locals."""
    transport = Collecting()
    client = sentry_sdk.Client(dsn="https://public@tracker.example/1", transport=transport, default_integrations=False)
    event, hint = event_from_exception(error, client_options=client.options)
    client.capture_event(event, hint)
    for exception in transport.events[0]["exception"]["values"]:
        frames = exception.get("stacktrace", {}).get("frames", ())
        exception["stacktrace"] = [one for one in frames if not one["abs_path"].startswith(TESTS)]
    return json.dumps(transport.events, ensure_ascii=False)


def rich_report(error: BaseException) -> str:
    """Return Rich's output with ``show_locals``, without truncation."""
    limits = {"locals_max_length": None, "locals_max_string": None}
    report = rich.traceback.Traceback.from_exception(
        type(error), error, error.__traceback__, show_locals=True, **limits
    )
    return "\n".join(
        f"{stack.exc_value} {frame.name}{' '.join(f'{name}={node}' for name, node in (frame.locals or {}).items())}"
        for stack in report.trace.stacks
        for frame in stack.frames
        if not frame.filename.startswith(TESTS)
    )


def standard(error: BaseException) -> str:
    """Return the standard library's output with ``capture_locals``."""
    return "\n".join(
        f"{one!r} {frame.name} {frame.locals}"
        for one in chain(error)
        for frame in traceback.TracebackException.from_exception(one, capture_locals=True).stack
        if not frame.filename.startswith(TESTS)
    )


REPORTS: dict[str, Callable[[BaseException], str]] = {
    "Sentry": sentry,
    "Rich": rich_report,
    "capture_locals": standard,
}


def reports(error: BaseException) -> Iterator[tuple[str, str]]:
    """Every report of an error."""
    for name, report in REPORTS.items():
        yield name, report(error)
