"""What a speech recogniser is to this package: words with times, and never a hint of what they should be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import evolve, field, frozen

from tavus_consent._frames import hides_locals
from tavus_consent.errors import InvalidRequestError

if TYPE_CHECKING:
    from attrs import Attribute

MAX_VERSION: Final = 100
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


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

    Two more members are optional. They are kept with the attempt as evidence of who listened:

    - ``engine_version``: the software and its version, such as ``faster-whisper 1.2.1``;
    - ``model_sha256``: the SHA-256 of the model's file, as 64 hex digits.
    """

    @property
    def engine(self) -> str:
        """Name and model, such as ``whisper-tiny.en``: it chooses the thresholds and is kept with the attempt."""
        ...

    def transcribe(self, recording: Path | bytes) -> Sequence[Word] | Transcript | str:
        """Return the words of a recording, in their order.

        An engine that knows no times returns a text. One that learns its version from each answer returns a
        :class:`Transcript`.

        Args:
            recording: Path of the file, or its bytes.
        """
        ...


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _is_sha256(_instance: object, _attribute: Attribute[Any], value: object) -> None:
    if value is not None and not (isinstance(value, str) and _SHA256.fullmatch(value)):
        raise InvalidRequestError(
            "model_sha256: give the 64 hex digits of the SHA-256 of the model's file", field="model_sha256"
        )


def _is_version(_instance: object, _attribute: Attribute[Any], value: object) -> None:
    if value is not None and not (isinstance(value, str) and 1 <= len(value) <= MAX_VERSION and value.isprintable()):
        raise InvalidRequestError(
            f"engine_version: give a text of 1 to {MAX_VERSION} characters, such as 'faster-whisper 1.2.1'",
            field="engine_version",
        )


@hides_locals
@frozen
class Transcript:
    """What was heard.

    Attributes:
        words: The words in their order.
        timed: Whether ``start`` and ``end`` mean anything.
        engine: Who heard it: name and model of the recogniser, or ``"text"`` when somebody typed it.
        engine_version: The recogniser's software and its version, or ``None`` if it does not say.
        model_sha256: SHA-256 of the recogniser's model, or ``None`` if it does not say.

    Raises:
        InvalidRequestError: The version or the SHA-256 is not of its form.
    """

    words: tuple[Word, ...] = field(repr=lambda words: f"<{len(words)} words>")
    timed: bool = True
    engine: str = "text"
    engine_version: str | None = field(default=None, validator=_is_version)
    model_sha256: str | None = field(default=None, converter=_lower, validator=_is_sha256)

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

    @classmethod
    def of_result(cls, result: Iterable[Word] | Transcript | str, transcriber: Transcriber) -> Transcript:
        """Return what a :class:`Transcriber` heard, with the evidence that it gives of itself.

        Args:
            result: What its ``transcribe`` returned.
            transcriber: The engine.

        Raises:
            InvalidRequestError: The result or a member of the engine is not of its form.
        """
        heard = _transcript(result)
        engine = getattr(transcriber, "engine", None) if heard.engine == "text" else heard.engine
        if not isinstance(engine, str) or not engine.strip():
            raise InvalidRequestError(
                "transcriber: its member 'engine' names the engine and the model, such as 'whisper-tiny.en'",
                field="transcriber",
            )
        return evolve(
            heard,
            engine=engine,
            engine_version=heard.engine_version or getattr(transcriber, "engine_version", None),
            model_sha256=heard.model_sha256 or getattr(transcriber, "model_sha256", None),
        )

    @property
    def text(self) -> str:
        """The words in one line."""
        return " ".join(word.text.strip() for word in self.words)


def _transcript(result: Iterable[Word] | Transcript | str) -> Transcript:
    if isinstance(result, Transcript):
        return result
    if isinstance(result, str):
        return Transcript.of_text(result)
    words = tuple(result)
    if not all(isinstance(word, Word) for word in words):
        raise InvalidRequestError("transcriber: return a list of Word, a Transcript or a text", field="transcriber")
    # An engine without times says 0 for each word.
    return Transcript(words, timed=not words or any(word.end > 0 for word in words))
