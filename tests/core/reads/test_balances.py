"""A balance that is read is what touching the holder would make of it."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.engine import Engine
from core.ids import encode
from core.ledger.commands import (
    Authorize,
    Award,
    Clawback,
    Command,
    Earn,
    Operation,
    Reverse,
    Step,
    Touch,
)
from core.reads.selection import Branch, Leaf, Scope, Selection

BALANCES = ("available", "pending", "held", "debt")
SELECTION = Selection(
    (
        Branch(
            "balances",
            "balances",
            Selection(tuple(Leaf(name, name) for name in BALANCES)),
        ),
    )
)
DAY_US = 86_400_000_000

