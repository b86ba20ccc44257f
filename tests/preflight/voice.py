"""A synthetic voice: espeak-ng from a package, so that the tests create speech locally."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import av
import espeakng_loader

RATE = 48_000

# Names and numbers of espeak-ng's speak_lib.h.
_RETRIEVAL, _UTF8, _SPEED, _PITCH = 1, 1, 1, 3
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


@cache
def _engine() -> tuple[Any, int]:
    """The library and the samples a second that it makes. It can be set up once in a process."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), 0)
    assert rate > 0, "espeak-ng cannot be set up"
    return library, rate


def speak(text: str, *, voice: str = "en-us", speed: int = 150, pitch: int = 50) -> bytes:
    """Text as speech.

    Args:
        text: What is said.
        voice: A voice of espeak-ng's, also with a variant: ``en+m3`` (``en`` is British).
        speed: Words a minute.
        pitch: From 0 to 99.

    Returns:
        16-bit PCM, 48 kHz, one channel.
    """
    library, rate = _engine()
    made = bytearray()

    @_Callback
    def take(samples: Any, count: int, _events: Any) -> int:
        if samples:
            made.extend(ctypes.string_at(samples, 2 * count))
        return 0

    library.espeak_SetSynthCallback(take)
    assert library.espeak_SetVoiceByName(voice.encode()) == 0, f"espeak-ng has no voice {voice}"
    library.espeak_SetParameter(_SPEED, speed, 0)
    library.espeak_SetParameter(_PITCH, pitch, 0)
    said = text.encode()
    assert library.espeak_Synth(said, len(said) + 1, 0, 1, 0, _UTF8, None, None) == 0
    assert library.espeak_Synchronize() == 0
    return _resampled(bytes(made), rate)


def _resampled(sound: bytes, rate: int) -> bytes:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(sound) // 2)
    frame.planes[0].update(sound.ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate = rate
    resampler = av.AudioResampler("s16", "mono", RATE)
    pieces = [*resampler.resample(frame), *resampler.resample(None)]
    return b"".join(bytes(piece.planes[0])[: piece.samples * 2] for piece in pieces)
