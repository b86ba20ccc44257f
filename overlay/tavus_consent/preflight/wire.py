"""What a process and its child agree on: the limits, and frames of a kind, a length and a body.

Never pickle: a file from a stranger may have taken over the child.
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
    """What a child is for, and what it may use.

    Attributes:
        name: ``media`` or ``speech``.
        memory: Bytes of address space.
        cpu_seconds: CPU time of one job.
        seconds: Time until it has to ask for something, or to answer.
        opens_files: Whether it may open files and sockets once it is ready.
    """

    name: str
    memory: int
    cpu_seconds: int
    seconds: float
    opens_files: bool


MEDIA: Final = Role(name="media", memory=512 * 1024**2, cpu_seconds=30, seconds=30, opens_files=False)
# It loads its model when it is first asked.
SPEECH: Final = Role(name="speech", memory=2 * 1024**3, cpu_seconds=300, seconds=600, opens_files=True)


class MessageKind(IntEnum):
    """Kinds of frames. The parent asks for a file or a transcript; the child asks for bytes until it can answer."""

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
    """The other side sent what it should not, or hung up."""


class Channel:
    """Frames over two streams of bytes.

    Args:
        reader: Where frames come from; it may be unbuffered.
        writer: Where they go, likewise.
        most: Bytes of the longest body that is accepted.
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
            ProtocolError: What came is no frame, or nothing came any more.
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
