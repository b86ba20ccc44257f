"""``make corpus``: clips that a preflight should accept or reject, rebuilt from a seed. They are not stored in git.

The voices are espeak-ng's, so the results describe a synthesizer, not people and microphones.
:mod:`.voices` creates the clips for comparing recognizers, in other voices.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tests.preflight.media import RATE, make_video
from tests.preflight.voice import speak

from tavus_consent import SpokenConsent

from . import voices

FOLDER = Path(__file__).resolve().parents[2] / ".corpus" / "videos"
SEED = 20260501
EACH = 6
NAMES = (
    "Rio Alvarez",
    "Anna Miller",
    "Peter Novak",
    "Grace Thompson",
    "Daniel Okafor",
    "Maria Garcia",
    "Emily Watson",
    "Robert Chen",
    "Laura Schmidt",
    "James Patterson",
)
ALIKE = {"Maria Garcia": "Mario Garcia", "Anna Miller": "Hannah Miller", "Daniel Okafor": "Danielle Okafor"}
VOICES = ("en-us", "en", "en-us+f3", "en+m3", "en-us+m7", "en+f2")


class Clip(NamedTuple):
    """One file of the corpus.

    Attributes:
        kind: What is right or wrong with it.
        right: Whether it should be taken.
        file: Its name.
        media: Whether it is a training or a consent video.
        name: Whose statement it is held against, or ``None`` when nobody listens.
    """

    kind: str
    right: bool
    file: str
    media: str
    name: str | None


def _noisy(sound: bytes, decibels: float, rng: random.Random) -> bytes:
    wave = np.frombuffer(sound, dtype="<i2").astype("f8")
    noise = np.random.default_rng(rng.getrandbits(32)).standard_normal(len(wave))
    noise *= np.sqrt(np.mean(wave**2)) / 10 ** (decibels / 20)
    return bytes(np.clip(wave + noise, -32768, 32767).astype("<i2").tobytes())


def _quiet(sound: bytes) -> bytes:
    return bytes((np.frombuffer(sound, dtype="<i2") // 20).astype("<i2").tobytes())


def _said(name: str) -> str:
    return SpokenConsent(name).statement


def _cut(name: str) -> str:
    return _said(name).partition(". ")[0] + "."


_TALK = "Hello, let me tell you about our new office, which has a large kitchen and a view of the river. " * 3
_Kind = tuple[bool, str, Callable[[str, random.Random], str], Callable[[bytes, random.Random], bytes]]


def _as_is(sound: bytes, _rng: random.Random) -> bytes:
    return sound


def _other(name: str, rng: random.Random) -> str:
    return rng.choice([one for one in NAMES if one != name])


SPEECH: dict[str, _Kind] = {
    "statement": (True, "consent", lambda name, _: _said(name), _as_is),
    "statement opens the training": (True, "train", lambda name, _: _said(name), _as_is),
    "statement, give consent to": (
        True,
        "consent",
        lambda name, _: _said(name).replace("consent Tavus", "give consent to Tavus"),
        _as_is,
    ),
    "statement, noise at 15 dB": (True, "consent", lambda name, _: _said(name), lambda s, r: _noisy(s, 15, r)),
    "statement, noise at 5 dB": (True, "consent", lambda name, _: _said(name), lambda s, r: _noisy(s, 5, r)),
    "statement, very quiet": (True, "consent", lambda name, _: _said(name), lambda s, _: _quiet(s)),
    "another name": (False, "consent", lambda name, rng: _said(_other(name, rng)), _as_is),
    "a name that sounds alike": (False, "consent", lambda name, _: _said(ALIKE.get(name, "Ria Alvarez")), _as_is),
    "do not consent": (False, "consent", lambda name, _: _said(name).replace("consent", "do not consent"), _as_is),
    "first sentence alone": (False, "consent", lambda name, _: _cut(name), _as_is),
    "another company": (False, "consent", lambda name, _: _said(name).replace("Tavus", "Contoso"), _as_is),
    "late in the training": (False, "train", lambda name, _: _TALK + _said(name), _as_is),
    "other talk": (False, "consent", lambda name, _: _TALK, _as_is),
    "silence": (False, "consent", lambda name, _: "", _as_is),
}

MEDIA: dict[str, tuple[bool, dict[str, Any]]] = {
    "file that trains": (True, {}),
    "file, index at the front": (True, {"options": {"movflags": "faststart"}}),
    "file in fragments": (True, {"options": {"movflags": "frag_keyframe+empty_moov+default_base_moof"}}),
    "file of 25 fps": (True, {"fps": 25}),
    "24 fps": (False, {"fps": 24}),
    "10 s": (False, {"seconds": 10}),
    "480p": (False, {"size": (640, 480)}),
    "no sound": (False, {"audio": None}),
    "no picture": (False, {"video": None}),
    "VP9 in .mp4": (False, {"video": "libvpx-vp9"}),
    "HEVC in .mp4": (False, {"video": "libx265"}),
    ".mov called .mp4": (False, {"format": "mov"}),
    ".mkv called .mp4": (False, {"format": "matroska"}),
}


def build(folder: Path = FOLDER, each: int = EACH) -> list[Clip]:
    """Make every clip anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    clips = [*_media(folder), *_speech(folder, each)]
    lines = (json.dumps(clip._asdict()) for clip in clips)
    (folder / "clips.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return clips


def _media(folder: Path) -> Iterator[Clip]:
    for number, (kind, (right, wanted)) in enumerate(MEDIA.items()):
        clip = Clip(kind, right, f"media-{number:02}.mp4", "train", None)
        make_video(folder / clip.file, **{"seconds": 90, **wanted})
        yield clip
    whole = (folder / "media-00.mp4").read_bytes()
    for kind, content in (
        ("cut off at the end", whole[: len(whole) // 2]),
        ("cut off at the beginning", whole[len(whole) // 2 :]),
        ("empty", b""),
        ("a web page", b"<!DOCTYPE html><html><body>Sign in</body></html>" * 40),
    ):
        clip = Clip(kind, False, f"{kind.replace(' ', '-')}.mp4", "train", None)
        (folder / clip.file).write_bytes(content)
        yield clip


def _speech(folder: Path, each: int) -> Iterator[Clip]:
    for number, (kind, (right, media, say, spoil)) in enumerate(SPEECH.items()):
        rng = random.Random(SEED + number)
        for turn in range(each):
            name = rng.choice(sorted(ALIKE) if "alike" in kind else NAMES)
            text = say(name, rng)
            how = {"voice": rng.choice(VOICES), "speed": rng.randrange(130, 170), "pitch": rng.randrange(35, 65)}
            sound = speak(text, **how) if text else bytes(2 * RATE * 15)
            seconds = max(60.0 if media == "train" else 8.0, len(sound) / 2 / RATE)
            sound = spoil(sound, rng) + bytes(max(0, int(seconds * RATE) * 2 - len(sound)))
            clip = Clip(kind, right, f"speech-{number:02}-{turn:02}.mp4", media, name)
            make_video(folder / clip.file, seconds=len(sound) / 2 / RATE - 0.1, sound=sound)
            yield clip


def read(folder: Path = FOLDER) -> list[Clip]:
    """The clips that were made."""
    return [Clip(**json.loads(line)) for line in (folder / "clips.jsonl").read_text("utf-8").splitlines()]


if __name__ == "__main__":
    print(f"{len(build())} clips in {FOLDER}")
    print(f"{len(voices.build())} clips of {voices.corpus_id()} in {voices.FOLDER}")
