"""A fake that is served over HTTP, and the environment that leads programs to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tavus_consent.testing import FakeTavus
from tavus_consent.testing.server import running


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[FakeTavus, str]]:
    """A fake in which every training is over at once, and its base URL."""
    fake = FakeTavus(training_time=timedelta(0))
    with running(fake, speed=1) as url:
        yield fake, url


@pytest.fixture
def fake(served: tuple[FakeTavus, str], monkeypatch: pytest.MonkeyPatch) -> FakeTavus:
    """The fake, empty, and named by the environment."""
    fake, url = served
    fake.reset()
    monkeypatch.setenv("TAVUS_BASE_URL", url)
    monkeypatch.setenv("TAVUS_API_KEY", fake.api_key)
    return fake
