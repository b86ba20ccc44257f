"""The interface of a speech recognizer: it returns words with times, and never gets a hint of the expected ones."""

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
    """One word as a recognizer heard it.

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
    """A speech recognizer.

    It only receives the recording. An engine that knows the expected name or sentence hears them in silence: with the
    name as a hint, Whisper wrote the expected name for 3 of 24 similar ones.

    Two more members are optional. They are stored with the attempt as evidence of the engine:

    - ``engine_version``: the software and its version, such as ``faster-whisper 1.2.1``;
    - ``model_sha256``: the SHA-256 of the model's file, as 64 hex digits.
    """

    @property
    def engine(self) -> str:
        """Name and model, such as ``whisper-tiny.en``. It selects the thresholds and is stored with the attempt."""
        ...

    def transcribe(self, recording: Path | bytes) -> Sequence[Word] | Transcript | str:
        """Return the words of a recording, in their order.

        An engine without times returns a text. An engine that learns its version from each answer returns a
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
            "model_sha256: pass the 64 hex digits of the SHA-256 of the model's file", field="model_sha256"
        )


def _is_version(_instance: object, _attribute: Attribute[Any], value: object) -> None:
    if value is not None and not (isinstance(value, str) and 1 <= len(value) <= MAX_VERSION and value.isprintable()):
        raise InvalidRequestError(
            f"engine_version: pass a text of 1 to {MAX_VERSION} characters, such as 'faster-whisper 1.2.1'",
            field="engine_version",
        )


@hides_locals
@frozen
class Transcript:
    """A transcript.

    Attributes:
        words: The words in their order.
        timed: True if ``start`` and ``end`` are known.
        engine: Name and model of the recognizer, or ``"text"`` for a typed text.
        engine_version: The recognizer's software and its version, or ``None`` if unknown.
        model_sha256: SHA-256 of the recognizer's model, or ``None`` if unknown.

    Raises:
        InvalidRequestError: The version or the SHA-256 is malformed.
    """

    words: tuple[Word, ...] = field(repr=lambda words: f"<{len(words)} words>")
    timed: bool = True
    engine: str = "text"
    engine_version: str | None = field(default=None, validator=_is_version)
    model_sha256: str | None = field(default=None, converter=_lower, validator=_is_sha256)

    @classmethod
    def of_text(cls, text: str, *, engine: str = "text") -> Transcript:
        """Return a transcript without times.

        Raises:
            InvalidRequestError: The value is not text.
        """
        if not isinstance(text, str):
            raise InvalidRequestError("transcript: pass the transcribed words as text", field="transcript")
        return cls(tuple(Word(one, 0.0, 0.0) for one in text.split()), timed=False, engine=engine)

    @classmethod
    def of_words(cls, words: Iterable[Word], *, engine: str) -> Transcript:
        """Return a transcript with times, as a :class:`Transcriber` returns it."""
        return cls(tuple(words), timed=True, engine=engine)

    @classmethod
    def of_result(cls, result: Iterable[Word] | Transcript | str, transcriber: Transcriber) -> Transcript:
        """Return the transcript of a :class:`Transcriber`, with the evidence of the engine.

        Args:
            result: The result of its ``transcribe``.
            transcriber: The engine.

        Raises:
            InvalidRequestError: The result or a member of the engine is malformed.
        """
        heard = _transcript(result)
        engine = getattr(transcriber, "engine", None) if heard.engine == "text" else heard.engine
        if not isinstance(engine, str) or not engine.strip():
            raise InvalidRequestError(
                "transcriber: its member 'engine' must name the engine and the model, such as 'whisper-tiny.en'",
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
    # An engine without times returns 0 for each word.
    return Transcript(words, timed=not words or any(word.end > 0 for word in words))
