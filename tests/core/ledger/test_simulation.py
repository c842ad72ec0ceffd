"""A town of clients, gateways and failures, from one seed, in virtual time.

Real ledgers with their pipelines run on tables in memory. Their stores fail before,
amid and after a commit, lose answers, let lanes overtake each other and are killed;
clocks are set back and ahead; clients ask twice, give up, and insist. Then everything
that was answered must be there, once, and the model must tell the same story.

`make simulate` tries thousands of seeds. A seed that fails can be run alone:

    pytest tests/core/ledger/test_simulation.py --seed 17
"""

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.core.ledger.simulation.town import simulate

HAPPENINGS = {
    *("failed before", "failed amid", "guard failed", "answer lost", "killed"),
    *("clock set", "given up", "left", "poison", "replayed", "swept"),
    *("BusyError", "GuardError", "OutcomeUnknownError"),
}


@pytest.fixture
def quiet() -> Iterator[None]:
    """Failures are what this is about; nobody wants to read of each."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


pytestmark = pytest.mark.usefixtures("quiet", "small_slices")


@pytest.fixture
def seeds(pytestconfig: pytest.Config) -> range:
    only = pytestconfig.getoption("--seed")
    if only is not None:
        return range(only, only + 1)
    return range(pytestconfig.getoption("--seeds"))


def test_whatever_fails_everything_answered_is_there_once(
    seeds: range, new_memory: Any
) -> None:
    seen: Counter[str] = Counter()
    for seed in seeds:
        report = simulate(seed, new_memory)
        assert report.wrong == [], f"seed {seed}"
        seen += report.seen

    if len(seeds) > 1:
        assert seen.keys() >= HAPPENINGS


def test_one_seed_is_one_story(new_memory: Any) -> None:
    digests = [simulate(7, new_memory).digest for _ in range(2)]

    assert digests[0] == digests[1]
