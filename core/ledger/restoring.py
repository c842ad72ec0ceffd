"""Points that come back: to a new lot for each lot they came from.

A lot's dates and size never change. What comes back gets a lot of its own that names
its origin and lives until the old date, or a while longer by the lot's policy.
"""

from core.ledger import policy
from core.ledger.codes import NEVER_US, Account
from core.ledger.draft import Draft
from core.ledger.filling import fill
from core.ledger.state import Lot


def restore(  # noqa: PLR0913  (keyword-only)
    draft: Draft,
    amount: int,
    *,
    src: Account,
    origin: Lot,
    origin_holder: int,
    expires_at_us: int,
    at_us: int | None = None,
    sys_ref: int | None = None,
) -> None:
    """Give *amount* back at *at_us*, or now, as a lot that ends at *expires_at_us*."""
    lot = draft.new_lot(
        origin.currency_id,
        amount,
        available_at_us=draft.now_us,
        expires_at_us=min(expires_at_us, NEVER_US),
        origin_holder=origin_holder,
        origin_lot=origin.lot_id,
        policy=origin.policy,
    )
    fill(draft, lot, src, at_us=at_us, sys_ref=sys_ref)


def release_share(draft: Draft, lot: Lot, amount: int, at_us: int) -> None:
    """Give points of a hold back to their lot.

    Points under a hold do not expire. If the lot has run out by *at_us*, when the hold
    ended, they expire now, or begin a new lot if the policy grants grace.
    """
    draft.move(
        lot.currency_id,
        amount,
        src=Account.HELD,
        dst=Account.AVAILABLE,
        lot=lot.lot_id,
    )
    if lot.expires_at_us > at_us:
        return
    draft.move(
        lot.currency_id,
        amount,
        src=Account.AVAILABLE,
        dst=Account.BREAKAGE,
        lot=lot.lot_id,
    )
    if grace_us := policy.read(lot.policy).grace_us:
        draft.add_expired(lot.lot_id, -amount)
        restore(
            draft,
            amount,
            src=Account.BREAKAGE,
            origin=lot,
            origin_holder=draft.state.holder_id,
            expires_at_us=at_us + grace_us,
            at_us=at_us,  # however late this is recorded: its end is another piece
        )
