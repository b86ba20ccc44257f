"""The choice where FFmpeg and Whisper run: in a child process (:mod:`.isolation`) or in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, Protocol

from tavus_consent.consent.transcriber import Word
from tavus_consent.errors import InvalidRequestError

from .facts import Facts
from .isolation import Isolation
from .reading import Source


class Reader(Protocol):
    """An object that reads files and listens: an :class:`.isolation.Isolation` or a :class:`Here`."""

    @property
    def protection(self) -> str:
        """A sentence about the limits that were in force."""
        ...

    def inspect(self, source: Source, *, listen: bool, tell: Callable[[Facts], None]) -> bytes | None:
        """Inspect a file, and decode the first seconds of its sound; see :func:`.media.inspect`."""
        ...

    def transcribe(self, model: Path, recording: Path | bytes, stop: threading.Event) -> Sequence[Word]:
        """Transcribe with Whisper; see :meth:`.isolation.Isolation.transcribe`."""
        ...


class Here:
    """A reader that works in this process, without limits."""

    protection: Final = 'The files were read in this process, without limits (isolation="none").'

    def inspect(self, source: Source, *, listen: bool, tell: Callable[[Facts], None]) -> bytes | None:
        """Inspect a file; see :func:`.media.inspect`."""
        from .media import inspect

        return inspect(source, listen=listen, tell=tell)

    def transcribe(self, model: Path, recording: Path | bytes, _stop: threading.Event) -> Sequence[Word]:
        """Transcribe with Whisper; this cannot be interrupted."""
        from .transcribing import transcribe_here

        return transcribe_here(model, recording)


@contextmanager
def reader(isolation: Isolation | Literal["process", "none"]) -> Iterator[Reader]:
    """Yield the requested reader, and end a child process that was started for it."""
    if isinstance(isolation, Isolation):
        yield isolation
    elif isolation == "process":
        with Isolation() as made:
            yield made
    elif isolation == "none":
        yield Here()
    else:
        raise InvalidRequestError("isolation: 'process', 'none' or an Isolation", field="isolation")
