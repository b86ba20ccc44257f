"""The standard streams: their encoding and write errors, and files that only their owner may read."""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
import sys
import tempfile
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import Final, TextIO

from tavus_consent import ConfigurationError

_OUTPUT: Final = {errno.EBADF, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EPIPE}
_NEAREST: Final = "tavus_consent_nearest"
_LETTER: Final = re.compile(r"LATIN (CAPITAL|SMALL) LETTER ([A-Z]) WITH ")


class Streams:
    """stdout and stderr during a command.

    Attributes:
        replaced: Encodings that could not represent some characters.
    """

    def __init__(self) -> None:
        self.replaced: set[str] = set()

    def prepare(self) -> None:
        """Make the streams accept every text: a character outside the encoding becomes the nearest letter, or ``?``."""
        codecs.register_error(_NEAREST, self._replace)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors=_NEAREST)

    def _replace(self, error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeEncodeError)  # noqa: S101 - nothing is read with this handler
        self.replaced.add(error.encoding)
        part = error.object[error.start : error.end]
        return "".join(_nearest(one, error.encoding) for one in part), error.end


def _nearest(character: str, encoding: str) -> str:
    """Return the letter without its marks, if the character is such a letter."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", character) if not unicodedata.combining(one))
    if match := _LETTER.match(unicodedata.name(character, "")):
        plain = match[2] if match[1] == "CAPITAL" else match[2].lower()
    with suppress(UnicodeEncodeError):
        plain.encode(encoding)
        return plain
    return "?"


def is_of_output(error: BaseException) -> bool:
    """Return True if a stream cannot be written, such as a full disk or a pipe without a reader.

    Such an error names no file. All other system errors are already errors of this package at this point.
    """
    return type(error).__module__ == "builtins" and isinstance(error, OSError) and error.errno in _OUTPUT


def give_up(stream: TextIO) -> None:
    """Redirect a stream to nowhere, because Python would otherwise complain when it flushes at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def write_private(path: Path, text: str, option: str) -> None:
    """Write a file that only its owner may read, replacing an older one. Does not follow symbolic links.

    Args:
        path: The file.
        text: Its new content, written completely or not at all.
        option: The option with the path, for messages.

    Raises:
        ConfigurationError: The file cannot be written, or is not a plain file.
    """
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise ConfigurationError(f"cannot write the file of {option}: it is a link, a folder or a device")
        # mode 600, moved into place at the end, so that neither an old mode nor a new link can interfere
        number, name = tempfile.mkstemp(dir=path.parent, prefix=".tavus-consent-")
        fresh = Path(name)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(text)
            fresh.replace(path)
        except BaseException:
            fresh.unlink()
            raise
    except OSError as error:
        raise ConfigurationError(f"cannot write the file of {option}: {error.strerror}") from None


def read_text(path: str, option: str) -> str:
    """Return the text of a file, or of stdin for ``-``.

    Raises:
        ConfigurationError: It cannot be read. The path is not shown: it may be the text, in the wrong place.
    """
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigurationError(f"cannot read the file of {option}: {reason}") from None
