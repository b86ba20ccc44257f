"""The base classes of the events of callbacks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from tavus_consent._frames import hides_locals
from tavus_consent._redaction import show_text
from tavus_consent.results import FAILED_WORDS, READY_WORDS


def show(value: str | None) -> str:
    """Return the ``repr`` of a text of Tavus without links and possible keys."""
    return repr(value and show_text(value))


def hidden(**options: Any) -> Any:
    """Return a field for texts of people, links and anything unknown: never shown."""
    return field(repr=False, hash=False, **options)


@hides_locals
@frozen(kw_only=True)
class CallbackEvent:
    """Any event of a callback.

    Attributes:
        job: The ``job`` of the address that the callback came to.
        confirmed: True if the event has the state that Tavus returned when it was asked. Objectives, guardrails, tools
            and unknown bodies can never be confirmed, because no operation returns them.
        extra: Every other member of the body.
    """

    job: str | None = None
    confirmed: bool = False
    extra: Mapping[str, Any] = hidden(factory=dict)


@hides_locals
@frozen(kw_only=True)
class StatusEvent(CallbackEvent):
    """An event about an object with a status."""

    status: str
    error_message: str | None = field(default=None, repr=show)

    @property
    def is_ready(self) -> bool:
        """True if the object is usable."""
        return self.status in READY_WORDS

    @property
    def is_failed(self) -> bool:
        """True if the work failed."""
        return self.status in FAILED_WORDS
