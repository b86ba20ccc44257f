"""Validation of the caller's headers against HTTP (RFC 9110, 5), before anything is sent. Pure."""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(rb"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")
# These headers say where a message ends. A wrong one breaks the connection after the request was sent.
_FRAMING: Final = frozenset((b"content-length", b"transfer-encoding"))


def header_problem(name: bytes, value: bytes) -> str | None:
    """Return the reason why a header cannot be sent, without its content, or ``None`` if it can."""
    if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        return "a header has characters that HTTP does not allow in it, or blanks around its value"
    if name.lower() in _FRAMING:
        return f"the header {name.decode()} depends on the body; the client sets it"
    return None
