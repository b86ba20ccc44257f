"""The fake of ``tavus-consent mock``, with the objects of a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from tavus_consent import ConfigurationError
from tavus_consent.testing import FakeTavus


def seeded(stock: Literal["tavus", "all"], seed: Path | None) -> FakeTavus:
    """Return a fake with its stock and the objects of a file.

    Args:
        stock: The stock.
        seed: A JSON file: lists of objects by kind, for example ``{"replica": [{"id": "r1"}]}``.

    Raises:
        ConfigurationError: The file cannot be read, or an object in it cannot be added.
    """
    fake = FakeTavus(stock=stock)
    if seed is None:
        return fake
    try:
        kinds = json.loads(seed.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"cannot read {seed}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ConfigurationError(f"{seed} is not a JSON file") from None
    if not isinstance(kinds, dict) or not all(isinstance(things, list) for things in kinds.values()):
        raise ConfigurationError(f'{seed} must be lists of objects by kind, such as {{"replica": [{{"id": "r1"}}]}}')
    for kind, things in kinds.items():
        for thing in things:
            if not isinstance(thing, dict):
                raise ConfigurationError(f"{seed}: each {kind} must be an object")
            fake.add(kind, **thing)
    return fake
