"""Approval: points that wait for a person's decision, and what becomes of them.

A lot that ripens at `NEVER_US` waits; time alone never makes it available. Its policy
says what an approval makes of its dates, so the decision needs no rule that may have
changed since. Who decides against it reverses the earning.
"""

from core.ledger import policy
from core.ledger.change import Refuse
from core.ledger.codes import NEVER_US, Account, RefusalCode
from core.ledger.commands import Approve
from core.ledger.draft import Draft
from core.ledger.state import Lot


def is_waiting(lot: Lot) -> bool:
    """Tell whether a lot has points that wait for a decision."""
    return lot.pending > 0 and lot.available_at_us == NEVER_US


def dated(lot: Lot, at_us: int) -> Lot:
    """Return a lot that waited with the dates that an approval at *at_us* gives it."""
    rule = policy.read(lot.policy)
    ripens_at_us = min(at_us + rule.wait_us, NEVER_US - 1)
    expires_at_us = ripens_at_us + rule.valid_us if rule.valid_us else NEVER_US
    return lot._replace(
        available_at_us=ripens_at_us, expires_at_us=min(expires_at_us, NEVER_US)
    )


def approve(draft: Draft, operation: Approve) -> None:
    """Date the lots that wait; what ripens at once pays debt first."""
    target = draft.state.targets.get(operation.seq)
    if target is None:
        raise Refuse(RefusalCode.TRANSACTION_UNKNOWN)
    given = [line.dst_lot for line in target.lines if line.dst_lot is not None]
    waiting = [lot for lot in map(draft.lot, given) if is_waiting(lot)]
    if not waiting:
        raise Refuse(RefusalCode.NOT_WAITING)
    for waited in waiting:
        lot = draft.lots[waited.lot_id] = dated(waited, draft.now_us)
        if lot.available_at_us > draft.now_us:
            continue
        draft.move(
            lot.currency_id,
            lot.pending,
            src=Account.PENDING,
            dst=Account.AVAILABLE,
            lot=lot.lot_id,
        )
        draft.repay(lot.currency_id, lot.lot_id)
