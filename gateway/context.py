"""What resolvers know of the operation that they serve."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from strawberry.types import Info as StrawberryInfo

from core.actors import Actor
from core.engine import Engine
from core.program.impersonation import Permit
from core.reads.selection import Scope
from gateway.languages import Languages

Sign: TypeAlias = Callable[[Permit], Awaitable[str]]


@dataclass(slots=True)
class Context:
    """One operation: the engine, and who asks. Made anew for each operation."""

    engine: Engine
    actor: Actor
    sign: Sign
    """Makes the token of a permit."""
    languages: Languages
    """Those that the caller reads."""

    @property
    def scope(self) -> Scope:
        """Return whose rows the caller may see."""
        return Scope.of(self.actor)


Info: TypeAlias = StrawberryInfo[Context, Any]
