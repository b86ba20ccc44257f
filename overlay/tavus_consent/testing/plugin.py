"""Fixtures for pytest; loaded by its entry point, so it imports nothing before a fixture is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tavus_consent import AsyncTavus, Tavus

    from .fake import FakeTavus


@pytest.fixture
def fake_tavus() -> FakeTavus:
    """A fresh fake of Tavus, with a clock that stands still."""
    from .fake import FakeTavus

    return FakeTavus()


@pytest.fixture
def tavus(fake_tavus: FakeTavus) -> Iterator[Tavus]:
    """A client of the fake, in process."""
    with fake_tavus.client() as client:
        yield client


@pytest.fixture
def async_tavus(fake_tavus: FakeTavus) -> AsyncTavus:
    """An async client of the fake, in process. It holds no connection, so it need not be closed."""
    return fake_tavus.async_client()
