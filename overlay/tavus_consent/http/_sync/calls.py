# Derived from ../_async/calls.py by scripts/derive_sync.py, do not edit.
"""An httpx client that runs each call as one conversation of :mod:`tavus_consent.http.retry`."""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import httpx

from tavus_consent import errors
from tavus_consent._clock import Clock, ServerClock
from tavus_consent._frames import hides_locals
from tavus_consent._loggers import IN_CALL, quieten
from tavus_consent.http.answers import Answer, Failure
from tavus_consent.http.guard import Guard, concerns
from tavus_consent.http.interception import Plain, plain
from tavus_consent.http.lifeline import Lifeline
from tavus_consent.http.outcome import fail, finish
from tavus_consent.http.pool import SyncTransports
from tavus_consent.http.preparing import Prepared, Preparer
from tavus_consent.http.retry import Send, conversation

if TYPE_CHECKING:
    from tavus_consent.http.settings import Settings


@hides_locals
class Calls(Plain, httpx.Client):
    """An httpx client that drives conversations. A subclass makes the attempts.

    Without a guard, everything is sent: for requests that were decided already.

    Attributes:
        notice: Takes the body and the answer of each request with a ``callback_url``.
    """

    notice: Callable[[Mapping[str, Any], Any], None] | None = None

    def __init__(
        self,
        pool: SyncTransports,
        settings: Settings,
        lifeline: Lifeline,
        clock: Clock,
        rng: random.Random,
        server_clock: ServerClock,
        guard: Guard | None = None,
    ) -> None:
        quieten()
        super().__init__(base_url=settings.base_url, **plain())
        self._pool = pool
        self._preparer = Preparer(settings, lifeline)
        self._clock = clock
        self._rng = rng
        self._guard = guard
        self._server_clock = server_clock

    def check_request(self, request: Mapping[str, Any]) -> None:
        """Refuse a request whose arguments its operation does not take, before anything is sent."""
        self._preparer.check(request)

    def request(self, method: str, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """Carry out one call."""
        prepared = self._preparer.prepare(method, url, **arguments)
        guard = self._guard
        if guard is None or not concerns(prepared.call):
            return self._converse(prepared)
        admitted = guard.admit(prepared.call, prepared.use)
        try:
            response = self._converse(prepared)
        except errors.TavusError as error:
            guard.settle(admitted, error)
            raise
        guard.settle(admitted, response.extensions["parsed"])
        return response

    def _converse(self, prepared: Prepared) -> httpx.Response:
        talk = conversation(prepared.call, self._clock, self._rng, self._server_clock)
        begin = self._clock.monotonic()
        outcome: Answer | Failure | None = None
        in_call = IN_CALL.set(True)
        try:
            while True:
                step = talk.send(outcome)
                if isinstance(step, Send):
                    outcome = self._attempt(prepared.request, step)
                else:
                    self._clock.sleep(step.seconds)
                    outcome = None
        except StopIteration as stop:
            response = finish(prepared, stop.value, self._clock.monotonic() - begin)
            self._noticed(prepared, response)
            return response
        except errors.CallError as error:
            fail(prepared, error, self._clock.monotonic() - begin)
            raise
        finally:
            IN_CALL.reset(in_call)

    def send(self, request: httpx.Request, **_: Any) -> httpx.Response:
        """Refuse to send. A request that was built elsewhere would bypass the rules of this client."""
        raise errors.InvalidRequestError("use request(): send() and stream() would bypass retries and redaction")

    def _noticed(self, prepared: Prepared, response: httpx.Response) -> None:
        """Show a request that names a callback address, and its answer, to the owner of the addresses."""
        sent = prepared.call.body
        if self.notice is not None and isinstance(sent, Mapping) and "callback_url" in sent:
            self.notice(sent, response.extensions["parsed"])

    @abstractmethod
    def _attempt(self, request: httpx.Request, step: Send) -> Answer | Failure:
        """Make one attempt."""
