"""Orders of a file as they came: the clock of a sandbox is moved along their dates.

What falls due between two orders is done between them. Safe to repeat, and a run that
was killed is finished by running it again: the clock moves forward only.
"""

from collections.abc import Callable, Iterable
from itertools import groupby

from core.engine import Engine
from core.errors import NotASandboxError
from core.program import advancing
from gateway.importing.orders import LineError, Order
from gateway.importing.runner import Import, Summary


async def replay(
    engine: Engine,
    program_id: int,
    lines: Iterable[Order | LineError],
    report: Callable[[LineError], None],
) -> Summary:
    """Import *lines* in the order of their dates, each at its date.

    Raises:
        NotASandboxError: the program has no clock that could be moved.
        UnavailableError: the database does not answer; run the import again.
    """
    if await engine.clocks.own_us(program_id) is None:
        raise NotASandboxError
    run = Import(engine, program_id)
    read = list(lines)
    await run.run([one for one in read if isinstance(one, LineError)], report)
    orders = [one for one in read if isinstance(one, Order)]
    orders.sort(
        key=lambda one: one.occurred_at_us
    )  # those of one date keep their order
    for occurred_at_us, some in groupby(orders, lambda one: one.occurred_at_us):
        await advancing.move(engine, program_id, occurred_at_us)
        await run.run(list(some), report)
    return run.summary
