"""What time does: pending points ripen, holds and lots run out.

Time-driven work runs first whenever a holder is touched, so no command ever sees a lot
that has run out as spendable; a job that comes late changes nothing but when the rows
are written. Each piece is a transaction of its own, under a key made from what is due,
effective at the due instant.
"""

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import Any, NamedTuple

from core.ledger.change import Change, Header
from core.ledger.codes import NEVER_US, Account, JournalKind
from core.ledger.commands import due_key
from core.ledger.draft import Draft
from core.ledger.finishing import finish
from core.ledger.spending import release
from core.ledger.state import Hold, HolderState, Lot

_FINGERPRINT = b"due"


class Due(NamedTuple):
    """A piece of work; pieces of one instant are done in the order of `rank`."""

    at_us: int
    rank: int
    key: int


_ACTIVATE, _HOLD, _EXPIRE = range(3)


class Agenda:
    """What is due on a holder at an instant, the earliest first.

    It reads the state anew before each piece, since one piece may bring another (what a
    hold gives back may have run out) or make it needless.
    """

    def __init__(self, state: HolderState, now_us: int) -> None:
        self._state = state
        self._now_us = now_us
        self._pieces: list[Due] = []
        self._add(state.lots, state.holds)

    def pop(self) -> Due | None:
        """Return the next piece of work, or None."""
        while self._pieces:
            piece = heappop(self._pieces)
            if self._is_still_due(piece):
                return piece
        return None

    def take_in(self, change: Change) -> None:
        """Add what *change*, which the state has taken in, makes due."""
        self._add(change.lots, change.holds)

    def _add(self, lots: Mapping[int, Lot], holds: Mapping[int, Hold]) -> None:
        now_us = self._now_us
        for lot in lots.values():
            if lot.pending and lot.available_at_us <= now_us:
                self._push(lot.available_at_us, _ACTIVATE, lot.lot_id)
            if (lot.pending or lot.available) and lot.expires_at_us <= now_us:
                self._push(lot.expires_at_us, _EXPIRE, lot.lot_id)
        for hold in holds.values():
            if hold.due_us <= now_us:
                self._push(hold.due_us, _HOLD, hold.hold_id)

    def _push(self, at_us: int, rank: int, key: int) -> None:
        heappush(self._pieces, Due(at_us, rank, key))

    def _is_still_due(self, piece: Due) -> bool:
        if piece.rank == _HOLD:
            return self._state.holds[piece.key].due_us == piece.at_us
        lot = self._state.lots[piece.key]
        return lot.pending > 0 or (piece.rank == _EXPIRE and lot.available > 0)


def next_due(state: HolderState) -> int | None:
    """Return when time next changes something, given all that is open."""
    dues = [lot.due_us for lot in state.lots.values()]
    dues += [hold.due_us for hold in state.holds.values()]
    soonest = min(dues, default=NEVER_US)
    return None if soonest == NEVER_US else soonest


def carry_out(
    state: HolderState,
    due: Due,
    now_us: int,
    meta: Mapping[str, Any] | None = None,
) -> Change:
    """Do one piece of work; *meta* is recorded with it."""
    draft = Draft(state, now_us)
    kind, name = _OPERATIONS[due.rank](draft, due)
    return finish(
        draft,
        Header(
            kind,
            key=due_key(name, due.key),
            fingerprint=_FINGERPRINT,
            effective_us=due.at_us,
            ref_seq=due.key if due.rank == _HOLD else None,
            meta=meta,
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
