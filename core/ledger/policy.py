"""The policy that stands on a lot: what happens to points that go wrong.

A lot keeps the policy it was made with, whatever the program says later. It is stored
as JSON text; the empty object is the default.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from core.ledger.codes import MAX_AMOUNT


class Clawback(StrEnum):
    """Where points come from that are taken back, once their own lot has no more.

    What ran out of that lot unspent is gone already and is not taken again.
    """

    OTHER_LOTS = "other_lots"
    """The holder's other lots, soonest expiry first; what is missing becomes debt."""

    DEBT = "debt"
    """A debt at once; later earnings pay it back."""

    FORGIVE = "forgive"
    """Nowhere: what is missing is written off to the loss account."""

    CAPPED = "capped"
    """As OTHER_LOTS, with a debt of `debt_limit` at most; the rest is written off."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A lot's policy.

    Attributes:
        clawback: how to take back what is spent already.
        debt_limit: the largest debt that CAPPED makes, in minor units.
        grace_us: how long points live at least that come back after their date, by a
            refund or when a hold ends.
        wait_us: how long points that waited for an approval are pending after it.
        valid_us: how long they live from then on; 0: for ever.
    """

    clawback: Clawback = Clawback.OTHER_LOTS
    debt_limit: int = 0
    grace_us: int = 0
    wait_us: int = 0
    valid_us: int = 0


_NUMBERS = ("debt_limit", "grace_us", "wait_us", "valid_us")


@lru_cache(maxsize=1024)
def read(text: str) -> Policy:
    """Read a stored policy.

    Raises:
        ValueError: *text* is no policy.
    """
    values = json.loads(text)
    if not isinstance(values, dict) or values.keys() - {"clawback", *_NUMBERS}:
        raise ValueError(f"not a policy: {text}")
    numbers = {name: values.get(name, 0) for name in _NUMBERS}
    policy = Policy(Clawback(values.get("clawback", Clawback.OTHER_LOTS)), **numbers)
    for number in numbers.values():
        if type(number) is not int or not 0 <= number <= MAX_AMOUNT:
            raise ValueError(f"not a policy: {text}")
    return policy


def write(policy: Policy) -> str:
    """Return the text that is stored; what is the default is left out."""
    values: dict[str, str | int] = {}
    if policy.clawback is not Clawback.OTHER_LOTS:
        values["clawback"] = policy.clawback.value
    numbers = {name: getattr(policy, name) for name in _NUMBERS}
    values |= {name: number for name, number in numbers.items() if number}
    return json.dumps(values, separators=(",", ":"))
