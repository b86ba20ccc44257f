"""What other libraries log of our calls: no more than our own log says.

At DEBUG httpcore logs the status line and the headers of every answer as the server sent them, and a server may repeat
what it was sent. Of a caller's own client httpx logs the URL at INFO.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Final

IN_CALL: Final[ContextVar[bool]] = ContextVar("tavus_consent_in_call", default=False)


class _NoDetails(logging.Filter):
    """During our calls: of httpcore's records only the name of the event, of httpx's none."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not IN_CALL.get():
            return True
        record.msg = str(record.msg).partition(" ")[0]
        return record.name != "httpx"


_NO_DETAILS: Final = _NoDetails()


def quieten() -> None:
    """Put the filter in place; once is as good as often. What others log is left alone."""
    for name in ("httpx", "httpcore.http11", "httpcore.http2"):
        logging.getLogger(name).addFilter(_NO_DETAILS)
