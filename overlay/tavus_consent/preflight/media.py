"""Inspect a file with FFmpeg: its facts and its sound. This code runs in this process or in a child process."""

from __future__ import annotations

from collections.abc import Callable

from .audio import pcm
from .container import opened
from .facts import SECONDS, Facts
from .reading import Readable


def inspect(source: Readable, *, listen: bool, tell: Callable[[Facts], None]) -> bytes | None:
    """Inspect a file, and decode the first seconds of its sound.

    Returns:
        The sound as 16-bit PCM, 16 kHz, one channel; ``None`` if ``listen`` is false or the file has no sound.

    Raises:
        Unreadable: The file cannot be read, or is not safe to read.
    """
    with opened(source) as file:
        tell(file.facts)
        return pcm(file, source, SECONDS) if listen and file.facts.has_sound else None
