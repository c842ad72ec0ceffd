"""Reversals: undo a transaction, all that is left of it or a part.

A reversal is a transaction of its own that names its target; nothing is updated. The
sum of all reversals never exceeds what the target moved.
"""

from core.ledger.codes import Account, JournalKind, RefusalCode
from core.ledger.commands import Reverse
from core.ledger.draft import Draft, Refuse
from core.ledger.state import Line, Target

REVERSALS = {
    JournalKind.EARN: JournalKind.REVERSE_EARN,
    JournalKind.REDEEM: JournalKind.REVERSE_REDEEM,
    JournalKind.CAPTURE: JournalKind.REVERSE_REDEEM,
}
"""What can be reversed, and the kind of the row that does it."""


def reverse(draft: Draft, operation: Reverse) -> JournalKind:
    """Undo the target, and tell as what kind of transaction."""
    target = draft.state.targets.get(operation.seq)
    if target is None:
        raise Refuse(RefusalCode.TRANSACTION_UNKNOWN)
    kind = REVERSALS.get(target.kind)
    if kind is None:
        raise Refuse(RefusalCode.NOT_REVERSIBLE, kind=target.kind.name)
    if kind is JournalKind.REVERSE_EARN:
        _claw_back(draft, target, operation)
    else:
        _refund(draft, target, operation)
    return kind


def _claw_back(draft: Draft, target: Target, operation: Reverse) -> None:
    """Take earned points back: own lot, then other lots, then debt."""
    given = [line for line in target.lines if line.src is Account.ISSUED]
    taken = sum(
        line.amount for line in target.reversals if line.dst is Account.CLAWED_BACK
    )
    amount = _amount(given, taken, operation)
    for line, part in _slices(given, taken, amount):
        _take(draft, line, part)


def _take(draft: Draft, line: Line, amount: int) -> None:
    currency_id, own = line.currency_id, line.dst_lot
    if own is None:
        raise AssertionError("an award without a lot")
    for account in (Account.PENDING, Account.AVAILABLE):
        lot = draft.lot(own)
        left = lot.pending if account is Account.PENDING else lot.available
        part = min(left, amount)
        amount -= part
        draft.move(currency_id, part, src=account, dst=Account.CLAWED_BACK, lot=own)
    for lot in draft.spendable(currency_id):
        part = min(lot.available, amount)
        amount -= part
        draft.move(
            currency_id,
            part,
            src=Account.AVAILABLE,
            dst=Account.CLAWED_BACK,
            lot=lot.lot_id,
        )
    draft.move(currency_id, amount, src=Account.DEBT, dst=Account.CLAWED_BACK)


def _refund(draft: Draft, target: Target, operation: Reverse) -> None:
    """Give spent points back: a new lot per lot used, in reverse order of use."""
    spent = [line for line in reversed(target.lines) if line.dst is Account.REDEEMED]
    returned = sum(
        line.amount for line in target.reversals if line.src is Account.REDEEMED
    )
    amount = _amount(spent, returned, operation)
    for line, part in _slices(spent, returned, amount):
        if line.src_lot is None:
            raise AssertionError("a redemption without a lot")
        origin = draft.lot(line.src_lot)
        expires_at_us = max(origin.expires_at_us, draft.now_us + operation.grace_us)
        lot = draft.new_lot(
            line.currency_id,
            part,
            available_at_us=draft.now_us,
            expires_at_us=expires_at_us,
            origin_holder=draft.state.holder_id,
            origin_lot=origin.lot_id,
            policy=origin.policy,
        )
        draft.move(
            line.currency_id,
            part,
            src=Account.REDEEMED,
            dst=Account.AVAILABLE,
            lot=lot.lot_id,
            sys_ref=line.sys_ref,
        )
        if expires_at_us <= draft.now_us:
            draft.move(
                line.currency_id,
                part,
                src=Account.AVAILABLE,
                dst=Account.BREAKAGE,
                lot=lot.lot_id,
            )


def _amount(lines: list[Line], undone: int, operation: Reverse) -> int:
    """Return how much to undo; refuse what is more than is left."""
    left = sum(line.amount for line in lines) - undone
    if left == 0:
        raise Refuse(RefusalCode.NOT_REVERSIBLE, kind="REVERSED")
    amount = left if operation.amount is None else operation.amount
    if amount > left:
        raise Refuse(RefusalCode.EXCEEDS_ORIGINAL, required=amount, available=left)
    if operation.amount is not None and len({line.currency_id for line in lines}) > 1:
        raise Refuse(RefusalCode.NOT_REVERSIBLE, kind="SEVERAL_CURRENCIES")
    return amount


def _slices(lines: list[Line], skip: int, amount: int) -> list[tuple[Line, int]]:
    """Cut *amount* out of the row of *lines*, beginning after *skip*."""
    slices = []
    for line in lines:
        passed = min(skip, line.amount)
        skip -= passed
        part = min(line.amount - passed, amount)
        amount -= part
        if part:
            slices.append((line, part))
    return slices
