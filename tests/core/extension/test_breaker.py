"""The circuit breaker, on a clock of its own."""

from hypothesis import given
from hypothesis import strategies as st

from core.extension.breaker import LONGEST_PAUSE_SECONDS, Breaker, State


def failing(times: int) -> Breaker:
    breaker = Breaker(faults=3, pause_seconds=10)
    for _ in range(times):
        assert breaker.admit(0)
        breaker.failed(0)
    return breaker


def test_it_opens_after_faults_in_a_row() -> None:
    assert failing(2).state(0) is State.CLOSED
    assert failing(3).state(0) is State.OPEN
    assert not failing(3).admit(9.9)


def test_an_answer_in_between_starts_the_count_anew() -> None:
    breaker = failing(2)
    breaker.answered()
    breaker.failed(0)
    breaker.failed(0)

    assert breaker.state(0) is State.CLOSED


def test_after_the_pause_one_call_tries() -> None:
    breaker = failing(3)

    assert breaker.state(10) is State.TRYING
    assert breaker.admit(10)
    assert not breaker.admit(10)
    breaker.answered()
    assert breaker.state(10) is State.CLOSED


def test_a_trial_that_fails_doubles_the_pause() -> None:
    breaker = failing(3)

    assert breaker.admit(10)
    breaker.failed(10)

    assert breaker.state(29.9) is State.OPEN
    assert breaker.state(30) is State.TRYING


def test_a_trial_that_is_given_up_lets_another_one_try() -> None:
    breaker = failing(3)
    assert breaker.admit(10)

    breaker.released()

    assert breaker.admit(10)


def test_calls_that_end_while_it_is_open_do_not_lengthen_the_pause() -> None:
    breaker = failing(3)
    for _ in range(16):
        breaker.failed(5)

    assert breaker.state(10) is State.TRYING


@given(st.lists(st.sampled_from(["fail", "answer", "wait"]), max_size=60))
def test_it_never_stays_open_for_longer_than_the_longest_pause(
    steps: list[str],
) -> None:
    breaker, now = Breaker(faults=2, pause_seconds=15), 0.0
    for step in steps:
        if step == "wait":
            now += 7
        elif breaker.admit(now):
            breaker.failed(now) if step == "fail" else breaker.answered()

    assert breaker.state(now + LONGEST_PAUSE_SECONDS) is not State.OPEN
