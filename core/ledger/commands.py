"""What can be asked of the ledger.

A *command* has one or more *steps*, each an operation on one holder; all of them happen
or none. The first step's holder owns the command: its idempotency key is looked up and
stored there. Everything that rules or plugins decided is an argument here, so that a
command decides the same way whenever it is tried again.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.ledger.codes import NEVER_US, HolderKind, HolderStatus, RefusalCode
from core.ledger.companions import Companion
from core.ledger.grants import Draw, Grant
from core.ledger.state import Detail


@dataclass(frozen=True, slots=True)
class Open:
    """Create the holder."""

    program_id: int
    kind: HolderKind


@dataclass(frozen=True, slots=True)
class Award:
    """Points to be given, as one lot. `sys_ref` is the rule that gave them.

    With `NEVER_US` as both of its instants it waits for an `Approve`.
    """

    currency_id: int
    amount: int
    available_at_us: int | None = None
    expires_at_us: int = NEVER_US
    sys_ref: int | None = None
    order_line: int | None = None
    order_unit: int | None = None
    policy: str = "{}"


@dataclass(frozen=True, slots=True)
class Earn:
    """Give points; without awards, record a fact that earned nothing.

    `grants` say which awards go together, in their order, and what may cut them.
    """

    awards: tuple[Award, ...]
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Approve:
    """Let the points ripen that the earning *seq* of the same holder gave to wait.

    When they ripen and run out is a matter of their policy, counted from now.
    """

    seq: int


@dataclass(frozen=True, slots=True)
class Redeem:
    """Take points at once, soonest expiry first; `cause` as of a `Capture`."""

    currency_id: int
    amount: int
    sys_ref: int | None = None
    cause: bool = False


@dataclass(frozen=True, slots=True)
class Authorize:
    """Set points aside; without `expires_at_us` until captured or voided.

    With `expect`, lots and how much of each, in the order of use: if other points would
    be set aside than these, none are.
    """

    currency_id: int
    amount: int
    expires_at_us: int | None = None
    expect: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Extend:
    """Let a hold live longer."""

    hold_id: int
    expires_at_us: int


@dataclass(frozen=True, slots=True)
class Capture:
    """Take points that were set aside: *amount* of them, or all that remain.

    With `final` the rest of the hold is released in the same transaction. With `cause`
    they are given to a cause: `sys_ref` tells which, and the cause account has them.
    """

    hold_id: int
    amount: int | None = None
    final: bool = True
    sys_ref: int | None = None
    cause: bool = False


@dataclass(frozen=True, slots=True)
class Void:
    """Give points that were set aside back to their lots."""

    hold_id: int


@dataclass(frozen=True, slots=True)
class Reverse:
    """Undo the transaction *seq* of the same holder: all that is left, or *amount*.

    What was given is clawed back: from its own lots, then as their policy says; what
    ran out of them unspent is not taken again. What was spent is refunded to a new lot
    per lot used, which lives until the old date, and at least `grace_us` from now (as
    the lot's policy says, if None). A transfer is sent back by its receiver; a step
    with `Receive` for the sender goes with it.
    """

    seq: int
    amount: int | None = None
    grace_us: int | None = None


@dataclass(frozen=True, slots=True)
class Adjust:
    """Correct by hand: give (`amount` above 0) or take (below 0).

    With `owes`, what cannot be taken becomes a debt.
    """

    currency_id: int
    amount: int
    expires_at_us: int = NEVER_US
    owes: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """Give points to the holder whose step in the same command receives them."""

    currency_id: int
    amount: int


@dataclass(frozen=True, slots=True)
class Receive:
    """Take what *sender* gives in an earlier step; its lots keep their dates."""

    sender: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """Turn points of one currency into another, at a rate of `gives` for `takes`.

    The result is rounded down; points that buy no whole unit go to the rounding
    account, so that going there and back never gains.
    """

    currency_id: int
    amount: int
    into: int
    gives: int
    takes: int
    expires_at_us: int = NEVER_US
    policy: str = "{}"


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Let a holder take part, or no longer. A closed one stays closed."""

    status: HolderStatus


@dataclass(frozen=True, slots=True)
class Note:
    """Move nothing; record that a companion changed."""


_OfPoints = Earn | Approve | Redeem | Reverse | Adjust | Exchange
_OfHolds = Authorize | Extend | Capture | Void
_OfOthers = Open | Draw | Send | Receive | SetStatus | Note
Operation = _OfPoints | _OfHolds | _OfOthers


@dataclass(frozen=True, slots=True)
class Count:
    """Add to a counter of the holder: *by*, or the net issued in *currency_id*.

    With `limit`, a result above it refuses the command.
    """

    name: str
    period: str
    by: int = 0
    currency_id: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on one holder, and the rows that are written with it."""

    holder_id: int
    operation: Operation
    counts: tuple[Count, ...] = ()
    companions: tuple[Companion, ...] = ()


MAX_SKEW_US = 300_000_000
"""How far the clock of whoever tells what happened may run ahead."""


@dataclass(frozen=True, slots=True)
class Command:
    """Steps that happen together, under one key.

    Attributes:
        key: the client and its key, see `key_of`.
        fingerprint: of the caller's own input, see `fingerprint_of`; never of what
            rules made of it, so that a retry after a rule change is a replay.
        steps: at least one; the first step's holder owns the command.
        effective_us: when it happened; now, if None. It may lie ahead of the ledger's
            clock by `MAX_SKEW_US`.
        reference: what it is called outside, as (source, external id).
        meta: recorded with the first step's transaction.
    """

    key: str
    fingerprint: bytes
    steps: tuple[Step, ...]
    effective_us: int | None = None
    reference: tuple[str, str] | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def holder_id(self) -> int:
        """Return the holder that owns the command."""
        return self.steps[0].holder_id


@dataclass(frozen=True, slots=True)
class Posted:
    """The command was carried out, now or (`replayed`) earlier under the same key.

    `seqs` gives the sequence number on each holder; a replay knows its owner's only.
    """

    holder_id: int
    seq: int
    at_us: int
    seqs: Mapping[int, int]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule said no; nothing was changed."""

    code: RefusalCode
    detail: Detail
    replayed: bool = False


Outcome = Posted | Refused

RESERVED = ("due:", "step:")
"""How keys begin that the ledger makes itself; a command has none of them."""


def due_key(work: str, number: int) -> str:
    """Return the key of what time does to a lot or a hold."""
    return f"due:{work}:{number}"


def key_of(client_id: str, key: str) -> str:
    """Return the key as stored: clients cannot meet each other's keys."""
    return f"{client_id}:{key}"


def fingerprint_of(operation: str, arguments: Mapping[str, Any]) -> bytes:
    """Return 16 bytes that tell this input from any other."""
    text = json.dumps(
        [operation, arguments], sort_keys=True, separators=(",", ":"), default=str
    )
    return hashlib.sha256(text.encode()).digest()[:16]
