"""Hosts of links: convert them to the form that DNS uses, and tell if they are public. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final, TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC_LABEL: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")

# Copied from IANA's registries of special addresses, because the results of ipaddress.is_global differ between versions
# of Python. Public IPv6 addresses are all in 2000::/3. So mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96), unique local
# (fc00::/7) and link-local addresses need no row.
_GLOBAL_V6: Final = ipaddress.ip_network("2000::/3")
_SPECIAL: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
            *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            "168.63.129.16/32",  # Azure's own services use it, although the registries list it as public
            *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),  # Teredo and others, examples, 6to4, examples
        ),
    )
)

# Names that no public resolver resolves: RFC 6761, RFC 6762 (appendix G), RFC 7686, RFC 8375, ICANN's reserved
# .internal and the undelegated .corp, .home and .mail. ".example" is not listed, because tests and documents use it.
_NOT_PUBLIC: Final = (
    *(".localhost", ".local", ".internal", ".home.arpa", ".test", ".invalid", ".onion", ".alt"),
    *(".intranet", ".private", ".corp", ".home", ".lan", ".mail", ".localdomain"),
    # Public names that resolve to private addresses.
    *(".fritz.box", ".localtest.me", ".lvh.me", ".vpce.amazonaws.com", ".vpce.amazonaws.com.cn"),
)
# Services that resolve a name to the address in it: 10.0.0.5.nip.io, app-192-168-1-2.sslip.io.
_ADDRESS_IN_NAME: Final = re.compile(
    r"(?:.*[.-])?([0-9]{1,3}(?:[.-][0-9]{1,3}){3})\.(?:nip\.io|sslip\.io|traefik\.me)", re.ASCII
)


@lru_cache(maxsize=64)
def ascii_host(host: str) -> str | None:
    """Return a host name or address in the form that DNS uses, or ``None`` if it is invalid."""
    try:
        if host.startswith("["):
            return f"[{ipaddress.IPv6Address(host[1:-1])}]"
        name = (host if host.isascii() else _encode(host)).lower()
        bare = name.removesuffix(".")
        labels = bare.split(".")
        for label in labels:
            if label.startswith("xn--"):
                label.removeprefix("xn--").encode("ascii").decode("punycode")
        if _NUMERIC_LABEL.fullmatch(labels[-1]):  # some clients treat 127.1 and 0x7f000001 as addresses
            return str(ipaddress.IPv4Address(name))
    except ValueError:
        return None
    return name if len(bare) <= 253 and all(map(_LABEL.fullmatch, labels)) else None


def _encode(host: str) -> str:
    import idna  # httpx depends on it; few links need it

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        # IDNA 2003 allows more names, such as names with emoji. Browsers still open them.
        return host.encode("idna").decode("ascii")


def is_public(address: Address) -> bool:
    """Return True if an address belongs to the public internet."""
    if address.version == 6 and address not in _GLOBAL_V6:
        return False
    return not within(address, _SPECIAL)


def within(address: Address, networks: Collection[Any]) -> bool:
    """Return True if an address is in one of the networks."""
    return any(address in network for network in networks)


@lru_cache(maxsize=64)
def is_reachable(host: str) -> bool:
    """Return True unless the name or address of a host shows that the public internet cannot reach it."""
    try:
        return is_public(ipaddress.ip_address(host))
    except ValueError:
        pass
    name = host.removesuffix(".")
    if "." not in name or f".{name}".endswith(_NOT_PUBLIC):
        return False
    named = _ADDRESS_IN_NAME.fullmatch(name)
    if named is None:
        return True
    try:
        return is_public(ipaddress.IPv4Address(named[1].replace("-", ".")))
    except ValueError:
        return True
