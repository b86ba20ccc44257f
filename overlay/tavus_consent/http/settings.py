"""The settings of a client, checked before anything is sent. Pure, except that it reads the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

import httpx
from attrs import evolve, field, frozen

from tavus_consent import errors
from tavus_consent._arguments import check_count, check_str, check_type
from tavus_consent._base_url import DEFAULT_BASE_URL, check_base_url
from tavus_consent._redaction import pieces, redact_url
from tavus_consent._version import __version__

from .headers import header_problem
from .limits import CONFIGURED, Limits, Timeout, check_limits, make_timeout

_USER_AGENT = "tavus-consent/{} python/{}.{}.{} httpx/{}".format(
    __version__, *sys.version_info[:3], httpx.__version__
).encode()


@frozen
class Settings:
    """The checked settings of a client."""

    base_url: str = field(repr=redact_url)
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    timeout: Timeout
    max_retries: int
    max_answer_bytes: int
    secrets: tuple[str, ...] = field(repr=False)

    def changed(
        self, timeout: float | Timeout | None, max_retries: int | None, headers: Mapping[str, str] | None
    ) -> Settings:
        """Return a copy with the given options changed."""
        changed = self
        if timeout is not None:
            changed = evolve(changed, timeout=make_timeout(timeout))
        if max_retries is not None:
            changed = evolve(changed, max_retries=_check_retries(max_retries))
        if headers is not None:
            merged, more = _merge_headers(self.headers, headers), tuple(_pieces_of_all(headers))
            changed = evolve(changed, headers=merged, secrets=self.secrets + more)
        return changed


def make_settings(
    api_key: str | None,
    base_url: str | None,
    timeout: float | Timeout | None,
    max_retries: int,
    headers: Mapping[str, str] | None,
    limits: Limits,
) -> Settings:
    """Check the arguments of a client, and take missing ones from the environment.

    Raises:
        ConfigurationError: The API key is missing, or a value is invalid.
    """
    check_limits(limits)
    key = check_str(api_key, "api_key", kind=CONFIGURED) if api_key is not None else os.environ.get("TAVUS_API_KEY", "")
    if not key:
        raise errors.ConfigurationError("no API key: give api_key=, or set TAVUS_API_KEY")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise errors.ConfigurationError("the API key has blanks or signs that no key has; was it cut or wrapped?")
    base: tuple[tuple[bytes, bytes], ...] = (
        (b"accept", b"application/json"),
        (b"accept-encoding", b"gzip, deflate"),
        (b"user-agent", _USER_AGENT),
        (b"x-api-key", key.encode()),
    )
    return Settings(
        base_url=check_base_url(base_url or os.environ.get("TAVUS_BASE_URL") or DEFAULT_BASE_URL),
        headers=_merge_headers(base, headers or {}),
        timeout=make_timeout(timeout),
        max_retries=_check_retries(max_retries),
        max_answer_bytes=limits.max_answer_bytes,
        secrets=(*pieces(key), *_pieces_of_all(headers or {})),
    )


def _pieces_of_all(headers: Mapping[str, str]) -> Iterator[str]:
    """Yield the secrets in the caller's headers, such as tokens of a gateway. Short values are not secrets."""
    for value in headers.values():
        yield from (piece for piece in pieces(value) if len(piece) >= 8)


def _check_retries(value: int) -> int:
    return check_count(value, "max_retries", least=0, kind=CONFIGURED)


def _merge_headers(
    base: tuple[tuple[bytes, bytes], ...], headers: Mapping[str, str]
) -> tuple[tuple[bytes, bytes], ...]:
    merged = dict(base)
    check_type(headers, "headers", Mapping, "a mapping of names to values", kind=CONFIGURED)
    for name, value in headers.items():
        check_str(name, "the name of a header", kind=CONFIGURED)
        check_str(value, "the value of a header", kind=CONFIGURED)
        if name.lower() == "x-api-key":
            raise errors.ConfigurationError("give the key as api_key=, not as a header")
        if name.lower() == "host":
            raise errors.ConfigurationError("give the host as part of base_url=, not as a header")
        # A character beyond ASCII becomes "?", which a name must not contain. Lone surrogates are not printable.
        encoded = name.lower().encode("ascii", "replace"), value.encode(errors="replace")
        problem = header_problem(*encoded)
        if problem is not None or not value.isprintable():
            raise errors.ConfigurationError(problem or "a header has characters that HTTP does not allow in it")
        merged[encoded[0]] = encoded[1]
    return tuple(merged.items())
