"""Amounts: from parts of an order, with exact fractions, to whole points.

A part is what one line or one unit is worth. Where rounding happens later than at the
part, the whole is shared out again, and the last part takes the remainder: the sum of
the parts is the whole, and what is taken back of each later adds up to it.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from math import ceil, floor
from typing import NamedTuple

from core.errors import AmountTooLargeError
from core.ledger.codes import MAX_AMOUNT
from core.program.rules.definition import Rounding, RoundingMode, RoundingPlace

MOST_PARTS = 100
"""An order of more units earns line by line, and one of more lines as a whole."""


class Part(NamedTuple):
    """What `units` equal units of a line are worth each; lines count from 1.

    Without a line, it is what the whole is worth.
    """

    exact: Fraction
    line: int | None = None
    unit: int | None = None
    units: int = 1


class Share(NamedTuple):
    """Whole points of a line or a unit."""

    amount: int
    line: int | None = None
    unit: int | None = None


def rounded(value: Fraction, mode: RoundingMode) -> int:
    """Return a fraction of at least 0 as a whole number."""
    match mode:
        case RoundingMode.DOWN:
            return floor(value)
        case RoundingMode.UP:
            return ceil(value)
        case RoundingMode.HALF_UP:
            return floor(value + Fraction(1, 2))
        case RoundingMode.HALF_EVEN:
            return round(value)


def shares_of(parts: Sequence[Part], rounding: Rounding) -> list[Share]:
    """Return the whole points of parts; those that are worth none are left out.

    Raises:
        AmountTooLargeError: together they exceed 2^53-1.
    """
    if rounding.at is RoundingPlace.UNIT:
        amounts = [rounded(one.exact, rounding.mode) * one.units for one in parts]
    elif rounding.at is RoundingPlace.LINE:
        amounts = []
        for _, of_line in groupby(parts, key=lambda one: one.line):
            amounts += _whole(list(of_line), rounding.mode)
    else:
        amounts = _whole(parts, rounding.mode)
    if sum(amounts) > MAX_AMOUNT:
        raise AmountTooLargeError
    shares = [
        Share(amount, one.line, one.unit)
        for amount, one in zip(amounts, parts, strict=True)
        if amount
    ]
    return _few(shares)


def _whole(parts: Sequence[Part], mode: RoundingMode) -> list[int]:
    if len(parts) == 1:
        return [rounded(parts[0].exact * parts[0].units, mode)]
    weights = [one.exact * one.units for one in parts]
    return split(rounded(sum(weights, Fraction()), mode), weights)


def split(whole: int, weights: Sequence[Fraction | int]) -> list[int]:
    """Share *whole* out by weight, rounded down; the last weighty one has the rest."""
    total = sum(weights, Fraction())
    if not total:
        return [0] * len(weights)
    amounts = [floor(whole * weight / total) for weight in weights]
    last = max(at for at, weight in enumerate(weights) if weight)
    amounts[last] += whole - sum(amounts)
    return amounts


def _few(shares: list[Share]) -> list[Share]:
    """Join the units of each line, and then the lines, where there are too many."""
    if len(shares) > MOST_PARTS:
        shares = [
            Share(sum(one.amount for one in of_line), line)
            for line, of_line in groupby(shares, key=lambda one: one.line)
        ]
    if len(shares) > MOST_PARTS:
        shares = [Share(sum(one.amount for one in shares))]
    return shares
