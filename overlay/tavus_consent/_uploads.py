"""Bodies as httpx takes them. Files of a form are sent piece by piece, never read whole."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from . import errors

if TYPE_CHECKING:
    from tavus_api.namespaces._base import Progress, Upload


@contextmanager
def sending(media_type: str | None, body: Any, on_progress: Progress | None) -> Iterator[dict[str, Any]]:
    """The arguments by which a body is sent; files that are opened for it are closed afterwards.

    Args:
        media_type: Media type of the request body.
        body: JSON, or the fields of a form.
        on_progress: Called with the bytes of all files that were sent so far, and of all there are.

    Raises:
        InvalidRequestError: A file cannot be read, or not twice.
    """
    if body is None or media_type is None:
        yield {}
    elif media_type.startswith("multipart/"):
        with ExitStack() as stack:
            yield _form(body, stack, on_progress)
    elif media_type.endswith("form-urlencoded"):
        yield {"data": {name: _text(value) for name, value in body.items()}}
    else:
        yield {"json": body, "headers": {"content-type": media_type}}


def _form(body: Mapping[str, Any], stack: ExitStack, on_progress: Progress | None) -> dict[str, Any]:
    from tavus_api.namespaces._base import File

    files: list[tuple[str, tuple[str, Any]]] = []
    data: dict[str, Any] = {}
    counter = _Counter(on_progress)
    for name, value in body.items():
        values = value if isinstance(value, list) else [value]
        if values and all(isinstance(one, File) for one in values):
            for one in values:
                stream, label = _open(name, one.source, stack)
                files.append((name, (label, counter.counted(stream))))
        else:
            data[name] = [_text(one) for one in value] if isinstance(value, list) else _text(value)
    return {"data": data, "files": files}


def _open(field: str, source: Upload, stack: ExitStack) -> tuple[IO[bytes], str]:
    if isinstance(source, (str, os.PathLike)):
        try:
            stream: IO[bytes] = stack.enter_context(Path(source).open("rb"))  # noqa: SIM115 - the stack closes it
        except OSError as problem:
            raise errors.InvalidRequestError(
                f"{field} cannot be read: {problem.strerror}", field=field, reason="unreadable"
            ) from None
    else:
        stream = source
        if isinstance(stream, io.TextIOBase) or not getattr(stream, "seekable", lambda: False)():
            raise errors.InvalidRequestError(
                f"{field} must be a path, or a file that is open for reading bytes and can be rewound: it is read "
                "again when a request is repeated",
                field=field,
                reason="not_seekable",
            )
    name = getattr(stream, "name", None)  # a number when it was opened from a descriptor
    return stream, Path(name).name if isinstance(name, str) else field


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Counter:
    """Adds up what was read of all files."""

    def __init__(self, on_progress: Progress | None) -> None:
        self._on_progress = on_progress
        self._files: list[_Counted] = []

    def counted(self, stream: IO[bytes]) -> _Counted:
        self._files.append(_Counted(stream, self._tell))
        return self._files[-1]

    def _tell(self) -> None:
        if self._on_progress is not None:
            self._on_progress(sum(one.sent for one in self._files), sum(one.size for one in self._files))


class _Counted:
    """A file as httpx reads it."""

    def __init__(self, stream: IO[bytes], tell: Callable[[], None]) -> None:
        self._stream = stream
        self._tell = tell
        self.sent = 0
        self.size = stream.seek(0, os.SEEK_END)
        stream.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Read a piece."""
        piece = self._stream.read(size)
        self.sent += len(piece)
        if piece:
            self._tell()
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Rewind, as before each attempt."""
        self.sent = 0
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Where reading goes on."""
        return self._stream.tell()
