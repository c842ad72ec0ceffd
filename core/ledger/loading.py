"""Loading: which rows a batch needs, and the states that they make.

The heads of the holders are locked by a statement of their own that returns nothing
else; all other rows come from later statements. Rows read by the locking statement
itself could be older than the lock (see the two stale-read traps in the tests).
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from core.ledger.codes import STOCK_UNIT, HolderKind, HolderStatus, RefusalCode
from core.ledger.columns import ALLOCATION, CURRENCY, HOLD, LOT, WALLET
from core.ledger.commands import (
    Adjust,
    Authorize,
    Capture,
    Command,
    Earn,
    Exchange,
    Extend,
    Operation,
    Redeem,
    Reverse,
    Send,
    Step,
    Void,
)
from core.ledger.companions import RedemptionChange
from core.ledger.requests import Reads, Row, Select, Transaction
from core.ledger.state import (
    Allocation,
    Currency,
    Hold,
    HolderState,
    Known,
    Lot,
    Wallet,
)
from core.ledger.targets import load_targets

States = dict[int, HolderState]
Wanted = tuple[Select, Callable[[Sequence[Row]], None]]
"""Rows that are wanted, and what takes them in."""

_SPENDING = (Redeem, Authorize, Capture, Void, Reverse, Adjust, Send, Exchange)


def load(
    commands: Sequence[Command], heads: Iterable[Row], now_us: int
) -> Transaction[States]:
    """Read what the commands need of the locked holders."""
    states = {
        row[0]: HolderState(
            row[0], row[1], HolderKind(row[2]), HolderStatus(row[3]), *row[4:]
        )
        for row in heads
    }
    present = [one for one in commands if one.holder_id in states]
    steps = [step for one in commands for step in one.steps if step.holder_id in states]
    due = {
        one.holder_id
        for one in states.values()
        if one.next_due_us is not None
        and one.next_due_us <= max(now_us, one.last_at_us)
    }
    wanted = [
        *_keys(present, states),
        *_currencies(steps, states),
        *_points(steps, states, due),
        *_holds(steps, states, due),
        *_context(steps, states),
    ]
    wanted = [one for one in wanted if one[0].keys]
    if wanted:
        answers = yield Reads([select for select, _ in wanted])
        for (_, take), rows in zip(wanted, answers, strict=True):
            take(rows)
    yield from _load_allocations(states)
    yield from load_targets(steps, states)
    return states


def _keys(commands: Sequence[Command], states: States) -> Iterator[Wanted]:
    """Read what keys and business references were used for before."""

    def posted(rows: Sequence[Row]) -> None:
        for holder_id, key, fingerprint, seq, at_us in rows:
            states[holder_id].known[key] = Known(bytes(fingerprint), seq, at_us)

    def refused(rows: Sequence[Row]) -> None:
        for holder_id, key, fingerprint, code, detail in rows:
            states[holder_id].known[key] = Known(
                bytes(fingerprint), refusal=RefusalCode(code), detail=json.loads(detail)
            )

    def referred(rows: Sequence[Row]) -> None:
        for holder_id, source, external_id, fingerprint, seq, at_us in rows:
            known = Known(bytes(fingerprint), seq, at_us)
            states[holder_id].references[source, external_id] = known

    by: tuple[str, ...] = ("holder_id", "idem_key")
    keys: list[Row] = [(one.holder_id, one.key) for one in commands]
    columns: tuple[str, ...] = (*by, "fingerprint", "seq", "at_us")
    yield Select("journal", columns, by, keys), posted
    columns = (*by, "fingerprint", "code", "detail")
    yield Select("refusal", columns, by, keys), refused
    keys = [(one.holder_id, *one.reference) for one in commands if one.reference]
    if keys:
        by = ("holder_id", "source", "external_id")
        columns = (*by, "fingerprint", "seq", "at_us")
        yield Select("journal", columns, by, keys), referred


def _currencies(steps: Sequence[Step], states: States) -> Iterator[Wanted]:
    """Read the rules of the currencies that are named."""

    def take(rows: Sequence[Row]) -> None:
        currencies = {
            currency_id: Currency(
                currency_id, program_id, bool(redeemable), bool(transferable), floor
            )
            for currency_id, program_id, redeemable, transferable, floor in rows
        }
        for state in states.values():
            state.currencies = currencies

    ids = {one for step in steps for one in _currencies_of(step.operation)}
    keys = [(one,) for one in sorted(ids - {STOCK_UNIT})]
    if keys:
        yield Select("currency", CURRENCY, ("currency_id",), keys), take


def _currencies_of(operation: Operation) -> tuple[int, ...]:
    match operation:
        case Earn(awards=awards):
            return tuple(award.currency_id for award in awards)
        case Exchange(currency_id=currency_id, into=into):
            return (currency_id, into)
        case Redeem() | Authorize() | Adjust() | Send():
            return (operation.currency_id,)
        case _:
            return ()


def _points(steps: Sequence[Step], states: States, due: set[int]) -> Iterator[Wanted]:
    """Read wallets, and the open lots of whoever spends or has something due."""

    def wallets(rows: Sequence[Row]) -> None:
        for holder_id, currency_id, *row in rows:
            states[holder_id].wallets[currency_id] = Wallet(*row)

    def lots(rows: Sequence[Row]) -> None:
        for holder_id, *row in rows:
            lot = Lot(*row)
            states[holder_id].lots[lot.lot_id] = lot

    everyone = [(one,) for one in sorted(states)]
    columns: tuple[str, ...] = ("holder_id", "currency_id", *WALLET)
    yield Select("wallet", columns, ("holder_id",), everyone), wallets
    spenders = {one.holder_id for one in steps if isinstance(one.operation, _SPENDING)}
    keys = [(one,) for one in sorted(spenders | due)]
    if keys:
        columns = ("holder_id", *LOT)
        yield Select("lot", columns, ("holder_id",), keys, only="is_open"), lots


def _holds(steps: Sequence[Step], states: States, due: set[int]) -> Iterator[Wanted]:
    """Read the holds that are named, and the open ones of whom time has caught."""

    def take(rows: Sequence[Row]) -> None:
        for holder_id, *row in rows:
            hold = Hold(*row)
            states[holder_id].holds[hold.hold_id] = hold

    columns = ("holder_id", *HOLD)
    named = {
        (one.holder_id, one.operation.hold_id)
        for one in steps
        if isinstance(one.operation, (Capture, Void, Extend))
    }
    if named:
        by = ("holder_id", "hold_id")
        yield Select("hold", columns, by, sorted(named)), take
    if due:
        keys = [(one,) for one in sorted(due)]
        yield Select("hold", columns, ("holder_id",), keys, only="is_open"), take


def _context(steps: Sequence[Step], states: States) -> Iterator[Wanted]:
    """Read the counters and the stages of redemptions that the steps name."""

    def counters(rows: Sequence[Row]) -> None:
        for holder_id, name, period, value in rows:
            states[holder_id].counters[name, period] = value

    def stages(rows: Sequence[Row]) -> None:
        for holder_id, hold_id, status, attempts in rows:
            states[holder_id].stages[hold_id] = (status, attempts)

    counted = {
        (step.holder_id, count.name, count.period)
        for step in steps
        for count in step.counts
    }
    if counted:
        by: tuple[str, ...] = ("holder_id", "name", "period")
        yield Select("counter", (*by, "value"), by, sorted(counted)), counters
    redemptions = {
        (step.holder_id, companion.hold_id)
        for step in steps
        for companion in step.companions
        if isinstance(companion, RedemptionChange)
    }
    if redemptions:
        by = ("holder_id", "hold_id")
        columns = (*by, "status", "attempts")
        yield Select("redemption", columns, by, sorted(redemptions)), stages


def _load_allocations(states: States) -> Transaction[None]:
    held = [
        (state.holder_id, hold_id)
        for state in states.values()
        for hold_id in state.holds
    ]
    if not held:
        return
    shares: dict[tuple[int, int], dict[int, Allocation]] = defaultdict(dict)
    by = ("holder_id", "hold_id")
    rows = yield Select("allocation", ("holder_id", *ALLOCATION), by, sorted(held))
    for holder_id, *row in rows:
        share = Allocation(*row)
        shares[holder_id, share.hold_id][share.ord] = share
    for (holder_id, hold_id), found in shares.items():
        ordered = tuple(found[number] for number in sorted(found))
        states[holder_id].allocations[hold_id] = ordered
