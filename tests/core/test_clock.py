"""Instants and ids of the system's clock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import SystemClock, from_us, to_us


def test_microseconds_since_1970() -> None:
    assert to_us(datetime(1970, 1, 2, tzinfo=UTC)) == 86_400_000_000
    east = timezone(timedelta(hours=2))
    assert to_us(datetime(1970, 1, 1, 2, 0, 0, 1, tzinfo=east)) == 1


@given(st.datetimes(timezones=st.just(UTC)))
def test_nothing_is_lost(instant: datetime) -> None:
    assert from_us(to_us(instant)) == instant


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_us(datetime(2027, 1, 1))  # noqa: DTZ001  (that is the point)


def test_ids_sort_by_age_and_fit() -> None:
    clock = SystemClock()
    ids = [clock.new_id() for _ in range(100_000)]

    assert all(one < other for one, other in pairwise(ids))
    assert all(0 < one < 2**63 for one in ids)
    assert abs((ids[-1] >> 22) - clock.now_us() // 1_000) < 60_000


def test_threads_never_get_the_same_id() -> None:
    clock = SystemClock()
    with ThreadPoolExecutor(8) as threads:
        runs = threads.map(lambda _: [clock.new_id() for _ in range(5_000)], range(8))

    assert len({one for run in runs for one in run}) == 40_000


def test_ids_go_on_when_the_clock_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    before = clock.new_id()
    monkeypatch.setattr("core.clock.time.time_ns", lambda: 1_000_000_000)

    assert clock.new_id() == before + 1
