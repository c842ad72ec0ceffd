"""What the core tells of its own work, to whoever measures it: nobody, unless asked.

The core knows no metrics and no traces. It opens a block around each batch of the
ledger and each call of a plugin; an observer that was put in place sees the block begin
and end. Nothing that it is told holds data of members.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass


@dataclass(slots=True)
class Block:
    """A piece of work under way; whoever does it says in one word how it ended."""

    outcome: str = "cancelled"


class Observer:
    """Sees what the core does; this one does not look."""

    def mark(self) -> object:
        """Return what names the work that goes on here, for the batch it ends up in."""
        return None

    def batch(
        self, queue: str, marks: Sequence[object]
    ) -> AbstractContextManager[Block]:
        """Return the block in which a batch is run.

        It ends as `committed`, `split` (its items are run one by one), `unknown` (the
        store did not answer), or `failed`.

        Args:
            queue: where it waited: `ledger` or `directory`.
            marks: of its items, from `mark`.
        """
        return nullcontext(Block())

    def call(self, plugin: str, method: str) -> AbstractContextManager[Block]:
        """Return the block in which a plugin is called.

        It ends as `answered`, `refused`, `unsure`, `fault`, or `late`.

        Args:
            plugin: its name.
            method: which of its methods.
        """
        return nullcontext(Block())


@dataclass(slots=True)
class Observation:
    """Where the observer stands; the core asks here each time."""

    by: Observer
