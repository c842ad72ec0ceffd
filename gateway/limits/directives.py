"""`@cost` and `@listSize`: what fields weigh, as the cost specification names it."""

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="What one use of the field costs. Without it a field that yields an "
    "object costs 1, any other nothing.",
)
class Cost:
    """See the description."""

    weight: int = strawberry.field(description="The cost.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="How many items a list is taken to have: what it costs is multiplied.",
)
class ListSize:
    """See the description."""

    assumed_size: int | None = strawberry.field(
        default=strawberry.UNSET, description="The number, where no argument gives it."
    )
    slicing_arguments: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Arguments that give it; of one that is a list, its length.",
    )
    sized_fields: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Fields below that have so many items."
    )
    require_one_slicing_argument: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether one of those arguments must be given.",
    )
