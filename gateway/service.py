"""What every transport does alike, in this order: who calls, may it run, run it.

A transport reads a request, asks the service, and writes the answer in its own form; so
no rule can hold on one transport and be missing on another.
"""

from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass
from functools import partial

from graphql import OperationType

from core.engine import Engine
from core.program import tokens
from gateway.admission import Admission, Grant
from gateway.catalogs import catalogs_of
from gateway.codes import Code
from gateway.context import Context
from gateway.errors import coded
from gateway.execution import Answer, Executor, Operation, Prepared, RequestRefusedError
from gateway.identity.caller import Caller
from gateway.identity.credentials import Credentials
from gateway.languages import Languages
from gateway.lifelines import ExpiredError, Lifelines, StoppedError, until
from gateway.limits.pace import Pace
from gateway.persisted import Persisted


@dataclass(frozen=True, slots=True)
class Task:
    """An operation that may run."""

    operation: Operation
    prepared: Prepared
    context: Context
    grant: Grant
    caller: Caller

    @property
    def is_subscription(self) -> bool:
        """Tell whether it has a stream of answers instead of one."""
        return self._kind is OperationType.SUBSCRIPTION

    @property
    def is_mutation(self) -> bool:
        """Tell whether it changes something."""
        return self._kind is OperationType.MUTATION

    @property
    def _kind(self) -> OperationType:
        return self.prepared.choose(self.operation.name).operation


class Service:
    """Runs operations of callers, whatever they come by."""

    def __init__(
        self, engine: Engine, executor: Executor, persisted: Persisted
    ) -> None:
        self.engine = engine
        self._executor = executor
        self._persisted = persisted
        self._admission = Admission(engine)
        self._catalogs = catalogs_of(engine.registry, engine.settings.messages)
        self.credentials = Credentials(engine)
        self.lifelines = Lifelines(engine.clock, partial(tokens.alive, engine))

    async def authenticate(
        self, authorization: str | None, address: str = ""
    ) -> Caller | None:
        """Return who sends *authorization*; None if nobody that is known.

        Args:
            authorization: value of such a header.
            address: where it comes from, as far as the transport knows.

        Raises:
            RequestRefusedError: too many that nobody knows came from there.
        """
        self._admission.check_attempts(address)
        caller = await self.credentials.authenticate(authorization)
        if caller is None:
            self._admission.count_failure(address)
        return caller

    async def admit(self, operation: Operation, caller: Caller) -> Task:
        """Check whether an operation may run; nothing of it has run yet.

        Raises:
            RequestRefusedError: says why it may not.
        """
        if self.lifelines.is_expired(caller):
            raise _expired()
        prepared = self._executor.prepare(
            self._persisted.document(operation, caller.actor)
        )
        prepared.choose(operation.name)
        grant = await self._admission.grant(prepared, operation, caller)
        context = Context(
            self.engine,
            caller.actor,
            self.credentials.member_tokens.sign,
            Languages(operation.languages, self._catalogs),
        )
        return Task(operation, prepared, context, grant, caller)

    async def run(self, task: Task) -> Answer:
        """Run a query or mutation.

        Raises:
            RequestRefusedError: too much is under way, or it took too long.
        """
        await self._check_running(task)
        with self._admission.running(task.grant):
            async with self._admission.in_time():
                answer = await self._executor.run(
                    task.prepared, task.operation, task.context
                )
        return await self._admission.settle(task.grant, answer)

    async def begin(self, task: Task) -> AsyncGenerator[Answer]:
        """Begin a subscription, and return its answers, one for each event.

        It ends with the caller's credential, and when the gateway is about to end.

        Raises:
            RequestRefusedError: it cannot begin. The stream raises it if it cannot go
                on.
        """
        await self._check_running(task)  # while a plain answer can tell
        source = await self._executor.subscribe(
            task.prepared, task.operation, task.context
        )
        return self._going_on(task, source)

    async def _going_on(
        self, task: Task, source: AsyncGenerator[Answer]
    ) -> AsyncGenerator[Answer]:
        async with aclosing(source):
            with (
                self._admission.running(task.grant),
                self.lifelines.hold(task.caller) as line,
            ):
                try:
                    paid = self._paid(task, source)
                    async with aclosing(until(paid, line)) as answers:
                        async for answer in answers:
                            yield answer
                except ExpiredError:
                    raise _expired() from None
                except StoppedError:
                    text = "the gateway ends; connect again, after the last cursor"
                    raise RequestRefusedError([coded(text, Code.GOING_AWAY)]) from None

    async def turn_down(self, task: Task, code: str) -> None:
        """Hear that the transport cannot carry an operation that was admitted."""
        await self._admission.forgive(task.grant)

    async def _check_running(self, task: Task) -> None:
        """Give back what was taken for an operation that is one too many."""
        try:
            self._admission.check_running(task.grant)
        except RequestRefusedError:
            await self._admission.forgive(task.grant)
            raise

    async def _paid(
        self, task: Task, source: AsyncGenerator[Answer]
    ) -> AsyncGenerator[Answer]:
        """Let each event be paid before the next one is made; the first one was."""
        is_first = True
        async with aclosing(source):
            async for answer in source:
                yield answer
                if not is_first:
                    await self._admission.pay(task.grant, answer)
                is_first = False

    def socket(self, caller: Caller) -> AbstractContextManager[None]:
        """Count a socket of *caller* while the block runs.

        Raises:
            RequestRefusedError: the caller has as many as are allowed.
        """
        return self._admission.socket(caller)

    def pace(self) -> Pace:
        """Return what counts the messages of a new socket."""
        settings = self.engine.settings
        return Pace(settings.max_socket_messages, settings.socket_window_ms / 1_000)


def _expired() -> RequestRefusedError:
    error = coded("the credential is good no more", Code.UNAUTHENTICATED)
    return RequestRefusedError([error])
