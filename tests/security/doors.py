"""Every way for a secret to leave the process, and a search of the data that left."""

from __future__ import annotations

import io
import logging
import pickle
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import tavus_consent as tc
from tavus_api.models import Result
from tavus_consent.callbacks import CallbackEvent
from tavus_consent.consent import Match, Transcript, Word

# As much of a secret as may be seen: less is of no use to anybody.
SEEN = 11

_written: list[str] | None = None


@cache
def _watch_files() -> None:
    """Note every file that is opened to be written, while somebody looks. Such a hook cannot be taken off again."""

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and _written is not None:
            path, mode, flags = arguments
            if isinstance(path, (str, bytes)) and (set(mode or "") & set("wax+") or (flags or 0) & 3):
                _written.append(path if isinstance(path, str) else path.decode())

    sys.addaudithook(note)


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append((f"logger {record.name}", f"{self.format(record)} {record.__dict__!r}"))


class Doors:
    """While this is open, all that leaves is kept; ``look`` searches it.

    Attributes:
        leaks: What was found: the secret, the door, the situation and the words around it.
    """

    def __init__(self, pieces: dict[str, str]) -> None:
        self._pieces = {name: piece.casefold() for name, piece in pieces.items()}
        self._records = _Records()
        self._streams = {"stdout": io.StringIO(), "stderr": io.StringIO()}
        self.leaks: dict[tuple[str, str], str] = {}
        self.searched = 0

    def __enter__(self) -> Self:
        global _written
        self._stack = ExitStack()
        root = logging.getLogger()
        loggers = [
            root,
            *(one for one in logging.Logger.manager.loggerDict.values() if isinstance(one, logging.Logger)),
        ]
        for logger in loggers:
            self._stack.callback(setattr, logger, "disabled", logger.disabled)
            self._stack.callback(logger.setLevel, logger.level)
            self._stack.callback(setattr, logger, "propagate", logger.propagate)
            logger.disabled, logger.propagate = False, True
            logger.setLevel(logging.DEBUG)
        root.addHandler(self._records)
        self._stack.callback(root.removeHandler, self._records)
        self._warnings = self._stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        self._stack.enter_context(redirect_stdout(self._streams["stdout"]))
        self._stack.enter_context(redirect_stderr(self._streams["stderr"]))
        _watch_files()
        _written = []
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _written
        _written = None
        self._stack.close()

    def search(self, door: str, situation: str, text: str) -> None:
        """Search one text."""
        self.searched += 1
        folded = text.casefold()
        for name, piece in self._pieces.items():
            for part in (piece[:SEEN], piece[-SEEN:]):
                place = folded.find(part)
                if place >= 0:
                    words = text[max(0, place - 100) : place + 60]
                    self.leaks.setdefault((name, door), f"{name} by {door}, {situation}: ...{words}...")

    def forget(self, door: str) -> None:
        """Ignore the latest output to ``stdout`` or ``files``, which was intended."""
        if door == "files":
            (_written or []).clear()
        else:
            self._streams[door].seek(0)
            self._streams[door].truncate()

    def look(self, situation: str, *things: Any) -> None:
        """Search what came out since the last look, and everything about these things."""
        for logger, text in self._records.texts:
            self.search(logger, situation, text)
        self._records.texts.clear()
        for warning in self._warnings or ():
            self.search("warnings", situation, f"{warning.message!r} {warning.message}")
        del (self._warnings or [])[:]
        for name, stream in self._streams.items():
            self.search(name, situation, stream.getvalue())
            self.forget(name)
        for path in _written or ():
            if Path(path).is_file():
                self.search(f"file {path}", situation, Path(path).read_text("latin-1"))
        self.forget("files")
        for thing in things:
            for door, text in shown(thing):
                self.search(door, situation, text)


# Data that somebody asked for, to be kept where they like: what Tavus said of a replica, and what a recognizer heard.
HOLDERS = (Transcript, Word, Match, Result, tc.Replica, tc.Page, tc.TrainingError, tc.ProcessingError, CallbackEvent)


def shown(thing: Any) -> Iterator[tuple[str, str]]:
    """All that can be seen of an object from outside, without asking it for a secret by name."""
    name = type(thing).__name__
    yield f"repr of {name}", repr(thing)
    yield f"str of {name}", str(thing)
    if isinstance(thing, BaseException):
        yield f"traceback of {name}", "".join(traceback.format_exception(thing))
        for one in chain(thing):
            link = type(one).__name__
            yield f"chain of {name}: {link}", f"{one!r} {one} {one.args!r} {getattr(one, '__notes__', ())!r}"
            # What Tavus said is held as it is.
            meant = ("result",) if isinstance(one, tc.ProcessingError) else ("replica",)
            state = {key: value for key, value in vars(one).items() if key not in meant}
            yield f"attributes of {link}", repr(state)
            yield from pickled(state, f"attributes of {link}")
    if not isinstance(thing, HOLDERS):
        yield from pickled(thing, name)


def pickled(thing: Any, name: str) -> Iterator[tuple[str, str]]:
    """The pickle of what can be pickled."""
    try:
        yield f"pickle of {name}", pickle.dumps(thing).decode("latin-1")
    except (TypeError, AttributeError, pickle.PicklingError) as refusal:
        yield f"refusal to pickle {name}", f"{refusal!r}"


def chain(error: BaseException) -> list[BaseException]:
    """An exception and all that led to it, also what ``from None`` only hides."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and one not in found:
            found.append(one)
            waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
    return found
