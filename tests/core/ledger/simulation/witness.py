"""The model as a witness: the journal, told to it in its order, must be what it says.

The tables keep rows in the order of their commits. What the model is told is only who
asked what and when; all the rest it must find by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.ledger.commands import Command, Posted
from core.ledger.memory_store import MemoryStore
from tests.core.ledger.model.dues import catch_up
from tests.core.ledger.model.seeing import rules_of, see_model, see_store
from tests.core.ledger.model.world import World

Asked = Mapping[tuple[int, str], Sequence[Command]]


def contradictions(store: MemoryStore, asked: Asked) -> Iterator[str]:
    """Tell the journal to the model, and say where the two part."""
    world = World(rules_of(store))
    journal = list(store.tables["journal"].values())
    for row in journal:
        holder_id, key = row["holder_id"], row["idem_key"]
        if key.startswith("due:"):
            catch_up(world.holders[holder_id], row["at_us"])
        elif not key.startswith("step:"):
            command = _command(asked, row)
            if command is None:
                yield f"{key} of holder {holder_id}: nobody asked for that"
                return
            answer = world.post(command, _instant(journal, row))
            if not isinstance(answer, Posted) or answer.seq != row["seq"]:
                yield f"{command}: {answer}, but it is {row['seq']}"
                return
    expected, found = see_model(world), see_store(store)
    for name in sorted({*expected, *found} - {"answers"}):
        if expected[name] != found[name]:
            yield f"{name}: {found[name]} instead of {expected[name]}"


def _command(asked: Asked, row: Mapping[str, Any]) -> Command | None:
    for one in asked.get((row["holder_id"], row["idem_key"]), ()):
        if one.fingerprint == row["fingerprint"]:
            return one
    return None


def _instant(journal: Sequence[Mapping[str, Any]], own: Mapping[str, Any]) -> int:
    """Return an instant at which the command gives these rows.

    A holder's time may be ahead of the clock, so the earliest is nearest to it.
    """
    key = f"step:{own['holder_id']}:{own['idem_key']}"
    others = [row["at_us"] for row in journal if row["idem_key"] == key]
    return min(own["at_us"], *others) if others else own["at_us"]
