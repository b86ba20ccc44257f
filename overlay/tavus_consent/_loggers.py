"""Limits what other libraries log about the SDK's calls to what its own log shows.

At DEBUG, httpcore logs the status line and the headers of every answer as the server sent them, and a server may repeat
the request. With a caller's own client, httpx logs the URL at INFO.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Final

IN_CALL: Final[ContextVar[bool]] = ContextVar("tavus_consent_in_call", default=False)


class _NoDetails(logging.Filter):
    """Reduces log records during the SDK's calls: httpcore's to the name of the event, httpx's to nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not IN_CALL.get():
            return True
        record.msg = str(record.msg).partition(" ")[0]
        return record.name != "httpx"


_NO_DETAILS: Final = _NoDetails()


def quieten() -> None:
    """Install the filter. You can call it repeatedly. Log records of other calls are unchanged."""
    for name in ("httpx", "httpcore.http11", "httpcore.http2"):
        logging.getLogger(name).addFilter(_NO_DETAILS)
