"""Callbacks in a ledger: both stores, several processes, dead letters, damage."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tavus_consent import InvalidRequestError, LedgerBroken, Tavus
from tavus_consent.callbacks import CallbackEvent, CallbackQueue, ReplicaReady, UnknownEvent
from tavus_consent.ledger import Ledger
from tavus_consent.testing import FakeClock

from .conftest import Opener, driver
from .support import NOW

READY = b'{"replica_id": "r1", "status": "ready"}'
TRAINED = {"replica_id": "r1", "status": "completed", "model_name": "phoenix-4"}


class Office:
    """A client on a ledger, and its application for callbacks."""

    def __init__(self, ledger: Ledger, clock: FakeClock) -> None:
        self.ledger, self.clock = ledger, clock
        self.tavus = Tavus("key", ledger=ledger, clock=clock, transport=httpx.MockTransport(self._answer))
        self.app = self.tavus.callbacks.app("https://app.example/tavus")
        self.queue = CallbackQueue(ledger, clock=clock)
        self.events: list[CallbackEvent] = []

    def _answer(self, request: httpx.Request) -> httpx.Response:
        _, folder, name = request.url.path.rsplit("/", 2)
        found = TRAINED if folder == "replicas" else {"document_id": name, "status": "ready"}
        return httpx.Response(200, json=found)

    def store(self, body: bytes = READY, **options: Any) -> str:
        """Receive a callback that waits for its create."""
        url = self.app.url(**options)
        assert self.tavus.callbacks.receive(path=url, body=body) is None
        return url


@pytest.fixture
def office(ledger: Ledger) -> Office:
    return Office(ledger, FakeClock(NOW))


def test_what_is_stored_is_listed_and_delivered(office: Office) -> None:
    office.store(job="42")
    (stored,) = office.queue.list("waiting")
    assert (stored.queue, stored.status, stored.outcome, stored.attempts, stored.body) == (
        "replica:r1",
        "waiting",
        "early",
        0,
        None,
    )
    assert (stored.received_at, stored.due_at) == (NOW, NOW + timedelta(minutes=2))
    assert office.queue.get(stored.id).body == READY
    assert isinstance(office.queue.event(stored.id), ReplicaReady)
    office.clock.advance(minutes=2)
    (event,) = office.tavus.callbacks.pending()
    assert (type(event), event.job) == (ReplicaReady, "42")
    (stored,) = office.queue.list()
    assert (stored.status, stored.outcome) == ("delivered", "ReplicaReady")
    assert (office.queue.get(stored.id).body, office.queue.event(stored.id)) == (None, None)
    assert office.queue.list("dead") == []


def test_an_address_is_known_to_every_process(office: Office, url: str, opened: Opener) -> None:
    address = office.app.url(job="42")
    other = Office(opened(url), office.clock)
    office.clock.advance(minutes=2)
    event = other.tavus.callbacks.receive(path=address, body=READY)
    assert isinstance(event, ReplicaReady)
    assert event.job == "42"
    assert office.tavus.callbacks.receive(path=address, body=READY) is None


def test_two_processes_share_the_work(office: Office, url: str, opened: Opener) -> None:
    other = Office(opened(url), office.clock)
    for number in range(6):
        office.store(json.dumps({"document_id": f"d{number}", "status": "ready"}).encode())
    office.clock.advance(minutes=2)
    seen: list[str] = []

    def keep(who: str, whom: Office) -> Callable[[CallbackEvent], None]:
        def handle(event: CallbackEvent) -> None:
            seen.append(who)
            if len(seen) < 6:
                whom.app.deliver()  # while this one is being handled

        return handle

    office.app.on(CallbackEvent)(keep("one", other))
    other.app.on(CallbackEvent)(keep("two", office))
    office.app.deliver()
    assert sorted(seen) == ["one"] * 3 + ["two"] * 3
    assert [one.status for one in office.queue.list()] == ["delivered"] * 6


def test_what_a_dead_process_had_claimed_is_delivered_after_its_lease(office: Office, url: str, opened: Opener) -> None:
    class Killed(BaseException):
        pass

    @office.app.on(ReplicaReady)
    def die(event: CallbackEvent) -> None:
        raise Killed

    office.store()
    office.clock.advance(minutes=2)
    with pytest.raises(Killed):
        office.app.deliver()
    other = Office(opened(url), office.clock)
    other.app.on(ReplicaReady)(other.events.append)
    assert other.app.deliver() == 0
    office.clock.advance(minutes=5)
    assert other.app.deliver() == 1
    assert [type(event) for event in other.events] == [ReplicaReady]


def fail(event: CallbackEvent) -> None:
    raise RuntimeError("s3cr3t")


def test_a_dead_letter_is_listed_and_can_be_retried(office: Office) -> None:
    office.app.on(ReplicaReady)(fail)
    office.store()
    for _ in range(9):
        office.clock.advance(hours=2)
        office.app.deliver()
    (dead,) = office.queue.list("dead")
    assert (dead.attempts, dead.outcome, office.queue.get(dead.id).body) == (8, "RuntimeError", READY)
    again = office.queue.retry(dead.id)
    assert (again.status, again.attempts, again.due_at) == ("waiting", 0, office.clock.now())
    assert [type(event) for event in office.tavus.callbacks.pending()] == [ReplicaReady]


def test_what_was_delivered_cannot_be_retried(office: Office) -> None:
    office.store()
    office.clock.advance(minutes=2)
    office.app.deliver()
    with pytest.raises(InvalidRequestError, match="was delivered"):
        office.queue.retry(1)


def test_a_purge_deletes_what_is_old(office: Office) -> None:
    office.app.on(ReplicaReady)(fail)
    first = office.store(expires_in=timedelta(hours=30))
    for _ in range(9):
        office.clock.advance(hours=2)
        office.app.deliver()
    office.tavus.callbacks.receive(path=office.app.url(kind="tool"), body=b"{}")
    assert office.queue.purge(older_than=timedelta(hours=19)) == 0
    assert office.queue.purge(older_than=timedelta(hours=1)) == 0
    assert office.queue.purge(older_than=timedelta(hours=1), dead=True) == 1
    assert office.queue.list() == []
    office.clock.advance(hours=20)
    assert office.queue.purge(older_than=timedelta(0), dead=True) == 0
    with pytest.raises(InvalidRequestError):
        office.tavus.callbacks.receive(path=first, body=READY)


def test_a_waiting_callback_is_never_purged(office: Office) -> None:
    office.store()
    office.clock.advance(hours=1000)
    assert office.queue.purge(older_than=timedelta(0), dead=True) == 0
    assert len(office.queue.list("waiting")) == 1


@pytest.mark.parametrize(
    ("use", "field"),
    [
        (lambda queue: queue.get(7), "id"),
        (lambda queue: queue.get("7"), "id"),
        (lambda queue: queue.retry(7), "id"),
        (lambda queue: queue.list("lost"), "status"),
        (lambda queue: queue.list(limit=0), "limit"),
        (lambda queue: queue.purge(older_than=7), "older_than"),
        (lambda queue: CallbackQueue(None), "ledger"),
    ],
)
def test_a_wrong_argument_is_refused(office: Office, use: Callable[[CallbackQueue], Any], field: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        use(office.queue)
    assert caught.value.field == field


def test_the_clock_of_the_machine_is_the_default(ledger: Ledger) -> None:
    assert CallbackQueue(ledger).purge(older_than=timedelta(0)) == 0


def test_a_damaged_body_stops_no_other(office: Office, url: str) -> None:
    office.store()
    office.store(b'{"document_id": "d1", "status": "x"}')
    engine = sa.create_engine(driver(url) if url.startswith("postgres") else url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE tavus_consent_callbacks SET body = :body WHERE id = 1"), {"body": b"\x00" * 40}
        )
    with pytest.raises(LedgerBroken):
        office.queue.get(1)
    office.clock.advance(minutes=2)
    assert len(office.tavus.callbacks.pending()) == 1
    (dead,) = office.queue.list("dead")
    assert (dead.id, dead.outcome) == (1, "LedgerBroken")


def test_a_callback_without_an_object_waits_for_none(office: Office) -> None:
    url = office.app.url()
    event = office.tavus.callbacks.receive(path=url, body=b'{"x": 1}')
    assert isinstance(event, UnknownEvent)
    assert office.queue.list() == []
