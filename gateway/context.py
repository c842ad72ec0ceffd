"""What resolvers know of the operation that they serve."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from strawberry.types import Info as StrawberryInfo

from core.actors import Actor
from core.engine import Engine
from core.reads.selection import Scope


@dataclass(slots=True)
class Context:
    """One operation: the engine, and who asks. Made anew for each operation."""

    engine: Engine
    actor: Actor

    @property
    def scope(self) -> Scope:
        """Return whose rows the caller may see."""
        return Scope(self.actor.program_id, self.actor.holder_id)


Info: TypeAlias = StrawberryInfo[Context, Any]
