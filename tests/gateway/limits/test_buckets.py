"""Leaky buckets, counts and paces: pure, told the time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.buckets import Buckets, Terms
from gateway.limits.callers import Counts
from gateway.limits.pace import Pace
from gateway.limits.refusals import LimitExceededError

TERMS = Terms(burst=100, per_second=10)


def test_a_bucket_gives_its_burst_and_then_waits() -> None:
    buckets = Buckets()

    all_of_it = buckets.take("a", 100, TERMS, 5.0)
    one_more = buckets.take("a", 20, TERMS, 5.0)
    too_early = buckets.take("a", 20, TERMS, 6.99)
    in_time = buckets.take("a", 20, TERMS, 7.0)

    assert (all_of_it.is_granted, all_of_it.remaining) == (True, 0)
    assert (one_more.is_granted, one_more.retry_after_s) == (False, 2.0)
    assert not too_early.is_granted
    assert (in_time.is_granted, in_time.remaining) == (True, 0)


def test_buckets_are_apart() -> None:
    buckets = Buckets()
    buckets.take("a", 100, TERMS, 0.0)

    assert buckets.take("b", 100, TERMS, 0.0).is_granted


def test_what_is_given_back_can_be_spent() -> None:
    buckets = Buckets()
    buckets.take("a", 100, TERMS, 0.0)
    buckets.give_back("a", 60, TERMS)

    assert not buckets.take("a", 61, TERMS, 0.0).is_granted
    assert buckets.take("a", 60, TERMS, 0.0).remaining == 0


def test_what_costs_more_than_all_takes_all() -> None:
    buckets = Buckets()

    assert buckets.take("a", 1_000, TERMS, 0.0).is_granted
    assert not buckets.take("a", 1, TERMS, 0.0).is_granted
    assert buckets.take("a", 1_000, TERMS, 10.0).is_granted


def test_full_buckets_are_forgotten() -> None:
    buckets = Buckets()
    for number in range(1_000):
        buckets.take(str(number), 10, TERMS, 0.0)
    assert len(buckets) == 1_000

    buckets.take("late", 1, TERMS, 2.0)

    assert len(buckets) == 1


@given(
    st.lists(
        st.tuples(st.integers(1, 120), st.floats(0, 5), st.integers(0, 120)),
        max_size=40,
    )
)
def test_no_more_is_spent_than_burst_and_time_give(
    takes: list[tuple[int, float, int]],
) -> None:
    buckets, now_s, spent = Buckets(), 0.0, 0.0
    for cost, pause_s, back in takes:
        now_s += pause_s
        before = buckets.look("a", 0, TERMS, now_s).remaining
        taken = buckets.take("a", cost, TERMS, now_s)
        if taken.is_granted:
            spent += min(cost, TERMS.burst)
            needed_not = min(back, cost, TERMS.burst)
            buckets.give_back("a", needed_not, TERMS)
            spent -= needed_not
        else:
            assert taken.remaining == before
            then_s = now_s + taken.retry_after_s + 1e-5
            assert buckets.look("a", cost, TERMS, then_s).is_granted
        assert spent <= TERMS.burst + now_s * TERMS.per_second + 1e-3


def test_counts_stop_at_the_limit_and_leave_nothing() -> None:
    counts = Counts("sockets", 2)
    counts.add("a")
    counts.add("a")
    counts.add("b")

    with pytest.raises(LimitExceededError) as caught:
        counts.add("a")
    for key in ("a", "a", "b"):
        counts.remove(key)

    assert caught.value.message == "sockets: 3 found, 2 allowed"
    assert len(counts) == 0


def test_a_window_takes_so_many_messages() -> None:
    pace = Pace(3, 10.0)

    assert [pace.allows(second) for second in (0.0, 1.0, 9.0, 9.9)] == [
        True,
        True,
        True,
        False,
    ]
    assert pace.allows(10.0)
    assert not pace.allows(10.9)
    assert pace.allows(11.0)
