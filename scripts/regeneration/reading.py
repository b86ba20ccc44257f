"""The sources of the specification: docs pages and whole documents, from files and URLs."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .plain import MAX_BYTES, load_mapping
from .problems import RegenerationError
from .schemas import METHODS

FETCH_SECONDS = 60.0

STEP = "read"
_OPENING = re.compile(r"^(?P<fence>`{3,})ya?ml +(?P<method>[A-Za-z]+) +(?P<path>/\S*)[ \t]*\n", re.MULTILINE)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Source(NamedTuple):
    """One OpenAPI document with its original bytes.

    Attributes:
        name: The path or URL, for messages.
        data: The original bytes.
        document: The parsed document.
        operation: ``(method, path)`` for a docs page, or ``None`` for a whole document.
    """

    name: str
    data: bytes
    document: dict[str, Any]
    operation: tuple[str, str] | None


def parse_source(data: bytes, name: str) -> Source:
    """Parse a docs page or a whole document.

    Args:
        data: The bytes of the page or document.
        name: The path or URL.

    Raises:
        RegenerationError: The data is neither, or the page does not contain exactly the operation that it announces.
    """
    if len(_OPENING.findall(_text(data))) > 1:
        raise RegenerationError(STEP, name, "the page announces more than one operation", "give each operation a page")
    opening, body, _ = _parts(data)
    if opening is None:
        return Source(name, data, load_mapping(data, name), None)
    method, path = opening["method"].lower(), opening["path"]
    document = load_mapping(body.encode(), name)
    paths = document.get("paths")
    if not isinstance(paths, dict) or list(paths) != [path] or held(document) != [(method, path)]:
        raise RegenerationError(
            STEP,
            name,
            f"the page announces {method} {path}, but its document describes something else",
            "give the page as it is published",
        )
    return Source(name, data, document, (method, path))


def yaml_text(data: bytes) -> tuple[str, int]:
    """Return the document of a page, or the whole text, and the number of lines before it."""
    opening, body, _ = _parts(data)
    return (body, opening.string.count("\n", 0, opening.end()) if opening else 0)


def prose(source: Source) -> str:
    """Return the text around the document of a docs page, or an empty string for a whole document."""
    return _parts(source.data)[2] if source.operation else ""


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace").replace("\r\n", "\n")


def _parts(data: bytes) -> tuple[re.Match[str] | None, str, str]:
    """Return the opening fence of a closed block, the block, and the text around it, or else the whole text."""
    opening = _OPENING.search(text := _text(data))
    ending = re.compile(rf"^{opening['fence']}[ \t]*$", re.MULTILINE) if opening else None
    closing = ending.search(text, opening.end()) if opening and ending else None
    if opening is None or closing is None:
        return None, text, ""
    return opening, text[opening.end() : closing.start()], f"{text[: opening.start()]}\n{text[closing.end() :]}"


def held(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return method and path of the operations of a document, which may be malformed."""
    paths = document.get("paths")
    items = paths.items() if isinstance(paths, dict) else ()
    return [(verb, path) for path, item in items if isinstance(item, dict) for verb in item if verb in METHODS]


def read_source(where: str) -> Source:
    """Read new upstream from a path or an https URL (http on loopback)."""
    if re.match(r"^[a-zA-Z][a-zA-Z0-9+.-]*://", where):
        return parse_source(fetch(where)[0] or b"", where)
    path = Path(where)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        cause = error.strerror or str(error)
        raise RegenerationError(STEP, where, cause, "give the path of a file that exists") from None
    return parse_source(data, where)


def fetch(url: str, etag: str = "") -> tuple[bytes | None, str]:
    """Fetch a document.

    Args:
        url: An https URL, or http on loopback.
        etag: The entity tag of the known version.

    Returns:
        The bytes, or ``None`` if the known version is still current, and the entity tag.

    Raises:
        RegenerationError: The document cannot be fetched.
    """
    import httpx  # imported here, because only runs that fetch need it

    def check(request: httpx.Request) -> None:
        if request.url.scheme != "https" and not (request.url.scheme == "http" and request.url.host in _LOOPBACK):
            raise RegenerationError(STEP, url, f"{request.url.scheme} is not fetched", "give an https URL")

    client = httpx.Client(follow_redirects=True, max_redirects=5, timeout=30, event_hooks={"request": [check]})
    body = bytearray()
    deadline = time.monotonic() + FETCH_SECONDS
    try:
        headers = {"If-None-Match": etag} if etag else {}
        with client, client.stream("GET", url, headers=headers) as response:
            if response.status_code == httpx.codes.NOT_MODIFIED:
                return None, etag
            response.raise_for_status()
            etag = response.headers.get("ETag", "")[:200]
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_BYTES or time.monotonic() > deadline:
                    limits = f"{MAX_BYTES} bytes or {FETCH_SECONDS:.0f} seconds"
                    raise RegenerationError(STEP, url, f"it takes more than {limits}", "download it and give the path")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        remedy = "check the URL, or download it and give the path"
        raise RegenerationError(STEP, url, f"it cannot be fetched: {error}", remedy) from None
    return bytes(body), etag


def file_name(source: Source) -> str:
    """Return the file name of a source in ``openapi/upstream``: the last part of its path, with safe characters."""
    path = urlsplit(source.name).path if "://" in source.name else source.name
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(path).name).rsplit(".", 1)[0].strip(".-") or "upstream"
    if source.operation is not None:
        return f"{stem}.md"
    return f"{stem}.json" if source.data.lstrip()[:1] == b"{" else f"{stem}.yaml"
