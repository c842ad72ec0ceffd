"""What all user errors have in common."""

import strawberry


@strawberry.interface(
    description="A refusal that the caller can act on; nothing was changed. Ask for "
    "code, message and path, and open the types you handle: plugins may add some."
)
class UserError:
    """See the description."""

    code: str = strawberry.field(
        description="Stable, upper snake case. New codes may appear."
    )
    message: str = strawberry.field(description="For a developer.")
    path: list[str] | None = strawberry.field(
        description="Input member it is about; null: the whole input."
    )
