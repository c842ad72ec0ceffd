"""Sweeping: do what time has made due on holders that nobody else touches.

The same work is done whenever a holder is touched, so a sweep changes nothing but when
the rows are written. Holders are claimed by their row locks, passing over those that
others have; each piece has a key of its own. So any number of workers may sweep.
"""

import logging

from core.ledger.columns import HEAD
from core.ledger.loading import load_overdue
from core.ledger.requests import ClaimDue, RetryError, Row, Transaction, Writes
from core.ledger.store import Store
from core.ledger.workspace import Workspace
from core.ledger.writing import write

_HOLDERS = 100
"""So many holders at most are claimed at once; fewer if they have much that is due."""

_PIECES = 500
"""So many pieces of work are done at once, so that nobody else waits for long."""

_log = logging.getLogger(__name__)


async def sweep_program(store: Store, program_id: int, at_us: int) -> list[int]:
    """Catch up with some holders of a program whose own clock shows *at_us*.

    Returns:
        Which; none when nothing is due.

    Raises:
        RetryError: the database does not answer; try again.
    """
    program = (program_id, at_us)
    return await store.run(lambda: sweep(_HOLDERS, (), [], program))


class Sweeper:
    """Sweeps through a store; a holder on whom it fails is left out from then on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._most = _HOLDERS
        self._left_out: list[int] = []

    async def sweep(self) -> list[int]:
        """Catch up with some holders; return which, none when nothing is due.

        Raises:
            RetryError: the database does not answer; try again later.
        """
        claimed: list[int] = []
        try:
            touched = await self._sweep(claimed)
        except RetryError:
            raise
        except Exception:  # whatever it is, the others must not wait for one
            if not claimed:
                raise
            if len(claimed) == 1:
                _log.exception("what is due on holder %d cannot be done", claimed[0])
                self._left_out += claimed
                return await self.sweep()
            _log.exception("a sweep failed; holders are taken one by one")
            self._most = 1
            return await self.sweep()
        is_whole = len(touched) == len(claimed)
        self._most = min(2 * self._most, _HOLDERS) if is_whole else len(touched)
        return touched

    async def _sweep(self, claimed: list[int]) -> list[int]:
        most, left_out = self._most, tuple(self._left_out)
        return await self._store.run(lambda: sweep(most, left_out, claimed))


def sweep(
    most: int,
    left_out: tuple[int, ...],
    claimed: list[int],
    program: tuple[int, int] | None = None,
) -> Transaction[list[int]]:
    """Catch up with holders, *most* of them at most, and return which.

    Args:
        most: so many at most; fewer if there is much to do on them.
        left_out: not these.
        claimed: those that were claimed are noted here, whatever becomes of it.
        program: one with a clock of its own, and what it shows; its holders alone.
            Those of other such programs are left out.
    """
    program_id, at_us = program or (None, None)
    found: tuple[list[Row], int] = yield ClaimDue(
        "holder", HEAD, "next_due_us", most, left_out, program_id, at_us
    )
    heads, now_us = found
    claimed[:] = [head[0] for head in heads]
    states = yield from load_overdue(heads, now_us)
    work = Workspace(states, now_us)
    touched = []
    for state in states.values():
        if len(work.entries) >= _PIECES:
            break
        work.catch_up(state, most=_PIECES - len(work.entries))
        touched.append(state.holder_id)
    if writes := list(write(work)):
        yield Writes(writes)
    return touched
