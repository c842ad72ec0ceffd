"""The service, observed: each operation is measured, traced and told in the log."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from contextvars import ContextVar

from core.actors import Role
from core.engine import Engine
from gateway.codes import Code
from gateway.execution import Answer, Executor, Operation, RequestRefusedError
from gateway.identity.caller import Caller
from gateway.persisted import Persisted
from gateway.service import Service, Task
from gateway.telemetry.record import ANONYMOUS, PRESENT, Record
from gateway.telemetry.telemetry import Telemetry, codes_of
from gateway.telemetry.tracing import OperationSpan

_ENDS = {Code.GOING_AWAY, Code.UNAUTHENTICATED}
"""Codes by which a stream ends though nothing failed."""

_SPAN: ContextVar[OperationSpan | None] = ContextVar("span", default=None)


class ObservedService(Service):
    """Does what the service does, and watches."""

    def __init__(
        self,
        engine: Engine,
        executor: Executor,
        persisted: Persisted,
        telemetry: Telemetry,
    ) -> None:
        super().__init__(engine, executor, persisted)
        self._telemetry = telemetry
        self._metrics = telemetry.metrics

    async def authenticate(
        self, authorization: str | None, address: str = ""
    ) -> Caller | None:
        """Count credentials that nobody knows."""
        try:
            caller = await super().authenticate(authorization, address)
        except RequestRefusedError:
            self._metrics.rate_limited.inc()
            raise
        if caller is None:
            self._metrics.authentication_failures.inc()
        return caller

    async def admit(self, operation: Operation, caller: Caller) -> Task:
        """Begin the record of an operation; one that is refused ends here."""
        record, span = self._telemetry.begin()
        actor = caller.actor
        record.role = actor.role.value
        record.client = "" if actor.role is Role.MEMBER else actor.client_id
        with self._watched(record, span), span.active():
            task = await super().admit(operation, caller)
        chosen = task.prepared.choose(operation.name)
        record.kind = chosen.operation.value
        record.name = chosen.name.value if chosen.name else ANONYMOUS
        PRESENT.set(record)
        _SPAN.set(span)
        return task

    async def run(self, task: Task) -> Answer:
        """Run, and tell how it ended."""
        record, span = self._present()
        with self._watched(record, span, ran=True), span.active():
            answer = await super().run(task)
        errors = answer.get("errors", [])
        record.codes += codes_of(errors)
        self._telemetry.end(record, span, "error" if errors else "ok")
        return answer

    async def begin(self, task: Task) -> AsyncGenerator[Answer]:
        """Begin, and tell at the end of the stream how it went.

        The span ends when the stream begins: it would be open for days.
        """
        record, span = self._present()
        with self._watched(record, span), span.active():
            source = await super().begin(task)
        name = self._metrics.name(record.name)
        span.end(f"{record.kind} {name}", {"outcome": "ok"}, is_error=False)
        return self._counted(source, record)

    async def turn_down(self, task: Task, code: str) -> None:
        """Tell that an operation ends before it has begun."""
        record, span = self._present()
        record.codes.append(code)
        self._telemetry.end(record, span, "refused")
        await super().turn_down(task, code)

    @contextmanager
    def socket(self, caller: Caller) -> Iterator[None]:
        """Count a socket while it is open."""
        with super().socket(caller), self._metrics.sockets.track_inprogress():
            yield

    async def _counted(
        self, source: AsyncGenerator[Answer], record: Record
    ) -> AsyncGenerator[Answer]:
        gauge = self._metrics.subscriptions.labels(record.transport)
        outcome = "ok"
        with gauge.track_inprogress():
            try:
                async with aclosing(source) as answers:
                    async for answer in answers:
                        record.events += 1
                        yield answer
            except RequestRefusedError as refused:
                record.codes += codes_of(refused.errors)
                outcome = "cancelled" if _ENDS.issuperset(record.codes) else "error"
                raise
            except (asyncio.CancelledError, GeneratorExit):
                outcome = "cancelled"
                raise
            except BaseException:
                outcome = "error"
                raise
            finally:
                self._telemetry.end(record, OperationSpan(), outcome)

    def _present(self) -> tuple[Record, OperationSpan]:
        record, span = PRESENT.get(), _SPAN.get()
        if record is None or span is None:  # it was admitted elsewhere
            return self._telemetry.begin()
        return record, span

    @contextmanager
    def _watched(
        self, record: Record, span: OperationSpan, *, ran: bool = False
    ) -> Iterator[None]:
        """Tell the end of an operation that comes by an error."""
        try:
            yield
        except RequestRefusedError as refused:
            record.codes += codes_of(refused.errors)
            is_late = Code.OPERATION_TIMEOUT in record.codes
            outcome = "error" if ran and is_late else "refused"
            self._telemetry.end(record, span, outcome)
            raise
        except asyncio.CancelledError:
            self._telemetry.end(record, span, "cancelled")
            raise
        except BaseException:
            self._telemetry.end(record, span, "error")
            raise
