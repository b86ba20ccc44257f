"""Jobs with one key in several processes, and after kill -9: real processes, a real server, both stores."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tavus_consent import SpokenConsent, Tavus
from tavus_consent.ledger import Ledger
from tavus_consent.testing import FakeClock, FakeTavus

from .support import KEY
from .test_creates_killed import STEPS
from .test_processes import Worker

PROCESSES = 6

pytestmark = pytest.mark.exhaustive  # who is killed leaves no coverage


def again(fake: FakeTavus, base_url: str, url: str, name: str, once: str) -> str:
    """The job is delivered again, five minutes later."""
    clock = FakeClock(datetime.now(UTC) + timedelta(minutes=5))
    with Tavus(fake.api_key, base_url=base_url, ledger=url, clock=clock) as tavus:
        made = tavus.replicas.create_personal(
            train_video_url="https://bucket.example/train.mp4?signature=2",
            consent=SpokenConsent("Rio Alvarez", "https://bucket.example/consent.mp4?signature=2"),
            replica_name=name,
            once=once,
        )
    return made.replica_id


def test_a_job_that_is_killed_at_any_step_makes_one_replica_when_it_is_delivered_again(
    url: str, ledger: Ledger, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVUS_CONSENT_KEY", KEY)
    fake = FakeTavus()
    with fake.serve() as base_url:
        said, _ = worker("train_once", url, base_url, *STEPS).communicate(timeout=600)
        assert said.splitlines() == [f"{step} 9" for step in STEPS]
        for step in STEPS:
            made = again(fake, base_url, url, step, step)
            assert again(fake, base_url, url, step, step) == made
    names = Counter(one["replica_name"] for one in fake.replicas.values())
    assert names == dict.fromkeys(STEPS, 1)
    assert sum(one.method == "POST" for one in fake.requests) == len(STEPS)
    records = {event.record_id for event in ledger.store.events()}
    assert len(records) == len(STEPS) + 1  # only the lookup that found nothing began a second record
    assert ledger.verify().ok


def test_of_processes_that_begin_at_one_moment_one_sends(
    url: str, ledger: Ledger, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVUS_CONSENT_KEY", KEY)
    fake = FakeTavus()
    with fake.serve() as base_url:
        said, _ = worker("race", url, base_url, str(PROCESSES)).communicate(timeout=600)
        (made,) = fake.replicas
        assert set(said.split()) <= {made, "open"}
        assert len(said.split()) == PROCESSES
        assert again(fake, base_url, url, "Rio", "job-42") == made
    assert sum(one.method == "POST" for one in fake.requests) == 1
    intents = [event for event in ledger.store.events() if event.type == "submit_intent"]
    assert len(intents) == len({event.record_id for event in ledger.store.events()}) == 1
    assert ledger.verify().ok
