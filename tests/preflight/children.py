"""Child processes of this process, as Linux shows them, and children that send false answers."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

LIAR = """
import json, os, struct, sys, time
def receive():
    kind, length = struct.unpack(">BI", os.read(0, 5))
    body = b""
    while len(body) < length:
        body += os.read(0, length - len(body))
    return kind, body
def send(kind, body=b""):
    data = struct.pack(">BI", kind, len(body)) + body
    while data:
        data = data[os.write(1, data):]
def say(kind, value):
    send(kind, json.dumps(value).encode())
READY, READ, READ_RANGES, LEFT_REQUESTS, FACTS, DONE, FAILED = range(16, 23)
TRACK = {"codec": "h264", "seconds": 1.0, "fps": 25.0, "width": 1, "height": 1}
GOOD = {"format": "mp4", "brand": "isom", "video": TRACK, "audio": TRACK, "damage": "", "is_open": True}
receive()
"""


def pids() -> set[int]:
    """The children of this process."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended meanwhile
            found |= {int(one) for one in (task / "children").read_text().split()}
    return found


def descriptors(pid: int) -> dict[int, str]:
    """Return the open file descriptors of a process."""
    return {int(one.name): str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()}


def lying(code: str) -> list[str]:
    """The command of a child that says what it likes."""
    return [sys.executable, "-I", "-S", "-c", LIAR + code]
