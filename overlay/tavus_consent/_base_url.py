"""The base URL of the API: the default, and which others can be used."""

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
        The URL without a slash at its end, and without ``/v2``: every path begins with that.

    Raises:
        ConfigurationError: It is not an absolute https URL (http on loopback), or has userinfo, query or fragment.
    """
    url: httpx.URL | None = None
    with suppress(httpx.InvalidURL, TypeError):
        url = httpx.URL(text)
    if url is None:  # not raised above: what was suppressed may hold a part of the URL
        raise errors.ConfigurationError("the base URL is not a URL")
    if not url.host or url.scheme not in ("https", "http"):
        raise errors.ConfigurationError("the base URL must be absolute, as in https://tavusapi.com")
    if url.scheme == "http" and not is_loopback(url.host):
        raise errors.ConfigurationError("the base URL must be https: over http the API key travels in clear text")
    if url.userinfo or url.query or url.fragment:
        raise errors.ConfigurationError("the base URL must have no user, query or fragment")
    if not is_authority(url.netloc.decode()):  # httpx escapes them; the repr of a client shows the host
        raise errors.ConfigurationError("the host of the base URL has signs that no host has")
    return str(url).rstrip("/").removesuffix(VERSION_PREFIX).rstrip("/")


def ends_in_version(base_url: str) -> bool:
    """Whether :func:`check_base_url` takes something off the end of a base URL."""
    return base_url.rstrip("/").endswith(VERSION_PREFIX)
