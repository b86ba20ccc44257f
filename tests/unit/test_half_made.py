"""A debugger shows an object whose constructor raised, so its ``repr`` may not raise, too."""

from __future__ import annotations

import pytest

import tavus_consent as tc
from tavus_consent.ledger.database import Database
from tavus_consent.testing import FakeTavus


@pytest.mark.parametrize(
    ("cls", "shown"),
    [
        (tc.Tavus, "Tavus(not made)"),
        (tc.AsyncTavus, "AsyncTavus(not made)"),
        (FakeTavus, "<FakeTavus not made>"),
        (Database, "<Database not opened>"),
    ],
)
def test_the_repr_of_what_was_not_made_raises_nothing(cls: type, shown: str) -> None:
    assert repr(cls.__new__(cls)) == shown
