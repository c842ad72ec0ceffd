"""Quotes: what a redemption would cost and do, and redemptions held to one.

A quote reserves nothing and stores nothing. A redemption that names it is exactly what
was quoted, or is refused with the difference: whatever could have changed is compared,
the lots under the lock in which they are set aside (`Authorize.expect`).
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from pydantic_core import to_json

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import GuerdonError, InvalidInputError, QuoteStaleError
from core.extension.documents import write
from core.ledger.codes import NEVER_US, RefusalCode
from core.ledger.commands import (
    Authorize,
    Command,
    Count,
    Note,
    Outcome,
    Refused,
    Step,
    fingerprint_of,
    key_of,
)
from core.ledger.preview import Preview, Use
from core.program import saga_steps
from core.program.access import needs, require_member
from core.program.catalog import find_reward
from core.program.conditions import EXPLAINED, Condition, conditions
from core.program.promises import Promise, digest_of, seal, unseal
from core.program.refusals import error_of
from core.program.wish import Wish, check_options_for, read_wish

_INSTALLATION = "SELECT secret FROM installation"
_CURRENCY = "SELECT code FROM currency WHERE currency_id = $1"


class Stale(StrEnum):
    """What makes a redemption another than was quoted; the first that applies."""

    EXPIRED = "EXPIRED"
    CURRENCY = "CURRENCY"
    QUANTITY = "QUANTITY"
    PRICE = "PRICE"
    CONFIG = "CONFIG"
    LOTS = "LOTS"


@dataclass(frozen=True, slots=True)
class Expiry:
    """Points that run out at one instant."""

    amount: int
    expires_at_us: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What a redemption would cost and do.

    Attributes:
        quote_id: names it to `redeem`; opaque.
        price: points in all.
        quantity: units.
        currency: code of the currency.
        lots: the points to be used, in their order; none, if it cannot be redeemed.
        would_expire: those of them that would have run out one day, the soonest first.
        next_expiry: the points that run out next if it is redeemed; None: none do.
        conditions: all that must be so, and whether it is.
        valid_until_us: from then on it is a promise no more.
    """

    quote_id: str
    price: int
    quantity: int
    currency: str
    lots: tuple[Use, ...]
    would_expire: tuple[Expiry, ...]
    next_expiry: Expiry | None
    conditions: tuple[Condition, ...]
    valid_until_us: int

    @property
    def is_redeemable(self) -> bool:
        """Tell whether all conditions are met."""
        return all(one.is_met for one in self.conditions)


@needs(Scope.REDEMPTIONS_WRITE)
async def quote(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    by: Actor,
    holder_id: int,
    reward_id: int,
    options: Mapping[str, Any] | None = None,
    options_for: str | None = None,
) -> Quote:
    """Tell what a redemption would cost and do now; nothing is set aside.

    Args:
        engine: the engine.
        by: the caller; needs `redemptions:write`, a member only for itself.
        holder_id: the member.
        reward_id: the reward.
        options: as the reward type's model says.
        options_for: the reward type that the caller chose them for, if it said so.

    Raises:
        ForbiddenError: the caller may not redeem.
        MemberNotFoundError: no such member.
        RewardNotFoundError: no such reward.
        RewardUnavailableError: its reward type is not installed.
        InvalidOptionsError: the options do not fit.
        CurrencyRuleError: its currency cannot be spent.
        AmountTooLargeError: it would take more lots than one redemption can.
        PluginFailedError: the plugin broke its contract.
        BusyError: the database does not answer now.
    """
    await require_member(engine, by, holder_id)
    reward = await find_reward(engine, by.program_id, reward_id)
    check_options_for(reward.offer, options_for)
    wish = await read_wish(engine, reward.offer, holder_id, options)
    preview = await _preview(engine, wish)
    outcome = preview.outcome
    if isinstance(outcome, Refused) and outcome.code not in EXPLAINED:
        raise error_of(outcome)
    lots = preview.uses.get(holder_id, ())
    valid_us = engine.settings.quote_valid_ms * 1_000
    promise = Promise(
        program_id=by.program_id,
        holder_id=holder_id,
        reward_id=reward_id,
        options=None if options is None else to_json(options).decode(),
        price=wish.price,
        quantity=wish.quantity,
        currency_id=wish.offer.currency_id,
        terms=_terms(wish),
        valid_until_us=preview.now_us + valid_us,
        lots=lots,
    )
    left = preview.left(holder_id, wish.offer.currency_id)
    ((currency,),) = await engine.database.read(_CURRENCY, wish.offer.currency_id)
    return Quote(
        quote_id=seal(promise, await _secret(engine)),
        price=wish.price,
        quantity=wish.quantity,
        currency=currency,
        lots=lots,
        would_expire=tuple(_expiries(lots)),
        next_expiry=next(iter(_expiries(left)), None),
        conditions=await conditions(
            engine, wish, preview, is_on_offer=reward.is_on_offer
        ),
        valid_until_us=promise.valid_until_us,
    )


async def recall(engine: Engine, by: Actor, holder_id: int, quote_id: str) -> Promise:
    """Return what a quote promised to a member.

    Raises:
        InvalidInputError: it is no quote of ours, or one for somebody else.
    """
    promise = unseal(quote_id, await _secret(engine))
    if (promise.program_id, promise.holder_id) != (by.program_id, holder_id):
        raise InvalidInputError(field="quoteId", reason="is not a quote for the member")
    return promise


def chosen(promise: Promise) -> Mapping[str, Any] | None:
    """Return the options that were quoted."""
    if promise.options is None:
        return None
    options: Mapping[str, Any] = json.loads(promise.options)
    return options


async def require_fresh(engine: Engine, promise: Promise, wish: Wish) -> None:
    """Check that a wish is still what was promised, but for the lots.

    Raises:
        QuoteStaleError: it is not.
    """
    now_us = await engine.clocks.now_us(promise.program_id)
    is_same = {
        Stale.EXPIRED: now_us < promise.valid_until_us,
        Stale.CURRENCY: wish.offer.currency_id == promise.currency_id,
        Stale.QUANTITY: wish.quantity == promise.quantity,
        Stale.PRICE: wish.price == promise.price,
        Stale.CONFIG: _terms(wish) == promise.terms,
    }
    for reason, holds in is_same.items():
        if not holds:
            raise QuoteStaleError(
                reason=reason, quoted_price=promise.price, price=wish.price
            )


async def held_to(
    engine: Engine, promise: Promise, wish: Wish, steps: tuple[Step, ...]
) -> tuple[Step, ...]:
    """Return *steps*, whose first sets points aside, for the promised points alone.

    Raises:
        QuoteStaleError: it is known already that they would be others.
    """
    lots = promise.lots
    if isinstance(lots, str):
        lots = (await _preview(engine, wish)).uses.get(wish.holder_id, ())
        if not promise.has_lots(lots):
            raise _other_lots(promise, lots)
    expect = tuple((lot.lot_id, lot.amount) for lot in lots)
    points = Authorize(promise.currency_id, promise.price, expect=expect)
    return (replace(steps[0], operation=points), *steps[1:])


async def stale_lots(
    engine: Engine, by: Actor, holder_id: int, quote_id: str | None, outcome: Outcome
) -> GuerdonError | None:
    """Return the error of points that were not the promised ones; None: they were."""
    if quote_id is None or not isinstance(outcome, Refused):
        return None
    if outcome.code is not RefusalCode.QUOTE_STALE:
        return None
    promise = await recall(engine, by, holder_id, quote_id)
    points = Authorize(promise.currency_id, promise.price)
    preview = await _look(engine, Step(holder_id, points))
    return _other_lots(promise, preview.uses.get(holder_id, ()))


def _other_lots(promise: Promise, present: tuple[Use, ...]) -> QuoteStaleError:
    lots, quoted = present, None
    if not isinstance(promise.lots, str):
        lots = tuple(one for one in present if one not in promise.lots)
        quoted = tuple(one for one in promise.lots if one not in present)
    return QuoteStaleError(
        reason=Stale.LOTS,
        quoted_price=promise.price,
        price=promise.price,
        quoted_lots=quoted,
        lots=lots,
    )


async def _preview(engine: Engine, wish: Wish) -> Preview:
    """Look at the points, the limit and the units of a wish in one moment."""
    counter = saga_steps.limit_counter(wish.offer.reward_id)
    points = Authorize(wish.offer.currency_id, wish.price)
    steps = [Step(wish.holder_id, points, (Count(*counter, by=wish.quantity),))]
    if wish.stock_holder_id is not None:
        steps.append(Step(wish.stock_holder_id, Note()))
    return await _look(engine, *steps)


async def _look(engine: Engine, *steps: Step) -> Preview:
    key = key_of("quote", secrets.token_hex(16))  # one that nobody has used
    return await engine.ledger.preview(Command(key, fingerprint_of("", {}), steps))


def _expiries(lots: Iterable[Use]) -> Iterable[Expiry]:
    """Yield when points of *lots*, the soonest first, run out."""
    amounts: dict[int, int] = {}
    for lot in lots:
        if lot.expires_at_us != NEVER_US:
            amounts[lot.expires_at_us] = amounts.get(lot.expires_at_us, 0) + lot.amount
    return [Expiry(amount, at_us) for at_us, amount in amounts.items()]


def _terms(wish: Wish) -> str:
    """Return a digest of what the member gets for the price."""
    offer = wish.offer
    return digest_of(
        [
            *(offer.reward_type.code, offer.reward_type.version),
            *(offer.config, offer.config_version, wish.slot),
            None if wish.options is None else write(wish.options),
            dict(wish.attributes),
        ]
    )


async def _secret(engine: Engine) -> bytes:
    ((secret,),) = await engine.database.read(_INSTALLATION)
    return bytes(secret)
