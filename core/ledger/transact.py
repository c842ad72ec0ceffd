"""A batch from beginning to end: claim, load, decide, write.

Written once, without any I/O: the generator asks (`core.ledger.requests`) and a store
answers, inside one database transaction.
"""

from collections.abc import Sequence

from core.ledger.commands import Command, Outcome
from core.ledger.loading import load
from core.ledger.requests import Transaction, Writes
from core.ledger.workspace import Workspace
from core.ledger.writing import write


def transact(
    commands: Sequence[Command], real: set[int] | None = None
) -> Transaction[list[Outcome]]:
    """Carry out *commands* in their order; several may concern the same holder.

    *real* are programs that are known to have no clock of their own (`load`).
    """
    states, now = yield from load(commands, real)
    work = Workspace(states, now.real_us, own_us=now.own_us)
    outcomes = [work.run(command) for command in commands]
    if writes := list(write(work)):
        yield Writes(writes)
    return outcomes
