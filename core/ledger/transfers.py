"""Transfers and exchanges: points that change their holder, or their currency.

A transfer is one command of two steps: one holder sends, the other receives. Points
pass through TRANSIT and keep the dates and the policy of their lots.
"""

from core.ledger.change import Parcel, Refuse
from core.ledger.codes import Account, RefusalCode
from core.ledger.commands import Exchange, Receive, Send
from core.ledger.draft import Draft
from core.ledger.restoring import restore
from core.ledger.spending import require_redeemable


def send(draft: Draft, operation: Send) -> None:
    """Take points out, soonest expiry first, and pack them for the receiver."""
    currency_id = operation.currency_id
    if not draft.currency(currency_id).is_transferable:
        raise Refuse(RefusalCode.NOT_TRANSFERABLE, currency=currency_id)
    parts = tuple(draft.draw(currency_id, operation.amount))
    for lot, part in parts:
        draft.move(
            currency_id,
            part,
            src=Account.AVAILABLE,
            dst=Account.TRANSIT,
            lot=lot.lot_id,
        )
    draft.parcel = Parcel(currency_id, parts)


def receive(draft: Draft, operation: Receive, sender: Draft | None) -> None:
    """Unpack what the sender gave: a new lot for each lot it took from."""
    parcel = None if sender is None else sender.parcel
    if sender is None or parcel is None:
        raise Refuse(RefusalCode.HOLDER_UNKNOWN)
    holder_id = draft.state.holder_id
    if sender.state.program_id != draft.state.program_id:
        raise Refuse(RefusalCode.HOLDER_UNKNOWN)
    if parcel.receiver not in {None, holder_id}:
        raise Refuse(RefusalCode.HOLDER_UNKNOWN)
    for lot, part in parcel.parts:
        restore(
            draft,
            part,
            src=Account.TRANSIT,
            origin=lot,
            origin_holder=operation.sender,
            expires_at_us=lot.expires_at_us,
        )
    sender.parcel = None


def exchange(draft: Draft, operation: Exchange) -> None:
    """Turn points of one currency into another; the rate is kept with it."""
    require_redeemable(draft, operation.currency_id)
    draft.currency(operation.into)
    gives, takes = operation.gives, operation.takes
    result = operation.amount * gives // takes
    if result == 0:
        raise Refuse(RefusalCode.AMOUNT_TOO_SMALL, required=-(-takes // gives))
    used = -(-result * takes // gives)
    for lot, part in tuple(draft.draw(operation.currency_id, operation.amount)):
        exact = min(part, used)
        used -= exact
        for amount, dst in (
            (exact, Account.EXCHANGE),
            (part - exact, Account.ROUNDING),
        ):
            draft.move(
                operation.currency_id,
                amount,
                src=Account.AVAILABLE,
                dst=dst,
                lot=lot.lot_id,
            )
    new = draft.new_lot(
        operation.into,
        result,
        available_at_us=draft.now_us,
        expires_at_us=operation.expires_at_us,
        policy=operation.policy,
    )
    draft.move(
        operation.into,
        result,
        src=Account.EXCHANGE,
        dst=Account.AVAILABLE,
        lot=new.lot_id,
    )
    draft.meta["rate"] = [gives, takes]
