"""Whether a caller's operation may run now, and what it cost in the end."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from core.engine import Engine
from core.errors import InvalidInputError
from gateway.codes import Code
from gateway.errors import coded, present
from gateway.execution import Answer, Operation, Prepared, RequestRefusedError
from gateway.identity.caller import Caller
from gateway.limits.buckets import Taken
from gateway.limits.callers import Counts
from gateway.limits.cost import Price
from gateway.limits.inputs import check_variables
from gateway.limits.refusals import LimitExceededError, require
from gateway.limits.spending import Account, Spending


@dataclass(frozen=True, slots=True)
class Grant:
    """What an operation was let in for.

    Attributes:
        account: who pays.
        price: of the operation.
        requested: what was taken from the account.
        taken: what became of that.
    """

    account: Account
    price: Price
    requested: int
    taken: Taken


class Admission:
    """The limits of callers."""

    def __init__(self, engine: Engine) -> None:
        self._settings = settings = engine.settings
        self._spending = Spending(engine)
        self._operations = Counts("operations at once", settings.max_caller_operations)
        self._sockets = Counts("sockets", settings.max_caller_sockets)

    def check_attempts(self, address: str) -> None:
        """Check whether somebody at *address* may try to authenticate.

        Raises:
            RequestRefusedError: too many attempts failed.
        """
        taken = self._spending.may_attempt(address)
        if not taken.is_granted:
            raise _rate_limited("too many credentials that nobody knows", taken)

    def count_failure(self, address: str) -> None:
        """Count an attempt that failed."""
        self._spending.count_failure(address)

    async def grant(
        self, prepared: Prepared, operation: Operation, caller: Caller
    ) -> Grant:
        """Check sizes and cost, and take the cost from what the caller may spend.

        Raises:
            RequestRefusedError: says why it may not run; nothing was taken.
        """
        price = prepared.price(operation.name)
        settings = self._settings
        try:
            check_variables(operation.variables, settings)
            requested = price.requested(operation.variables, settings.max_page_size)
            require("cost", requested, settings.max_cost)
        except (LimitExceededError, InvalidInputError) as error:
            raise RequestRefusedError([present(error)]) from None
        account = self._spending.account_of(caller.actor)
        taken = await self._spending.take(account, requested)
        if not taken.is_granted:
            reason = f"costs {requested}, {taken.remaining} can be spent now"
            raise _rate_limited(reason, taken)
        return Grant(account, price, requested, taken)

    async def settle(self, grant: Grant, answer: Answer) -> Answer:
        """Give back what was not needed, and say so in the answer."""
        actual = _actual(grant, answer)
        spared = max(0, grant.requested - actual)
        await self._spending.give_back(grant.account, spared, grant.taken)
        terms = grant.account.terms
        cost = {
            "requested": grant.requested,
            "actual": actual,
            "limit": self._settings.max_cost,
            "remaining": None if terms is None else grant.taken.remaining + spared,
            "restoreRate": None if terms is None else terms.per_second,
        }
        return answer | {"extensions": answer.get("extensions", {}) | {"cost": cost}}

    async def forgive(self, grant: Grant) -> None:
        """Give back all that was taken for what did not run."""
        await self._spending.give_back(grant.account, grant.requested, grant.taken)

    async def pay(self, grant: Grant, answer: Answer) -> None:
        """Take what an event of a stream cost; wait until the caller can pay it."""
        cost = _actual(grant, answer)
        while True:
            taken = await self._spending.take(grant.account, cost)
            if taken.is_granted:
                return
            await asyncio.sleep(taken.retry_after_s)

    def check_running(self, grant: Grant) -> None:
        """Check whether one more operation may begin, and begin none.

        Raises:
            RequestRefusedError: the caller has too many under way.
        """
        with self.running(grant):
            pass

    @contextmanager
    def running(self, grant: Grant) -> Iterator[None]:
        """Count an operation while it runs.

        Raises:
            RequestRefusedError: the caller has too many under way.
        """
        with _counted(self._operations, grant.account.bucket):
            yield

    @contextmanager
    def socket(self, caller: Caller) -> Iterator[None]:
        """Count a socket while it is open.

        Raises:
            RequestRefusedError: the caller has too many.
        """
        with _counted(self._sockets, self._spending.account_of(caller.actor).bucket):
            yield

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """Cancel what takes longer than an operation may.

        What the ledger or a partner was asked goes on to its end: a mutation that was
        cut has happened, or has not, and its key tells.

        Raises:
            RequestRefusedError: it took too long.
        """
        limit_ms = self._settings.operation_timeout_ms
        timer = asyncio.timeout(limit_ms / 1_000 if limit_ms else None)
        try:
            async with timer:
                yield
        except TimeoutError:
            if not timer.expired():
                raise
            reason = (
                f"took longer than {limit_ms} ms; a mutation may have happened: "
                "send it again with the same key"
            )
            error = coded(reason, Code.OPERATION_TIMEOUT)
            error["extensions"]["allowedMs"] = limit_ms
            raise RequestRefusedError([error]) from None


def _actual(grant: Grant, answer: Answer) -> int:
    """Return what an answer did cost.

    Where something failed it is what was asked for: what was read for a part that is
    null now does not show. Without data nothing was run, since variables did not fit.
    """
    if "data" not in answer:
        return 1
    if answer.get("errors"):
        return grant.requested
    return grant.price.actual(answer["data"])


@contextmanager
def _counted(counts: Counts, bucket: str) -> Iterator[None]:
    try:
        counts.add(bucket)
    except LimitExceededError as error:
        raise RequestRefusedError([present(error)]) from None
    try:
        yield
    finally:
        counts.remove(bucket)


def _rate_limited(reason: str, taken: Taken) -> RequestRefusedError:
    error = coded(f"{reason}; try again later", Code.RATE_LIMITED)
    error["extensions"] |= {
        "retryAfterMs": round(taken.retry_after_s * 1_000) + 1,
        "remaining": taken.remaining,
    }
    return RequestRefusedError([error], taken.retry_after_s)
