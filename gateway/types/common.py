"""What all types share: identification and paging."""

import strawberry

from gateway.plans.sources import attribute, part, row_interface, row_type


@row_interface(
    description="Anything with a global id. The id is opaque: compare it, store it, "
    "send it back, never take it apart."
)
class Node:
    """See the description."""

    id: strawberry.ID = attribute(
        "id", description="Global id, stable for the life of the object."
    )


@row_type(description="Where a page lies in its connection.")
class PageInfo:
    """See the description."""

    has_next_page: bool = part(description="Items follow this page.")
    has_previous_page: bool = part(description="Items precede this page.")
    start_cursor: str | None = part(
        description="Cursor of the first item here; null on an empty page."
    )
    end_cursor: str | None = part(
        description="Cursor of the last item here; null on an empty page."
    )


EDGES = "Items with their cursors."
NODES = "The items alone."
PAGE_INFO = "Where the page lies."
CURSOR = "Position; survives items that arrive later."
TOTAL_COUNT = (
    "How many items there are in all, by the filters that were given; null: more than "
    "10,000, which nobody counts."
)
"""Descriptions that every connection has."""
