"""The steps of a saga's move: points, units and the member's limit go together."""

from collections.abc import Sequence

from core.engine import Engine
from core.ledger.codes import JournalKind
from core.ledger.commands import Capture, Count, Operation, Reverse, Step, Void
from core.ledger.companions import RedemptionChange
from core.program import stock
from core.program.redemption_row import Redemption, Status

_UNITS_TAKEN = (
    "SELECT seq FROM journal WHERE holder_id = $1 AND ((ref_seq = $2 AND kind = $3) "
    "OR (seq = $2 AND kind = $4))"
)
"""How the units of a redemption were taken: by the end of a hold, or at once."""


def limit_counter(reward_id: int) -> tuple[str, str]:
    """Return name and period of the counter of a member's units of a reward."""
    return f"reward:{reward_id}", "all"


async def steps_of(
    engine: Engine,
    redemption: Redemption,
    operation: Operation,
    change: RedemptionChange,
    units: int | None,
) -> tuple[Step, ...]:
    """Return the steps of a move, see `move`."""
    is_undone = (
        change.status == Status.CANCELLED and redemption.fulfilled_quantity is not None
    )
    given_back = _units_given_back(redemption, operation, units)
    if is_undone:
        given_back = redemption.fulfilled_quantity or redemption.quantity
    counter = limit_counter(redemption.reward_id)
    counts = (Count(*counter, by=-given_back),) if given_back else ()
    steps = [Step(redemption.holder_id, operation, counts, (change,))]
    if is_undone:
        steps += await _units_back(engine, redemption)
    else:
        steps += _stock_steps(redemption, operation, units)
    return tuple(steps)


def _units_given_back(
    redemption: Redemption, operation: Operation, units: int | None
) -> int:
    match operation:
        case Void():
            return redemption.quantity
        case Capture():
            return redemption.quantity - (units or 0)
        case _:
            return 0


async def _units_back(engine: Engine, redemption: Redemption) -> Sequence[Step]:
    """Return what gives the units back. A code that was shown never comes back."""
    holder_id, hold_id = redemption.stock_holder_id, redemption.stock_hold_id
    if holder_id is None or hold_id is None or redemption.slot == stock.CODES:
        return ()
    kinds = (int(JournalKind.CAPTURE), int(JournalKind.REDEEM))
    rows = await engine.database.read(_UNITS_TAKEN, holder_id, hold_id, *kinds)
    return tuple(Step(holder_id, Reverse(seq)) for (seq,) in rows[:1])


def _stock_steps(
    redemption: Redemption, operation: Operation, units: int | None
) -> Sequence[Step]:
    """Return what happens to the units that were set aside."""
    holder_id, hold_id = redemption.stock_holder_id, redemption.stock_hold_id
    if holder_id is None or hold_id is None:
        return ()
    is_code = redemption.slot == stock.CODES
    match operation:
        case Capture():
            return (Step(holder_id, Capture(hold_id, None if is_code else units)),)
        case Void():
            return (Step(holder_id, Void(hold_id)),)
        case _:
            return ()
