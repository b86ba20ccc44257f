"""The SDK on the fake, in process: nothing waits, and faults raise the SDK's own errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tavus_consent import OutcomeUnknownError, SpokenConsent, TrainingFailed
from tavus_consent.testing import FakeTavus, Fault

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
FOX: dict[str, Any] = {
    "train_video_url": "https://media.example/fox.mp4",
    "attestation": "A cartoon fox that our studio drew",
    "attested_by": "studio@app.example",
}


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOON)


def test_waiting_takes_no_time_but_the_clock_s(fake: FakeTavus) -> None:
    with fake.client() as tavus:
        replica = tavus.replicas.create_personal(
            train_video_url="https://media.example/train.mp4",
            consent=SpokenConsent(full_name="Rio Alvarez", video_url="https://media.example/consent.mp4"),
        )

        assert tavus.replicas.wait(replica.replica_id, timeout=8 * 3600).is_ready

    assert NOON + timedelta(hours=4) <= fake.now < NOON + timedelta(hours=5)


async def test_waiting_takes_no_time_but_the_clock_s_async(fake: FakeTavus) -> None:
    async with fake.async_client() as tavus:
        replica = await tavus.replicas.create_non_human(**FOX)

        assert (await tavus.replicas.wait(replica.replica_id, timeout=8 * 3600)).is_ready


def test_a_failed_training_comes_out_with_its_type(fake: FakeTavus) -> None:
    fake.fail_training("video_fps")
    with fake.client() as tavus:
        replica = tavus.replicas.create_non_human(**FOX)

        with pytest.raises(TrainingFailed) as caught:
            tavus.replicas.wait(replica.replica_id)

    assert caught.value.error_type is not None
    assert caught.value.error_type.name == "video_fps"


def test_a_lost_answer_to_a_create_comes_out_as_unknown(fake: FakeTavus) -> None:
    fake.inject(Fault(drop=True, after_work=True))
    with fake.client() as tavus, pytest.raises(OutcomeUnknownError):
        tavus.replicas.create_non_human(**FOX)

    assert len(fake.replicas) == 1


def test_options_win_over_what_the_fake_sets(fake: FakeTavus) -> None:
    with fake.client(api_key="wrong") as tavus, pytest.raises(Exception, match="Invalid access token"):
        tavus.replicas.get("r0")
