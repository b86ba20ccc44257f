"""Whisper itself. It runs in the process that calls it: in a child, or in this one if that was asked for."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tavus_consent.consent.transcriber import Word

if TYPE_CHECKING:
    from faster_whisper import WhisperModel


def transcribe_here(model: Path, recording: Path | bytes) -> list[Word]:
    """Let Whisper listen in this process, whichever that is.

    Args:
        model: Folder of the model.
        recording: The recording.
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

    # One thread: several wait for each other by spinning, which on two busy cores took 28 s instead of 2.
    return WhisperModel(str(model), device="cpu", compute_type="float32", cpu_threads=1, local_files_only=True)
