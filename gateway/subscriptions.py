"""Root fields that go on: balances as they change, without gaps."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

import strawberry

from core.errors import MemberNotFoundError
from core.ids import decode_as
from core.ledger.events import Event, open_log
from core.reads.selection import Leaf
from gateway import rights
from gateway.context import Info
from gateway.plans import rows
from gateway.plans.shapes import Row
from gateway.plans.sources import member_of_document, relation, row_type
from gateway.types.ledger import BalanceSnapshot, Transaction
from gateway.types.members import Member

_CURSOR, _SEQ = "cursor", "_seq"


@row_type(description="What a subscriber of a member's balances receives.")
class BalanceChange:
    """See the description."""

    cursor: str = member_of_document(
        description="Position of this event; send it as `after` on reconnecting."
    )
    member: Member = relation("member", description="Whose balances.")
    balances: list[BalanceSnapshot] = relation(
        "balances",
        description="Balances after the change, of the currencies it touched; in the "
        "first event, of all.",
    )
    transaction: Transaction | None = relation(
        "transaction",
        description="What changed them; null in the first event, the present state.",
    )


@strawberry.type(
    description="Live events, over graphql-transport-ws. Delivery is at least once and "
    "in order; the cursor tells where to go on."
)
class Subscription:
    """Streams are read from the ledger's journal; wake-ups only say when."""

    @strawberry.subscription(
        description="The balances of one member: the present state at once, then every "
        "change. With `after`, every change since that event instead, so that a "
        "reconnect loses nothing.",
        metadata=rights.of_read("present"),
    )
    async def balance_changed(
        self,
        info: Info,
        member_id: Annotated[
            strawberry.ID, strawberry.argument(description="Global id of the member.")
        ],
        after: Annotated[
            str | None,
            strawberry.argument(description="Cursor of the last event seen."),
        ] = strawberry.UNSET,
    ) -> AsyncGenerator[BalanceChange, None]:
        """Read the log to its end, wait for a wake-up, read on."""
        (holder_id,) = decode_as("member", member_id, field="memberId")
        rows.require(info, "present")
        engine = info.context.engine
        log = await open_log(engine.database, holder_id)
        # Registered before the first read: nothing can slip in between.
        with engine.ledger.hub.subscribe(holder_id) as woken:
            present = await _present(info, holder_id)
            seen = present.pop(_SEQ)
            if after:
                seen = await log.resume(after)
            else:
                yield present | {_CURSOR: await log.cursor(seen)}  # type: ignore[misc]
            while True:
                woken.clear()
                while events := await log.tail(seen):
                    for change in await _changes(info, holder_id, events):
                        yield change
                    seen = events[-1].seq
                await woken.wait()


async def _present(info: Info, holder_id: int) -> Row:
    """Return the present state and its position, both of one moment."""
    leaf = Leaf(_SEQ, "seq")
    (row,) = await rows.of_entity(info, "present", [(holder_id,)], leaf)
    if row is None:
        raise MemberNotFoundError
    return row


async def _changes(info: Info, holder_id: int, events: list[Event]) -> list[Any]:
    """Return the events that moved points, as selected; one statement for all."""
    moved = [event for event in events if event.moves]
    if not moved:
        return []
    keys = [(holder_id, event.seq) for event in moved]
    found = await rows.of_entity(info, "change", keys)
    return [
        row | {_CURSOR: event.cursor}
        for row, event in zip(found, moved, strict=True)
        if row is not None
    ]
