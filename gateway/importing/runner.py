"""Runs an import: customers are enrolled, orders recorded, as the API does it.

Every order has a key that is the same at each run, so a second run changes nothing and
a run that was killed is finished by running it again. Many orders are under way at
once; those of one customer keep their order.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import GuerdonError, UnavailableError
from core.program import activities, members
from gateway.importing.orders import LineError, Order

CLIENT = "import"
"""Client that scopes the keys of imports."""

_UNDER_WAY = 512


@dataclass(slots=True)
class Summary:
    """What a run did."""

    orders: int = 0
    members: int = 0
    points_issued: int = 0
    skipped: int = 0
    errors: list[LineError] = field(default_factory=list)

    def document(self) -> dict[str, int]:
        """Return the figures of the run."""
        return {
            "orders": self.orders,
            "members": self.members,
            "points_issued": self.points_issued,
            "skipped": self.skipped,
            "errors": len(self.errors),
        }


class Import:
    """One run."""

    def __init__(self, engine: Engine, program_id: int) -> None:
        self.summary = Summary()
        self._engine = engine
        self._by = Actor(program_id, CLIENT, Role.INTEGRATOR)
        self._members: dict[str, int] = {}
        self._last: dict[str, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(_UNDER_WAY)

    async def run(
        self,
        lines: Iterable[Order | LineError],
        report: Callable[[LineError], None],
    ) -> Summary:
        """Import *lines*; what is wrong with one is reported, and the rest goes on.

        Raises:
            UnavailableError: the database does not answer; run the import again.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._start(tasks, lines, report)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None  # the others were cancelled by it
        self.summary.errors.sort(key=lambda error: error.line)
        return self.summary

    async def _start(
        self,
        tasks: asyncio.TaskGroup,
        lines: Iterable[Order | LineError],
        report: Callable[[LineError], None],
    ) -> None:
        for one in lines:
            if isinstance(one, LineError):
                self._reject(one, report)
                continue
            await self._room.acquire()
            before = self._last.get(one.customer)
            task = tasks.create_task(self._record(one, before, report))
            self._last[one.customer] = task

    async def _record(
        self,
        order: Order,
        before: "asyncio.Task[None] | None",
        report: Callable[[LineError], None],
    ) -> None:
        try:
            if before is not None:
                await before
            await self._purchase(order)
        except UnavailableError:
            raise
        except GuerdonError as error:
            self._reject(LineError(order.line, str(error)), report)
        finally:
            self._room.release()
            if self._last.get(order.customer) is asyncio.current_task():
                del self._last[order.customer]

    async def _purchase(self, order: Order) -> None:
        recorded = await activities.record(
            self._engine,
            by=self._by,
            key=order.key,
            holder_id=await self._member(order.customer),
            activity_type="purchase",
            payload={
                "order_id": order.order_id,
                "amount_minor": order.amount_minor,
                "currency_code": order.currency_code,
            },
            occurred_at_us=order.occurred_at_us,
        )
        if recorded.replayed:
            self.summary.skipped += 1
            return
        self.summary.orders += 1
        self.summary.points_issued += sum(recorded.points.values())

    async def _member(self, number: str) -> int:
        """Return the customer's member, enrolled if unknown."""
        known = self._members.get(number)
        if known is not None:
            return known
        found = await members.find(
            self._engine, program_id=self._by.program_id, number=number
        )
        # A number that was claimed by a run that was killed is enrolled to its end.
        enrolled = None
        if found is None or not await members.exists(self._engine, found):
            enrolled = await members.enroll(
                self._engine, by=self._by, key=f"customer:{number}", number=number
            )
            found = enrolled.holder_id
        if enrolled is not None and not enrolled.replayed:
            self.summary.members += 1
        self._members[number] = found
        return found

    def _reject(self, error: LineError, report: Callable[[LineError], None]) -> None:
        self.summary.errors.append(error)
        report(error)
