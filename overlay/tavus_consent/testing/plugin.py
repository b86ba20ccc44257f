"""Fixtures for pytest. Its entry point loads this module, so it imports nothing before a fixture is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tavus_consent import AsyncTavus, Tavus

    from .fake import FakeTavus


@pytest.fixture
def fake_tavus() -> FakeTavus:
    """Return a new fake Tavus, with a clock that stands still."""
    from .fake import FakeTavus

    return FakeTavus()


@pytest.fixture
def tavus(fake_tavus: FakeTavus) -> Iterator[Tavus]:
    """Yield a client of the fake, in process."""
    with fake_tavus.client() as client:
        yield client


@pytest.fixture
def async_tavus(fake_tavus: FakeTavus) -> AsyncTavus:
    """Return an async client of the fake, in process. It has no connection, so it need not be closed."""
    return fake_tavus.async_client()
