"""The callback that Tavus sends when training ends: issue a secret address, read the body, confirm the state.

Tavus documents no signature, so anyone who knows the address can send a callback. A callback is a hint: confirm it with
``tavus.replicas.get(callback.replica_id)`` and act on that answer alone. A secret in the address
(:func:`issue_callback`, :func:`verify_callback`) keeps strangers from sending hints. Check it before you read the body.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qs

from attrs import field, frozen

from tavus_consent._arguments import check_str, check_type
from tavus_consent._frames import hides_locals
from tavus_consent._redaction import NeverStored, redact_url, show_text
from tavus_consent.errors import InvalidRequestError
from tavus_consent.preflight.links import split_link
from tavus_consent.results import FAILED_WORDS, READY_WORDS, has_failed, is_unfinished

MAX_BODY: Final = 64 * 1024
"""Bytes. A callback about a replica has a few hundred."""
TOKEN_PARAMETER: Final = "tavus_token"  # noqa: S105 - the name of the query parameter, not a token

_NO_JSON: Final = object()
_MAX_ADDRESS: Final = 16 * 1024
# Tavus does not define the form of an id; these characters are safe in a path.
_SAFE_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")


def _show_text(value: str | None) -> str:
    return repr(value and show_text(value))


@hides_locals
@frozen(kw_only=True)
class ReplicaCallback:
    """The claim of a callback about a replica. A hint: confirm it with ``tavus.replicas.get(replica_id)``.

    Attributes:
        replica_id: The replica; also read from ``face_id``, its newer name.
        status: Tavus's word, unchanged: ``ready`` or ``error`` are documented. Use ``is_ready`` and ``is_failed``.
        error_message: Why training failed; see :func:`tavus_consent.classify_training_error`.
        finetune_status: The second stage of a phoenix-4.5 face. ``ready`` with ``training`` is a watermarked preview.
        extra: Every other member of the body.
    """

    replica_id: str
    status: str
    error_message: str | None = field(default=None, repr=_show_text)
    finetune_status: str | None = field(default=None, repr=_show_text)
    extra: Mapping[str, Any] = field(factory=dict, repr=False, hash=False)

    @property
    def is_ready(self) -> bool:
        """True if the callback says that the replica is usable, and no preview."""
        return self.status in READY_WORDS and not self.is_preview

    @property
    def is_preview(self) -> bool:
        """True if the callback says that the replica is a watermarked preview."""
        stage = self.finetune_status
        return self.status in READY_WORDS and stage is not None and is_unfinished(stage)

    @property
    def is_failed(self) -> bool:
        """True if the callback says that training failed."""
        return self.status in FAILED_WORDS or has_failed(self.finetune_status)


@hides_locals
def parse_callback(body: bytes | str) -> ReplicaCallback:
    """Read the body of a callback about a replica.

    Tavus documents no signature: anyone who knows the address can send this body. Check the secret of the address first
    (:func:`verify_callback`), and confirm the callback with ``tavus.replicas.get(callback.replica_id)``.

    Args:
        body: The body as received, at most 64 KiB.

    Raises:
        InvalidRequestError: It is too large, not a JSON object, or has no usable ``replica_id`` or ``status``. The
            message quotes nothing of the body.
    """
    check_type(body, "body", (str, bytes, bytearray), "text or bytes")
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    if len(raw) > MAX_BODY:
        raise _bad_body("too_large", f"has more than {MAX_BODY:,} bytes")
    data: Any = _NO_JSON
    # ValueError: also invalid UTF-8, and numbers of thousands of digits; RecursionError: thousands of brackets
    with suppress(ValueError, RecursionError):
        data = json.loads(raw.decode("utf-8-sig"))
    if data is _NO_JSON:  # not raised inside the suppressed block, whose error contains the body
        raise _bad_body("not_json", "is not JSON")
    if not isinstance(data, dict):
        raise _bad_body("not_object", "is not a JSON object")
    id_name = "replica_id" if "replica_id" in data else "face_id"
    replica_id, status = data.get(id_name), data.get("status")
    if not isinstance(replica_id, str) or not _SAFE_ID.fullmatch(replica_id):
        raise _bad_body("replica_id", "has no usable replica_id")
    if not isinstance(status, str) or not status:
        raise _bad_body("status", "has no status")
    texts = {name: data.get(name) for name in ("error_message", "finetune_status")}
    readable = {name: text for name, text in texts.items() if text is None or isinstance(text, str)}
    known = {id_name, "status", *readable}
    return ReplicaCallback(
        replica_id=replica_id,
        status=status,
        error_message=readable.get("error_message"),
        finetune_status=readable.get("finetune_status"),
        extra={name: value for name, value in data.items() if name not in known},
    )


def _bad_body(reason: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"The callback's body {problem}. Answer 400 and ignore it; tavus.replicas.get returns the replica's state.",
        field="body",
        reason=reason,
    )


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
