"""An address with a secret in its query, for applications that store the hash of the secret themselves.

``tavus.callbacks`` puts the secret in the path and stores its hash: access logs keep query strings more often.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs

from attrs import field, frozen

from tavus_consent._arguments import check_str
from tavus_consent._frames import hides_locals
from tavus_consent._redaction import NeverStored, redact_url
from tavus_consent.errors import InvalidRequestError
from tavus_consent.preflight.links import split_link

TOKEN_PARAMETER: Final = "tavus_token"  # noqa: S105 - the name of the query parameter, not a token

_MAX_ADDRESS: Final = 16 * 1024


@hides_locals
@frozen
class IssuedCallback(NeverStored):
    """A callback address with a secret in it. It cannot be pickled: store the hash.

    Attributes:
        url: The value for ``callback_url``. A secret.
        token_sha256: Hex SHA-256 of the secret, which is all you need to recognize the callback. Store it before you
            send the create.
    """

    url: str = field(repr=redact_url)
    token_sha256: str = field(repr=False)


@hides_locals
def issue_callback(url: str, *, make_token: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> IssuedCallback:
    """Add a new 256-bit secret to a callback address.

    Tavus documents no signature on callbacks, so a secret in the address is the only protection. Anyone who reads the
    address can forge a callback, so a callback is only a hint: confirm it with ``tavus.replicas.get``.

    Args:
        url: The callback address: absolute ``https`` (``http`` on loopback only).
        make_token: The source of secrets; replace it in tests only. Only letters, digits, ``-`` and ``_``.

    Returns:
        The address with the secret in the query parameter ``tavus_token``, and the secret's hash.

    Raises:
        InvalidLinkError: The address cannot work.
        InvalidRequestError: It already has a ``tavus_token``.
    """
    parts = split_link(url, field="callback_url", purpose="callback")
    if TOKEN_PARAMETER in parse_qs(parts.query, keep_blank_values=True):
        raise InvalidRequestError(
            f"callback_url already has the parameter {TOKEN_PARAMETER}. Pass the address without it.",
            field="callback_url",
            reason="has_token",
        )
    token = make_token()
    query = f"{parts.query}&" if parts.query else ""
    issued = parts._replace(query=f"{query}{TOKEN_PARAMETER}={token}").geturl()
    return IssuedCallback(url=issued, token_sha256=_sha256(token))


@hides_locals
def verify_callback(url_or_token: str | None, token_sha256: str) -> bool:
    """Return True if a callback came to the issued address. The time does not depend on the secret.

    True only means that the sender knew the address, because Tavus documents no signature. Confirm the callback with
    ``tavus.replicas.get``.

    Args:
        url_or_token: The URL that was called, its path with the query, or the value of ``tavus_token`` (``None`` if it
            was missing).
        token_sha256: The hash from :func:`issue_callback`.

    Raises:
        InvalidRequestError: One of them is not text; decode bytes first.
    """
    check_str(token_sha256, "token_sha256")
    if url_or_token is not None:
        check_str(url_or_token, "url_or_token")
    if not url_or_token or len(url_or_token) > _MAX_ADDRESS:
        return False
    tokens = [url_or_token]
    if "?" in url_or_token:
        query = url_or_token.partition("?")[2].partition("#")[0]
        tokens = parse_qs(query, keep_blank_values=True).get(TOKEN_PARAMETER, [])
    # an address with two secrets may exploit ambiguous parsing
    return len(tokens) == 1 and hmac.compare_digest(
        _sha256(tokens[0]).encode(), token_sha256.encode("utf-8", "replace")
    )


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
