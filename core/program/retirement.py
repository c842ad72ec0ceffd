"""Taking a reward type out of use, before its plugin is removed.

Its rewards go off sale; open redemptions are finished by the plugin, or released: then
their points go back, on the word of the operator that nobody gets the reward.
"""

from dataclasses import dataclass

from sqlmodel import Session, col, update

from core.engine import Engine
from core.ledger.commands import Command, Note, Operation, Void, fingerprint_of
from core.program import saga, saga_steps
from core.program.redemption_row import Redemption, Status, load
from core.program.refusals import accepted
from core.storage import program_tables as tables

_OPEN = (
    "SELECT holder_id, hold_id FROM redemption WHERE reward_type = $1 "
    "AND next_attempt_us IS NOT NULL ORDER BY holder_id, hold_id"
)
_REASON = "the reward type was taken out of use"


@dataclass(frozen=True, slots=True)
class Retired:
    """What was done: rewards taken off sale, redemptions released, those still open."""

    rewards: int
    released: int
    open: int


async def retire(engine: Engine, reward_type: str, *, release: bool) -> Retired:
    """Take the rewards of a type off sale, and with *release* end what is open."""

    def switch_off(session: Session) -> int:
        table = tables.Reward
        changed = session.exec(
            update(table)
            .where(col(table.reward_type) == reward_type, col(table.is_active))
            .values(is_active=False)
        )
        return int(changed.rowcount)

    rewards = await engine.database.configure(switch_off)
    found = await engine.database.read(_OPEN, reward_type, bounded=False)
    released = 0
    for holder_id, hold_id in found if release else ():
        redemption = await load(engine, holder_id, hold_id)
        if redemption is not None and redemption.next_attempt_us is not None:
            await _release(engine, redemption)
            released += 1
    return Retired(rewards, released, len(found) - released)


async def _release(engine: Engine, redemption: Redemption) -> None:
    status, operation = _end(redemption)
    change = redemption.change(status, reason=_REASON, ends=True)
    steps = await saga_steps.steps_of(engine, redemption, operation, change, None)
    key = f"retire:{redemption.hold_id}:{redemption.attempts}"
    accepted(await engine.ledger.post(Command(key, fingerprint_of(key, {}), steps)))


def _end(redemption: Redemption) -> tuple[Status, Operation]:
    if redemption.status == Status.COMPENSATING:
        return Status.CANCELLED, saga.refund_of(redemption)
    if redemption.hold_seq is None:
        return Status.CANCELLED, Note()
    return Status.FAILED, Void(redemption.hold_seq)
