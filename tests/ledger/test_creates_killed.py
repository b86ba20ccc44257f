"""A client that is killed (kill -9) at any step of a create: real processes, a real server, both stores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tavus_consent import Tavus
from tavus_consent.ledger import Ledger
from tavus_consent.testing import FakeClock, FakeTavus

from .support import KEY
from .test_processes import Worker

# The step, what is written by then, and what became of the create in the end.
STEPS = {
    "in_requested": ([], None),
    "in_recorded": (["requested"], None),
    "in_given": (["requested", "recorded"], None),
    "in_submit_intent": (["requested", "recorded", "given"], None),
    "before_post": (["requested", "recorded", "given", "submit_intent"], "absent"),
    "after_post": (["requested", "recorded", "given", "submit_intent"], "found"),
    "in_submitted": (["requested", "recorded", "given", "submit_intent"], "found"),
    "after_all": (["requested", "recorded", "given", "submit_intent", "submitted"], "submitted"),
}


pytestmark = pytest.mark.exhaustive  # who is killed leaves no coverage


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus()


def test_a_client_that_is_killed_at_any_step_is_brought_to_the_truth(
    url: str, ledger: Ledger, worker: Worker, fake: FakeTavus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVUS_CONSENT_KEY", KEY)
    with fake.serve() as base_url:
        said, _ = worker("train", url, base_url, *STEPS).communicate(timeout=600)
        assert said.split("\n")[:-1] == [f"{step} 9" for step in STEPS]
        assert ledger.store.verify().ok
        by_record: dict[str, list[str]] = {}
        for event in ledger.store.events():
            by_record.setdefault(event.record_id, []).append(str(event.type))
        assert list(by_record.values()) == [types for types, _ in STEPS.values() if types]

        posts = [one for one in fake.requests if one.method == "POST"]
        made = {one["replica_name"]: replica_id for replica_id, one in fake.replicas.items()}
        assert list(made) == ["after_post", "in_submitted", "after_all"]
        assert len(posts) == len(made)  # no replica without an intent, none twice

        clock = FakeClock(datetime.now(UTC) + timedelta(minutes=5))
        with Tavus(fake.api_key, base_url=base_url, ledger=url, clock=clock) as tavus:
            found = tavus.consents.reconcile()
            records = tavus.consents.list()
            assert tavus.consents.reconcile() == []
        assert [(one.outcome, one.replica_id) for one in found] == [
            ("absent", None),
            ("found", made["after_post"]),
            ("found", made["in_submitted"]),
        ]
        statuses = [intent.status for record in records for intent in record.state.intents]
        assert statuses == [status for _, status in STEPS.values() if status]
        assert [one for one in fake.requests if one.method == "POST"] == posts
        assert ledger.store.verify().ok


def test_a_client_that_is_killed_leaves_nothing_that_stops_the_next(
    url: str, ledger: Ledger, worker: Worker, fake: FakeTavus
) -> None:
    with fake.serve() as base_url:
        worker("train", url, base_url, "in_submit_intent", "in_submitted", "after_all").communicate(timeout=600)
    assert [one["replica_name"] for one in fake.replicas.values()] == ["in_submitted", "after_all"]
    assert [event.type for event in ledger.store.events()][-1] == "submitted"
