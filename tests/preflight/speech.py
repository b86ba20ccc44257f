"""Recognisers for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tavus_consent import SpokenConsent
from tavus_consent.consent import Word

NAME = "Rio Alvarez"
STATEMENT = SpokenConsent(NAME).statement


class Canned:
    """Hears what it was made to hear, and keeps what it was given."""

    engine = "canned-1"
    model_sha256 = "ab" * 32

    def __init__(self, text: str = STATEMENT, *, start: float = 0.0, pace: float = 0.4) -> None:
        places = [start + number * pace for number, _ in enumerate(text.split())]
        ends = [round(at + 0.75 * pace, 6) for at in places]
        self.words = [Word(*one, 0.9) for one in zip(text.split(), places, ends, strict=True)]
        self.given: list[Path | bytes] = []

    def transcribe(self, recording: Path | bytes) -> Sequence[Word]:
        self.given.append(recording)
        return self.words
