"""The terms of a transaction: what its postings cannot say.

Dates and policies of the lots it made, in their order, the expiry of the hold it made
or extended, a new status, what it counted. One JSON object, stored in the journal and
hashed; what is the default is left out, so that a plain earning has `{}`. Together with
the postings it gives every cache again (`core.ledger.rebuild`).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.ledger.codes import NEVER_US, HolderKind, HolderStatus
from core.ledger.state import Lot

LOTS_PER_TRANSACTION = 1024
"""A lot's id is the sequence number of its transaction times this, and a number."""

_DATES = 5


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one transaction; `counted` are (name, period, by)."""

    lots: tuple[Lot, ...] = ()
    hold_expires_at_us: int | None = None
    kind: HolderKind | None = None
    status: HolderStatus | None = None
    counted: tuple[tuple[str, str, int], ...] = ()


def write(terms: Terms, at_us: int) -> str:
    """Return the text that is stored."""
    values: dict[str, Any] = {}
    if terms.counted:
        values["counted"] = [list(one) for one in terms.counted]
    if terms.hold_expires_at_us is not None:
        values["hold"] = terms.hold_expires_at_us
    if terms.kind is not None:
        values["kind"] = int(terms.kind)
    lots = [_write_lot(lot, at_us) for lot in terms.lots]
    if any(lots):
        values["lots"] = lots
    if terms.status is not None:
        values["status"] = int(terms.status)
    return json.dumps(values, separators=(",", ":")) if values else "{}"


def _write_lot(lot: Lot, at_us: int) -> list[Any]:
    values = [
        None if lot.available_at_us == at_us else lot.available_at_us,
        None if lot.expires_at_us == NEVER_US else lot.expires_at_us,
        None if lot.policy == "{}" else lot.policy,
        lot.origin_holder,
        lot.origin_lot,
    ]
    while values and values[-1] is None:
        values.pop()
    return values


def read(text: str, seq: int, at_us: int, made: Iterable[int]) -> Terms:
    """Read stored terms.

    Args:
        text: as stored.
        seq: the transaction.
        at_us: its instant.
        made: the lots that its postings fill from the program's side; their currency
            and size are in the postings, and 0 here.
    """
    values = json.loads(text)
    numbers = sorted(one - seq * LOTS_PER_TRANSACTION for one in made)
    stated: Sequence[list[Any]] = values.get("lots", [])
    lots = []
    for number in numbers:
        given = stated[number] if number < len(stated) else []
        row = [*given, *[None] * (_DATES - len(given))]
        available_at_us, expires_at_us, policy, origin_holder, origin_lot = row
        lots.append(
            Lot(
                seq * LOTS_PER_TRANSACTION + number,
                0,
                0,
                available_at_us=at_us if available_at_us is None else available_at_us,
                expires_at_us=NEVER_US if expires_at_us is None else expires_at_us,
                origin_holder=origin_holder,
                origin_lot=origin_lot,
                policy="{}" if policy is None else policy,
            )
        )
    kind, status = values.get("kind"), values.get("status")
    return Terms(
        lots=tuple(lots),
        hold_expires_at_us=values.get("hold"),
        kind=None if kind is None else HolderKind(kind),
        status=None if status is None else HolderStatus(status),
        counted=tuple(
            (name, period, by) for name, period, by in values.get("counted", [])
        ),
    )
