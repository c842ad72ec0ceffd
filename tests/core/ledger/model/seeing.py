"""What the model and a store have, in one form, so that they can be compared."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from core.ledger.commands import Outcome, Posted
from core.ledger.memory_store import MemoryStore
from tests.core.ledger.model.things import Holder, Rules
from tests.core.ledger.model.world import World

View = dict[str, dict[Any, Any]]

HEAD = ("program_id", "kind", "status", "last_at_us")
WALLET = ("pending", "available", "held", "debt")
LOT = (
    *("currency_id", "original", "pending", "available", "held", "expired"),
    *("available_at_us", "expires_at_us", "origin_holder", "origin_lot", "policy"),
)
HOLD = ("currency_id", "expires_at_us", "authorized", "captured", "released")
SHARE = ("lot_id", "authorized", "captured", "released")


def see_model(world: World) -> View:
    """Return all that the model has."""
    view: View = defaultdict(dict)
    for me in world.holders.values():
        view["heads"][me.id] = (me.program, me.kind, me.status, me.deeds[-1].at)
        view["kinds"][me.id] = [deed.kind for deed in me.deeds]
        view["counters"] |= {(me.id, *one): n for one, n in me.counters.items()}
        view["wallets"] |= {(me.id, one): row for one, row in _wallets(me).items()}
        _see_lots(me, view)
        _see_holds(me, view)
    for owner, said in world.said.items():
        view["answers"][owner] = (said.fingerprint, *_answer(said.answer))
    return view


def _wallets(me: Holder) -> dict[int, tuple[int, ...]]:
    """Count what there is of each currency; of nothing there is no wallet."""
    sums: dict[int, Counter[str]] = defaultdict(Counter)
    for lot in me.lots.values():
        sums[lot.currency]["pending"] += lot.pending
        sums[lot.currency]["available"] += lot.free
        sums[lot.currency]["held"] += lot.held
    for currency, debt in me.debts.items():
        sums[currency]["debt"] = debt
    wallets = {one: tuple(n[name] for name in WALLET) for one, n in sums.items()}
    return {one: wallet for one, wallet in wallets.items() if any(wallet)}


def _see_lots(me: Holder, view: View) -> None:
    for number, lot in me.lots.items():
        view["lots"][me.id, number] = (
            *(lot.currency, lot.size, lot.pending, lot.free, lot.held, lot.expired),
            *(lot.begins, lot.ends, *lot.parent, lot.policy),
        )


def _see_holds(me: Holder, view: View) -> None:
    for number, hold in me.holds.items():
        rows = [(one.lot, one.size, one.taken, one.returned) for one in hold.shares]
        sums = [sum(column) for column in zip(*rows, strict=True)][1:]
        view["holds"][me.id, number] = (hold.currency, hold.ends, *sums)
        view["shares"] |= {(me.id, number, n): row for n, row in enumerate(rows)}


def _answer(answer: Outcome) -> tuple[Any, ...]:
    if isinstance(answer, Posted):
        return (answer.seq, answer.at_us)
    return (answer.code, dict(answer.detail))


def see_store(store: MemoryStore) -> View:
    """Return the same of a store."""
    tables = store.tables
    view: View = defaultdict(dict)
    view["heads"] = {key: _pick(row, HEAD) for (key,), row in tables["holder"].items()}
    view["lots"] = {key: _pick(row, LOT) for key, row in tables["lot"].items()}
    view["holds"] = {key: _pick(row, HOLD) for key, row in tables["hold"].items()}
    view["counters"] = {key: row["value"] for key, row in tables["counter"].items()}
    wallets = {key: _pick(row, WALLET) for key, row in tables["wallet"].items()}
    view["wallets"] = {key: wallet for key, wallet in wallets.items() if any(wallet)}
    for row in tables["allocation"].values():
        key = (row["holder_id"], row["hold_id"], row["ord"])
        view["shares"][key] = _pick(row, SHARE)
    for (holder_id, _), row in sorted(tables["journal"].items()):
        view["kinds"].setdefault(holder_id, []).append(row["kind"])
        if not row["idem_key"].startswith(("due:", "step:")):
            answer = _pick(row, ("fingerprint", "seq", "at_us"))
            view["answers"][holder_id, row["idem_key"]] = answer
    for key, row in tables["refusal"].items():
        detail = json.loads(row["detail"])
        view["answers"][key] = (row["fingerprint"], row["code"], detail)
    return view


def _pick(row: Mapping[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def rules_of(store: MemoryStore) -> dict[int, Rules]:
    """Return the rules of the currencies that a store knows."""
    return {
        row["currency_id"]: Rules(
            *(row["program_id"], row["is_redeemable"]),
            *(row["is_transferable"], row["floor"]),
        )
        for row in store.tables["currency"].values()
    }
