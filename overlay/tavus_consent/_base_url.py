"""The base URL of the API: the default, and the check of others."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import httpx

from . import errors
from ._redaction import is_authority
from ._urls import is_loopback

DEFAULT_BASE_URL: Final = "https://tavusapi.com"
VERSION_PREFIX: Final = "/v2"
"""Each path of the API begins with it, so a base URL that ends in it would ask for ``/v2/v2``."""


def check_base_url(text: str) -> str:
    """Refuse a base URL that would send the key in clear text or to the wrong place.

    Returns:
        The URL without a trailing slash, and without ``/v2``, with which every path begins.

    Raises:
        ConfigurationError: It is not an absolute https URL (http on loopback), or has userinfo, query or fragment.
    """
    url: httpx.URL | None = None
    with suppress(httpx.InvalidURL, TypeError):
        url = httpx.URL(text)
    if url is None:  # not raised inside the suppressed block, whose error may contain a part of the URL
        raise errors.ConfigurationError("the base URL is not a URL")
    if not url.host or url.scheme not in ("https", "http"):
        raise errors.ConfigurationError("the base URL must be absolute, as in https://tavusapi.com")
    if url.scheme == "http" and not is_loopback(url.host):
        raise errors.ConfigurationError("the base URL must be https: over http the API key travels in clear text")
    if url.userinfo or url.query or url.fragment:
        raise errors.ConfigurationError("the base URL must have no user, query or fragment")
    if not is_authority(url.netloc.decode()):  # httpx escapes them; the repr of a client shows the host
        raise errors.ConfigurationError("the host of the base URL has characters that are not allowed in hosts")
    return str(url).rstrip("/").removesuffix(VERSION_PREFIX).rstrip("/")


def ends_in_version(base_url: str) -> bool:
    """Return True if :func:`check_base_url` removes the version from the end of a base URL."""
    return base_url.rstrip("/").endswith(VERSION_PREFIX)
