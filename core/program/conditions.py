"""Conditions of a redemption: each is judged, whatever the others are."""

from dataclasses import dataclass
from enum import StrEnum

from core.engine import Engine
from core.errors import FulfillmentRefusedError, RewardUnavailableError
from core.ledger.codes import STOCK_UNIT, HolderStatus, RefusalCode
from core.ledger.preview import Preview
from core.program import saga_steps, stock
from core.program.wish import Wish, precheck

EXPLAINED = {
    RefusalCode.INSUFFICIENT_POINTS,
    RefusalCode.HOLDER_NOT_ACTIVE,
    RefusalCode.HOLDER_CLOSED,
}
"""Refusals of the points alone that a condition tells."""


class Check(StrEnum):
    """What must be so."""

    ON_OFFER = "ON_OFFER"
    MEMBER_ACTIVE = "MEMBER_ACTIVE"
    ENOUGH_POINTS = "ENOUGH_POINTS"
    WITHIN_LIMIT = "WITHIN_LIMIT"
    IN_STOCK = "IN_STOCK"
    PARTNER_AGREES = "PARTNER_AGREES"


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether something is so that must be.

    Attributes:
        check: what must be so.
        is_met: whether it is.
        message: for a developer.
        required: points or units that it takes, where it is about how many.
        available: how many there are; None: any number.
    """

    check: Check
    is_met: bool
    message: str
    required: int | None = None
    available: int | None = None

    @property
    def missing(self) -> int | None:
        """Return how many are missing."""
        if self.required is None or self.available is None:
            return None
        return max(0, self.required - self.available)


async def conditions(
    engine: Engine, wish: Wish, preview: Preview, *, is_on_offer: bool
) -> tuple[Condition, ...]:
    """Judge all conditions of a wish, as far as possible in the moment of *preview*."""
    return (
        _on_offer(is_on_offer=is_on_offer),
        _member_active(preview.status(wish.holder_id)),
        _enough_points(wish, preview),
        _within_limit(wish, preview),
        await _in_stock(engine, wish, preview),
        await _partner_agrees(engine, wish),
    )


def _on_offer(*, is_on_offer: bool) -> Condition:
    message = "the reward is on offer" if is_on_offer else "the reward is switched off"
    return Condition(Check.ON_OFFER, is_on_offer, message)


def _member_active(status: HolderStatus) -> Condition:
    message = f"the member is {status.name.lower()}"
    return Condition(Check.MEMBER_ACTIVE, status is HolderStatus.ACTIVE, message)


def _enough_points(wish: Wish, preview: Preview) -> Condition:
    available = preview.free(wish.holder_id, wish.offer.currency_id)
    return _enough(Check.ENOUGH_POINTS, "points", wish.price, available)


def _within_limit(wish: Wish, preview: Preview) -> Condition:
    limit = wish.offer.limit_per_member
    if limit is None:
        return _any_number(Check.WITHIN_LIMIT, wish)
    counter = saga_steps.limit_counter(wish.offer.reward_id)
    has = preview.counter(wish.holder_id, *counter)
    check = Check.WITHIN_LIMIT
    return _enough(check, "units per member", wish.quantity, max(0, limit - has))


async def _in_stock(engine: Engine, wish: Wish, preview: Preview) -> Condition:
    """Judge the units: those that somebody waits for are not there for others."""
    holder_id = wish.stock_holder_id
    if holder_id is None:
        return _any_number(Check.IN_STOCK, wish)
    units = preview.free(holder_id, STOCK_UNIT)
    if (await stock.left(engine, holder_id)).waiting:
        units = 0
    return _enough(Check.IN_STOCK, "units", wish.quantity, units)


async def _partner_agrees(engine: Engine, wish: Wish) -> Condition:
    try:
        await precheck(engine, wish)
    except (FulfillmentRefusedError, RewardUnavailableError) as error:
        return Condition(Check.PARTNER_AGREES, is_met=False, message=str(error))
    message = "its partner has nothing against it"
    return Condition(Check.PARTNER_AGREES, is_met=True, message=message)


def _enough(check: Check, noun: str, required: int, available: int) -> Condition:
    message = f"{required} {noun} required, {available} available"
    return Condition(check, available >= required, message, required, available)


def _any_number(check: Check, wish: Wish) -> Condition:
    return Condition(check, is_met=True, message="no limit", required=wish.quantity)
