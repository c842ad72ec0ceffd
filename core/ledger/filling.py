"""Filling a new lot: what comes in, and what its dates make of it at once."""

from core.ledger.codes import Account
from core.ledger.draft import Draft
from core.ledger.state import Lot


def fill(
    draft: Draft,
    lot: Lot,
    src: Account,
    *,
    at_us: int | None = None,
    **origin: int | None,
) -> None:
    """Fill an empty lot from *src*: pending until it ripens, else available.

    If its end has passed by *at_us*, or by now, the points come and expire at once, and
    both is recorded.
    """
    is_pending = lot.available_at_us > draft.now_us
    draft.move(
        lot.currency_id,
        lot.original,
        src=src,
        dst=Account.PENDING if is_pending else Account.AVAILABLE,
        lot=lot.lot_id,
        **origin,
    )
    if lot.expires_at_us <= (draft.now_us if at_us is None else at_us):
        draft.move(
            lot.currency_id,
            lot.original,
            src=Account.AVAILABLE,
            dst=Account.BREAKAGE,
            lot=lot.lot_id,
        )
