"""FakeClock: a clock that moves only on request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tavus_consent import ConfigurationError
from tavus_consent.testing import FakeClock

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_it_stands_still() -> None:
    clock = FakeClock(NOON)

    assert (clock.now(), clock.monotonic(), clock.now()) == (NOON, 0, NOON)


def test_it_starts_at_the_present_unless_told_otherwise() -> None:
    before = datetime.now(UTC)

    assert before <= FakeClock().now() <= datetime.now(UTC)


def test_dates_are_in_utc() -> None:
    clock = FakeClock(NOON.astimezone(timezone(timedelta(hours=2))))

    assert clock.now().isoformat() == "2026-05-04T12:00:00+00:00"


def test_advance_adds_up_its_arguments() -> None:
    clock = FakeClock(NOON)

    clock.advance(hours=1, minutes=2, seconds=3.5)

    assert (clock.now() - NOON, clock.monotonic()) == (timedelta(seconds=3723.5), 3723.5)


def test_sleep_moves_the_time_instead_of_waiting() -> None:
    clock = FakeClock(NOON)

    clock.sleep(3600)
    clock.sleep(-1)

    assert clock.now() == NOON + timedelta(hours=1)


async def test_sleep_async_moves_the_time_instead_of_waiting() -> None:
    clock = FakeClock(NOON)

    await clock.sleep_async(3600)

    assert clock.now() == NOON + timedelta(hours=1)


def test_with_a_speed_time_goes_by_itself() -> None:
    clock = FakeClock(NOON, speed=1e6)
    clock.advance(hours=1)

    first, second = clock.now(), clock.now()

    assert NOON + timedelta(hours=1) <= first < second


def test_a_change_of_speed_keeps_the_time() -> None:
    clock = FakeClock(NOON, speed=1e6)
    before = clock.now()

    clock.run(0)

    assert (clock.speed, before < clock.now(), clock.now()) == (0, True, clock.now())


@pytest.mark.parametrize("speed", [-1, float("inf"), float("nan")])
def test_a_speed_that_is_no_speed_is_refused(speed: float) -> None:
    with pytest.raises(ConfigurationError, match="speed"):
        FakeClock(speed=speed)


@pytest.mark.parametrize("hours", [-1, float("nan")])
def test_time_never_goes_back(hours: float) -> None:
    with pytest.raises(ConfigurationError, match="forward"):
        FakeClock().advance(hours=hours)


@pytest.mark.parametrize("hours", [1e8, float("inf")])
def test_time_ends_with_the_year_9999(hours: float) -> None:
    clock = FakeClock(NOON)

    with pytest.raises(ConfigurationError, match="9999"):
        clock.advance(hours=hours)

    assert clock.now() == NOON


def test_a_naive_date_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="aware"):
        FakeClock(datetime(2026, 1, 1))
