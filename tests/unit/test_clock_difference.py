"""The clocks of this machine and of Tavus differ, and a create that was made is never taken for one that was not."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.asked import ASKED

import tavus_consent as tc
from tavus_consent.testing import FakeClock, FakeTavus, FakeTransport, Fault

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TRAIN = "https://bucket.example/train.mp4"
RIO = tc.SpokenConsent("Rio Alvarez", "https://bucket.example/consent.mp4")
LOST = Fault(drop=True, after_work=True)
DIFFERENCES = pytest.mark.parametrize(
    "seconds", [-86000, -3600, -310, 0, 310, 3600, 86000], ids=lambda seconds: f"{seconds}s"
)
Headers = dict[str, str | None]
Open = Callable[..., Any]


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOW)


@pytest.fixture
def open_client(make_client: Callable[..., Any], fake: FakeTavus) -> Open:
    """Make a client whose clock is behind Tavus's. ``headers`` replace those of the answers; None removes one."""

    def make(seconds: float, headers: Headers | None = None, **options: Any) -> Any:
        transport = FakeTransport(fake)

        def answer(request: httpx.Request) -> httpx.Response:
            response = transport.handle_request(request)
            changed = {**dict(response.headers), **(headers or {})}
            kept = {name: value for name, value in changed.items() if value is not None}
            return httpx.Response(response.status_code, headers=kept, content=response.read())

        clock = FakeClock(NOW - timedelta(seconds=seconds))
        return make_client(answer, api_key=fake.api_key, clock=clock, **options)

    return make


def lose(client: Any, fake: FakeTavus, consent: Any = RIO, name: str | None = "Rio") -> tc.OutcomeUnknownError:
    fake.inject(LOST, operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError) as caught:
        client(lambda t: t.replicas.create_personal(train_video_url=TRAIN, consent=consent, replica_name=name))
    return caught.value


def found_by(client: Any, sought: Any) -> tc.Candidates[tc.Replica]:
    found: tc.Candidates[tc.Replica] = client(lambda t: t.replicas.find_created(sought))
    return found


@DIFFERENCES
def test_what_was_made_is_found_whatever_the_difference(open_client: Open, fake: FakeTavus, seconds: float) -> None:
    client = open_client(seconds)
    found = found_by(client, lose(client, fake))
    assert [one.replica_id for one in found.likely] == list(fake.replicas)
    assert found.doubtful == ()


@DIFFERENCES
def test_without_dates_it_is_doubtful_but_there(open_client: Open, fake: FakeTavus, seconds: float) -> None:
    client = open_client(seconds, {"date": None})
    found = found_by(client, lose(client, fake))
    assert [one.replica_id for one in found] == list(fake.replicas)
    assert bool(found.doubtful) == (abs(seconds) > 300)
    assert found.likely + found.doubtful == found


def test_the_error_says_the_difference_that_was_seen_before(open_client: Open, fake: FakeTavus) -> None:
    client = open_client(310)
    assert lose(client, fake).clock_difference is None
    client(lambda t: t.replicas.list())
    error = lose(client, fake, name="Rio 2")
    assert error.clock_difference == timedelta(seconds=310)
    assert pickle.loads(pickle.dumps(error)).clock_difference == timedelta(seconds=310)


def test_an_answer_that_leaves_the_outcome_open_shows_it_too(open_client: Open, fake: FakeTavus) -> None:
    client = open_client(310)
    fake.inject(Fault(status=502), operation="createReplica")
    with pytest.raises(tc.OutcomeUnknownError) as caught:
        client(lambda t: t.replicas.create_personal(train_video_url=TRAIN, consent=RIO))
    assert caught.value.clock_difference == timedelta(seconds=310)


@pytest.mark.parametrize(
    "headers",
    [
        {"date": "yesterday"},
        {"date": "Fri, 31 Dec 9999 23:59:59 GMT"},
        {"date": "Sun, 01 Mar 2026 99:00:00 GMT"},
        {"date": "Sun, 01 Mar 2020 12:00:00 GMT", "age": "200000000"},
    ],
)
def test_a_date_that_is_none_counts_as_none(open_client: Open, fake: FakeTavus, headers: Headers) -> None:
    client = open_client(310, headers)
    client(lambda t: t.replicas.list())
    error = lose(client, fake)
    assert error.clock_difference is None
    assert [one.replica_id for one in found_by(client, error).doubtful] == list(fake.replicas)


def test_a_date_without_a_zone_is_in_utc(open_client: Open, fake: FakeTavus) -> None:
    client = open_client(0, {"date": "Sun, 01 Mar 2026 12:01:00"})
    client(lambda t: t.replicas.list())
    assert lose(client, fake).clock_difference == timedelta(minutes=1)


def test_a_wrong_date_does_not_hide_what_fits_without_it(open_client: Open, fake: FakeTavus) -> None:
    client = open_client(0, {"date": "Sun, 01 Mar 2026 06:00:00 GMT"})
    client(lambda t: t.replicas.list())
    error = lose(client, fake)
    assert error.clock_difference == timedelta(hours=-6)
    assert [one.replica_id for one in found_by(client, error).doubtful] == list(fake.replicas)


def test_a_clock_that_is_known_rules_other_calls_out(open_client: Open, fake: FakeTavus) -> None:
    client = open_client(310)
    client(lambda t: t.replicas.create_personal(train_video_url=TRAIN, consent=RIO, replica_name="Rio"))
    fake.advance(hours=2)
    client.clock.advance(hours=2)
    error = lose(client, fake)
    assert [one.replica_id for one in found_by(client, error)] == list(fake.replicas)[1:]


def test_a_change_of_options_keeps_what_is_known(open_client: Open, fake: FakeTavus) -> None:
    client = open_client(310)
    client(lambda t: t.with_options(timeout=5).replicas.list())
    assert lose(client, fake).clock_difference == timedelta(seconds=310)


# the ledger


def recorded(client: Any) -> Any:
    record = client(lambda t: t.consents.request(full_name="Rio Alvarez", **ASKED))
    return client(lambda t: t.consents.add_evidence(record, tc.ConsentVideo("https://bucket.example/consent.mp4")))


def later(client: Any, fake: FakeTavus) -> Any:
    fake.advance(minutes=5)
    client.clock.advance(minutes=5)
    (found,) = client(lambda t: t.consents.reconcile())
    return found


@DIFFERENCES
def test_a_reconciliation_finds_it_whatever_the_difference(open_client: Open, fake: FakeTavus, seconds: float) -> None:
    client = open_client(seconds)
    client(lambda t: t.replicas.list())
    record = recorded(client)
    lose(client, fake, record)
    found = later(client, fake)
    assert (found.outcome, [found.replica_id]) == ("found", list(fake.replicas))


@DIFFERENCES
def test_without_dates_a_reconciliation_never_says_absent(open_client: Open, fake: FakeTavus, seconds: float) -> None:
    client = open_client(seconds, {"date": None})
    lose(client, fake, recorded(client))
    found = later(client, fake)
    # the create was given up a minute after it began, and the clocks may differ by five more
    assert found.outcome == ("found" if -300 <= seconds <= 360 else "unknown")
    assert [found.replica_id or found.candidates[0]] == list(fake.replicas)


def test_another_machine_uses_the_difference_that_the_first_one_saw(
    open_client: Open, fake: FakeTavus, tmp_path: Any
) -> None:
    """The first machine's clock is six hours off, and the second one's is right."""
    ledger = f"sqlite:///{tmp_path / 'consent.db'}"
    client = open_client(6 * 3600, ledger=ledger)
    client(lambda t: t.replicas.list())
    lose(client, fake, recorded(client))
    found = later(open_client(-600, ledger=ledger), fake)
    assert (found.outcome, [found.replica_id]) == ("found", list(fake.replicas))


def test_a_record_finds_what_its_create_made_whatever_the_difference(open_client: Open, fake: FakeTavus) -> None:
    client = open_client(3600, {"date": None})
    record = recorded(client)
    lose(client, fake, record)
    assert [one.replica_id for one in found_by(client, record).doubtful] == list(fake.replicas)
