"""What is read of the past of a member, by the length of its history."""

from collections.abc import Callable

from members import minute

from core.ledger.codes import LATE_US, JournalKind
from core.reads.selection import Branch, Given, Leaf, Page, Same, Selection
from core.reads.statements import EVENTS

Select = Callable[[int], Selection]

_ENTRIES = 20
"""Transactions in a page, and in the period of a statement."""


def leaves(*names: str) -> tuple[Leaf, ...]:
    """Return attributes under their own names."""
    return tuple(Leaf(name, name) for name in names)


_PARTS = leaves("currency", "available", "pending", "held", "debt")
_ROWS = Selection(leaves("id", "kind", "posted_at"))


def known_at(entries: int) -> Selection:
    """Select the balances at an instant, as known then."""
    given = {"known_at": minute(entries // 2)}
    return _branch("balances_known_at", Selection(_PARTS), given)


def as_of(entries: int) -> Selection:
    """Select the balances as of an instant, as known a week later, if it went on."""
    then_us = minute(entries // 2)
    given = {
        "as_of": then_us,
        "soon": then_us + LATE_US,
        "known_at": minute(min(entries // 2 + 7 * 24 * 60, entries * 3 // 4)),
    }
    return _branch("balances_as_of", Selection(_PARTS), given)


def statement(entries: int) -> Selection:
    """Select the statement of a period with some entries."""
    first = max(1, entries // 2 - _ENTRIES // 2)
    given = {"from": minute(first), "to": minute(first + _ENTRIES)}
    ends = (
        Same("opening", Selection(_PARTS), entity="opening"),
        Same("closing", Selection(_PARTS), entity="closing"),
    )
    lines = Branch("lines", "lines", Selection((*leaves(*EVENTS), *ends)))
    listed = Branch("listed", "transactions", _ROWS, Page(_ENTRIES))
    found = Same(
        "statement", Selection((lines, listed)), entity="statement", given=given
    )
    return Selection((found,))


def rare(_: int) -> Selection:
    """Select transactions of kinds of which there are none."""
    kinds = (JournalKind.ADJUST.value, JournalKind.EXPIRE.value)
    return _branch("transactions", _ROWS, {"kinds": kinds}, Page(_ENTRIES))


def _branch(
    relation: str, selection: Selection, given: Given, page: Page | None = None
) -> Selection:
    return Selection((Branch("found", relation, selection, page, given),))


SELECTS: tuple[Select, ...] = (known_at, as_of, statement, rare)
"""In the order of the figures."""
