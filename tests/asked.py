"""What the default policy wants stated in every request for consent, and a controller who states everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tavus_consent.ledger import Controller, Party

ASKED: Final[Mapping[str, Any]] = {"intended_uses": ["onboarding videos"], "adult": True}
TERMS: Final = ("--intended-use", "onboarding videos", "--adult")
"""The same, on the command line."""
CONTROLLER: Final = Controller(
    name="Example GmbH",
    address="Example Street 1, Berlin",
    contact="privacy@app.example",
    jurisdiction="DE",
    storage_locations=["Frankfurt"],
    retention="until the consent ends, and three years beyond",
    withdraw_at="https://app.example/withdraw",
    notice_url="https://app.example/privacy",
    processor=Party(name="Tavus", address="Example Avenue 2", contact="https://processor.example"),
)
