"""Messages of partners about a redemption: late answers, under a signature.

A message may come twice, before the call that caused it has returned, or when nobody
waits for it any more. It moves what is open; what has ended it never moves back. If a
partner says that it delivered after all what had failed, a person decides.
"""

from collections.abc import Mapping
from typing import Any

from core.engine import Engine
from core.extension.answers import Fulfilled, NotFulfilled, PartlyFulfilled, Refused
from core.extension.documents import write
from core.extension.reward_type import AnyRewardType
from core.extension.signing import is_signed
from core.ids import decode_as
from core.ledger.commands import Note
from core.program import saga
from core.program.redemption_row import Redemption, Status, load

_OPEN = {Status.FULFILLING, Status.UNKNOWN}
_US = 1_000_000


async def authenticate(
    engine: Engine, redemption_id: str, headers: Mapping[str, str], body: bytes
) -> Redemption | None:
    """Return the redemption that a message is about.

    None: there is none such, its plugin takes no messages, or the signature is wrong.
    These are one answer, so that nobody learns which redemptions there are.

    Raises:
        InvalidInputError: the id is not spelled like one.
    """
    key = decode_as("redemption", redemption_id, field="redemption")
    redemption = await load(engine, *key)
    if redemption is None:
        return None
    reward_type = engine.registry.reward_type(redemption.reward_type)
    secret = reward_type and engine.registry.callback_secret(reward_type)
    if not secret:
        return None
    now_s = engine.clock.now_us() / _US
    is_good = is_signed(secret, headers, body, now_s, redemption_id)
    return redemption if is_good else None


async def receive(
    engine: Engine, redemption: Redemption, message: Mapping[str, Any]
) -> str:
    """Let the plugin read a message, move on by what it says, and return the status."""
    reward_type = engine.registry.reward_type(redemption.reward_type)
    is_late = redemption.status == Status.FAILED and redemption.review_at_us is None
    if reward_type is None or not (redemption.status in _OPEN or is_late):
        return redemption.status
    work = _receive(engine, reward_type, redemption, message)
    return await engine.background.run(work)


async def _receive(
    engine: Engine,
    reward_type: AnyRewardType,
    redemption: Redemption,
    message: Mapping[str, Any],
) -> str:
    request = await saga.request_of(engine, reward_type, redemption)
    answer = await engine.host.receive(reward_type, request, message)
    match answer:
        case Fulfilled() | PartlyFulfilled():
            if redemption.status == Status.FAILED:
                await _ask_a_person(engine, reward_type, redemption, answer)
            else:
                await saga.settle(engine, redemption, answer)
        case Refused() if redemption.status in _OPEN:
            await saga.settle(engine, redemption, answer)
        case NotFulfilled() if redemption.status in _OPEN:
            # The call may still be under way: `probe` decides, when its time comes.
            await _hurry(engine, redemption)
        case _:
            pass
    found = await load(engine, redemption.holder_id, redemption.hold_id)
    return redemption.status if found is None else found.status


async def _hurry(engine: Engine, redemption: Redemption) -> None:
    """Let recovery look at an unclear redemption at once."""
    if redemption.status != Status.UNKNOWN:
        return
    change = redemption.change(
        Status.UNKNOWN,
        next_attempt_us=engine.clock.now_us(),
        review_at_us=redemption.review_at_us,
    )
    await saga.move(engine, redemption, "hurry", Note(), change)


async def _ask_a_person(
    engine: Engine,
    reward_type: AnyRewardType,
    redemption: Redemption,
    answer: Fulfilled[Any] | PartlyFulfilled[Any],
) -> None:
    """Put a failed redemption that was delivered after all before a person."""
    units = answer.quantity if isinstance(answer, PartlyFulfilled) else None
    change = redemption.change(
        Status.FAILED,
        fulfillment=write(answer.fulfillment),
        fulfillment_version=reward_type.version,
        fulfilled_quantity=units or redemption.quantity,
        review_at_us=engine.clock.now_us(),
    )
    await saga.move(engine, redemption, "delivered late", Note(), change)
