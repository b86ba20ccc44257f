"""Rules that restrict links to public hosts. They apply where connections are made, so that no code bypasses them.

Links come from the users of our callers. A link may name, resolve to or redirect to an address inside a network. Then
the machine that checks it would read there on a stranger's behalf (server-side request forgery).
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

import httpcore
import httpx
from attrs import field, frozen

from tavus_consent._arguments import check_has, check_list, check_str, valid
from tavus_consent._frames import hides_locals
from tavus_consent._trust import trusted

from ._hosts import is_public, within
from .links import split_link

Resolver: TypeAlias = Callable[[str, int], Iterable[str]]

CONNECT_TIMEOUT: Final = 5.0
"""The time limit for connecting to one address, in seconds."""
_MAX_ADDRESSES: Final = 4

# The networks that an allow list can permit. Link-local is not one, because clouds serve their credentials there.
_PRIVATE: Final = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
    )
)


class RefusedAddress(Exception):
    """A host to which connections are not allowed. ``str()`` gives the reason, without the link."""


def resolve(host: str, port: int) -> list[str]:
    """Resolve the addresses of a host. The settings of the system limit the time."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@lru_cache(maxsize=1)
def _default_tls() -> ssl.SSLContext:
    return trusted()


def _lower(hosts: Iterable[str]) -> frozenset[str]:
    return frozenset(check_str(host, "private_hosts").lower() for host in check_list(hosts, "private_hosts"))


def _has(name: str, takes: str) -> Any:
    return valid(check_has, names=(name,), takes=takes)


@hides_locals
@frozen(kw_only=True)
class Reach:
    """The hosts that a link may reach.

    Attributes:
        private_hosts: Hosts of private storage that a link may reach, each ``"host"`` or ``"host:port"`` as in the
            link. Such a host may be in a private network or on this machine. On this machine, it may use ``http``.
            Link-local addresses stay blocked.
        resolver: A function that returns the addresses of a host and port; by default, the system's resolver.
        backend: The backend that connects to a permitted address.
        tls: The TLS context with the trusted certificates; by default, a client's.
    """

    private_hosts: frozenset[str] = field(default=(), converter=_lower)
    resolver: Resolver = field(default=resolve, validator=_has("__call__", "a function"))
    backend: httpcore.NetworkBackend = field(
        factory=httpcore.SyncBackend, repr=False, validator=_has("connect_tcp", "an httpcore.NetworkBackend")
    )
    tls: ssl.SSLContext = field(factory=_default_tls, repr=False, validator=_has("wrap_bio", "an ssl.SSLContext"))

    def check_url(self, url: str, *, name: str) -> httpx.URL:
        """Reject an invalid URL before its host is resolved.

        Args:
            url: The link, or the target of a redirect.
            name: The name of the argument that has the link, for messages.

        Raises:
            InvalidLinkError: The URL is not https, contains a user name, or has an invalid host. ``http`` is allowed
                for hosts on this machine that are in ``private_hosts``.
            RefusedAddress: The URL is ``http``, and its host is not in ``private_hosts``.
        """
        parts = split_link(url, field=name)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        if parts.scheme != "https" and not self._is_allowed(host, port):
            raise RefusedAddress("The link is http, and its host is not in private_hosts.")
        return httpx.URL(parts._replace(fragment="").geturl())  # the host in the form that was checked, not as written

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of a host, all of which are permitted.

        Raises:
            RefusedAddress: An address is not public, and the host is not in ``private_hosts``.
            OSError: The host has no address.
        """
        found = [ipaddress.ip_address(address) for address in self.resolver(host, port)]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        private = _PRIVATE if self._is_allowed(host, port) else ()
        for address in found:
            # One private address makes the whole answer invalid, because DNS rebinding attacks use mixed answers.
            if not is_public(address) and not within(address, private):
                raise RefusedAddress("Its host has an address that is not public.")
        return [str(address) for address in found[:_MAX_ADDRESSES]]

    def _is_allowed(self, host: str, port: int) -> bool:
        shown = f"[{host}]" if ":" in host else host
        return bool({host, shown, f"{shown}:{port}"} & self.private_hosts)


class DeadlineStream(httpcore.NetworkStream):
    """A stream that limits each operation to the time that is left, so that a slow response ends, too.

    Args:
        stream: The wrapped stream.
        left: A function that returns the seconds left, and raises an error if none are left.
    """

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[], float]) -> None:
        self._stream = stream
        self._left = left

    def _limit(self, timeout: float | None) -> float:
        left = self._left()
        return left if timeout is None else min(timeout, left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read from the wrapped stream."""
        return self._stream.read(max_bytes, self._limit(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write to the wrapped stream."""
        self._stream.write(buffer, self._limit(timeout))

    def close(self) -> None:
        """Close the wrapped stream."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Start TLS on the wrapped stream. The time limit also applies to the new stream."""
        return DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, self._limit(timeout)), self._left)

    def get_extra_info(self, info: str) -> Any:
        """Return extra information of the wrapped stream."""
        return self._stream.get_extra_info(info)


class Gate(httpcore.NetworkBackend):
    """A network backend that connects only to vetted addresses, and ends every wait when the time is up.

    It resolves each host once and connects to the vetted addresses, so a later change of DNS has no effect.

    Args:
        reach: The permitted hosts.
        left: A function that returns the seconds left, and raises an error if none are left.
    """

    def __init__(self, reach: Reach, left: Callable[[], float]) -> None:
        self._reach = reach
        self._left = left
        self._vetted: dict[tuple[str, int], Sequence[str]] = {}

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first vetted address that answers."""
        if (host, port) not in self._vetted:
            self._vetted[host, port] = self._reach.addresses(host, port)
        failure: Exception | None = None
        for address in self._vetted[host, port]:
            limit = min(CONNECT_TIMEOUT, self._left())
            try:
                stream = self._reach.backend.connect_tcp(address, port, limit)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            self._vetted[host, port] = [address]  # do not wait for the other addresses again
            return DeadlineStream(stream, self._left)
        raise failure or httpcore.ConnectError
