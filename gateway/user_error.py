"""What all user errors have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import strawberry

from gateway.context import Info
from gateway.errors import MAX_MESSAGE


@dataclass(frozen=True, slots=True)
class Message:
    """What a user error says.

    Attributes:
        name: under which catalogs have it.
        text: for a developer.
        values: what catalogs are told of it.
    """

    name: str
    text: str
    values: Mapping[str, object] = field(default_factory=dict)


@strawberry.interface(
    description="A refusal that the caller can act on; nothing was changed. Ask for "
    "code, message and path, and open the types you handle: plugins may add some."
)
class UserError:
    """See the description."""

    code: str = strawberry.field(
        description="Stable, upper snake case. New codes may appear."
    )
    said: strawberry.Private[Message]

    @strawberry.field(
        description="What is wrong: for the member, in a language of the request, if "
        "there is a translation; else for a developer, in English."
    )
    def message(self, info: Info) -> str:
        """Look for a translation."""
        said = self.said
        found = info.context.languages.text(said.name, said.values)
        return (said.text if found is None else found)[:MAX_MESSAGE]

    path: list[str] | None = strawberry.field(
        description="Input member it is about; null: the whole input."
    )
