"""The options that many commands share."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import frozen
from cyclopts import Group, Parameter, Token

from tavus_consent import ConfigurationError, Consents, Tavus
from tavus_consent._clock import SystemClock
from tavus_consent.namespaces.waiting import POLL_INTERVAL, TRAINING_WAIT as DEFAULT_WAIT

from ._screen import Screen

if TYPE_CHECKING:
    from tavus_consent._clock import Clock
    from tavus_consent.ledger import Ledger

_LEDGER: Final = "TAVUS_CONSENT_LEDGER"
_COMMON: Final = Group("Common options", sort_key=9)
WAITING: Final = Group("Waiting", sort_key=4)
SWITCH: Final = Parameter(negative=(), show_default=False)
FILE: Final = Parameter(metavar="FILE")
TEXT: Final = Parameter(metavar="TEXT")
WHO: Final = Parameter(metavar="WHO")
Record = Annotated[str, Parameter(help="Id of the record.")]


@Parameter(name="*", group=_COMMON)
@frozen(kw_only=True)
class Flags:
    """The options of every command.

    Attributes:
        debug: Show the traceback of an error.
    """

    debug: Annotated[bool, SWITCH] = False

    @property
    def screen(self) -> Screen:
        """The screen to write to."""
        return Screen(secrets=_secrets())


@Parameter(name="*", group=_COMMON)
@frozen(kw_only=True)
class Output(Flags):
    """The options of every command with a result.

    Attributes:
        json: Print one JSON document on stdout, for programs.
    """

    json: Annotated[bool, SWITCH] = False

    @property
    def screen(self) -> Screen:
        """The screen to write to."""
        return Screen(json=self.json, secrets=_secrets())


@Parameter(name="*", group=_COMMON)
@frozen(kw_only=True)
class Account(Output):
    """The options of every command that calls Tavus.

    Attributes:
        api_key_file: File with the API key, instead of TAVUS_API_KEY.
    """

    api_key_file: Annotated[Path | None, Parameter(metavar="FILE")] = None

    def key(self) -> str:
        """Return the API key. It is never an argument because other users of the machine can read arguments.

        Raises:
            ConfigurationError: There is no key, or the file cannot be read.
        """
        if self.api_key_file is None:
            key = os.environ.get("TAVUS_API_KEY", "")
            if not key:
                raise ConfigurationError("no API key: set TAVUS_API_KEY, or pass --api-key-file FILE")
            return key
        try:
            return self.api_key_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            # The path is never shown: it may be the key, in the wrong place.
            raise ConfigurationError(f"cannot read the API key from the file of --api-key-file: {reason}") from None

    @contextmanager
    def open(self, **options: Any) -> Iterator[tuple[Tavus, Screen]]:
        """Open a client for TAVUS_BASE_URL, and a screen that hides its key."""
        key = self.key()
        with Tavus(key, **options) as tavus:
            yield tavus, Screen(json=self.json, secrets=(key, *_secrets()))


@Parameter(name="*", group=_COMMON)
@frozen(kw_only=True)
class Kept:
    """The ledger option, for every command that needs it.

    Attributes:
        ledger: URL of the ledger, instead of TAVUS_CONSENT_LEDGER; by default a file in your data folder.
    """

    ledger: Annotated[str | None, Parameter(metavar="URL")] = None

    def url(self) -> str:
        """Return the URL. A password is never an argument because other users of the machine can read arguments.

        Raises:
            ConfigurationError: The URL contains a password.
        """
        from tavus_consent.ledger import data_folder

        if self.ledger is not None and _passwords(self.ledger):
            raise ConfigurationError(
                f"the ledger's password must not be an argument: other users can read those. Put its URL in {_LEDGER}."
            )
        return self.ledger or os.environ.get(_LEDGER) or f"sqlite:///{data_folder() / 'consent.db'}"

    def open(self) -> AbstractContextManager[tuple[Consents, Ledger]]:
        """Open the records and the ledger that holds them. Sends nothing."""
        return self._open(None)

    @contextmanager
    def _open(self, actor: str | None) -> Iterator[tuple[Consents, Ledger]]:
        from tavus_consent.ledger import open_ledger

        with open_ledger(self.url()) as ledger, Consents(ledger, clock=clock(), actor=actor) as consents:
            yield consents, ledger


@Parameter(name="*", group=_COMMON)
@frozen(kw_only=True)
class Acting(Kept):
    """The options of every command that writes to the ledger.

    Attributes:
        actor: The account or role that acts, such as hr-portal; the ledger stores it with the event. Never a name.
    """

    actor: Annotated[str | None, WHO] = None

    def open(self) -> AbstractContextManager[tuple[Consents, Ledger]]:
        """Open the records and the ledger that holds them, for this actor. Sends nothing."""
        return self._open(self.actor)


@Parameter(name="*", group=_COMMON)
@frozen(kw_only=True)
class Sure:
    """Confirmation of a command that cannot be undone.

    Attributes:
        yes: Do it without asking. Needed in scripts, where no one can answer.
    """

    yes: Annotated[bool, SWITCH] = False

    def check(self, screen: Screen, deed: str) -> None:
        """Ask for confirmation, if there is a terminal.

        Args:
            screen: The screen to ask on.
            deed: The action, as a sentence. Without the arguments: one may be a name, in the wrong place.

        Raises:
            ConfigurationError: The answer was not yes, or there is no terminal.
        """
        if self.yes:
            return
        warning = f"{deed} This cannot be undone."
        if not _is_terminal():
            raise ConfigurationError(f"{warning} Nothing was done. Pass --yes to confirm.")
        screen.note(f"{warning} Type yes to continue.", style="yellow")
        if sys.stdin.readline().strip().casefold() != "yes":
            raise ConfigurationError("the answer was not yes. Nothing was done.")


def _is_terminal() -> bool:
    # stdin may be missing or closed.
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


def clock() -> Clock:
    """Return where time comes from."""
    return SystemClock()


def now() -> datetime:
    """Return the present."""
    return clock().now()


def _secrets() -> tuple[str, ...]:
    """Return the secrets in the environment."""
    keys = os.environ.get("TAVUS_CONSENT_KEY", "").split(",")
    return (os.environ.get("TAVUS_API_KEY", ""), *keys, *_passwords(os.environ.get(_LEDGER, "")))


def _passwords(url: str) -> list[str]:
    """Return the passwords in the URL of a database, both quoted and unquoted."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    found = [value for name, value in parse_qsl(parts.query) if "password" in name]
    return [*found, *({parts.password, unquote(parts.password)} if parts.password else ())]


def _seconds(_: object, tokens: Sequence[Token]) -> float:
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhd]?)", tokens[0].value)
    if match is None:
        raise ValueError("a time looks like 90s, 30m, 8h or 365d")
    return float(match[1]) * {"m": 60, "h": 3600, "d": 86400}.get(match[2], 1)


def _length(hint: object, tokens: Sequence[Token]) -> timedelta:
    return timedelta(seconds=_seconds(hint, tokens))


def short_time(seconds: float) -> str:
    """Return a duration as people write it: 90s, 30m, 8h, 365d."""
    for size, unit in ((86400.0, "d"), (3600.0, "h"), (60.0, "m")):
        if seconds >= size:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"


TIME: Final = Parameter(converter=_seconds, metavar="TIME", show_default=short_time)
LENGTH: Final = Parameter(
    converter=_length, metavar="TIME", show_default=lambda length: short_time(length.total_seconds())
)


@Parameter(name="*", group=WAITING)
@frozen(kw_only=True)
class Patience:
    """The options for waiting for the end of a training.

    Attributes:
        until: tuned waits for the finished replica, preview for the watermarked preview that phoenix-4.5 gives first.
        timeout: How long to wait: 90s, 30m, 8h.
        poll_interval: The time between two polls.
    """

    until: Literal["tuned", "preview"] = "tuned"
    timeout: Annotated[float, TIME] = DEFAULT_WAIT
    poll_interval: Annotated[float, TIME] = POLL_INTERVAL


FLAGS: Final = Flags()
OUTPUT: Final = Output()
ACCOUNT: Final = Account()
KEPT: Final = Kept()
ACTING: Final = Acting()
PATIENCE: Final = Patience()
SURE: Final = Sure()
