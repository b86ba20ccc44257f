"""``tavus-consent doctor``: a check of the setup."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import httpx
from attrs import frozen

from tavus_consent import ConfigurationError, TavusError, __version__
from tavus_consent._base_url import DEFAULT_BASE_URL, VERSION_PREFIX, check_base_url, ends_in_version
from tavus_consent._trust import certificates_named, trusted
from tavus_consent.results import parse_date

from ._extras import missing_by_extra
from ._failures import as_options, in_words
from ._flags import Account

# Seconds. The SDK judges presigned links by this machine's clock, and their signers allow for 15 minutes.
_SKEW: Final = 300.0


@frozen
class Diagnosis:
    """The result of one check; ``well`` is ``None`` if it is neither good nor bad."""

    name: str
    well: bool | None
    text: str


def examine(account: Account) -> Iterator[Diagnosis]:
    """Yield the results of all checks. The checks send a single request, which reads one replica."""
    python = f"Python {platform.python_version()}, httpx {httpx.__version__}"
    yield Diagnosis("Version", None, f"tavus-consent {__version__}, {python}")
    extras = missing_by_extra()
    for extra, missing in extras.items():
        text = f"missing: pip install 'tavus-consent[{extra}]'" if missing else "installed"
        yield Diagnosis(f"Extra {extra}", None if missing else True, text)
    if not extras:
        yield Diagnosis("Extras", None, "unknown: the package has no metadata")
    ready = True
    for name, look in (("API key", _key), ("Base URL", _base_url), ("Certificates", _certificates)):
        try:
            yield Diagnosis(name, True, look(account))
        except ConfigurationError as error:
            ready = False
            yield Diagnosis(name, False, as_options(str(error)))
    if ready:
        yield from _call(account)


def _key(account: Account) -> str:
    return f"found in {account.api_key_file or 'TAVUS_API_KEY'} ({len(account.key())} characters)"


def _base_url(_: Account) -> str:
    given = os.environ.get("TAVUS_BASE_URL")
    if not given:
        return f"{DEFAULT_BASE_URL} (the default)"
    note = f" without its {VERSION_PREFIX}, which every path begins with" if ends_in_version(given) else ""
    return f"{check_base_url(given)} (TAVUS_BASE_URL{note})"


def _certificates(_: Account) -> str:
    trusted()
    named = certificates_named(os.environ)
    return f"{named.variable}={named.path}" if named else "certifi (the default)"


def _call(account: Account) -> Iterator[Diagnosis]:
    try:
        with account.open(timeout=10, max_retries=0) as (tavus, _), tavus.record_calls() as calls:
            next(tavus.replicas.list(page_size=1).pages())
    except TavusError as error:
        # Omit the advice to run the doctor.
        yield Diagnosis("Tavus", False, in_words(error)[0])
    else:
        yield Diagnosis("Tavus", True, f"answered {calls[-1].status} in {calls[-1].elapsed * 1000:.0f} ms")
        date = parse_date(calls[-1].headers.get("date", ""))
        if date is not None:
            skew = (datetime.now(UTC) - date).total_seconds()
            text = f"{abs(skew):.0f} s {'behind' if skew < 0 else 'ahead of'} Tavus's"
            yield Diagnosis("Clock", abs(skew) < _SKEW, text)
