"""The child process. It parses strangers' files with limits, without secrets, and with only its pipe open.

:mod:`.isolation` starts it. It reads a file through its parent, which keeps the network access, the budget and the
caller. The parent does not trust its messages; they contain only words of a fixed set, numbers and sound.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any, BinaryIO, Final, cast

from .facts import Facts
from .failures import Unreadable
from .reading import Blocks
from .wire import Channel, MessageKind, ProtocolError, Role, parsed

_MOST: Final = 2**32
"""The largest accepted body in bytes. It is high, because a child trusts its parent."""
# The reader, and modules that PyAV imports only for some streams. Later, the process cannot open files.
_NEEDED: Final = (
    "logging",
    "av.audio.stream",
    "av.subtitles.codeccontext",
    "av.subtitles.stream",
    "av.video.stream",
    "tavus_consent.preflight.media",
)


_MEMORY: Final = b"memory"


class Cut(Exception):
    """A failure of the parent to read. The parent already knows the reason."""


class ParentSource(Blocks):
    """A file that the parent process reads.

    Args:
        channel: The channel to the parent.
        size: The size of the file in bytes.
        first: The first block of the file.
    """

    def __init__(self, channel: Channel, size: int, first: bytes) -> None:
        super().__init__()
        self.size = size
        self._channel = channel
        self._keep(0, first)

    def _get(self, start: int, end: int) -> bytes:
        return self._ask(MessageKind.READ, [start, end - start])

    def read_ranges(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Read exactly the given ranges."""
        data = self._ask(MessageKind.READ_RANGES, ranges)
        found, at = [], 0
        for start, end in ranges:
            found.append(data[at : at + end - start])
            at += end - start
        return found

    def left_requests(self) -> int:
        """Return the number of requests that are left."""
        left: int = json.loads(self._ask(MessageKind.LEFT_REQUESTS, None))
        return left

    def check(self) -> None:
        """Do nothing, because the parent ends a process that must stop."""

    def _ask(self, kind: MessageKind, what: Any) -> bytes:
        self._channel.send_json(kind, what)
        answer, data = self._channel.receive()
        if answer is not MessageKind.DATA:
            raise Cut
        return data


def serve(channel: Channel, limits: ProcessLimits) -> None:
    """Answer jobs until the parent hangs up or the memory is exhausted."""
    role = Role(**parsed(channel.receive()[1]))
    if not role.opens_files:
        for name in _NEEDED:
            import_module(name)
    gc.enable()
    limits.begin(role)
    channel.send_json(MessageKind.READY, limits.enforced)
    is_well = True
    while is_well:
        try:
            kind, body = channel.receive()
            limits.allow_cpu(role.cpu_seconds)
            is_well = _answer(channel, _JOBS[kind], body)
        except MemoryError:
            channel.send(MessageKind.FAILED, _MEMORY)
            is_well = False


def _answer(channel: Channel, job: Callable[[Channel, bytes], bytes], body: bytes) -> bool:
    """Do a job, and return True if this process can do another one."""
    try:
        kind, answer = MessageKind.DONE, job(channel, body)
    except Cut:
        kind, answer = MessageKind.FAILED, b"cut"
    except Unreadable as error:
        kind, answer = MessageKind.FAILED, error.reason.encode()
    except (MemoryError, ProtocolError):
        raise
    except Exception as error:  # from a recognizer
        kind, answer = MessageKind.FAILED, f"error {type(error).__name__}".encode()
    channel.send(kind, answer)
    return answer != _MEMORY


def _inspect(channel: Channel, body: bytes) -> bytes:
    from .media import inspect

    def tell(facts: Facts) -> None:
        channel.send_json(MessageKind.FACTS, facts.to_dict())

    job = parsed(body)
    _, first = channel.receive()
    return inspect(ParentSource(channel, job["size"], first), listen=job["listen"], tell=tell) or b""


def _transcribe(channel: Channel, body: bytes) -> bytes:
    from pathlib import Path

    from .transcribing import transcribe_here

    job = parsed(body)
    _, recording = channel.receive()
    words = transcribe_here(Path(job["model"]), Path(job["path"]) if job["path"] else recording)
    return json.dumps([[one.text, one.start, one.end, one.probability] for one in words]).encode()


_JOBS: Final = {MessageKind.INSPECT: _inspect, MessageKind.TRANSCRIBE: _transcribe}


class ProcessLimits:
    """The limits of this process.

    Args:
        resource: The module ``resource``, or ``None`` on a platform that has none.

    Attributes:
        enforced: The limits that this platform enforces: ``memory``, ``cpu_time``.
    """

    def __init__(self, resource: ModuleType | None) -> None:
        self._resource: Any = resource
        self.enforced: list[str] = []

    def begin(self, role: Role) -> None:
        """Set the limits that do not depend on the job, permanently."""
        if self._resource is None:
            return
        resource = self._resource
        # Forbid writing files, and core dumps, which would contain a person's face and voice.
        wanted = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)]
        if not role.opens_files:
            wanted.append((resource.RLIMIT_NOFILE, 0))
        for name, most in wanted:
            self._set(name, most)
        # macOS accepts the limit but does not enforce it.
        if self._set(resource.RLIMIT_AS, role.memory) and sys.platform != "darwin":
            self.enforced.append("memory")
        if self.allow_cpu(role.cpu_seconds):
            self.enforced.append("cpu_time")

    def allow_cpu(self, seconds: int) -> bool:
        """Allow an amount of CPU time from now on, and return True if the limit is enforced."""
        if self._resource is None:
            return False
        resource = self._resource
        used = resource.getrusage(resource.RUSAGE_SELF)
        end = int(used.ru_utime + used.ru_stime) + 1 + seconds
        return self._set(resource.RLIMIT_CPU, end, for_good=False)

    def _set(self, name: int, most: int, *, for_good: bool = True) -> bool:
        resource = self._resource
        _, hard = resource.getrlimit(name)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        try:
            resource.setrlimit(name, (most, most if for_good else hard))
        except (OSError, ValueError):
            return False
        return True


def _resource() -> ModuleType | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource


def main() -> None:
    """Run the child process, with only its pipe open."""
    # Ctrl-C in a terminal signals every process of the group; only the parent reacts to it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reader = cast("BinaryIO", os.fdopen(os.dup(0), "rb", buffering=0))
    writer = cast("BinaryIO", os.fdopen(os.dup(1), "wb", buffering=0))
    for number in (0, 1):  # the output of a library must not mix with the frames
        os.dup2(2, number)
    with reader, writer, suppress(ProtocolError):  # the parent may hang up at any time
        serve(Channel(reader, writer, most=_MOST), ProcessLimits(_resource()))
