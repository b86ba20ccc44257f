"""Decides which requests the served fake accepts. Pure: headers in, a refusal out.

Any web page can make a browser on this machine send requests here. A page cannot choose the headers ``Host`` and
``Origin``, nor send JSON across origins without a preflight request. These three checks identify such requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address
from types import MappingProxyType
from typing import Final

from attrs import frozen

from tavus_consent import ConfigurationError

from ._control import PREFIX
from ._messages import FakeResponse, answer

MAX_BODY: Final = 16 * 2**20
"""The maximum size of a request body, in bytes."""

TOO_LARGE: Final = answer(413, {"error": f"a body has at most {MAX_BODY} bytes"})

_HOST: Final = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(?::[0-9]{1,5})?", re.ASCII)
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@*,]+", re.ASCII)
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@frozen
class Access:
    """The requests that a served fake accepts.

    Attributes:
        hosts: Allowed host names, besides IP addresses and ``localhost``.
        origins: Origins of allowed web pages.
    """

    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()

    def refusal(self, method: str, path: str, headers: Mapping[str, Sequence[str]]) -> FakeResponse | None:
        """Return the answer to a refused request, or ``None``.

        Args:
            method: HTTP method, upper case.
            path: Path, percent-encoded.
            headers: All values of each header, by lower-case name.
        """
        host = headers.get("host", ())
        if len(host) != 1:
            return answer(400, {"error": "a request needs one Host header"})
        found = _HOST.fullmatch(host[0].lower())
        if found is None:
            return answer(400, {"error": "the Host header is malformed"})
        if not self._answers_to(found[1]):
            name = found[1]
            return answer(403, {"error": f"unknown host {name}: use --allow-host {name} or allow_hosts=[{name!r}]"})
        if not all(self._trusts(origin, host[0]) for origin in headers.get("origin", ())):
            hint = "use --allow-origin or allow_origins= if you trust the page"
            return answer(403, {"error": f"the Origin of this request is not allowed: {hint}"})
        if method == "POST" and path.startswith(PREFIX) and _media_type(headers) != "application/json":
            return answer(415, {"error": "send application/json, even with an empty body"})
        if any(int(length) > MAX_BODY for length in headers.get("content-length", ()) if length.isdecimal()):
            return TOO_LARGE
        return None

    def preflight(self, method: str, headers: Mapping[str, Sequence[str]]) -> FakeResponse | None:
        """Return the answer to a browser's preflight request, or ``None``."""
        wanted = headers.get("access-control-request-method")
        if method != "OPTIONS" or not wanted or not headers.get("origin"):
            return None
        return FakeResponse(
            204,
            {
                "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
                "access-control-allow-headers": ", ".join(headers.get("access-control-request-headers", ())),
                "access-control-max-age": "600",
            },
        )

    def shared(self, headers: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
        """Return the headers of an answer that let a trusted page read it (CORS)."""
        if not self.origins:
            return _NOTHING
        for origin in headers.get("origin", ()):
            if origin.lower() in self.origins:
                return {
                    "access-control-allow-origin": origin,
                    "access-control-expose-headers": "*",
                    "vary": "origin",
                }
        return {"vary": "origin"}

    def _answers_to(self, host: str) -> bool:
        # An attacker can point a domain name to this machine, but not an address or localhost.
        name = host.removesuffix(".")
        return name == "localhost" or name.endswith(".localhost") or name in self.hosts or _is_address(host)

    def _trusts(self, origin: str, host: str) -> bool:
        same = [f"{scheme}://{host.lower()}" for scheme in ("http", "https")]
        return origin.lower() in self.origins or origin.lower() in same


def access(bound: str, hosts: Iterable[str] = (), origins: Iterable[str] = ()) -> Access:
    """Return the access rules of a fake.

    Args:
        bound: The address or name that it listens on.
        hosts: Further host names.
        origins: Origins of web pages.

    Raises:
        ConfigurationError: A host or an origin is malformed.
    """
    hosts, origins = ([given] if isinstance(given, str) else list(given) for given in (hosts, origins))
    for host in hosts:
        found = _HOST.fullmatch(host.lower())
        if found is None or found[0] != found[1]:
            raise ConfigurationError(f"cannot allow the host {host!r}: pass a name without a port, such as 'fake'")
    for origin in origins:
        if not _ORIGIN.fullmatch(origin.lower().removesuffix("/")):
            raise ConfigurationError(
                f"cannot allow the origin {origin!r}: pass scheme, host and port, such as 'http://localhost:5173'"
            )
    return Access(
        frozenset(host.lower().removesuffix(".") for host in (bound, *hosts)),
        frozenset(origin.lower().removesuffix("/") for origin in origins),
    )


def _media_type(headers: Mapping[str, Sequence[str]]) -> str:
    return ",".join(headers.get("content-type", ())).partition(";")[0].strip().lower()


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
