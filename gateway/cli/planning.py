"""Plans as people read them: what is new, what changes, what goes."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from core.engine import Engine
from core.program import previews, versions
from core.program.differences import Difference, Kind, compare
from core.program.document import Document
from core.program.fitting import Fault
from core.program.previews import Moves

_SIGNS = {Kind.ADDED: "+", Kind.CHANGED: "~", Kind.REMOVED: "-"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a document would do; `stands` is None for a new program."""

    code: str
    stands: int | None
    differences: Sequence[Difference]
    moves: Moves

    @classmethod
    async def of(
        cls, engine: Engine, program_id: int | None, document: Document
    ) -> Self:
        """Compare a document with the version that stands."""
        if program_id is None:
            return cls(document.code, None, compare(None, document), Moves(0, 0))
        stands = await versions.published(engine, program_id)
        number, before = None, None
        if stands is not None:
            number = stands.number
            before = await versions.document(engine, program_id, number)
        moves = await previews.moves(engine, program_id, document)
        return cls(document.code, number, compare(before, document), moves)

    def told(self) -> str:
        """Return the plan as text."""
        if self.stands is None:
            head = f"Program {self.code} is new."
        else:
            head = f"Program {self.code}: version {self.stands} stands."
        if not self.differences:
            return f"{head}\nNothing to do: it is as the file says."
        counts = Counter(one.kind for one in self.differences)
        parts = [head, "", told_differences(self.differences), ""]
        if self.moves.up or self.moves.down:
            parts.append(
                f"Members: {self.moves.up:,} get a higher tier, "
                f"{self.moves.down:,} a lower one."
            )
        parts.append(
            f"Plan: {counts[Kind.ADDED]} to add, {counts[Kind.CHANGED]} to change, "
            f"{counts[Kind.REMOVED]} to remove."
        )
        return "\n".join(parts)


def told_differences(differences: Sequence[Difference]) -> str:
    """Return differences as text, with a sign for each."""
    lines: list[str] = []
    for one in differences:
        lines.append(f"  {_SIGNS[one.kind]} {one.part} {one.code}")
        if one.kind is Kind.REMOVED:
            lines.append(f"      {one.words.removeprefix(f'{one.part} {one.code} ')}")
            continue
        for change in one.changes:
            after = _value(change.after)
            if one.kind is Kind.ADDED:
                lines.append(f"      {change.path} = {after}")
            else:
                lines.append(f"      {change.path}: {_value(change.before)} -> {after}")
    return "\n".join(lines)


def told_faults(found: Sequence[Fault]) -> str:
    """Return faults as text, one a line."""
    lines = [f"  {path or 'document'}: {reason}" for path, reason in found]
    count = "1 fault" if len(found) == 1 else f"{len(found)} faults"
    return "\n".join([f"{count}; nothing was done:", *lines])


def _value(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)
