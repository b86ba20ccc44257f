"""One child process: start it, watch its time, and end it. Its jobs are in :mod:`.isolation`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from attrs import asdict

from .failures import Unreadable, ended, not_started
from .wire import Channel, MessageKind, ProtocolError, Role, parsed

ARGUMENT: Final = "--tavus-consent-child"
"""The argument that tells a frozen program to run as the child."""
HAS_ENTRY: Final = threading.Event()
"""Set if a frozen program handles that argument. Starting a program that does not would run all of it again."""

_LIMITS: Final = ("memory", "cpu_time")
_MOST: Final = 4 * 1024**2
_TICK: Final = 0.05
_START: Final = 30.0
_GRACE: Final = 1.0
# Imported objects stay, so garbage collection during the imports would only take time.
_CODE: Final = (
    "import gc, sys; gc.disable(); sys.path[:] = sys.argv[1:]; from tavus_consent.preflight.child import main; main()"
)
# The variables that the loader, the platform and the numerical libraries need. None usually contains secrets.
_ENVIRONMENT: Final = (
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
)
_FROZEN: Final = "_PYI_"
# One thread and one memory arena: more would use address space on machines with many cores, and save no time.
_SINGLE: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


def environment(outer: Mapping[str, str]) -> dict[str, str]:
    """Select the environment variables of a child from those of its parent."""
    kept = {name: value for name, value in outer.items() if name in _ENVIRONMENT or name.startswith(_FROZEN)}
    return kept | _SINGLE


def command() -> list[str]:
    """Return the command that starts a child.

    Raises:
        OSError: This program cannot start itself.
    """
    if not sys.executable:  # Python is embedded in another program
        raise OSError
    if getattr(sys, "frozen", False):
        if not HAS_ENTRY.is_set():
            raise OSError
        return [sys.executable, ARGUMENT]
    home = str(Path(__file__).resolve().parents[2])
    path = [os.path.abspath(one) for one in sys.path if one]  # noqa: PTH100 - a path inside a zip file is no Path
    # -S: the child gets the parent's sys.path, and runs no startup file of the environment.
    return [sys.executable, "-I", "-S", "-c", _CODE, *path, *(() if home in path else (home,))]


class Process:
    """A started child process.

    Args:
        role: The task and the limits of the child.

    Attributes:
        lacking: Limits that this platform does not enforce: ``memory``, ``cpu_time``.

    Raises:
        Unreadable: The process cannot be started.
    """

    def __init__(self, role: Role) -> None:
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - this program itself
                command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,  # fork() could leave the lock of a buffer locked forever
                env=environment(os.environ),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, ValueError):
            raise not_started() from None
        reader, writer = cast("BinaryIO", self._popen.stdout), cast("BinaryIO", self._popen.stdin)
        self._channel = Channel(reader, writer, most=_MOST)
        self._role = role
        self._pipe = (writer, reader)
        self._is_ready = False
        self._why: Unreadable | None = None
        self._asked_at: float | None = None
        self.lacking: tuple[str, ...] = ()

    @property
    def is_alive(self) -> bool:
        """True if the process runs and was not killed."""
        return self._why is None and self._popen.poll() is None

    def greet(self) -> None:
        """Wait until the process is ready.

        Raises:
            ProtocolError: The process did not become ready.
        """
        if self._is_ready:
            return
        self.send_json(MessageKind.BEGIN, asdict(self._role))
        kind, body = self.receive()
        enforced = parsed(body)
        if kind is not MessageKind.READY or not isinstance(enforced, list):
            raise ProtocolError
        self.lacking = tuple(one for one in _LIMITS if one not in enforced)
        self._is_ready = True

    def send(self, kind: MessageKind, body: bytes = b"") -> None:
        """Send a frame."""
        self._asked_at = time.monotonic()  # the time limit also applies to sending
        self._channel.send(kind, body)
        self._asked_at = None

    def send_json(self, kind: MessageKind, value: Any) -> None:
        """Send a frame that holds JSON."""
        self.send(kind, json.dumps(value).encode())

    def receive(self) -> tuple[MessageKind, bytes]:
        """Wait for a frame."""
        self._asked_at = time.monotonic()
        frame = self._channel.receive()
        self._asked_at = None
        return frame

    @contextmanager
    def watched(self, check: Callable[[], object]) -> Iterator[None]:
        """Kill the process if it takes too long.

        Args:
            check: A function that raises :class:`Unreadable` if the time is up or the check was stopped.
        """
        done = threading.Event()
        watch = threading.Thread(target=self._watch, args=(check, done), name="tavus-preflight-watch", daemon=True)
        watch.start()
        try:
            yield
        finally:
            done.set()
            watch.join()

    def _watch(self, check: Callable[[], object], done: threading.Event) -> None:
        while not done.wait(_TICK):
            asked_at = self._asked_at
            try:
                check()
                patience = self._role.seconds if self._is_ready else _START
                if asked_at is not None and time.monotonic() - asked_at > patience:
                    raise ended("time")
            except Unreadable as why:
                self.kill(why)
                return

    def kill(self, why: Unreadable) -> None:
        """Kill the process and record the reason, which :meth:`verdict` returns. Callable from any thread."""
        self._why = self._why or why
        with suppress(OSError):
            self._popen.kill()

    def verdict(self) -> Unreadable:
        """Return the reason why the process ended, after it hung up or sent an invalid message."""
        self._close_pipe()
        try:
            code = self._popen.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
            code = 0
        if self._why is not None:
            return self._why
        if not self._is_ready:
            return not_started()
        return ended(_CAUSES.get(-code, "crashed"))

    def end(self) -> None:
        """Kill the process and wait for its end. It has no data that could be lost."""
        self._close_pipe()
        with suppress(OSError):
            self._popen.kill()
        self._popen.wait()

    def forget(self) -> None:
        """Release the process after ``fork()``, because it is the child of another process."""
        self._close_pipe()
        self._popen.returncode = 0  # there is no child to wait for

    def _close_pipe(self) -> None:
        for end in self._pipe:
            end.close()


# SIGXCPU means that the CPU time is exhausted. Windows has neither signal.
_CAUSES: Final = {
    getattr(signal, "SIGXCPU", None): "cpu_time",
    getattr(signal, "SIGKILL", None): "killed",
}
