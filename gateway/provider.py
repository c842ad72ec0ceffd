"""`@provider`: which plugin a type of the schema comes from."""

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[
        Location.OBJECT,
        Location.INPUT_OBJECT,
        Location.ENUM,
        Location.INPUT_FIELD_DEFINITION,
    ],
    description="The plugin that brings this: uninstalling it removes it.",
)
class Provider:
    """See the description."""

    name: str = strawberry.field(description="Name of the plugin.")
