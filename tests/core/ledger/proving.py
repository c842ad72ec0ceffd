"""The proof of a ledger in memory, in plain Python.

What `verify` proves of a database; used where thousands of ledgers are to be proven.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from core.ledger import chain
from core.ledger.codes import Account, JournalKind
from core.ledger.columns import JOURNAL, LINE
from core.ledger.history import CACHES
from core.ledger.memory_store import MemoryStore
from core.ledger.rebuild import Rebuilt, take_in
from core.ledger.state import Entry, Line

PROGRAM_SIDE = 100
"""Accounts from here on are the program's."""


def faults(store: MemoryStore) -> list[str]:
    """Say what is wrong; nothing if all is well."""
    found = [*_unbalanced(store)]
    for holder_id, entries in histories(store).items():
        head = store.tables["holder"][holder_id,]
        found += _gaps(head, entries)
        found += _broken_links(head, entries)
        found += _stale_caches(store, holder_id, entries)
    return found


def histories(store: MemoryStore) -> dict[int, list[Entry]]:
    """Return each holder's journal, the first entry first."""
    lines: dict[tuple[int, int], list[Line]] = defaultdict(list)
    for (holder_id, seq, _), row in sorted(store.tables["posting"].items()):
        lines[holder_id, seq].append(Line(*(row[name] for name in LINE)))
    found: dict[int, list[Entry]] = {key: [] for (key,) in store.tables["holder"]}
    for (holder_id, seq), row in sorted(store.tables["journal"].items()):
        head = store.tables["holder"][holder_id,]
        values = {name: row[name] for name in JOURNAL if name != "idem_key"}
        values |= {"key": row["idem_key"], "kind": JournalKind(row["kind"])}
        values |= {"program_id": head["program_id"]}
        entry = Entry(lines=tuple(lines[holder_id, seq]), **values)
        found[holder_id].append(entry)
    return found


def _gaps(head: dict[str, Any], entries: list[Entry]) -> Iterator[str]:
    holder_id = head["holder_id"]
    seqs = [entry.seq for entry in entries]
    if seqs != list(range(1, head["last_seq"] + 1)):
        yield f"holder {holder_id}: journal {seqs} to {head['last_seq']}"
    if any(before.at_us > after.at_us for before, after in pairwise(entries)):
        yield f"holder {holder_id}: time runs back"
    if any(before.booked_us > after.booked_us for before, after in pairwise(entries)):
        yield f"holder {holder_id}: what is booked runs back"


def _broken_links(head: dict[str, Any], entries: list[Entry]) -> Iterator[str]:
    link = chain.genesis(head["program_id"], head["holder_id"])
    for entry in entries:
        link = chain.link(link, entry)
        if link != entry.hash:
            yield f"holder {head['holder_id']}: hash of {entry.seq}"
    if link != head["last_hash"]:
        yield f"holder {head['holder_id']}: hash of its head"


def _stale_caches(
    store: MemoryStore, holder_id: int, entries: list[Entry]
) -> Iterator[str]:
    rebuilt = Rebuilt()
    for entry in entries:
        if take_in(rebuilt, entry) != entry.balances:
            yield f"holder {holder_id}: balances of {entry.seq}"
    for table, rows in rebuilt.rows().items():
        stored = {
            tuple(row[name] for name in CACHES[table])
            for row in store.tables[table].values()
            if row["holder_id"] == holder_id
        }
        if stored != rows:
            yield f"holder {holder_id}: {table} {stored ^ rows}"


def _unbalanced(store: MemoryStore) -> Iterator[str]:
    """Compare what holders have with what the program gave less what it took."""
    given: Counter[tuple[int, int]] = Counter()
    under_way: Counter[str] = Counter()
    for (holder_id, seq, _), row in store.tables["posting"].items():
        key, amount = (holder_id, row["currency_id"]), row["amount"]
        given[key] += amount * (row["src"] >= PROGRAM_SIDE)
        given[key] -= amount * (row["dst"] >= PROGRAM_SIDE)
        corr_id = store.tables["journal"][holder_id, seq]["corr_id"]
        under_way[corr_id] += amount * (row["dst"] == Account.TRANSIT)
        under_way[corr_id] -= amount * (row["src"] == Account.TRANSIT)
    for corr_id, amount in under_way.items():
        if amount:
            yield f"transfer {corr_id}: {amount} did not arrive"
    for key, row in store.tables["wallet"].items():
        has = row["pending"] + row["available"] + row["held"] - row["debt"]
        if has != given.pop(key, 0):
            yield f"holder and currency {key}: has {has}"
    yield from (f"holder and currency {key}: no wallet" for key in given if given[key])
