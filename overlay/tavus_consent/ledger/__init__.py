"""The ledger: append-only events, a hash chain that reveals edits, and a vault for erasable personal data.

``open_ledger(url)`` returns a :class:`Ledger`; :class:`AsyncLedger` never blocks an event loop. Both need the extra
``ledger``; a PostgreSQL store also needs ``postgres``. The ledger records what was said and checked; it does not
establish that consent is legally valid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tavus_consent._lazy import lazy

from .chain import EMPTY, GENESIS, Head, Verification, verify
from .ledger import Ledger, data_folder, open_ledger
from .merkle import Checkpoint, Disclosure

if TYPE_CHECKING:
    from tavus_consent.consent.events import Event, EventType
    from tavus_consent.ledger.parties import Controller, Party
    from tavus_consent.ledger.protocols import Erasure
    from tavus_consent.ledger.receipt import Receipt

    from .aio import AsyncLedger

# The modules of the names that are imported on first use.
_HOMES = {
    ".consent.events": ["Event", "EventType"],
    "aio": ["AsyncLedger"],
    "protocols": ["Erasure"],
    "parties": ["Controller", "Party"],
    "receipt": ["Receipt"],
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
