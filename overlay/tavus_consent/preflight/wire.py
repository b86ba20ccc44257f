"""The protocol between a process and its child: the limits, and frames with a kind, a length and a body.

It never uses pickle, because a stranger's file may have taken over the child.
"""

from __future__ import annotations

import json
import struct
from enum import IntEnum
from typing import Any, BinaryIO, Final

from attrs import frozen

_HEADER: Final = struct.Struct(">BI")
_PIECE: Final = 1024**2


@frozen(kw_only=True)
class Role:
    """The task of a child, and its limits.

    Attributes:
        name: ``media`` or ``speech``.
        memory: The limit on the address space, in bytes.
        cpu_seconds: The limit on the CPU time of one job.
        seconds: The time limit for each message of the child.
        opens_files: True if the child may open files and sockets once it is ready.
    """

    name: str
    memory: int
    cpu_seconds: int
    seconds: float
    opens_files: bool


MEDIA: Final = Role(name="media", memory=512 * 1024**2, cpu_seconds=30, seconds=30, opens_files=False)
# The limits include loading the model, which happens with the first job.
SPEECH: Final = Role(name="speech", memory=2 * 1024**3, cpu_seconds=300, seconds=600, opens_files=True)


class MessageKind(IntEnum):
    """The kinds of frames. The parent sends a job; the child asks for bytes until it can answer."""

    # parent to child
    BEGIN = 0
    INSPECT = 1
    TRANSCRIBE = 2
    DATA = 3
    STOP = 4
    # child to parent
    READY = 16
    READ = 17
    READ_RANGES = 18
    LEFT_REQUESTS = 19
    FACTS = 20
    DONE = 21
    FAILED = 22


class ProtocolError(Exception):
    """An invalid message from the other side, or the end of the connection."""


class Channel:
    """A channel that sends and receives frames over two byte streams.

    Args:
        reader: The stream to read from; it may be unbuffered.
        writer: The stream to write to; it may be unbuffered.
        most: The largest accepted body, in bytes.
    """

    def __init__(self, reader: BinaryIO, writer: BinaryIO, *, most: int) -> None:
        self._reader = reader
        self._writer = writer
        self._most = most

    def send(self, kind: MessageKind, body: bytes = b"") -> None:
        """Send a frame.

        Raises:
            ProtocolError: The other side hung up.
        """
        left = memoryview(_HEADER.pack(kind, len(body)) + body)
        try:
            while left:
                left = left[self._writer.write(left) :]
        except (OSError, ValueError) as error:  # ValueError: closed on this side
            raise ProtocolError from error

    def send_json(self, kind: MessageKind, value: Any) -> None:
        """Send a frame that holds JSON."""
        self.send(kind, json.dumps(value).encode())

    def receive(self) -> tuple[MessageKind, bytes]:
        """Wait for a frame.

        Raises:
            ProtocolError: The data is not a valid frame, or the stream ended.
        """
        number, length = _HEADER.unpack(self._exactly(_HEADER.size))
        try:
            kind = MessageKind(number)
        except ValueError as error:
            raise ProtocolError from error
        if length > self._most:
            raise ProtocolError
        return kind, self._exactly(length)

    def _exactly(self, length: int) -> bytes:
        data = bytearray()
        while len(data) < length:
            try:
                piece = self._reader.read(min(length - len(data), _PIECE))
            except (OSError, ValueError) as error:
                raise ProtocolError from error
            if not piece:
                raise ProtocolError
            data += piece
        return bytes(data)


def parsed(body: bytes) -> Any:
    """Parse a body that holds JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProtocolError from error
