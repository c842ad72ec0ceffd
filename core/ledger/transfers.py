"""Transfers and exchanges: points that change their holder, or their currency.

A transfer is one command of two steps: one holder sends, the other receives. Points
pass through TRANSIT and keep the dates and the policy of their lots.
"""

from core.ledger.change import Parcel, Refuse
from core.ledger.codes import Account, RefusalCode
from core.ledger.commands import Exchange, Send
from core.ledger.draft import Draft
from core.ledger.filling import fill
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


def receive(draft: Draft, sender: Draft) -> None:
    """Unpack what the sender gave: a new lot for each lot it took from.

    What comes back to a holder comes back though it is frozen.
    """
    parcel = sender.parcel
    if parcel is None:
        raise Refuse(RefusalCode.NOT_REVERSIBLE, kind="NOT_SENT")
    if parcel.receiver is None:
        draft.require_active()
    elif parcel.receiver == draft.state.holder_id:
        draft.require_open()
    else:
        raise Refuse(RefusalCode.NOT_REVERSIBLE, kind="NOT_RECEIVED")
    for lot, part in parcel.parts:
        restore(
            draft,
            part,
            src=Account.TRANSIT,
            origin=lot,
            origin_holder=sender.state.holder_id,
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
    fill(draft, new, Account.EXCHANGE)
    draft.meta["rate"] = [gives, takes]
