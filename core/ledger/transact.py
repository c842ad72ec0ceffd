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


def transact(commands: Sequence[Command]) -> Transaction[list[Outcome]]:
    """Carry out *commands* in their order; several may concern the same holder."""
    states, now_us = yield from load(commands)
    work = Workspace(states, now_us)
    outcomes = [work.run(command) for command in commands]
    if writes := list(write(work)):
        yield Writes(writes)
    return outcomes
