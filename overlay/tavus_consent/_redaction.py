"""Redaction of URLs and texts that may contain secrets. Pure; imports nothing heavy.

Presigned links, callback tokens and API keys are secrets: anyone who has them can use them. Everything that this
package prints, logs, raises or stores passes through here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn, Self

REDACTED = "[redacted]"

# Only plain file names are shown, because callback tokens can be part of a path.
_MEDIA_NAME = re.compile(r"[\w.-]{1,80}\.(?:mp4|mov|webm|mkv|m4v|wav|mp3)", re.ASCII | re.IGNORECASE)
# A quote or a bracket may be part of a URL, so it does not end one: redacting too much is safer. Servers quote
# requests, so "://" may also be encoded as in JSON, HTML or a URL.
_URL_IN_TEXT = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{1,20}"
    r"(?::|\\+u003a|%(?:25)*3a|&#(?:x3a|58);)(?:\\*/|\\+u002f|%(?:25)*2f|&#(?:x2f|47);){2}"
    r"""[^\s"<>]+""",
    re.IGNORECASE,
)
# Runs of characters that URL, JSON and HTML encoding leave unchanged. Shorter runs are more often words than secrets.
_RUN = re.compile(r"[A-Za-z0-9_-]{8,}")
_LONG_RUN = re.compile(r"[A-Za-z0-9_-]{16,}")
# Words are shorter than this, keys and tokens are not.
_KEY = re.compile(r"[A-Za-z0-9]{20,}")
# The same names as in the generated results; headers contain a hyphen.
_SECRET_NAME = re.compile(r"password|secret|token|api[_-]?key|credential|authorization", re.IGNORECASE)
# A member of that name in truncated JSON.
_SECRET_MEMBER = re.compile(
    rf'("[^"]{{0,60}}(?:{_SECRET_NAME.pattern})[^"]{{0,60}}"\s*:\s*)"(?:[^"\\]|\\.)*"?', re.IGNORECASE
)
# Nothing else: in https://user:pa/ss@host the part before the slash is not a host.
_AUTHORITY = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def redact_url(url: str) -> str:
    """Show where a URL points without its secret parts.

    Returns:
        ``https://host/.../name.mp4?[redacted]``: scheme, host, the last path segment if it names a media file, and a
        mark for a query. Text that is not a URL becomes ``[redacted]``.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or not scheme.isascii() or not scheme.replace("+", "").isalnum():
        return REDACTED
    head = re.split(r"[?#]", rest, maxsplit=1)[0]
    authority, _, path = head.partition("/")
    host = authority.rpartition("@")[2]
    if not is_authority(host):
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


def is_authority(text: str) -> bool:
    """Return True if a text can be the host of a URL, with or without a port."""
    return _AUTHORITY.fullmatch(text) is not None


def redact_text(text: str, secrets: Iterable[str] = ()) -> str:
    """Replace URLs and known secrets in a text.

    Args:
        text: A text from outside, for example an error message of the server.
        secrets: Exact values that must not appear, for example the :func:`pieces` of the API key.

    Returns:
        The text with every URL shortened by :func:`redact_url` and every secret replaced by ``[redacted]``.
    """
    for secret in secrets:
        # Shorter secrets protect nothing, and would remove letters from every text.
        if len(secret) >= 4:
            text = text.replace(secret, REDACTED)
    text = _SECRET_MEMBER.sub(rf'\1"{REDACTED}"', text)
    return _URL_IN_TEXT.sub(lambda match: redact_url(match[0]), text)


def show_text(text: str) -> str:
    """Return a server's text in a form that is safe to show without knowing the secrets: no link, no possible key."""
    return _KEY.sub(REDACTED, redact_text(text))


def hide(value: object) -> str:
    """Return the ``repr`` of a hidden value."""
    return repr(None) if value is None else REDACTED


class NeverStored:
    """Base class of values that carry a name or a link to a call. A pickle would be a hidden copy of them."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} contains a secret and cannot be pickled; store its arguments instead")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self


def pieces(secret: str) -> Iterator[str]:
    """Yield a secret, and those parts of it that no encoding changes."""
    yield secret
    yield from _RUN.findall(secret)


def is_secret(name: Any) -> bool:
    """Return True if the name denotes a secret, such as ``api_key`` or ``Authorization``."""
    return isinstance(name, str) and _SECRET_NAME.search(name) is not None


def body_pieces(value: Any, *, secret: bool = False) -> Iterator[str]:
    """Yield the parts of a JSON body that must not appear in an error message: secrets and the secret parts of links.

    Args:
        value: The body, or a part of it.
        secret: True if the name of the value marks all of it as a secret.
    """
    if isinstance(value, Mapping):
        for name, item in value.items():
            # A JSON Patch has the name in its path.
            named = is_secret(value.get("path") if name == "value" else name)
            yield from body_pieces(item, secret=secret or named)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from body_pieces(item, secret=secret)
    elif isinstance(value, str):
        if secret:
            yield from pieces(value)
        if "://" in value:
            yield from _link_pieces(value)


def _link_pieces(url: str) -> Iterator[str]:
    from urllib.parse import unquote, urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return
    folder, _, name = unquote(parts.path).rpartition("/")
    yield from _LONG_RUN.findall(folder if _MEDIA_NAME.fullmatch(name) else f"{folder}/{name}")
    for text in (parts.query, parts.fragment, parts.netloc.rpartition("@")[0]):
        for pair in text.split("&"):
            yield from _RUN.findall(unquote(pair.partition("=")[2] or pair))


def scrub(error: BaseException, secrets: Iterable[str] = ()) -> None:
    """Redact the text of another library's exception and of its causes, because it may quote the server.

    It also removes the request that httpx attaches to its exceptions, which contains the key and the body.
    """
    secrets = tuple(secrets)
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or one in seen:
            continue
        seen.append(one)
        one.args = tuple(redact_text(arg, secrets) if isinstance(arg, str) else arg for arg in one.args)
        if hasattr(one, "_request"):
            one._request = None
        waiting += [one.__cause__, one.__context__]


def redact_json(value: Any, secrets: Iterable[str] = ()) -> Any:
    """Apply :func:`redact_text` to every string of a JSON value, keys included."""
    secrets = tuple(secrets)
    if isinstance(value, str):
        return redact_text(value, secrets)
    if isinstance(value, Mapping):
        return {
            redact_text(str(key), secrets): REDACTED
            if is_secret(key) and isinstance(item, str)
            else redact_json(item, secrets)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [redact_json(item, secrets) for item in value]
    return value
