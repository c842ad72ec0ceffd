"""What a batch wants to read, and what takes it in.

Everything that the commands themselves tell is asked for at once, behind the lock. Rows
of holders that did not exist when the lock was taken are left alone.
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
    Send,
    Step,
    Void,
    due_key,
)
from core.ledger.companions import ActivityDecision, RedemptionChange
from core.ledger.grants import Draw
from core.ledger.requests import Row, Select
from core.ledger.state import (
    Allocation,
    Currency,
    Hold,
    HolderState,
    Known,
    Lot,
    Wallet,
)

States = dict[int, HolderState]
Wanted = tuple[Select, Callable[[States, Sequence[Row]], None]]
"""Rows that are wanted, and what takes them in."""

SLICE = 64
"""So many lots are read at first of who spends; most holders never have more."""


def wanted(commands: Sequence[Command]) -> Iterator[Wanted]:
    """Yield what the commands tell that is wanted; some of it for no keys at all."""
    steps = [step for command in commands for step in command.steps]
    yield from _keys(commands, steps)
    yield from _currencies(steps)
    yield from _points(steps)
    yield from _holds(steps)
    yield from _context(steps)


def state_of(head: Row) -> HolderState:
    """Return the state of a holder of whom the head alone is known."""
    holder_id, program_id, kind, status, *rest = head
    return HolderState(
        holder_id, program_id, HolderKind(kind), HolderStatus(status), *rest
    )


def _keys(commands: Sequence[Command], steps: Sequence[Step]) -> Iterator[Wanted]:
    """Ask what keys and business references were used for before.

    Among the keys are those under which time has ended the holds that are named.
    """
    by: tuple[str, ...] = ("holder_id", "idem_key")
    keys: list[Row] = [(one.holder_id, one.key) for one in commands]
    ends: list[Row] = [
        (one, due_key("hold", hold)) for one, hold in _named_holds(steps)
    ]
    columns: tuple[str, ...] = (*by, "fingerprint", "seq", "at_us")
    yield Select("journal", columns, by, [*keys, *ends]), _take_posted
    columns = (*by, "fingerprint", "code", "detail")
    yield Select("refusal", columns, by, keys), _take_refused
    keys = [(one.holder_id, *one.reference) for one in commands if one.reference]
    by = ("holder_id", "source", "external_id")
    columns = (*by, "fingerprint", "seq", "at_us")
    yield Select("journal", columns, by, keys), _take_referred


def _take_posted(states: States, rows: Sequence[Row]) -> None:
    for holder_id, key, fingerprint, seq, at_us in rows:
        if holder_id in states:
            states[holder_id].known[key] = Known(bytes(fingerprint), seq, at_us)


def _take_refused(states: States, rows: Sequence[Row]) -> None:
    for holder_id, key, fingerprint, code, detail in rows:
        if holder_id in states:
            states[holder_id].known[key] = Known(
                bytes(fingerprint), refusal=RefusalCode(code), detail=json.loads(detail)
            )


def _take_referred(states: States, rows: Sequence[Row]) -> None:
    for holder_id, source, external_id, fingerprint, seq, at_us in rows:
        if holder_id in states:
            known = Known(bytes(fingerprint), seq, at_us)
            states[holder_id].references[source, external_id] = known


def _currencies(steps: Sequence[Step]) -> Iterator[Wanted]:
    """Ask for the rules of the currencies that are named."""
    ids = {one for step in steps for one in _currencies_of(step.operation)}
    keys = [(one,) for one in sorted(ids - {STOCK_UNIT})]
    yield Select("currency", CURRENCY, ("currency_id",), keys), _take_currencies


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


def _take_currencies(states: States, rows: Sequence[Row]) -> None:
    currencies = {
        currency_id: Currency(
            currency_id, program_id, bool(redeemable), bool(transferable), floor
        )
        for currency_id, program_id, redeemable, transferable, floor in rows
    }
    for state in states.values():
        state.currencies = currencies


def _points(steps: Sequence[Step]) -> Iterator[Wanted]:
    """Ask for wallets, and for the first lots of the currencies that are spent."""
    yield wallets_of({step.holder_id for step in steps}), take_wallets
    yield lots_of(sorted(spending(steps)), first=SLICE), take_lots


def wallets_of(holders: Iterable[int]) -> Select:
    """Ask for all wallets of holders."""
    columns = ("holder_id", "currency_id", *WALLET)
    return Select(
        "wallet", columns, ("holder_id",), [(one,) for one in sorted(holders)]
    )


def spending(steps: Sequence[Step]) -> dict[tuple[int, int], int]:
    """Return how much the steps want to spend, by holder and currency."""
    amounts: dict[tuple[int, int], int] = defaultdict(int)
    for step in steps:
        operation = step.operation
        match operation:
            case Redeem() | Authorize() | Send() | Exchange():
                amount = operation.amount
            case Adjust(amount=given) if given < 0:
                amount = -given
            case Draw():
                amounts[step.holder_id, STOCK_UNIT] += operation.amount
                continue
            case _:
                continue
        amounts[step.holder_id, operation.currency_id] += amount
    return amounts


def lots_of(keys: Sequence[Row], *, first: int | None = None) -> Select:
    """Ask for open lots of holders in currencies: all, or those to be spent first."""
    by, order = ("holder_id", "currency_id"), ("expires_at_us", "lot_id")
    return Select("lot", ("holder_id", *LOT), by, keys, "is_open", order, first)


def take_wallets(states: States, rows: Sequence[Row]) -> None:
    """Take wallets in."""
    for holder_id, currency_id, *row in rows:
        if holder_id in states:
            states[holder_id].wallets[currency_id] = Wallet(*row)


def take_lots(states: States, rows: Sequence[Row]) -> None:
    """Take lots in."""
    for holder_id, *row in rows:
        if holder_id in states:
            lot = Lot(*row)
            states[holder_id].lots[lot.lot_id] = lot


def _holds(steps: Sequence[Step]) -> Iterator[Wanted]:
    """Ask for the holds that are named, and for which lots carry them."""
    keys: list[Row] = list(_named_holds(steps))
    by = ("holder_id", "hold_id")
    yield Select("hold", ("holder_id", *HOLD), by, keys), take_holds
    yield shares_of(keys), take_shares


def _named_holds(steps: Sequence[Step]) -> list[tuple[int, int]]:
    named = {
        (step.holder_id, step.operation.hold_id)
        for step in steps
        if isinstance(step.operation, (Capture, Void, Extend))
    }
    return sorted(named)


def shares_of(keys: Sequence[Row]) -> Select:
    """Ask for the allocations of holds."""
    by = ("holder_id", "hold_id")
    return Select("allocation", ("holder_id", *ALLOCATION), by, keys)


def take_holds(states: States, rows: Sequence[Row]) -> None:
    """Take holds in."""
    for holder_id, *row in rows:
        if holder_id in states:
            hold = Hold(*row)
            states[holder_id].holds[hold.hold_id] = hold


def take_shares(states: States, rows: Sequence[Row]) -> None:
    """Take all allocations of some holds in."""
    shares: dict[tuple[int, int], list[Allocation]] = defaultdict(list)
    for holder_id, *row in rows:
        share = Allocation(*row)
        shares[holder_id, share.hold_id].append(share)
    for (holder_id, hold_id), found in shares.items():
        if holder_id in states:
            found.sort(key=lambda share: share.ord)
            states[holder_id].allocations[hold_id] = tuple(found)


def _context(steps: Sequence[Step]) -> Iterator[Wanted]:
    """Ask for counters, stages of redemptions, and approvals that the steps name."""
    counted: list[Row] = sorted(
        {(step.holder_id, *key) for step in steps for key in _counters(step)}
    )
    by: tuple[str, ...] = ("holder_id", "name", "period")
    yield Select("counter", (*by, "value"), by, counted), _take_counters
    redemptions: list[Row] = sorted(
        {
            (step.holder_id, companion.hold_id)
            for step in steps
            for companion in step.companions
            if isinstance(companion, RedemptionChange)
        }
    )
    by = ("holder_id", "hold_id")
    columns = (*by, "status", "attempts")
    yield Select("redemption", columns, by, redemptions), _take_stages
    activities: list[Row] = sorted(
        {
            (step.holder_id, companion.seq)
            for step in steps
            for companion in step.companions
            if isinstance(companion, ActivityDecision)
        }
    )
    by = ("holder_id", "seq")
    yield Select("activity", (*by, "approval"), by, activities), _take_approvals


def _counters(step: Step) -> Iterator[tuple[str, str]]:
    """Yield names and periods of the counters that a step looks at."""
    for count in step.counts:
        yield count.name, count.period
    if isinstance(step.operation, Earn):
        for grant in step.operation.grants:
            for cap in grant.caps:
                yield from ((cap.name, period) for period in cap.periods)


def _take_counters(states: States, rows: Sequence[Row]) -> None:
    for holder_id, name, period, value in rows:
        if holder_id in states:
            states[holder_id].counters[name, period] = value


def _take_stages(states: States, rows: Sequence[Row]) -> None:
    for holder_id, hold_id, status, attempts in rows:
        if holder_id in states:
            states[holder_id].stages[hold_id] = (status, attempts)


def _take_approvals(states: States, rows: Sequence[Row]) -> None:
    for holder_id, seq, approval in rows:
        if holder_id in states:
            states[holder_id].approvals[seq] = approval
