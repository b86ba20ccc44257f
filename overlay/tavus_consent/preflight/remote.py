"""A source that reads a file behind a link by ranges, and compares each response with its request."""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

import httpcore
import httpx

from tavus_consent._loggers import IN_CALL, quieten
from tavus_consent._version import __version__

from .failures import Unreadable, changed, empty
from .metering import Meter
from .net import Gate, Reach, RefusedAddress
from .reading import BLOCK, Source

MAX_HOPS: Final = 5
"""The most redirects that a source follows."""
_READ_TIMEOUT: Final = 10.0
_RANGE: Final = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")
_PAGE: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body|\?xml|!--|script)", re.IGNORECASE)


class RemoteSource(Source):
    """A file behind a link. The constructor sends the first request, and later reads require the same version.

    Args:
        url: The link.
        meter: The meter of the check.
        reach: The hosts that the link may reach.
        name: The name of the argument that has the link, for messages.

    Raises:
        Unreadable: The file cannot be read.
        InvalidLinkError: The link, or the target of a redirect, is not permitted.
    """

    def __init__(self, url: str, meter: Meter, reach: Reach, *, name: str) -> None:

        super().__init__(meter)
        quieten()
        self._reach = reach
        self._name = name
        self._pool = httpcore.ConnectionPool(
            ssl_context=reach.tls,
            max_connections=meter.budget.connections,
            network_backend=Gate(reach, meter.left),
        )
        try:
            self._open(url)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def read_ranges(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Read several ranges concurrently."""
        with ThreadPoolExecutor(self.meter.budget.connections, thread_name_prefix="tavus-preflight") as threads:
            return list(threads.map(lambda one: self._get(*one), ranges))  # the first failure cancels waiting reads

    def stream(self) -> Iterator[bytes]:
        """Yield the whole file, piece by piece."""
        self.meter.ask(self.size)
        with self._ask(0, self.size) as (response, headers):
            self._check(response.status, headers, 0, self.size)
            count = 0
            for chunk in response.iter_stream():
                count += len(chunk)
                self.meter.took(len(chunk))
                yield chunk
        if count != self.size:
            raise _lying("sent a different number of bytes than it announced")

    def _open(self, url: str) -> None:
        for _ in range(MAX_HOPS + 1):
            self._url = self._checked(url)
            self.meter.ask(BLOCK)
            with self._ask(0, BLOCK) as (response, headers):
                if response.status in (301, 302, 303, 307, 308) and "location" in headers:
                    url = self._next_hop(headers["location"])
                    continue
                self.content_type = headers.get("content-type", "").partition(";")[0].strip().lower() or None
                self.size = self._size(response, headers)
                self.etag = headers.get("etag")
                first = self._body(response, min(BLOCK, self.size))
            _refuse_page(first, self.content_type)
            self._keep(0, first)
            self.seen[0, len(first)] = hashlib.sha256(first).hexdigest()
            return
        raise Unreadable(
            "redirects",
            f"The link redirects more than {MAX_HOPS} times.",
            "Give the link at the end of the redirects.",
            severity="error",
        )

    def _checked(self, url: str) -> httpx.URL:

        try:
            return self._reach.check_url(url, name=self._name)
        except RefusedAddress as error:
            raise _refused(error) from None

    def _next_hop(self, location: str) -> str:

        try:
            url = self._url.join(location)
        except (httpx.InvalidURL, ValueError):
            url = None
        if url is None or (self._url.scheme == "https" and url.scheme == "http"):
            raise Unreadable(
                "redirect",
                "The link redirects to an invalid URL, or from https to http.",
                "Give the https link at the end of the redirects.",
            )
        return str(url)

    def _size(self, response: httpcore.Response, headers: dict[str, str]) -> int:
        """Return the size of the file from the first response, or raise an error if that is not a range."""
        if response.status == 206:
            size = _total(headers)
            self._check_range(headers, 0, min(BLOCK, size), size)
            return size
        if response.status == 416 and re.fullmatch(r"bytes \*/0", headers.get("content-range", "")):
            raise empty()
        if response.status != 200:
            raise _status(response.status)
        length = headers.get("content-length", "")
        if length == "0":
            raise empty()
        first = b"".join(_some(response, BLOCK, self.meter))
        _refuse_page(first, self.content_type)
        raise Unreadable(
            "no_range",
            "The server sends the whole file instead of the requested part, so the file was not read.",
            "Put the file on a server that supports ranges, such as an object store, or check a local copy.",
        )

    @contextmanager
    def _ask(self, start: int, end: int) -> Iterator[tuple[httpcore.Response, dict[str, str]]]:
        """Send one request, and convert errors of the connection to findings."""
        headers: list[tuple[bytes | str, bytes | str]] = [
            ("Host", self._url.netloc),
            ("User-Agent", f"tavus-consent/{__version__} (preflight)"),
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity"),
            ("Range", f"bytes={start}-{end - 1}"),
        ]
        if self.etag is not None and self.etag.startswith('"'):  # a weak ETag never matches (RFC 9110, section 13.1.1)
            headers.append(("If-Match", self.etag))
        url = httpcore.URL(
            scheme=self._url.raw_scheme, host=self._url.raw_host, port=self._url.port, target=self._url.raw_path
        )
        limits = {"read": _READ_TIMEOUT, "write": _READ_TIMEOUT, "pool": None}
        token = IN_CALL.set(True)
        try:
            with self._pool.stream("GET", url, headers=headers, extensions={"timeout": limits}) as response:
                yield response, {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in response.headers}
        except RefusedAddress as error:
            raise _refused(error) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            raise _failed(error) from None
        finally:
            IN_CALL.reset(token)

    def _fetch(self, start: int, end: int) -> bytes:
        self.meter.ask(end - start)
        try:
            return self._fetch_once(start, end)
        except Unreadable as error:
            if error.reason != "broken":
                raise
        self.meter.ask(end - start)  # retry once, because a kept connection may break at any time
        return self._fetch_once(start, end)

    def _fetch_once(self, start: int, end: int) -> bytes:
        with self._ask(start, end) as (response, headers):
            self._check(response.status, headers, start, end)
            return self._body(response, end - start)

    def _check(self, status: int, headers: dict[str, str], start: int, end: int) -> None:
        if status == 412:
            raise changed()
        if status != 206:
            raise _lying("no longer serves ranges") if status == 200 else _status(status)
        if headers.get("etag") != self.etag or _total(headers) != self.size:
            raise changed()
        self._check_range(headers, start, end, self.size)

    def _check_range(self, headers: dict[str, str], start: int, end: int, size: int) -> None:
        if headers.get("content-range") != f"bytes {start}-{end - 1}/{size}":
            raise _lying("answers with a different range than the requested one")
        if headers.get("content-encoding", "identity") != "identity":
            raise _lying("compresses a response although the request forbids it")

    def _body(self, response: httpcore.Response, length: int) -> bytes:
        data = b"".join(_some(response, length + 1, self.meter))
        if len(data) != length:
            raise _lying("sent a different number of bytes than it announced")
        return data


def _some(response: httpcore.Response, length: int, meter: Meter) -> Iterator[bytes]:
    """Yield the first bytes of a response, without waiting for the rest."""
    for chunk in response.iter_stream():
        meter.took(len(chunk))
        yield chunk[:length]
        length -= len(chunk)
        if length <= 0:
            return


def _total(headers: dict[str, str]) -> int:
    found = _RANGE.fullmatch(headers.get("content-range", ""))
    if found is None:
        raise _lying("does not say which part of the file it sends, or how long the file is")
    return int(found[3])


def _refuse_page(first: bytes, content_type: str | None) -> None:
    """Reject a web page."""
    if content_type in ("text/html", "application/xhtml+xml") or _PAGE.match(first):
        raise Unreadable(
            "web_page",
            "It is a web page or another text, not a video.",
            "Give a direct download link, such as a presigned S3 URL.",
            severity="error",
        )


def _refused(error: Exception) -> Unreadable:
    """Return the failure of a link to a host that it must not reach."""
    return Unreadable(
        "refused_address",
        f"Nothing was read. {error}",
        "Put the file where the public internet can download it. For your own private storage, use private_hosts.",
        severity="error",
    )


def _lying(how: str) -> Unreadable:
    return Unreadable(
        "ranges_wrong",
        f"The server {how}, so its responses cannot be checked.",
        "Put the file on a server that supports ranges, such as an object store, or check a local copy.",
    )


def _status(status: int) -> Unreadable:
    # 408, 425, 429 and server errors are temporary
    is_final = 400 <= status < 500 and status not in (408, 425, 429)
    return Unreadable(
        f"http_{status}",
        f"The server answers {status} to a download.",
        "Give a link that downloads the file without a login; sign it anew if it has expired."
        if is_final
        else "Try again. If the error persists, ask the operator of the server.",
        severity="error" if is_final else "unknown",
    )


def _failed(error: Exception) -> Unreadable:
    if isinstance(error, socket.gaierror):
        if error.errno == socket.EAI_NONAME:
            return Unreadable("no_host", "The host does not exist.", "Check the link's host.", severity="error")
        return Unreadable("dns", "The host could not be resolved.", "Try again.")
    # A TLS error after the connection was made only means that the connection broke.
    if isinstance(error, httpcore.ConnectError) and isinstance(error.__cause__ or error.__context__, ssl.SSLError):
        return Unreadable("tls", "No trusted TLS connection could be made.", "Check the server's certificate.")
    if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout):
        return Unreadable("connect", "No connection could be made.", "Try again; check the link's host and port.")
    if isinstance(error, httpcore.TimeoutException):
        return Unreadable("timeout", "The server stopped responding.", "Try again.")
    return Unreadable("broken", "The connection broke, or the response was not HTTP.", "Try again.")
