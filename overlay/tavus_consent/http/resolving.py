"""Name resolution and connection to one of the addresses, both with a deadline, for threads."""

from __future__ import annotations

import ipaddress
import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from itertools import zip_longest
from typing import Any, Final, NamedTuple

ATTEMPT_DELAY: Final = 0.25
"""Seconds until the next address is tried in parallel with the earlier ones (RFC 8305, section 5)."""


NO_ADDRESS: Final = "the host has no address"


class Address(NamedTuple):
    """A socket address and its family."""

    family: int
    where: tuple[Any, ...]


def resolve(host: str, port: int, end: float) -> list[Address]:
    """Return the addresses of a host.

    Python cannot interrupt a resolver. So it runs in a daemon thread, which is abandoned at the deadline.

    Raises:
        TimeoutError: The resolver did not answer in time.
        OSError: The host has no address.
    """
    numeric = find_numeric(host, port)
    if numeric is not None:
        return [numeric]
    found: list[list[Address] | Exception] = []
    done = threading.Event()

    def look_up() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.append([Address(family, where) for family, _, _, _, where in answers])
        except Exception as error:
            found.append(error)
        done.set()

    threading.Thread(target=look_up, name="tavus-consent-resolver", daemon=True).start()
    if not done.wait(end - time.monotonic()):
        raise TimeoutError("the host name was not resolved in time")
    (outcome,) = found
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


@lru_cache(maxsize=64)
def find_numeric(host: str, port: int) -> Address | None:
    """Return the address if the host is a numeric one, or ``None``. Leave zones (``fe80::1%eth0``) to the resolver."""
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        return None
    if version == 4:
        return Address(socket.AF_INET, (host, port))
    return None if "%" in host else Address(socket.AF_INET6, (host, port, 0, 0))


def is_readable(sock: Any) -> bool:
    """Return whether an idle connection has data to read, which means that the server closed it."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return bool(selector.select(0))


def in_turns(addresses: Iterable[Address]) -> list[Address]:
    """Alternate between address families, beginning with that of the first address (RFC 8305, section 4)."""
    families: dict[int, list[Address]] = {}
    for one in addresses:
        families.setdefault(one.family, []).append(one)
    return [one for turn in zip_longest(*families.values()) for one in turn if one is not None]


def stagger(count: int, seconds: float | None) -> float:
    """Return the delay between attempts, short enough for every attempt to begin in time."""
    return ATTEMPT_DELAY if seconds is None else min(ATTEMPT_DELAY, seconds / (count + 1))


def connect(addresses: Iterable[Address], end: float) -> socket.socket:
    """Connect to the address that answers first. Stagger the attempts within one deadline (RFC 8305, section 5).

    Raises:
        TimeoutError: No address answered in time.
        OSError: No address can be reached.
    """
    waiting = deque(in_turns(addresses))
    if len(waiting) == 1:  # a selector would double the time that this takes
        return _connect_alone(waiting[0], end)
    delay = stagger(len(waiting), end - time.monotonic())
    turn = 0.0
    begun: list[socket.socket] = []
    problems: dict[str, None] = {}  # an ordered set
    winner: socket.socket | None = None
    try:
        with selectors.DefaultSelector() as selector:
            while winner is None and (waiting or selector.get_map()):
                now = time.monotonic()
                if now >= end:
                    raise TimeoutError("no address answered in time")
                try:
                    if waiting and now >= turn:
                        selector.register(sock := _begin(waiting.popleft(), begun), selectors.EVENT_WRITE, sock)
                        turn = now + delay
                    for key, _ in selector.select((min(turn, end) if waiting else end) - now):
                        selector.unregister(key.data)
                        _check(key.data)
                        winner = key.data
                        break
                except OSError as error:
                    problems[str(error)] = None
                    turn = 0.0  # the next address need not wait
    finally:
        for sock in begun:
            if sock is not winner:
                sock.close()
    if winner is None:
        raise OSError("; ".join(problems) or NO_ADDRESS)
    return winner


def _connect_alone(address: Address, end: float) -> socket.socket:
    sock = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        sock.settimeout(max(0.001, end - time.monotonic()))
        sock.connect(address.where)
    except BaseException:
        sock.close()
        raise
    return sock


def _begin(address: Address, begun: list[socket.socket]) -> socket.socket:
    """Begin to connect, without waiting."""
    sock = socket.socket(address.family, socket.SOCK_STREAM)
    begun.append(sock)
    sock.setblocking(False)
    with suppress(BlockingIOError):
        sock.connect(address.where)
    return sock


def _check(sock: socket.socket) -> None:
    """Raise the error of an attempt, unless it succeeded."""
    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))
