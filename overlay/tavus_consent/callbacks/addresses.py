"""Addresses with a secret in their path: making, finding and hiding it. Pure, except for the source of secrets."""

from __future__ import annotations

import copy
import hashlib
import logging
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from tavus_consent import errors
from tavus_consent._arguments import check_choice, check_text, check_type
from tavus_consent._frames import hides_locals
from tavus_consent._redaction import REDACTED

from .mailbox import Address

Kind = Literal["objective", "guardrail", "tool", "any"]
KINDS: Final = ("objective", "guardrail", "tool", "any")
VALIDITY: Final = timedelta(days=30)
"""How long an address is accepted by default. Trainings take hours; the events of a conversation come within a day."""
GRACE: Final = timedelta(minutes=2)
"""How long an unbound address waits for the answer to its create, which a client waits for at most a minute."""

_TOKEN: Final = re.compile(r"tcb_[A-Za-z0-9_-]{43}")
_IN_TEXT: Final = re.compile(r"tcb_[A-Za-z0-9_-]{16,}")
_LONGEST: Final = 200
_LOGGERS: Final = ("uvicorn.access", "gunicorn.access", "django.server", "django.request")
# What an answer can be about, the most specific one first: a conversation also has a replica.
_OBJECTS: Final = (
    *("conversation", "video", "document", "transcription", "replacement"),
    *("lipsync", "speech", "voice", "face", "replica"),
)


def check_base_url(base_url: str) -> str:
    """Return the base of addresses without a slash at its end.

    Raises:
        InvalidLinkError: Tavus could not call it.
        InvalidRequestError: It has a query or a fragment.
    """
    from tavus_consent.preflight.links import split_link  # its tables are not needed before an address is made

    parts = split_link(base_url, field="base_url", purpose="callback")
    if parts.query or parts.fragment:
        raise errors.InvalidRequestError(
            "base_url takes an address without a query and without a fragment", field="base_url", reason="query"
        )
    return parts.geturl().rstrip("/")


@hides_locals
def make_address(now: datetime, *, job: str | None, kind: str | None, expires_in: timedelta) -> tuple[str, Address]:
    """Return a new secret of 256 bits, and the address to store.

    Raises:
        InvalidRequestError: An argument is invalid.
    """
    if job is not None:
        check_text(job, "job")
    if kind is not None:
        check_choice(kind, "kind", choices=KINDS)
    check_type(expires_in, "expires_in", timedelta, "a timedelta")
    if expires_in <= timedelta():
        raise errors.InvalidRequestError("expires_in takes a positive timedelta", field="expires_in", reason="past")
    token = f"tcb_{secrets.token_urlsafe(32)}"
    digest = hash_token(token)
    return token, Address(token_sha256=digest, job=job, kind=kind, issued_at=now, expires_at=now + expires_in)


def hash_token(token: str) -> str:
    """Return the hash by which an address is stored. A long text takes no longer than a secret."""
    return hashlib.sha256(token[:_LONGEST].encode("utf-8", "surrogatepass")).hexdigest()


def token_of(path: str) -> str:
    """Return the last segment of a path: the secret, if it is the path of an address."""
    return path.partition("?")[0].rstrip("/").rpartition("/")[2]


def binding_of(sent: Any, answer: Any) -> tuple[str, str] | None:
    """Return the hash of the address in the body of a create, and the object that was made.

    Args:
        sent: The body of the request.
        answer: The result.
    """
    url = sent.get("callback_url") if isinstance(sent, Mapping) else None
    if not isinstance(url, str):
        return None
    token = token_of(urlsplit(url).path)
    ids = ((kind, getattr(answer, f"{kind}_id", None)) for kind in _OBJECTS)
    made = next((f"{kind}:{id}" for kind, id in ids if isinstance(id, str)), None)
    return (hash_token(token), made) if made and _TOKEN.fullmatch(token) else None


def redact_tokens(text: str) -> str:
    """Return a text without the secrets of addresses."""
    return _IN_TEXT.sub(REDACTED, text)


class CallbackLogFilter(logging.Filter):
    """A logging filter that removes the secrets of addresses from access logs.

    ``tavus.callbacks.app`` adds it to the access loggers of uvicorn, gunicorn and Django. Add it to any other logger
    that writes the paths of requests. A proxy in front of the application has its own log: see docs/callbacks.md.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Remove the secrets from a record, and keep the record."""
        if isinstance(record.msg, str):
            record.msg = redact_tokens(record.msg)
        if isinstance(record.args, Mapping):
            changed = {name: _redacted(one) for name, one in record.args.items()}
            values: Any = copy.copy(record.args)  # gunicorn's own class, which has a value for every name
            values.update(changed)
            record.args = values
        else:
            record.args = tuple(_redacted(one) for one in record.args or ())
        return True


_FILTER: Final = CallbackLogFilter()


def quieten() -> None:
    """Add the filter to the access loggers of servers. You can call it repeatedly."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)


def _redacted(value: Any) -> Any:
    return redact_tokens(value) if isinstance(value, str) else value
