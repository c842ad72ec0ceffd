"""What must be true of everything that clients were answered."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

from core.ledger.codes import TRACELESS, RefusalCode
from core.ledger.commands import Command, Outcome, Posted, Refused
from core.ledger.ledger import Ledger
from core.ledger.memory_store import MemoryStore
from tests.core.ledger.simulation.clients import Heard

REUSED = {RefusalCode.KEY_REUSED, RefusalCode.REFERENCE_REUSED}
"""Refusals that are found anew each time, from what is stored for another."""


def lost_or_doubled(store: MemoryStore, heard: Heard) -> Iterator[str]:
    """Each answer is stored exactly once, and nothing that nobody asked for."""
    kept: Counter[tuple[int, str]] = Counter()
    for row in store.tables["journal"].values():
        if not row["idem_key"].startswith(("due:", "step:")):
            kept[row["holder_id"], row["idem_key"]] += 1
    kept.update(store.tables["refusal"].keys())
    for key, times in kept.items():
        if times > 1:
            yield f"{key}: stored {times} times"
        if key not in heard.asked:
            yield f"{key}: nobody asked for that"
    for command, outcome in heard.answered:
        if isinstance(outcome, Posted):
            yield from _not_posted(store, command, outcome)
        elif outcome.code not in TRACELESS | REUSED:
            row = store.tables["refusal"].get((command.holder_id, command.key))
            if row is None or row["code"] != outcome.code:
                yield f"{command}: {outcome}, but stored is {row}"


def _not_posted(store: MemoryStore, command: Command, outcome: Posted) -> Iterator[str]:
    """Look for the rows of a command, on each of its holders."""
    journal = store.tables["journal"]
    own = journal.get((command.holder_id, outcome.seq), {})
    is_own = own.get("idem_key") == command.key
    is_reference = command.reference is not None and command.reference == (
        *(own.get("source"), own.get("external_id")),
    )
    if not (is_own or is_reference):
        yield f"{command}: {outcome}, but {outcome.seq} is {own}"
    for holder_id, seq in outcome.seqs.items():
        if holder_id != command.holder_id:
            row: dict[str, Any] = journal.get((holder_id, seq), {})
            if row.get("idem_key") != f"step:{command.holder_id}:{command.key}":
                yield f"{command}: {outcome}, but {seq} of {holder_id} is {row}"


async def forgotten(ledger: Ledger, heard: Heard) -> AsyncIterator[str]:
    """Who asks again is told the same, whatever happened meanwhile."""
    for command, first in heard.answered:
        if isinstance(first, Refused) and first.code in TRACELESS:
            continue
        again = await ledger.post(command)
        if told(again) != told(first):
            yield f"{command}: first {first}, now {again}"
        elif not again.replayed and not _is_found_anew(again):
            yield f"{command}: {again} as if for the first time"


def _is_found_anew(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.code in REUSED


def told(outcome: Outcome) -> tuple[Any, ...]:
    """Return what an outcome tells, be it the first or a later one."""
    if isinstance(outcome, Posted):
        return (outcome.holder_id, outcome.seq, outcome.at_us)
    if outcome.code in REUSED:  # of key and reference, the key is looked at first
        return (REUSED,)
    return (outcome.code, dict(outcome.detail))
