"""Pages of connections: which rows, how many there are, and what lies around them."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.errors import InvalidInputError
from core.reads.selection import Branch, Count, Page
from gateway.plans import cursors

DEFAULT_PAGE = 20
MAX_COUNT = 10_000
"""So far rows are counted: an index is read to there, and no further."""

TOTAL, BEFORE, AFTER = "total", "before", "after"

Parts = tuple[str, Mapping[str, str]]
"""A field of a connection and, for `pageInfo`, its own fields by response key."""


def page_of(name: str, arguments: Mapping[str, Any], max_page: int) -> Page:
    """Read `first`, `after`, `last` and `before` of the list *name*.

    Raises:
        InvalidInputError: names the argument, and says what is allowed.
    """
    sizes = {
        argument: arguments[argument]
        for argument in ("first", "last")
        if arguments.get(argument) is not None
    }
    if len(sizes) > 1:
        raise InvalidInputError(field="last", reason="does not go with first")
    for argument, size in sizes.items():
        if not 1 <= size <= max_page:
            raise InvalidInputError(field=argument, reason=f"must be 1 to {max_page}")
    after, before = (
        None
        if arguments.get(argument) is None
        else cursors.decode(name, arguments[argument], field=argument)
        for argument in ("after", "before")
    )
    size = next(iter(sizes.values()), min(DEFAULT_PAGE, max_page))
    return Page(size, after, before, backward="last" in sizes)


def counts_of(rows: Branch, fields: Iterable[Parts]) -> list[Count]:
    """Return what is to be counted for *fields* of the connection of *rows*.

    Whether the list goes on beyond a cursor that was given is looked up, and not
    guessed from the cursor: it may name a row that another filter shows.
    """
    page = rows.page
    if page is None:
        raise TypeError("a connection has pages")
    wanted = {name: set(parts.values()) for name, parts in fields}
    asked = wanted.get("pageInfo", set())
    counts = []
    if "totalCount" in wanted:
        counts.append(_count(rows, TOTAL, Page(MAX_COUNT)))
    if page.after is not None and "hasPreviousPage" in asked:
        counts.append(_count(rows, BEFORE, Page(1, before=page.after)))
    if page.before is not None and "hasNextPage" in asked:
        counts.append(_count(rows, AFTER, Page(1, after=page.before)))
    return counts


def key_of(rows: str, part: str) -> str:
    """Return the key under which a count stands beside the *rows*."""
    return f"@{part}_{rows}"


def _count(rows: Branch, part: str, page: Page) -> Count:
    key = key_of(rows.key, part)
    return Count(key, rows.relation, page, rows.given, is_inclusive=True)
