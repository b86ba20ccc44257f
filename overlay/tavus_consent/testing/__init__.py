"""A fake Tavus for tests: :class:`FakeTavus`, faults (:class:`Fault`), and a clock (:class:`FakeClock`).

Needs the extra ``testing``; serving it over HTTP needs the extra ``mock``. The installed package provides the pytest
fixtures ``fake_tavus``, ``tavus`` and ``async_tavus``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._messages import FakeRequest as FakeRequest
    from ._messages import FakeResponse as FakeResponse
    from ._service import LoggedRequest as LoggedRequest
    from ._things import Callback as Callback
    from .clock import FakeClock as FakeClock
    from .fake import FakeTavus as FakeTavus
    from .faults import Fault as Fault
    from .server import serve as serve
    from .transports import FakeTransport as FakeTransport

# pytest imports this package in every run of every project that has it installed, so names are loaded on first use.
_HOMES = {
    "Callback": "_things",
    "FakeClock": "clock",
    "FakeRequest": "_messages",
    "FakeResponse": "_messages",
    "FakeTavus": "fake",
    "FakeTransport": "transports",
    "Fault": "faults",
    "LoggedRequest": "_service",
    "serve": "server",
}

__all__ = [
    "Callback",
    "FakeClock",
    "FakeRequest",
    "FakeResponse",
    "FakeTavus",
    "FakeTransport",
    "Fault",
    "LoggedRequest",
    "serve",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(_HOMES)
