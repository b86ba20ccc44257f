"""The address of a recording: the part of its link that stays the same when the link is signed again. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

_MEDIA: Final = re.compile(r"\.(?:mp4|mov|m4v|webm|mkv|avi|wav|mp3|m4a|png|jpe?g|webp|heic)", re.IGNORECASE)
_VERSION: Final = "versionid"
_NAMES_A_FILE: Final = frozenset({"file", "id", "path", "resid", _VERSION})


def address(url: str) -> str:
    """Return host and path of a link, and the query parameters that identify a file.

    If the path already names a media file, only its version parameter counts: other parameters lead to the same
    recording.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return url.partition("?")[0]
    place = host if port in (None, 80, 443) else f"{host}:{port}"
    path = unquote(parts.path)
    if not parts.query:
        return place + path
    names = {_VERSION} if _MEDIA.search(path.rpartition("/")[2]) else _NAMES_A_FILE
    named = sorted(one for one in parse_qsl(parts.query) if one[0].lower() in names)
    return place + path + "".join(f"?{name}={value}" for name, value in named)
