"""The ledger: events that are only appended, a chain that shows every edit, and a vault for what must be erasable.

``open_ledger(url)`` gives a :class:`Ledger`, :class:`AsyncLedger` is one that never blocks an event loop. Needs the
extra ``ledger``; a PostgreSQL store also needs ``postgres``. What the ledger holds records what was said and checked;
it does not establish that consent is legally valid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tavus_consent._lazy import lazy

from .chain import EMPTY, GENESIS, Head, Verification, verify
from .ledger import Ledger, data_folder, open_ledger
from .merkle import Checkpoint, Disclosure

if TYPE_CHECKING:
    from tavus_consent.consent.events import Event, EventType
    from tavus_consent.ledger.event_store import Erasure
    from tavus_consent.ledger.receipt import Controller, Party, Receipt

    from .aio import AsyncLedger

# The modules of the names that are imported with their first use.
_HOMES = {
    ".consent.events": ["Event", "EventType"],
    "aio": ["AsyncLedger"],
    "event_store": ["Erasure"],
    "receipt": ["Controller", "Party", "Receipt"],
}

__all__ = [
    "EMPTY",
    "GENESIS",
    "AsyncLedger",
    "Checkpoint",
    "Controller",
    "Disclosure",
    "Erasure",
    "Event",
    "EventType",
    "Head",
    "Ledger",
    "Party",
    "Receipt",
    "Verification",
    "data_folder",
    "open_ledger",
    "verify",
]


__getattr__, __dir__ = lazy(__name__, _HOMES)
