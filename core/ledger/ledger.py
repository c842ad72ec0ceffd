"""The ledger as the rest of the core sees it: post a command, get its outcome."""

import logging

from core.errors import BusyError, InvalidInputError
from core.ledger import shape
from core.ledger.commands import Command, Open, Outcome
from core.ledger.hub import Hub
from core.ledger.pipeline import Bounds, Pipeline
from core.ledger.preview import Preview, preview
from core.ledger.requests import RetryError
from core.ledger.store import Store
from core.ledger.sweeping import Sweeper
from core.ledger.transact import transact

_LOOKS = 3

_log = logging.getLogger(__name__)


class Ledger:
    """Posts commands through a store."""

    def __init__(self, store: Store, *, queue: int, wait_s: float = 60.0) -> None:
        self.store = store
        self.hub = Hub()
        self._sweeper = Sweeper(store)
        self._pipeline: Pipeline[Command, Outcome] = Pipeline(
            store,
            transact,
            lambda command: {step.holder_id for step in command.steps},
            bounds=Bounds(queue, wait_s),
            done=self.hub.wake,
        )

    async def post(self, command: Command) -> Outcome:
        """Carry out *command*, or say why not. The same key gives the same answer.

        Raises:
            InvalidInputError: it has not the shape of a command; nothing was begun.
            BusyError: too much is waiting, or it waited too long; nothing was begun.
            OutcomeUnknownError: repeat with the same key.
        """
        shape.check(command)
        return await self._pipeline.submit(command)

    async def preview(self, command: Command) -> Preview:
        """Tell what *command* would do now, and do nothing.

        It can be any but one that opens a holder.

        Raises:
            InvalidInputError: it has not the shape of a command, or opens a holder.
            BusyError: the database does not answer; try again.
        """
        shape.check(command)
        if any(isinstance(step.operation, Open) for step in command.steps):
            raise InvalidInputError(field="operation", reason="has no preview")
        for _ in range(_LOOKS):
            try:
                return await self.store.look(lambda: preview(command))
            except RetryError:
                _log.warning("a preview is tried again", exc_info=True)
        raise BusyError

    async def sweep(self) -> int:
        """Do what time has made due on some holders; return on how many, 0 on none.

        Any number of processes may do so at once.

        Raises:
            RetryError: the database does not answer; try again later.
        """
        holders = await self._sweeper.sweep()
        self.hub.wake(holders)
        return len(holders)

    async def close(self) -> None:
        """Finish what was begun."""
        await self._pipeline.drain()
        await self.store.close()
