"""The root of queries with `quote`, whose options are those of the plugins."""

from typing import Annotated, Any

import strawberry

from core.ids import decode_as
from core.program import quotes
from gateway import inputs, rights
from gateway.answering import given, member_of
from gateway.context import Info
from gateway.explaining import ExplainingQueries
from gateway.plugin_types import PluginTypes
from gateway.queries import DESCRIPTION, Query
from gateway.types.quotes import Quote

_ASKED = strawberry.argument(description="What to quote.")


def build_query(types: PluginTypes) -> type:
    """Make the root type, with the options of the plugins in `quote`."""
    quote_input = inputs.quote_input(types)

    async def quote(
        self: Any,  # noqa: ARG001  (Strawberry knows it by its name)
        info: Info,
        input: Annotated[quote_input, _ASKED],  # type: ignore[valid-type]
    ) -> Quote | None:
        """Quote."""
        asked: Any = input
        (reward_id,) = decode_as("reward", asked.reward_id, field="rewardId")
        chosen = types.options.chosen(given(getattr(asked, "options", None)))
        context = info.context
        found = await quotes.quote(
            context.engine,
            by=context.actor,
            holder_id=member_of(info, asked.member_id),
            reward_id=reward_id,
            options=None if chosen is None else chosen[1],
            options_for=None if chosen is None else chosen[0],
        )
        return Quote.of(found)

    field = strawberry.field(
        quote,
        description="What a redemption would cost and do now; nothing is set aside. "
        "Null, with an error, if there is no such reward or member or the options do "
        "not fit. Needs redemptions:write.",
        metadata=rights.of(quotes.quote),
    )
    made = type("Query", (Query, ExplainingQueries), {"quote": field})
    return strawberry.type(made, description=DESCRIPTION)
