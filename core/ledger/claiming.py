"""Claiming: have the holders of a batch for oneself, always in the same order."""

from collections.abc import Callable, Sequence

from core.ledger.codes import HolderStatus
from core.ledger.columns import HEAD
from core.ledger.commands import Command, Open
from core.ledger.requests import Claim, Insert, Row, Select, Transaction

Genesis = Callable[[int, int], bytes]
Claimed = tuple[list[Row], int, list[list[Row]]]
"""The heads, the present instant in microseconds, and what was read behind the lock."""


def claim(
    commands: Sequence[Command], genesis: Genesis, reads: Sequence[Select]
) -> Transaction[Claimed]:
    """Create the heads that commands open, claim all heads, then read (`Claim`)."""
    opened: dict[int, Open] = {}
    for command in commands:
        for step in command.steps:
            if isinstance(step.operation, Open):  # of two, the first is carried out
                opened.setdefault(step.holder_id, step.operation)
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
    claimed: Claimed = yield Claim("holder", HEAD, "holder_id", ids, reads)
    return claimed
