"""What a member wishes for, worked out: units, price, slot, what a plugin is told."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from core.clock import from_us
from core.engine import Engine
from core.errors import (
    FulfillmentRefusedError,
    InvalidOptionsError,
    RewardUnavailableError,
)
from core.extension import in_place
from core.extension.answers import Doubt, Refused
from core.extension.documents import write
from core.extension.earning_action import Fact
from core.extension.reward_documents import accept_options, read_config
from core.extension.reward_type import AnyRequest, RewardRequest
from core.ids import encode
from core.ledger.change import compact
from core.ledger.companions import NewRedemption
from core.program import attributes, saga, stock
from core.program.catalog import Offer
from core.program.redemption_row import Status


@dataclass(frozen=True, slots=True)
class Wish:
    """One member's wish for a reward that is on offer."""

    offer: Offer
    holder_id: int
    config: BaseModel
    options: BaseModel | None
    attributes: Mapping[str, Fact]
    slot: str
    stock_holder_id: int | None
    quantity: int

    @property
    def price(self) -> int:
        """Return the price of all units."""
        return self.offer.price * self.quantity

    def redemption(
        self, engine: Engine, idem_key: str, *, is_held: bool
    ) -> NewRedemption:
        """Return the redemption that begins: with its points set aside, or waiting."""
        offer, reward_type = self.offer, self.offer.reward_type
        lease_us = saga.lease_us(engine, reward_type)
        return NewRedemption(
            program_id=offer.program_id,
            idem_key=idem_key,
            reward_id=offer.reward_id,
            reward_type=reward_type.code,
            config=offer.config,
            config_version=offer.config_version,
            options=None if self.options is None else write(self.options),
            attributes=compact(dict(self.attributes)),
            slot=self.slot,
            quantity=self.quantity,
            currency_id=offer.currency_id,
            price=self.price,
            status=Status.FULFILLING if is_held else Status.REQUESTED,
            token=secrets.token_urlsafe(24),
            stock_holder_id=self.stock_holder_id,
            is_held=is_held,
            next_attempt_us=lease_us if is_held else saga.look_again_us(engine),
            review_at_us=saga.review_us(engine, reward_type) if is_held else None,
        )

    def request(self, now_us: int) -> AnyRequest:
        """Return what a plugin is told before there is a redemption."""
        return RewardRequest(
            token="",
            member_id=encode("member", self.holder_id),
            config=self.config,
            options=self.options,
            quantity=self.quantity,
            requested_at=from_us(now_us),
            slot=self.slot,
            attributes=self.attributes,
        )


def check_options_for(offer: Offer, code: str | None) -> None:
    """Check that options were chosen for the type of this reward, if for one.

    Raises:
        InvalidOptionsError: they were not.
    """
    if code is not None and code != offer.reward_type.code:
        raise InvalidOptionsError(
            field=code, reason=f"this reward is of type {offer.reward_type.code}"
        )


async def read_wish(
    engine: Engine, offer: Offer, holder_id: int, options: Mapping[str, Any] | None
) -> Wish:
    """Work out what *options* ask for.

    Raises:
        InvalidOptionsError: they do not fit.
        PluginFailedError: the plugin raised.
    """
    reward_type = offer.reward_type
    config = read_config(reward_type, offer.config, offer.config_version)
    chosen = accept_options(reward_type, options)
    names = reward_type.reads_attributes
    known = await attributes.read(engine, holder_id, names) if names else {}
    slot = in_place.slot(reward_type, config, chosen, known)
    holders = await stock.slots(engine, offer.reward_id)
    if stock.CODES in holders and in_place.uses_codes(reward_type, config):
        slot = stock.CODES
    elif holders and slot not in holders:
        reason = f"there is no {slot!r}; there are {', '.join(sorted(holders))}"
        raise InvalidOptionsError(field="options", reason=reason)
    return Wish(
        offer=offer,
        holder_id=holder_id,
        config=config,
        options=chosen,
        attributes=known,
        slot=slot,
        stock_holder_id=holders.get(slot),
        quantity=in_place.quantity(reward_type, chosen),
    )


async def precheck(engine: Engine, wish: Wish) -> None:
    """Let the plugin say no before any points are set aside.

    Raises:
        FulfillmentRefusedError: it did.
        RewardUnavailableError: it does not answer; nothing was begun.
    """
    reward_type = wish.offer.reward_type
    if engine.host.rests(reward_type):
        raise RewardUnavailableError(reason="its partner does not answer at present")
    now_us = await engine.clocks.now_us(wish.offer.program_id)
    answer = await engine.host.precheck(reward_type, wish.request(now_us))
    if isinstance(answer, Doubt):
        raise RewardUnavailableError(reason="its partner does not answer at present")
    if isinstance(answer, Refused):
        raise refusal(
            reward_type.code,
            answer.reason,
            None if answer.detail is None else type(answer.detail).__name__,
            None if answer.detail is None else write(answer.detail),
        )


def refusal(
    reward_type: str, reason: str, kind: str | None, document: str | None
) -> FulfillmentRefusedError:
    """Return the error of a partner's no, with its detail as stored."""
    return FulfillmentRefusedError(
        reason=reason,
        reward_type=reward_type,
        refusal_type=kind,
        detail=None if document is None else json.loads(document),
    )
