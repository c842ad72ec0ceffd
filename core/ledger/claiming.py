"""Claiming: lock the holders of a batch, all at once and always in the same order."""

from collections.abc import Callable, Sequence

from core.ledger.codes import HolderStatus
from core.ledger.commands import Command, Open
from core.ledger.loading import HEAD
from core.ledger.requests import Insert, Row, Select, Transaction

Genesis = Callable[[int, int], bytes]


def claim(commands: Sequence[Command], genesis: Genesis) -> Transaction[list[Row]]:
    """Create the heads that commands open, then lock all heads in the order of ids."""
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
    keys = [(one,) for one in ids]
    heads: list[Row] = yield Select("holder", HEAD, ("holder_id",), keys, lock=True)
    return heads
