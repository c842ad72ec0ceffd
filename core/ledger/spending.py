"""Earning and spending: what each operation but a reversal does to a draft."""

from collections.abc import Iterable

from core.ledger import giving
from core.ledger.change import Refuse
from core.ledger.codes import Account, RefusalCode
from core.ledger.commands import (
    Adjust,
    Authorize,
    Capture,
    Earn,
    Extend,
    Redeem,
    Void,
    due_key,
)
from core.ledger.draft import Draft
from core.ledger.filling import fill
from core.ledger.restoring import release_share
from core.ledger.state import Allocation, Hold, Lot
from core.ledger.terms import LOTS_PER_TRANSACTION


def earn(draft: Draft, operation: Earn) -> None:
    """Give points: one lot for each award; what is available pays debt first.

    What limits and budgets do not let through is not given. An award whose end has
    passed before it is recorded comes and expires at once.
    """
    for award in giving.cut(draft, operation):
        draft.currency(award.currency_id)
        ripens_at_us = award.available_at_us
        lot = draft.new_lot(
            award.currency_id,
            award.amount,
            available_at_us=draft.now_us if ripens_at_us is None else ripens_at_us,
            expires_at_us=award.expires_at_us,
            policy=award.policy,
        )
        fill(
            draft,
            lot,
            Account.ISSUED,
            sys_ref=award.sys_ref,
            order_line=award.order_line,
            order_unit=award.order_unit,
        )
        draft.repay(award.currency_id, lot.lot_id)


def redeem(draft: Draft, operation: Redeem) -> None:
    """Take points at once."""
    require_redeemable(draft, operation.currency_id)
    for lot, part in draft.draw(operation.currency_id, operation.amount):
        draft.move(
            operation.currency_id,
            part,
            src=Account.AVAILABLE,
            dst=Account.CAUSE if operation.cause else Account.REDEEMED,
            lot=lot.lot_id,
            sys_ref=operation.sys_ref,
        )


def authorize(draft: Draft, operation: Authorize) -> None:
    """Set points aside, and remember from which lots."""
    require_redeemable(draft, operation.currency_id)
    expires_at_us = operation.expires_at_us
    if expires_at_us is not None and expires_at_us <= draft.now_us:
        raise Refuse(RefusalCode.EXPIRY_NOT_LATER)
    shares: list[Allocation] = []
    for lot, part in _draw_as_expected(draft, operation):
        if len(shares) == LOTS_PER_TRANSACTION:  # each may come back as a new one
            raise Refuse(RefusalCode.TOO_MANY_LOTS, limit=LOTS_PER_TRANSACTION)
        draft.move(
            operation.currency_id,
            part,
            src=Account.AVAILABLE,
            dst=Account.HELD,
            lot=lot.lot_id,
        )
        shares.append(Allocation(draft.seq, lot.lot_id, len(shares), part))
    draft.holds[draft.seq] = Hold(
        draft.seq,
        operation.currency_id,
        operation.amount,
        expires_at_us=expires_at_us,
    )
    draft.allocations[draft.seq] = tuple(shares)
    draft.hold_expires_at_us = expires_at_us


def _draw_as_expected(draft: Draft, operation: Authorize) -> Iterable[tuple[Lot, int]]:
    """Share the amount out over lots, unless it should come from others.

    Where there is too little, no lot would be used: nobody is told of missing points
    who was promised some.
    """
    drawn = draft.draw(operation.currency_id, operation.amount)
    if operation.expect is None:
        return drawn
    try:
        parts = list(drawn)
    except Refuse:
        if not operation.expect:
            raise
        parts = []
    if tuple((lot.lot_id, part) for lot, part in parts) != operation.expect:
        raise Refuse(RefusalCode.QUOTE_STALE, required=operation.amount)
    return parts


def extend(draft: Draft, operation: Extend) -> None:
    """Let a hold end later; one that never ends cannot end later."""
    hold = _open_hold(draft, operation.hold_id)
    expires_at_us = operation.expires_at_us
    if hold.expires_at_us is None or expires_at_us <= hold.expires_at_us:
        raise Refuse(RefusalCode.EXPIRY_NOT_LATER)
    draft.holds[hold.hold_id] = hold._replace(expires_at_us=expires_at_us)
    draft.hold_expires_at_us = expires_at_us


def capture(draft: Draft, operation: Capture) -> None:
    """Take what was set aside, lot by lot in the order of setting aside."""
    hold = _open_hold(draft, operation.hold_id)
    amount = hold.remaining if operation.amount is None else operation.amount
    if amount > hold.remaining:
        raise Refuse(
            RefusalCode.EXCEEDS_ORIGINAL, required=amount, available=hold.remaining
        )
    left = amount
    shares = []
    for share in draft.shares(hold.hold_id):
        part = min(share.remaining, left)
        left -= part
        draft.move(
            hold.currency_id,
            part,
            src=Account.HELD,
            dst=Account.CAUSE if operation.cause else Account.REDEEMED,
            lot=share.lot_id,
            sys_ref=operation.sys_ref,
        )
        shares.append(share._replace(captured=share.captured + part))
    draft.allocations[hold.hold_id] = tuple(shares)
    draft.holds[hold.hold_id] = hold._replace(captured=hold.captured + amount)
    if operation.final:
        release(draft, hold.hold_id, draft.now_us)


def void(draft: Draft, operation: Void) -> None:
    """Give back all that is still set aside."""
    release(draft, _open_hold(draft, operation.hold_id).hold_id, draft.now_us)


def release(draft: Draft, hold_id: int, at_us: int) -> None:
    """Return the rest of a hold, which ended at *at_us*, to its lots."""
    hold = draft.hold(hold_id)
    if hold is None or not hold.is_open:
        return
    shares = []
    for share in draft.shares(hold_id):
        if not share.remaining:  # its lot may be closed, and then is not loaded
            shares.append(share)
            continue
        release_share(draft, draft.lot(share.lot_id), share.remaining, at_us)
        shares.append(share._replace(released=share.released + share.remaining))
    draft.allocations[hold_id] = tuple(shares)
    draft.holds[hold_id] = hold._replace(released=hold.released + hold.remaining)


def adjust(draft: Draft, operation: Adjust) -> None:
    """Give or take by hand."""
    currency_id = operation.currency_id
    draft.currency(currency_id)
    if operation.amount > 0:
        lot = draft.new_lot(
            currency_id,
            operation.amount,
            available_at_us=draft.now_us,
            expires_at_us=operation.expires_at_us,
        )
        fill(draft, lot, Account.ADJUSTED)
        return
    amount = -operation.amount
    owed = max(0, amount - draft.free(currency_id)) if operation.owes else 0
    for lot, part in draft.draw(currency_id, amount - owed):
        draft.move(
            currency_id,
            part,
            src=Account.AVAILABLE,
            dst=Account.ADJUSTED,
            lot=lot.lot_id,
        )
    draft.move(currency_id, owed, src=Account.DEBT, dst=Account.ADJUSTED)


def require_redeemable(draft: Draft, currency_id: int) -> None:
    """Refuse to spend a currency that only counts."""
    if not draft.currency(currency_id).is_redeemable:
        raise Refuse(RefusalCode.NOT_REDEEMABLE, currency=currency_id)


def _open_hold(draft: Draft, hold_id: int) -> Hold:
    hold = draft.hold(hold_id)
    if hold is None:
        raise Refuse(RefusalCode.HOLD_UNKNOWN)
    if not hold.is_open:
        is_expired = due_key("hold", hold_id) in draft.state.known
        code = RefusalCode.HOLD_EXPIRED if is_expired else RefusalCode.HOLD_CLOSED
        raise Refuse(code)
    return hold
