"""What a speech recogniser is to this package: words with times, and never a hint of what they should be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from tavus_consent._frames import hides_locals
from tavus_consent.errors import InvalidRequestError


@frozen
class Word:
    """One word as a recogniser heard it.

    Attributes:
        text: The word as the engine wrote it.
        start: Seconds from the beginning of the recording.
        end: Seconds from the beginning of the recording.
        probability: The engine's own confidence from 0 to 1, or ``None``.
    """

    text: str = field(repr=False)
    start: float
    end: float
    probability: float | None = None


class Transcriber(Protocol):
    """A speech recogniser.

    It is given the recording alone. An engine that is told the expected name or sentence hears them in silence: with
    the name as a hint, Whisper wrote the expected name for 3 of 24 similar ones.
    """

    @property
    def engine(self) -> str:
        """Name and model, such as ``whisper-tiny.en``: it chooses the thresholds and is kept with the attempt."""
        ...

    def transcribe(self, recording: Path | bytes) -> Sequence[Word]:
        """The words of a recording, in their order.

        Args:
            recording: Path of the file, or its bytes.
        """
        ...


@hides_locals
@frozen
class Transcript:
    """What was heard.

    Attributes:
        words: The words in their order.
        timed: Whether ``start`` and ``end`` mean anything.
        engine: Who heard it: name and model of the recogniser, or ``"text"`` when somebody typed it.
    """

    words: tuple[Word, ...] = field(repr=lambda words: f"<{len(words)} words>")
    timed: bool = True
    engine: str = "text"

    @classmethod
    def of_text(cls, text: str, *, engine: str = "text") -> Transcript:
        """A transcript without times.

        Raises:
            InvalidRequestError: It is no text.
        """
        if not isinstance(text, str):
            raise InvalidRequestError("transcript: pass the words that were heard as text", field="transcript")
        return cls(tuple(Word(one, 0.0, 0.0) for one in text.split()), timed=False, engine=engine)

    @classmethod
    def of_words(cls, words: Iterable[Word], *, engine: str) -> Transcript:
        """A transcript with times, as a :class:`Transcriber` gives it."""
        return cls(tuple(words), timed=True, engine=engine)

    @property
    def text(self) -> str:
        """The words in one line."""
        return " ".join(word.text.strip() for word in self.words)
