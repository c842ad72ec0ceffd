"""Claiming: lock the holders of a batch, all at once and always in the same order."""

from collections.abc import Callable, Sequence

from core.ledger.codes import HolderStatus
from core.ledger.columns import HEAD
from core.ledger.commands import Command, Open
from core.ledger.requests import Insert, Lock, Row, Transaction

Genesis = Callable[[int, int], bytes]


def claim(
    commands: Sequence[Command], genesis: Genesis
) -> Transaction[tuple[list[Row], int]]:
    """Create the heads that commands open, then lock all heads in the order of ids.

    Returns the heads and the present instant in microseconds.
    """
    opened = {
        step.holder_id: step.operation
        for command in commands
        for step in command.steps
        if isinstance(step.operation, Open)
    }
    if opened:
        rows = [
            (
                holder_id,
                one.program_id,
                one.kind,
                HolderStatus.ACTIVE,
                *(0, 0, genesis(one.program_id, holder_id), None),
            )
            for holder_id, one in sorted(opened.items())
        ]
        yield Insert("holder", HEAD, rows, missing_only=True)
    ids = sorted({step.holder_id for command in commands for step in command.steps})
    heads: tuple[list[Row], int] = yield Lock("holder", HEAD, "holder_id", ids)
    return heads
