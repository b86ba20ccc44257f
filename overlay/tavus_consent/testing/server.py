"""The fake over HTTP.

uvicorn was chosen because it is small and well maintained. ASGI gives an application no way to break a connection,
which is the most important fault. So the protocol class below provides one, as an extension in the scope.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from types import FrameType
from typing import TYPE_CHECKING, Final

from tavus_consent import ConfigurationError, MissingExtraError

from ._access import Access, access
from ._asgi import HANG_UP, FakeApp

try:
    import uvicorn
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
except ImportError:
    raise MissingExtraError("mock", "serving the fake over HTTP") from None

if TYPE_CHECKING:
    from ._service import FakeService

_GRACE_SECONDS: Final = 0.5


class _Protocol(HttpToolsProtocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Head and body are sent in two writes; Nagle's algorithm would delay the second one by 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {HANG_UP: self.transport.close}  # type: ignore[dict-item]


class _Server(uvicorn.Server):
    def __init__(self, fake: FakeService, access: Access, on_ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            FakeApp(fake, access),
            http=_Protocol,
            ws="none",
            loop="asyncio",
            lifespan="on",
            log_config=None,  # the application configures its own logging
            log_level="error",
            access_log=False,
            proxy_headers=False,  # a header must not decide which client is on loopback
            server_header=False,
            date_header=False,  # the application sends the date of the fake
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn would wait for clients that await a late answer, or have stopped in the middle of a request. Answers
        # in transit still arrive; a client that does not read them is disconnected.
        connections = list(self.server_state.connections)
        for connection in connections:
            connection.transport.close()

        def abort() -> None:
            for connection in connections:
                connection.transport.abort()

        cut = asyncio.get_running_loop().call_later(_GRACE_SECONDS, abort)
        await super().shutdown(sockets)
        cut.cancel()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn raises the signal again at the end, which would kill the process during its own clean-up.
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def serve(
    fake: FakeService,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    speed: float = 1.0,
    conversation_speed: float = 1.0,
    allow_hosts: Iterable[str] = (),
    allow_origins: Iterable[str] = (),
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve a fake over HTTP until the process gets SIGINT (Ctrl-C) or SIGTERM. Then it returns.

    Args:
        fake: The fake.
        host: The address to listen on.
        port: The port; 0 selects a free one.
        speed: Seconds on the fake's clock per real second.
        conversation_speed: Seconds of a conversation per real second, if the clock runs.
        allow_hosts: Host names that clients use, besides IP addresses, ``localhost`` and ``host``.
        allow_origins: Origins of allowed web pages, for example ``"http://localhost:5173"``.
        on_ready: Called with the base URL when the server accepts requests.

    Raises:
        ConfigurationError: The address, the speed, a host or an origin cannot be used.
    """
    allowed = access(host, allow_hosts, allow_origins)
    with _listen(fake, host, port, speed, conversation_speed) as (listener, base_url), suppress(KeyboardInterrupt):
        _Server(fake, allowed, lambda: on_ready(base_url) if on_ready else None).run(sockets=[listener])


@contextmanager
def running(
    fake: FakeService,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    speed: float = 0.0,
    conversation_speed: float = 1.0,
    allow_hosts: Iterable[str] = (),
    allow_origins: Iterable[str] = (),
) -> Iterator[str]:
    """Serve a fake over HTTP from a thread, for the length of a ``with`` block, which gets the base URL.

    Raises:
        ConfigurationError: The address, the speed, a host or an origin cannot be used.
    """
    allowed = access(host, allow_hosts, allow_origins)
    with _listen(fake, host, port, speed, conversation_speed) as (listener, base_url):
        ready = Event()
        server = _Server(fake, allowed, ready.set)

        def run() -> None:
            try:
                server.run(sockets=[listener])
            finally:
                ready.set()

        thread = Thread(target=run, name=f"FakeTavus {base_url}", daemon=True)
        thread.start()
        ready.wait()
        try:
            yield base_url
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def _listen(
    fake: FakeService, host: str, port: int, speed: float, conversation_speed: float
) -> Iterator[tuple[socket.socket, str]]:
    """Open a socket and return it with its URL; meanwhile, the fake's clock runs at the given speed."""
    if not 0 < conversation_speed < float("inf"):
        raise ConfigurationError(f"conversation_speed must be more than 0, not {conversation_speed}")
    if not 0 <= port <= 65535:
        raise ConfigurationError(f"cannot listen on port {port}: ports go from 0 to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {host} port {port}: {error}") from None
    with listener:
        name = f"[{host}]" if family == socket.AF_INET6 else host
        before = fake.clock.speed, fake.conversation_speed
        fake.clock.run(speed)
        fake.conversation_speed = conversation_speed
        try:
            yield listener, f"http://{name}:{listener.getsockname()[1]}"
        finally:
            fake.clock.run(before[0])
            fake.conversation_speed = before[1]
