"""Check links offline. Pure.

Tavus downloads the media itself, and a bad link may only show hours later, when training fails. So :func:`check_link`
raises an error if a link cannot work, and returns findings if it might fail. Messages never contain the secret parts of
a link: neither its query nor its path, except the name of a media file.

The behavior of services is data. ``_link_storage``, ``_link_delivery``, ``_link_drives``, ``_link_pages``,
``_link_sites`` and ``_link_apps`` describe hosts and paths, ``_expiry_rules`` expiry, and ``_signatures`` signatures.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from attrs import frozen

from tavus_consent._frames import hides_locals
from tavus_consent._redaction import redact_url
from tavus_consent._urls import is_loopback
from tavus_consent.errors import InvalidLinkError

from ._expiry import read_validity
from ._hosts import ascii_host, is_reachable
from ._link_match import find
from ._signatures import find_flaws, temporary_credentials

MAX_LENGTH: Final = 8192
"""The most characters of a link. Presigned links with a session token have up to about 2,500."""
MIN_VALIDITY: Final = timedelta(hours=24)
"""The time for which a link must work after the request, according to Tavus's guides."""

# The clocks of the signer and of this machine may differ by as much as AWS allows. The tolerance also accepts a link
# that was signed for 24 hours just before the create, as Tavus asks.
_TOLERANCE: Final = timedelta(minutes=15)
# The limit on the host keeps the IDNA codec fast. Zones (%eth0) are excluded, because they only work on one machine.
_AUTHORITY: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:%]{1,254})(?::(?P<port>[0-9]{0,5}))?")
_OTHER_MEDIA: Final = re.compile(
    r"\.(?:mov|webm|mkv|avi|m4v|wmv|asf|flv|f4v|mpe?g|m[12]v|vob|mxf|3gp2?|3g2|m?ts|m2ts|og[gvm]|rm(?:vb)?|divx|hevc|h26[45]|"
    r"m3u8?|mpd|mp3|wav|m4a|aac|flac|opus|jpe?g|png|gif|webp|heic|pdf|docx?|pptx?|txt|json|xml|srt|vtt|zip|rar|7z|"
    r"t?gz|tar|torrent)\Z",
    re.IGNORECASE | re.ASCII,
)
_AUDIO: Final = re.compile(r"\.(?:mp3|wav|m4a|flac|og[ga]|webm|mp4|mov)\Z", re.IGNORECASE | re.ASCII)
_NO_IMAGE: Final = re.compile(
    r"\.(?:mp4|mov|webm|mkv|avi|m4v|gif|webp|heic|heif|avif|tiff?|bmp|svg|pdf|zip)\Z", re.IGNORECASE | re.ASCII
)
_SIGN_ANEW: Final = "Sign the link again, for 48 hours."

Purpose = Literal["media", "image", "audio", "callback"]


@frozen
class LinkFinding:
    """A doubt about a link. The link may still work.

    Attributes:
        code: A stable word for programs, for example ``"expires_soon"``.
        field: The name of the argument that has the link.
        message: The problem; it shows the link without its secrets.
        fix: The advice.
    """

    code: str
    field: str
    message: str
    fix: str


@hides_locals
def check_link(url: str, *, field: str, now: datetime, purpose: Purpose = "media") -> tuple[LinkFinding, ...]:
    """Check a link offline. This never changes the link.

    Args:
        url: The link.
        field: The name of the argument that has the link, for messages.
        now: The current time, with a time zone.
        purpose: ``"media"`` for videos that Tavus downloads, ``"image"`` for a picture, ``"audio"`` for the recording
            of a voice, or ``"callback"``. Only the scheme, host and form of a callback are checked.

    Returns:
        The doubts; empty if there are none.

    Raises:
        InvalidLinkError: The link cannot work; its ``reason`` is ``not_text``, ``too_long``, ``characters``,
            ``malformed``, ``not_absolute``, ``scheme``, ``userinfo``, ``host``, ``port``, ``share_page``, ``expired``,
            ``not_yet_valid``, ``expiry_too_long``, ``signature_incomplete``, ``signature_scope``, ``signed_headers``,
            ``encoded_twice``, ``escaped``, ``upload_link``, ``needs_signature``, ``needs_sign_in``, ``not_a_file``,
            ``no_https`` or ``certificate``.
    """
    parts = _split(url, field, purpose)
    host = parts.hostname or ""
    if purpose == "callback":
        found = (*_reach(host, purpose), *_form_of_any(url, purpose))
    else:
        query = {k.lower(): v for k, v in parse_qsl(parts.query, keep_blank_values=True)} if parts.query else {}
        found = (
            *_site(url, host, parts, query, field),
            *_signature(url, host, parts, query, field),
            *_time(url, host, parts, query, field, now),
            *_reach(host, purpose),
            *_form_of_any(url, purpose),
            *_form_of_file(url, parts, purpose),
        )
    if not found:
        return ()
    return tuple(LinkFinding(code, field, message, fix) for code, message, fix in dict.fromkeys(found))


@hides_locals
def split_link(url: str, *, field: str, purpose: Purpose = "media") -> SplitResult:
    """Split an absolute ``https`` link (``http`` only on loopback) that has a host and no user name.

    Args:
        url: The link.
        field: The name of the argument that has the link, for messages.
        purpose: The purpose of the link, for messages.

    Raises:
        InvalidLinkError: The link is not of this form. The message does not show it, because it may contain secrets.
    """
    return _split(url, field, purpose)


def _split(url: str, field: str, purpose: Purpose) -> SplitResult:
    refusal = partial(_refusal, field)
    is_callback = purpose == "callback"
    if not isinstance(url, str):
        raise refusal("not_text", "is not text", "Pass the URL as a str.")
    if len(url) > MAX_LENGTH:
        raise refusal("too_long", f"has more than {MAX_LENGTH:,} characters", "Use a shorter link.")
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not plain and any(c.isspace() or c == "\\" or unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in url):
        raise refusal(
            "characters",
            "contains a space, a line break, a backslash or an invisible character",
            "Copy the link again, and write %20 for a space.",
        )
    parts = None
    with suppress(ValueError):
        parts = urlsplit(url)
    if parts is None:  # not raised above, because the suppressed error may contain a password
        raise refusal("malformed", "is not a valid URL", "Copy the link again.")
    if not parts.scheme or not parts.netloc:
        raise refusal(
            "not_absolute", "is not an absolute URL", "Give a link that begins with https:// and names a host."
        )
    if "@" in parts.netloc:
        raise refusal(
            "userinfo",
            "contains a user name or a password",
            "Use issue_callback, which puts a secret into the address."
            if is_callback
            else "Use a presigned link without them.",
        )
    named = _AUTHORITY.fullmatch(parts.netloc)
    host = ascii_host(named["host"]) if named else None
    if named is None or host is None:
        raise refusal("host", "names a host that cannot exist", "Check the part between https:// and the next slash.")
    if named["port"] and not 0 < int(named["port"]) < 65536:
        raise refusal("port", "has a port that cannot exist", "Leave the port out, or give one from 1 to 65535.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise refusal(
            "scheme",
            "is not https (http is for this machine only)",
            "Give the https address of your server that receives callbacks."
            if is_callback
            else "Give an https link, such as a presigned S3 URL.",
        )
    netloc = f"{host}:{named['port']}" if named["port"] else host
    return parts if netloc == parts.netloc else parts._replace(netloc=netloc)


def _refusal(field: str, reason: str, problem: str, fix: str) -> InvalidLinkError:
    return InvalidLinkError(f"{field} {problem}. {fix}", field=field, reason=reason)


_Found = Iterator[tuple[str, str, str]]


def _site(url: str, host: str, parts: SplitResult, query: Mapping[str, str], field: str) -> _Found:
    match = find(host, parts.path, query)
    if match is None or match.verdict == "accept":
        return
    if match.verdict == "refuse":
        raise InvalidLinkError(
            f"{field} {redact_url(url)} {match.problem}. {match.fix}", field=field, reason=match.code
        )
    yield match.code, f"{redact_url(url)} {match.problem}.", match.fix


def _signature(url: str, host: str, parts: SplitResult, query: Mapping[str, str], field: str) -> _Found:
    if not query and "%3" not in parts.path:
        return
    for flaw in find_flaws(host, parts.path, parts.query, parts.fragment, query):
        if flaw.verdict == "refuse":
            raise InvalidLinkError(
                f"{field} {redact_url(url)} {flaw.problem}. {flaw.fix}", field=field, reason=flaw.code
            )
        yield flaw.code, f"{redact_url(url)} {flaw.problem}.", flaw.fix
    if temporary_credentials(query):
        yield (
            "temporary_credentials",
            f"{redact_url(url)} was signed with temporary credentials and expires when they do.",
            "Sign it with long-lived credentials, or with ones that last for another 48 hours.",
        )


def _time(url: str, host: str, parts: SplitResult, query: Mapping[str, str], field: str, now: datetime) -> _Found:
    validity = read_validity(host, parts.path, query)
    if validity is None:
        return
    if validity.ends is None:
        yield "expiry_unreadable", f"The expiry of {redact_url(url)} ({validity.scheme}) cannot be read.", _SIGN_ANEW
        return
    left = validity.ends - now
    if left <= timedelta(0):
        raise InvalidLinkError(
            f"{field} {redact_url(url)} has expired ({validity.scheme}). {_SIGN_ANEW}", field=field, reason="expired"
        )
    if validity.starts is not None and validity.starts - now > _TOLERANCE:
        raise InvalidLinkError(
            f"{field} {redact_url(url)} is not valid yet ({validity.scheme}). Sign it to be valid now, and check "
            "this machine's clock.",
            field=field,
            reason="not_yet_valid",
        )
    if left < MIN_VALIDITY - _TOLERANCE:
        minutes = int(left.total_seconds()) // 60
        left_shown = f"{minutes // 60} h {minutes % 60} min"
        yield "expires_soon", f"{redact_url(url)} expires in {left_shown}.", _SIGN_ANEW


def _reach(host: str, purpose: Purpose) -> _Found:
    if not is_reachable(host):
        yield (
            "not_public",
            f"Tavus cannot reach {host}, which is this machine or a private network.",
            "Give an address that the public internet reaches, such as a tunnel's; until then, poll with wait()."
            if purpose == "callback"
            else "Put the file where the public internet can download it.",
        )


def _form_of_any(url: str, purpose: Purpose) -> _Found:
    if not url.isascii():
        shown = redact_url(url)
        yield (
            "not_ascii",
            f"{shown} contains characters outside ASCII.",
            "Percent-encode them; write the host as xn--...",
        )
    if "#" in url:
        yield (
            "fragment",
            f"The part of {redact_url(url)} after the # is never sent to the server.",
            "Write the path without #, because Tavus only posts to the part before it."
            if purpose == "callback"
            else "Write %23 if it belongs to the file's name, or remove it.",
        )


def _form_of_file(url: str, parts: SplitResult, purpose: Purpose) -> _Found:
    name = unquote(parts.path)
    if purpose == "image":
        ending = _NO_IMAGE.search(name)
        if ending:
            yield (
                "image_format",
                f"{redact_url(url)} ends in {ending[0].lower()}; Tavus's guide names JPG and PNG.",
                "Convert it to .png or .jpg. If it is one already, rename it.",
            )
        return
    ending = _OTHER_MEDIA.search(name)
    if ending and purpose == "audio":
        if not _AUDIO.fullmatch(ending[0]):
            yield (
                "audio_format",
                f"{redact_url(url)} ends in {ending[0].lower()}; Tavus's page names .mp3, .wav, .m4a, .flac, .ogg, "
                ".oga, .webm, .mp4 and .mov.",
                "Convert it to .wav or .mp3. If it is one already, rename it.",
            )
        return
    if ending:
        yield (
            "video_format",
            f"{redact_url(url)} ends in {ending[0].lower()}; Tavus's errors page only names .mp4; its newer "
            "guides also name .webm.",
            "Convert it to .mp4 with H.264 and AAC. If it is one already, rename it.",
        )
