"""Instants and ids of the system's clock."""

from datetime import UTC, datetime, timedelta, timezone

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
    ids = [clock.new_id() for _ in range(1_000)]

    assert len(set(ids)) == 1_000
    assert all(0 < one < 2**63 for one in ids)
    ages = [one >> 22 for one in ids]
    assert ages == sorted(ages)
    assert abs(ages[-1] - clock.now_us() // 1_000) < 60_000
