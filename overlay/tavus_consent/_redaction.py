"""What may be shown of a URL or a text that can hold secrets. Pure; imports nothing heavy.

Presigned links, callback tokens and API keys are secrets: whoever holds them can act with them. Everything that this
package prints, logs, raises or stores passes through here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

REDACTED = "[redacted]"

# A file name is worth showing only when it plainly is one: callback tokens can sit in a path, too.
_MEDIA_NAME = re.compile(r"[\w.-]{1,80}\.(?:mp4|mov|webm|mkv|m4v|wav|mp3)", re.ASCII | re.IGNORECASE)
# A quote or a bracket may be part of a URL, so it does not end one: better too much redacted than too little.
_URL_IN_TEXT = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s"<>]+""")
# Nothing else: in https://user:pa/ss@host the part before the slash is no host.
_AUTHORITY = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def redact_url(url: str) -> str:
    """Show where a URL points without showing what makes it work.

    Args:
        url: Any text that is meant as a URL.

    Returns:
        ``https://host/.../name.mp4?[redacted]``: scheme and host, the last path segment if it is the name of a media
        file, and whether there was a query. Text that is no URL becomes ``[redacted]``.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or not scheme.isascii() or not scheme.replace("+", "").isalnum():
        return REDACTED
    head = re.split(r"[?#]", rest, maxsplit=1)[0]
    authority, _, path = head.partition("/")
    host = authority.rpartition("@")[2]
    if not _AUTHORITY.fullmatch(host):
        return REDACTED
    shown = f"{scheme}://{host}"
    if path:
        name = path.rpartition("/")[2]
        if _MEDIA_NAME.fullmatch(name):
            shown += f"/.../{name}" if "/" in path else f"/{name}"
        else:
            shown += f"/{REDACTED}"
    if len(head) < len(rest):
        shown += f"?{REDACTED}"
    return shown


def redact_text(text: str, secrets: Iterable[str] = ()) -> str:
    """Replace URLs and known secrets in a text.

    Args:
        text: A text from outside, for example an error message of the server.
        secrets: Exact values that must not appear, for example the API key.

    Returns:
        The text with every URL cut down by :func:`redact_url` and every secret replaced by ``[redacted]``.
    """
    for secret in secrets:
        # What is shorter protects nothing, and would cut letters out of every text.
        if len(secret) >= 4:
            text = text.replace(secret, REDACTED)
    return _URL_IN_TEXT.sub(lambda match: redact_url(match[0]), text)


def redact_json(value: Any, secrets: Iterable[str] = ()) -> Any:
    """Apply :func:`redact_text` to every string of a JSON value, keys included."""
    secrets = tuple(secrets)
    if isinstance(value, str):
        return redact_text(value, secrets)
    if isinstance(value, Mapping):
        return {redact_text(str(key), secrets): redact_json(item, secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [redact_json(item, secrets) for item in value]
    return value
