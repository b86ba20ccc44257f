"""A child process with limits that parses strangers' files: the parent's side.

A file may be crafted to crash FFmpeg or the recognizer, to fill the memory, or to keep the CPU busy. So they run in a
child process that has limits, no secrets, and no open file except its pipe. If the child ends, that is a finding.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

from tavus_consent._frames import hides_locals
from tavus_consent.consent.transcriber import Word

from .facts import RATE, SECONDS, Facts
from .failures import Unreadable, closed, empty, said
from .process import ARGUMENT, HAS_ENTRY, Process
from .reading import BLOCK, Source
from .wire import MEDIA, SPEECH, MessageKind, ProtocolError, Role, parsed

IsolationMode = Literal["process", "none"]

_MOST_MEDIA: Final = 8
_MAX_READ: Final = 32 * 1024**2
_MAX_RANGES: Final = 100_000
_MAX_SIZE: Final = 2**63
_MAX_SOUND: Final = int(SECONDS * RATE) * 2
_MAX_WORDS: Final = 10_000
_PATIENCE: Final = 0.05
_ERROR: Final = re.compile(r"error \w{1,64}", re.ASCII)


class RecognizerFailed(Exception):
    """An error of the recognizer; the message is its type."""


@hides_locals
class Isolation:
    """A child process that reads strangers' files for many checks. Safe to share between threads.

    A client has its own. Share one between calls of :func:`tavus_consent.preflight.preflight`, so that each call does
    not start a new child::

        with Isolation() as isolation:
            for path in paths:
                preflight(train_video=path, isolation=isolation)

    The child starts at the first check and ends with :meth:`close`. After it crashes or reaches a limit, the next check
    starts a new one. Concurrent checks temporarily start more children. Whisper has its own child.
    """

    def __init__(self, *, media: Role = MEDIA, speech: Role = SPEECH) -> None:
        self._pid = os.getpid()
        self._crews = {role.name: _Crew(role, most) for role, most in ((media, _MOST_MEDIA), (speech, 1))}
        self._lacking: tuple[str, ...] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child. Running checks end as stopped. A later check starts a child for itself only."""
        for crew in self._mine().values():
            crew.close()

    @property
    def protection(self) -> str:
        """A sentence for the report about the limits that were in force; empty if nothing was read."""
        if self._lacking is None:
            return ""
        if not self._lacking:
            return "The files were read in a child process, with limits on memory, CPU time and time."
        what = " and ".join(_LIMITS[one] for one in self._lacking)
        return f"The files were read in a child process. This platform does not limit its {what}, only its time."

    def inspect(self, source: Source, *, listen: bool, tell: Callable[[Facts], None]) -> bytes | None:
        """Run :func:`.media.inspect` in the child.

        Raises:
            Unreadable: The source cannot be read, the file is not safe to read, or the child ended.
        """
        if not source.size:
            raise empty()
        first = source.read(0, BLOCK)
        with self._lent("media", source.check) as process:
            process.send_json(MessageKind.INSPECT, {"size": source.size, "listen": listen})
            process.send(MessageKind.DATA, first)
            sound, failure = _converse(process, source, tell)
        if failure is not None:
            raise failure
        return sound or None

    def transcribe(self, model: Path, recording: Path | bytes, stop: threading.Event) -> list[Word]:
        """Transcribe a recording with Whisper in the child.

        Args:
            model: The folder of the model.
            recording: The path or the bytes of the recording.
            stop: An event that ends the child when it is set.

        Raises:
            Unreadable: The child ended.
            RecognizerFailed: The recognizer raised an error.
        """

        def check() -> None:
            if stop.is_set():
                raise closed()

        path, data = (str(recording.resolve()), b"") if isinstance(recording, Path) else (None, recording)
        with self._lent("speech", check) as process:
            process.send_json(MessageKind.TRANSCRIBE, {"model": str(model.resolve()), "path": path})
            process.send(MessageKind.DATA, data)
            kind, body = process.receive()
            words, failure = (_words(body), None) if kind is MessageKind.DONE else ([], _failure(kind, body))
        if failure is not None:
            raise failure
        return words

    @contextmanager
    def _lent(self, role: str, check: Callable[[], object]) -> Iterator[Process]:
        with self._mine()[role].lent(check) as process:
            self._lacking = process.lacking
            yield process

    def _mine(self) -> Mapping[str, _Crew]:
        if self._pid != os.getpid():  # children started before fork() belong to the parent process
            inherited, self._pid = self._crews, os.getpid()
            self._crews = {name: crew.forgotten() for name, crew in inherited.items()}
        return self._crews


_LIMITS: Final = {"memory": "memory", "cpu_time": "CPU time"}


class _Crew:
    """The children of one role: one that is kept, and more during concurrent checks.

    Args:
        role: The task and the limits of the children.
        most: The most children that run concurrently; further checks wait.
    """

    def __init__(self, role: Role, most: int) -> None:
        self._role = role
        self._most = most
        self._turns = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._idle: Process | None = None
        self._busy: set[Process] = set()
        self._is_closed = False

    @contextmanager
    def lent(self, check: Callable[[], object]) -> Iterator[Process]:
        """Lend a child that is ready, and end it if the job raises an error.

        Args:
            check: A function that raises :class:`Unreadable` if the time is up or the check was stopped.

        Raises:
            Unreadable: ``check`` raised it, or the child ended.
        """
        while not self._turns.acquire(timeout=_PATIENCE):
            check()
        try:
            process, is_well = self._take(), False
            try:
                with process.watched(check):
                    process.greet()
                    yield process
                is_well = process.is_alive
            except ProtocolError:
                raise process.verdict() from None
            finally:
                self._take_back(process, is_well=is_well)
        finally:
            self._turns.release()

    def _take(self) -> Process:
        with self._lock:
            process, self._idle = self._idle, None
        if process is not None and not process.is_alive:  # it ended while idle
            process.end()
            process = None
        process = process or Process(self._role)
        with self._lock:
            self._busy.add(process)
        return process

    def _take_back(self, process: Process, *, is_well: bool) -> None:
        with self._lock:
            self._busy.discard(process)
            if is_well and not self._is_closed and self._idle is None:
                self._idle = process
                return
        process.end()

    def close(self) -> None:
        """End all children."""
        with self._lock:
            self._is_closed, idle, self._idle, busy = True, self._idle, None, list(self._busy)
        for process in busy:
            process.kill(closed())
        if idle is not None:
            idle.end()

    def forgotten(self) -> _Crew:
        """Release the children, which belong to the parent of this forked process, and return a new crew."""
        for process in (*self._busy, *filter(None, (self._idle,))):
            process.forget()
        return _Crew(self._role, self._most)


def _converse(
    process: Process, source: Source, tell: Callable[[Facts], None]
) -> tuple[bytes, Unreadable | Exception | None]:
    """Serve the requests of the child until it answers with sound or with a failure."""
    trouble: Exception | None = None
    is_told = False
    while True:
        kind, body = process.receive()
        if kind is MessageKind.FACTS and not is_told:
            is_told = True
            tell(_facts(body))
        elif kind is MessageKind.FAILED:
            return b"", trouble or _failure(kind, body)
        elif kind is MessageKind.DONE and (is_told or trouble) and len(body) <= _MAX_SOUND:
            return body, trouble
        else:
            what = _wanted(kind, parsed(body), source.size)
            try:
                data = what(source)
            except Exception as error:
                trouble = error
                process.send(MessageKind.STOP)
            else:
                process.send(MessageKind.DATA, data)


def _wanted(kind: MessageKind, what: Any, size: int) -> Callable[[Source], bytes]:
    """Return the read that the child requests. A request for too much violates the protocol."""
    if kind is MessageKind.READ and _is_range(what) and what[1] <= _MAX_READ:
        return lambda source: source.read(what[0], what[1])
    if (
        kind is MessageKind.READ_RANGES
        and isinstance(what, list)
        and len(what) <= _MAX_RANGES
        and _are_apart(what, size)
    ):
        return lambda source: b"".join(source.read_ranges([(start, end) for start, end in what]))
    if kind is MessageKind.LEFT_REQUESTS:
        return lambda source: str(source.left_requests()).encode()
    raise ProtocolError


def _is_range(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one < _MAX_SIZE for one in value)
    )


def _are_apart(ranges: Sequence[Any], size: int) -> bool:
    """Return True if the ranges are ascending, do not overlap, and are in the file."""
    at = 0
    for one in ranges:
        if not _is_range(one) or not at <= one[0] < one[1] <= size:
            return False
        at = one[1]
    return True


def _facts(body: bytes) -> Facts:
    try:
        return Facts.from_dict(parsed(body))
    except ValueError as error:
        raise ProtocolError from error


def _failure(kind: MessageKind, body: bytes) -> Exception:
    reason = body.decode("ascii", "replace")
    if kind is not MessageKind.FAILED:
        raise ProtocolError
    if _ERROR.fullmatch(reason):
        return RecognizerFailed(reason.partition(" ")[2])
    try:
        failure = said(reason)
    except KeyError as error:
        raise ProtocolError from error
    if reason == "memory":  # the child has too little memory for another job, so end it
        raise failure
    return failure


def _words(body: bytes) -> list[Word]:
    found = parsed(body)
    if not isinstance(found, list) or len(found) > _MAX_WORDS:
        raise ProtocolError
    return [_word(one) for one in found]


def _word(value: Any) -> Word:
    match value:
        case [str(text), float() | int() as start, float() | int() as end, float() | int() | None as probability]:
            return Word(text, start, end, probability)
        case _:
            raise ProtocolError


def freeze_support() -> None:
    """Let a frozen program (PyInstaller and others) be its own child process. Call it before anything else.

    The child of a frozen program is the program itself, started with a special argument. In that process, this function
    does not return. In any other process, it only records the call. Without the call, a frozen program starts no child,
    and its reports say so. Other programs do not need the call, but it does no harm.
    """
    HAS_ENTRY.set()
    if sys.argv[1:] == [ARGUMENT]:
        from .child import main

        main()
        sys.exit(0)
