"""Requests of one's own, which the consent gate refuses unless it is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tavus_consent import AsyncTavus

WHY = {"reason": "The test is about the request.", "by": "qa@app.example"}


def ungated(use: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a call of either client with the gate open."""

    def through(tavus: Any) -> Any:
        if isinstance(tavus, AsyncTavus):
            return awaited(tavus)
        with tavus.without_gate(**WHY):
            return use(tavus)

    async def awaited(tavus: Any) -> Any:
        async with tavus.without_gate(**WHY):
            return await use(tavus)

    return through
