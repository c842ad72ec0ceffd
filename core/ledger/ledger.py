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
from core.ledger.sweeping import Sweeper, sweep_program
from core.ledger.transact import transact
from core.observing import Observation

_LOOKS = 3

_log = logging.getLogger(__name__)


class Ledger:
    """Posts commands through a store."""

    def __init__(
        self,
        store: Store,
        *,
        queue: int,
        wait_s: float = 60.0,
        observation: Observation | None = None,
        real: set[int] | None = None,
    ) -> None:
        """Make a ledger.

        Args:
            store: runs its transactions.
            queue: so many commands may wait.
            wait_s: none of them longer than this.
            observation: told what is done.
            real: programs that are known to have no clock of their own, to be added
                to; None: no program has one.
        """
        self.store = store
        self.hub = Hub()
        self._real = real
        self._sweeper = Sweeper(store)
        self._pipeline: Pipeline[Command, Outcome] = Pipeline(
            store,
            lambda commands: transact(commands, real),
            lambda command: {step.holder_id for step in command.steps},
            bounds=Bounds(queue, wait_s),
            done=self.hub.wake,
            observation=observation,
        )

    @property
    def waiting(self) -> int:
        """Return how many commands are not in work yet."""
        return self._pipeline.waiting

    @property
    def running(self) -> int:
        """Return how many batches of them are in work."""
        return self._pipeline.running

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
                return await self.store.look(lambda: preview(command, self._real))
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

    async def sweep_program(self, program_id: int, at_us: int) -> int:
        """Do what is due on some holders of a program whose own clock shows *at_us*.

        Returns:
            On how many; 0 if nothing is due.

        Raises:
            BusyError: the database does not answer; try again.
        """
        for _ in range(_LOOKS):
            try:
                holders = await sweep_program(self.store, program_id, at_us)
            except RetryError:
                _log.warning("a sweep is tried again", exc_info=True)
            else:
                self.hub.wake(holders)
                return len(holders)
        raise BusyError

    async def close(self) -> None:
        """Finish what was begun."""
        await self._pipeline.drain()
        await self.store.close()
