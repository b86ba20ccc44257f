"""Run Whisper in the calling process. By default, this is the child process."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tavus_consent.consent.transcriber import Word

if TYPE_CHECKING:
    from faster_whisper import WhisperModel


def transcribe_here(model: Path, recording: Path | bytes) -> list[Word]:
    """Transcribe a recording with Whisper in the calling process.

    Args:
        model: The folder of the model.
        recording: The path or the bytes of the recording.
    """
    given: Any = io.BytesIO(recording) if isinstance(recording, bytes) else str(recording)
    segments, _ = _load(model).transcribe(
        given,
        language="en",
        task="transcribe",
        beam_size=1,
        temperature=0.0,
        condition_on_previous_text=False,
        word_timestamps=True,
    )
    return [
        Word(word.word.strip(), float(word.start), float(word.end), float(word.probability))
        for segment in segments
        for word in segment.words or ()
    ]


@lru_cache(maxsize=1)
def _load(model: Path) -> WhisperModel:
    from faster_whisper import WhisperModel

    # One thread: several threads spin while they wait for each other. On two busy cores, this took 28 s instead of 2 s.
    return WhisperModel(str(model), device="cpu", compute_type="float32", cpu_threads=1, local_files_only=True)
