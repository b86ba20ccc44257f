"""A stateful model of Tavus. It does no I/O: requests and answers are values, and you advance its clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, timedelta
from threading import RLock
from typing import Any, Final, Literal

from attrs import define, evolve, frozen

from tavus_consent import ConfigurationError

from ._actions import ACTIONS
from ._dialect import Dialect
from ._kinds import REPLICA
from ._messages import FakeRequest, FakeResponse, answer, in_header
from ._operations import FakeOperation
from ._own_routes import own_client_router
from ._resources import Resource, http_date
from ._routes import RouteMatch, shipped_router
from ._samples import sampled
from ._stock import Stock, resource_of, stocked
from ._store import ObjectStore
from ._things import Callback
from ._validation import InvalidRequest
from ._verbs import FakeCall, Refusal, admit, refuse
from .clock import FakeClock
from .faults import Fault

LOG_LENGTH: Final = 10_000

_UNAUTHORIZED: Final = answer(401, {"message": "Invalid access token"})
_NO_SUCH_PATH: Final = evolve(answer(404, {"message": "Not Found"}), reason="path: the API has no such path")


@frozen
class LoggedRequest(FakeRequest):
    """A request that the fake has received, without its key.

    Attributes:
        operation: The operationId, or ``None`` if the API has no such operation.
        status: The status of the answer, or ``None`` if the connection was dropped.
        reason: Why the fake refused it, for example ``"/replica_id: there is no such replica"``, or ``None``.
        warnings: What the fake accepted although the specification does not have it.
    """

    operation: str | None = None
    status: int | None = None
    reason: str | None = None
    warnings: tuple[str, ...] = ()


@define
class Planned:
    """A planned fault, and the number of requests that it still applies to."""

    fault: Fault
    times: int
    operation: str | None


class Answering:
    """The fake as its clients see it: it answers requests.

    :class:`FakeService` adds what tests do with it, and :class:`~tavus_consent.testing.FakeTavus` the clients and the
    server. It documents the arguments.
    """

    def __init__(
        self,
        *,
        api_key: str = "fake-key",
        now: datetime | None = None,
        training_time: timedelta = timedelta(hours=4),
        seed: int = 0,
        unknown: Literal["warn", "refuse"] = "warn",
        stock: Stock = "tavus",
        dialect: Dialect | None = None,
    ) -> None:
        if training_time < timedelta():
            raise ConfigurationError("training_time must not be negative")
        if unknown not in ("warn", "refuse"):
            raise ConfigurationError(f"unknown must be 'warn' or 'refuse', not {unknown!r}")
        self.api_key = api_key
        self.unknown = unknown
        self.dialect = dialect or Dialect()
        self._stock = stocked(stock)
        self.clock = FakeClock(now)
        self.training_time = training_time
        self.conversation_speed = 1.0
        self._seed = seed
        self._router = shipped_router()
        self._lock = RLock()
        self._listeners: list[Callable[[Callback], None]] = []
        self.reset()

    def __repr__(self) -> str:
        if not hasattr(self, "_store"):  # the constructor raised
            return f"<{type(self).__name__} not made>"
        count = self._store.count_own(REPLICA)
        return f"<{type(self).__name__} at {self.now.isoformat(timespec='seconds')}, {count} replicas>"

    def reset(self) -> None:
        """Remove all objects, requests and planned faults. The clock is unchanged."""
        with self._lock:
            self._store = ObjectStore(self._seed, self._stock)
            self._planned: list[Planned] = []
            self._callbacks: list[Callback] = []
            self._requests: deque[LoggedRequest] = deque(maxlen=LOG_LENGTH)

    @property
    def _stretch(self) -> float:
        """Seconds on its clock per second of a conversation."""
        return self.clock.speed / self.conversation_speed if self.clock.speed else 1.0

    # The client's view

    def handle(self, request: FakeRequest) -> FakeResponse:
        """Answer a request, at the time of the clock."""
        with self._settled() as now:
            found = self._find(request)
            operation = found.operations.get(request.method) if found else None

            def work() -> FakeResponse:
                if found is None:
                    return _NO_SUCH_PATH
                if operation is None:
                    allowed = ", ".join(sorted(found.operations))
                    return FakeResponse(405, {"allow": allowed}, reason=f"method: this path has {allowed}")
                return self._carry_out(operation, found.ids, request, now)

            name = operation.operation_id if operation else None
            fault = self._take_fault(name)
            response = fault.apply(work) if fault else work()
            said = {"date": http_date(now), **response.headers}
            if response.reason is not None:
                said["x-fake-reason"] = in_header(response.reason)
            response = evolve(response, headers=said)
            self._log(request, name, response)
            return response

    def _find(self, request: FakeRequest) -> RouteMatch | None:
        """Return the match of a path. The narrower paths of Tavus's own client come first."""
        own = own_client_router().find(request.path)
        return own if own and request.method in own.operations else self._router.find(request.path)

    def _carry_out(
        self, operation: FakeOperation, ids: tuple[str, ...], request: FakeRequest, now: datetime
    ) -> FakeResponse:
        if operation.keyed and request.headers.get("x-api-key") != self.api_key:
            given = "is not the key of this fake" if "x-api-key" in request.headers else "is missing"
            return evolve(_UNAUTHORIZED, reason=f"x-api-key: {given}")
        action = ACTIONS.get(operation.operation_id)
        warnings: list[str] = []
        try:
            query = operation.read_query(request.query, page_zero=self.dialect.first_page == 0)
            body = self._read_body(operation, request)
            strict = self.unknown == "refuse"
            admit(operation.strangers(request.query, body), warnings, strict=strict)
            if action is None:
                unmodelled = f"the fake does not model {operation.operation_id}: the answer is made from its schema"
                return evolve(sampled(operation, ids), warnings=(*warnings, unmodelled))
            call = FakeCall(
                operation=operation,
                operations=self._router.operations,
                resource=action.resource,
                ids=ids,
                query=query,
                headers=request.headers,
                body=body,
                now=now,
                training=self.training_time,
                stretch=self._stretch,
                dialect=self.dialect,
                strict=strict,
                warnings=warnings,
            )
            response = action.verb(self._store, call)
        except InvalidRequest as error:
            response = refuse(operation, Refusal(400, f"Invalid {error.what}", reason=error.reason))
        except Refusal as refusal:
            response = refuse(operation, refusal)
        return evolve(response, warnings=tuple(warnings))

    @staticmethod
    def _read_body(operation: FakeOperation, request: FakeRequest) -> Any:
        try:
            return operation.read_body(request.headers.get("content-type", ""), request.body)
        except InvalidRequest as error:
            # For an invalid JSON Patch, Tavus documents a different status.
            if "422" in operation.responses:
                raise Refusal(422, reason=error.reason) from None
            raise

    def _take_fault(self, operation: str | None) -> Fault | None:
        for planned in self._planned:
            if planned.operation in (None, operation):
                planned.times -= 1
                if not planned.times:
                    self._planned.remove(planned)
                return planned.fault
        return None

    def _log(self, request: FakeRequest, operation: str | None, response: FakeResponse) -> None:
        headers = {name: value for name, value in request.headers.items() if name != "x-api-key"}
        status = None if response.dropped else response.status
        about = (operation, status, response.reason, response.warnings)
        seen = LoggedRequest(request.method, request.path, request.query, headers, request.body, *about)
        self._requests.append(seen)

    @contextmanager
    def _settled(self) -> Iterator[datetime]:
        """Hold the state still at one moment, after all events that were due by then."""
        with self._lock:
            now = self.clock.now()
            self._store.settle(now)
            due = self._collect()
            yield now
            due += self._collect()
            listeners = tuple(self._listeners) if due else ()
        # Without the lock, because a listener may send a request, or wait for another thread that does.
        for callback in due:
            for listener in listeners:
                listener(callback)

    def _collect(self) -> list[Callback]:
        """Return the callbacks that have become due since the last time."""
        due, self._store.due = self._store.due, []
        self._callbacks += due
        return due

    # The test's view

    @property
    def now(self) -> datetime:
        """The time on its clock, aware, in UTC."""
        return self.clock.now()

    @property
    def replicas(self) -> dict[str, dict[str, Any]]:
        """Your replicas by id, in the order of creation, without stock.

        Each is a copy of all its fields, and ``request`` is the body of the create.
        """
        return self.objects("replica")

    def objects(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return your objects of one kind by id, in the order of creation, without stock.

        Each is a copy of all its fields, under their older names, and ``request`` is the body of the create.

        Args:
            kind: The name of its id field without ``_id``: ``"replica"``, ``"video"``, ``"persona"``, ``"document"``,
                ...

        Raises:
            ConfigurationError: There is no such kind.
        """
        return dict(self._some(resource_of(kind), 0, None)[0])

    def _some(self, resource: Resource, start: int, size: int | None) -> tuple[list[tuple[str, dict[str, Any]]], int]:
        """Return some of your objects with their ids, in the order of creation, and the number of all."""
        with self._settled() as now:
            things = self._store.own(resource, start, size)
            found = [(thing.id, deepcopy({**thing.everything(now), "request": thing.request})) for thing in things]
            return found, self._store.count_own(resource)

    @property
    def callbacks(self) -> list[Callback]:
        """The callbacks that were due so far, the first one first."""
        with self._settled():
            return list(self._callbacks)

    @property
    def requests(self) -> list[LoggedRequest]:
        """The last 10,000 requests, the first one first, without their keys."""
        with self._lock:
            return list(self._requests)
