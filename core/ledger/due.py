"""What time does: pending points ripen, holds and lots run out.

Time-driven work runs first whenever a holder is touched, so no command ever sees a lot
that has run out as spendable; a job that comes late changes nothing but when the rows
are written. Each piece is a transaction of its own, under a key made from what is due,
effective at the due instant.
"""

from dataclasses import dataclass

from core.ledger.change import Change, Header
from core.ledger.codes import NEVER_US, Account, JournalKind
from core.ledger.draft import Draft
from core.ledger.finishing import finish
from core.ledger.spending import release
from core.ledger.state import HolderState

_FINGERPRINT = b"due"


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A piece of work; pieces of one instant are done in the order of `rank`."""

    at_us: int
    rank: int
    key: int


_ACTIVATE, _HOLD, _EXPIRE = range(3)


def first_due(state: HolderState, now_us: int) -> Due | None:
    """Return the earliest piece of work that is due at *now_us*, or None."""
    pieces = []
    for lot in state.lots.values():
        if lot.pending:
            pieces.append(Due(lot.available_at_us, _ACTIVATE, lot.lot_id))
        if lot.pending or lot.available:
            pieces.append(Due(lot.expires_at_us, _EXPIRE, lot.lot_id))
    pieces += [Due(hold.due_us, _HOLD, hold.hold_id) for hold in state.holds.values()]
    return min((one for one in pieces if one.at_us <= now_us), default=None)


def next_due(state: HolderState) -> int | None:
    """Return when time next changes something, given all that is open."""
    dues = [lot.due_us for lot in state.lots.values()]
    dues += [hold.due_us for hold in state.holds.values()]
    soonest = min(dues, default=NEVER_US)
    return None if soonest == NEVER_US else soonest


def carry_out(state: HolderState, due: Due, now_us: int) -> Change:
    """Do one piece of work."""
    draft = Draft(state, now_us)
    kind, name = _OPERATIONS[due.rank](draft, due)
    return finish(
        draft,
        Header(
            kind,
            key=f"due:{name}:{due.key}",
            fingerprint=_FINGERPRINT,
            effective_us=due.at_us,
            ref_seq=due.key if due.rank == _HOLD else None,
        ),
    )


def _activate(draft: Draft, due: Due) -> tuple[JournalKind, str]:
    lot_id = due.key
    lot = draft.lot(lot_id)
    draft.move(
        lot.currency_id,
        lot.pending,
        src=Account.PENDING,
        dst=Account.AVAILABLE,
        lot=lot_id,
    )
    draft.repay(lot.currency_id, lot_id)
    return JournalKind.ACTIVATE, "activate"


def _expire_hold(draft: Draft, due: Due) -> tuple[JournalKind, str]:
    release(draft, due.key, due.at_us)
    return JournalKind.HOLD_EXPIRE, "hold"


def _expire(draft: Draft, due: Due) -> tuple[JournalKind, str]:
    lot_id = due.key
    lot = draft.lot(lot_id)
    for account, amount in (
        (Account.PENDING, lot.pending),
        (Account.AVAILABLE, lot.available),
    ):
        draft.move(
            lot.currency_id, amount, src=account, dst=Account.BREAKAGE, lot=lot_id
        )
    return JournalKind.EXPIRE, "expire"


_OPERATIONS = (_activate, _expire_hold, _expire)
