"""The options that many commands share."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

from attrs import frozen
from cyclopts import Group, Parameter, Token

from tavus_consent._trained import DEFAULT_WAIT, POLL_INTERVAL
from tavus_consent.client import Tavus
from tavus_consent.errors import ConfigurationError

from ._screen import Screen

_COMMON: Final = Group("Common options", sort_key=9)
WAITING: Final = Group("Waiting", sort_key=4)
SWITCH: Final = Parameter(negative=(), show_default=False)


@Parameter(name="*", group=_COMMON)
@frozen(kw_only=True)
class Flags:
    """What every command understands.

    Attributes:
        debug: Show the traceback of an error.
    """

    debug: Annotated[bool, SWITCH] = False

    @property
    def screen(self) -> Screen:
        """Where to write."""
        return Screen(secrets=(os.environ.get("TAVUS_API_KEY", ""),))


@Parameter(name="*", group=_COMMON)
@frozen(kw_only=True)
class Output(Flags):
    """What every command understands that has a result.

    Attributes:
        json: Print one JSON document on stdout, for programs.
    """

    json: Annotated[bool, SWITCH] = False

    @property
    def screen(self) -> Screen:
        """Where to write."""
        return Screen(json=self.json, secrets=(os.environ.get("TAVUS_API_KEY", ""),))


@Parameter(name="*", group=_COMMON)
@frozen(kw_only=True)
class Account(Output):
    """What every command understands that calls Tavus.

    Attributes:
        api_key_file: File with the API key, instead of TAVUS_API_KEY.
    """

    api_key_file: Annotated[Path | None, Parameter(metavar="FILE")] = None

    def key(self) -> str:
        """The API key. It is never an argument: other users of the machine can read those.

        Raises:
            ConfigurationError: There is none, or the file cannot be read.
        """
        if self.api_key_file is None:
            key = os.environ.get("TAVUS_API_KEY", "")
            if not key:
                raise ConfigurationError("no API key: set TAVUS_API_KEY, or give --api-key-file FILE")
            return key
        try:
            return self.api_key_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            # The path is not shown: it may be the key, in the wrong place.
            raise ConfigurationError(f"cannot read the API key from the file of --api-key-file: {reason}") from None

    @contextmanager
    def open(self, **options: Any) -> Iterator[tuple[Tavus, Screen]]:
        """A client for TAVUS_BASE_URL, and a screen to which its key is a secret."""
        key = self.key()
        with Tavus(key, **options) as tavus:
            yield tavus, Screen(json=self.json, secrets=(key,))


def _seconds(_: object, tokens: Sequence[Token]) -> float:
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smh]?)", tokens[0].value)
    if match is None:
        raise ValueError("a time looks like 90s, 30m or 8h")
    return float(match[1]) * {"m": 60, "h": 3600}.get(match[2], 1)


def short_time(seconds: float) -> str:
    """A time as people give it: 90s, 30m, 8h."""
    for size, unit in ((3600.0, "h"), (60.0, "m")):
        if seconds >= size:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"


_Time: Final = Parameter(converter=_seconds, metavar="TIME", show_default=short_time)


@Parameter(name="*", group=WAITING)
@frozen(kw_only=True)
class Patience:
    """How to wait for the end of a training.

    Attributes:
        timeout: How long to wait: 90s, 30m, 8h.
        poll_interval: How long between two looks.
    """

    timeout: Annotated[float, _Time] = DEFAULT_WAIT
    poll_interval: Annotated[float, _Time] = POLL_INTERVAL


FLAGS: Final = Flags()
OUTPUT: Final = Output()
ACCOUNT: Final = Account()
PATIENCE: Final = Patience()
