"""Finished rows of many members, table by table, and what they add up to."""

from dataclasses import dataclass, field

from core.bulk.lines import LineError
from core.ledger.codes import Account
from core.ledger.columns import HEAD
from core.ledger.requests import Insert, Row
from core.ledger.state import HolderState
from core.ledger.workspace import Workspace
from core.ledger.writing import write
from core.program.members import NUMBER

Turnover = dict[int, dict[Account, list[int]]]
"""What came into each account of the program and went out, by currency."""

_HEADS = "holder"
_NAMES = "directory"
_NAME = ("program_id", "kind", "value", "holder_id")


@dataclass(slots=True)
class Rows:
    """Rows that are ready to be written: columns and rows of each table.

    Names come first, since somebody may have taken one meanwhile.
    """

    tables: dict[str, tuple[tuple[str, ...], list[Row]]] = field(
        default_factory=lambda: {_NAMES: (_NAME, []), _HEADS: (HEAD, [])}
    )

    def take_in(self, number: str, work: Workspace, state: HolderState) -> None:
        """Add all that became of a new member."""
        holder_id = state.holder_id
        name = (state.program_id, NUMBER, number, holder_id)
        self.tables[_NAMES][1].append(name)
        self.tables[_HEADS][1].append(
            (
                *(holder_id, state.program_id, state.kind, state.status),
                *(state.last_seq, state.last_at_us),
                *(state.last_hash, state.next_due_us),
            )
        )
        for request in write(work):
            if isinstance(request, Insert):
                _, rows = self.tables.setdefault(request.table, (request.columns, []))
                rows.extend(request.rows)
            elif request.table != _HEADS:
                raise AssertionError(f"a new member changes what is in {request.table}")


@dataclass(slots=True)
class Part:
    """What became of some members of a file."""

    members: int = 0
    transactions: int = 0
    skipped: int = 0
    left_out: int = 0
    turnover: Turnover = field(default_factory=dict)
    errors: list[LineError] = field(default_factory=list)

    def count(self, work: Workspace) -> None:
        """Add up what was moved."""
        for entry in work.entries:
            for line in entry.lines:
                for at, account in enumerate((line.dst, line.src)):
                    if account > Account.DEBT:
                        self._sums(line.currency_id, account)[at] += line.amount

    def add(self, other: "Part") -> None:
        """Add what became of others."""
        self.members += other.members
        self.transactions += other.transactions
        self.skipped += other.skipped
        self.left_out += other.left_out
        self.errors += other.errors
        for currency_id, accounts in other.turnover.items():
            for account, moved in accounts.items():
                sums = self._sums(currency_id, account)
                sums[:] = [a + b for a, b in zip(sums, moved, strict=True)]

    def _sums(self, currency_id: int, account: Account) -> list[int]:
        """Return what came into an account and went out, to be added to."""
        return self.turnover.setdefault(currency_id, {}).setdefault(account, [0, 0])
