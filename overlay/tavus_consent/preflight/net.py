"""What keeps a link from reaching what is not public. The rules stand where connections are made: nothing gets past.

Links come from users of our users. A link that names, resolves to or redirects to an address inside a network would
make the machine that checks it read there on a stranger's behalf (server-side request forgery).
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
"""Seconds for one address to answer."""
_MAX_ADDRESSES: Final = 4

# What an allow-list can open. Not link-local: there the clouds keep their credentials.
_PRIVATE: Final = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
    )
)


class RefusedAddress(Exception):
    """A host that may not be connected to. ``str()`` says why, without the link."""


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host. How long that may take is the system's setting."""
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
    """What a link may reach.

    Attributes:
        private_hosts: Hosts of private storage that may be read although they are not public, each ``"host"`` or
            ``"host:port"``, as it stands in the link. Such a host may lie in a private network or on this machine, and
            on this machine it may speak ``http``. Link-local addresses stay closed.
        resolver: Gives the addresses of a host and port; the system's by default.
        backend: Connects to an address that passed.
        tls: The certificates that are trusted; by default those that a client trusts.
    """

    private_hosts: frozenset[str] = field(default=(), converter=_lower)
    resolver: Resolver = field(default=resolve, validator=_has("__call__", "a function"))
    backend: httpcore.NetworkBackend = field(
        factory=httpcore.SyncBackend, repr=False, validator=_has("connect_tcp", "an httpcore.NetworkBackend")
    )
    tls: ssl.SSLContext = field(factory=_default_tls, repr=False, validator=_has("wrap_bio", "an ssl.SSLContext"))

    def check_url(self, url: str, *, name: str) -> httpx.URL:
        """Refuse a URL that is wrong before anything is resolved.

        Args:
            url: The link, or where it redirects to.
            name: What the link was given as, for messages.

        Raises:
            InvalidLinkError: It is not https, holds a user, or names a host that cannot exist; ``http`` passes for
                hosts on this machine that are in ``private_hosts``.
            RefusedAddress: It is ``http`` and not allowed.
        """
        parts = split_link(url, field=name)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        if parts.scheme != "https" and not self._is_allowed(host, port):
            raise RefusedAddress("It is http on this machine, which is not in private_hosts.")
        return httpx.URL(parts._replace(fragment="").geturl())  # the host as it was checked, not as it was written

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host, all of which may be connected to.

        Raises:
            RefusedAddress: One of them is not public, and the host is not in ``private_hosts``.
            OSError: The host has no address.
        """
        found = [ipaddress.ip_address(address) for address in self.resolver(host, port)]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        private = _PRIVATE if self._is_allowed(host, port) else ()
        for address in found:
            # One bad address spoils the answer: a mixed one is how a host is made to change sides between two looks.
            if not is_public(address) and not within(address, private):
                raise RefusedAddress("Its host has an address that is not public.")
        return [str(address) for address in found[:_MAX_ADDRESSES]]

    def _is_allowed(self, host: str, port: int) -> bool:
        shown = f"[{host}]" if ":" in host else host
        return bool({host, shown, f"{shown}:{port}"} & self.private_hosts)


class DeadlineStream(httpcore.NetworkStream):
    """A stream whose every operation ends with the time that is left, so that a trickle of bytes does, too.

    Args:
        stream: The stream itself.
        left: Seconds that are left; raises when none are.
    """

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[], float]) -> None:
        self._stream = stream
        self._left = left

    def _limit(self, timeout: float | None) -> float:
        left = self._left()
        return left if timeout is None else min(timeout, left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As the stream does."""
        return self._stream.read(max_bytes, self._limit(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As the stream does."""
        self._stream.write(buffer, self._limit(timeout))

    def close(self) -> None:
        """As the stream does."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """As the stream does. What is read and written through TLS ends with the time as well."""
        return DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, self._limit(timeout)), self._left)

    def get_extra_info(self, info: str) -> Any:
        """As the stream does."""
        return self._stream.get_extra_info(info)


class Gate(httpcore.NetworkBackend):
    """Connects to vetted addresses alone, and ends every wait when the time is up.

    A host is resolved once: what was vetted is what is connected to, however often its DNS answer changes.

    Args:
        reach: What may be reached.
        left: Seconds that are left; raises when none are.
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
            self._vetted[host, port] = [address]  # the others are not waited for again
            return DeadlineStream(stream, self._left)
        raise failure or httpcore.ConnectError
