"""Reversals: undo a transaction, all that is left of it or a part.

A reversal is a transaction of its own that names its target; nothing is updated. The
sum of all reversals never exceeds what the target moved.
"""

from core.ledger import policy
from core.ledger.change import Parcel, Refuse
from core.ledger.codes import REVERSALS, Account, JournalKind, RefusalCode
from core.ledger.commands import Reverse
from core.ledger.draft import Draft
from core.ledger.filling import fill
from core.ledger.policy import Clawback
from core.ledger.restoring import restore
from core.ledger.state import Line, Target

_TAKEN_TO = {
    JournalKind.EARN: (Account.ISSUED, Account.CLAWED_BACK),
    JournalKind.ADJUST: (Account.ADJUSTED, Account.ADJUSTED),
    JournalKind.EXCHANGE: (Account.EXCHANGE, Account.EXCHANGE),
    JournalKind.TRANSFER_IN: (Account.TRANSIT, Account.TRANSIT),
}
"""Where points came from that a transaction gave, and where they are taken to."""

_SPENT_ON = {
    JournalKind.REDEEM: {Account.REDEEMED, Account.CAUSE},
    JournalKind.CAPTURE: {Account.REDEEMED, Account.CAUSE},
    JournalKind.ADJUST: {Account.ADJUSTED},
    JournalKind.EXCHANGE: {Account.EXCHANGE, Account.ROUNDING},
}
"""Where points went that a transaction took."""


def reverse(draft: Draft, operation: Reverse) -> JournalKind:
    """Undo the target, and tell as what kind of transaction."""
    target = draft.state.targets.get(operation.seq)
    if target is None:
        raise Refuse(RefusalCode.TRANSACTION_UNKNOWN)
    kind = REVERSALS.get(target.kind)
    if kind is None:
        raise Refuse(RefusalCode.NOT_REVERSIBLE, kind=target.kind.name)
    parts = [part for part in (_given(target), _spent(target)) if part.lines]
    amount = _amount(parts, operation)
    for part in parts:
        share = part.left if amount is None else amount
        slices = _slices(part.lines, part.undone, share)
        if part.back is None:
            _refund(draft, slices, operation)
        else:
            _claw_back(draft, slices, part, part.back)
    if kind is JournalKind.TRANSFER_BACK:
        draft.parcel = _parcel(draft, parts[0], amount)
    return kind


class _Part:
    """What a target gave, or what it took, and how much of that is undone already.

    `back` is the account to which given points are taken; None: they were spent.
    """

    def __init__(
        self, lines: list[Line], reversals: list[Line], back: Account | None
    ) -> None:
        self.lines = lines
        self.reversals = reversals
        self.back = back
        self.undone = sum(line.amount for line in reversals)
        self.left = sum(line.amount for line in lines) - self.undone


def _given(target: Target) -> _Part:
    source, back = _TAKEN_TO.get(target.kind, (None, None))
    lines = [line for line in target.lines if line.src is source]
    return _Part(lines, [one for one in target.reversals if one.dst is back], back)


def _spent(target: Target) -> _Part:
    """Return what was spent; the last drawn comes back first."""
    goals = _SPENT_ON.get(target.kind, set())
    lines = [line for line in reversed(target.lines) if line.dst in goals]
    return _Part(lines, [one for one in target.reversals if one.src in goals], None)


def _amount(parts: list[_Part], operation: Reverse) -> int | None:
    """Check how much is to be undone; None: all that is left."""
    if not any(part.left for part in parts):
        raise Refuse(RefusalCode.NOT_REVERSIBLE, kind="REVERSED")
    if operation.amount is None:
        return None
    currencies = {line.currency_id for part in parts for line in part.lines}
    if len(currencies) > 1:
        raise Refuse(RefusalCode.NOT_REVERSIBLE, kind="SEVERAL_CURRENCIES")
    left = parts[0].left
    if operation.amount > left:
        raise Refuse(
            RefusalCode.EXCEEDS_ORIGINAL, required=operation.amount, available=left
        )
    return operation.amount


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


def _claw_back(
    draft: Draft, slices: list[tuple[Line, int]], part: _Part, back: Account
) -> None:
    """Take given points back; what ran out of their lot is gone already."""
    for line, amount in slices:
        if line.dst_lot is None:
            raise AssertionError("given points without a lot")
        left = _take_own(draft, line.currency_id, line.dst_lot, amount, back)
        gone = min(left, _expired(draft, part, line, line.dst_lot))
        draft.move(line.currency_id, gone, src=Account.BREAKAGE, dst=back)
        _take_more(draft, line.currency_id, line.dst_lot, left - gone, back)


def _expired(draft: Draft, part: _Part, line: Line, own: int) -> int:
    """Return what ran out of a line's lot, less what reversals took of that."""
    before = sum(one.amount for one in part.lines[: part.lines.index(line)])
    taken = sum(
        amount
        for one, amount in _slices(part.reversals, before, line.amount)
        if one.src is Account.BREAKAGE
    )
    return draft.lot(own).expired - taken


def _take_own(
    draft: Draft, currency_id: int, own: int, amount: int, back: Account
) -> int:
    """Take points from their own lot, and return how many are missing."""
    for account in (Account.PENDING, Account.AVAILABLE):
        lot = draft.lot(own)
        left = lot.pending if account is Account.PENDING else lot.available
        part = min(left, amount)
        amount -= part
        draft.move(currency_id, part, src=account, dst=back, lot=own)
    return amount


def _take_more(
    draft: Draft, currency_id: int, own: int, amount: int, back: Account
) -> None:
    """Take points that are spent, as the policy of their lot says."""
    rule = policy.read(draft.lot(own).policy)
    if rule.clawback in {Clawback.OTHER_LOTS, Clawback.CAPPED}:
        for lot in draft.spendable(currency_id):
            part = min(lot.available, amount)
            amount -= part
            draft.move(
                currency_id, part, src=Account.AVAILABLE, dst=back, lot=lot.lot_id
            )
    owed = amount
    if rule.clawback is Clawback.FORGIVE:
        owed = 0
    elif rule.clawback is Clawback.CAPPED:
        room = max(0, rule.debt_limit - draft.wallet(currency_id).debt)
        owed = min(amount, room)
    draft.move(currency_id, owed, src=Account.DEBT, dst=back)
    draft.write_off(currency_id, amount - owed, back)


def _refund(draft: Draft, slices: list[tuple[Line, int]], operation: Reverse) -> None:
    """Give spent points back: a new lot for each lot used, and one for a debt made."""
    for line, amount in slices:
        if line.src_lot is None:
            _forgive(draft, line, amount)
            continue
        origin = draft.lot(line.src_lot)
        grace_us = operation.grace_us
        if grace_us is None:
            grace_us = policy.read(origin.policy).grace_us
        restore(
            draft,
            amount,
            src=line.dst,
            origin=origin,
            origin_holder=draft.state.holder_id,
            expires_at_us=max(origin.expires_at_us, draft.now_us + grace_us),
            sys_ref=line.sys_ref,
        )


def _forgive(draft: Draft, line: Line, amount: int) -> None:
    """Undo a debt: it is paid back; what others have paid of it meanwhile is given."""
    lot = draft.new_lot(line.currency_id, amount, available_at_us=draft.now_us)
    fill(draft, lot, line.dst)
    draft.repay(line.currency_id, lot.lot_id)


def _parcel(draft: Draft, part: _Part, amount: int | None) -> Parcel:
    """Pack what goes back to the sender, under the lots in which it came."""
    share = part.left if amount is None else amount
    parts = [
        (draft.lot(line.dst_lot), piece)
        for line, piece in _slices(part.lines, part.undone, share)
        if line.dst_lot is not None
    ]
    sender = parts[0][0].origin_holder
    return Parcel(part.lines[0].currency_id, tuple(parts), sender)
