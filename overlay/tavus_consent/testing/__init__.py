"""A fake Tavus for tests: :class:`FakeTavus`, faults (:class:`Fault`), and a clock (:class:`FakeClock`).

Needs the extra ``testing``; serving it over HTTP needs the extra ``mock``. The installed package provides the pytest
fixtures ``fake_tavus``, ``tavus`` and ``async_tavus``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tavus_consent._lazy import lazy

if TYPE_CHECKING:
    from ._answering import LoggedRequest as LoggedRequest
    from ._dialect import Dialect as Dialect
    from ._messages import FakeRequest as FakeRequest, FakeResponse as FakeResponse
    from ._reporting import FakeWarning as FakeWarning
    from ._sending import Callbacks as Callbacks
    from ._things import Callback as Callback
    from .clock import FakeClock as FakeClock
    from .fake import FakeTavus as FakeTavus
    from .faults import Fault as Fault
    from .server import serve as serve
    from .transports import FakeTransport as FakeTransport

# pytest imports this package in every run of every project that has it installed, so names are loaded on first use.
_HOMES = {
    "_dialect": ["Dialect"],
    "_messages": ["FakeRequest", "FakeResponse"],
    "_answering": ["LoggedRequest"],
    "_reporting": ["FakeWarning"],
    "_sending": ["Callbacks"],
    "_things": ["Callback"],
    "clock": ["FakeClock"],
    "fake": ["FakeTavus"],
    "faults": ["Fault"],
    "server": ["serve"],
    "transports": ["FakeTransport"],
}

__all__ = [
    "Callback",
    "Callbacks",
    "Dialect",
    "FakeClock",
    "FakeRequest",
    "FakeResponse",
    "FakeTavus",
    "FakeTransport",
    "FakeWarning",
    "Fault",
    "LoggedRequest",
    "serve",
]

__getattr__, __dir__ = lazy(__name__, _HOMES)
