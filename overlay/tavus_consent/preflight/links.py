"""What a link tells about itself, without a request. Pure.

Tavus downloads the media itself, hours of training depend on it, and a bad link may only show when training fails. So
what cannot work is refused here, and what is doubtful is a finding. No message holds the working part of a link.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from attrs import frozen

from tavus_consent._redaction import redact_url
from tavus_consent._urls import is_loopback
from tavus_consent.errors import InvalidLinkError

from ._presigned import read_validity
from ._share_pages import site_of

MAX_LENGTH: Final = 8192
"""Characters. Presigned links with a session token reach some 2,500."""
MIN_VALIDITY: Final = timedelta(hours=24)
"""Tavus's guides ask that a link works for 24 hours after the request."""

# The clocks of whoever signed the link and of this machine may differ by as much as AWS allows.
_CLOCK_SKEW: Final = timedelta(minutes=15)
# The cap on the host keeps the IDNA codec quick; a zone (%eth0) means something on one machine only.
_AUTHORITY: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:%]{1,254})(?::(?P<port>[0-9]{0,5}))?")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC_LABEL: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Names that no public resolver answers for; example domains are left out, since tests and documents use them.
_NOT_PUBLIC: Final = (".localhost", ".local", ".internal", ".home.arpa")
_OTHER_MEDIA: Final = re.compile(
    r"\.(?:mov|webm|mkv|avi|m4v|wmv|flv|mpe?g|3gp|m?ts|m2ts|og[gv]|m3u8|mpd|mp3|wav|m4a|aac|jpe?g|png|gif|zip)\Z",
    re.IGNORECASE | re.ASCII,
)
_NO_IMAGE: Final = re.compile(
    r"\.(?:mp4|mov|webm|mkv|avi|m4v|gif|webp|heic|heif|avif|tiff?|bmp|svg|pdf|zip)\Z", re.IGNORECASE | re.ASCII
)


@frozen
class LinkFinding:
    """Something doubtful about a link. It may work all the same.

    Attributes:
        code: A stable word for programs, for example ``"expires_soon"``.
        field: The argument that the link was given as.
        message: What was found; the link is shown without its secrets.
        fix: What to do.
    """

    code: str
    field: str
    message: str
    fix: str


def check_link(
    url: str, *, field: str, now: datetime, purpose: Literal["media", "image", "callback"] = "media"
) -> tuple[LinkFinding, ...]:
    """Check a link offline.

    Args:
        url: The link.
        field: The argument it was given as, for messages.
        now: The date and time, aware.
        purpose: ``"media"`` for videos that Tavus downloads, ``"image"`` for a picture; of a ``"callback"`` only
            scheme, host and the form are checked.

    Returns:
        What is doubtful; empty when nothing is.

    Raises:
        InvalidLinkError: The link cannot work; its ``reason`` is ``not_text``, ``too_long``, ``characters``,
            ``malformed``, ``not_absolute``, ``scheme``, ``userinfo``, ``host``, ``port``, ``share_page``, ``expired``
            or ``not_yet_valid``.
    """
    parts = split_link(url, field=field)
    if purpose == "callback":
        return ()
    query = {k.lower(): v for k, v in parse_qsl(parts.query, keep_blank_values=True)} if parts.query else {}
    found = (
        *_share_page(url, parts, query, field),
        *_time(url, query, field, now),
        *_reach(parts),
        *_form(url, parts, purpose),
    )
    return tuple(LinkFinding(code, field, message, fix) for code, message, fix in found)


def split_link(url: str, *, field: str) -> SplitResult:
    """Take a link apart that is absolute, ``https`` (``http`` only on loopback) and has a host and no user.

    Args:
        url: The link.
        field: The argument it was given as, for messages.

    Raises:
        InvalidLinkError: It is not such a link. The message does not show it: what is not understood may be secret.
    """

    def refusal(reason: str, problem: str, fix: str) -> InvalidLinkError:
        return InvalidLinkError(f"{field} {problem}. {fix}", field=field, reason=reason)

    if not isinstance(url, str):
        raise refusal("not_text", "is not text", "Pass the URL as a str.")
    if len(url) > MAX_LENGTH:
        raise refusal("too_long", f"has more than {MAX_LENGTH:,} characters", "Use a shorter link.")
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not plain and any(c.isspace() or c == "\\" or unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in url):
        raise refusal(
            "characters",
            "holds a blank, a line break, a backslash or an invisible character",
            "Copy the link anew, and write %20 for a blank.",
        )
    parts = None
    with suppress(ValueError):
        parts = urlsplit(url)
    if parts is None:  # not raised above: what was suppressed may hold a password
        raise refusal("malformed", "is not a URL that can be read", "Copy the link anew.")
    if not parts.scheme or not parts.netloc:
        raise refusal(
            "not_absolute", "is not an absolute URL", "Give a link that begins with https:// and names a host."
        )
    if "@" in parts.netloc:
        raise refusal("userinfo", "holds a user name or a password", "Use a presigned link without them.")
    named = _AUTHORITY.fullmatch(parts.netloc)
    host = _ascii_host(named["host"]) if named else None
    if named is None or host is None:
        raise refusal("host", "names a host that cannot exist", "Check the part between https:// and the next slash.")
    if named["port"] and not 0 < int(named["port"]) < 65536:
        raise refusal("port", "has a port that cannot exist", "Leave the port out, or give one from 1 to 65535.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise refusal(
            "scheme", "is not https (http is for this machine only)", "Give an https link, such as a presigned S3 URL."
        )
    return parts._replace(netloc=f"{host}:{named['port']}" if named["port"] else host)


@lru_cache(maxsize=64)
def _ascii_host(host: str) -> str | None:
    """A host name or address as DNS has it, or ``None`` if there can be no such host."""
    try:
        if host.startswith("["):
            return f"[{ipaddress.IPv6Address(host[1:-1])}]"
        name = host.encode("idna").decode("ascii").lower()
        bare = name.removesuffix(".")
        labels = bare.split(".")
        for label in labels:
            if label.startswith("xn--"):
                label.removeprefix("xn--").encode("ascii").decode("punycode")
        if _NUMERIC_LABEL.fullmatch(labels[-1]):  # 127.1 and 0x7f000001 are addresses to some clients
            return str(ipaddress.IPv4Address(name))
    except ValueError:
        return None
    return name if len(bare) <= 253 and all(map(_LABEL.fullmatch, labels)) else None


_Found = Iterator[tuple[str, str, str]]


def _share_page(url: str, parts: SplitResult, query: Mapping[str, str], field: str) -> _Found:
    site = site_of(parts.hostname or "")
    if site is None:
        return
    if not site.is_direct(parts.path.lower(), query):
        raise InvalidLinkError(
            f"{field} {redact_url(url)} leads to a page of {site.name}, not to the video file. {site.fix}",
            field=field,
            reason="share_page",
        )
    if site.caveat:
        yield "may_be_a_page", f"{redact_url(url)} may not give the file. {site.caveat}", site.fix


def _time(url: str, query: Mapping[str, str], field: str, now: datetime) -> _Found:
    validity = read_validity(query)
    if validity is None:
        return
    link = redact_url(url)
    sign_anew = "Sign the link anew, for 24 hours or more."
    if validity.ends is None:
        yield "expiry_unreadable", f"When {link} expires ({validity.scheme}) cannot be read.", sign_anew
        return
    left = validity.ends - now
    if left <= timedelta(0):
        raise InvalidLinkError(
            f"{field} {link} has expired ({validity.scheme}). {sign_anew}", field=field, reason="expired"
        )
    if validity.starts is not None and validity.starts - now > _CLOCK_SKEW:
        raise InvalidLinkError(
            f"{field} {link} is not valid yet ({validity.scheme}). Sign it from now on; check this machine's clock.",
            field=field,
            reason="not_yet_valid",
        )
    if left < MIN_VALIDITY:
        minutes = int(left.total_seconds()) // 60
        yield "expires_soon", f"{link} expires in {minutes // 60} h {minutes % 60} min.", sign_anew
    if validity.is_temporary:
        yield (
            "temporary_credentials",
            f"{link} was signed with temporary credentials and ends with them, whatever it says.",
            "Sign it with long-lived credentials, or with ones that last for another 24 hours.",
        )


@lru_cache(maxsize=64)
def _is_public(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.removesuffix(".")
        return "." in name and not name.endswith(_NOT_PUBLIC)
    return address.is_global and not address.is_multicast


def _reach(parts: SplitResult) -> _Found:
    host = parts.hostname or ""
    if not _is_public(host):
        yield (
            "not_public",
            f"Tavus cannot reach {host}, which is this machine or a private network.",
            "Put the file where the public internet can download it.",
        )


def _form(url: str, parts: SplitResult, purpose: str) -> _Found:
    if not url.isascii():
        shown = redact_url(url)
        yield "not_ascii", f"{shown} holds characters beyond ASCII.", "Percent-encode them; write the host as xn--..."
    if "#" in url:
        yield (
            "fragment",
            f"What follows the # in {redact_url(url)} is never sent to the server.",
            "Write %23 if it belongs to the file's name, or leave it out.",
        )
    if purpose == "image":
        ending = _NO_IMAGE.search(unquote(parts.path))
        if ending:
            yield (
                "image_format",
                f"{redact_url(url)} ends in {ending[0].lower()}; Tavus's guide names JPG and PNG.",
                "Convert it to .png or .jpg. If it is one already, rename it.",
            )
        return
    ending = _OTHER_MEDIA.search(unquote(parts.path))
    if ending:
        yield (
            "video_format",
            f"{redact_url(url)} ends in {ending[0].lower()}; Tavus's errors page names .mp4 alone, its newer guides "
            ".webm, too.",
            "Convert it to .mp4 with H.264 and AAC. If it is one already, rename it.",
        )
