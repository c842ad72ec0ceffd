"""Runs selections: one statement each, whatever the lengths of their lists."""

from collections.abc import Sequence
from typing import Any

import orjson

from core.ledger.program_clocks import ProgramClocks
from core.reads.compiler import compile_selection
from core.reads.dialects import DIALECTS
from core.reads.selection import Scope, Selection
from core.storage.database import Database

_BOUNDED_ROWS = 200
"""A statement that touches no more runs without a thread hop on SQLite."""

Found = dict[str, Any]


class Reads:
    """Reads of one database."""

    def __init__(self, database: Database, clocks: ProgramClocks) -> None:
        self._database = database
        self._dialect = DIALECTS[database.dialect]
        self._clocks = clocks

    async def one(
        self, entity: str, key: tuple[int, ...], selection: Selection, scope: Scope
    ) -> Found | None:
        """Return a row of *entity*, or None: absent and out of scope look the same."""
        return (await self.many(entity, [key], selection, scope))[0]

    async def many(
        self,
        entity: str,
        keys: Sequence[tuple[int, ...]],
        selection: Selection,
        scope: Scope,
    ) -> list[Found | None]:
        """Return rows in the order of *keys*, None for each that is not found."""
        now_us = await self._clocks.now_us(scope.program_id)
        statement = compile_selection(self._dialect, entity, selection, scope, now_us)
        rows = await self._database.read(
            statement.sql,
            *statement.parameters,
            *self._keys(keys),
            bounded=statement.rows * len(keys) <= _BOUNDED_ROWS,
        )
        first = 0 if self._database.dialect == "sqlite" else 1
        found = {place - first: orjson.loads(text) for place, text in rows}
        return [found.get(place) for place in range(len(keys))]

    def _keys(self, keys: Sequence[tuple[int, ...]]) -> list[Any]:
        if self._database.dialect == "sqlite":
            return [orjson.dumps(keys).decode()]
        return [list(column) for column in zip(*keys, strict=True)]
