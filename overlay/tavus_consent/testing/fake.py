"""The fake, with the ways to reach it: clients in process, and a server."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final

from ._service import FakeService

if TYPE_CHECKING:
    from tavus_consent import AsyncTavus, Tavus

_BASE_URL: Final = "https://tavusapi.com"


class FakeTavus(FakeService):
    """A model of Tavus as a client sees it: replicas that train over time, callbacks, refusals and failures.

    It checks requests against the specification that ships with this package, and its answers conform to it. Several
    threads may use it.

    ::

        fake = FakeTavus()
        tavus = fake.client()                          # in process, no socket
        replica = tavus.replicas.create_non_human(...)
        fake.advance(hours=4)                          # or tavus.replicas.wait(...), which returns at once
        fake.fail_training("video_fps")                # the next one will fail
        fake.inject(Fault(status=503), times=2)        # so will the next two requests

    Args:
        api_key: The only key that it accepts.
        now: The start of its clock; an aware date. The default is the present.
        training_time: The duration of a training.
        seed: Determines the ids.
        unknown: What becomes of members of a request that the specification does not have. ``"warn"`` keeps them, shows
            them in answers and warns with a :class:`FakeWarning`; ``"refuse"`` answers 400.
        stock: The objects of the service. ``"tavus"`` has a few; ``"all"`` also has the ids that LiveKit, pipecat and
            Tavus's examples use; or pass lists of objects by kind: ``{"replica": [{"id": "r1"}]}``. A kind that is not
            in the mapping has the stock of ``"tavus"``.
        dialect: How it answers where sources disagree.

    Attributes:
        api_key: The only key that it accepts.
        clock: Its clock.
        training_time: The duration of trainings that start from now on.
        unknown: What becomes of members that the specification does not have.
        dialect: How it answers where sources disagree.

    Raises:
        MissingExtraError: The extra ``testing`` is not installed.
        ConfigurationError: ``now`` is not aware, ``training_time`` is negative, ``unknown`` has another
            value, or ``stock`` is not a stock.
    """

    def client(self, **options: Any) -> Tavus:
        """Return a client that calls this fake in process. Its waiting advances the fake's clock.

        Args:
            **options: Arguments of :class:`~tavus_consent.Tavus`; they override the defaults of the fake.
        """
        from tavus_consent.client import Tavus

        return Tavus(**self._client_options(options))

    def async_client(self, **options: Any) -> AsyncTavus:
        """Return an async client that calls this fake in process. Its waiting advances the fake's clock.

        Args:
            **options: Arguments of :class:`~tavus_consent.AsyncTavus`; they override the defaults of the fake.
        """
        from tavus_consent.client import AsyncTavus

        return AsyncTavus(**self._client_options(options))

    def _client_options(self, options: dict[str, Any]) -> dict[str, Any]:
        from .transports import FakeTransport

        return {
            "api_key": self.api_key,
            "base_url": _BASE_URL,
            "clock": self.clock,
            "transport": FakeTransport(self),
            "ledger": None,
            **options,
        }

    def serve(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float = 0,
        conversation_speed: float = 1,
        allow_hosts: Iterable[str] = (),
        allow_origins: Iterable[str] = (),
    ) -> AbstractContextManager[str]:
        """Serve this fake over HTTP from a thread, for the length of a ``with`` block.

        Args:
            host: The address to listen on.
            port: The port; 0 selects a free one.
            speed: Seconds on the fake's clock per real second; with 0 only :meth:`advance` moves it.
            conversation_speed: Seconds of a conversation per real second, if the clock runs. People and programs take
                part in real time, so the timeouts of a conversation do not follow ``speed``.
            allow_hosts: Host names that clients use, besides IP addresses, ``localhost`` and ``host``.
            allow_origins: Origins of allowed web pages, for example ``"http://localhost:5173"``.

        Returns:
            A context manager that returns the base URL.

        Raises:
            MissingExtraError: The extra ``mock`` is not installed.
            ConfigurationError: The address, the speed, a host or an origin cannot be used.
        """
        from .server import running

        return running(
            self,
            host=host,
            port=port,
            speed=speed,
            conversation_speed=conversation_speed,
            allow_hosts=allow_hosts,
            allow_origins=allow_origins,
        )
