from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from shopwright.kit import clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_now_is_aware_and_in_utc() -> None:
    before = datetime.now(UTC)
    moment = clock.now()
    assert moment.tzinfo is UTC
    assert before <= moment <= datetime.now(UTC)


def test_a_held_clock_stands_still_in_every_thread() -> None:
    with clock.held_at(NOON), ThreadPoolExecutor(2) as threads:
        assert {clock.now(), *threads.map(lambda _: clock.now(), range(8))} == {NOON}


def test_a_held_clock_moves_when_told() -> None:
    with clock.held_at(NOON):
        clock.advance(timedelta(hours=2))
        assert clock.now() == NOON + timedelta(hours=2)


def test_holds_nest_and_end() -> None:
    with clock.held_at(NOON):
        with clock.held_at(NOON + timedelta(days=1)):
            assert clock.now() == NOON + timedelta(days=1)
        assert clock.now() == NOON
    assert clock.now() != NOON


def test_a_moment_from_elsewhere_is_told_in_utc() -> None:
    with clock.held_at(datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2)))):
        assert clock.now() == NOON
        assert clock.now().tzinfo is UTC


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"), clock.held_at(datetime(2026, 3, 1)):  # noqa: DTZ001
        pass


def test_a_running_clock_cannot_be_advanced() -> None:
    with pytest.raises(RuntimeError, match="held"):
        clock.advance(timedelta(seconds=1))
